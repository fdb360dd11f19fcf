/* grid.h - the times at which a picture in the making is looked at. */
#ifndef MCL_FLOW_GRID_H
#define MCL_FLOW_GRID_H

#include <stdint.h>

#include "base/err.h"

enum { MCL_GRID_MAX_POINTS = 10000 };

/** Whether a grid can be made: 2 to MCL_GRID_MAX_POINTS points, shift from 0.001 to 1000; else
 * MOTCL_EINVAL. */
int mcl_grid_check(uint32_t points, double shift, motcl_err *err);

/**
 * The grid of `points` points s_i = 1 - i / (points - 1), t_i = shift s_i / (1 + (shift - 1) s_i),
 * and the `points - 1` Euler steps x <- x - v(t_i) dt_i over it, dt_i = t_i - t_(i+1). Float
 * arithmetic in the official order: the bits of torch.linspace(1, 0, points) on a CPU with fused
 * multiply-add and of generate_image in modeling/bagel/bagel.py.
 *
 * t, dt   points - 1 floats each; t[0] is 1, and the last step ends at 0
 * points  `--timesteps`; see mcl_grid_check
 */
int mcl_grid(float *t, float *dt, uint32_t points, double shift, motcl_err *err);

#endif
