/* throughput.h - how fast graphs run here: what runs took, for estimates of what others will take.
 * It changes nothing about any run. */
#ifndef MCL_EXEC_THROUGHPUT_H
#define MCL_EXEC_THROUGHPUT_H

#include "plan/plan.h"

/* Runs of at least so many rows are held up by computing, those of fewer by reading weights. */
#define MCL_THROUGHPUT_MANY 32u

/** Runs of one kind: work done, in FLOPs (many rows) or bytes (few), and seconds; `first` of it by
 * the first run. */
typedef struct mcl_throughput_sum {
  uint64_t runs;
  double work, seconds, first_work, first_seconds;
} mcl_throughput_sum;

/** Graphs of one name and size; [2]: few rows, many rows. */
typedef struct mcl_throughput_row {
  char graph[64];
  mcl_throughput_sum kind[2];
} mcl_throughput_row;

/** Zeroed is empty; mcl_throughput_finish gives it back. */
typedef struct mcl_throughput {
  mcl_throughput_row *row;
  size_t count, cap;
} mcl_throughput;

void mcl_throughput_finish(mcl_throughput *m);

/** The name that a plan's graph is measured under: the graph's own, and bytes of its weights, as
 * models of other sizes have other rates. */
void mcl_throughput_name(char name[64], const mcl_plan *plan);

/** Work of a run, and whether it is one of many rows. `keys` as mcl_plan_cost's. */
double mcl_throughput_work(const mcl_plan *plan, const uint32_t *dims, uint64_t rows, double keys,
                           bool *many);

/**
 * A run took this long. Where memory is out it is forgotten.
 *
 * m     may be NULL: nothing happens
 * dims  u32[dims of the graph]: the batch
 * rows  of the batch
 */
void mcl_throughput_add(mcl_throughput *m, const mcl_plan *plan, const uint32_t *dims,
                        uint64_t rows, double keys, double seconds);

/** Work a second; 0 if nothing is known. The first run may have paid for building kernels: it
 * counts only where there is no other. */
double mcl_throughput_rate(const mcl_throughput_sum *k);

#endif
