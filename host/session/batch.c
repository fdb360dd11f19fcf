/* batch.c - collecting the pieces of a pass. */
#include "session/batch.h"

#include <string.h>

#include "base/mem.h"

void mcl_batch_finish(mcl_batch *b) {
  mcl_free(b->piece);
  mcl_free(b->draw);
  mcl_free(b->copy);
  memset(b, 0, sizeof *b);
}

void mcl_batch_clear(mcl_batch *b) {
  b->pieces = b->draws = b->copies = 0;
  memset(&b->size, 0, sizeof b->size);
}

mcl_batch_snapshot mcl_batch_take_snapshot(const mcl_batch *b) {
  return (mcl_batch_snapshot){b->pieces, b->draws, b->copies, b->size};
}

static void each_grown(const mcl_batch *b, size_t first, void (*end)(mcl_context *c)) {
  for (size_t i = first; i < b->pieces; i++)
    if (b->piece[i].kind != MCL_NOISE)
      end(b->piece[i].context);
}

void mcl_batch_restore(mcl_batch *b, const mcl_batch_snapshot *m) {
  each_grown(b, m->pieces, mcl_context_revert);
  b->pieces = m->pieces;
  b->draws = m->draws;
  b->copies = m->copies;
  b->size = m->size;
}

void mcl_batch_commit(const mcl_batch *b) {
  each_grown(b, 0, mcl_context_commit);
}

void mcl_batch_revert(const mcl_batch *b) {
  each_grown(b, 0, mcl_context_revert);
}

uint32_t mcl_batch_rows(const mcl_batch *b) {
  return b->size.text + b->size.vision + b->size.gen;
}

uint32_t mcl_batch_latents(const mcl_batch *b, uint32_t all, uint32_t rows) {
  uint32_t end = all;
  for (size_t i = 0; i < b->pieces; i++) {
    const mcl_piece *p = &b->piece[i];
    if (p->kind == MCL_FULL && p->latent_rows && p->latent_first < end)
      end = p->latent_first;
  }
  return end - rows;
}

static uint32_t logits_of(const mcl_piece *p) {
  return p->logits == MCL_WANT_ALL ? p->id_rows : p->logits == MCL_WANT_LAST ? 1 : 0;
}

/* Pages for the piece's keys; noise is gone after the pass. */
static int grow(mcl_batch *b, mcl_piece *p, motcl_err *err) {
  uint32_t rows = p->id_rows + p->token_rows + p->latent_rows;
  void *q = b->copy;
  bool copies = false;
  p->key = p->context->keys;
  p->position = p->context->position;
  if (p->kind == MCL_NOISE)
    return MOTCL_OK;
  if (!mcl_grow(&q, &b->copy_cap, b->copies, sizeof *b->copy))
    return mcl_fail_nomem(err, sizeof *b->copy);
  b->copy = q;
  int rc = mcl_context_grow(p->context, rows, p->kind == MCL_CAUSAL ? rows : 1, &b->copy[b->copies],
                            &copies, err);
  if (rc == MOTCL_OK)
    b->copies += copies;
  return rc;
}

int mcl_batch_add(mcl_batch *b, const mcl_piece *piece, uint32_t *index, motcl_err *err) {
  void *q = b->piece;
  if (!mcl_grow(&q, &b->piece_cap, b->pieces, sizeof *b->piece))
    return mcl_fail_nomem(err, sizeof *b->piece);
  b->piece = q;
  mcl_piece *p = &b->piece[b->pieces];
  *p = *piece;
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
  *index = (uint32_t)b->pieces++;
  return MOTCL_OK;
}

int mcl_batch_draw(mcl_batch *b, const mcl_step_draw *draw, motcl_err *err) {
  void *q = b->draw;
  if (!mcl_grow(&q, &b->draw_cap, b->draws, sizeof *b->draw))
    return mcl_fail_nomem(err, sizeof *b->draw);
  b->draw = q;
  b->draw[b->draws++] = *draw;
  b->size.drawn += draw->rows;
  b->size.pictures++;
  return MOTCL_OK;
}
