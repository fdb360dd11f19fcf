/* compare.c - comparing what a device computed with what is right. */
#include "compare.h"

#include <math.h>
#include <string.h>

#define NOTHING 1e-30 /* differences of this size from a row of zeros are none */
#define LEAST 1e-300  /* other bytes are some difference, 0 and -0 too */
#define SHORT 16      /* columns */

static const unsigned char *element(const check_tensor *t, const unsigned char *data, uint32_t r,
                                    uint32_t c) {
  return data + ((size_t)t->op.offset + (size_t)r * t->op.stride + c) * mcl_type_size(t->op.type);
}

static double number(const check_tensor *t, const unsigned char *data, uint32_t r, uint32_t c) {
  float f;
  memcpy(&f, element(t, data, r, c), sizeof f);
  return (double)f;
}

/* Mean square of rows [first, first + rows), of their finite numbers. */
static double level(const check_tensor *t, const unsigned char *data, uint32_t first,
                    uint32_t rows) {
  double s = 0;
  for (uint32_t r = first; r < first + rows; r++)
    for (uint32_t c = 0; c < t->op.cols; c++) {
      double x = number(t, data, r, c);
      s += isfinite(x) ? x * x : 0;
    }
  return sqrt(s / ((double)rows * t->op.cols));
}

/* What a difference in row r is counted against, beside the element: the row's rms, or that of all
 * rows where a row is too short to tell. */
static double row_level(const check_tensor *t, const unsigned char *data, uint32_t r) {
  return t->op.cols < SHORT ? level(t, data, 0, t->op.rows) : level(t, data, r, 1);
}

/* Sums of one row; false where a number is not finite and differs. */
static bool add_row(const check_tensor *t, const unsigned char *want, const unsigned char *got,
                    uint32_t r, check_diff *d, double sum[2]) {
  double base = row_level(t, want, r);
  for (uint32_t c = 0; c < t->op.cols; c++) {
    if (!memcmp(element(t, want, r, c), element(t, got, r, c), sizeof(float))) {
      double a = number(t, want, r, c);
      sum[1] += isfinite(a) ? a * a : 0;
      continue;
    }
    double a = number(t, want, r, c), e = fabs(a - number(t, got, r, c));
    double part = fmax(e, LEAST) / fmax(fmax(fabs(a), base), NOTHING);
    if (!isfinite(e) || part > d->worst) {
      d->worst = isfinite(e) ? part : INFINITY;
      d->row = r;
      d->col = c;
    }
    if (!isfinite(e))
      return false;
    sum[0] += e * e;
    sum[1] += a * a;
  }
  return true;
}

bool check_within(const check_tensor *t, const unsigned char *want, const unsigned char *got,
                  double nrms, double worst, check_diff *d, char *why, size_t n) {
  double sum[2] = {0, 0};
  bool finite = true;
  memset(d, 0, sizeof *d);
  for (uint32_t r = 0; r < t->op.rows && finite; r++)
    finite = add_row(t, want, got, r, d, sum);
  d->nrms = finite ? sqrt(sum[0] / fmax(sum[1], NOTHING * NOTHING)) : INFINITY;
  if (d->nrms <= nrms && d->worst <= worst)
    return check_canaries(t, want, got, why, n);
  snprintf(why, n, "nrms %.2g (at most %.2g), worst %.2g (at most %.2g) at [%u, %u]: %.9g for %.9g",
           d->nrms, nrms, d->worst, worst, d->row, d->col, number(t, got, d->row, d->col),
           number(t, want, d->row, d->col));
  return false;
}

static bool inside(const check_tensor *t, size_t i) {
  if (i < t->op.offset || !t->op.rows)
    return false;
  size_t at = i - (size_t)t->op.offset;
  return t->op.rows == 1 ? at < t->op.cols
                         : at / t->op.stride < t->op.rows && at % t->op.stride < t->op.cols;
}

bool check_canaries(const check_tensor *t, const unsigned char *before, const unsigned char *got,
                    char *why, size_t n) {
  size_t size = mcl_type_size(t->op.type);
  for (size_t i = 0; i < t->count; i++)
    if (memcmp(before + i * size, got + i * size, size) != 0 && !inside(t, i)) {
      snprintf(why, n, "element %lld counted from the operand's first was written, it is outside",
               (long long)i - (long long)t->op.offset);
      return false;
    }
  return true;
}

bool check_same_row(const check_tensor *t0, const unsigned char *want, uint32_t r0,
                    const check_tensor *t, const unsigned char *got, uint32_t r, char *why,
                    size_t n) {
  for (uint32_t c = 0; c < t->op.cols; c++)
    if (memcmp(element(t0, want, r0, c), element(t, got, r, c), mcl_type_size(t->op.type)) != 0) {
      snprintf(why, n, "row %u, column %u: %.9g where row %u of the whole has %.9g", r, c,
               number(t, got, r, c), r0, number(t0, want, r0, c));
      return false;
    }
  return true;
}
