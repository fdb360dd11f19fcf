/* base_err.c - tests of host/base/err.h: what a sentence looks like whatever it quotes. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"

static void fields(void **state) {
  (void)state;
  motcl_err err;
  assert_int_equal(mcl_fail(&err, MOTCL_EFIT, "%d is too many", 7), MOTCL_EFIT);
  assert_int_equal(err.code, MOTCL_EFIT);
  assert_int_equal(err.cl, 0);
  assert_string_equal(err.where, "fields");
  assert_string_equal(err.text, "7 is too many");
  assert_int_equal(mcl_fail_cl(&err, MOTCL_ELOST, -5, "gone"), MOTCL_ELOST);
  assert_int_equal(err.cl, -5);
  assert_int_equal(mcl_fail(NULL, MOTCL_EIO, "no one listens"), MOTCL_EIO);
  assert_int_equal(mcl_fail_nomem(&err, 123), MOTCL_ENOMEM);
  assert_non_null(strstr(err.text, "123 bytes"));
  assert_string_equal(err.where, "fields");
}

static void prefixes(void **state) {
  (void)state;
  motcl_err err;
  mcl_fail(&err, MOTCL_EFORMAT, "broken");
  assert_int_equal(mcl_err_prefix(&err, MOTCL_EFORMAT, "'%s'", "a"), MOTCL_EFORMAT);
  assert_string_equal(err.text, "'a': broken");
  assert_int_equal(mcl_err_prefix(NULL, MOTCL_EIO, "x"), MOTCL_EIO);
}

/* U+00E4, U+20AC and U+1F600, of 2, 3 and 4 bytes: no cut may split one. */
static void cuts(void **state) {
  (void)state;
  static const char *const letters[] = {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  char longer[3000];
  motcl_err err;
  for (size_t k = 0; k < 3; k++) {
    size_t each = strlen(letters[k]);
    for (size_t shift = 0; shift < each; shift++) {
      memset(longer, 'x', shift);
      for (size_t i = 0; i < 500; i++)
        memcpy(longer + shift + i * each, letters[k], each + 1);
      mcl_fail(&err, MOTCL_EIO, "%s%s", longer, longer);
      size_t n = strlen(err.text);
      assert_true(n < sizeof err.text && n > sizeof err.text - 5);
      assert_null(strchr(err.text, '?'));
      mcl_err_prefix(&err, MOTCL_EIO, "%s", longer);
      assert_null(strchr(err.text, '?'));
    }
  }
}

static void quoted_bytes(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"a\tb\nc", "a\tb\nc"},
      {"\x1b[2J\x07\x7f\r", "?[2J???"},
      {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"\xc2\x9b"
       "1m",
       "??1m"},
      {"\xc2\xa0", "\xc2\xa0"},
      {"\xff\xfe\x80\xbf", "????"},
      {"\xc0\x80\xc1\xbf", "????"},
      {"\xe0\x80\x80", "???"},
      {"\xed\xa0\x80", "???"},
      {"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"},
      {"\xf0\x80\x80\x80", "????"},
      {"\xf4\x8f\xbf\xbf\xf4\x90\x80\x80", "\xf4\x8f\xbf\xbf????"},
      {"\xf5\x80\x80\x80", "????"},
      {"\xc3", "?"},
      {"\xe2\x82", "??"},
      {"\xe2\x82"
       "a",
       "??a"},
      {"\xc3\xc3\xa4", "?\xc3\xa4"},
  };
  motcl_err err;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    mcl_fail(&err, MOTCL_EIO, "%s", pairs[i][0]);
    assert_string_equal(err.text, pairs[i][1]);
    mcl_fail(&err, MOTCL_EIO, "end");
    mcl_err_prefix(&err, MOTCL_EIO, "%s", pairs[i][0]);
    assert_int_equal(strlen(err.text), strlen(pairs[i][1]) + 5);
    assert_memory_equal(err.text, pairs[i][1], strlen(pairs[i][1]));
  }
}

static void names(void **state) {
  (void)state;
  assert_string_equal(motcl_status_name(MOTCL_OK), "OK");
  assert_string_equal(motcl_status_name(MOTCL_EFIT), "EFIT");
  assert_string_equal(motcl_status_name(99), "?");
  assert_string_equal(motcl_status_text(MOTCL_OK), "done");
  assert_string_equal(motcl_status_text(99), "unknown status");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields),       cmocka_unit_test(prefixes), cmocka_unit_test(cuts),
      cmocka_unit_test(quoted_bytes), cmocka_unit_test(names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
