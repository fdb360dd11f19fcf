/* phase_image_prefill.c - prefill of a picture: its latent through the autoencoder (when a picture
 * will be drawn), then its vision tokens; each a segment of cond that sees itself and all before.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "image/patches.h"
#include "image/resize.h"
#include "model/latent.h"
#include "session/checkpoint.h"
#include "session/dump.h"
#include "session/stages.h"
#include "session/workload.h"
#include "session/phases.h"

typedef enum image_step { VAE_ENCODE, PUT_LATENTS, VISION_ENCODE, PUT_TOKENS } image_step;

/*
 * width, height   of the picture after the autoencoder's rule once more
 * vision_...  and after the vision encoder's
 * rows        what the step's segment has between its markers: f32 latent or vision tokens
 * across      latent tokens in a row
 * sampled     the latent that was sampled before, in token order; NULL: it is not known yet
 */
typedef struct image_prefill_phase {
  mcl_phase base;
  mcl_contexts *contexts;
  mcl_history_item *item;
  image_step step, first;
  uint32_t width, height, vision_width, vision_height;
  mcl_stage *encoder, *vision;
  float *rows, *sampled;
  uint32_t latents, tokens, across;
  uint32_t marker[2], segment;
} image_prefill_phase;

static void say(const image_prefill_phase *t, uint32_t step) {
  bool latents = t->first == VAE_ENCODE;
  mcl_session_step(t->base.session, MOTCL_PHASE_IMAGE_PREFILL, step - (latents ? 0 : 2),
                   latents ? 4 : 2);
}

/* Latent from its moments; sampled only on request, with noise drawn in the reference's order. */
static int sample(image_prefill_phase *t, const float *moments, float *latent, size_t cells,
                  motcl_err *err) {
  mcl_session *s = t->base.session;
  const mcl_vae_config *c = &s->reader.model->config.vae;
  size_t n = cells * c->z;
  char name[32];
  bool sampled = t->base.settings.vae_sample;
  float *noise = sampled ? mcl_alloc(n, sizeof *noise) : NULL;
  int rc = MOTCL_OK;
  if (sampled) {
    if (!noise)
      return mcl_fail_nomem(err, n * sizeof *noise);
    mcl_rng_randn(&s->rng, noise, n);
    snprintf(name, sizeof name, "vae_eps_%u", s->pictures);
    rc = mcl_session_array(
        s, name, MOTCL_F32, 4,
        (size_t[]){1, c->z, t->height >> (c->levels - 1), t->width >> (c->levels - 1)}, noise, err);
  }
  mcl_latent_sample(latent, moments, noise, cells, c);
  mcl_free(noise);
  return rc;
}

static int to_tokens(image_prefill_phase *t, const float *moments, motcl_err *err) {
  mcl_session *s = t->base.session;
  const mcl_vae_config *c = &s->reader.model->config.vae;
  uint32_t h = t->height >> (c->levels - 1), w = t->width >> (c->levels - 1);
  size_t cells = (size_t)h * w;
  char name[32];
  float *latent = mcl_alloc(cells * c->z, sizeof *latent);
  t->rows = mcl_alloc(cells * c->z, sizeof *t->rows);
  int rc = latent && t->rows ? sample(t, moments, latent, cells, err)
                             : mcl_fail_nomem(err, cells * c->z * sizeof *latent);
  snprintf(name, sizeof name, "vae_latent_%u", s->pictures);
  if (rc == MOTCL_OK)
    rc = mcl_dump_planar(s, name, latent, h, w, c->z, err);
  if (rc == MOTCL_OK)
    rc = mcl_latent_to_tokens(t->rows, latent, h, w, c->z, s->reader.model->config.picture.patch,
                              err);
  mcl_free(latent);
  return rc;
}

/* What was drawn by lot cannot be drawn again: a checkpoint needs it. */
static int keep_sample(image_prefill_phase *t, motcl_err *err) {
  mcl_session *s = t->base.session;
  const mcl_saved e = {.kind = MCL_SAVED_LATENT,
                       .index = (uint32_t)s->at,
                       .data = t->rows,
                       .count = (size_t)t->latents * s->reader.model->bridge.vae2llm->cols};
  return t->base.settings.vae_sample ? mcl_session_keep(s, &e, err) : MOTCL_OK;
}

static int vae_encode(image_prefill_phase *t, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  uint32_t rows, cols;
  mcl_image picture = {0};
  mcl_stage_shape(t->encoder, &rows, &cols);
  float *pixels = mcl_alloc((size_t)t->width * t->height * 3, sizeof *pixels);
  float *moments = mcl_alloc((size_t)rows * cols, sizeof *moments);
  int rc = pixels && moments
               ? mcl_image_resize(&picture, &t->item->picture, t->width, t->height, err)
               : mcl_fail_nomem(err, (size_t)t->width * t->height * 12);
  if (rc == MOTCL_OK)
    rc = mcl_pixels_to_float(pixels, &picture, err);
  mcl_image_finish(&picture);
  if (rc == MOTCL_OK)
    rc = mcl_stage_run(t->encoder, pixels, moments, t->base.session->engine->throughput, cancel,
                       user, err);
  if (rc == MOTCL_OK)
    rc = to_tokens(t, moments, err);
  if (rc == MOTCL_OK)
    rc = keep_sample(t, err);
  mcl_free(pixels);
  mcl_free(moments);
  mcl_stages_put(t->base.session->stages, t->encoder);
  t->encoder = NULL;
  return rc;
}

/* What lies between the vision encoder's input and its tokens. */
static int dump_inner(void *user, const char *name, uint32_t rows, uint32_t cols, const float *data,
                      motcl_err *err) {
  const mcl_session *s = user;
  char path[64];
  snprintf(path, sizeof path, "picture_%u/%s", s->pictures, name);
  return mcl_session_array(s, path, MOTCL_F32, 2, (size_t[]){rows, cols}, data, err);
}

static int vision_encode(image_prefill_phase *t, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  mcl_session *s = t->base.session;
  uint32_t rows, cols;
  mcl_image seen = {0};
  char name[32];
  mcl_stage_shape(t->vision, &rows, &cols);
  float *patches = mcl_alloc((size_t)t->vision_width * t->vision_height * 3, sizeof *patches);
  t->rows = mcl_alloc((size_t)rows * cols, sizeof *t->rows);
  int rc = patches && t->rows
               ? mcl_image_resize(&seen, &t->item->picture, t->vision_width, t->vision_height, err)
               : mcl_fail_nomem(err, (size_t)rows * cols * sizeof *t->rows);
  if (rc == MOTCL_OK)
    rc = mcl_pixels_to_patches(patches, &seen, s->reader.model->config.vision.patch, err);
  mcl_image_finish(&seen);
  if (rc == MOTCL_OK)
    rc = mcl_stage_run(t->vision, patches, t->rows, s->engine->throughput, cancel, user, err);
  if (rc == MOTCL_OK && s->sink.array && s->sink.layers)
    rc = mcl_stage_visit(t->vision, dump_inner, s, err);
  mcl_free(patches);
  mcl_stages_put(s->stages, t->vision);
  t->vision = NULL;
  snprintf(name, sizeof name, "vit_tokens_%u", s->pictures);
  return rc == MOTCL_OK
             ? mcl_session_array(s, name, MOTCL_F32, 2, (size_t[]){rows, cols}, t->rows, err)
             : rc;
}

static int run(mcl_phase *base, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  image_prefill_phase *t = (image_prefill_phase *)base;
  int rc = MOTCL_OK;
  if (t->step == VAE_ENCODE && t->sampled) {
    t->rows = t->sampled;
    t->sampled = NULL;
  } else {
    rc = t->step == VAE_ENCODE ? vae_encode(t, cancel, user, err)
                               : vision_encode(t, cancel, user, err);
  }
  t->step++;
  base->state = MCL_PHASE_NEEDS_BATCH;
  say(t, t->step);
  return rc;
}

static int schedule(mcl_phase *base, mcl_batch *b, motcl_err *err) {
  image_prefill_phase *t = (image_prefill_phase *)base;
  mcl_session *s = base->session;
  mcl_batch_segment p = {.sequence = &t->contexts->cond,
                         .kind = MCL_FULL,
                         .ids = t->marker,
                         .id_rows = 2,
                         .width = t->across};
  if (t->step == PUT_TOKENS) {
    p.tokens = t->rows;
    p.token_rows = t->tokens;
    return mcl_batch_add(b, &p, &t->segment, err);
  }
  p.latent_first = mcl_batch_latents(b, s->engine->latents.rows, t->latents);
  p.latent_rows = t->latents;
  int rc = mcl_latents_write(&s->engine->latents, p.latent_first, t->latents, t->rows, err);
  return rc == MOTCL_OK ? mcl_batch_add(b, &p, &t->segment, err) : rc;
}

static int complete(mcl_phase *base, const mcl_batch *b, motcl_err *err) {
  image_prefill_phase *t = (image_prefill_phase *)base;
  mcl_session *s = base->session;
  int rc = MOTCL_OK;
  if (t->step == PUT_TOKENS && s->sink.array && s->sink.layers)
    rc = mcl_dump_seen(s, b, &b->segment[t->segment], err);
  mcl_free(t->rows);
  t->rows = NULL;
  base->state = t->step == PUT_LATENTS ? MCL_PHASE_NEEDS_RUN : MCL_PHASE_DONE;
  t->step++;
  say(t, t->step);
  if (base->state != MCL_PHASE_DONE || rc != MOTCL_OK)
    return rc;
  s->pictures++;
  return t->first == VAE_ENCODE
             ? mcl_sequence_fork(&t->contexts->text_uncond, &t->contexts->cond, err)
             : MOTCL_OK;
}

static void destroy(mcl_phase *base) {
  image_prefill_phase *t = (image_prefill_phase *)base;
  mcl_stages_put(base->session->stages, t->encoder);
  mcl_stages_put(base->session->stages, t->vision);
  mcl_history_unref(t->item);
  mcl_free(t->rows);
  mcl_free(t->sampled);
  mcl_free(t);
}

static void note_bytes(const mcl_stage *stage, uint64_t *bytes) {
  uint64_t total = mcl_stage_plan(stage)->memory.total;
  *bytes = total > *bytes ? total : *bytes;
}

static int prepare(mcl_phase *base, uint64_t *bytes, motcl_err *err) {
  image_prefill_phase *t = (image_prefill_phase *)base;
  mcl_session *s = base->session;
  uint32_t patch = s->reader.model->config.vision.patch;
  int rc = mcl_stages_get(s->stages, &t->vision, MCL_STAGE_VISION, t->vision_height / patch,
                          t->vision_width / patch, s->sink.array && s->sink.layers, err);
  if (rc != MOTCL_OK)
    return rc;
  note_bytes(t->vision, bytes);
  if (t->step != VAE_ENCODE)
    return MOTCL_OK;
  rc = mcl_stages_get(s->stages, &t->encoder, MCL_STAGE_ENCODER, t->height, t->width, false, err);
  if (rc == MOTCL_OK)
    note_bytes(t->encoder, bytes);
  return rc;
}

static void plans(const mcl_phase *base, mcl_plan_visitor visit, void *user) {
  const image_prefill_phase *t = (const image_prefill_phase *)base;
  if (t->encoder)
    visit(user, "autoencoder, encoding", mcl_stage_plan(t->encoder));
  if (t->vision)
    visit(user, "vision encoder", mcl_stage_plan(t->vision));
}

static void count_stage(mcl_workload *y, const mcl_stage *stage) {
  mcl_workload_add(y, &(mcl_workload_item){.phase = MOTCL_PHASE_IMAGE_PREFILL,
                                           .plan = mcl_stage_plan(stage),
                                           .keys = -1,
                                           .count = 1});
}

static void count_rows(mcl_workload *y, motcl_output output, const mcl_decoder_size *size) {
  mcl_footprint_keys(&y->cond[output], 2 + size->vision + size->gen);
  mcl_workload_add(y, &(mcl_workload_item){.phase = MOTCL_PHASE_IMAGE_PREFILL,
                                           .size = *size,
                                           .keys = (double)y->cond[output],
                                           .count = 1});
}

static void workload(const mcl_phase *base, mcl_workload *y) {
  const image_prefill_phase *t = (const image_prefill_phase *)base;
  motcl_output output = t->first == VAE_ENCODE ? MOTCL_OUTPUT_PICTURE : MOTCL_OUTPUT_TEXT;
  if (t->first == VAE_ENCODE) {
    count_stage(y, t->encoder);
    count_rows(
        y, output,
        &(mcl_decoder_size){.text = 2, .gen = t->latents, .latents = t->latents, .times = 1});
    y->image_differs = true;
  }
  count_stage(y, t->vision);
  count_rows(y, output, &(mcl_decoder_size){.text = 2, .vision = t->tokens});
}

static int restore(mcl_phase *base, const mcl_saved *e, mcl_footprint *footprint, motcl_err *err) {
  image_prefill_phase *t = (image_prefill_phase *)base;
  size_t count = (size_t)t->latents * base->session->reader.model->bridge.vae2llm->cols;
  (void)footprint;
  if (e->kind != MCL_SAVED_LATENT || t->first != VAE_ENCODE || !base->settings.vae_sample ||
      t->sampled || e->count != count)
    return mcl_fail(err, MOTCL_EFORMAT, "no latent of this picture was sampled");
  t->sampled = mcl_alloc(count, sizeof *t->sampled);
  if (!t->sampled)
    return mcl_fail_nomem(err, count * sizeof *t->sampled);
  memcpy(t->sampled, e->data, count * sizeof *t->sampled);
  return MOTCL_OK;
}

static const mcl_phase_kind kind = {.name = "image prefill",
                                    .schedule = schedule,
                                    .complete = complete,
                                    .prepare = prepare,
                                    .plans = plans,
                                    .workload = workload,
                                    .run = run,
                                    .restore = restore,
                                    .destroy = destroy};

/* The two resizes of the reference: the autoencoder's once more, which changes nothing for nearly
 * all sizes, and the vision encoder's on top of the first. */
static int find_sizes(image_prefill_phase *t, motcl_err *err) {
  const mcl_reader *c = &t->base.session->reader;
  const mcl_history_item *s = t->item;
  int rc = mcl_resize_size(&c->vit, s->width, s->height, &t->vision_width, &t->vision_height, err);
  return rc == MOTCL_OK ? mcl_resize_size(&c->vae, s->width, s->height, &t->width, &t->height, err)
                        : rc;
}

/* Cond grows twice, and what shares its last page is made between. */
static void count(image_prefill_phase *t, motcl_output output, mcl_footprint *footprint) {
  const mcl_model *m = t->base.session->reader.model;
  uint32_t patch = m->config.vision.patch;
  t->tokens = (t->vision_width / patch) * (t->vision_height / patch);
  if (t->first == VAE_ENCODE) {
    uint32_t cell = m->config.picture.patch << (m->config.vae.levels - 1);
    t->across = t->width / cell;
    t->latents = t->across * (t->height / cell);
    mcl_footprint_keys(&footprint->cond[output], t->latents + 2);
  }
  mcl_decoder_size pass = {
      .text = 2, .vision = t->tokens, .gen = t->latents, .latents = t->latents};
  mcl_footprint_pass(footprint, &pass, 1);
  mcl_footprint_keys(&footprint->cond[output], t->tokens + 2);
  mcl_footprint_keys(&footprint->cow_pages, 2);
}

int mcl_phase_image_prefill(mcl_phase **out, mcl_session *s, motcl_output output,
                            mcl_history_item *item, mcl_footprint *footprint, motcl_err *err) {
  image_prefill_phase *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->base = mcl_session_task(s, &kind, MCL_PHASE_NEEDS_RUN);
  t->contexts = &s->contexts[output];
  t->item = mcl_history_ref(item);
  t->step = t->first = output == MOTCL_OUTPUT_PICTURE ? VAE_ENCODE : VISION_ENCODE;
  t->marker[0] = s->reader.marker.picture_begin;
  t->marker[1] = s->reader.marker.picture_end;
  int rc = find_sizes(t, err);
  if (rc != MOTCL_OK) {
    destroy(&t->base);
    return rc;
  }
  count(t, output, footprint);
  *out = &t->base;
  return MOTCL_OK;
}
