/* run.h - the commands of a list, one behind the other on their device's queue, so that a cancel is
 * heard soon. Stands between exec.c, which makes the list, and the driver. Private to exec/. */
#ifndef MCL_EXEC_RUN_H
#define MCL_EXEC_RUN_H

#include "exec/exec.h"

/** A call of a plan's step. Without a variant it copies the rows of in[0] to out. */
typedef struct mcl_command {
  const mcl_variant *variant;
  const mcl_step *step;
  mcl_call call;
} mcl_command;

/**
 * What runs of a plan's lists share; zeroed but for device and plan.
 *
 * rate    work a second, of what was waited for last; 0: nothing yet
 * queued  work queued since the last wait, which began at `began` with command `first`; `last` is
 *         the one queued last
 * timeline  of the run under way, where the device has a trace
 */
typedef struct mcl_runner {
  mcl_device *device;
  const mcl_plan *plan;
  double rate, queued, began;
  const mcl_command *first, *last;
  struct mcl_timeline *timeline;
} mcl_runner;

/**
 * Run a list from its first command to its last, and wait for it.
 *
 * Between layers (ops without a layer: between any two) it is asked whether to go on. What is on
 * the queue then is at most about half a second of work, or one command: layers that take a while
 * are waited for, and so is what is queued within a layer; a call that is estimated to take longer
 * than that is made in several, of some rows each, where its op can be cut. Rows have the same
 * bytes in any calls.
 *
 * cancel  may be NULL
 *
 * Returns MOTCL_ECANCELLED, or what the driver says, with the command in front: "linear of layer
 * 12, gate, gen: ...". Nothing is left on the queue, but of a device that hangs: MOTCL_ELOST.
 */
int mcl_runner_run(mcl_runner *r, const mcl_command *list, size_t count, mcl_cancel_fn cancel,
                   void *user, motcl_err *err);

#endif
