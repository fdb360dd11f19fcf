/* cost.h - how much work a plan is, for a batch. */
#ifndef MCL_PLAN_COST_H
#define MCL_PLAN_COST_H

#include "plan/plan.h"

/**
 * Cost of a step.
 *
 * dims  u32[dims of the graph]: the batch
 * keys  keys that a row of ATTENTION sees on average; negative: all that the batch has pages for
 */
mcl_cost mcl_plan_step_cost(const mcl_plan *plan, const mcl_step *step, const uint32_t *dims,
                            double keys);

/** The same of all steps together. */
mcl_cost mcl_plan_cost(const mcl_plan *plan, const uint32_t *dims, double keys);

/**
 * Cost of one call, from its operands alone. An ATTENTION may see fewer keys than are taken here:
 * all that its page index and its scratch pages hold.
 */
mcl_cost mcl_call_cost(const mcl_call *call);

#endif
