/* inputs.h - the inputs of a plan that lie side by side on the device: what the host writes is kept
 * here, and goes up in one transfer when a run begins. Private to exec/. */
#ifndef MCL_EXEC_INPUTS_H
#define MCL_EXEC_INPUTS_H

#include "plan/plan.h"

/**
 * host    what was written, each input at the place that the plan gives it
 * staged  [bytes] staging memory of the device
 * at      [tensors] bytes from the start of the inputs' memory in the runs of the current batch
 * bytes   that a run of the current batch moves
 */
typedef struct mcl_exec_inputs {
  const mcl_plan *plan;
  unsigned char *host;
  void *staged;
  uint64_t *at, bytes;
  const uint32_t *dims;
} mcl_exec_inputs;

/** Get memory for a plan's inputs; mcl_exec_inputs_finish gives it back, also what a failure left.
 */
int mcl_exec_inputs_init(mcl_exec_inputs *in, mcl_device *dev, const mcl_plan *plan,
                         motcl_err *err);
void mcl_exec_inputs_finish(mcl_exec_inputs *in, mcl_device *dev);

/** Pack them for a batch, without room for rows that it does not have. `dims` is borrowed until the
 * next call. */
void mcl_exec_inputs_pack(mcl_exec_inputs *in, const uint32_t *dims);

/** Where an input begins for the batch: byte of its arena. */
uint64_t mcl_exec_inputs_offset(const mcl_exec_inputs *in, mcl_tid t);

/** Keep bytes of an input, from byte `at` of it on. */
void mcl_exec_inputs_put(mcl_exec_inputs *in, mcl_tid t, uint64_t at, const void *data,
                         size_t bytes);

/** All of the batch's inputs as they go up, in->bytes of them. */
const void *mcl_exec_inputs_gather(mcl_exec_inputs *in);

#endif
