/* base_rng.c - tests of host/base/rng.h against draws recorded from PyTorch. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "tests/golden/rng.h"

static void check_seed(size_t k) {
  static float out[2048];
  mcl_rng rng;
  mcl_rng_seed(&rng, rng_seed[k]);
  size_t spot = 0;
  for (size_t d = 0; d < RNG_DRAWS; d++) {
    mcl_rng_randn(&rng, out, rng_draw[d]);
    for (; spot < RNG_SPOTS && rng_spot[spot][0] == d; spot++) {
      size_t place = rng_spot[spot][1];
      if (!(fabsf(out[place] - rng_value[k][spot]) <= 4e-6f))
        fail_msg("seed %llu, draw %zu, value %zu is %g, not %g", (unsigned long long)rng_seed[k], d,
                 place, (double)out[place], (double)rng_value[k][spot]);
    }
  }
  assert_int_equal(spot, RNG_SPOTS);
  assert_true(mcl_rng_uniform(&rng) == rng_uniform[k]);
}

static void draws_as_pytorch(void **state) {
  (void)state;
  for (size_t k = 0; k < RNG_SEEDS; k++)
    check_seed(k);
}

static void nothing_beyond_the_end(void **state) {
  (void)state;
  float out[64];
  for (size_t n = 0; n <= 48; n++) {
    mcl_rng rng;
    mcl_rng_seed(&rng, n);
    for (size_t i = 0; i < 64; i++)
      out[i] = 77;
    mcl_rng_randn(&rng, out, n);
    for (size_t i = 0; i < 64; i++)
      assert_true(i < n ? fabsf(out[i]) < 7 : out[i] == 77);
  }
}

static void no_values_take_nothing(void **state) {
  (void)state;
  mcl_rng a, b;
  mcl_rng_seed(&a, 5);
  b = a;
  mcl_rng_randn(&a, NULL, 0);
  assert_memory_equal(&a, &b, sizeof a);
}

static void a_copy_goes_on_alike(void **state) {
  (void)state;
  mcl_rng a, b;
  float x[64], y[64];
  mcl_rng_seed(&a, 99);
  mcl_rng_randn(&a, x, 7);
  b = a;
  assert_int_equal(mcl_rng_check(&b, NULL), MOTCL_OK);
  mcl_rng_randn(&a, x, 3);
  mcl_rng_randn(&a, x + 3, 61);
  mcl_rng_randn(&b, y, 3);
  mcl_rng_randn(&b, y + 3, 61);
  assert_memory_equal(x, y, sizeof x);
  assert_memory_equal(&a, &b, sizeof a);
}

static void uniform_fills_its_range(void **state) {
  (void)state;
  mcl_rng rng;
  mcl_rng_seed(&rng, 3);
  unsigned count[16] = {0};
  double sum = 0;
  for (int i = 0; i < 64000; i++) {
    double u = mcl_rng_uniform(&rng);
    assert_true(u >= 0 && u < 1);
    count[(int)(u * 16)]++;
    sum += u;
  }
  for (int i = 0; i < 16; i++)
    assert_in_range(count[i], 3700, 4300);
  assert_true(fabs(sum / 64000 - 0.5) < 0.005);
}

static void damaged(mcl_rng rng, void (*harm)(mcl_rng *)) {
  harm(&rng);
  motcl_err err;
  assert_int_equal(mcl_rng_check(&rng, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "noise generator"));
}

static void far_next(mcl_rng *r) {
  r->next = MCL_RNG_WORDS + 1;
}

static void odd_flag(mcl_rng *r) {
  r->has_normal = 2;
}

static void bad_normal(mcl_rng *r) {
  r->normal = NAN;
}

static void all_zero(mcl_rng *r) {
  memset(r->word, 0, sizeof r->word);
  r->word[0] = 0x7FFFFFFF;
}

static void damaged_states_are_refused(void **state) {
  (void)state;
  mcl_rng rng;
  mcl_rng_seed(&rng, 0);
  assert_int_equal(mcl_rng_check(&rng, NULL), MOTCL_OK);
  damaged(rng, far_next);
  damaged(rng, odd_flag);
  damaged(rng, bad_normal);
  damaged(rng, all_zero);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(draws_as_pytorch),        cmocka_unit_test(nothing_beyond_the_end),
      cmocka_unit_test(no_values_take_nothing),  cmocka_unit_test(a_copy_goes_on_alike),
      cmocka_unit_test(uniform_fills_its_range), cmocka_unit_test(damaged_states_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
