/* plan.h - a graph put on a device: fused ops, numeric classes, memory, row chunks; made and
 * checked before any work starts. */
#ifndef MCL_PLAN_PLAN_H
#define MCL_PLAN_PLAN_H

#include "plan/call.h"
#include "plan/types.h"

/**
 * What a caller may decide. Zeroed is the default.
 *
 * memory      bytes of device memory that may be taken, at most what the device has; 0: that
 * chunk_rows  most rows of a chunk in row-chunked groups; 0: by the size of their temporaries
 * band_rows   most pixel rows of a band of the largest picture; 0: as many as a buffer takes
 * allow_slow  let a device that is slow by nature (ref) run
 * use         "op=class,...": numeric classes the user asks for, or NULL; see plan/tuning.h
 * unfused     leave the graph's primitive ops as they are
 */
typedef struct mcl_plan_options {
  uint64_t memory;
  uint32_t chunk_rows, band_rows;
  const char *use;
  bool allow_slow, unfused;
} mcl_plan_options;

/**
 * Plan a graph for its largest batch.
 *
 * out   destroyed by the caller, before graph and device
 * dims  u32[dims of the graph], copied
 *
 * Returns MOTCL_EFIT with the number needed when memory or the largest allocation is too small,
 * MOTCL_EUNSUPPORTED when no variant takes an op, MOTCL_ENODEVICE for a slow device not allowed.
 */
int mcl_plan_make(mcl_plan **out, const mcl_device *device, const mcl_graph *graph,
                  const uint32_t *dims, const mcl_plan_options *options, motcl_err *err);
void mcl_plan_destroy(mcl_plan *plan);

#endif
