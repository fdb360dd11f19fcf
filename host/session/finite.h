/* finite.h - results that are not finite numbers: seeing it, and saying what that means. */
#ifndef MCL_SESSION_FINITE_H
#define MCL_SESSION_FINITE_H

#include "model/model.h"

/**
 * MOTCL_OK if n numbers are finite; else mcl_fail_not_finite.
 *
 * what  they are, for the sentence: "the pixels"
 */
int mcl_finite_check(const mcl_model *m, const float *x, size_t n, const char *what,
                     motcl_err *err);

/**
 * Fail with MOTCL_ENUMERIC. The sentence is the one given, and behind it what was found: the weight
 * that is to blame; or that all are good, so that the device is; or, where a few seconds of looking
 * were not enough, how to find out.
 *
 * fmt  what came out, of printf's; without a stop
 */
int mcl_fail_not_finite(const mcl_model *m, motcl_err *err, const char *fmt, ...)
    MOTCL_PRINTF(3, 4);

#endif
