/* plan.h - a graph put on a device: fused ops, numeric classes, memory, row chunks; made and
 * checked before any work starts. */
#ifndef MCL_PLAN_PLAN_H
#define MCL_PLAN_PLAN_H

#include "drivers/driver.h"

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
 * One step: an op, primitive or fused.
 *
 * numeric   class that every variant it may run with belongs to
 * variant   what the largest batch takes
 * group     steps with the same number > 0 run chunk by chunk; 0: whole
 */
typedef struct mcl_step {
  mcl_node node;
  const char *numeric;
  const mcl_variant *variant;
  uint32_t group;
} mcl_step;

/** Where a tensor's memory is: an arena shared over time, or (STATE) a buffer of its own. */
typedef struct mcl_place {
  bool used;
  uint32_t arena;
  uint64_t offset, bytes;
} mcl_place;

/** Bytes a plan takes, by what for. `mapped` is file memory used in place and not counted in
 * `total`. */
typedef struct mcl_plan_memory {
  uint64_t weights, mapped, copies, arenas, state, scratch, total;
} mcl_plan_memory;

/**
 * How the pictures behind a row count lie in memory (plan/bands.h): high x wide pixels, if it
 * is a picture's, in `count` bands of `rows` pixel rows; rows 0: in one piece.
 */
typedef struct mcl_bands {
  uint32_t high, wide, rows, count;
  bool may_cut;
} mcl_bands;

/**
 * A plan. Read-only once made; borrows graph, device and weights.
 *
 * dims         u32[dims of the graph]: the largest batch it serves
 * bands        [dims of the graph]
 * place        [tensors of the graph][pieces]: a tensor in one piece has the first
 * arena        bytes of each arena, each at most the device's largest buffer
 * chunk_rows   [groups + 1]: rows of a chunk of each group
 * inside       [tensors]: the group in whose chunks a temporary lives and dies, 0 for all others
 */
typedef struct mcl_plan {
  const mcl_graph *graph;
  const mcl_device *device;
  mcl_step *step;
  mcl_place *place;
  uint64_t *arena;
  mcl_bands *bands;
  uint32_t *dims, *chunk_rows, *inside;
  size_t steps, arenas;
  uint32_t groups, pieces;
  mcl_plan_memory memory;
  const char *use;
  uint64_t fused; /* steps that stand for more than one node */
} mcl_plan;

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

/** Whether a graph's views lie in their tensors and its row-local ops have one row count each;
 * MOTCL_EINTERNAL if not. */
int mcl_plan_check_dims(const mcl_graph *g, const uint32_t *dims, motcl_err *err);

/**
 * The shapes of a step's operands for a batch: everything of a call but buffers, weights' offsets
 * and the place of tensors. Offsets are elements from the start of the tensor's own memory.
 *
 * chunk  index of the chunk, below mcl_plan_chunks
 * dims   u32[dims of the graph], none above the plan's
 */
void mcl_plan_call(const mcl_plan *plan, const mcl_step *step, const uint32_t *dims, uint32_t chunk,
                   mcl_call *call);

/** Calls that a step takes for this batch: one, or as many as its group has chunks or its pictures
 * bands (twice that for GROUP_NORM). */
uint32_t mcl_plan_chunks(const mcl_plan *plan, const mcl_step *step, const uint32_t *dims);

/** The variant of the step's class that takes this call; NULL if none does. */
const mcl_variant *mcl_plan_variant(const mcl_device *device, const mcl_step *step,
                                    const mcl_call *call);

#endif
