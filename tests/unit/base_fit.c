/* base_fit.c - tests of linear least squares. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/fit.h"
#include "base/rng.h"

enum { IN = 5, OUT = 3, PAIRS = 400 };

static void near(double got, double want, double most) {
  if (!(fabs(got - want) <= most))
    fail_msg("%.9g is not %.9g", got, want);
}

/* y = A x + b, exactly. */
static void truth(const float *x, float *y) {
  for (int o = 0; o < OUT; o++) {
    double v = 0.5 * o - 1;
    for (int i = 0; i < IN; i++)
      v += (i - 2 * o) * (double)x[i];
    y[o] = (float)v;
  }
}

static void an_affine_map_is_found(void **state) {
  (void)state;
  mcl_fit f = {0};
  mcl_rng rng;
  float x[IN], y[OUT], coef[(IN + 1) * OUT];
  mcl_rng_seed(&rng, 1);
  assert_int_equal(mcl_fit_init(&f, IN, OUT, NULL), MOTCL_OK);
  for (int n = 0; n < PAIRS; n++) {
    for (int i = 0; i < IN; i++)
      x[i] = (float)(mcl_rng_uniform(&rng) * 4 - 1);
    truth(x, y);
    mcl_fit_add(&f, x, y);
  }
  assert_int_equal(mcl_fit_solve(&f, coef, 1e-12, NULL), MOTCL_OK);
  for (int o = 0; o < OUT; o++) {
    for (int i = 0; i < IN; i++)
      near((double)coef[i * OUT + o], i - 2 * o, 1e-5);
    near((double)coef[IN * OUT + o], 0.5 * o - 1, 1e-5);
  }
  mcl_fit_finish(&f);
}

/* Points (0, 0), (1, 1), (2, 1), (3, 3) by hand: the line 0.9 x - 0.1. */
static void a_line_through_points(void **state) {
  (void)state;
  static const float x[] = {0, 1, 2, 3}, y[] = {0, 1, 1, 3};
  mcl_fit f = {0};
  float coef[2];
  assert_int_equal(mcl_fit_init(&f, 1, 1, NULL), MOTCL_OK);
  for (int i = 0; i < 4; i++)
    mcl_fit_add(&f, &x[i], &y[i]);
  assert_int_equal(mcl_fit_solve(&f, coef, 1e-12, NULL), MOTCL_OK);
  near((double)coef[0], 0.9, 1e-6);
  near((double)coef[1], -0.1, 1e-6);
  mcl_fit_finish(&f);
}

/* Inputs that are always the same, or 0, are no trouble, and the rest is found all the same. */
static void inputs_that_never_move(void **state) {
  (void)state;
  mcl_fit f = {0};
  float coef[4];
  assert_int_equal(mcl_fit_init(&f, 3, 1, NULL), MOTCL_OK);
  for (int i = 0; i < 100; i++) {
    const float x[3] = {(float)i, 0, 7}, y = 2 * (float)i + 1;
    mcl_fit_add(&f, x, &y);
  }
  assert_int_equal(mcl_fit_solve(&f, coef, 1e-9, NULL), MOTCL_OK);
  near((double)coef[0], 2, 1e-4);
  near((double)coef[1], 0, 1e-9);
  near((double)(7 * coef[2] + coef[3]), 1, 1e-3);
  mcl_fit_finish(&f);
}

static void all_inputs_zero(void **state) {
  (void)state;
  mcl_fit f = {0};
  const float x[2] = {0, 0}, y = 5;
  float coef[3];
  assert_int_equal(mcl_fit_init(&f, 2, 1, NULL), MOTCL_OK);
  for (int i = 0; i < 10; i++)
    mcl_fit_add(&f, x, &y);
  assert_int_equal(mcl_fit_solve(&f, coef, 1e-6, NULL), MOTCL_OK);
  near((double)coef[0], 0, 0);
  near((double)coef[2], 5, 1e-6);
  mcl_fit_finish(&f);
}

static void what_cannot_be_fitted(void **state) {
  (void)state;
  mcl_fit f = {0};
  float coef[3] = {0};
  const float x[2] = {1, INFINITY}, y = 1, nan_y = NAN, fine[2] = {1, 2};
  motcl_err err = {0};
  assert_int_equal(mcl_fit_init(&f, 0, 1, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_fit_init(&f, 1, 5000, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_fit_init(&f, 2, 1, NULL), MOTCL_OK);
  assert_int_equal(mcl_fit_solve(&f, coef, 1e-6, &err), MOTCL_EINVAL);
  mcl_fit_finish(&f);
  assert_int_equal(mcl_fit_init(&f, 2, 1, NULL), MOTCL_OK);
  mcl_fit_add(&f, x, &y);
  assert_int_equal(mcl_fit_solve(&f, coef, 1e-6, NULL), MOTCL_EINVAL);
  mcl_fit_finish(&f);
  assert_int_equal(mcl_fit_init(&f, 2, 1, NULL), MOTCL_OK);
  mcl_fit_add(&f, fine, &nan_y);
  assert_int_equal(mcl_fit_solve(&f, coef, 1e-6, NULL), MOTCL_EINVAL);
  mcl_fit_finish(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_affine_map_is_found), cmocka_unit_test(a_line_through_points),
      cmocka_unit_test(inputs_that_never_move), cmocka_unit_test(all_inputs_zero),
      cmocka_unit_test(what_cannot_be_fitted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
