/* record.h - what a dump keeps of a picture's flow: latents, velocities and their parts. */
#ifndef MCL_SESSION_RECORD_H
#define MCL_SESSION_RECORD_H

#include "flow/guidance.h"
#include "session/batch.h"
#include "session/session.h"

/**
 * The flow so far; all zero while nothing is recorded, and every call then does nothing.
 *
 * first, rows  the picture's rows of the latent state; they may move between two steps
 * x, v         f32[steps, rows, cols]: latents before a step, and the guided velocities of it
 * parts        f32[MCL_PASSES, rows, cols] of the step at hand
 */
typedef struct mcl_record {
  const mcl_session *session;
  const uint32_t *first;
  uint32_t rows, cols, steps;
  float *x, *v, *parts;
} mcl_record;

/** Begin. `r` has all but its arrays set. */
int mcl_record_start(mcl_record *r, motcl_err *err);

/** The keys that the passes' contexts begin with, of the first and the last layer. */
int mcl_record_contexts(const mcl_record *r, mcl_sequence *const sequence[MCL_PASSES],
                        motcl_err *err);

/** Before step `step`: the latents. */
int mcl_record_latents(mcl_record *r, uint32_t step, motcl_err *err);

/**
 * After it: the velocity, and for the first and the last step those of the passes that entered.
 *
 * segment  of each pass in the batch, -1 where it was not owed
 */
int mcl_record_step(mcl_record *r, uint32_t step, const mcl_batch *b, const int segment[MCL_PASSES],
                    motcl_err *err);

/** Give x and v out. */
int mcl_record_end(const mcl_record *r, motcl_err *err);

void mcl_record_finish(mcl_record *r);

#endif
