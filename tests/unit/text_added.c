/* text_added.c - tests of host/text/added.h against recorded cuts of transformers. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "text/added.h"
#include "text_golden.h"

static void put_names(mcl_added *a, const json_t *row) {
  motcl_err err;
  const json_t *names = json_object_get(row, "names"), *strips = json_object_get(row, "strips");
  for (size_t i = 0; i < json_array_size(names); i++) {
    const char *name = json_string_value(json_array_get(names, i));
    const json_t *flags = json_array_get(strips, i);
    mcl_added_token t = {.id = (uint32_t)i,
                         .lstrip = json_is_true(json_array_get(flags, 0)),
                         .rstrip = json_is_true(json_array_get(flags, 1))};
    assert_int_equal(mcl_added_put(a, name, strlen(name), t, &err), MOTCL_OK);
    assert_int_equal(mcl_added_find(a, name, strlen(name))->id, i);
  }
}

static void check_cut(const mcl_added *a, const char *text, const json_t *want) {
  motcl_err err;
  mcl_text_span *piece = NULL;
  size_t count = 0;
  assert_int_equal(mcl_added_cut(a, text, strlen(text), &piece, &count, &err), MOTCL_OK);
  if (count != json_array_size(want))
    fail_msg("'%s' is cut into %zu pieces, not %zu", text, count, json_array_size(want));
  for (size_t i = 0; i < count; i++) {
    const json_t *pair = json_array_get(want, i);
    const char *part = json_string_value(json_array_get(pair, 1));
    assert_int_equal(piece[i].n, strlen(part));
    assert_memory_equal(text + piece[i].at, part, piece[i].n);
    assert_int_equal(piece[i].token != NULL, json_is_true(json_array_get(pair, 0)));
    if (piece[i].token)
      assert_ptr_equal(piece[i].token, mcl_added_find(a, part, piece[i].n));
  }
  mcl_free(piece);
}

static void recorded(void **state) {
  (void)state;
  json_t *root, *rows = golden_cases(&root, "cut", 50);
  for (size_t r = 0; r < json_array_size(rows); r++) {
    const json_t *row = json_array_get(rows, r), *texts = json_object_get(row, "texts");
    mcl_added a = {0};
    put_names(&a, row);
    assert_true(json_array_size(texts) > 0);
    for (size_t i = 0; i < json_array_size(texts); i++)
      check_cut(&a, json_string_value(json_array_get(texts, i)),
                json_array_get(json_object_get(row, "pieces"), i));
    mcl_added_free(&a);
  }
  json_decref(root);
}

static void no_tokens(void **state) {
  (void)state;
  motcl_err err;
  const mcl_added none = {0};
  mcl_text_span *piece = NULL;
  size_t count = 9;
  assert_null(mcl_added_find(&none, "a", 1));
  assert_int_equal(mcl_added_cut(&none, "abc", 3, &piece, &count, &err), MOTCL_OK);
  assert_int_equal(count, 1);
  assert_int_equal(piece[0].n, 3);
  assert_null(piece[0].token);
  mcl_free(piece);
  assert_int_equal(mcl_added_cut(&none, "", 0, &piece, &count, &err), MOTCL_OK);
  assert_int_equal(count, 0);
  mcl_free(piece);
}

static void refused(void **state) {
  (void)state;
  motcl_err err;
  mcl_added a = {0};
  const mcl_added_token t = {.id = 1};
  char long_name[5000];
  memset(long_name, 'x', sizeof long_name);
  assert_int_equal(mcl_added_put(&a, "", 0, t, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_added_put(&a, long_name, sizeof long_name, t, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_added_put(&a, "ab", 2, t, &err), MOTCL_OK);
  assert_int_equal(mcl_added_put(&a, "ab", 2, t, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "ab"));
  assert_null(mcl_added_find(&a, "a", 1));
  assert_null(mcl_added_find(&a, "", 0));
  assert_null(mcl_added_find(&a, "abc", 3));
  mcl_added_free(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recorded),
      cmocka_unit_test(no_tokens),
      cmocka_unit_test(refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
