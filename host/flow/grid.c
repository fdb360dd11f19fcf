/* grid.c - the time grid of the flow. */
#include "flow/grid.h"

#include <math.h>

int mcl_grid_check(uint32_t timesteps, double shift, motcl_err *err) {
  if (timesteps < 2 || timesteps > MCL_MAX_TIMESTEPS)
    return mcl_fail(err, MOTCL_EINVAL,
                    "%lu time steps cannot be made; give 2 to %d points of the grid (50 is usual)",
                    (unsigned long)timesteps, MCL_MAX_TIMESTEPS);
  if (!(shift >= 1e-3 && shift <= 1e3))
    return mcl_fail(err, MOTCL_EINVAL,
                    "a time shift of %g cannot be used; give 0.001 to 1000 (3 is usual, 1 is none)",
                    shift);
  return MOTCL_OK;
}

/* torch.linspace(1, 0, timesteps)[i]: counted from the nearer end. */
static float even_point(uint32_t i, uint32_t timesteps) {
  float step = -1.0f / (float)(timesteps - 1);
  if (i < timesteps / 2)
    return fmaf(step, (float)i, 1.0f);
  return fmaf(-step, (float)(timesteps - i - 1), 0.0f);
}

static float grid_point(uint32_t i, uint32_t timesteps, double shift) {
  float s = even_point(i, timesteps);
  return (float)shift * s / (1.0f + (float)(shift - 1) * s);
}

int mcl_grid(float *t, float *dt, uint32_t timesteps, double shift, motcl_err *err) {
  int rc = mcl_grid_check(timesteps, shift, err);
  if (rc)
    return rc;
  float now = grid_point(0, timesteps, shift);
  for (uint32_t i = 0; i + 1 < timesteps; i++) {
    float then = grid_point(i + 1, timesteps, shift);
    t[i] = now;
    dt[i] = now - then;
    now = then;
  }
  return MOTCL_OK;
}
