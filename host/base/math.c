/* math.c - elementary functions of the same bits everywhere: reduce the argument without loss by
 * fma and a constant split in parts, then sum a Taylor series whose first missing term is below
 * 2^-56 of the result. */
#include "base/math.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 and pi/2 as sums of doubles, most significant first */
static const double ln2_1 = 0x1.62e42fefa39efp-1, ln2_2 = 0x1.abc9e3b39803fp-56;
static const double log2_e = 0x1.71547652b82fep+0;
static const double pio2_1 = 0x1.921fb54442d18p+0, pio2_2 = 0x1.1a62633145c07p-54,
                    pio2_3 = -0x1.f1976b7ed8fbcp-110;
static const double two_over_pi = 0x1.45f306dc9c883p-1;

/* Nearest whole number, halves away from zero; |x| < 2^62. */
static double nearest(double x) {
  return (double)(int64_t)(x < 0 ? x - 0.5 : x + 0.5);
}

/* c[0] + x (c[1] + x (... c[n-1])) */
static double horner(double x, const double *c, int n) {
  double y = c[n - 1];
  for (int i = n - 2; i >= 0; i--)
    y = y * x + c[i];
  return y;
}

/* 2^k, -1022 <= k <= 1023 */
static double power_of_two(int k) {
  uint64_t u = (uint64_t)(k + 1023) << 52;
  double y;
  memcpy(&y, &u, sizeof y);
  return y;
}

/* y 2^k for y in [0.5, 2), rounded once however small the result. */
static double scale(double y, int k) {
  if (k > 1023)
    return y * 2 * power_of_two(k - 1);
  if (k < -1022)
    return y * power_of_two(k + 64) * 0x1p-64;
  return y * power_of_two(k);
}

/* e^(hi + lo), |lo| far below |hi|; hi no NaN */
static double exp_sum(double hi, double lo) {
  static const double c[] = {1.0 / 2,          1.0 / 6,        1.0 / 24,        1.0 / 120,
                             1.0 / 720,        1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                             1.0 / 3628800,    1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800,
                             1.0 / 87178291200};
  if (hi > 710)
    return INFINITY;
  if (hi < -746)
    return 0;
  double k = nearest(hi * log2_e);
  double r = fma(-k, ln2_1, hi), tail = fma(-k, ln2_2, lo);
  double x = r + tail;
  tail += r - x;
  double p = x * x * horner(x, c, (int)(sizeof c / sizeof *c));
  return scale(1 + (x + (p + tail * (1 + x))), (int)k);
}

/* ln x as hi + lo to about 2^-59 of it; x positive and finite. With x = m 2^e and
 * f = (m - 1) / (m + 1), |f| < 0.172, ln m = 2 (f + f^3/3 + f^5/5 + ...). */
static void log_sum(double x, double *hi, double *lo) {
  static const double c[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
                             1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23};
  int e = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    e = -54;
  }
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  const uint64_t root_half = 0x3FE6A09E667F3BCDu;
  uint64_t shifted = u + (0x3FF0000000000000u - root_half);
  int k = (int)(shifted >> 52) - 1023;
  u -= (uint64_t)(int64_t)k << 52;
  e += k;
  double m;
  memcpy(&m, &u, sizeof m);

  double a = m - 1, b = m + 1, b_lost = m - (b - 1);
  double f = a / b, f_lost = (fma(-f, b, a) - f * b_lost) / b;
  double s = f * f;
  double h = 2 * f, l = 2 * (f_lost + f * s * horner(s, c, (int)(sizeof c / sizeof *c)));
  if (e) {
    double big = e * ln2_1, big_lost = fma(e, ln2_1, -big) + e * ln2_2;
    double sum = big + h;
    l += big_lost + ((big - sum) + h);
    h = sum;
  }
  *hi = h + l;
  *lo = (h - *hi) + l;
}

double mcl_exp(double x) {
  return isnan(x) ? x : exp_sum(x, 0);
}

double mcl_log(double x) {
  if (isnan(x) || x < 0)
    return NAN;
  if (x == 0)
    return -INFINITY;
  if (isinf(x))
    return x;
  double hi, lo;
  log_sum(x, &hi, &lo);
  return hi;
}

double mcl_pow(double x, double y) {
  if (!(x > 0) || !isfinite(x) || !isfinite(y))
    return NAN;
  double hi, lo;
  log_sum(x, &hi, &lo);
  double p = y * hi;
  if (p > 710 || p < -746)
    return exp_sum(p, 0);
  return exp_sum(p, fma(y, hi, -p) + y * lo);
}

void mcl_sincos(double x, double *s, double *c) {
  static const double cs[] = {
      -1.0 / 6,        1.0 / 120,        -1.0 / 5040,         1.0 / 362880,
      -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368e3, 1.0 / 355687428096e3};
  static const double cc[] = {
      1.0 / 24,        -1.0 / 720,         1.0 / 40320,         -1.0 / 3628800,
      1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888e3, -1.0 / 6402373705728e3};
  if (!(fabs(x) <= 0x1p31)) {
    *s = *c = NAN;
    return;
  }
  double n = nearest(x * two_over_pi);
  /* The first difference is exact: it is a multiple of x's or the product's last place, below 1.
   * It may nearly equal n times the second part, so that one is taken off with its lost bits. */
  double first = fma(-n, pio2_1, x), w = n * pio2_2, w_lost = fma(n, pio2_2, -w);
  double d = first - w, back = d - first;
  double tail = fma(-n, pio2_3, (first - (d - back)) - (w + back) - w_lost);
  double r = d + tail;
  tail += d - r;
  double z = r * r, half = 0.5 * z, one = 1 - half;
  double sine = r + (r * z * horner(z, cs, (int)(sizeof cs / sizeof *cs)) + tail * one);
  double cosine =
      one + ((1 - one) - half + (z * z * horner(z, cc, (int)(sizeof cc / sizeof *cc)) - tail * r));
  switch ((int64_t)n & 3) {
  case 0:
    *s = sine, *c = cosine;
    break;
  case 1:
    *s = cosine, *c = -sine;
    break;
  case 2:
    *s = -sine, *c = -cosine;
    break;
  default:
    *s = -cosine, *c = sine;
    break;
  }
}
