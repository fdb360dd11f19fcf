/* base_tally.c - tests of host/base/tally.h: every number of each type by its own, and what stretches
 * of them are. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/tally.h"

static mcl_tally of(const void *data, mcl_type t, size_t n) {
  mcl_tally tally = {0};
  mcl_tally_add(&tally, data, t, n);
  assert_int_equal(tally.count, n);
  return tally;
}

/* One number is what widening makes of it. */
static void check_one(const void *word, mcl_type t) {
  float f;
  mcl_tally got = of(word, t, 1);
  mcl_widen(&f, word, t, 1);
  assert_int_equal(got.nans, isnan(f) != 0);
  assert_int_equal(got.infinite, isinf(f) != 0);
  assert_int_equal(mcl_tally_finite(&got), isfinite(f) != 0);
  assert_int_equal(mcl_tally_zero(&got), f == 0);
  assert_false(mcl_tally_constant(&got));
}

static void every_number(void **state) {
  (void)state;
  for (uint32_t i = 0; i < 65536; i++) {
    uint16_t h = (uint16_t)i;
    uint32_t w = i << 16, v = w | 1;
    check_one(&h, MCL_BF16);
    check_one(&h, MCL_F16);
    check_one(&w, MCL_F32);
    check_one(&v, MCL_F32);
  }
}

/* One odd number anywhere in a stretch, at an odd address, is found and counted, added at once or in
 * pieces. */
static void one_among_many(void **state) {
  enum { N = 5000 };
  static unsigned char raw[4 * N + 1];
  static const mcl_type types[] = {MCL_F32, MCL_BF16, MCL_F16};
  static const size_t places[] = {0, 1, 1023, 1024, 2047, 4096, N - 1};
  (void)state;
  for (size_t k = 0; k < 3; k++)
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
      const mcl_type t = types[k];
      const size_t size = mcl_type_size(t), at = places[i];
      memset(raw, 0x11, sizeof raw);
      mcl_tally all = of(raw + 1, t, N), parts = {0};
      assert_true(mcl_tally_finite(&all) && mcl_tally_constant(&all) && !mcl_tally_zero(&all));
      memset(raw + 1 + at * size, 0xFF, size);
      all = of(raw + 1, t, N);
      mcl_tally_add(&parts, raw + 1, t, 700);
      mcl_tally_add(&parts, raw + 1 + 700 * size, t, N - 700);
      assert_memory_equal(&all, &parts, sizeof all);
      assert_int_equal(all.nans, 1);
      assert_int_equal(all.infinite, 0);
      assert_int_equal(all.first, at);
      assert_false(mcl_tally_finite(&all) || mcl_tally_constant(&all) || mcl_tally_zero(&all));
    }
}

static void stretches(void **state) {
  (void)state;
  const float zero[] = {0, -0.0f, 0}, same[] = {3, 3, 3}, turned[] = {3, -3, 3};
  const float odd[] = {1, INFINITY, NAN, -INFINITY};
  mcl_tally t = of(zero, MCL_F32, 3), none = {0};
  assert_true(mcl_tally_zero(&t) && mcl_tally_constant(&t) && mcl_tally_finite(&t));
  t = of(same, MCL_F32, 3);
  assert_true(mcl_tally_constant(&t) && !mcl_tally_zero(&t));
  t = of(turned, MCL_F32, 3);
  assert_false(mcl_tally_constant(&t));
  t = of(odd, MCL_F32, 4);
  assert_int_equal(t.nans, 1);
  assert_int_equal(t.infinite, 2);
  assert_int_equal(t.first, 1);
  assert_false(mcl_tally_zero(&none) || mcl_tally_constant(&none));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_number),
      cmocka_unit_test(one_among_many),
      cmocka_unit_test(stretches),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
