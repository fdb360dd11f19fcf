/* weights.h - a model's weights on a device: a counted table by (weight, layout), filled when a plan
 * first needs one and shared by all plans of that model on that device.
 *
 * A plan says what it needs, the table says what is there. A weight is absent, or resident, and
 * resident ones that no plan needs now are idle: they stay until their memory is wanted. Where the
 * device can, weights are used where the file is mapped, in windows of it; a kept copy is made for
 * a variant that asks for another order. */
#ifndef MCL_EXEC_WEIGHTS_H
#define MCL_EXEC_WEIGHTS_H

#include "exec/residency.h"
#include "plan/plan.h"

/** Used by one thread at a time, as its device is. */
typedef struct mcl_weights mcl_weights;

/**
 * An empty table.
 *
 * out  destroyed by the caller before the model, when no plan needs anything of it
 * r    borrowed
 */
int mcl_weights_create(mcl_weights **out, mcl_residency *r, motcl_err *err);
void mcl_weights_destroy(mcl_weights *t);

/** What the weights are on. */
mcl_residency *mcl_weights_residency(const mcl_weights *t);

/** The weights that a plan needs, while it needs them. */
typedef struct mcl_weights_lease mcl_weights_lease;

/**
 * Let a plan's weights be resident until mcl_weights_release; only what is absent is put on the
 * device.
 *
 * Returns MOTCL_EFIT for a row that is larger than any buffer, MOTCL_ENOMEM, or what
 * mcl_residency_take returns; nothing is needed more than before then.
 */
int mcl_weights_acquire(mcl_weights_lease **out, mcl_weights *t, const mcl_plan *plan,
                        motcl_err *err);

/** They are needed no longer; NULL is fine. */
void mcl_weights_release(mcl_weights_lease *lease);

/**
 * Operand of a resident weight, or of the part of it that begins at row `*row`. A weight larger
 * than a buffer can be lies in several parts of whole rows.
 *
 * w    a weight of a lease, or NULL: the operand is then absent
 * row  in: first row wanted, 0 for the first call; out: first row of the next part, or 0 after the
 *      last
 */
mcl_operand mcl_weights_get(const mcl_weights *t, const mcl_weight *w, mcl_layout layout,
                            uint32_t *row);

/** Weights put on the device since the table was made, each part once every time, and their bytes:
 * in place or not. */
typedef struct mcl_weights_count {
  uint64_t parts, bytes;
} mcl_weights_count;
mcl_weights_count mcl_weights_put(const mcl_weights *t);

#endif
