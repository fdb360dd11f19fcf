/* exec.h - a plan with memory on its device, ready to run batches.
 *
 * A batch composition (the values of the graph's dims) becomes a command list, which is kept and
 * replayed while the composition stays the same. */
#ifndef MCL_EXEC_EXEC_H
#define MCL_EXEC_EXEC_H

#include "exec/weights.h"

typedef struct mcl_exec mcl_exec;

/** Asked between layers, and within one that takes long; true makes the run stop with
 * MOTCL_ECANCELLED when what is queued has run: at most one layer. Called from the running thread.
 */
typedef bool (*mcl_cancel_fn)(void *user);

/**
 * Take the memory of a plan, and see that its weights are resident. It keeps nothing from run to
 * run but what is bound to it, so it can be destroyed and made again at any time.
 *
 * out      destroyed by the caller, before weights and plan
 * weights  borrowed, of the plan's device
 */
int mcl_exec_create(mcl_exec **out, mcl_weights *weights, const mcl_plan *plan, motcl_err *err);
void mcl_exec_destroy(mcl_exec *x);

/**
 * Say where a STATE tensor lives.
 *
 * buf   f32[rows, cols], borrowed until another one is bound; no run may need more rows of it
 */
void mcl_exec_bind(mcl_exec *x, mcl_tid t, mcl_buffer *buf, uint32_t rows);

/**
 * Copy rows of an INPUT or STATE tensor to the device, or rows of an OUTPUT or STATE tensor from
 * it.
 *
 * first, rows  within the plan's largest batch; rows 0 does nothing
 * data         rows * cols elements of the tensor's type
 *
 * Most inputs are kept until the next run, which moves all of them in one transfer; those that the
 * plan has apart (plan->together) move at once.
 */
int mcl_exec_write(mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, const void *data,
                   motcl_err *err);
int mcl_exec_read(mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, void *data,
                  motcl_err *err);

/**
 * Run the graph once.
 *
 * dims    u32[dims of the graph], none above the plan's; steps without output rows are left out
 * cancel  may be NULL
 *
 * Returns MOTCL_ECANCELLED, MOTCL_ELOST, MOTCL_EBUILD, ...; state tensors may then hold half a
 * pass.
 */
int mcl_exec_run(mcl_exec *x, const uint32_t *dims, mcl_cancel_fn cancel, void *user,
                 motcl_err *err);

/** The plan it was made from. */
const mcl_plan *mcl_exec_plan(const mcl_exec *x);

#endif
