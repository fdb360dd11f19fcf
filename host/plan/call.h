/* call.h - the calls that a plan's steps stand for, batch by batch. */
#ifndef MCL_PLAN_CALL_H
#define MCL_PLAN_CALL_H

#include "plan/types.h"

/** Whether a graph's views lie in their tensors and its row-local ops have one row count each;
 * MOTCL_EINTERNAL if not. */
int mcl_plan_check_dims(const mcl_graph *g, const uint32_t *dims, motcl_err *err);

/**
 * The shapes of a step's operands for a batch: everything of a call but buffers, weights' offsets
 * and the memory of tensors. Offsets are elements from the start of the tensor's own memory.
 *
 * chunk  index of the chunk, below mcl_plan_chunks
 * dims   u32[dims of the graph], none above the plan's
 */
void mcl_plan_call(const mcl_plan *plan, const mcl_step *step, const uint32_t *dims, uint32_t chunk,
                   mcl_call *call);

/** Calls that a step takes for this batch: one, or as many as its group has chunks or its pictures
 * bands (twice that for GROUP_NORM). */
uint32_t mcl_plan_chunks(const mcl_plan *plan, const mcl_step *step, const uint32_t *dims);

/** The variant of the step's class that takes this call; NULL if none does. */
const mcl_variant *mcl_plan_variant(const mcl_device *device, const mcl_step *step,
                                    const mcl_call *call);

#endif
