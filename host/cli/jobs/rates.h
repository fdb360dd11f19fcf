/* rates.h - how fast pictures and words came: steps and tokens a second. */
#ifndef MCL_CLI_JOBS_RATES_H
#define MCL_CLI_JOBS_RATES_H

#include "motcl.h"

/** So many came in so many seconds, counted from the first of each output; `step` was the last, at a
 * moment, and is 0 between outputs. */
typedef struct mcl_rate {
  uint64_t count;
  double seconds, moment;
  uint32_t step;
} mcl_rate;

/** Zeroed, nothing has come yet. */
typedef struct mcl_rates {
  mcl_rate steps, tokens;
} mcl_rates;

/** Listen to an event. */
void mcl_rates_event(mcl_rates *r, const motcl_event *e);

/** A second; 0: not known. */
double mcl_rate_of(const mcl_rate *r);

/** ", 12.3 steps/s, 45 tokens/s" as far as they are known, to go behind a time; returns out. */
const char *mcl_rates_text(char out[64], const mcl_rates *r);

#endif
