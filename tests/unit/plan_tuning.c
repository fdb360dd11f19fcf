/* plan_tuning.c - classes that a table or a user names are taken, wrong names are told, and the
 * fingerprint changes with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "drivers/registry.h"
#include "plan/fingerprint.h"
#include "plan/tuning.h"

/* A device with two classes for LINEAR, of which the first also fuses an addition. */
static int no_enqueue(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  (void)call;
  return mcl_fail(err, MOTCL_EINTERNAL, "nothing is run here");
}

static const mcl_variant variants[] = {
    {.name = "linear.a", .op = MCL_OP_LINEAR, .numeric = "a", .enqueue = no_enqueue},
    {.name = "linear.b", .op = MCL_OP_LINEAR, .numeric = "b", .enqueue = no_enqueue},
    {.name = "linear_add.a", .op = MCL_OP_LINEAR_ADD, .numeric = "a", .enqueue = no_enqueue},
    {.name = "add", .op = MCL_OP_ADD, .numeric = "plain", .enqueue = no_enqueue},
};
static const mcl_driver driver = {
    .name = "two", .variants = variants, .variant_count = sizeof variants / sizeof *variants};
static mcl_device device = {.driver = &driver,
                            .info = {.name = "Thing",
                                     .kind = 'g',
                                     .max_buffer = 1 << 20,
                                     .memory = 1 << 20,
                                     .align = 64,
                                     .zero_copy = true}};

static const float data[16 * 16];
static const mcl_mapping mapping = {.name = "home", .data = data, .bytes = sizeof data};
static const mcl_weight weight = {"w", MCL_F32, 16, 16, 1, data, &mapping};

static mcl_graph *linear_and_add(void) {
  mcl_graph *g = mcl_graph_create("g");
  mcl_dim rows = mcl_graph_dim(g, "rows");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, rows, 16, "x");
  mcl_tid y = mcl_graph_linear(g, x, &weight, NULL, "y");
  mcl_graph_want(g, mcl_graph_binary(g, MCL_OP_ADD, y, x, "z"));
  return g;
}

/* Plan with the user's words; steps and the fingerprint go out. */
static size_t plan(const char *use, const char **first, char print[MCL_FINGERPRINT_SIZE]) {
  mcl_graph *g = linear_and_add();
  mcl_plan *p = NULL;
  motcl_err err = {0};
  mcl_plan_options o = {.use = use};
  if (mcl_plan_make(&p, &device, g, (uint32_t[]){3}, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  size_t steps = p->steps;
  *first = p->step[0].numeric;
  mcl_fingerprint f = mcl_fingerprint_of(&device);
  mcl_fingerprint_plan(&f, p);
  mcl_fingerprint_print(&f, print);
  mcl_plan_destroy(p);
  mcl_graph_destroy(g);
  return steps;
}

static void user_words_choose(void **state) {
  (void)state;
  const char *class;
  char plain[MCL_FINGERPRINT_SIZE], same[MCL_FINGERPRINT_SIZE], other[MCL_FINGERPRINT_SIZE];
  assert_int_equal(plan(NULL, &class, plain), 1);
  assert_string_equal(class, "a");
  assert_int_equal(plan("linear=a", &class, same), 1);
  assert_string_equal(plain, same);
  assert_int_equal(plan("add=plain,linear=b", &class, other), 2);
  assert_string_equal(class, "b");
  assert_string_not_equal(plain, other);
  assert_int_equal(strlen(plain), MCL_FINGERPRINT_SIZE - 1);
}

static void last_word_counts(void **state) {
  (void)state;
  const char *name;
  size_t n = mcl_tuning_class(&device, MCL_OP_LINEAR, "linear=a,add=plain,linear=b", &name);
  assert_int_equal(n, 1);
  assert_memory_equal(name, "b", 1);
  assert_int_equal(mcl_tuning_class(&device, MCL_OP_CONV, "linear=a", &name), 0);
}

static void the_table_has_a_row_for_generic(void **state) {
  (void)state;
  static const mcl_driver generic = {.name = "generic"};
  mcl_device dev = {.driver = &generic, .info = {.kind = 'c'}};
  const char *name;
  assert_int_equal(mcl_tuning_class(&dev, MCL_OP_LINEAR, NULL, &name), 3);
  assert_memory_equal(name, "seq", 3);
  assert_int_equal(mcl_tuning_class(&dev, MCL_OP_ADD, NULL, &name), 0);
}

static void wrong_words_are_told(void **state) {
  (void)state;
  static const char *const bad[] = {"linear", "linear=", "linear=c", "liner=a", ",", "=a"};
  motcl_err err = {0};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(mcl_tuning_check(&device, bad[i], &err), MOTCL_EINVAL);
  assert_int_equal(mcl_tuning_check(&device, "linear=c", &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "a, b"));
  assert_int_equal(mcl_tuning_check(&device, NULL, &err), MOTCL_OK);
  assert_int_equal(mcl_tuning_check(&device, "", &err), MOTCL_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(user_words_choose),
      cmocka_unit_test(last_word_counts),
      cmocka_unit_test(the_table_has_a_row_for_generic),
      cmocka_unit_test(wrong_words_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
