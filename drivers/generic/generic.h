/* generic.h - the driver for any OpenCL 1.2 device: the functions of its variants, which drivers
 * built on it may list as theirs. */
#ifndef MCL_DRIVERS_GENERIC_GENERIC_H
#define MCL_DRIVERS_GENERIC_GENERIC_H

#include "drivers/opencl/opencl.h"

extern const mcl_driver mcl_driver_generic;

/* Accepts, scratch and enqueue as in mcl_variant. */
bool mcl_generic_few_rows(const mcl_device *dev, const mcl_call *c);
bool mcl_generic_clblast_accepts(const mcl_device *dev, const mcl_call *c);
size_t mcl_generic_clblast_scratch(const mcl_device *dev, const mcl_call *c);
size_t mcl_generic_group_norm_scratch(const mcl_device *dev, const mcl_call *c);

#define MCL_GENERIC_FUNCTIONS(X)                                                                   \
  X(embed)                                                                                         \
  X(gather)                                                                                        \
  X(linear_rows)                                                                                   \
  X(linear_tiled)                                                                                  \
  X(linear_clblast)                                                                                \
  X(rms_norm)                                                                                      \
  X(layer_norm)                                                                                    \
  X(norm_rope)                                                                                     \
  X(rope)                                                                                          \
  X(unary)                                                                                         \
  X(binary)                                                                                        \
  X(kv_put)                                                                                        \
  X(kv_copy)                                                                                       \
  X(attention)                                                                                     \
  X(conv)                                                                                          \
  X(upsample)                                                                                      \
  X(group_norm)                                                                                    \
  X(guide)                                                                                         \
  X(guide_scale)                                                                                   \
  X(guide_apply)                                                                                   \
  X(euler)                                                                                         \
  X(not_finite)

#define MCL_GENERIC_DECLARE(name)                                                                  \
  int mcl_generic_##name(mcl_device *dev, const mcl_call *c, motcl_err *err);
MCL_GENERIC_FUNCTIONS(MCL_GENERIC_DECLARE)
#undef MCL_GENERIC_DECLARE

#endif
