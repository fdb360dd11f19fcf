/* eta.h - how long the rest of a phase takes, from the steps of it that were done. */
#ifndef MCL_BASE_ETA_H
#define MCL_BASE_ETA_H

#include <stdbool.h>
#include <stdint.h>

/** A phase being followed; zeroed is none. `at` is when step `first` was done, in seconds. */
typedef struct mcl_eta {
  bool begun;
  int phase;
  uint32_t first, step;
  double at;
} mcl_eta;

/**
 * Step `step` of `of` was done at `now` (seconds, any origin). Rates begin with the first step seen
 * of a phase and do not count it: it may have paid for building kernels. Another phase, or a step
 * that is not above the last one, begins anew.
 *
 * Returns the seconds that the steps up to `of` will take; negative while that is unknown.
 */
double mcl_eta_step(mcl_eta *p, int phase, uint32_t step, uint32_t of, double now);

#endif
