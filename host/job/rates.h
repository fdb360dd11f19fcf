/* rates.h - how fast a device runs graphs, kept from run to run in the cache folder. Only estimates
 * come of it: no plan and no result depends on it.
 *
 * The file is replaced as a whole, by any process; one that is damaged, or of another format,
 * counts as none. Nothing here is ever an error. */
#ifndef MCL_JOB_RATES_H
#define MCL_JOB_RATES_H

#include "exec/meter.h"

#define MCL_RATES_FILE "rates.json"

/** Of a graph: work a second with few rows and with many (exec/meter.h); 0 where nothing is known.
 */
typedef struct mcl_rate {
  char graph[64];
  double rate[2];
} mcl_rate;

/**
 * The rates of one device under one build of motcl. Zeroed is empty; mcl_rates_finish gives it
 * back.
 *
 * device  tells devices apart: mcl_fingerprint_of
 */
typedef struct mcl_rates {
  mcl_rate *rate;
  size_t count, cap;
} mcl_rates;

void mcl_rates_finish(mcl_rates *r);

/** What the file in folder `dir` (NULL: no folder) knows of the device; else nothing. */
void mcl_rates_load(mcl_rates *r, const char *dir, const char *device);

/** Put into that file what is known of the device, beside what it has of others; makes `dir`, but
 * not its parents. Returns whether that worked, which only tests need to know. */
bool mcl_rates_save(const mcl_rates *r, const char *dir, const char *device);

/** Take in what was measured: much faster than known is the truth (kernels were being built
 * before), the rest is averaged in. */
void mcl_rates_learn(mcl_rates *r, const mcl_meter *m);

/** Seconds that a run will take, by what is known; 0 if nothing is. Arguments as mcl_meter_add's.
 */
double mcl_rates_guess(const mcl_rates *r, const mcl_plan *plan, const uint32_t *dims,
                       uint64_t rows, double keys);

#endif
