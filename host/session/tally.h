/* tally.h - the runs that listed tasks are going to make, counted before any of them. */
#ifndef MCL_SESSION_TALLY_H
#define MCL_SESSION_TALLY_H

#include "session/session.h"

/**
 * Runs alike.
 *
 * plan  of a graph beside the decoder; NULL: the decoder, for a batch of `size`
 * keys  that a row of attention sees on average; negative: as many as the graph has
 */
typedef struct mcl_runs {
  motcl_phase phase;
  const mcl_plan *plan;
  mcl_decoder_size size;
  double keys;
  uint64_t count;
} mcl_runs;

/**
 * Runs at most: texts are taken to be as long as they may get. Zeroed is empty; mcl_tally_finish
 * gives it back.
 *
 * main      keys that the main contexts have by then, by view
 * apart     the image-dropped context is no longer what main is
 */
typedef struct mcl_tally {
  mcl_runs *runs;
  size_t count, cap;
  uint32_t main[2];
  bool apart, no_memory;
} mcl_tally;

void mcl_tally_finish(mcl_tally *y);

/** For tasks: runs more (copied); none if their count is 0. */
void mcl_tally_add(mcl_tally *y, const mcl_runs *runs);

/** Count a session's tasks, which are prepared (mcl_session_prepare). MOTCL_ENOMEM. */
int mcl_session_tally(const mcl_session *s, mcl_tally *y, motcl_err *err);

#endif
