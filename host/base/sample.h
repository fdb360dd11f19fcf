/* sample.h - the next token from logits: the best one, or one drawn from softmax(logits / T), among all
 * or among the likeliest. */
#ifndef MCL_BASE_SAMPLE_H
#define MCL_BASE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

/** Most tokens that mcl_sampling.recent may have. */
#define MCL_MAX_RECENT 64

/**
 * How a token is chosen. Zeroed is greedy. It takes effect in this order, which is that of Hugging Face
 * transformers: what top_p and min_p look at are the probabilities that would be drawn from. (llama.cpp
 * divides by the temperature last, so that there they look at those of T = 1.)
 *
 * repeat_penalty  the logit of each token of `recent`, however often it is there, is divided by it where
 *                 it is above 0, else multiplied; greedy choices too. 0.01 to 100; 0 and 1: as it is
 * temperature     0: the best token, and what follows does not matter; else the logits are divided by
 *                 it, 0.001 to 1000
 * top_k           only the k largest are left, of equals those of the lower index; 0: all
 * top_p           of these only the largest that together reach this share of them, at least one, 0 to
 *                 1; 0 and 1: all
 * min_p           only those that are at least so likely as this share of the likeliest, 0 to 1; 0: all
 * recent          [recents] tokens, at most MCL_MAX_RECENT; those that are none of the n are passed over
 */
typedef struct mcl_sampling {
  double temperature;
  uint32_t top_k;
  double top_p, min_p, repeat_penalty;
  const uint32_t *recent;
  size_t recents;
} mcl_sampling;

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

/** Whether the numbers are in range; else MOTCL_EINVAL. `recent` is not looked at. */
int mcl_sampling_check(const mcl_sampling *how, motcl_err *err);

/**
 * Choose a token. One is drawn by inversion: the weights e^((l - max) / T) of those that are left are
 * summed in double in index order and the first index whose running sum passes u times the whole is
 * taken. The same bits everywhere; minus infinity is never drawn.
 *
 * rng     gives the one uniform number u; untouched if the temperature is 0 or on failure
 * logits  changed where there is a penalty
 *
 * Errors as mcl_sample_greedy of the logits as they came, and mcl_sampling_check; MOTCL_ENOMEM.
 */
int mcl_sample(mcl_rng *rng, float *logits, size_t n, const mcl_sampling *how, int32_t *out,
               motcl_err *err);

#endif
