/* fit.c - normal equations, in double and in a fixed order. */
#include "base/fit.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

enum { MOST = 4096 };

int mcl_fit_init(mcl_fit *f, uint32_t in, uint32_t out, motcl_err *err) {
  if (!in || !out || in > MOST || out > MOST)
    return mcl_fail(err, MOTCL_EINVAL, "a fit of %u to %u numbers is not made", in, out);
  size_t n = (size_t)in + 1;
  f->in = in;
  f->out = out;
  f->pairs = 0;
  f->xx = mcl_zalloc(n * n, sizeof *f->xx);
  f->xy = mcl_zalloc(n * out, sizeof *f->xy);
  return f->xx && f->xy ? MOTCL_OK : mcl_fail_nomem(err, n * n * sizeof *f->xx);
}

void mcl_fit_finish(mcl_fit *f) {
  mcl_free(f->xx);
  mcl_free(f->xy);
  memset(f, 0, sizeof *f);
}

static double input(const mcl_fit *f, const float *x, size_t i) {
  return i < f->in ? (double)x[i] : 1;
}

/* The upper half of xx: the method looks at no more. */
void mcl_fit_add(mcl_fit *f, const float *x, const float *y) {
  size_t n = (size_t)f->in + 1;
  for (size_t i = 0; i < n; i++) {
    double v = input(f, x, i);
    for (size_t k = i; k < n; k++)
      f->xx[i * n + k] += v * input(f, x, k);
    for (size_t k = 0; k < f->out; k++)
      f->xy[i * f->out + k] += v * (double)y[k];
  }
  f->pairs += 1;
}

static void add_ridge(mcl_fit *f, double ridge) {
  size_t n = (size_t)f->in + 1;
  double sum = 0;
  for (size_t i = 0; i < f->in; i++)
    sum += f->xx[i * n + i];
  double each = ridge * (sum > 0 ? sum / f->in : f->pairs);
  for (size_t i = 0; i < f->in; i++)
    f->xx[i * n + i] += each;
}

/* xx = R'R with R upper, in place. */
static int factor(mcl_fit *f, motcl_err *err) {
  size_t n = (size_t)f->in + 1;
  double *a = f->xx;
  for (size_t i = 0; i < n; i++) {
    double d = a[i * n + i];
    for (size_t k = 0; k < i; k++)
      d -= a[k * n + i] * a[k * n + i];
    if (!(d > 0 && d < 1e300))
      return mcl_fail(err, MOTCL_EINVAL, "these numbers cannot be fitted");
    a[i * n + i] = sqrt(d);
    for (size_t j = i + 1; j < n; j++) {
      double v = a[i * n + j];
      for (size_t k = 0; k < i; k++)
        v -= a[k * n + i] * a[k * n + j];
      a[i * n + j] = v / a[i * n + i];
    }
  }
  return MOTCL_OK;
}

/* R'R c = b for one output, b in place. */
static void substitute(const mcl_fit *f, size_t o) {
  size_t n = (size_t)f->in + 1, m = f->out;
  const double *a = f->xx;
  double *b = f->xy + o;
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < i; k++)
      b[i * m] -= a[k * n + i] * b[k * m];
    b[i * m] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; k++)
      b[i * m] -= a[i * n + k] * b[k * m];
    b[i * m] /= a[i * n + i];
  }
}

int mcl_fit_solve(mcl_fit *f, float *coef, double ridge, motcl_err *err) {
  size_t all = ((size_t)f->in + 1) * f->out;
  add_ridge(f, ridge);
  int rc = factor(f, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t o = 0; o < f->out; o++)
    substitute(f, o);
  for (size_t i = 0; i < all; i++) {
    coef[i] = (float)f->xy[i];
    if (!isfinite(coef[i]))
      return mcl_fail(err, MOTCL_EINVAL, "these numbers cannot be fitted");
  }
  return MOTCL_OK;
}
