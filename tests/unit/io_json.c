/* io_json.c - tests of host/io/json.h: what is refused and with which sentence. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "io/json.h"
#include "tmpdir.h"

static int parse(json_t **out, const char *text, motcl_err *err) {
  return mcl_json_parse(out, text, strlen(text), "here.json", err);
}

/* The text must be refused with the word in the sentence. */
static void refused(const char *text, size_t n, const char *word) {
  motcl_err err;
  json_t *root = NULL;
  if (mcl_json_parse(&root, text, n, "here.json", &err) != MOTCL_EFORMAT)
    fail_msg("%s is not refused", text);
  assert_int_equal(mcl_json_parse(&root, text, n, "here.json", NULL), MOTCL_EFORMAT);
  assert_null(root);
  assert_non_null(strstr(err.text, "here.json"));
  if (!strstr(err.text, word))
    fail_msg("'%s' does not say '%s'", err.text, word);
}

static void bad_texts(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      " ",
      "null",
      "1",
      "\"a\"",
      "{",
      "[",
      "]",
      "{]",
      "[1,]",
      "{\"a\":1,}",
      "{\"a\"}",
      "{\"a\":}",
      "{a:1}",
      "{'a':1}",
      "[01]",
      "[+1]",
      "[.5]",
      "[1.]",
      "[1e]",
      "[NaN]",
      "[Infinity]",
      "[-Infinity]",
      "[nan]",
      "[1e999]",
      "[-1e999]",
      "[\"a]",
      "[\"\\x\"]",
      "[\"\\u12\"]",
      "[\"\\ud800\"]",
      "[\"\t\"]",
      "[\"\\u0000\"]",
      "[true",
      "[True]",
      "[1] [2]",
      "[1]x",
      "{\"\\u0000\":1}",
      "[\"\xff\"]",
      "[\"\xc0\x80\"]",
      "[\"\xed\xa0\x80\"]",
      "[\"\xf4\x90\x80\x80\"]",
      "\xef\xbb\xbf[1]",
      "[99999999999999999999]",
      "// c\n[1]",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    refused(texts[i], strlen(texts[i]), "line 1");
  refused("[1\0]", 4, "NUL");
  refused("[1]\0", 4, "NUL");
  refused("{\n\"a\":1,\n\"b\":?}", 15, "line 3 column 5");
  refused("{\"a\":1,\"a\":2}", 13, "duplicate");
}

static void message_cannot_steer_a_terminal(void **state) {
  (void)state;
  motcl_err err;
  json_t *root;
  assert_int_equal(parse(&root, "[\"a\x1b[2J\x01\",\xc3\xa4]", &err), MOTCL_EFORMAT);
  for (const char *p = err.text; *p; p++)
    assert_true(*p >= 0x20 && *p < 0x7f);
}

static void every_cut_is_refused(void **state) {
  (void)state;
  const char *text = "{\"a\":[1,2.5e3,true,null,\"\\u00e4\\ud83d\\ude00\"],\"b\":{\"c\":-7}}";
  json_t *root;
  for (size_t n = 0; n < strlen(text); n++)
    refused(text, n, "line 1");
  assert_int_equal(parse(&root, text, NULL), MOTCL_OK);
  json_decref(root);
}

/* So deep that a parser which calls itself would run off a small stack; a bracket in a string is
 * none, whatever is escaped in it. */
static void deep_nesting(void **state) {
  (void)state;
  const size_t deep = MCL_JSON_DEPTH + 1;
  static char text[5 * (MCL_JSON_DEPTH + 1)];
  memset(text, '[', deep);
  memset(text + deep, ']', deep);
  refused(text, 2 * deep, "depth");
  json_t *root;
  assert_int_equal(mcl_json_parse(&root, text + 1, 2 * deep - 2, "x", NULL), MOTCL_OK);
  json_decref(root);
  for (size_t i = 0; i < deep; i++)
    memcpy(text + 5 * i, "{\"a\":", 5);
  refused(text, 5 * deep, "depth");
  static const char before[] = "[\"\\\\\", \"\\\"";
  size_t n = sizeof before - 1;
  memcpy(text, before, n);
  memset(text + n, '[', deep);
  memcpy(text + n + deep, "\"]", 2);
  assert_int_equal(mcl_json_parse(&root, text, n + deep + 2, "x", NULL), MOTCL_OK);
  json_decref(root);
}

static void files(void **state) {
  (void)state;
  json_t *root = NULL;
  motcl_err err;
  const char *path = tmpdir_put("ok.json", "{\"a\":1}\n", 8);
  assert_int_equal(mcl_json_load_file(&root, path, 8, NULL), MOTCL_OK);
  assert_int_equal(json_object_size(root), 1);
  json_decref(root);
  root = NULL;
  assert_int_equal(mcl_json_load_file(&root, path, 7, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "ok.json"));
  path = tmpdir_put("bad.json", "{\n\"a\"}", 6);
  assert_int_equal(mcl_json_load_file(&root, path, 100, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "bad.json"));
  assert_non_null(strstr(err.text, "line 2"));
  assert_int_equal(mcl_json_load_file(&root, tmpdir_path("none"), 100, &err), MOTCL_EIO);
  assert_null(root);
}

/* One object that the getters below read. */
static json_t *sample(void) {
  json_t *root;
  const char *text = "{\"n\":7,\"neg\":-1,\"max\":4294967295,\"big\":4294967296,"
                     "\"huge\":9223372036854775807,\"x\":2.5,\"whole\":3.0,\"s\":\"text\","
                     "\"t\":true,\"f\":false,\"null\":null,\"list\":[1],\"obj\":{\"k\":1}}";
  assert_int_equal(parse(&root, text, NULL), MOTCL_OK);
  return root;
}

static void u32(void **state) {
  (void)state;
  static const char *const wrong[] = {"neg", "big", "huge", "x",    "whole", "s",
                                      "t",   "f",   "list", "null", "obj",   "none"};
  json_t *root = sample();
  uint32_t v = 5;
  motcl_err err;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(mcl_json_u32(root, wrong[i], 0, UINT32_MAX, &v, &err), MOTCL_EFORMAT);
    assert_non_null(strstr(err.text, wrong[i]));
  }
  assert_int_equal(mcl_json_u32(root, "n", 8, 9, &v, &err), MOTCL_EFORMAT);
  assert_string_equal(err.text, "\"n\" is 7, outside 8 to 9");
  assert_int_equal(mcl_json_u32(root, "n", 0, 6, &v, &err), MOTCL_EFORMAT);
  assert_int_equal(v, 5);
  assert_int_equal(mcl_json_u32(root, "n", 7, 7, &v, NULL), MOTCL_OK);
  assert_int_equal(v, 7);
  assert_int_equal(mcl_json_u32(root, "max", 0, UINT32_MAX, &v, NULL), MOTCL_OK);
  assert_true(v == UINT32_MAX);
  assert_int_equal(mcl_json_u32_or(root, "none", 1, 2, 40, &v, NULL), MOTCL_OK);
  assert_int_equal(v, 40);
  assert_int_equal(mcl_json_u32_or(root, "null", 1, 2, 41, &v, NULL), MOTCL_OK);
  assert_int_equal(v, 41);
  assert_int_equal(mcl_json_u32_or(root, "n", 1, 9, 40, &v, NULL), MOTCL_OK);
  assert_int_equal(v, 7);
  assert_int_equal(mcl_json_u32_or(root, "s", 1, 9, 40, &v, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_u32_or(root, "n", 1, 2, 40, &v, &err), MOTCL_EFORMAT);
  json_decref(root);
}

static void f64(void **state) {
  (void)state;
  json_t *root = sample();
  double v = 5;
  motcl_err err;
  assert_int_equal(mcl_json_f64(root, "s", 0, 9, &v, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_f64(root, "t", 0, 9, &v, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_f64(root, "null", 0, 9, &v, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_f64(root, "none", 0, 9, &v, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_f64(root, "x", 3, 9, &v, &err), MOTCL_EFORMAT);
  assert_string_equal(err.text, "\"x\" is 2.5, outside 3 to 9");
  assert_true(v == 5);
  assert_int_equal(mcl_json_f64(root, "x", 2.5, 2.5, &v, NULL), MOTCL_OK);
  assert_true(v == 2.5);
  assert_int_equal(mcl_json_f64(root, "n", 0, 9, &v, NULL), MOTCL_OK);
  assert_true(v == 7);
  assert_int_equal(mcl_json_f64_or(root, "none", 0, 9, 0.5, &v, NULL), MOTCL_OK);
  assert_true(v == 0.5);
  assert_int_equal(mcl_json_f64_or(root, "whole", 0, 9, 0.5, &v, NULL), MOTCL_OK);
  assert_true(v == 3);
  assert_int_equal(mcl_json_f64_or(root, "list", 0, 9, 0.5, &v, &err), MOTCL_EFORMAT);
  json_decref(root);
}

static void bools_and_strings(void **state) {
  (void)state;
  json_t *root = sample();
  bool b = false;
  const char *s = NULL;
  motcl_err err;
  assert_int_equal(mcl_json_bool_or(root, "t", false, &b, NULL), MOTCL_OK);
  assert_true(b);
  assert_int_equal(mcl_json_bool_or(root, "f", true, &b, NULL), MOTCL_OK);
  assert_false(b);
  assert_int_equal(mcl_json_bool_or(root, "none", true, &b, NULL), MOTCL_OK);
  assert_true(b);
  assert_int_equal(mcl_json_bool_or(root, "n", false, &b, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_bool_or(root, "s", false, &b, &err), MOTCL_EFORMAT);
  assert_true(b);
  assert_int_equal(mcl_json_str(root, "n", &s, &err), MOTCL_EFORMAT);
  assert_string_equal(err.text, "\"n\" is an integer, not a string");
  assert_int_equal(mcl_json_str(root, "none", &s, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_str_or(root, "t", "other", &s, &err), MOTCL_EFORMAT);
  assert_null(s);
  assert_int_equal(mcl_json_str(root, "s", &s, NULL), MOTCL_OK);
  assert_string_equal(s, "text");
  assert_int_equal(mcl_json_str_or(root, "null", "other", &s, NULL), MOTCL_OK);
  assert_string_equal(s, "other");
  json_decref(root);
}

static void values_become_text(void **state) {
  (void)state;
  json_t *v = json_pack("{s:i, s:[s]}", "a", 1, "b", "caf\xc3\xa9");
  char *text = mcl_json_print(v, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_SORT_KEYS);
  assert_string_equal(text, "{\"a\":1,\"b\":[\"caf\\u00E9\"]}");
  assert_null(mcl_json_print(NULL, 0));
  mcl_free(text);
  json_decref(v);
}

static void nested_values(void **state) {
  (void)state;
  json_t *root = sample();
  const json_t *v = NULL;
  uint32_t k;
  assert_int_equal(mcl_json_object(root, "list", &v, NULL), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_array(root, "obj", &v, NULL), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_array(root, "none", &v, NULL), MOTCL_EFORMAT);
  assert_null(v);
  assert_int_equal(mcl_json_array(root, "list", &v, NULL), MOTCL_OK);
  assert_int_equal(json_array_size(v), 1);
  assert_int_equal(mcl_json_u32(v, "k", 0, 9, &k, NULL), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_u32_or(NULL, "k", 0, 9, 1, &k, NULL), MOTCL_EFORMAT);
  assert_int_equal(mcl_json_object(root, "obj", &v, NULL), MOTCL_OK);
  assert_int_equal(mcl_json_u32(v, "k", 0, 9, &k, NULL), MOTCL_OK);
  assert_int_equal(k, 1);
  json_decref(root);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_texts),
      cmocka_unit_test(message_cannot_steer_a_terminal),
      cmocka_unit_test(every_cut_is_refused),
      cmocka_unit_test(deep_nesting),
      cmocka_unit_test(files),
      cmocka_unit_test(u32),
      cmocka_unit_test(f64),
      cmocka_unit_test(bools_and_strings),
      cmocka_unit_test(values_become_text),
      cmocka_unit_test(nested_values),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
