/* base_sample.c - tests of host/base/sample.h: the best token, the drawn one, what is cut and penalized
 * against hand-made distributions, and bad logits. */
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

/* From a copy: a penalty changes logits. */
static int sample(mcl_rng *rng, const float *logits, size_t n, const mcl_sampling *how,
                  int32_t *got, motcl_err *err) {
  float copy[64];
  memcpy(copy, logits, n * sizeof *logits);
  return mcl_sample(rng, copy, n, how, got, err);
}

static void refused(const float *logits, size_t n, int code, const char *word) {
  motcl_err err;
  int32_t got = -5;
  mcl_rng rng, before;
  mcl_rng_seed(&rng, 1);
  before = rng;
  assert_int_equal(mcl_sample_greedy(logits, n, &got, &err), code);
  assert_non_null(strstr(err.text, word));
  assert_int_equal(sample(&rng, logits, n, &(mcl_sampling){.temperature = 1}, &got, &err), code);
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
    const mcl_sampling how = {.temperature = bad[i]};
    int32_t got = -5;
    mcl_rng rng;
    mcl_rng_seed(&rng, 1);
    assert_int_equal(mcl_sampling_check(&how, &err), MOTCL_EINVAL);
    assert_non_null(strstr(err.text, "temperature"));
    assert_int_equal(sample(&rng, logits, 2, &how, &got, NULL), MOTCL_EINVAL);
    assert_int_equal(got, -5);
  }
  static const double good[] = {0, 1e-3, 0.7, 1e3};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_int_equal(mcl_sampling_check(&(mcl_sampling){.temperature = good[i]}, NULL), MOTCL_OK);
}

static void no_temperature_is_greedy(void **state) {
  (void)state;
  const float logits[] = {1, 1.0001f, 1};
  const mcl_sampling how = {.top_k = 2, .top_p = 0.5, .min_p = 0.5};
  mcl_rng rng, before;
  mcl_rng_seed(&rng, 1);
  before = rng;
  int32_t got = -1;
  assert_int_equal(sample(&rng, logits, 3, &how, &got, NULL), MOTCL_OK);
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
    assert_int_equal(sample(&rng, logits, V, &(mcl_sampling){.temperature = T}, &got, NULL),
                     MOTCL_OK);
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
    assert_int_equal(sample(&rng, far, 3, &(mcl_sampling){.temperature = 1e3}, &got, NULL),
                     MOTCL_OK);
    assert_int_equal(got, 1);
    assert_int_equal(sample(&rng, low, 2, &(mcl_sampling){.temperature = 1e-3}, &got, NULL),
                     MOTCL_OK);
    assert_int_equal(got, 0);
  }
}

/* Six tokens of the probabilities 5/16, 1/16, 4/16, 2/16, 3/16, 1/16 at T = 1; their squares at T = 1/2. */
enum { TOKENS = 6, DRAWS = 4000 };
static const double sixteenths[TOKENS] = {5, 1, 4, 2, 3, 1};

static void six(float logits[TOKENS]) {
  for (int i = 0; i < TOKENS; i++)
    logits[i] = (float)log(sixteenths[i] / 16);
}

/* How it draws must be by inversion over these weights in their order, 0 for what is cut. */
static void draws_from(const mcl_sampling *how, const double weight[TOKENS]) {
  float logits[TOKENS];
  double sum = 0;
  mcl_rng rng;
  six(logits);
  mcl_rng_seed(&rng, 3);
  for (int i = 0; i < TOKENS; i++)
    sum += weight[i];
  for (int k = 0; k < DRAWS; k++) {
    double below = 0;
    int32_t got = -1, want = 0;
    mcl_rng peek = rng;
    double u = mcl_rng_uniform(&peek) * sum;
    while (want < TOKENS && !(u < (below += weight[want])))
      want++;
    assert_int_equal(sample(&rng, logits, TOKENS, how, &got, NULL), MOTCL_OK);
    assert_memory_equal(&rng, &peek, sizeof rng); /* one draw, whatever was cut */
    if (got != want)
      fail_msg("draw %d: token %d, not %d", k, (int)got, (int)want);
  }
}
#define DRAWS_FROM(how, ...) draws_from(&(const mcl_sampling)how, (const double[TOKENS])__VA_ARGS__)
#define HOW(...)                                                                                   \
  { .temperature = 1, __VA_ARGS__ }

static void draws_among_the_likeliest(void **state) {
  (void)state;
  DRAWS_FROM(HOW(.top_k = 0), {5, 1, 4, 2, 3, 1});
  DRAWS_FROM(HOW(.top_k = 1), {1, 0, 0, 0, 0, 0});
  DRAWS_FROM(HOW(.top_k = 3), {5, 0, 4, 0, 3, 0});
  DRAWS_FROM(HOW(.top_k = 5), {5, 1, 4, 2, 3, 0}); /* of equals the first */
  DRAWS_FROM(HOW(.top_k = 6), {5, 1, 4, 2, 3, 1});
  DRAWS_FROM(HOW(.top_k = 4000000000u), {5, 1, 4, 2, 3, 1});
  /* 5/16 are 0.3125, with 4/16 0.5625, with 3/16 0.75 */
  DRAWS_FROM(HOW(.top_p = 1e-9), {1, 0, 0, 0, 0, 0});
  DRAWS_FROM(HOW(.top_p = 0.31), {1, 0, 0, 0, 0, 0});
  DRAWS_FROM(HOW(.top_p = 0.32), {5, 0, 4, 0, 0, 0});
  DRAWS_FROM(HOW(.top_p = 0.57), {5, 0, 4, 0, 3, 0});
  DRAWS_FROM(HOW(.top_p = 0.9), {5, 1, 4, 2, 3, 0});
  DRAWS_FROM(HOW(.top_p = 1), {5, 1, 4, 2, 3, 1});
  /* 4/5, 3/5, 2/5, 1/5 of the likeliest */
  DRAWS_FROM(HOW(.min_p = 1), {1, 0, 0, 0, 0, 0});
  DRAWS_FROM(HOW(.min_p = 0.81), {1, 0, 0, 0, 0, 0});
  DRAWS_FROM(HOW(.min_p = 0.79), {5, 0, 4, 0, 0, 0});
  DRAWS_FROM(HOW(.min_p = 0.39), {5, 0, 4, 2, 3, 0});
  DRAWS_FROM(HOW(.min_p = 0.19), {5, 1, 4, 2, 3, 1});
}

static void cuts_in_order(void **state) {
  (void)state;
  /* of the first three, 12/16, 5/12 are 0.42 and 9/12 0.75: of all they are 0.31 and 0.56 */
  DRAWS_FROM(HOW(.top_k = 3, .top_p = 0.41), {1, 0, 0, 0, 0, 0});
  DRAWS_FROM(HOW(.top_k = 3, .top_p = 0.7), {5, 0, 4, 0, 0, 0});
  DRAWS_FROM(HOW(.top_p = 0.57, .min_p = 0.7), {5, 0, 4, 0, 0, 0});
  DRAWS_FROM(HOW(.top_k = 4, .top_p = 0.99, .min_p = 0.5), {5, 0, 4, 0, 3, 0});
  /* after the temperature: squares, of 56: 25 are 0.45, 41 are 0.73; 9/25 are 0.36 */
  DRAWS_FROM({.temperature = 0.5}, {25, 1, 16, 4, 9, 1});
#define COLD(...) {.temperature = 0.5, __VA_ARGS__}
  DRAWS_FROM(COLD(.top_p = 0.44), {1, 0, 0, 0, 0, 0});
  DRAWS_FROM(COLD(.top_p = 0.72), {25, 0, 16, 0, 0, 0});
  DRAWS_FROM(COLD(.min_p = 0.37), {25, 0, 16, 0, 0, 0});
  DRAWS_FROM(COLD(.min_p = 0.35), {25, 0, 16, 0, 9, 0});
#undef COLD
}

static void penalty_is_once_for_each(void **state) {
  (void)state;
  const uint32_t recent[] = {0, 2, 0, 3, 9, 4};
  const mcl_sampling how = {.repeat_penalty = 2, .recent = recent, .recents = 6};
  float logits[5] = {3, 2, -1, 0, -INFINITY};
  const float want[5] = {1.5f, 2, -2, 0, -INFINITY};
  int32_t got = -1;
  assert_int_equal(mcl_sample(NULL, logits, 5, &how, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 1); /* and not the best of before */
  assert_memory_equal(logits, want, sizeof want);
  /* below 1 they come sooner; none, or of no tokens, changes nothing */
  float odd[3] = {1, 1.5f, 1};
  const mcl_sampling sooner = {.repeat_penalty = 0.5, .recent = recent + 1, .recents = 1};
  const mcl_sampling none = {.repeat_penalty = 1, .recent = recent, .recents = 6};
  assert_int_equal(mcl_sample(NULL, odd, 3, &none, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 1);
  assert_int_equal(mcl_sample(NULL, odd, 3, &sooner, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 2);
  /* what is drawn from, and cut, is what was penalized: 5/16 becomes its square, 25/256 */
  float six_logits[TOKENS];
  const mcl_sampling first = HOW(.repeat_penalty = 2, .recent = recent, .recents = 1, .top_k = 1);
  mcl_rng rng;
  mcl_rng_seed(&rng, 1);
  six(six_logits);
  assert_int_equal(mcl_sample(&rng, six_logits, TOKENS, &first, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 2);
  /* and what is finite stays so */
  float far[2] = {3e38f, -3e38f};
  const uint32_t both[] = {0, 1};
  const mcl_sampling least = HOW(.repeat_penalty = 0.01, .recent = both, .recents = 2);
  assert_int_equal(mcl_sample(&rng, far, 2, &least, &got, NULL), MOTCL_OK);
  assert_int_equal(got, 0);
}

/* Cuts of many tokens against a plain sort, ties among them. */
static void ranks_as_a_sort(void **state) {
  (void)state;
  enum { V = 60 };
  float logits[V];
  mcl_rng rng;
  mcl_rng_seed(&rng, 4);
  for (int i = 0; i < V; i++)
    logits[i] = (float)(i * 37 % 11) / 8;
  for (uint32_t k = 1; k < V; k++)
    for (int round = 0; round < 40; round++) {
      int32_t got = -1;
      uint32_t before = 0;
      const mcl_sampling how = HOW(.top_k = k);
      assert_int_equal(sample(&rng, logits, V, &how, &got, NULL), MOTCL_OK);
      for (int i = 0; i < V; i++)
        before += logits[i] > logits[got] || (logits[i] == logits[got] && i < got);
      assert_true(before < k);
    }
}

static void odd_shares_are_refused(void **state) {
  (void)state;
  static const double bad[] = {-0.1, 1.1, NAN, INFINITY}, penalties[] = {-1, 0.001, 101, NAN};
  motcl_err err;
  for (size_t i = 0; i < 4; i++) {
    const mcl_sampling how[] = {
        {.top_p = bad[i]}, {.min_p = bad[i]}, {.repeat_penalty = penalties[i]}};
    static const char *const words[] = {"top-p", "min-p", "repeat penalty"};
    for (size_t k = 0; k < 3; k++) {
      assert_int_equal(mcl_sampling_check(&how[k], &err), MOTCL_EINVAL);
      assert_non_null(strstr(err.text, words[k]));
    }
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
      cmocka_unit_test(draws_among_the_likeliest),
      cmocka_unit_test(cuts_in_order),
      cmocka_unit_test(penalty_is_once_for_each),
      cmocka_unit_test(ranks_as_a_sort),
      cmocka_unit_test(odd_shares_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
