/* grid.h - the times at which a picture in the making is looked at. */
#ifndef MCL_FLOW_GRID_H
#define MCL_FLOW_GRID_H

#include <stdint.h>

#include "base/err.h"

enum { MCL_MAX_TIMESTEPS = 10000 };

/** Whether a grid can be made: 2 to MCL_MAX_TIMESTEPS timesteps, shift from 0.001 to 1000; else
 * MOTCL_EINVAL. */
int mcl_grid_check(uint32_t timesteps, double shift, motcl_err *err);

/**
 * The grid of `timesteps` points s_i = 1 - i / (timesteps - 1), t_i = shift s_i / (1 + (shift - 1)
 * s_i), and the `timesteps - 1` Euler steps x <- x - v(t_i) dt_i over it, dt_i = t_i - t_(i+1).
 * Float arithmetic in the official order: the bits of torch.linspace(1, 0, timesteps) on a CPU with
 * fused multiply-add and of generate_image in modeling/bagel/bagel.py.
 *
 * t, dt   timesteps - 1 floats each; t[0] is 1, and the last step ends at 0
 * timesteps  points of the grid, `--timesteps`; see mcl_grid_check
 */
int mcl_grid(float *t, float *dt, uint32_t timesteps, double shift, motcl_err *err);

#endif
