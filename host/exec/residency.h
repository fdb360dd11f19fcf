/* residency.h - the weights of a plan on its device: windows of the files they live in, used in
 * place where the device can, and kept copies in the order a variant asks for. */
#ifndef MCL_EXEC_RESIDENCY_H
#define MCL_EXEC_RESIDENCY_H

#include "plan/plan.h"

typedef struct mcl_residency mcl_residency;

/**
 * Put every weight of a plan on its device.
 *
 * out  destroyed by the caller, before the device
 *
 * Returns MOTCL_EDEVMEM, MOTCL_ENOMEM, or what the driver says.
 */
int mcl_residency_create(mcl_residency **out, mcl_device *dev, const mcl_plan *plan,
                         motcl_err *err);
void mcl_residency_destroy(mcl_residency *r);

/**
 * Operand of a weight, or of the part of it that begins at row `*row`. A weight larger than a
 * buffer can be lies in several parts of whole rows.
 *
 * w    a weight of the plan, or NULL: the operand is then absent
 * row  in: first row wanted, 0 for the first call;
 *      out: first row of the next part, or 0 after the last
 */
mcl_operand mcl_residency_get(const mcl_residency *r, const mcl_weight *w, mcl_layout layout,
                              uint32_t *row);

#endif
