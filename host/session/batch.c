/* batch.c - collecting the segments of a pass. */
#include "session/batch.h"

#include <string.h>

#include "base/mem.h"

void mcl_batch_finish(mcl_batch *b) {
  mcl_free(b->segment);
  mcl_free(b->step);
  mcl_free(b->cow);
  memset(b, 0, sizeof *b);
}

void mcl_batch_clear(mcl_batch *b) {
  b->segments = b->steps = b->cow_pages = 0;
  memset(&b->size, 0, sizeof b->size);
}

mcl_batch_snapshot mcl_batch_take_snapshot(const mcl_batch *b) {
  return (mcl_batch_snapshot){b->segments, b->steps, b->cow_pages, b->size};
}

static void each_grown(const mcl_batch *b, size_t first, void (*end)(mcl_sequence *c)) {
  for (size_t i = first; i < b->segments; i++)
    if (b->segment[i].kind != MCL_NOISE)
      end(b->segment[i].sequence);
}

void mcl_batch_restore(mcl_batch *b, const mcl_batch_snapshot *m) {
  each_grown(b, m->segments, mcl_sequence_revert);
  b->segments = m->segments;
  b->steps = m->steps;
  b->cow_pages = m->cow_pages;
  b->size = m->size;
}

void mcl_batch_commit(const mcl_batch *b) {
  each_grown(b, 0, mcl_sequence_commit);
}

void mcl_batch_revert(const mcl_batch *b) {
  each_grown(b, 0, mcl_sequence_revert);
}

uint32_t mcl_batch_rows(const mcl_batch *b) {
  return b->size.text + b->size.vision + b->size.gen;
}

uint32_t mcl_batch_latents(const mcl_batch *b, uint32_t all, uint32_t rows) {
  uint32_t end = all;
  for (size_t i = 0; i < b->segments; i++) {
    const mcl_batch_segment *p = &b->segment[i];
    if (p->kind == MCL_FULL && p->latent_rows && p->latent_first < end)
      end = p->latent_first;
  }
  return end - rows;
}

static uint32_t logits_of(const mcl_batch_segment *p) {
  return p->logits == MCL_WANT_ALL ? p->id_rows : p->logits == MCL_WANT_LAST ? 1 : 0;
}

/* Pages for the segment's keys; noise is gone after the pass. */
static int grow(mcl_batch *b, mcl_batch_segment *p, motcl_err *err) {
  uint32_t rows = p->id_rows + p->token_rows + p->latent_rows;
  void *q = b->cow;
  bool copies = false;
  p->key = p->sequence->keys;
  p->position = p->sequence->position;
  if (p->kind == MCL_NOISE)
    return MOTCL_OK;
  if (!mcl_grow(&q, &b->cow_cap, b->cow_pages, sizeof *b->cow))
    return mcl_fail_nomem(err, sizeof *b->cow);
  b->cow = q;
  int rc = mcl_sequence_grow(p->sequence, rows, p->kind == MCL_CAUSAL ? rows : 1,
                             &b->cow[b->cow_pages], &copies, err);
  if (rc == MOTCL_OK)
    b->cow_pages += copies;
  return rc;
}

int mcl_batch_add(mcl_batch *b, const mcl_batch_segment *segment, uint32_t *index, motcl_err *err) {
  void *q = b->segment;
  if (!mcl_grow(&q, &b->segment_cap, b->segments, sizeof *b->segment))
    return mcl_fail_nomem(err, sizeof *b->segment);
  b->segment = q;
  mcl_batch_segment *p = &b->segment[b->segments];
  *p = *segment;
  int rc = grow(b, p, err);
  if (rc != MOTCL_OK)
    return rc;
  p->text_row = b->size.text;
  p->vision_row = b->size.vision;
  p->gen_row = b->size.gen;
  p->logit_row = b->size.logits;
  b->size.text += p->id_rows;
  b->size.vision += p->token_rows;
  b->size.gen += p->latent_rows;
  b->size.logits += logits_of(p);
  *index = (uint32_t)b->segments++;
  return MOTCL_OK;
}

int mcl_batch_denoise(mcl_batch *b, const mcl_denoise_step *step, motcl_err *err) {
  void *q = b->step;
  if (!mcl_grow(&q, &b->step_cap, b->steps, sizeof *b->step))
    return mcl_fail_nomem(err, sizeof *b->step);
  b->step = q;
  b->step[b->steps++] = *step;
  b->size.drawn += step->rows;
  b->size.pictures++;
  return MOTCL_OK;
}
