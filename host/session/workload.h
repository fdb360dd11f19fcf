/* workload.h - the runs that listed phases are going to make, counted before any of them. */
#ifndef MCL_SESSION_WORKLOAD_H
#define MCL_SESSION_WORKLOAD_H

#include "session/session.h"

/**
 * Item of a workload: runs alike.
 *
 * plan  of a graph beside the decoder; NULL: the decoder, for a batch of `size`
 * keys  that a row of attention sees on average; negative: as many as the graph has
 */
typedef struct mcl_workload_item {
  motcl_phase phase;
  const mcl_plan *plan;
  mcl_decoder_size size;
  double keys;
  uint64_t count;
} mcl_workload_item;

/**
 * A workload: runs at most, as texts are taken to be as long as they may get. Zeroed is empty;
 * mcl_workload_finish gives it back.
 *
 * cond           keys that the cond contexts have by then, by kind of output
 * image_differs  the image_uncond context is no longer what cond is
 */
typedef struct mcl_workload {
  mcl_workload_item *runs;
  size_t count, cap;
  uint32_t cond[2];
  bool image_differs, no_memory;
} mcl_workload;

void mcl_workload_finish(mcl_workload *y);

/** For phases: runs more (copied); none if their count is 0. */
void mcl_workload_add(mcl_workload *y, const mcl_workload_item *runs);

/** Count a session's phases, which are prepared (mcl_session_prepare). MOTCL_ENOMEM. */
int mcl_session_workload(const mcl_session *s, mcl_workload *y, motcl_err *err);

#endif
