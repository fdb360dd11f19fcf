/* progress.h - how far a request is, for people: the phase at work, and how long all the rest takes. */
#ifndef MCL_CLI_JOBS_PROGRESS_H
#define MCL_CLI_JOBS_PROGRESS_H

#include "cli/jobs/terminal.h"

/**
 * A request being followed. Zeroed but for the terminal, the rest of the phase at work is all that
 * is known.
 *
 * request  of items, borrowed
 * each     seconds that one output's phase takes, by what earlier runs took; negative: not known
 * after    seconds of what comes after the request; negative: not known
 */
typedef struct mcl_progress {
  mcl_terminal *terminal;
  const motcl_request *request;
  double each[MOTCL_PHASE_COUNT], after;
} mcl_progress;

/** The word for a phase: "reading the text", "looking at the picture", "thinking", "writing",
 * "drawing", "decoding the picture", "compiling kernels". A static string. */
const char *mcl_progress_word(motcl_phase phase);

/**
 * Follow a request.
 *
 * estimate  of it; NULL: there is none
 * again     how many requests like it come after it
 */
void mcl_progress_init(mcl_progress *p, mcl_terminal *terminal, const motcl_request *request,
                       const motcl_estimate *estimate, uint32_t again);

/** Show a word and all the time that it takes: for what comes before the first event. */
void mcl_progress_begin(const mcl_progress *p, const char *word);

/**
 * What is left of all the work after a step: `left.seconds` with what they say, MCL_LEFT_OVER where
 * something of the rest is not known, MCL_LEFT_MOST where words are still to come, which may end
 * sooner.
 */
mcl_left mcl_progress_left(const mcl_progress *p, const motcl_event *e);

/** Show a step. The last one of a drawing shows what follows it, which tells of itself only when it
 * is over. */
void mcl_progress_step(const mcl_progress *p, const motcl_event *e);

#endif
