/* builders.h - processes that build kernels beside this one, so that a first start is over sooner.
 * Each is this program with the same line and --build-only. */
#ifndef MCL_CLI_JOBS_BUILDERS_H
#define MCL_CLI_JOBS_BUILDERS_H

#include <sys/types.h>

#include "cli/options/options.h"

enum { MCL_BUILDERS = 3 };

/** Zeroed there are none, and none were started. */
typedef struct mcl_builders {
  pid_t pid[MCL_BUILDERS];
  size_t count;
  bool tried;
} mcl_builders;

/**
 * Start as many as other cores are there and the work is worth. Only the first call does anything,
 * and none where this process is a builder, or where the device's platform does not keep what others
 * have built. That it did not work is no error: this process then builds alone.
 *
 * left  kernels that are still to be built
 */
void mcl_builders_start(mcl_builders *b, const mcl_options *o, const motcl_device *device,
                        uint32_t left);

/** Let those that still run end with the kernel at hand: there is nothing left to build. */
void mcl_builders_stop(const mcl_builders *b);

/** Stop them and wait until the last has ended. */
void mcl_builders_finish(mcl_builders *b);

#endif
