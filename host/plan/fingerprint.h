/* fingerprint.h - a name for everything that the bytes of a result depend on beside the request. */
#ifndef MCL_PLAN_FINGERPRINT_H
#define MCL_PLAN_FINGERPRINT_H

#include "plan/plan.h"

enum { MCL_FINGERPRINT_SIZE = 33 };

/** What has been put in so far. Zeroed is empty. */
typedef struct mcl_fingerprint {
  uint64_t hash[2];
} mcl_fingerprint;

/** Start: the version of motcl and of its kernels, and the device with its driver's version. */
mcl_fingerprint mcl_fingerprint_of(const mcl_device *device);

/** Put a text in; the order counts, and where one ends and the next begins. */
void mcl_fingerprint_text(mcl_fingerprint *f, const char *text);

/** Put a plan in: op, expert, layer and numeric class of its steps. Chunks, memory and the largest
 * batch do not count, as no result depends on them. */
void mcl_fingerprint_plan(mcl_fingerprint *f, const mcl_plan *plan);

/** Print it: 32 hexadecimal digits. */
void mcl_fingerprint_print(const mcl_fingerprint *f, char out[MCL_FINGERPRINT_SIZE]);

#endif
