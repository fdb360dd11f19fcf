/* base_utf8.c - tests of host/base/utf8.h against Python's decoder, spelled out. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define BAD "\xEF\xBF\xBD"

/* bytes, what bytes.decode("utf-8", "replace") makes of them, offset of the first bad one or -1 */
static const struct {
  const char *in, *out;
  int bad_at;
} cases[] = {
    {"", "", -1},
    {"abc", "abc", -1},
    {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", -1},
    {"\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF", "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF", -1},
    {"\x80", BAD, 0},
    {"a\xBF\xBFz", "a" BAD BAD "z", 1},
    {"\xC0\xAF", BAD BAD, 0},
    {"\xC1\xBF", BAD BAD, 0},
    {"\xC2", BAD, 0},
    {"\xC2z", BAD "z", 0},
    {"\xE0\x80\xAF", BAD BAD BAD, 0},
    {"\xE0\x9F\xBF", BAD BAD BAD, 0},
    {"\xE2\x82", BAD, 0},
    {"ab\xE2\x82z", "ab" BAD "z", 2},
    {"\xE2\xE2\x82\xAC", BAD "\xE2\x82\xAC", 0},
    {"\xED\xA0\x80", BAD BAD BAD, 0},
    {"\xED\xBF\xBF", BAD BAD BAD, 0},
    {"\xF0\x80\x80\xAF", BAD BAD BAD BAD, 0},
    {"\xF0\x8F\xBF\xBF", BAD BAD BAD BAD, 0},
    {"\xF0\x9F\x98", BAD, 0},
    {"\xF0\x9F\x98\xF0\x9F\x98\x80", BAD "\xF0\x9F\x98\x80", 0},
    {"\xF0\x9F\xC3\xA9", BAD "\xC3\xA9", 0},
    {"\xF4\x90\x80\x80", BAD BAD BAD BAD, 0},
    {"\xF5\x80\xFE\xFF", BAD BAD BAD BAD, 0},
    {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", BAD BAD BAD BAD "A", 0},
    {"\xF8\x88\x80\x80\x80", BAD BAD BAD BAD BAD, 0},
};
#define CASES (sizeof cases / sizeof *cases)

static void validity(void **state) {
  (void)state;
  for (size_t i = 0; i < CASES; i++) {
    size_t at = 77;
    assert_int_equal(mcl_utf8_valid(cases[i].in, strlen(cases[i].in), &at), cases[i].bad_at < 0);
    assert_int_equal(at, cases[i].bad_at < 0 ? 77 : cases[i].bad_at);
    assert_int_equal(mcl_utf8_valid(cases[i].in, strlen(cases[i].in), NULL), cases[i].bad_at < 0);
  }
  assert_true(mcl_utf8_valid("a\0b", 3, NULL));
}

static void characters(void **state) {
  (void)state;
  static const uint32_t want[] = {'a', 0xE9, 0x20AC, 0xFFFF, 0x1F600, 0x10FFFF, 0};
  const char text[] = "a\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF";
  size_t at = 0;
  for (size_t i = 0; i < sizeof want / sizeof *want; i++)
    assert_int_equal(mcl_utf8_next(text, &at), want[i]);
  assert_int_equal(at, sizeof text);
}

/* Whole, and in all ways of two cuts: the same. */
static void pieces(void **state) {
  (void)state;
  for (size_t i = 0; i < CASES; i++) {
    size_t n = strlen(cases[i].in), want = strlen(cases[i].out);
    for (size_t a = 0; a <= n; a++) {
      for (size_t b = a; b <= n; b++) {
        mcl_utf8_stream u = {0};
        char out[64];
        size_t put = mcl_utf8_push(&u, cases[i].in, a, out);
        assert_in_range(put, 0, mcl_utf8_bound(a));
        put += mcl_utf8_push(&u, cases[i].in + a, b - a, out + put);
        put += mcl_utf8_push(&u, cases[i].in + b, n - b, out + put);
        put += mcl_utf8_finish(&u, out + put);
        assert_int_equal(put, want);
        assert_memory_equal(out, cases[i].out, want);
        assert_int_equal(mcl_utf8_finish(&u, out), 0);
      }
    }
  }
}

/* What is pushed comes out as soon as it is whole, and not before. */
static void promptness(void **state) {
  (void)state;
  mcl_utf8_stream u = {0};
  char out[16];
  assert_int_equal(mcl_utf8_push(&u, "a\xF0", 2, out), 1);
  assert_int_equal(mcl_utf8_push(&u, "\x9F\x98", 2, out), 0);
  assert_int_equal(mcl_utf8_push(&u, "\x80", 1, out), 4);
  assert_int_equal(mcl_utf8_push(&u, "\xE2\x82", 2, out), 0);
  assert_int_equal(mcl_utf8_push(&u, "\x80\x80", 2, out), 6);
  assert_memory_equal(out, "\xE2\x82\x80" BAD, 6);
}

static void room(void **state) {
  (void)state;
  assert_true(mcl_utf8_bound(0) >= 3);
  assert_true(mcl_utf8_bound(100) >= 303);
  assert_true(mcl_utf8_bound(SIZE_MAX / 3) == SIZE_MAX);
  assert_true(mcl_utf8_bound(SIZE_MAX) == SIZE_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(validity),   cmocka_unit_test(characters), cmocka_unit_test(pieces),
      cmocka_unit_test(promptness), cmocka_unit_test(room),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
