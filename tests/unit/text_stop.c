/* text_stop.c - tests of host/text/stop.h: texts cut into pieces everywhere. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "text/stop.h"

/* What goes through of a text, in two pieces cut at every place, and byte by byte. */
static void passes(const char *text, const char *want, bool found, const char *const *stop,
                   size_t stops) {
  size_t n = strlen(text);
  for (size_t cut = 0; cut <= n; cut++) {
    mcl_stop t = {.stop = stop, .stops = stops};
    char out[1000];
    size_t len = mcl_stop_push(&t, text, cut, out);
    assert_true(len <= mcl_stop_bound(cut));
    assert_int_equal(t.passed, len);
    if (cut == n / 2) /* the rest byte by byte */
      for (size_t i = cut; i < n; i++)
        len += mcl_stop_push(&t, text + i, 1, out + len);
    else
      len += mcl_stop_push(&t, text + cut, n - cut, out + len);
    assert_int_equal(t.found, found);
    len += mcl_stop_finish(&t, out + len);
    assert_int_equal(t.passed, len);
    assert_int_equal(mcl_stop_push(&t, "", 0, out + len), 0);
    out[len] = 0;
    assert_string_equal(out, want);
  }
}
#define STOPS(...)                                                                                 \
  (const char *const[]){__VA_ARGS__}, sizeof(const char *[]){__VA_ARGS__} / sizeof(char *)

static void nothing_stops(void **state) {
  (void)state;
  passes("", "", false, NULL, 0);
  passes("any text", "any text", false, NULL, 0);
  passes("any text", "any text", false, STOPS("text?", "b", "yt"));
}

static void ends_before_it(void **state) {
  (void)state;
  passes("one. two. three", "one", true, STOPS(". "));
  passes("stop", "", true, STOPS("stop"));
  passes("a stop", "a ", true, STOPS("stop"));
  passes("aaab", "aa", true, STOPS("ab"));
  passes("abababac", "abab", true, STOPS("abac")); /* its beginning twice */
  passes("ab\nUser:\nUser: x", "ab\nUser:", true, STOPS("\nUser: "));
}

static void of_several_the_first_complete(void **state) {
  (void)state;
  passes("xabcdy", "xa", true, STOPS("abcde", "bc"));
  passes("xabcdy", "x", true, STOPS("bcd", "abcd"));
  passes("xabcdy", "x", true, STOPS("abcd", "bcd"));
  passes("xabcdy", "xabcdy", false, STOPS("abcde", "cdz"));
  passes("abcabd", "abc", true, STOPS("abd", "abcabe"));
}

/* What was held goes through once it is no beginning, and at the end. */
static void held_no_longer_than_needed(void **state) {
  (void)state;
  mcl_stop t = {.stop = (const char *const[]){"###"}, .stops = 1};
  char out[600];
  assert_int_equal(mcl_stop_push(&t, "a#", 2, out), 1);
  assert_int_equal(mcl_stop_push(&t, "#", 1, out), 0);
  assert_int_equal(mcl_stop_push(&t, "b", 1, out), 3);
  assert_memory_equal(out, "##b", 3);
  assert_int_equal(mcl_stop_push(&t, "##", 2, out), 0);
  assert_int_equal(mcl_stop_finish(&t, out), 2);
  assert_false(t.found);
  assert_int_equal(t.passed, 6);
}

/* Pieces are whole characters, though they share bytes with a stop text. */
static void characters_stay_whole(void **state) {
  (void)state;
  mcl_stop t = {.stop = (const char *const[]){"\xc3\xa9!"}, .stops = 1};
  char out[600];
  assert_int_equal(mcl_stop_push(&t, "\xc3\xa8\xc3\xa9", 4, out), 2);
  assert_memory_equal(out, "\xc3\xa8", 2);
  assert_int_equal(mcl_stop_push(&t, "\xc3\xa9", 2, out), 2);
  assert_int_equal(mcl_stop_push(&t, "!", 1, out), 0);
  assert_true(t.found);
}

static void of_the_largest_size(void **state) {
  (void)state;
  static char long_one[MOTCL_MAX_STOP_TEXT + 1], text[2 * MOTCL_MAX_STOP_TEXT + 1];
  memset(long_one, 'x', MOTCL_MAX_STOP_TEXT);
  memset(text, 'x', 2 * MOTCL_MAX_STOP_TEXT);
  text[0] = 'y';
  passes(text, "y", true, STOPS(long_one));
  text[MOTCL_MAX_STOP_TEXT] = 'z';
  passes(text, text, false, STOPS(long_one));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_stops),
      cmocka_unit_test(ends_before_it),
      cmocka_unit_test(of_several_the_first_complete),
      cmocka_unit_test(held_no_longer_than_needed),
      cmocka_unit_test(characters_stay_whole),
      cmocka_unit_test(of_the_largest_size),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
