/* graph_ops.c - tests of the list of ops, host/graph/ops.h: every op is run by its definition, and
 * what becomes of each operand is what the list says of it. The cases are checkcl's. */
#include "ref_call.h"

#include "tests/checkcl/device.h"
#include "tests/checkcl/compare.h"
#include "tests/checkcl/list.h"

/* What cases of an op have shown of its operands. */
typedef struct seen {
  bool there[CHECK_OPERANDS];
  bool wrote[CHECK_OPERANDS];
  bool counted[CHECK_OPERANDS]; /* what a written operand held before showed afterwards */
} seen;

static size_t bytes_of(const check_tensor *t) {
  return t->count * mcl_type_size(t->op.type);
}

/* All operands after the call. */
static void run(mcl_device *dev, const check_case *c, check_image *after) {
  motcl_err err = {.text = ""};
  check_bound b;
  memset(after, 0, sizeof *after);
  int rc = check_bind(&b, dev, mcl_device_variant(dev, c->call.op, 0), c, &err);
  if (rc == MOTCL_OK)
    rc = check_call(&b, &err);
  for (int i = 0; i < CHECK_OPERANDS && rc == MOTCL_OK; i++) {
    size_t bytes = bytes_of(check_operand(c, i));
    if (!b.buf[i])
      continue;
    after->data[i] = mcl_alloc(bytes, 1);
    assert_non_null(after->data[i]);
    rc = dev->driver->read(dev, b.buf[i], 0, after->data[i], bytes, &err);
  }
  check_unbind(&b);
  if (rc != MOTCL_OK)
    fail_msg("%s", err.text);
}

static bool differ(const check_case *c, int i, const check_image *a, const check_image *b) {
  return memcmp(a->data[i], b->data[i], bytes_of(check_operand(c, i))) != 0;
}

/* Whether anything comes out otherwise if operand i held something else. */
static bool counts(mcl_device *dev, check_case *c, int i, const check_image *after) {
  check_image other;
  bool any = false;
  check_flip((check_tensor *)check_operand(c, i));
  run(dev, c, &other);
  check_flip((check_tensor *)check_operand(c, i));
  for (int k = 0; k < CHECK_OPERANDS; k++)
    any = any || (after->data[k] && differ(c, k, after, &other));
  check_image_finish(&other);
  return any;
}

static void look(mcl_device *dev, check_case *c, seen *s) {
  check_image before, after;
  char why[300];
  memset(&before, 0, sizeof before);
  for (int i = 0; i < CHECK_OPERANDS; i++) {
    const check_tensor *t = check_operand(c, i);
    if (!t->data)
      continue;
    before.data[i] = mcl_alloc(bytes_of(t), 1);
    assert_non_null(before.data[i]);
    memcpy(before.data[i], t->data, bytes_of(t));
  }
  run(dev, c, &after);
  for (int i = 0; i < CHECK_OPERANDS; i++) {
    if (!before.data[i])
      continue;
    if (!check_canaries(check_operand(c, i), before.data[i], after.data[i], why, sizeof why))
      fail_msg("%s, operand %d: %s", mcl_op_get(c->call.op)->name, i, why);
    s->there[i] = true;
    if (!differ(c, i, &before, &after))
      continue;
    s->wrote[i] = true;
    s->counted[i] = s->counted[i] || (!c->part && counts(dev, c, i, &after));
  }
  check_image_finish(&before);
  check_image_finish(&after);
}

static void every_op_does_what_the_list_says(void **state) {
  check_run settings = {.dev = *state, .ref = *state, .seed = 5, .quick = true};
  for (int op = 0; op < MCL_OP_COUNT; op++) {
    const mcl_op_info *info = mcl_op_get((mcl_op)op);
    seen s = {0};
    for (unsigned i = 0; i < check_get((mcl_op)op)->cases; i++) {
      check_case c;
      assert_true(check_make(&c, &settings, (mcl_op)op, i, 0));
      look(*state, &c, &s);
      check_case_finish(&c);
    }
    for (int i = 0; i < CHECK_OPERANDS; i++) {
      int w = i - MCL_OP_INPUTS;
      char does = !s.wrote[i] ? 'r' : s.counted[i] ? 'u' : 'w', says = 'r';
      if (i == CHECK_OPERANDS - 1)
        says = info->out;
      else if (w < 0)
        says = i < (int)info->inputs ? info->in[i] : 0;
      else if (w >= (int)info->weights)
        says = 0;
      if (says != (s.there[i] ? does : 0))
        fail_msg("%s, operand %d: '%c' where the list says '%c'", info->name, i, does,
                 says ? says : '-');
    }
  }
}

static void letters_are_reads_and_writes(void **state) {
  (void)state;
  assert_true(mcl_op_reads(MCL_OP_KV_PUT, 0) && !mcl_op_writes(MCL_OP_KV_PUT, 0));
  assert_true(mcl_op_reads(MCL_OP_KV_PUT, 2) && mcl_op_writes(MCL_OP_KV_PUT, 2));
  assert_true(mcl_op_reads(MCL_OP_EULER, MCL_OP_OUT) && mcl_op_writes(MCL_OP_EULER, MCL_OP_OUT));
  assert_true(!mcl_op_reads(MCL_OP_ADD, MCL_OP_OUT) && mcl_op_writes(MCL_OP_ADD, MCL_OP_OUT));
  for (unsigned i = 2; i < MCL_OP_INPUTS; i++)
    assert_false(mcl_op_reads(MCL_OP_ADD, i) || mcl_op_writes(MCL_OP_ADD, i));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_op_does_what_the_list_says),
      cmocka_unit_test(letters_are_reads_and_writes),
  };
  return cmocka_run_group_tests(tests, ref_open, ref_close);
}
