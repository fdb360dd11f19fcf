/* text_tokenizer.c - tests of host/text/tokenizer.h against recorded ids of transformers' slow
 * Qwen2Tokenizer on a small vocabulary, and with texts made to be hard. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "text/tokenizer.h"
#include "base/utf8.h"
#include "text_golden.h"

static mcl_tok *tok;

static int open_it(void **state) {
  (void)state;
  motcl_err err;
  if (mcl_tok_open(&tok, golden_path(""), &err) == MOTCL_OK)
    return 0;
  fprintf(stderr, "%s\n", err.text);
  return -1;
}

static int close_it(void **state) {
  (void)state;
  mcl_tok_close(tok);
  mcl_tok_close(NULL);
  return 0;
}

/* ids decoded in one piece, and token by token as a stream, are that text. */
static void decodes_to(const uint32_t *ids, size_t n, const char *want, size_t len) {
  motcl_err err;
  char *text = NULL;
  size_t got = 0;
  assert_int_equal(mcl_tok_decode(tok, ids, n, &text, &got, &err), MOTCL_OK);
  assert_int_equal(got, len);
  assert_memory_equal(text, want, len);
  assert_int_equal(text[got], 0);

  mcl_utf8_stream stream = {0};
  char *out = mcl_alloc(3 * len + 1024, 1);
  size_t put = 0;
  assert_non_null(out);
  for (size_t i = 0; i < n; i++) {
    const char *bytes;
    size_t some;
    assert_int_equal(mcl_tok_bytes(tok, ids[i], &bytes, &some, &err), MOTCL_OK);
    put += mcl_utf8_push(&stream, bytes, some, out + put);
  }
  put += mcl_utf8_finish(&stream, out + put);
  assert_int_equal(put, len);
  assert_memory_equal(out, want, len);
  mcl_free(out);
  mcl_free(text);
}

static uint32_t *numbers(const json_t *array, size_t *n) {
  *n = json_array_size(array);
  uint32_t *v = mcl_alloc(*n, sizeof *v);
  assert_non_null(v);
  for (size_t i = 0; i < *n; i++)
    v[i] = (uint32_t)json_integer_value(json_array_get(array, i));
  return v;
}

static void recorded_texts(void **state) {
  (void)state;
  motcl_err err;
  json_t *root, *rows = golden_cases(&root, "encode", 200);
  for (size_t r = 0; r < json_array_size(rows); r++) {
    const json_t *row = json_array_get(rows, r), *text = json_object_get(row, "text");
    const json_t *back = json_object_get(row, "decoded");
    uint32_t *ids = NULL;
    size_t count = 0, n;
    uint32_t *want = numbers(json_object_get(row, "ids"), &n);
    int rc =
        mcl_tok_encode(tok, json_string_value(text), json_string_length(text), &ids, &count, &err);
    assert_int_equal(rc, MOTCL_OK);
    if (count != n || memcmp(ids, want, n * sizeof *ids) != 0)
      fail_msg("case %zu, '%s', has other ids", r, json_string_value(text));
    if (!back)
      back = text;
    decodes_to(ids, count, json_string_value(back), json_string_length(back));
    mcl_free(ids);
    mcl_free(want);
  }
  json_decref(root);
}

static void recorded_ids(void **state) {
  (void)state;
  json_t *root, *rows = golden_cases(&root, "decode", 100);
  for (size_t r = 0; r < json_array_size(rows); r++) {
    const json_t *row = json_array_get(rows, r), *text = json_object_get(row, "decoded");
    size_t n;
    uint32_t *ids = numbers(json_object_get(row, "ids"), &n);
    decodes_to(ids, n, json_string_value(text), json_string_length(text));
    mcl_free(ids);
  }
  json_decref(root);
}

/* A megabyte of one short text, over and over: it comes to an end, and back. */
static void long_texts(void **state) {
  (void)state;
  static const char *const unit[] = {
      "a", " ", "\n",         " \n",        "\t ",          "!",         "1", "ab", "'s",
      "'", "<", "<|im_start", "<|im_end|>", "\xE7\x9A\x84", "\xC3\xA9 ", "x"};
  const size_t n = (size_t)1 << 20;
  char *text = mcl_alloc(n, 1);
  assert_non_null(text);
  for (size_t u = 0; u < sizeof unit / sizeof *unit; u++) {
    motcl_err err;
    uint32_t *ids = NULL;
    size_t len = strlen(unit[u]), count = 0, whole = n / len * len;
    for (size_t i = 0; i < whole; i += len)
      memcpy(text + i, unit[u], len);
    if (len == 1 && unit[u][0] == ' ')
      text[n - 1] = 'x'; /* all of the spaces but one are a word */
    assert_int_equal(mcl_tok_encode(tok, text, whole, &ids, &count, &err), MOTCL_OK);
    assert_true(count > 0 && count <= whole);
    decodes_to(ids, count, text, whole);
    mcl_free(ids);
  }
  mcl_free(text);
}

static void no_text(void **state) {
  (void)state;
  motcl_err err;
  uint32_t *ids = NULL;
  size_t count = 9;
  assert_int_equal(mcl_tok_encode(tok, "", 0, &ids, &count, &err), MOTCL_OK);
  assert_int_equal(count, 0);
  assert_non_null(ids);
  decodes_to(ids, 0, "", 0);
  mcl_free(ids);
}

static void bad_texts(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *at;
  } bad[] = {{"abc\xFFxyz", "0xFF at line 1 column 4"},
             {"\xED\xA0\x80", "0xED at line 1 column 1"},
             {"caf\xE9", "0xE9 at line 1 column 4"},
             {"ok \xE2\x82", "0xE2 at line 1 column 4"}};
  uint32_t *ids = NULL;
  size_t count = 9;
  motcl_err err;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    int rc = mcl_tok_encode(tok, bad[i].text, strlen(bad[i].text), &ids, &count, &err);
    assert_int_equal(rc, MOTCL_EFORMAT);
    assert_non_null(strstr(err.text, bad[i].at));
  }
  char *huge = mcl_zalloc(MCL_TOK_TEXT_MAX + 1, 1);
  assert_non_null(huge);
  assert_int_equal(mcl_tok_encode(tok, huge, MCL_TOK_TEXT_MAX + 1, &ids, &count, &err),
                   MOTCL_EINVAL);
  mcl_free(huge);
  assert_null(ids);
  assert_int_equal(count, 9);
}

static void bad_ids(void **state) {
  (void)state;
  const uint32_t ids[] = {5, 2022}, far[] = {UINT32_MAX};
  motcl_err err;
  char *text = NULL;
  const char *bytes = NULL;
  size_t n = 9;
  assert_int_equal(mcl_tok_decode(tok, ids, 2, &text, &n, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "2022"));
  assert_int_equal(mcl_tok_decode(tok, far, 1, &text, &n, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_tok_bytes(tok, 2022, &bytes, &n, &err), MOTCL_EINVAL);
  assert_null(text);
  assert_null(bytes);
  assert_int_equal(n, 9);
}

static void names(void **state) {
  (void)state;
  motcl_err err;
  uint32_t id = 9;
  assert_int_equal(mcl_tok_count(tok), 2022);
  assert_int_equal(mcl_tok_id(tok, "<|im_start|>", &id, &err), MOTCL_OK);
  assert_int_equal(id, 2001);
  assert_int_equal(mcl_tok_id(tok, "<tool_call>", &id, &err), MOTCL_OK);
  assert_int_equal(id, 2014);
  assert_int_equal(mcl_tok_id(tok, "\xC4\xA0", &id, &err), MOTCL_OK); /* a blank, as printed */
  assert_int_equal(id, 220);
  static const char *const none[] = {"", " ", "<|im_start", "<|nope|>", "\xE7\x9A\x84"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    assert_int_equal(mcl_tok_id(tok, none[i], &id, &err), MOTCL_EMODEL);
    assert_non_null(strstr(err.text, none[i]));
  }
  assert_int_equal(mcl_tok_id(tok, "\xFF", &id, &err), MOTCL_EINVAL);
  assert_int_equal(id, 220);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recorded_texts), cmocka_unit_test(recorded_ids),
      cmocka_unit_test(long_texts),     cmocka_unit_test(no_text),
      cmocka_unit_test(bad_texts),      cmocka_unit_test(bad_ids),
      cmocka_unit_test(names),
  };
  return cmocka_run_group_tests(tests, open_it, close_it);
}
