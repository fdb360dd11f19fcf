/* device_process.h - the process that motcld has for a device: it runs jobs, as many as it is given side by
 * side, and ends with its driver if that crashes, alone. */
#ifndef MCL_DAEMON_DEVICE_PROCESS_H
#define MCL_DAEMON_DEVICE_PROCESS_H

#include "base/err.h"

/**
 * device   as `motcl -d` takes it; NULL: the default one
 * cache    folder for built kernels and rates; NULL: none
 * memory   bytes; 0: what there is
 * save     seconds between two savings
 * stall    seconds that the device may take for what is waited for: motcl_limits
 */
typedef struct mcl_device_process {
  const char *device, *cache;
  uint64_t memory;
  double save, stall;
  bool allow_slow;
} mcl_device_process;

/**
 * Do what comes as Orders on `in` and say so in Reports on `out`, until `in` ends or says so.
 *
 * Returns the process's exit status: 0 if it was told to end, 3 if there is no such device or it was lost, 1
 * for anything else, which is on stderr.
 */
int mcl_device_process_run(const mcl_device_process *p, int in, int out);

#endif
