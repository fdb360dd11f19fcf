/* passes.h - the passes that make a plan, in the order plan.c runs them. Private to plan/. */
#ifndef MCL_PLAN_PASSES_H
#define MCL_PLAN_PASSES_H

#include "plan/types.h"

/** Fill plan->step with the graph's nodes, patterns swapped for fused ops where the device has a
 * variant. */
void mcl_plan_fuse(mcl_plan *plan, bool unfused);

/** The device's first variant that takes a node at its largest, whole; NULL if none does. */
const mcl_variant *mcl_plan_best(const mcl_plan *plan, const mcl_node *node);

/** Choose the numeric class of every step. */
int mcl_plan_classes(mcl_plan *plan, motcl_err *err);

/** Cut pictures that pass the largest buffer into bands of at most `most` pixel rows (0: any). */
int mcl_plan_bands(mcl_plan *plan, uint32_t most, motcl_err *err);

/** Find runs of row-local steps whose temporaries are large, and say how many rows a chunk has. */
int mcl_plan_chunk(mcl_plan *plan, uint32_t chunk_rows, motcl_err *err);

/** Allocate every tensor, count all memory, refuse what cannot fit. */
int mcl_plan_allocate(mcl_plan *plan, uint64_t budget, motcl_err *err);

#endif
