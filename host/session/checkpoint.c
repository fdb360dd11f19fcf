/* checkpoint.c - saving where a session is, and going on from there. */
#include "session/checkpoint.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

static size_t unit_of(mcl_saved_kind kind) {
  return kind == MCL_SAVED_PICTURE ? 1 : 4;
}

size_t mcl_saved_bytes(const mcl_saved *e) {
  return e->count * unit_of(e->kind);
}

void mcl_checkpoint_finish(mcl_checkpoint *c) {
  for (size_t i = 0; i < c->count; i++)
    mcl_free(c->saved[i].data);
  mcl_free(c->saved);
  memset(c, 0, sizeof *c);
}

int mcl_checkpoint_add(mcl_checkpoint *c, const mcl_saved *entry, size_t bytes, motcl_err *err) {
  void *p = c->saved, *data = mcl_alloc(bytes, 1);
  if (!data || !mcl_grow(&p, &c->cap, c->count, sizeof *c->saved)) {
    mcl_free(data);
    return mcl_fail_nomem(err, bytes);
  }
  if (bytes)
    memcpy(data, entry->data, bytes);
  c->saved = p;
  c->saved[c->count] = *entry;
  c->saved[c->count++].data = data;
  return MOTCL_OK;
}

static int add(mcl_checkpoint *c, const mcl_saved *e, motcl_err *err) {
  return mcl_checkpoint_add(c, e, mcl_saved_bytes(e), err);
}

/* ---- saving ---- */

static int save_item(const mcl_history_item *item, uint32_t index, mcl_checkpoint *out,
                     motcl_err *err) {
  if (!item->expected)
    return MOTCL_OK;
  if (item->kind == MOTCL_PART_PICTURE && item->picture.px)
    return add(out,
               &(mcl_saved){.kind = MCL_SAVED_PICTURE,
                            .index = index,
                            .width = item->width,
                            .height = item->height,
                            .data = item->picture.px,
                            .count = (size_t)item->width * item->height * 3},
               err);
  if (item->kind != MOTCL_PART_PICTURE && item->ids)
    return add(out,
               &(mcl_saved){
                   .kind = MCL_SAVED_TEXT, .index = index, .data = item->ids, .count = item->count},
               err);
  return MOTCL_OK;
}

int mcl_session_save(const mcl_session *s, mcl_checkpoint *out, motcl_err *err) {
  mcl_checkpoint c = {
      .at = (uint32_t)s->at, .phases = (uint32_t)s->phases, .rng = s->rng, .rng_text = s->rng_text};
  const mcl_phase *t = mcl_session_current(s);
  int rc = MOTCL_OK;
  if (s->sink.array)
    return mcl_fail(err, MOTCL_EINVAL, "a task whose inner arrays are recorded cannot be saved");
  if (s->resume) { /* it has not come to where it goes on from: that is still where it is */
    c.at = s->resume->at;
    c.rng = s->resume->rng;
    c.rng_text = s->resume->rng_text;
    for (size_t i = 0; i < s->resume->count && rc == MOTCL_OK; i++)
      rc = add(&c, &s->resume->saved[i], err);
  } else {
    for (size_t i = 0; i < s->history_count && rc == MOTCL_OK; i++)
      rc = save_item(s->history[i], (uint32_t)i, &c, err);
    for (size_t i = 0; i < (s->sampled ? s->sampled->count : 0) && rc == MOTCL_OK; i++)
      rc = add(&c, &s->sampled->saved[i], err);
    if (rc == MOTCL_OK && t && t->kind->save)
      rc = t->kind->save(t, &c, err);
  }
  if (rc == MOTCL_OK)
    *out = c;
  else
    mcl_checkpoint_finish(&c);
  return rc;
}

/* ---- going on ---- */

static int foreign(motcl_err *err) {
  return mcl_fail(err, MOTCL_EFORMAT,
                  "the saved task does not belong to its own request, or was damaged; submit the "
                  "request again");
}

static bool finite(const float *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i]))
      return false;
  return true;
}

static bool known_tokens(const mcl_session *s, const uint32_t *ids, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (ids[i] >= s->reader.model->config.decoder.vocab)
      return false;
  return true;
}

static int restore_text(mcl_session *s, mcl_history_item *item, const mcl_saved *e,
                        motcl_err *err) {
  if (item->kind == MOTCL_PART_PICTURE || item->ids || !e->count || e->count > item->count ||
      !known_tokens(s, e->data, e->count))
    return foreign(err);
  item->ids = mcl_alloc(e->count, sizeof *item->ids);
  if (!item->ids)
    return mcl_fail_nomem(err, e->count * sizeof *item->ids);
  memcpy(item->ids, e->data, e->count * sizeof *item->ids);
  item->count = (uint32_t)e->count;
  return MOTCL_OK;
}

static int restore_picture(mcl_history_item *item, const mcl_saved *e, motcl_err *err) {
  if (item->kind != MOTCL_PART_PICTURE || item->picture.px || e->width != item->width ||
      e->height != item->height || e->count != (size_t)e->width * e->height * 3)
    return foreign(err);
  int rc = mcl_image_init(&item->picture, e->width, e->height, 3, err);
  if (rc == MOTCL_OK)
    memcpy(item->picture.px, e->data, e->count);
  return rc;
}

/* Phases that make something and lie behind are done: what they made is there. */
static bool complete(const mcl_session *s, const mcl_checkpoint *c) {
  for (size_t i = 0; i < c->at; i++)
    if (s->phase[i]->kind->has_output && !s->phase[i]->kind->has_output(s->phase[i]))
      return false;
  return true;
}

static int restore_one(mcl_session *s, const mcl_checkpoint *c, const mcl_saved *e,
                       mcl_footprint *footprint, motcl_err *err) {
  bool of_item = e->kind == MCL_SAVED_TEXT || e->kind == MCL_SAVED_PICTURE;
  bool of_past = e->kind == MCL_SAVED_LATENT;
  if (of_item) {
    if (e->index >= s->history_count || !s->history[e->index]->expected)
      return foreign(err);
    return e->kind == MCL_SAVED_TEXT ? restore_text(s, s->history[e->index], e, err)
                                     : restore_picture(s->history[e->index], e, err);
  }
  if (e->index >= c->phases || e->index > c->at || (!of_past && e->index != c->at))
    return foreign(err);
  mcl_phase *t = s->phase[e->index];
  if (e->kind == MCL_SAVED_DECODE ? !known_tokens(s, e->data, e->count)
                                  : !finite(e->data, e->count))
    return foreign(err);
  return t->kind->restore && t->kind->restore(t, e, footprint, err) == MOTCL_OK ? MOTCL_OK
                                                                                : foreign(err);
}

int mcl_session_keep(mcl_session *s, const mcl_saved *e, motcl_err *err) {
  if (!s->sampled && !(s->sampled = mcl_zalloc(1, sizeof *s->sampled)))
    return mcl_fail_nomem(err, sizeof *s->sampled);
  return add(s->sampled, e, err);
}

void mcl_session_resumed(mcl_session *s) {
  if (s->resume->at) {
    s->rng = s->resume->rng;
    s->rng_text = s->resume->rng_text;
  }
  mcl_checkpoint_finish(s->resume);
  mcl_free(s->resume);
  s->resume = NULL;
}

int mcl_session_restore(mcl_session *s, const mcl_checkpoint *c, mcl_footprint *footprint,
                        motcl_err *err) {
  int rc = MOTCL_OK;
  if (c->phases != s->phases || c->at >= c->phases)
    return foreign(err);
  if (c->at && ((rc = mcl_rng_check(&c->rng, err)) != MOTCL_OK ||
                (rc = mcl_rng_check(&c->rng_text, err)) != MOTCL_OK))
    return rc;
  s->resume = mcl_zalloc(1, sizeof *s->resume);
  if (!s->resume)
    return mcl_fail_nomem(err, sizeof *s->resume);
  s->resume->at = c->at;
  s->resume->phases = c->phases;
  s->resume->rng = c->rng;
  s->resume->rng_text = c->rng_text;
  for (size_t i = 0; i < c->count && rc == MOTCL_OK; i++) {
    rc = restore_one(s, c, &c->saved[i], footprint, err);
    if (rc == MOTCL_OK && c->saved[i].kind == MCL_SAVED_LATENT)
      rc = mcl_session_keep(s, &c->saved[i], err);
    if (rc == MOTCL_OK)
      rc = add(s->resume, &c->saved[i], err);
  }
  if (rc == MOTCL_OK && !complete(s, c))
    rc = foreign(err);
  return rc;
}
