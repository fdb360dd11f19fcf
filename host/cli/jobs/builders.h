/* builders.h - processes that build kernels beside this one, so that a first start is over sooner, and
 * one that stores them after it, so that later starts are. Each is this program with the same line and
 * --build-only. */
#ifndef MCL_CLI_JOBS_BUILDERS_H
#define MCL_CLI_JOBS_BUILDERS_H

#include <sys/types.h>

#include "cli/env.h"
#include "cli/options/options.h"

enum { MCL_BUILDERS = 3 };

/** Zeroed there are none, and none were started. `tried`: there were kernels to build which the
 * platform keeps. */
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

/**
 * After the work, where kernels had to be built: start a process that goes on when this one has ended,
 * and stores them as binaries. The platform keeps them as well, but loads a binary sooner than it finds
 * what it has kept; and it takes longer to make one than to build, too long to wait for.
 */
void mcl_builders_store(const mcl_builders *b, const mcl_options *o, const mcl_env *env);

/**
 * Become that process: of least priority, and out of reach of the terminal's signals.
 *
 * Returns MOTCL_EINVAL if another process is at it or there is no folder to store in.
 */
int mcl_builders_enter_background(const mcl_env *env, motcl_err *err);

#endif
