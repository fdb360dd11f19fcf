/* session.c - a session's phases in turn, what its sink hears, and its contexts. */
#include "session/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/trace.h"
#include "session/checkpoint.h"
#include "session/preview.h"

void mcl_footprint_keys(uint32_t *keys, uint32_t more) {
  *keys = more > UINT32_MAX - *keys ? UINT32_MAX : *keys + more;
}

void mcl_footprint_pass(mcl_footprint *footprint, const mcl_decoder_size *pass, uint32_t segments) {
  mcl_decoder_size_cover(&footprint->pass, pass);
  footprint->segments = footprint->segments > segments ? footprint->segments : segments;
}

void mcl_footprint_add(mcl_decoder_size *size, uint32_t *segments, const mcl_footprint *footprint) {
  const uint32_t keys[] = {footprint->cond[0], footprint->cond[1], footprint->image_uncond,
                           footprint->temporary};
  mcl_decoder_size_add(size, &footprint->pass);
  mcl_footprint_keys(&size->pages, footprint->cow_pages);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    mcl_footprint_keys(&size->pages, mcl_sequence_pages(keys[i]));
  *segments += footprint->segments;
}

mcl_phase mcl_session_task(mcl_session *s, const mcl_phase_kind *kind, mcl_phase_state waits) {
  return (mcl_phase){kind, s, waits, s->settings, s->outputs};
}

int mcl_session_append(mcl_session *s, mcl_phase *t, motcl_err *err) {
  void *p = (void *)s->phase;
  if (!mcl_grow(&p, &s->cap, s->phases, sizeof(mcl_phase *))) {
    t->kind->destroy(t);
    return mcl_fail_nomem(err, sizeof(mcl_phase *));
  }
  s->phase = (mcl_phase **)p;
  s->phase[s->phases++] = t;
  return MOTCL_OK;
}

static void enter_sink(const mcl_session *s, int depth) {
  if (s->callbacks)
    *s->callbacks += (unsigned)depth;
}

void mcl_session_event(const mcl_session *s, const motcl_event *e) {
  motcl_event numbered = *e;
  numbered.output = s->output;
  if (!s->sink.event || s->resume)
    return;
  enter_sink(s, 1);
  s->sink.event(s->sink.user, &numbered);
  enter_sink(s, -1);
}

/* The step that ends here, on a track of the session's own: sessions run side by side. */
static void trace_step(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of) {
  const mcl_device *dev =
      s->engine ? mcl_residency_device(mcl_weights_residency(s->engine->weights)) : NULL;
  double now = mcl_clock();
  if (!dev || !dev->trace)
    return;
  if (!s->track)
    s->track = mcl_trace_track(dev->trace, "session");
  const mcl_trace_arg arg[] = {{"step", NULL, step}, {"of", NULL, of}};
  mcl_trace_span(dev->trace, s->track, "phase", motcl_phase_name(phase), s->stepped, now, arg, 2);
  s->stepped = now;
}

void mcl_session_token(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of,
                       bool cut_off) {
  double left = mcl_eta_step(&s->eta, (int)phase, step, of, mcl_clock());
  trace_step(s, phase, step, of);
  mcl_session_event(s, &(motcl_event){.kind = MOTCL_EVENT_STEP,
                                      .phase = phase,
                                      .step = step,
                                      .of = of,
                                      .left = left,
                                      .cut_off = cut_off});
}

void mcl_session_step(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of) {
  mcl_session_token(s, phase, step, of, false);
}

int mcl_session_array(const mcl_session *s, const char *name, motcl_array_type type, int rank,
                      const size_t *dim, const void *data, motcl_err *err) {
  motcl_array a = {name, type, rank, dim, data};
  if (!s->sink.array)
    return MOTCL_OK;
  enter_sink(s, 1);
  int rc = s->sink.array(s->sink.user, &a, err);
  enter_sink(s, -1);
  return rc;
}

int mcl_session_init(mcl_session *s, const mcl_model *model, const mcl_tok *tok,
                     const motcl_settings *settings, uint64_t seed, const motcl_sink *sink,
                     motcl_err *err) {
  memset(s, 0, sizeof *s);
  s->reader = (mcl_reader){.model = model, .tok = tok};
  s->settings = *settings;
  s->seed = seed;
  s->stepped = mcl_clock();
  if (sink)
    s->sink = *sink;
  int rc = mcl_markers_find(&s->reader.marker, tok, err);
  if (rc == MOTCL_OK && mcl_tok_count(tok) > model->config.decoder.vocab)
    rc = mcl_fail(
        err, MOTCL_EMODEL,
        "the tokenizer has ids up to %u and the model only %u; the folder mixes two models",
        mcl_tok_count(tok) - 1, model->config.decoder.vocab);
  return rc == MOTCL_OK ? mcl_session_follow(s, err) : rc;
}

int mcl_session_follow(mcl_session *s, motcl_err *err) {
  const char *wanted = s->settings.protocol;
  const mcl_model *m = s->reader.model;
  mcl_resize_rule vae, vit;
  mcl_protocol *own = NULL;
  if (wanted && !strcmp(wanted, m->protocol->text))
    wanted = NULL; /* it is open */
  if (wanted ? s->own && !strcmp(s->own->text, wanted) : !s->own && s->protocol)
    return MOTCL_OK;
  int rc = wanted ? mcl_protocol_open(&own, wanted, err) : MOTCL_OK;
  if (rc == MOTCL_OK)
    rc = mcl_protocol_rules(own ? own : m->protocol, &m->config, &vae, &vit, err);
  if (rc != MOTCL_OK) {
    mcl_protocol_close(own);
    return rc;
  }
  mcl_protocol_close(s->own);
  s->own = own;
  s->protocol = own ? own : m->protocol;
  s->reader.vae = vae;
  s->reader.vit = vit;
  return MOTCL_OK;
}

static void attach_contexts(mcl_session *s, mcl_contexts *ctx) {
  mcl_kv_pool *pool = &s->engine->kv.pool;
  mcl_sequence_init(&ctx->cond, pool, &s->account);
  mcl_sequence_init(&ctx->text_uncond, pool, &s->account);
  mcl_sequence_init(&ctx->image_uncond, pool, &s->account);
}

void mcl_session_attach(mcl_session *s, mcl_engine *e) {
  s->engine = e;
  attach_contexts(s, &s->contexts[0]);
  attach_contexts(s, &s->contexts[1]);
  mcl_sequence_init(&s->negative, &e->kv.pool, &s->account);
}

mcl_phase *mcl_session_current(const mcl_session *s) {
  return s->at < s->phases ? s->phase[s->at] : NULL;
}

uint32_t mcl_session_output(const mcl_session *s) {
  return s->phase[s->resume ? s->resume->at : s->at]->output;
}

/* Whether the phase at hand is over: it has run, or on the way to where the session goes on, what
 * it makes is there. */
static bool over(mcl_session *s) {
  const mcl_phase *t = s->phase[s->at];
  if (s->resume && s->at == s->resume->at)
    mcl_session_resumed(s);
  return t->state == MCL_PHASE_DONE || (s->resume && t->kind->has_output);
}

bool mcl_session_advance(mcl_session *s) {
  while (s->at < s->phases && (s->done || over(s))) {
    s->phase[s->at]->kind->destroy(s->phase[s->at]);
    s->phase[s->at++] = NULL;
  }
  return s->at < s->phases;
}

static uint32_t mark_pages(const mcl_sequence *c, bool *seen) {
  uint32_t n = 0;
  for (size_t i = 0; i < c->pages; i++) {
    n += !seen[c->page[i]];
    seen[c->page[i]] = true;
  }
  return n;
}

uint32_t mcl_session_pages(const mcl_session *s) {
  bool *seen = s->engine ? mcl_zalloc(s->engine->kv.pool.capacity, sizeof *seen) : NULL;
  uint32_t n = 0;
  if (!s->engine)
    return 0;
  if (!seen)
    return UINT32_MAX;
  for (size_t i = 0; i < 2; i++) {
    n += mark_pages(&s->contexts[i].cond, seen);
    n += mark_pages(&s->contexts[i].text_uncond, seen);
    n += mark_pages(&s->contexts[i].image_uncond, seen);
  }
  mcl_free(seen);
  return n;
}

int mcl_session_prepare(mcl_session *s, uint64_t *bytes, motcl_err *err) {
  int rc = MOTCL_OK;
  *bytes = 0;
  for (size_t i = 0; i < s->phases && rc == MOTCL_OK; i++)
    if (s->phase[i]->kind->prepare)
      rc = s->phase[i]->kind->prepare(s->phase[i], bytes, err);
  return rc;
}

static bool shows_previews(const mcl_session *s) {
  for (size_t i = 0; i < s->phases; i++)
    if (s->phase[i]->settings.preview)
      return true;
  return false;
}

void mcl_session_plans(const mcl_session *s, mcl_plan_visitor visit, void *user) {
  for (size_t i = 0; i < s->phases; i++)
    if (s->phase[i]->kind->plans)
      s->phase[i]->kind->plans(s->phase[i], visit, user);
  if (shows_previews(s) && s->previews && s->previews->map)
    mcl_preview_plans(s->previews->map, visit, user);
}

void mcl_session_clear(mcl_session *s) {
  for (size_t i = 0; i < s->phases; i++)
    if (s->phase[i])
      s->phase[i]->kind->destroy(s->phase[i]);
  s->phases = s->at = 0;
  s->done = false;
}

void mcl_session_finish(mcl_session *s) {
  mcl_session_clear(s);
  mcl_free((void *)s->phase);
  for (size_t i = 0; i < s->history_count; i++)
    mcl_history_unref(s->history[i]);
  mcl_free((void *)s->history);
  if (s->engine) {
    mcl_session_evict(s);
    mcl_kv_pool_close(&s->engine->kv.pool, &s->account);
  }
  if (s->resume)
    mcl_checkpoint_finish(s->resume);
  if (s->sampled)
    mcl_checkpoint_finish(s->sampled);
  mcl_free(s->resume);
  mcl_free(s->sampled);
  mcl_protocol_close(s->own);
  memset(s, 0, sizeof *s);
}
