/* task_text.c - prefilling a text segment, into one to three contexts at once. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "session/tasks.h"

#define LANES 3

/* A context and the ids it gets. */
typedef struct lane {
  mcl_context *context;
  const uint32_t *ids;
  uint32_t count, done, chunk, piece;
} lane;

/* One dumped array of the segment: rows of a decoder tensor. */
typedef struct capture {
  char name[48];
  mcl_tid tensor;
  uint32_t cols;
  float *data; /* [segment rows, cols] */
} capture;

/* image_is_main: the image-dropped context equalled main before the text, so it gets no lane and is
 * forked from main after it. */
typedef struct text_task {
  mcl_task base;
  mcl_text_use use;
  uint32_t *ids, *negative;
  uint32_t count, negative_count;
  bool begun, image_is_main;
  lane lane[LANES];
  unsigned lanes;
  capture *capture;
  size_t captures;
} text_task;

static uint32_t rows_of_pass(const mcl_session *s) {
  uint32_t rows = s->request->settings.pass_rows ? s->request->settings.pass_rows : MCL_TEXT_ROWS;
  return rows < LANES ? LANES : rows;
}

/* begin marker + ids + end marker */
static int tokenize(uint32_t **out, uint32_t *count, const mcl_session *s, const char *text,
                    size_t n, motcl_err *err) {
  uint32_t *ids = NULL;
  size_t found = 0;
  int rc = mcl_tok_encode(s->tok, text, n, &ids, &found, err);
  if (rc != MOTCL_OK)
    return rc;
  uint32_t *all = found < INT32_MAX / 4 ? mcl_alloc(found + 2, sizeof *all) : NULL;
  if (all) {
    all[0] = s->marker.text_begin;
    if (found)
      memcpy(all + 1, ids, found * sizeof *ids);
    all[found + 1] = s->marker.text_end;
    *out = all;
    *count = (uint32_t)found + 2;
  }
  mcl_free(ids);
  return all ? MOTCL_OK : mcl_fail_nomem(err, found * sizeof *all);
}

static void add_lane(text_task *t, mcl_context *c, const uint32_t *ids, uint32_t count) {
  t->lane[t->lanes++] = (lane){.context = c, .ids = ids, .count = count};
}

static int add_capture(text_task *t, mcl_tid tensor, const char *name, motcl_err *err) {
  const mcl_graph *g = t->base.session->engine->decoder.graph;
  capture *more = mcl_realloc(t->capture, t->captures + 1, sizeof *more);
  if (!more)
    return mcl_fail_nomem(err, sizeof *more);
  t->capture = more;
  capture *c = &more[t->captures];
  c->tensor = tensor;
  c->cols = mcl_graph_tensor_at(g, tensor)->cols;
  c->data = mcl_alloc((size_t)t->count * c->cols, sizeof(float));
  snprintf(c->name, sizeof c->name, "%s", name);
  if (!c->data)
    return mcl_fail_nomem(err, (size_t)t->count * c->cols * sizeof(float));
  t->captures++;
  return MOTCL_OK;
}

/* Names of a segment's hidden rows: the first segment's are the recorder's, later ones stand in a
 * folder each. */
static void hidden_name(char *out, size_t size, uint32_t segment, const char *name) {
  if (segment)
    snprintf(out, size, "segment_%u/%s", segment, name);
  else
    snprintf(out, size, "%s", name);
}

static int prepare_captures(text_task *t, motcl_err *err) {
  const mcl_session *s = t->base.session;
  const mcl_decoder_graph *d = &s->engine->decoder;
  char name[48], inner[16];
  if (!s->sink.array)
    return MOTCL_OK;
  snprintf(name, sizeof name, "logits_%u", s->texts);
  int rc = add_capture(t, d->logits, name, err);
  if (!s->sink.layers)
    return rc;
  for (uint32_t i = 0; i < s->engine->model->config.decoder.layers + 2 && rc == MOTCL_OK; i++) {
    uint32_t last = s->engine->model->config.decoder.layers + 1;
    snprintf(inner, sizeof inner, "layer_%u", i - 1);
    hidden_name(name, sizeof name, s->texts, !i ? "embed" : i == last ? "normed" : inner);
    rc = add_capture(t, !i ? d->embedded : i == last ? d->normed : d->layer[i - 1], name, err);
  }
  return rc;
}

/* The contexts are as the tasks before have left them only now. */
static int begin(text_task *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  int rc = MOTCL_OK;
  t->begun = true;
  t->image_is_main = mcl_context_equal(&s->main, &s->image);
  if (t->use == MCL_TEXT_USER || t->use == MCL_TEXT_LAST)
    rc = mcl_context_fork(&s->text, &s->main, err);
  add_lane(t, &s->main, t->ids, t->count);
  if (!t->image_is_main && t->use != MCL_TEXT_THOUGHT)
    add_lane(t, &s->image, t->ids, t->count);
  if (t->use == MCL_TEXT_LAST && t->negative_count)
    add_lane(t, &s->text, t->negative, t->negative_count);
  return rc == MOTCL_OK ? prepare_captures(t, err) : rc;
}

static int offer(mcl_task *base, mcl_batch *b, motcl_err *err) {
  text_task *t = (text_task *)base;
  int rc = t->begun ? MOTCL_OK : begin(t, err);
  uint32_t share = rows_of_pass(base->session) / t->lanes;
  for (unsigned i = 0; i < t->lanes && rc == MOTCL_OK; i++) {
    lane *l = &t->lane[i];
    l->chunk = l->count - l->done < share ? l->count - l->done : share;
    if (!l->chunk)
      continue;
    mcl_piece p = {.context = l->context,
                   .kind = MCL_CAUSAL,
                   .ids = l->ids + l->done,
                   .id_rows = l->chunk,
                   .logits = i == 0 && t->captures ? MCL_WANT_ALL : MCL_WANT_NOTHING};
    rc = mcl_batch_add(b, &p, &l->piece, err);
  }
  return rc;
}

static int read_captures(text_task *t, const mcl_piece *p, motcl_err *err) {
  const lane *l = &t->lane[0];
  mcl_engine *e = t->base.session->engine;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < t->captures && rc == MOTCL_OK; i++) {
    const capture *c = &t->capture[i];
    uint32_t row = c->tensor == e->decoder.logits ? p->logit_row : p->text_row;
    rc = mcl_engine_read(e, c->tensor, row, l->chunk, c->data + (size_t)l->done * c->cols, err);
  }
  return rc;
}

static int dump_captures(const text_task *t, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < t->captures && rc == MOTCL_OK; i++) {
    const capture *c = &t->capture[i];
    rc = mcl_session_array(t->base.session, c->name, MOTCL_F32, 2, (size_t[]){t->count, c->cols},
                           c->data, err);
  }
  return rc;
}

static int end(text_task *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  int rc = dump_captures(t, err);
  t->base.waits = MCL_WAITS_NONE;
  s->texts++;
  if (rc == MOTCL_OK && t->image_is_main && t->use != MCL_TEXT_THOUGHT)
    rc = mcl_context_fork(&s->image, &s->main, err);
  return rc;
}

static int take(mcl_task *base, const mcl_batch *b, motcl_err *err) {
  text_task *t = (text_task *)base;
  bool done = true;
  int rc = t->lane[0].chunk ? read_captures(t, &b->piece[t->lane[0].piece], err) : MOTCL_OK;
  for (unsigned i = 0; i < t->lanes; i++) {
    t->lane[i].done += t->lane[i].chunk;
    t->lane[i].chunk = 0;
    done = done && t->lane[i].done == t->lane[i].count;
  }
  mcl_session_step(base->session, MOTCL_PHASE_READING, t->lane[0].done, t->lane[0].count);
  return rc == MOTCL_OK && done ? end(t, err) : rc;
}

static void destroy(mcl_task *base) {
  text_task *t = (text_task *)base;
  for (size_t i = 0; i < t->captures; i++)
    mcl_free(t->capture[i].data);
  mcl_free(t->capture);
  mcl_free(t->ids);
  mcl_free(t->negative);
  mcl_free(t);
}

static const mcl_task_kind kind = {
    .name = "text", .offer = offer, .take = take, .destroy = destroy};

static void count(const text_task *t, mcl_session_need *need) {
  const mcl_session *s = t->base.session;
  uint32_t all = LANES * (t->count > t->negative_count ? t->count : t->negative_count);
  uint32_t rows = all < rows_of_pass(s) ? all : rows_of_pass(s);
  mcl_decoder_size pass = {.text = rows, .logits = s->sink.array ? rows : 0};
  mcl_need_pass(need, &pass, LANES);
  need->main += t->count;
  need->image += t->use == MCL_TEXT_THOUGHT ? 0 : t->count;
  need->text += t->negative_count;
  need->forks += 2;
}

int mcl_task_text(mcl_task **out, mcl_session *s, const char *text, size_t n, mcl_text_use use,
                  mcl_session_need *need, motcl_err *err) {
  const char *negative = use == MCL_TEXT_LAST ? s->request->settings.negative : NULL;
  text_task *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->base = (mcl_task){&kind, s, MCL_WAITS_ROWS};
  t->use = use;
  int rc = tokenize(&t->ids, &t->count, s, text, n, err);
  if (rc == MOTCL_OK && negative)
    rc = tokenize(&t->negative, &t->negative_count, s, negative, strlen(negative), err);
  if (rc != MOTCL_OK) {
    destroy(&t->base);
    return rc;
  }
  count(t, need);
  *out = &t->base;
  return MOTCL_OK;
}
