/* tuning.h - which numeric class an op takes on a device: stored choices, as data. */
#ifndef MCL_PLAN_TUNING_H
#define MCL_PLAN_TUNING_H

#include "drivers/driver.h"

/**
 * The class that the user's words or the built-in table (kernels/tune/classes.csv) name for an op.
 *
 * use   "linear=clblast,attention=tile", the user's, or NULL
 * name  out: the class, not NUL-terminated; lives as long as `use`
 *
 * Returns its length; 0 if nobody names one.
 */
size_t mcl_tuning_class(const mcl_device *dev, mcl_op op, const char *use, const char **name);

/** Whether every op and class in `use` exists on the device: MOTCL_EINVAL with what there is, if
 * not. */
int mcl_tuning_check(const mcl_device *dev, const char *use, motcl_err *err);

#endif
