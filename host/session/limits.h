/* limits.h - what a worker takes at most, as its motcl_limits say. Where these are NULL, or a limit is 0,
 * anything goes. Calls return MOTCL_EFIT with the limit. */
#ifndef MCL_SESSION_LIMITS_H
#define MCL_SESSION_LIMITS_H

#include "motcl.h"

int mcl_limits_tokens(const motcl_limits *l, uint64_t tokens, motcl_err *err);
int mcl_limits_outputs(const motcl_limits *l, uint64_t outputs, motcl_err *err);
int mcl_limits_picture(const motcl_limits *l, uint32_t width, uint32_t height, uint32_t steps,
                       motcl_err *err);

#endif
