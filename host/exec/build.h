/* build.h - what runs of a plan will launch, built before they are. */
#ifndef MCL_EXEC_BUILD_H
#define MCL_EXEC_BUILD_H

#include "plan/plan.h"

/**
 * Note what a run of the plan for this batch will launch, for the driver's `build`. The plan needs
 * no memory on its device. Nothing happens on a device that has nothing to build.
 *
 * dims  u32[dims of the graph], none above the plan's
 *
 * Returns MOTCL_EDEVMEM, MOTCL_ENOMEM, or what the driver says.
 */
int mcl_build_note(mcl_device *dev, const mcl_plan *plan, const uint32_t *dims, motcl_err *err);

#endif
