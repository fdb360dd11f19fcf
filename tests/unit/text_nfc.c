/* text_nfc.c - tests of host/text/nfc.h: the standard's examples, and texts made to be slow. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "text/nfc.h"

static void becomes(const char *in, size_t n, const char *want, size_t len) {
  motcl_err err;
  char *out = NULL;
  size_t got = 0;
  assert_int_equal(mcl_nfc(&out, &got, in, n, &err), MOTCL_OK);
  assert_int_equal(got, len);
  assert_memory_equal(out, want, len);
  assert_int_equal(out[got], 0);
  mcl_free(out);
}

static void examples(void **state) {
  (void)state;
  static const char *const pair[][2] = {
      {"", ""},
      {"plain \xC3\xA9\xCB\xBF", "plain \xC3\xA9\xCB\xBF"},
      {"e\xCC\x81", "\xC3\xA9"},
      {"A\xCC\x8A \xE2\x84\xAB", "\xC3\x85 \xC3\x85"}, /* A + ring, angstrom sign */
      {"\xE2\x84\xA6", "\xCE\xA9"},                    /* ohm sign */
      {"\xEF\xAC\x81", "\xEF\xAC\x81"},                /* ligature fi stays */
      {"e\xCC\xA3\xCC\x81", "\xE1\xBA\xB9\xCC\x81"},   /* dot below, acute */
      {"e\xCC\x81\xCC\xA3", "\xE1\xBA\xB9\xCC\x81"},   /* and the other way round */
      {"q\xCC\x87\xCC\xA3", "q\xCC\xA3\xCC\x87"},      /* ordered, not composed */
      {"\xE1\xBA\x9B\xCC\xA3", "\xE1\xBA\x9B\xCC\xA3"},
      {"\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8", "\xEA\xB0\x81"}, /* jamo */
      {"\xE0\xA5\x98", "\xE0\xA4\x95\xE0\xA4\xBC"},             /* composition exclusion */
      {"\xEF\xA8\x8A", "\xE8\xA6\x8B"},                         /* compatibility ideograph */
      {">\xCC\xB8", "\xE2\x89\xAF"},                            /* not greater than */
      {"\xCC\x81", "\xCC\x81"},                                 /* a mark with no base */
      {"a\xCC\x95\xCC\x80\xD6\xAE\xCC\x80z", "\xC3\xA0\xD6\xAE\xCC\x80\xCC\x95z"},
  };
  for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
    becomes(pair[i][0], strlen(pair[i][0]), pair[i][1], strlen(pair[i][1]));
  becomes("\0e\xCC\x81\0", 5, "\0\xC3\xA9\0", 4);
}

/* A megabyte of marks in falling order of their class: quadratic ordering would not end. */
static void many_marks(void **state) {
  (void)state;
  const size_t pairs = 1 << 18, n = 1 + 4 * pairs;
  char *in = mcl_alloc(n, 1), *want = mcl_alloc(n, 1);
  assert_non_null(in);
  assert_non_null(want);
  in[0] = want[0] = 'x';
  for (size_t i = 0; i < pairs; i++) {
    memcpy(in + 1 + 4 * i, "\xCC\x85\xCC\xA4", 4); /* class 230, class 220 */
    memcpy(want + 1 + 2 * i, "\xCC\xA4", 2);
    memcpy(want + 1 + 2 * pairs + 2 * i, "\xCC\x85", 2);
  }
  becomes(in, n, want, n);
  mcl_free(in);
  mcl_free(want);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(examples), cmocka_unit_test(many_marks)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
