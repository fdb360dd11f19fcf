/* fit.h - linear least squares: the affine map that comes closest to pairs of vectors. */
#ifndef MCL_BASE_FIT_H
#define MCL_BASE_FIT_H

#include <stdint.h>

#include "base/err.h"

/** Sums over the pairs so far, in double; the last input is the constant 1. Zeroed before
 * mcl_fit_init. */
typedef struct mcl_fit {
  uint32_t in, out;
  double *xx; /* [in + 1, in + 1] of inputs by inputs */
  double *xy; /* [in + 1, out] of inputs by outputs */
  double pairs;
} mcl_fit;

/** Begin with no pairs; in and out at most 4096. Ended by mcl_fit_finish, also on failure. */
int mcl_fit_init(mcl_fit *f, uint32_t in, uint32_t out, motcl_err *err);
void mcl_fit_finish(mcl_fit *f);

/** Add the pair x[in], y[out]. The order of pairs counts in the last bits. */
void mcl_fit_add(mcl_fit *f, const float *x, const float *y);

/**
 * Solve the normal equations by Cholesky's method. The fit is used up.
 *
 * coef   out f32[in + 1, out]: y = x coef[0..in-1] + coef[in]
 * ridge  above 0: this fraction of the inputs' mean square is added to each input's own, so that
 *        inputs that never moved get a weight of 0 rather than any
 *
 * Returns MOTCL_EINVAL without pairs or where numbers are not finite; *coef is then undefined.
 */
int mcl_fit_solve(mcl_fit *f, float *coef, double ridge, motcl_err *err);

#endif
