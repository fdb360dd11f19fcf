/* budget.h - how much of a device's memory may be taken, and refusing what needs more. */
#ifndef MCL_PLAN_BUDGET_H
#define MCL_PLAN_BUDGET_H

#include "drivers/driver.h"

/** Bytes that may be taken of a device: the user's budget (0: none was set), at most what the device
 * has. */
uint64_t mcl_budget_most(const mcl_device *device, uint64_t budget);

/**
 * Hold what is needed against what may be taken.
 *
 * what  needs it: the sentence begins with it
 * most  bytes, as mcl_budget_most gives, or less
 * by    the limit of the process that says so (base/host_memory.h), or NULL
 *
 * Returns MOTCL_EFIT with both numbers where it is too much.
 */
int mcl_budget_check(const mcl_device *device, const char *what, uint64_t need, uint64_t most,
                     const char *by, motcl_err *err);

#endif
