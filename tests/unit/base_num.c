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

/* Bytes are counted in blocks; elements that stand alone are blocks of one. */
static void types_are_counted_in_blocks(void **state) {
  (void)state;
  for (int t = 0; t < MCL_TYPE_COUNT; t++) {
    mcl_type type = (mcl_type)t;
    size_t block = mcl_type_block(type), bytes = mcl_type_block_bytes(type);
    assert_true(block > 0 && bytes > 0);
    assert_int_equal(mcl_type_bytes(type, 7 * block), 7 * bytes);
    assert_int_equal(mcl_type_count(type, 7 * bytes), 7 * block);
    assert_int_equal(mcl_type_size(type), block == 1 ? bytes : 0);
  }
  assert_int_equal(mcl_type_bytes(MCL_BF16, 5), 10);
  assert_int_equal(mcl_type_bytes(MCL_F32, 5), 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(types_are_counted_in_blocks),
                                     cmocka_unit_test(amounts_are_short_and_err_to_one_side)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
