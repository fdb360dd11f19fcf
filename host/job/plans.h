/* plans.h - the plans that requests would run by, as a Plan message. */
#ifndef MCL_JOB_PLANS_H
#define MCL_JOB_PLANS_H

#include "job/worker.h"

/**
 * Write plans as a message: plan.proto.
 *
 * device  they are for
 * plan    [n]
 * bytes   gets the message; the caller frees it with mcl_free
 */
int mcl_plans_pack(const motcl_device *device, const char *fingerprint, const mcl_worker_plan *plan,
                   size_t n, const motcl_estimate *estimate, uint8_t **bytes, size_t *size,
                   motcl_err *err);

#endif
