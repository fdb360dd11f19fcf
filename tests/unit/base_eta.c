/* base_eta.c - the rest of a phase at the rate of its steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/eta.h"

static void near(double a, double b) {
  assert_true(a > b - 1e-9 && a < b + 1e-9);
}

static void the_first_step_does_not_count(void **state) {
  (void)state;
  mcl_eta p = {0};
  assert_true(mcl_eta_step(&p, 0, 1, 5, 100) < 0);
  near(mcl_eta_step(&p, 0, 2, 5, 102), 6);
  near(mcl_eta_step(&p, 0, 3, 5, 103), 3);
  near(mcl_eta_step(&p, 0, 5, 5, 108), 0);
}

static void steps_may_be_several_at_once(void **state) {
  (void)state;
  mcl_eta p = {0};
  assert_true(mcl_eta_step(&p, 2, 512, 2048, 10) < 0);
  near(mcl_eta_step(&p, 2, 1024, 2048, 12), 4);
}

static void another_phase_begins_anew(void **state) {
  (void)state;
  mcl_eta p = {0};
  mcl_eta_step(&p, 0, 1, 5, 0);
  near(mcl_eta_step(&p, 0, 2, 5, 1), 3);
  assert_true(mcl_eta_step(&p, 1, 3, 5, 2) < 0);
  near(mcl_eta_step(&p, 1, 4, 5, 4), 2);
  assert_true(mcl_eta_step(&p, 1, 1, 5, 50) < 0);
  near(mcl_eta_step(&p, 1, 2, 5, 51), 3);
}

static void ends_are_no_surprise(void **state) {
  (void)state;
  mcl_eta p = {0};
  near(mcl_eta_step(&p, 0, 1, 1, 5), 0);
  near(mcl_eta_step(&p, 0, 9, 5, 6), 0);
  assert_true(mcl_eta_step(&p, 0, 0, 3, 7) < 0);
  near(mcl_eta_step(&p, 0, 1, 3, 6), 0); /* a clock that goes back */
}

static void clocks_go_on(void **state) {
  (void)state;
  double a = mcl_clock();
  assert_true(mcl_clock() >= a);
  assert_true(mcl_clock_utc() > UINT64_C(1700000000000));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_step_does_not_count),
      cmocka_unit_test(steps_may_be_several_at_once),
      cmocka_unit_test(another_phase_begins_anew),
      cmocka_unit_test(ends_are_no_surprise),
      cmocka_unit_test(clocks_go_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
