/* session.c - what is said, and the phases that take it in and answer it. */
#include "session/session.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/trace.h"
#include "session/checkpoint.h"
#include "session/items.h"
#include "session/preview.h"
#include "session/phases.h"
#include "text/think.h"

#define DRAWN MOTCL_OUTPUT_PICTURE
#define WRITTEN MOTCL_OUTPUT_TEXT

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
  return (mcl_phase){kind, s, waits, s->settings};
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

void mcl_session_step(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of) {
  double left = mcl_eta_step(&s->eta, (int)phase, step, of, mcl_clock());
  trace_step(s, phase, step, of);
  mcl_session_event(
      s, &(motcl_event){
             .kind = MOTCL_EVENT_STEP, .phase = phase, .step = step, .of = of, .left = left});
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

/* The history gets one item more, whose reference is the session's, also on failure. */
static int push(mcl_session *s, mcl_history_item *item, motcl_err *err) {
  void *p = (void *)s->history;
  if (!mcl_grow(&p, &s->history_cap, s->history_count, sizeof(mcl_history_item *))) {
    mcl_history_unref(item);
    return mcl_fail_nomem(err, sizeof(mcl_history_item *));
  }
  s->history = (mcl_history_item **)p;
  s->history[s->history_count++] = item;
  return MOTCL_OK;
}

int mcl_session_say(mcl_session *s, const motcl_part *part, bool keep, motcl_err *err) {
  mcl_history_item *item;
  int rc = mcl_history_read(&item, &s->reader, part, s->settings.no_orient, keep, err);
  return rc == MOTCL_OK ? push(s, item, err) : rc;
}

/* A text of the format's own or the settings', which is not part of what was said. */
static int add_text(mcl_session *s, motcl_output output, const char *text, mcl_text_use use,
                    mcl_footprint *footprint, motcl_err *err) {
  motcl_part part = {.kind = MOTCL_PART_TEXT, .data = text, .size = strlen(text)};
  mcl_history_item *item;
  mcl_phase *t;
  int rc = mcl_history_read(&item, &s->reader, &part, false, false, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_phase_prefill(&t, s, output, item, use, footprint, err);
  mcl_history_unref(item);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

static mcl_text_use use_of(motcl_part_kind kind) {
  return kind == MOTCL_PART_TEXT     ? MCL_TEXT_USER
         : kind == MOTCL_PART_SYSTEM ? MCL_TEXT_SYSTEM
                                     : MCL_TEXT_ANSWER;
}

static int add_prefill(mcl_session *s, motcl_output output, mcl_history_item *item,
                       mcl_footprint *footprint, motcl_err *err) {
  mcl_contexts *ctx = &s->contexts[output];
  mcl_phase *t;
  int rc;
  if (item->kind == MOTCL_PART_PICTURE)
    rc = mcl_phase_image_prefill(&t, s, output, item, footprint, err);
  else
    rc = mcl_phase_prefill(&t, s, output, item, use_of(item->kind), footprint, err);
  if (item->kind == MOTCL_PART_PICTURE)
    ctx->sampled = ctx->sampled || (output == DRAWN && s->settings.vae_sample);
  if (item->kind == MOTCL_PART_TEXT || item->kind == MOTCL_PART_PICTURE)
    ctx->after_text = item->kind == MOTCL_PART_TEXT;
  ctx->taken++;
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

static bool has_picture(const mcl_session *s) {
  for (size_t i = 0; i < s->history_count; i++)
    if (s->history[i]->kind == MOTCL_PART_PICTURE)
      return true;
  return false;
}

/* Contexts are reused if computing them again would give the same: that takes the same system text,
 * and latents that do not depend on the seed. */
static bool reusable(const mcl_session *s, motcl_output output) {
  const mcl_contexts *ctx = &s->contexts[output];
  bool sampled = ctx->sampled || (output == DRAWN && s->settings.vae_sample && has_picture(s));
  return ctx->begun && ctx->think == s->settings.think && !sampled;
}

/* Bring contexts up to all that was said. */
static int add_missing_prefills(mcl_session *s, motcl_output output, mcl_footprint *footprint,
                                motcl_err *err) {
  mcl_contexts *ctx = &s->contexts[output];
  bool fresh = !reusable(s, output);
  mcl_phase *t;
  int rc = mcl_phase_begin(&t, s, output, s->seed, fresh, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_append(s, t, err);
  if (fresh) {
    ctx->taken = 0;
    ctx->after_text = ctx->sampled = false;
    ctx->begun = true;
    ctx->think = s->settings.think;
  }
  if (rc == MOTCL_OK && fresh && ctx->think)
    rc = add_text(s, output, mcl_think_system(output == DRAWN), MCL_TEXT_SYSTEM, footprint, err);
  while (rc == MOTCL_OK && ctx->taken < s->history_count)
    rc = add_prefill(s, output, s->history[ctx->taken], footprint, err);
  return rc;
}

static int add_decode(mcl_session *s, bool thought, bool last, bool keep, mcl_footprint *footprint,
                      motcl_err *err) {
  mcl_history_item *item = NULL;
  mcl_phase *t;
  int rc = MOTCL_OK;
  if (thought || !last) {
    rc = mcl_history_expect_text(&item, thought ? s->settings.max_think : s->settings.max_tokens,
                                 err);
    rc = rc == MOTCL_OK ? push(s, item, err) : rc;
  }
  if (rc == MOTCL_OK)
    rc = mcl_phase_decode(&t, s, thought, item, keep, footprint, err);
  return rc == MOTCL_OK ? mcl_session_append(s, t, err) : rc;
}

/* The size asked for, else the last picture's, else the model's own. */
static void size_of(const mcl_session *s, uint32_t *width, uint32_t *height) {
  *width = s->settings.width;
  *height = s->settings.height;
  for (size_t i = s->history_count; i > 0 && !*width; i--)
    if (s->history[i - 1]->kind == MOTCL_PART_PICTURE) {
      *width = s->history[i - 1]->width;
      *height = s->history[i - 1]->height;
    }
  if (!*width) {
    *width = s->reader.model->config.picture.width;
    *height = s->reader.model->config.picture.height;
  }
}

static int add_denoise(mcl_session *s, bool last, bool keep, mcl_footprint *footprint,
                       motcl_err *err) {
  mcl_contexts *ctx = &s->contexts[DRAWN];
  const char *negative = s->settings.negative;
  bool without = negative && ctx->after_text;
  uint32_t width, height;
  mcl_history_item *item = NULL;
  mcl_phase *t;
  int rc = MOTCL_OK;
  size_of(s, &width, &height);
  if (s->settings.think) {
    rc = add_decode(s, true, false, keep, footprint, err);
    rc = rc == MOTCL_OK ? add_prefill(s, DRAWN, s->history[ctx->taken], footprint, err) : rc;
  }
  if (rc == MOTCL_OK && without)
    rc = add_text(s, DRAWN, negative, MCL_TEXT_NEGATIVE, footprint, err);
  if (rc == MOTCL_OK && !last)
    rc = mcl_history_expect_picture(&item, &s->reader, width, height, err);
  if (rc == MOTCL_OK)
    rc = mcl_phase_denoise(&t, s, width, height, without, item, keep, footprint, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_append(s, t, err);
  if (rc == MOTCL_OK && item)
    return push(s, item, err);
  mcl_history_unref(item);
  return rc;
}

/* What was said from `first` on is of this output. */
static int sign(mcl_session *s, size_t first, motcl_output output, motcl_err *err) {
  mcl_output_request *request;
  int rc = mcl_output_request_make(&request, output, s->seed, &s->settings, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t i = first; i < s->history_count; i++)
    s->history[i]->request = mcl_output_request_ref(request);
  mcl_output_request_unref(request);
  return MOTCL_OK;
}

int mcl_session_ask(mcl_session *s, motcl_output output, bool last, bool keep,
                    mcl_footprint *footprint, motcl_err *err) {
  bool draws = output == DRAWN;
  size_t first = s->history_count;
  int rc = mcl_settings_check(&s->settings, draws, err);
  if (rc == MOTCL_OK && !s->history_count)
    rc = mcl_fail(err, MOTCL_EINVAL, "nothing was asked: give a text");
  if (rc == MOTCL_OK && draws && !s->reader.model->can_draw)
    rc = mcl_fail(err, MOTCL_EUNSUPPORTED, "this model has no autoencoder and cannot draw");
  if (rc == MOTCL_OK)
    rc = add_missing_prefills(s, output, footprint, err);
  if (rc == MOTCL_OK)
    rc = draws ? add_denoise(s, last, keep, footprint, err)
               : add_decode(s, false, last, keep, footprint, err);
  if (rc == MOTCL_OK && keep)
    rc = sign(s, first, output, err);
  s->seed++;
  s->outputs++;
  return rc;
}

int mcl_session_request(mcl_session *s, const motcl_request *request, mcl_footprint *footprint,
                        motcl_err *err) {
  size_t outputs = mcl_request_outputs(request);
  int rc = motcl_request_check(request, err);
  for (mcl_items l = {.request = request}; rc == MOTCL_OK && mcl_items_next(&l);) {
    const motcl_item *item = &l.item;
    bool asks = item->kind == MOTCL_ITEM_OUTPUT;
    s->settings = asks ? *item->settings : request->settings;
    s->seed = asks ? item->seed : s->seed;
    rc = asks ? mcl_session_ask(s, item->output, l.outputs == outputs, false, footprint, err)
              : mcl_session_say(s, &item->part, false, err);
  }
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
  return rc;
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

/* Whether the phase at hand is over: it has run, or on the way to where the session goes on, what
 * it makes is there. */
static bool over(mcl_session *s) {
  const mcl_phase *t = s->phase[s->at];
  if (s->resume && s->at == s->resume->at)
    mcl_session_resumed(s);
  return t->state == MCL_PHASE_DONE || (s->resume && t->kind->has_output);
}

bool mcl_session_advance(mcl_session *s) {
  while (s->at < s->phases && over(s)) {
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
  memset(s, 0, sizeof *s);
}
