/* preview.c - fitting previews to an autoencoder, and keeping the fit. */
#include "session/preview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fit.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "cl/cache.h"
#include "model/latent.h"
#include "session/stages.h"

/* Pictures that are fitted on, one that is not and tells how good the fit is; latent cells across
 * and down each, fewer where a cell is many pixels; and the ridge. */
enum { FITTED = 8, SUBJECTS = FITTED + 1, CELLS = 8, FEW_CELLS = 4, MANY_PIXELS = 16 };
static const double ridge = 1e-4;

struct mcl_preview {
  mcl_stages *stages;
  const mcl_model *model;
  const char *cache_dir;
  mcl_cache_key key;
  mcl_latent_to_rgb map;
  mcl_stage *encoder, *decoder; /* NULL where nothing is left to fit */
  uint32_t cells, cell_side;
};

/* ---- the cache ---- */

static void add_weight(mcl_cache_key *key, const mcl_weight *w) {
  char text[80];
  snprintf(text, sizeof text, "%u %u %u %d %016llx", w->rows, w->cols, w->kernel, (int)w->type,
           (unsigned long long)mcl_hash64(w->data, mcl_weight_bytes(w)));
  mcl_cache_key_add(key, text);
}

static void add_half(mcl_cache_key *key, const mcl_vae_half *h) {
  const mcl_pair ends[] = {h->conv_in, h->mid_norm, h->norm_out, h->conv_out};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    add_weight(key, ends[i].weight);
    add_weight(key, ends[i].bias);
  }
}

/* What tells autoencoders apart: sizes, and the tensors at both ends of both halves. Hashing all of
 * them would read the whole file. */
static mcl_cache_key key_of(const mcl_model *m) {
  const mcl_vae_config *c = &m->config.vae;
  mcl_cache_key key = mcl_cache_key_init();
  char text[96];
  mcl_cache_key_add(&key, "preview 1");
  snprintf(text, sizeof text, "%u %u %u %u %a %a", c->levels, c->z, c->encoder_blocks,
           c->decoder_blocks, (double)c->scale, (double)c->shift);
  mcl_cache_key_add(&key, text);
  for (uint32_t i = 0; i < c->levels; i++) {
    snprintf(text, sizeof text, "%u", c->channels[i]);
    mcl_cache_key_add(&key, text);
  }
  add_half(&key, &m->vae.encoder);
  add_half(&key, &m->vae.decoder);
  return key;
}

static void tell_truth(const mcl_preview *p) {
  mcl_log_message(MOTCL_LOG_INFO,
                  "the correlation of previews with what this autoencoder draws is %.2f",
                  (double)p->map.truth);
}

/* An entry is coef, then truth. */
static bool take_kept(mcl_preview *p) {
  size_t n = mcl_latent_to_rgb_numbers(&p->map), bytes;
  unsigned char *kept;
  bool good = false;
  if (!mcl_cache_load(p->cache_dir, &p->key, &kept, &bytes))
    return false;
  if (bytes == (n + 1) * sizeof(float)) {
    memcpy(p->map.coef, kept, n * sizeof(float));
    memcpy(&p->map.truth, kept + n * sizeof(float), sizeof(float));
    good = isfinite(p->map.truth);
    for (size_t i = 0; i < n; i++)
      good = good && isfinite(p->map.coef[i]);
  }
  mcl_free(kept);
  if (good)
    tell_truth(p);
  return good;
}

/* Without an entry it is fitted again: not worth an error. */
static void keep(const mcl_preview *p) {
  size_t n = mcl_latent_to_rgb_numbers(&p->map);
  float *both = mcl_alloc(n + 1, sizeof *both);
  if (!both)
    return;
  memcpy(both, p->map.coef, n * sizeof *both);
  both[n] = p->map.truth;
  mcl_cache_store(p->cache_dir, &p->key, both, (n + 1) * sizeof *both);
  mcl_free(both);
}

/* ---- planning ---- */

static int plan(mcl_preview *p, motcl_err *err) {
  uint32_t size = p->cells * p->cell_side;
  int rc = mcl_stages_get(p->stages, &p->encoder, MCL_STAGE_ENCODER, size, size, false, err);
  return rc == MOTCL_OK ? mcl_stages_get(p->stages, &p->decoder, MCL_STAGE_DECODER, p->cells,
                                         p->cells, false, err)
                        : rc;
}

static int begin(mcl_preview *p, motcl_err *err) {
  const mcl_vae_config *c = &p->model->config.vae;
  p->cell_side = 1u << (c->levels - 1);
  p->cells = p->cell_side > MANY_PIXELS ? FEW_CELLS : CELLS;
  p->map.z = c->z;
  p->map.side = p->cell_side > 1 ? 2 : 1;
  p->key = key_of(p->model);
  size_t n = mcl_latent_to_rgb_numbers(&p->map);
  p->map.coef = mcl_alloc(n, sizeof(float));
  return p->map.coef ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof(float));
}

int mcl_preview_create(mcl_preview **out, mcl_stages *stages, const char *cache_dir,
                       motcl_err *err) {
  const mcl_model *m = stages->model;
  if (!m->can_draw)
    return mcl_fail(err, MOTCL_EMODEL, "this model has no autoencoder to draw previews by");
  mcl_preview *p = mcl_zalloc(1, sizeof *p);
  if (!p)
    return mcl_fail_nomem(err, sizeof *p);
  p->stages = stages;
  p->model = m;
  p->cache_dir = cache_dir;
  int rc = begin(p, err);
  if (rc == MOTCL_OK && !take_kept(p))
    rc = plan(p, err);
  if (rc == MOTCL_OK)
    *out = p;
  else
    mcl_preview_destroy(p);
  return rc;
}

static void drop_stages(mcl_preview *p) {
  mcl_stages_put(p->stages, p->encoder);
  mcl_stages_put(p->stages, p->decoder);
  p->encoder = p->decoder = NULL;
}

void mcl_preview_destroy(mcl_preview *p) {
  if (!p)
    return;
  drop_stages(p);
  mcl_latent_to_rgb_finish(&p->map);
  mcl_free(p);
}

void mcl_previews_finish(mcl_previews *p) {
  mcl_preview_destroy(p->map);
  p->map = NULL;
}

/* One runs after the other, and the first is gone before the second begins. */
uint64_t mcl_preview_bytes(const mcl_preview *p) {
  if (mcl_preview_ready(p))
    return 0;
  uint64_t a = mcl_stage_plan(p->encoder)->memory.total;
  uint64_t b = mcl_stage_plan(p->decoder)->memory.total;
  return a > b ? a : b;
}

bool mcl_preview_ready(const mcl_preview *p) {
  return !p->decoder;
}

void mcl_preview_plans(const mcl_preview *p, mcl_plan_visitor visit, void *user) {
  if (mcl_preview_ready(p))
    return;
  visit(user, MCL_PREVIEW_PLAN ", encoding", mcl_stage_plan(p->encoder));
  visit(user, MCL_PREVIEW_PLAN ", decoding", mcl_stage_plan(p->decoder));
}

void mcl_preview_workload(const mcl_preview *p, mcl_workload *y) {
  if (mcl_preview_ready(p))
    return;
  mcl_workload_item runs = {.phase = MOTCL_PHASE_DENOISE, .keys = -1, .count = SUBJECTS};
  runs.plan = mcl_stage_plan(p->encoder);
  mcl_workload_add(y, &runs);
  runs.plan = mcl_stage_plan(p->decoder);
  mcl_workload_add(y, &runs);
}

const mcl_latent_to_rgb *mcl_preview_map(const mcl_preview *p) {
  return &p->map;
}

/* ---- fitting ---- */

/* Room for all subjects' latents, a picture, moments, and the colours of all cells twice. */
typedef struct workspace {
  float *latent, *pixels, *moments, *seen, *guess;
  size_t cells, colours;
} workspace;

static void workspace_finish(workspace *r) {
  mcl_free(r->latent);
  mcl_free(r->pixels);
  mcl_free(r->moments);
  mcl_free(r->seen);
  mcl_free(r->guess);
}

static int workspace_init(workspace *r, const mcl_preview *p, motcl_err *err) {
  size_t z = p->map.z, size = (size_t)p->cells * p->cell_side;
  r->cells = (size_t)p->cells * p->cells;
  r->colours = (size_t)p->map.side * p->map.side * 3;
  r->latent = mcl_alloc(SUBJECTS * r->cells * z, sizeof(float));
  r->pixels = mcl_alloc(size * size * 3, sizeof(float));
  r->moments = mcl_alloc(r->cells * z * 2, sizeof(float));
  r->seen = mcl_alloc(r->cells * r->colours, sizeof(float));
  r->guess = mcl_alloc(r->cells * r->colours, sizeof(float));
  return r->latent && r->pixels && r->moments && r->seen && r->guess
             ? MOTCL_OK
             : mcl_fail_nomem(err, size * size * 3 * sizeof(float));
}

static float *latent_of(const workspace *r, const mcl_preview *p, uint32_t subject) {
  return r->latent + subject * r->cells * p->map.z;
}

static int encode(mcl_preview *p, workspace *r, mcl_throughput *throughput, mcl_cancel_fn cancel,
                  void *user, motcl_err *err) {
  int rc = MOTCL_OK;
  for (uint32_t i = 0; i < SUBJECTS && rc == MOTCL_OK; i++) {
    mcl_latent_to_rgb_subject(r->pixels, p->cells * p->cell_side, i);
    rc = mcl_stage_run(p->encoder, r->pixels, r->moments, throughput, cancel, user, err);
    if (rc == MOTCL_OK)
      mcl_latent_sample(latent_of(r, p, i), r->moments, NULL, r->cells, &p->model->config.vae);
  }
  mcl_stages_put(p->stages, p->encoder);
  p->encoder = NULL;
  return rc;
}

/* A subject's latent through the decoder; its cells' colours are then in `seen`. */
static int decode(mcl_preview *p, workspace *r, uint32_t subject, mcl_throughput *throughput,
                  mcl_cancel_fn cancel, void *user, motcl_err *err) {
  size_t n = r->cells * p->map.z;
  mcl_latent_unscale(r->moments, latent_of(r, p, subject), n, &p->model->config.vae);
  int rc = mcl_stage_run(p->decoder, r->moments, r->pixels, throughput, cancel, user, err);
  for (uint32_t k = 0; k < r->cells && rc == MOTCL_OK; k++)
    mcl_latent_to_rgb_means(r->seen + k * r->colours, r->pixels, p->cells, p->cell_side,
                            p->map.side, k / p->cells, k % p->cells);
  return rc;
}

static int solve(mcl_preview *p, workspace *r, mcl_fit *fit, mcl_throughput *throughput,
                 mcl_cancel_fn cancel, void *user, motcl_err *err) {
  int rc = mcl_fit_init(fit, p->map.z, (uint32_t)r->colours, err);
  for (uint32_t i = 0; i < FITTED && rc == MOTCL_OK; i++) {
    rc = decode(p, r, i, throughput, cancel, user, err);
    for (size_t k = 0; k < r->cells && rc == MOTCL_OK; k++)
      mcl_fit_add(fit, latent_of(r, p, i) + k * p->map.z, r->seen + k * r->colours);
  }
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_fit_solve(fit, p->map.coef, ridge, err);
  return rc == MOTCL_OK ? rc
                        : mcl_fail(err, MOTCL_EMODEL,
                                   "the autoencoder gives numbers that are not finite: its file is "
                                   "damaged, or the device computes wrongly");
}

static double correlation(const float *a, const float *b, size_t n) {
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (size_t i = 0; i < n; i++) {
    double x = (double)a[i], y = (double)b[i];
    sa += x;
    sb += y;
    saa += x * x;
    sbb += y * y;
    sab += x * y;
  }
  double spread = (saa - sa * sa / (double)n) * (sbb - sb * sb / (double)n);
  return spread > 0 ? (sab - sa * sb / (double)n) / sqrt(spread) : 0;
}

/* Against the subject that was not fitted on. */
static int judge(mcl_preview *p, workspace *r, mcl_throughput *throughput, mcl_cancel_fn cancel,
                 void *user, motcl_err *err) {
  int rc = decode(p, r, FITTED, throughput, cancel, user, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t k = 0; k < r->cells; k++)
    mcl_latent_to_rgb_cell(&p->map, latent_of(r, p, FITTED) + k * p->map.z,
                           r->guess + k * r->colours);
  double truth = correlation(r->seen, r->guess, r->cells * r->colours);
  p->map.truth = truth >= -1 && truth <= 1 ? (float)truth : 0;
  tell_truth(p);
  return MOTCL_OK;
}

int mcl_preview_fit(mcl_preview *p, mcl_throughput *throughput, mcl_cancel_fn cancel, void *user,
                    motcl_err *err) {
  workspace r = {0};
  mcl_fit fit = {0};
  if (mcl_preview_ready(p))
    return MOTCL_OK;
  int rc = workspace_init(&r, p, err);
  if (rc == MOTCL_OK)
    rc = encode(p, &r, throughput, cancel, user, err);
  if (rc == MOTCL_OK)
    rc = solve(p, &r, &fit, throughput, cancel, user, err);
  if (rc == MOTCL_OK)
    rc = judge(p, &r, throughput, cancel, user, err);
  if (rc == MOTCL_OK) {
    drop_stages(p);
    keep(p);
  }
  mcl_fit_finish(&fit);
  workspace_finish(&r);
  return rc;
}
