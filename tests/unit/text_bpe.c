/* text_bpe.c - tests of host/text/bpe.h against recorded merges of transformers' slow tokenizer,
 * with ranks in any order. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "text/bpe.h"
#include "text_golden.h"

static uint32_t number(const json_t *array, size_t i) {
  return (uint32_t)json_integer_value(json_array_get(array, i));
}

static void bytes_are_themselves(mcl_bpe *b) {
  for (uint32_t i = 0; i < 256; i++)
    b->byte_id[i] = i;
}

static void recorded(void **state) {
  (void)state;
  motcl_err err;
  json_t *root, *rows = golden_cases(&root, "merge", 20);
  mcl_bpe_work work = {0};
  for (size_t r = 0; r < json_array_size(rows); r++) {
    const json_t *row = json_array_get(rows, r), *merges = json_object_get(row, "merges");
    const json_t *words = json_object_get(row, "words");
    mcl_bpe b = {0};
    bytes_are_themselves(&b);
    for (size_t i = 0; i < json_array_size(merges); i++) {
      const json_t *m = json_array_get(merges, i);
      assert_int_equal(mcl_bpe_put(&b, number(m, 0), number(m, 1), number(m, 2), &err), MOTCL_OK);
    }
    assert_true(json_array_size(words) > 0);
    for (size_t i = 0; i < json_array_size(words); i++) {
      const json_t *pair = json_array_get(words, i), *want = json_array_get(pair, 1);
      const char *word = json_string_value(json_array_get(pair, 0));
      mcl_ids ids = {0};
      assert_int_equal(mcl_bpe_encode(&b, &work, word, strlen(word), &ids, &err), MOTCL_OK);
      assert_int_equal(ids.n, json_array_size(want));
      for (size_t k = 0; k < ids.n; k++)
        assert_int_equal(ids.v[k], number(want, k));
      mcl_free(ids.v);
    }
    mcl_bpe_free(&b);
  }
  mcl_bpe_work_free(&work);
  json_decref(root);
}

/* aa -> 256, 256 256 -> 257, ... : a million bytes halve themselves away. */
static void a_long_word(void **state) {
  (void)state;
  motcl_err err;
  const size_t n = 1 << 20;
  char *word = mcl_alloc(n + 3, 1);
  mcl_bpe b = {0};
  mcl_bpe_work work = {0};
  mcl_ids ids = {0};
  assert_non_null(word);
  memset(word, 'a', n + 3);
  bytes_are_themselves(&b);
  for (uint32_t i = 0; i < 20; i++) {
    uint32_t part = i ? 255 + i : 'a';
    assert_int_equal(mcl_bpe_put(&b, part, part, 256 + i, &err), MOTCL_OK);
  }
  assert_int_equal(mcl_bpe_encode(&b, &work, word, n + 3, &ids, &err), MOTCL_OK);
  assert_int_equal(ids.n, 3);
  assert_int_equal(ids.v[0], 275);
  assert_int_equal(ids.v[1], 256);
  assert_int_equal(ids.v[2], 'a');
  mcl_free(ids.v);
  mcl_bpe_work_free(&work);
  mcl_bpe_free(&b);
  mcl_free(word);
}

static void a_merge_twice(void **state) {
  (void)state;
  motcl_err err;
  mcl_bpe b = {0};
  assert_int_equal(mcl_bpe_put(&b, 1, 2, 300, &err), MOTCL_OK);
  assert_int_equal(mcl_bpe_put(&b, 2, 1, 301, &err), MOTCL_OK);
  assert_int_equal(mcl_bpe_put(&b, 1, 2, 302, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "merge 3"));
  assert_int_equal(b.merges, 2);
  mcl_bpe_free(&b);
}

/* Keys that meet in the map's small table, and its growth. */
static void map(void **state) {
  (void)state;
  mcl_map64 m = {0};
  assert_int_equal(mcl_map64_get(&m, 0), MCL_MAP64_NONE);
  for (uint32_t i = 0; i < 5000; i++)
    assert_true(mcl_map64_put(&m, (uint64_t)i << 40 | (i & 7), i));
  for (uint32_t i = 0; i < 5000; i++) {
    assert_int_equal(mcl_map64_get(&m, (uint64_t)i << 40 | (i & 7)), i);
    assert_int_equal(mcl_map64_get(&m, (uint64_t)i << 40 | 8), MCL_MAP64_NONE);
  }
  mcl_map64_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recorded),
      cmocka_unit_test(a_long_word),
      cmocka_unit_test(a_merge_twice),
      cmocka_unit_test(map),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
