/* rng.h - the noise generator: PyTorch's CPU one (mt19937 and its two ways to a normal number),
 * re-implemented, so that a seed draws the picture it draws in the reference. A plain struct:
 * copying it saves the state. One thread at a time per generator. */
#ifndef MCL_BASE_RNG_H
#define MCL_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define MCL_RNG_WORDS 624

/**
 * State; fixed-width members only, so that it can be stored.
 *
 * word        the twister's state
 * next        first word not yet given out; MCL_RNG_WORDS when all are
 * has_normal  1 while `normal` waits to be given out, else 0
 * normal      second value of the last pair of mcl_rng_randn's path for few values
 */
typedef struct mcl_rng {
  uint32_t word[MCL_RNG_WORDS];
  uint32_t next;
  uint32_t has_normal;
  double normal;
} mcl_rng;

/** Start as torch.manual_seed(seed) does. Only the low 32 bits of the seed count there, and here.
 */
void mcl_rng_seed(mcl_rng *rng, uint64_t seed);

/** Whether a state read from elsewhere can be drawn from: MOTCL_OK, or MOTCL_EFORMAT. */
int mcl_rng_check(const mcl_rng *rng, motcl_err *err);

/** Next 32 random bits. */
uint32_t mcl_rng_u32(mcl_rng *rng);

/** Uniform in [0, 1), a multiple of 2^-53; torch.rand(1, dtype=float64). Takes 64 bits. */
double mcl_rng_uniform(mcl_rng *rng);

/**
 * n normal numbers as torch.randn(n) gives on a CPU in float32, within 4e-6 of them (PyTorch's last
 * bits depend on its CPU; these are the same everywhere), and the same state after them.
 *
 * From 16 values on, blocks of 16 come from 16 floats of 24 bits by Box-Muller, and if n is no
 * multiple of 16 the last 16 values are drawn anew from 16 more floats; so the values depend on n.
 * Below 16, pairs come from doubles, and the second of a pair waits for the next such draw.
 * Source: PyTorch 2.5.1, DistributionTemplates.h and DistributionsHelper.h of ATen.
 *
 * out  n floats; may be NULL if n is 0
 */
void mcl_rng_randn(mcl_rng *rng, float *out, size_t n);

#endif
