/* base_sample.c - tests of host/base/sample.h: the best token, the drawn one, and bad logits. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/sample.h"

static void greedy_takes_the_first_of_the_best(void **state) {
  (void)state;
  const float a[] = {-3, 2, 5, 5, -INFINITY, 5}, b[] = {-0.0f, 0.0f}, c[] = {-7};
  int32_t got = -1;
  assert_int_equal(mcl_sample_greedy(a, 6, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 2);
  assert_int_equal(mcl_sample_greedy(b, 2, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 0);
  assert_int_equal(mcl_sample_greedy(c, 1, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 0);
}

static void refused(const float *logits, size_t n, int code, const char *word) {
  motcl_err err;
  int32_t got = -5;
  mcl_rng rng, before;
  mcl_rng_seed(&rng, 1);
  before = rng;
  assert_int_equal(mcl_sample_greedy(logits, n, &got, &err), code);
  assert_non_null(strstr(err.text, word));
  assert_int_equal(mcl_sample(&rng, logits, n, 1, &got, &err), code);
  assert_non_null(strstr(err.text, word));
  assert_int_equal(got, -5);
  assert_memory_equal(&rng, &before, sizeof rng);
}

static void bad_logits_are_refused(void **state) {
  (void)state;
  const float nan_first[] = {NAN, 1, 2}, nan_last[] = {1, 2, NAN}, inf[] = {1, INFINITY, 2},
              none[] = {-INFINITY, -INFINITY}, same[20] = {0, -0.0f};
  refused(nan_first, 3, MOTCL_ENUMERIC, "NaN");
  refused(nan_last, 3, MOTCL_ENUMERIC, "token 2");
  refused(inf, 3, MOTCL_ENUMERIC, "infinity");
  refused(none, 2, MOTCL_ENUMERIC, "ruled out");
  refused(same, 20, MOTCL_ENUMERIC, "the same logit, 0");
  refused(inf, 0, MOTCL_EINVAL, "0 tokens");
}

static void odd_temperatures_are_refused(void **state) {
  (void)state;
  static const double bad[] = {-1, -0.001, 1e-4, 1001, INFINITY, NAN};
  const float logits[] = {1, 2};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    motcl_err err;
    int32_t got = -5;
    mcl_rng rng;
    mcl_rng_seed(&rng, 1);
    assert_int_equal(mcl_temperature_check(bad[i], &err), MOTCL_EINVAL);
    assert_non_null(strstr(err.text, "temperature"));
    assert_int_equal(mcl_sample(&rng, logits, 2, bad[i], &got, NULL), MOTCL_EINVAL);
    assert_int_equal(got, -5);
  }
  static const double good[] = {0, 1e-3, 0.7, 1e3};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_int_equal(mcl_temperature_check(good[i], NULL), MOTCL_OK);
}

static void no_temperature_is_greedy(void **state) {
  (void)state;
  const float logits[] = {1, 1.0001f, 1};
  mcl_rng rng, before;
  mcl_rng_seed(&rng, 1);
  before = rng;
  int32_t got = -1;
  assert_int_equal(mcl_sample(&rng, logits, 3, 0, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 1);
  assert_memory_equal(&rng, &before, sizeof rng);
}

/* The token drawn must be the one whose share of [0, 1), by the C library's exp, holds u. */
static void draws_by_inversion(void **state) {
  (void)state;
  enum { V = 50, ROUNDS = 4000 };
  static const double temperatures[] = {0.3, 1, 2.5};
  unsigned seen[V] = {0};
  float logits[V];
  for (int i = 0; i < V; i++)
    logits[i] = i % 7 == 3 ? -INFINITY : (float)(3 * sin(i * 1.7) + 1000);
  mcl_rng rng;
  mcl_rng_seed(&rng, 8);
  for (int k = 0; k < ROUNDS; k++) {
    double T = temperatures[k % 3], sum = 0, below = 0;
    mcl_rng peek = rng;
    double u = mcl_rng_uniform(&peek);
    int32_t got = -1;
    assert_int_equal(mcl_sample(&rng, logits, V, T, &got, NULL), MOTCL_OK);
    assert_memory_equal(&rng, &peek, sizeof rng);
    assert_in_range(got, 0, V - 1);
    for (int i = 0; i < V; i++)
      sum += exp(((double)logits[i] - 1000) / T);
    for (int i = 0; i < got; i++)
      below += exp(((double)logits[i] - 1000) / T);
    double own = exp(((double)logits[got] - 1000) / T);
    assert_true(own > 0);
    assert_true(u >= below / sum - 1e-12 && u <= (below + own) / sum + 1e-12);
    seen[got]++;
  }
  for (int i = 0; i < V; i++)
    assert_true((seen[i] > 0) == (i % 7 != 3));
}

/* Differences so large that every other weight vanishes, and logits as large as floats get. */
static void extremes_do_not_overflow(void **state) {
  (void)state;
  const float far[] = {-3e38f, 3e38f, -3e38f}, low[] = {-3e38f, -INFINITY};
  mcl_rng rng;
  mcl_rng_seed(&rng, 2);
  int32_t got = -1;
  for (int k = 0; k < 50; k++) {
    assert_int_equal(mcl_sample(&rng, far, 3, 1e3, &got, NULL), MOTCL_OK);
    assert_int_equal(got, 1);
    assert_int_equal(mcl_sample(&rng, low, 2, 1e-3, &got, NULL), MOTCL_OK);
    assert_int_equal(got, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(greedy_takes_the_first_of_the_best),
      cmocka_unit_test(bad_logits_are_refused),
      cmocka_unit_test(odd_temperatures_are_refused),
      cmocka_unit_test(no_temperature_is_greedy),
      cmocka_unit_test(draws_by_inversion),
      cmocka_unit_test(extremes_do_not_overflow),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
