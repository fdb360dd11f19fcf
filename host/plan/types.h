/* types.h - what a plan is, as data: its steps, where tensors are, how pictures are cut. */
#ifndef MCL_PLAN_TYPES_H
#define MCL_PLAN_TYPES_H

#include "drivers/driver.h"

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

/** Allocation of a tensor: where its memory is, an arena shared over time, or (STATE) a buffer of
 * its own. */
typedef struct mcl_allocation {
  bool used;
  uint32_t arena;
  uint64_t offset, bytes;
} mcl_allocation;

/** Bytes a plan takes, by what for. `mapped` is file memory used in place and not counted in
 * `total`. */
typedef struct mcl_plan_memory {
  uint64_t weights, mapped, copies, arenas, state, scratch, total;
} mcl_plan_memory;

/**
 * How the pictures behind a row count lie in memory (plan/bands.h): high x wide pixels, if it
 * is a picture's, in `count` bands of `rows` pixel rows; rows 0: whole.
 */
typedef struct mcl_bands {
  uint32_t high, wide, rows, count;
  bool may_cut;
} mcl_bands;

/**
 * A plan. Read-only once made; borrows graph, device and weights.
 *
 * dims        u32[dims of the graph]: the largest batch it serves
 * activation  type of what lies between ops: the graph says F32, the plan what that is on the
 *             device
 * bands       [dims of the graph]
 * allocation  [tensors of the graph][max_bands]: a tensor that is whole has the first
 * inputs      memory in which inputs lie side by side, so that one transfer can bring them
 * together    [tensors]: an input that lies there; `allocation` has each at its largest, and a run
 *             packs them (exec/inputs.h)
 * arena       bytes of each arena, each at most the device's largest buffer
 * chunk_rows  [groups + 1]: rows of a chunk of each group
 * inside      [tensors]: the group in whose chunks a temporary lives and dies, 0 for all others
 */
typedef struct mcl_plan {
  const mcl_graph *graph;
  const mcl_device *device;
  mcl_step *step;
  mcl_type activation;
  mcl_allocation *allocation, inputs;
  bool *together;
  uint64_t *arena;
  mcl_bands *bands;
  uint32_t *dims, *chunk_rows, *inside;
  size_t steps, arenas;
  uint32_t groups, max_bands;
  mcl_plan_memory memory;
  const char *use;
  uint64_t fused; /* steps that stand for more than one node */
} mcl_plan;

/** Type that a tensor has on the device. */
mcl_type mcl_plan_type(const mcl_plan *plan, mcl_tid t);

/** Multiple of bytes that tensors begin at. */
uint64_t mcl_plan_align(const mcl_plan *plan);

#endif
