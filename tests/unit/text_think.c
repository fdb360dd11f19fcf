/* text_think.c - tests of host/text/think.h: the cut by example. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "text/think.h"

#define S "<|im_start|>"
#define E "<|im_end|>"

static void cuts(void **state) {
  (void)state;
  static const char *const pair[][2] = {
      {S "thought" E "more", "thought"},
      {S "thought", "thought"},
      {S "a" S "b" E "c", "a"},
      {S "a" E S "b" E, "a"},
      {S E, ""},
      {S, ""},
      {S S "a", ""},
      {"before " S "a" E, "a"},
      {S "<|im_<|im_end|" S, "<|im_<|im_end|"},
      {S "\n <think>\xE7\x9A\x84</think>" E E, "\n <think>\xE7\x9A\x84</think>"},
  };
  for (size_t i = 0; i < sizeof pair / sizeof *pair; i++) {
    size_t at = 77, len = 77;
    assert_true(mcl_think_cut(pair[i][0], strlen(pair[i][0]), &at, &len));
    assert_int_equal(len, strlen(pair[i][1]));
    assert_memory_equal(pair[i][0] + at, pair[i][1], len);
  }
}

static void no_start(void **state) {
  (void)state;
  static const char *const texts[] = {"", "a", E, E S "a", "a" E S, "<|im_start|"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    size_t at = 77, len = 77;
    assert_false(mcl_think_cut(texts[i], strlen(texts[i]), &at, &len));
    assert_int_equal(at, 77);
    assert_int_equal(len, 77);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cuts),
      cmocka_unit_test(no_start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
