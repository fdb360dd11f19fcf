/* base_math.c - tests of host/base/math.h: against the C library over many values, at the edges,
 * and the bits themselves, which must be these on every machine. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/math.h"

enum { MANY = 200000 };

/* Number i of a fixed sequence, in [0, 1). */
static double spread(uint64_t i) {
  uint64_t z = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static uint64_t bits(double x) {
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

/* Two places, for the C library may be off by one of them. */
static void close_to(const char *what, double x, double got, double want) {
  uint64_t a = bits(got), b = bits(want), apart = a > b ? a - b : b - a;
  if (apart > 2)
    fail_msg("%s of %a is %a, not %a", what, x, got, want);
}

static void agrees_with_libm(void **state) {
  (void)state;
  for (uint64_t i = 0; i < MANY; i++) {
    double u = spread(2 * i), v = spread(2 * i + 1), s, c;
    double x = (u - 0.5) * (i % 2 ? 1416 : 4);
    close_to("exp", x, mcl_exp(x), exp(x));
    x = i % 2 ? exp((u - 0.5) * 1400) : 0.5 + 1.5 * u;
    close_to("log", x, mcl_log(x), log(x));
    x = i % 2 ? 1e6 * u + 1e-9 : 1e4;
    double y = 40 * v - 20;
    close_to("pow", x, mcl_pow(x, y), pow(x, y));
    x = (u - 0.5) * (i % 3 ? 20 : 0x1p32);
    mcl_sincos(x, &s, &c);
    close_to("sin", x, s, sin(x));
    close_to("cos", x, c, cos(x));
  }
}

/* Where the reduced argument is all but nothing, lost bits would show. */
static void sincos_near_multiples(void **state) {
  (void)state;
  for (int64_t i = 1; i <= 1367130551; i = i < 5000 ? i + 1 : i * 3 / 2)
    for (int side = -1; side <= 1; side++) {
      double x = nextafter((double)i * 0x1.921fb54442d18p+0, side * 1e300), s, c;
      mcl_sincos(side < 0 ? -x : x, &s, &c);
      close_to("sin", x, s, sin(side < 0 ? -x : x));
      close_to("cos", x, c, cos(x));
    }
}

static void edges_of_exp(void **state) {
  (void)state;
  assert_true(mcl_exp(0) == 1 && mcl_exp(-0.0) == 1);
  assert_true(mcl_exp(1e-300) == 1);
  assert_true(mcl_exp(709.78) < INFINITY);
  assert_true(isinf(mcl_exp(709.79)) && isinf(mcl_exp(1e300)) && isinf(mcl_exp(INFINITY)));
  assert_true(mcl_exp(-745.2) == 0 && mcl_exp(-1e300) == 0 && mcl_exp(-INFINITY) == 0);
  for (double x = -745; x < -700; x += 0.37)
    close_to("exp", x, mcl_exp(x), exp(x));
  assert_true(isnan(mcl_exp(NAN)));
}

static void edges_of_log(void **state) {
  (void)state;
  assert_true(mcl_log(1) == 0);
  assert_true(isinf(mcl_log(0)) && mcl_log(0) < 0 && isinf(mcl_log(-0.0)));
  assert_true(isinf(mcl_log(INFINITY)) && mcl_log(INFINITY) > 0);
  assert_true(isnan(mcl_log(-1)) && isnan(mcl_log(-5e-324)) && isnan(mcl_log(NAN)));
  static const double x[] = {0x1p-1074,           0x1p-1060,
                             0x1p-1022,           0x1.fffffffffffffp-1,
                             0x1.0000000000001p0, 0x1.fffffffffffffp1023};
  for (size_t i = 0; i < sizeof x / sizeof *x; i++)
    close_to("log", x[i], mcl_log(x[i]), log(x[i]));
}

static void edges_of_pow(void **state) {
  (void)state;
  assert_true(mcl_pow(10000, 0) == 1 && mcl_pow(1, 123456) == 1 && mcl_pow(10000, 1) == 10000);
  assert_true(mcl_pow(10000, 0.5) == 100 && mcl_pow(10000, 0.25) == 10);
  assert_true(isinf(mcl_pow(2, 1e300)) && mcl_pow(2, -1e300) == 0 && mcl_pow(0.5, 1e9) == 0);
  assert_true(isnan(mcl_pow(0, 1)) && isnan(mcl_pow(-2, 1)) && isnan(mcl_pow(NAN, 1)));
  assert_true(isnan(mcl_pow(2, NAN)) && isnan(mcl_pow(2, INFINITY)) && isnan(mcl_pow(INFINITY, 1)));
}

static void edges_of_sincos(void **state) {
  (void)state;
  double s = 9, c = 9;
  mcl_sincos(0, &s, &c);
  assert_true(s == 0 && c == 1);
  mcl_sincos(1e-300, &s, &c);
  assert_true(s == 1e-300 && c == 1);
  static const double bad[] = {0x1.0000000000001p31, -0x1.0000000000001p31, INFINITY, NAN};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    s = c = 9;
    mcl_sincos(bad[i], &s, &c);
    assert_true(isnan(s) && isnan(c));
  }
}

/* A sum over the bits of many results: another compiler, processor or C library must not change
 * one of them, for stored results rely on it. */
static void same_bits_everywhere(void **state) {
  (void)state;
  uint64_t sum = UINT64_C(0xCBF29CE484222325);
  for (uint64_t i = 0; i < 20000; i++) {
    double u = spread(i), r[5];
    r[0] = mcl_exp((u - 0.5) * 1500);
    r[1] = mcl_log(u * (i % 2 ? 1 : 0x1p-1030));
    r[2] = mcl_pow(1e6, u - 1);
    mcl_sincos((u - 0.5) * (i % 2 ? 10 : 0x1p32), r + 3, r + 4);
    for (size_t j = 0; j < 5; j++)
      sum = (sum ^ bits(r[j])) * UINT64_C(0x100000001B3);
  }
  if (sum != UINT64_C(0xE4927CB10120D03D))
    fail_msg("the results changed: their sum is now 0x%016llX", (unsigned long long)sum);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(agrees_with_libm),     cmocka_unit_test(sincos_near_multiples),
      cmocka_unit_test(edges_of_exp),         cmocka_unit_test(edges_of_log),
      cmocka_unit_test(edges_of_pow),         cmocka_unit_test(edges_of_sincos),
      cmocka_unit_test(same_bits_everywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
