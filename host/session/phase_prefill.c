/* phase_prefill.c - prefill of a text segment, into one or two contexts at once. */
#include <stdio.h>

#include "base/mem.h"
#include "session/workload.h"
#include "session/phases.h"

#define LANES 2

/* A context that gets the text. */
typedef struct lane {
  mcl_sequence *sequence;
  uint32_t done, chunk, segment;
} lane;

/* One dumped array of the segment: rows of a decoder tensor. */
typedef struct capture {
  char name[48];
  mcl_tid tensor;
  uint32_t cols;
  float *data; /* [segment rows, cols] */
} capture;

/* image_is_main: the image_uncond context equalled cond before the text, so it gets no lane and is
 * forked from cond after it. */
typedef struct prefill_phase {
  mcl_phase base;
  mcl_contexts *contexts;
  mcl_history_item *item;
  mcl_text_use use;
  bool begun, drawn, image_is_cond;
  lane lane[LANES];
  unsigned lanes;
  capture *capture;
  size_t captures;
} prefill_phase;

static uint32_t rows_of_pass(const mcl_phase *base) {
  uint32_t rows = base->settings.pass_rows ? base->settings.pass_rows : MCL_TEXT_ROWS;
  return rows < LANES ? LANES : rows;
}

static void add_lane(prefill_phase *t, mcl_sequence *c) {
  t->lane[t->lanes++] = (lane){.sequence = c};
}

static int add_capture(prefill_phase *t, mcl_tid tensor, const char *name, motcl_err *err) {
  const mcl_graph *g = t->base.session->engine->decoder->graph;
  capture *more = mcl_realloc(t->capture, t->captures + 1, sizeof *more);
  if (!more)
    return mcl_fail_nomem(err, sizeof *more);
  t->capture = more;
  capture *c = &more[t->captures];
  c->tensor = tensor;
  c->cols = mcl_graph_tensor_at(g, tensor)->cols;
  c->data = mcl_alloc((size_t)t->item->count * c->cols, sizeof(float));
  snprintf(c->name, sizeof c->name, "%s", name);
  if (!c->data)
    return mcl_fail_nomem(err, (size_t)t->item->count * c->cols * sizeof(float));
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

static int prepare_captures(prefill_phase *t, motcl_err *err) {
  const mcl_session *s = t->base.session;
  const mcl_decoder_graph *d = s->engine->decoder;
  char name[48], inner[16];
  if (!s->sink.array || t->use == MCL_TEXT_NEGATIVE)
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

static bool for_image(const prefill_phase *t) {
  return t->drawn && (t->use == MCL_TEXT_SYSTEM || t->use == MCL_TEXT_USER);
}

/* The contexts are as the phases before have left them only now. */
static int begin(prefill_phase *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  mcl_contexts *ctx = t->contexts;
  int rc = MOTCL_OK;
  t->begun = true;
  t->image_is_cond = for_image(t) && mcl_sequence_equal(&ctx->cond, &ctx->image_uncond);
  if (t->use == MCL_TEXT_NEGATIVE)
    rc = mcl_sequence_fork(&s->negative, &ctx->text_uncond, err);
  else if (t->drawn && t->use == MCL_TEXT_USER)
    rc = mcl_sequence_fork(&ctx->text_uncond, &ctx->cond, err);
  add_lane(t, t->use == MCL_TEXT_NEGATIVE ? &s->negative : &ctx->cond);
  if (for_image(t) && !t->image_is_cond)
    add_lane(t, &ctx->image_uncond);
  return rc == MOTCL_OK ? prepare_captures(t, err) : rc;
}

static int schedule(mcl_phase *base, mcl_batch *b, motcl_err *err) {
  prefill_phase *t = (prefill_phase *)base;
  int rc = t->begun ? MOTCL_OK : begin(t, err);
  uint32_t share = rows_of_pass(base) / t->lanes;
  for (unsigned i = 0; i < t->lanes && rc == MOTCL_OK; i++) {
    lane *l = &t->lane[i];
    l->chunk = t->item->count - l->done < share ? t->item->count - l->done : share;
    mcl_batch_segment p = {.sequence = l->sequence,
                           .kind = MCL_CAUSAL,
                           .ids = t->item->ids + l->done,
                           .id_rows = l->chunk,
                           .logits = i == 0 && t->captures ? MCL_WANT_ALL : MCL_WANT_NOTHING};
    rc = mcl_batch_add(b, &p, &l->segment, err);
  }
  return rc;
}

static int read_captures(prefill_phase *t, const mcl_batch_segment *p, motcl_err *err) {
  const lane *l = &t->lane[0];
  mcl_engine *e = t->base.session->engine;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < t->captures && rc == MOTCL_OK; i++) {
    const capture *c = &t->capture[i];
    uint32_t row = c->tensor == e->decoder->logits ? p->logit_row : p->text_row;
    rc = mcl_engine_read(e, c->tensor, row, l->chunk, c->data + (size_t)l->done * c->cols, err);
  }
  return rc;
}

static int dump_captures(const prefill_phase *t, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < t->captures && rc == MOTCL_OK; i++) {
    const capture *c = &t->capture[i];
    rc = mcl_session_array(t->base.session, c->name, MOTCL_F32, 2,
                           (size_t[]){t->item->count, c->cols}, c->data, err);
  }
  return rc;
}

static int end(prefill_phase *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  int rc = dump_captures(t, err);
  t->base.state = MCL_PHASE_DONE;
  s->texts += t->use != MCL_TEXT_NEGATIVE;
  if (rc == MOTCL_OK && t->image_is_cond)
    rc = mcl_sequence_fork(&t->contexts->image_uncond, &t->contexts->cond, err);
  return rc;
}

static int complete(mcl_phase *base, const mcl_batch *b, motcl_err *err) {
  prefill_phase *t = (prefill_phase *)base;
  int rc = read_captures(t, &b->segment[t->lane[0].segment], err);
  for (unsigned i = 0; i < t->lanes; i++)
    t->lane[i].done += t->lane[i].chunk;
  mcl_session_step(base->session, MOTCL_PHASE_PREFILL, t->lane[0].done, t->item->count);
  return rc == MOTCL_OK && t->lane[0].done == t->item->count ? end(t, err) : rc;
}

static void destroy(mcl_phase *base) {
  prefill_phase *t = (prefill_phase *)base;
  for (size_t i = 0; i < t->captures; i++)
    mcl_free(t->capture[i].data);
  mcl_free(t->capture);
  mcl_history_unref(t->item);
  mcl_free(t);
}

static void count_rows(mcl_workload *y, const prefill_phase *t, uint32_t rows, uint64_t runs) {
  double keys = y->cond[t->drawn ? MOTCL_OUTPUT_PICTURE : MOTCL_OUTPUT_TEXT];
  mcl_workload_add(y, &(mcl_workload_item){.phase = MOTCL_PHASE_PREFILL,
                                           .size = {.text = rows},
                                           .keys = keys + (t->item->count + 1) / 2.0,
                                           .count = runs});
}

/* As many rows as a pass takes, and a last pass of the rest. */
static void workload(const mcl_phase *base, mcl_workload *y) {
  const prefill_phase *t = (const prefill_phase *)base;
  uint32_t n = t->item->count, lanes = for_image(t) && y->image_differs ? 2 : 1;
  uint32_t share = rows_of_pass(base) / lanes;
  count_rows(y, t, lanes * share, n / share);
  if (n % share)
    count_rows(y, t, lanes * (n % share), 1);
  y->image_differs = y->image_differs || (t->drawn && t->use == MCL_TEXT_ANSWER);
  if (t->use != MCL_TEXT_NEGATIVE)
    mcl_footprint_keys(&y->cond[t->drawn ? MOTCL_OUTPUT_PICTURE : MOTCL_OUTPUT_TEXT], n);
}

static const mcl_phase_kind kind = {.name = "prefill",
                                    .schedule = schedule,
                                    .complete = complete,
                                    .workload = workload,
                                    .destroy = destroy};

/* The text_uncond context shares pages with cond, which then grows. */
static void count(const prefill_phase *t, motcl_output output, mcl_footprint *footprint) {
  const mcl_session *s = t->base.session;
  uint32_t n = t->item->count, lanes = for_image(t) ? 2 : 1;
  uint32_t most = rows_of_pass(&t->base), rows = lanes * n < most ? lanes * n : most;
  mcl_decoder_size pass = {.text = rows, .logits = s->sink.array ? rows : 0};
  mcl_footprint_pass(footprint, &pass, lanes);
  mcl_footprint_keys(&footprint->cow_pages, lanes);
  if (t->use == MCL_TEXT_NEGATIVE)
    footprint->temporary = n > footprint->temporary ? n : footprint->temporary;
  else
    mcl_footprint_keys(&footprint->cond[output], n);
  if (for_image(t))
    mcl_footprint_keys(&footprint->image_uncond, n);
}

int mcl_phase_prefill(mcl_phase **out, mcl_session *s, motcl_output output, mcl_history_item *item,
                      mcl_text_use use, mcl_footprint *footprint, motcl_err *err) {
  prefill_phase *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->base = mcl_session_task(s, &kind, MCL_PHASE_NEEDS_BATCH);
  t->contexts = &s->contexts[output];
  t->item = mcl_history_ref(item);
  t->use = use;
  t->drawn = output == MOTCL_OUTPUT_PICTURE;
  count(t, output, footprint);
  *out = &t->base;
  return MOTCL_OK;
}
