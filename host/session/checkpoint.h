/* checkpoint.h - what a session with listed phases has come to, between two steps, and going on
 * from there in another session that lists the same phases.
 *
 * Going on takes in again what was taken in, which gives the same keys to the byte, without a word
 * to the sink; what was drawn by lot or by the model is not made again but comes from the
 * checkpoint: texts, thoughts, pictures, sampled latents, the latent of a picture in the making and
 * the states of the generators. */
#ifndef MCL_SESSION_CHECKPOINT_H
#define MCL_SESSION_CHECKPOINT_H

#include "session/session.h"

/** What is saved of a session beside where it is. */
typedef enum mcl_saved_kind {
  MCL_SAVED_TEXT, /* an item of what was said that the model wrote: u32[count] ids with markers */
  MCL_SAVED_PICTURE, /* one that it drew, as it is taken in: u8[height, width, 3], count bytes */
  MCL_SAVED_LATENT,  /* the sampled latent of a picture taken in: f32[count], in token order */
  MCL_SAVED_DECODE,  /* a text being written: u32[count] ids, with the start token */
  MCL_SAVED_DENOISE  /* a picture in the making, after `step` steps: f32[count] latent */
} mcl_saved_kind;

/** index: of the item (TEXT, PICTURE), or of the phase. data is the checkpoint's. */
typedef struct mcl_saved {
  mcl_saved_kind kind;
  uint32_t index, step, width, height;
  void *data;
  size_t count;
} mcl_saved;

/**
 * A checkpoint. Zeroed is empty; mcl_checkpoint_finish gives it back.
 *
 * at        the phase at work, of `phases`
 * rng, rng_text   states of the generators
 */
typedef struct mcl_checkpoint {
  uint32_t at, phases;
  mcl_rng rng, rng_text;
  mcl_saved *saved;
  size_t count, cap;
} mcl_checkpoint;

void mcl_checkpoint_finish(mcl_checkpoint *c);

/** Append an entry of `bytes` bytes, which are copied. MOTCL_ENOMEM. */
int mcl_checkpoint_add(mcl_checkpoint *c, const mcl_saved *entry, size_t bytes, motcl_err *err);

/** Bytes of an entry's data. */
size_t mcl_saved_bytes(const mcl_saved *e);

/**
 * Save a session, between two steps.
 *
 * Returns MOTCL_EINVAL where inner arrays are recorded, which cannot go on elsewhere; MOTCL_ENOMEM,
 * or what reading from the device returns.
 */
int mcl_session_save(const mcl_session *s, mcl_checkpoint *out, motcl_err *err);

/**
 * Let a session whose phases are listed and of which none has run go on from a checkpoint that may
 * be anybody's.
 *
 * footprint  what the phases take more
 *
 * Returns MOTCL_EFORMAT for one that does not belong to these phases, MOTCL_ENOMEM; the session is
 * then to be finished.
 */
int mcl_session_restore(mcl_session *s, const mcl_checkpoint *c, mcl_footprint *footprint,
                        motcl_err *err);

/** Keep a sampled latent for checkpoints (copied). MOTCL_ENOMEM. */
int mcl_session_keep(mcl_session *s, const mcl_saved *e, motcl_err *err);

/** The session has come to where it goes on from: the generators are as they were. */
void mcl_session_resumed(mcl_session *s);

#endif
