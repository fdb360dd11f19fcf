/* base_plain_text.c - tests of host/base/plain_text.h and motcl_text_plain. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/plain_text.h"

/* In memory that ends where the text and its NUL do. */
static int make_plain(char **text, size_t *n, const char *from, size_t line, motcl_err *err) {
  *text = malloc(*n + 1);
  assert_non_null(*text);
  memcpy(*text, from, *n);
  (*text)[*n] = 0;
  return motcl_text_plain(*text, n, "it", line, err);
}

static void becomes(const char *from, size_t n, size_t line, const char *want) {
  char *text;
  motcl_err err = {0};
  if (make_plain(&text, &n, from, line, &err) != MOTCL_OK)
    fail_msg("%s: %s", from, err.text);
  assert_string_equal(text, want);
  assert_int_equal(n, strlen(want));
  free(text);
}
#define BECOMES(from, want) becomes(from, sizeof(from) - 1, 1, want)

static void refused(const char *from, size_t n, size_t line, const char *words) {
  char *text;
  motcl_err err = {0};
  assert_int_equal(make_plain(&text, &n, from, line, &err), MOTCL_EFORMAT);
  if (!strstr(err.text, words))
    fail_msg("'%s' lacks '%s'", err.text, words);
  free(text);
}
#define REFUSED(from, words) refused(from, sizeof(from) - 1, 1, words)

static void line_ends(void **state) {
  (void)state;
  BECOMES("", "");
  BECOMES("a", "a");
  BECOMES("a\r\nb\r\n", "a\nb\n");
  BECOMES("a\rb", "a\nb");
  BECOMES("a\r", "a");
  BECOMES("a\r\r\n", "a\n\n");
  BECOMES("\r", "");
  BECOMES("\r\n", "\n");
  BECOMES("a\tb\n\nc", "a\tb\n\nc");
}

static void marks(void **state) {
  (void)state;
  BECOMES("\xef\xbb\xbf", "");
  BECOMES("\xef\xbb\xbf"
          "a",
          "a");
  BECOMES("a\xef\xbb\xbf", "a\xef\xbb\xbf");
  becomes("\xef\xbb\xbf"
          "a",
          4, 2,
          "\xef\xbb\xbf"
          "a");
  REFUSED("\xef\xbb\xbf"
          "a\0",
          "line 1 column 2");
}

static void places(void **state) {
  (void)state;
  REFUSED("a red\0circle", "U+0000, a NUL (line 1 column 6)");
  REFUSED("\x01", "U+0001 (line 1 column 1)");
  REFUSED("one\ntwo\n\x1b[1m", "U+001B (line 3 column 1)");
  REFUSED("one\r\ntwo\x7f", "U+007F (line 2 column 4)");
  REFUSED("one\rtwo\r\rx\f", "U+000C (line 4 column 2)");
  REFUSED("\xc3\xa4\xe2\x82\xac\xf0\x9f\xa6\x8a\b", "U+0008 (line 1 column 4)");
  REFUSED("a\xc2\x85", "U+0085 (line 1 column 2)");
  refused("ab\0", 3, 7, "line 7 column 3");
  REFUSED("caf\xe9 x", "0xE9 at line 1 column 4");
  REFUSED("\n\xff", "0xFF at line 2 column 1");
  REFUSED("a\xe2\x82", "line 1 column 2");
  /* the first of two */
  REFUSED("a\0\xff", "column 2");
  REFUSED("a\xff\0", "0xFF at line 1 column 2");
}

/* "Ein Fuchs", "кот и пёс" in both orders, with and without their marks. */
static void other_encodings(void **state) {
  (void)state;
  REFUSED("\xff\xfe"
          "a\0 \0b\0",
          "it is UTF-16, ");
  REFUSED("\xfe\xff\0a\0 \0b", "it is UTF-16, ");
  REFUSED("\xff\xfe\0\0a\0\0\0", "it is UTF-32, ");
  REFUSED("\0\0\xfe\xff\0\0\0a", "it is UTF-32, ");
  REFUSED("E\0i\0n\0 \0F\0u\0c\0h\0s\0", "it is UTF-16LE, ");
  REFUSED("\0E\0i\0n\0 \0F\0u\0c\0h\0s", "iconv -f UTF-16BE -t UTF-8");
  REFUSED("E\0i\0n\0\r\0\n\0", "it is UTF-16LE, ");
  REFUSED("\x3a\x04\x3e\x04\x42\x04 \0\x38\x04 \0\x3f\x04\x51\x04\x41\x04", "it is UTF-16LE, ");
  REFUSED("\x04\x3a\x04\x3e\x04\x42\0 \x04\x38\0 \x04\x3f\x04\x51\x04\x41", "it is UTF-16BE, ");
  REFUSED("a\0b\0cdefghij", "a NUL");
  REFUSED("\0\0\0\0", "a NUL");
}

/* What a model wrote may hold anything but bad bytes. */
static void answers(void **state) {
  (void)state;
  motcl_err err = {0};
  assert_int_equal(mcl_text_check_utf8("a\0\x1b\r", 4, "it", &err), MOTCL_OK);
  assert_int_equal(mcl_text_check_utf8("\na\xff", 3, "it", &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "line 2 column 2"));
}

/* Any bytes are taken or refused, and what is taken is taken again as it is. */
static void any_bytes(void **state) {
  (void)state;
  static const char some[] = {0,      'a',    '\n',   '\r',   '\t',   27,    '\xc2',
                              '\x85', '\xef', '\xbb', '\xbf', '\xff', '\xfe'};
  enum { SOME = sizeof some };
  for (size_t k = 0; k < (size_t)SOME * SOME * SOME * SOME; k++) {
    size_t i = k;
    char from[4], *text, *again;
    for (int j = 0; j < 4; j++, i /= SOME)
      from[j] = some[i % SOME];
    size_t n = 4;
    if (make_plain(&text, &n, from, 1, NULL) == MOTCL_OK) {
      size_t m = n;
      assert_null(memchr(text, '\r', n));
      assert_int_equal(make_plain(&again, &m, text, 2, NULL), MOTCL_OK);
      assert_string_equal(again, text);
      free(again);
    }
    free(text);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(line_ends),       cmocka_unit_test(marks),   cmocka_unit_test(places),
      cmocka_unit_test(other_encodings), cmocka_unit_test(answers), cmocka_unit_test(any_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
