/* base_num.c - amounts of bytes in words. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/num.h"

static void amounts_are_short_and_err_to_one_side(void **state) {
  (void)state;
  char out[24];
  assert_string_equal(mcl_amount(out, 0, true), "0");
  assert_string_equal(mcl_amount(out, 1, true), "1");
  assert_string_equal(mcl_amount(out, 1024, true), "1K");
  assert_string_equal(mcl_amount(out, 10239, false), "10239");
  assert_string_equal(mcl_amount(out, 10241, true), "11K");
  assert_string_equal(mcl_amount(out, 10241, false), "10K");
  assert_string_equal(mcl_amount(out, (uint64_t)3 << 30, true), "3G");
  assert_string_equal(mcl_amount(out, ((uint64_t)30 << 30) + 1, true), "31G");
  assert_string_equal(mcl_amount(out, ((uint64_t)30 << 30) + 1, false), "30G");
  assert_string_equal(mcl_amount(out, UINT64_MAX, true), "16777216T");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(amounts_are_short_and_err_to_one_side)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
