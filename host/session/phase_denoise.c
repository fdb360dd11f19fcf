/* phase_denoise.c - rectified flow from noise to a picture. Each step is one pass with the
 * contexts' rows side by side; a context that equals another is computed once. Source: Bagel
 * 056b5fd modeling/bagel/bagel.py, generate_image. */
#include <string.h>

#include "base/mem.h"
#include "flow/grid.h"
#include "image/patches.h"
#include "model/latent.h"
#include "session/checkpoint.h"
#include "session/dump.h"
#include "session/finite.h"
#include "session/preview.h"
#include "session/record.h"
#include "session/stages.h"
#include "session/workload.h"
#include "session/phases.h"

/*
 * first    row of the latent state; the engine keeps it up to date
 * resumed  the latent it goes on with, after `step` steps; NULL: it begins with noise
 * preview  a preview is sent every so many steps; 0: none
 * segment  of each pass, -1 where it is not owed; equal numbers where contexts are equal
 */
typedef struct denoise_phase {
  mcl_phase base;
  mcl_stage *decoder;
  float *t, *dt;
  uint32_t width, height; /* latent tokens across and down */
  uint32_t rows, cols, step, steps, first, preview;
  uint32_t marker[2];
  int segment[MCL_PASSES];
  bool begun, keep, negative;
  mcl_history_item *item;
  float *resumed;
  mcl_record record;
} denoise_phase;

static size_t numbers(const denoise_phase *t) {
  return (size_t)t->rows * t->cols;
}

/* Cond, text_uncond and image_uncond. */
static void find_contexts(const denoise_phase *t, mcl_sequence *sequence[MCL_PASSES]) {
  mcl_session *s = t->base.session;
  mcl_contexts *ctx = &s->contexts[MOTCL_OUTPUT_PICTURE];
  sequence[0] = &ctx->cond;
  sequence[1] = t->negative ? &s->negative : &ctx->text_uncond;
  sequence[2] = &ctx->image_uncond;
}

/* Take rows of the latent state for where a checkpoint left the picture. */
static int begin_again(denoise_phase *t, motcl_err *err) {
  t->begun = true;
  int rc =
      mcl_latents_alloc(&t->base.session->engine->latents, t->rows, t->resumed, &t->first, err);
  mcl_free(t->resumed);
  t->resumed = NULL;
  return rc;
}

/* The first latent: given, or drawn from the session's generator in token order. */
static int begin(denoise_phase *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  size_t dim[] = {t->rows, t->cols}, steps[] = {t->steps};
  mcl_sequence *sequence[MCL_PASSES];
  if (t->resumed)
    return begin_again(t, err);
  float *noise = mcl_alloc(numbers(t), sizeof *noise);
  if (!noise)
    return mcl_fail_nomem(err, numbers(t) * sizeof *noise);
  find_contexts(t, sequence);
  if (t->base.settings.noise)
    memcpy(noise, t->base.settings.noise, numbers(t) * sizeof *noise);
  else
    mcl_rng_randn(&s->rng, noise, numbers(t));
  t->begun = true;
  int rc = mcl_latents_alloc(&s->engine->latents, t->rows, noise, &t->first, err);
  t->record = (mcl_record){
      .session = s, .first = &t->first, .rows = t->rows, .cols = t->cols, .steps = t->steps};
  if (rc == MOTCL_OK && s->sink.array)
    rc = mcl_record_start(&t->record, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_array(s, "noise", MOTCL_F32, 2, dim, noise, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_array(s, "t", MOTCL_F32, 1, steps, t->t, err);
  if (rc == MOTCL_OK && s->sink.layers)
    rc = mcl_record_contexts(&t->record, sequence, err);
  mcl_free(noise);
  return rc;
}

static int add_segment(denoise_phase *t, mcl_batch *b, mcl_sequence *c, int *segment,
                       motcl_err *err) {
  uint32_t index = 0;
  mcl_batch_segment p = {.sequence = c,
                         .kind = MCL_NOISE,
                         .ids = t->marker,
                         .id_rows = 2,
                         .latent_at = &t->first,
                         .latent_rows = t->rows,
                         .width = t->width,
                         .time = t->t[t->step]};
  int rc = mcl_batch_add(b, &p, &index, err);
  *segment = (int)index;
  return rc;
}

/* Segments of the passes that are owed; a context with the keys of an earlier one shares its
 * segment.
 */
static int add_passes(denoise_phase *t, mcl_batch *b, unsigned owed, motcl_err *err) {
  mcl_sequence *sequence[MCL_PASSES];
  static const unsigned bit[MCL_PASSES] = {MCL_PASS_COND, MCL_PASS_TEXT_UNCOND,
                                           MCL_PASS_IMAGE_UNCOND};
  int rc = MOTCL_OK;
  find_contexts(t, sequence);
  for (int i = 0; i < MCL_PASSES && rc == MOTCL_OK; i++) {
    int same = -1;
    t->segment[i] = -1;
    if (!(owed & bit[i]))
      continue;
    for (int k = 0; k < i && same < 0; k++)
      if (t->segment[k] >= 0 && mcl_sequence_equal(sequence[k], sequence[i]))
        same = t->segment[k];
    t->segment[i] = same;
    if (same < 0)
      rc = add_segment(t, b, sequence[i], &t->segment[i], err);
  }
  return rc;
}

static int schedule(mcl_phase *base, mcl_batch *b, motcl_err *err) {
  denoise_phase *t = (denoise_phase *)base;
  const motcl_guidance *g = &base->settings.guidance;
  int rc = t->begun ? MOTCL_OK : begin(t, err);
  if (rc == MOTCL_OK)
    rc = mcl_record_latents(&t->record, t->step, err);
  if (rc != MOTCL_OK)
    return rc;
  unsigned owed = mcl_guidance_passes(g, t->t[t->step]);
  rc = add_passes(t, b, owed, err);
  mcl_denoise_step d = {.latent_at = &t->first,
                        .rows = t->rows,
                        .cond = t->segment[0],
                        .text_uncond = t->segment[1],
                        .image_uncond = t->segment[2],
                        .set = {(float)g->text_scale, (float)g->image_scale, (float)g->renorm,
                                (float)g->renorm_min, t->dt[t->step]},
                        .guided = (owed & MCL_PASS_TEXT_UNCOND) != 0};
  return rc == MOTCL_OK ? mcl_batch_denoise(b, &d, err) : rc;
}

/* After a step that a preview is due for. */
static int send_preview(const denoise_phase *t, motcl_err *err) {
  if (!t->preview || t->step == t->steps || t->step % t->preview)
    return MOTCL_OK;
  mcl_preview_input m = {.first = t->first,
                         .height = t->height,
                         .width = t->width,
                         .cols = t->cols,
                         .step = t->step,
                         .of = t->steps,
                         .time = t->t[t->step]};
  return mcl_preview_send(t->base.session, &m, err);
}

/* Whether the latent is finite after a step: the device has counted, a number a row is read. */
static int check_latent(const denoise_phase *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  mcl_engine *e = s->engine;
  float *odd = mcl_alloc(t->rows, sizeof *odd);
  double n = 0;
  if (!odd)
    return mcl_fail_nomem(err, t->rows * sizeof *odd);
  int rc = mcl_engine_read(e, e->decoder->odd, t->first, t->rows, odd, err);
  for (uint32_t i = 0; i < t->rows && rc == MOTCL_OK; i++)
    n += (double)odd[i];
  mcl_free(odd);
  if (rc != MOTCL_OK || n == 0)
    return rc;
  return mcl_fail_not_finite(s->reader.model, err,
                             "the picture was lost in step %u of %u: %.0f of its latent's %zu "
                             "numbers are not finite",
                             t->step + 1, t->steps, n, numbers(t));
}

static int complete(mcl_phase *base, const mcl_batch *b, motcl_err *err) {
  denoise_phase *t = (denoise_phase *)base;
  int rc = mcl_record_step(&t->record, t->step, b, t->segment, err);
  if (rc == MOTCL_OK)
    rc = check_latent(t, err);
  if (rc != MOTCL_OK)
    return rc;
  t->step++;
  rc = send_preview(t, err);
  mcl_session_step(base->session, MOTCL_PHASE_DENOISE, t->step, t->steps);
  if (t->step == t->steps)
    base->state = MCL_PHASE_NEEDS_RUN;
  return rc;
}

/* The latent's tokens from the device, as f32[h * w, z] for the decoder. */
static int fetch_latent(denoise_phase *t, float *latent, motcl_err *err) {
  mcl_session *s = t->base.session;
  const mcl_config *c = &s->reader.model->config;
  uint32_t p = c->picture.patch;
  float *tokens = mcl_alloc(numbers(t), sizeof *tokens);
  int rc = tokens ? mcl_latents_read(&s->engine->latents, t->first, t->rows, tokens, err)
                  : mcl_fail_nomem(err, numbers(t) * sizeof *tokens);
  if (rc == MOTCL_OK)
    rc = mcl_latents_free(&s->engine->latents, &t->first, err);
  if (rc == MOTCL_OK)
    rc = mcl_latent_from_tokens(latent, tokens, t->height * p, t->width * p, c->vae.z, p, err);
  if (rc == MOTCL_OK)
    rc = mcl_dump_planar(s, "latent", latent, t->height * p, t->width * p, c->vae.z, err);
  mcl_free(tokens);
  mcl_latent_unscale(latent, latent, numbers(t), &c->vae);
  return rc;
}

static int give_picture(const denoise_phase *t, const float *pixels, uint32_t width,
                        uint32_t height, motcl_err *err) {
  const mcl_session *s = t->base.session;
  mcl_image im = {0};
  int rc = mcl_dump_planar(s, "image_f", pixels, height, width, 3, err);
  if (rc == MOTCL_OK)
    rc = mcl_pixels_from_float(&im, pixels, width, height, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_array(s, "image", MOTCL_U8, 3, (size_t[]){height, width, 3}, im.px, err);
  if (rc == MOTCL_OK)
    mcl_session_event(
        s, &(motcl_event){
               .kind = MOTCL_EVENT_PICTURE, .rgb = im.px, .width = width, .height = height});
  if (rc == MOTCL_OK && t->item)
    rc = mcl_history_set_picture(t->item, &s->reader, &im, t->keep, err);
  mcl_image_finish(&im);
  return rc;
}

static int vae_decode(denoise_phase *t, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  mcl_phase *base = &t->base;
  const mcl_config *c = &base->session->reader.model->config;
  uint32_t cell = c->picture.patch << (c->vae.levels - 1), rows, cols;
  mcl_stage_shape(t->decoder, &rows, &cols);
  float *latent = mcl_alloc(numbers(t), sizeof *latent);
  float *pixels = mcl_alloc((size_t)rows * cols, sizeof *pixels);
  int rc = latent && pixels ? mcl_record_end(&t->record, err)
                            : mcl_fail_nomem(err, (size_t)rows * cols * sizeof *pixels);
  if (rc == MOTCL_OK)
    rc = fetch_latent(t, latent, err);
  if (rc == MOTCL_OK)
    rc = mcl_stage_run(t->decoder, latent, pixels, base->session->engine->throughput, cancel, user,
                       err);
  mcl_session_step(base->session, MOTCL_PHASE_VAE_DECODE, 1, 1);
  if (rc == MOTCL_OK)
    rc = give_picture(t, pixels, t->width * cell, t->height * cell, err);
  mcl_free(latent);
  mcl_free(pixels);
  if (t->negative)
    mcl_sequence_finish(&base->session->negative);
  base->state = MCL_PHASE_DONE;
  return rc;
}

/* A map that was not fitted is planned again when it is next asked for. */
static int fit(mcl_session *s, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  mcl_previews *p = s->previews;
  int rc = mcl_preview_fit(p->map, s->engine->throughput, cancel, user, err);
  if (rc != MOTCL_OK) {
    mcl_preview_destroy(p->map);
    p->map = NULL;
  }
  return rc;
}

/* Before the first step: fit previews. After the last: the picture. */
static int run(mcl_phase *base, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  denoise_phase *t = (denoise_phase *)base;
  if (t->resumed && t->step == t->steps) {
    int rc = begin_again(t, err);
    if (rc != MOTCL_OK)
      return rc;
  }
  if (t->begun)
    return vae_decode(t, cancel, user, err);
  base->state = MCL_PHASE_NEEDS_BATCH;
  return fit(base->session, cancel, user, err);
}

static void destroy(mcl_phase *base) {
  denoise_phase *t = (denoise_phase *)base;
  if (t->begun)
    mcl_latents_free(&base->session->engine->latents, &t->first, NULL);
  mcl_history_unref(t->item);
  mcl_stages_put(base->session->stages, t->decoder);
  mcl_free(t->t);
  mcl_free(t->dt);
  mcl_free(t->resumed);
  mcl_record_finish(&t->record);
  mcl_free(t);
}

static uint64_t larger(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

static int prepare_preview(denoise_phase *t, uint64_t *bytes, motcl_err *err) {
  const mcl_session *s = t->base.session;
  mcl_previews *p = s->previews;
  if (!t->base.settings.preview || !p)
    return MOTCL_OK;
  int rc = p->map ? MOTCL_OK : mcl_preview_create(&p->map, s->stages, p->cache_dir, err);
  if (rc != MOTCL_OK)
    return rc;
  *bytes = larger(*bytes, mcl_preview_bytes(p->map));
  t->preview = t->base.settings.preview;
  if (!mcl_preview_ready(p->map))
    t->base.state = MCL_PHASE_NEEDS_RUN;
  return MOTCL_OK;
}

static int prepare(mcl_phase *base, uint64_t *bytes, motcl_err *err) {
  denoise_phase *t = (denoise_phase *)base;
  mcl_session *s = base->session;
  uint32_t p = s->reader.model->config.picture.patch;
  int rc = mcl_stages_get(s->stages, &t->decoder, MCL_STAGE_DECODER, t->height * p, t->width * p,
                          false, err);
  if (rc != MOTCL_OK)
    return rc;
  *bytes = larger(*bytes, mcl_stage_plan(t->decoder)->memory.total);
  return prepare_preview(t, bytes, err);
}

static void plans(const mcl_phase *base, mcl_plan_visitor visit, void *user) {
  const denoise_phase *t = (const denoise_phase *)base;
  if (t->decoder)
    visit(user, "autoencoder, decoding", mcl_stage_plan(t->decoder));
}

/* Steps differ in the passes they owe; the image_uncond one is none of its own where it is cond.
 */
static void workload(const mcl_phase *base, mcl_workload *y) {
  const denoise_phase *t = (const denoise_phase *)base;
  uint64_t steps[MCL_PASSES + 1] = {0};
  for (uint32_t i = 0; i < t->steps; i++) {
    unsigned owed = mcl_guidance_passes(&base->settings.guidance, t->t[i]);
    steps[1 + ((owed & MCL_PASS_TEXT_UNCOND) != 0) +
          (y->image_differs && (owed & MCL_PASS_IMAGE_UNCOND) != 0)]++;
  }
  for (uint32_t n = 1; n <= MCL_PASSES; n++)
    mcl_workload_add(
        y, &(mcl_workload_item){.phase = MOTCL_PHASE_DENOISE,
                                .size = {.text = 2 * n,
                                         .gen = n * t->rows,
                                         .latents = t->rows,
                                         .times = n,
                                         .drawn = t->rows,
                                         .pictures = 1},
                                .keys = (double)y->cond[MOTCL_OUTPUT_PICTURE] + t->rows + 2,
                                .count = steps[n]});
  mcl_workload_add(y, &(mcl_workload_item){.phase = MOTCL_PHASE_VAE_DECODE,
                                           .plan = mcl_stage_plan(t->decoder),
                                           .keys = -1,
                                           .count = 1});
  if (t->preview)
    mcl_preview_workload(base->session->previews->map, y);
}

static int save(const mcl_phase *base, mcl_checkpoint *c, motcl_err *err) {
  const denoise_phase *t = (const denoise_phase *)base;
  mcl_saved e = {.kind = MCL_SAVED_DENOISE, .index = c->at, .step = t->step, .count = numbers(t)};
  if (!t->begun && !t->resumed)
    return MOTCL_OK;
  float *x = mcl_alloc(numbers(t), sizeof *x);
  if (!x)
    return mcl_fail_nomem(err, numbers(t) * sizeof *x);
  int rc = MOTCL_OK;
  if (t->resumed)
    memcpy(x, t->resumed, numbers(t) * sizeof *x);
  else
    rc = mcl_latents_read(&base->session->engine->latents, t->first, t->rows, x, err);
  e.data = x;
  if (rc == MOTCL_OK)
    rc = mcl_checkpoint_add(c, &e, mcl_saved_bytes(&e), err);
  mcl_free(x);
  return rc;
}

static int restore(mcl_phase *base, const mcl_saved *e, mcl_footprint *footprint, motcl_err *err) {
  denoise_phase *t = (denoise_phase *)base;
  (void)footprint;
  if (e->kind != MCL_SAVED_DENOISE || t->resumed || e->step > t->steps || e->count != numbers(t))
    return mcl_fail(err, MOTCL_EFORMAT, "no picture of this size was in the making");
  t->resumed = mcl_alloc(numbers(t), sizeof *t->resumed);
  if (!t->resumed)
    return mcl_fail_nomem(err, numbers(t) * sizeof *t->resumed);
  memcpy(t->resumed, e->data, numbers(t) * sizeof *t->resumed);
  t->step = e->step;
  if (t->step == t->steps)
    base->state = MCL_PHASE_NEEDS_RUN;
  return MOTCL_OK;
}

static bool has_output(const mcl_phase *base) {
  const denoise_phase *t = (const denoise_phase *)base;
  return t->item && t->item->picture.px;
}

static const mcl_phase_kind kind = {.name = "denoise",
                                    .schedule = schedule,
                                    .complete = complete,
                                    .prepare = prepare,
                                    .plans = plans,
                                    .workload = workload,
                                    .run = run,
                                    .save = save,
                                    .restore = restore,
                                    .has_output = has_output,
                                    .destroy = destroy};

static int check_size(const mcl_config *c, uint32_t width, uint32_t height, motcl_err *err) {
  uint32_t cell = c->picture.patch << (c->vae.levels - 1), most = cell * c->picture.latent_side;
  if (!width || !height || width % cell || height % cell)
    return mcl_fail(err, MOTCL_EINVAL,
                    "a picture of %ux%u cannot be drawn: both sides must be multiples of %u", width,
                    height, cell);
  if (width > most || height > most)
    return mcl_fail(
        err, MOTCL_EINVAL,
        "a picture of %ux%u is beyond what this model has places for; sides go up to %u", width,
        height, most);
  return MOTCL_OK;
}

static void count(const denoise_phase *t, mcl_footprint *footprint) {
  mcl_decoder_size pass = {.text = 2 * MCL_PASSES,
                           .gen = MCL_PASSES * t->rows,
                           .latents = t->rows,
                           .drawn = t->rows,
                           .pictures = 1};
  mcl_footprint_pass(footprint, &pass, MCL_PASSES);
}

/* Sizes from the model, the time grid, and whether given noise fits. */
static int fill(denoise_phase *t, uint32_t width, uint32_t height, motcl_err *err) {
  const mcl_session *s = t->base.session;
  const motcl_settings *set = &t->base.settings;
  const mcl_config *c = &s->reader.model->config;
  uint32_t cell = c->picture.patch << (c->vae.levels - 1);
  t->width = width / cell;
  t->height = height / cell;
  t->rows = t->width * t->height;
  t->cols = s->reader.model->bridge.vae2llm->cols;
  t->steps = set->timesteps - 1;
  t->marker[0] = s->reader.marker.picture_begin;
  t->marker[1] = s->reader.marker.picture_end;
  t->t = mcl_alloc(t->steps, sizeof *t->t);
  t->dt = mcl_alloc(t->steps, sizeof *t->dt);
  if (!t->t || !t->dt)
    return mcl_fail_nomem(err, t->steps * sizeof *t->t);
  if (set->noise && set->noise_count != numbers(t))
    return mcl_fail(err, MOTCL_EINVAL,
                    "the noise has %zu numbers and a picture of %ux%u takes %u x %u",
                    set->noise_count, width, height, t->rows, t->cols);
  return mcl_grid(t->t, t->dt, set->timesteps, set->shift, err);
}

int mcl_phase_denoise(mcl_phase **out, mcl_session *s, uint32_t width, uint32_t height,
                      bool negative, mcl_history_item *item, bool keep, mcl_footprint *footprint,
                      motcl_err *err) {
  int rc = check_size(&s->reader.model->config, width, height, err);
  if (rc != MOTCL_OK)
    return rc;
  denoise_phase *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->base = mcl_session_task(s, &kind, MCL_PHASE_NEEDS_BATCH);
  t->negative = negative;
  t->keep = keep;
  t->item = item ? mcl_history_ref(item) : NULL;
  rc = fill(t, width, height, err);
  if (rc != MOTCL_OK) {
    destroy(&t->base);
    return rc;
  }
  count(t, footprint);
  *out = &t->base;
  return MOTCL_OK;
}
