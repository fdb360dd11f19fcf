/* batch.h - what one pass over the decoder computes: segments of any number of sequences, sorted by
 * expert into rows, with every table the graph wants. */
#ifndef MCL_SESSION_BATCH_H
#define MCL_SESSION_BATCH_H

#include "graph/segment.h"
#include "model/decoder.h"
#include "session/sequence.h"

typedef enum mcl_want { MCL_WANT_NOTHING, MCL_WANT_LAST, MCL_WANT_ALL } mcl_want;

/**
 * Rows of one sequence that a phase schedules. The phase fills in the upper part and owns all it
 * points to until the pass is over; the batch fills in the lower part.
 *
 * sequence     takes pages for text and clean pictures, and counts their keys when the pass has
 *              succeeded; noise leaves it as it is
 * kind         CAUSAL text, FULL picture kept as context, NOISE picture in the making
 * ids          text: its tokens; pictures: the begin and end marker
 * tokens       f32[token_rows, H] vision tokens, or NULL
 * latent_rows  latents of this segment, or 0: rows of the latent state that begin at latent_first,
 *              or of a picture in the making, at *latent_at
 * width        latent cells in a row of the picture
 * time         of its latents, 0 clean .. 1 noise
 * logits       which of its text rows' logits are wanted
 *
 * text_row, vision_row, gen_row   first batch row of each sort
 * logit_row                       first row of the logits
 */
typedef struct mcl_batch_segment {
  mcl_sequence *sequence;
  mcl_segment_kind kind;
  const uint32_t *ids;
  uint32_t id_rows;
  const float *tokens;
  uint32_t token_rows;
  const uint32_t *latent_at;
  uint32_t latent_first, latent_rows, width;
  float time;
  mcl_want logits;

  uint32_t text_row, vision_row, gen_row, logit_row;
  uint32_t key, position;
} mcl_batch_segment;

/**
 * A picture that moves a step in this pass. Its drawn rows are its rows of the latent state, where
 * those of a pass come first.
 *
 * latent_at  its first row, the phase's (latents.h)
 * cond, text_uncond, image_uncond   the passes' segments; -1: not owed
 * set        s_text, s_image, renorm, renorm min, dt
 */
typedef struct mcl_denoise_step {
  const uint32_t *latent_at;
  uint32_t rows;
  int cond, text_uncond, image_uncond;
  float set[5];
  bool guided;
} mcl_denoise_step;

/** A batch being put together. Zeroed is empty. */
typedef struct mcl_batch {
  mcl_batch_segment *segment;
  mcl_denoise_step *step;
  mcl_page_cow *cow;
  size_t segments, segment_cap, steps, step_cap, cow_pages, cow_cap;
  mcl_decoder_size size; /* so far; tables' sizes are known when it is sealed */
} mcl_batch;

void mcl_batch_finish(mcl_batch *b);

/** Forget all segments, keep the memory. */
void mcl_batch_clear(mcl_batch *b);

/** Where a batch stood, for taking back what was added since. */
typedef struct mcl_batch_snapshot {
  size_t segments, steps, cow_pages;
  mcl_decoder_size size;
} mcl_batch_snapshot;
mcl_batch_snapshot mcl_batch_take_snapshot(const mcl_batch *b);
void mcl_batch_restore(mcl_batch *b, const mcl_batch_snapshot *m);

/** After the pass: contexts have grown, or are as they were before it. */
void mcl_batch_commit(const mcl_batch *b);
void mcl_batch_revert(const mcl_batch *b);

/**
 * Append a segment (copied). Contexts of CAUSAL and FULL segments take their pages now.
 *
 * index  out: the segment's index, for mcl_denoise_step and for reading its rows
 */
int mcl_batch_add(mcl_batch *b, const mcl_batch_segment *segment, uint32_t *index, motcl_err *err);

/** Append a step of a picture (copied). */
int mcl_batch_denoise(mcl_batch *b, const mcl_denoise_step *step, motcl_err *err);

/**
 * First row for `rows` clean latents of a picture that is taken in: at the end of the latent state
 * of `all` rows, before those of other such segments; pictures in the making fill it from its
 * start.
 */
uint32_t mcl_batch_latents(const mcl_batch *b, uint32_t all, uint32_t rows);

/** Rows of the batch so far. */
uint32_t mcl_batch_rows(const mcl_batch *b);

#endif
