/* throughput_store.h - how fast a device runs graphs, kept from run to run in the cache folder.
 * Only estimates come of it: no plan and no result depends on it.
 *
 * The file is replaced as a whole, by any process; one that is damaged, of another format, or that
 * others than this user can have written, counts as none. Nothing here is ever an error. */
#ifndef MCL_JOB_THROUGHPUT_STORE_H
#define MCL_JOB_THROUGHPUT_STORE_H

#include "exec/throughput.h"

#define MCL_THROUGHPUT_FILE "rates.json"

/** Of a graph: work a second with few rows and with many (exec/throughput.h); 0 where nothing is
 * known.
 */
typedef struct mcl_throughput_entry {
  char graph[64];
  double rate[2];
} mcl_throughput_entry;

/**
 * The rates of one device under one build of motcl. Zeroed is empty; mcl_throughput_store_finish
 * gives it back.
 *
 * device  tells devices apart: mcl_fingerprint_of
 */
typedef struct mcl_throughput_store {
  mcl_throughput_entry *rate;
  size_t count, cap;
} mcl_throughput_store;

void mcl_throughput_store_finish(mcl_throughput_store *r);

/** What the file in folder `dir` (NULL: no folder) knows of the device; else nothing. */
void mcl_throughput_store_load(mcl_throughput_store *r, const char *dir, const char *device);

/** Put into that file what is known of the device, beside what it has of others; makes `dir`, but
 * not its parents. Returns whether that worked, which only tests need to know. */
bool mcl_throughput_store_save(const mcl_throughput_store *r, const char *dir, const char *device);

/** Take in what was measured: much faster than known is the truth (kernels were being built
 * before), the rest is averaged in. */
void mcl_throughput_store_learn(mcl_throughput_store *r, const mcl_throughput *m);

/** Seconds that a run will take, by what is known; 0 if nothing is. Arguments as
 * mcl_throughput_add's.
 */
double mcl_throughput_store_seconds(const mcl_throughput_store *r, const mcl_plan *plan,
                                    const uint32_t *dims, uint64_t rows, double keys);

#endif
