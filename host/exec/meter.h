/* meter.h - how fast graphs run here: what runs took, for estimates of what others will take. It
 * changes nothing about any run. */
#ifndef MCL_EXEC_METER_H
#define MCL_EXEC_METER_H

#include "plan/plan.h"

/* Runs of at least so many rows are held up by computing, those of fewer by reading weights. */
#define MCL_METER_MANY 32u

/** Runs of one kind: work done, in FLOPs (many rows) or bytes (few), and seconds; `first` of it by
 * the first run. */
typedef struct mcl_metered {
  uint64_t runs;
  double work, seconds, first_work, first_seconds;
} mcl_metered;

/** Graphs of one name and size; [2]: few rows, many rows. */
typedef struct mcl_meter_row {
  char graph[64];
  mcl_metered kind[2];
} mcl_meter_row;

/** Zeroed is empty; mcl_meter_finish gives it back. */
typedef struct mcl_meter {
  mcl_meter_row *row;
  size_t count, cap;
} mcl_meter;

void mcl_meter_finish(mcl_meter *m);

/** The name that a plan's graph is metered by: the graph's own, and bytes of its weights, as models
 * of other sizes have other rates. */
void mcl_meter_name(char name[64], const mcl_plan *plan);

/** Work of a run, and whether it is one of many rows. `keys` as mcl_plan_cost's. */
double mcl_meter_work(const mcl_plan *plan, const uint32_t *dims, uint64_t rows, double keys,
                      bool *many);

/**
 * A run took this long. Where memory is out it is forgotten.
 *
 * m     may be NULL: nothing happens
 * dims  u32[dims of the graph]: the batch
 * rows  of the batch
 */
void mcl_meter_add(mcl_meter *m, const mcl_plan *plan, const uint32_t *dims, uint64_t rows,
                   double keys, double seconds);

/** Work a second; 0 if nothing is known. The first run may have paid for building kernels: it
 * counts only where there is no other. */
double mcl_metered_rate(const mcl_metered *k);

#endif
