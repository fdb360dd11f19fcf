/* sample.h - the next token from logits: the best one, or one drawn from softmax(logits / T). */
#ifndef MCL_BASE_SAMPLE_H
#define MCL_BASE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

/**
 * Index of the largest of n logits, the lowest index among equals.
 *
 * logits  n of them; n from 1 to 2^31 - 1
 * out     the index
 *
 * Returns MOTCL_EINVAL for a bad n, MOTCL_ENUMERIC if a logit is NaN or plus infinity, all are minus
 * infinity, or 16 and more all the same: the device or the weights gave no answer.
 */
int mcl_sample_greedy(const float *logits, size_t n, int32_t *out, motcl_err *err);

/** Whether a temperature can be used: 0 (greedy) or from 1e-3 to 1e3; else MOTCL_EINVAL. */
int mcl_temperature_check(double temperature, motcl_err *err);

/**
 * Draw from softmax(logits / temperature) by inversion: the weights e^((l - max) / T) are summed in
 * double in index order and the first index whose running sum passes u times the whole is taken.
 * The same bits everywhere; minus infinity is never drawn.
 *
 * rng          gives the one uniform number u; untouched if temperature is 0 (then the greedy
 *              choice is made) or on failure
 * temperature  see mcl_temperature_check
 *
 * Errors as mcl_sample_greedy.
 */
int mcl_sample(mcl_rng *rng, const float *logits, size_t n, double temperature, int32_t *out,
               motcl_err *err);

#endif
