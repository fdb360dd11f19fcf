/* flow_grid.c - tests of host/flow/grid.h: the official grid to the bit, and bad settings. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "flow/grid.h"
#include "tests/golden/grids.h"

static void same_grid(uint32_t timesteps, double shift, const float *want) {
  float t[64], dt[64];
  uint32_t steps = timesteps - 1;
  t[steps] = dt[steps] = 77;
  assert_int_equal(mcl_grid(t, dt, timesteps, shift, NULL), MOTCL_OK);
  for (uint32_t i = 0; i < steps; i++)
    if (memcmp(t + i, want + i, sizeof *t) || memcmp(dt + i, want + steps + i, sizeof *dt))
      fail_msg("%u points, shift %g, step %u: t %a dt %a, not %a and %a", timesteps, shift, i,
               (double)t[i], (double)dt[i], (double)want[i], (double)want[steps + i]);
  assert_true(t[steps] == 77 && dt[steps] == 77);
}

static void official_grids(void **state) {
  (void)state;
  same_grid(2, 3, grid_2_30);
  same_grid(6, 3, grid_6_30);
  same_grid(7, 1, grid_7_10);
  same_grid(24, 4, grid_24_40);
  same_grid(50, 3, grid_50_30);
  same_grid(51, 0.5, grid_51_5);
}

static void the_largest_grid(void **state) {
  (void)state;
  static float t[MCL_MAX_TIMESTEPS], dt[MCL_MAX_TIMESTEPS];
  assert_int_equal(mcl_grid(t, dt, MCL_MAX_TIMESTEPS, 1000, NULL), MOTCL_OK);
  double sum = 0;
  for (size_t i = 0; i + 1 < MCL_MAX_TIMESTEPS; i++) {
    assert_true(dt[i] >= 0 && t[i] > 0 && t[i] <= 1);
    sum += dt[i];
  }
  assert_true(t[0] == 1 && fabs(sum - 1) < 1e-6);
}

static void bad_grids_are_refused(void **state) {
  (void)state;
  static const uint32_t timesteps[] = {0, 1, MCL_MAX_TIMESTEPS + 1, UINT32_MAX};
  static const double shifts[] = {0, -3, 1e-4, 1001, INFINITY, -INFINITY, NAN};
  float t = 77, dt = 77;
  motcl_err err;
  for (size_t i = 0; i < sizeof timesteps / sizeof *timesteps; i++) {
    assert_int_equal(mcl_grid(&t, &dt, timesteps[i], 3, &err), MOTCL_EINVAL);
    assert_non_null(strstr(err.text, "time steps"));
    assert_int_equal(mcl_grid_check(timesteps[i], 3, NULL), MOTCL_EINVAL);
  }
  for (size_t i = 0; i < sizeof shifts / sizeof *shifts; i++) {
    assert_int_equal(mcl_grid(&t, &dt, 2, shifts[i], &err), MOTCL_EINVAL);
    assert_non_null(strstr(err.text, "shift"));
  }
  assert_true(t == 77 && dt == 77);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(official_grids),
      cmocka_unit_test(the_largest_grid),
      cmocka_unit_test(bad_grids_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
