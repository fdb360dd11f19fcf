/* engine.c - the decoder's plans by shape, and reading results. */
#include "session/engine.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

/* Plans that are kept; the one least recently used goes for another. */
enum { KEPT_PLANS = 8 };

typedef struct mcl_kept_plan {
  mcl_shape shape;
  mcl_plan *plan;
  uint64_t used;
} mcl_kept_plan;

/* The executor's memory holds nothing between a pass and the next: it is idle then. */
static void drop_exec(mcl_engine *e) {
  mcl_residency_busy(mcl_weights_residency(e->weights), &e->idle);
  mcl_exec_destroy(e->exec);
  e->exec = NULL;
}

static void evict(mcl_evictable *self) {
  drop_exec((mcl_engine *)((char *)self - offsetof(mcl_engine, idle)));
}

int mcl_engine_init(mcl_engine *e, const mcl_model *m, mcl_weights *weights,
                    const mcl_plan_options *options, motcl_err *err) {
  const mcl_decoder_config *c = &m->config.decoder;
  mcl_residency *r = mcl_weights_residency(weights);
  memset(e, 0, sizeof *e);
  e->model = m;
  e->weights = weights;
  e->device = mcl_residency_device(r);
  e->options = *options;
  e->options.memory = 0;
  e->idle.evict = evict;
  mcl_latents_init(&e->latents, r, m->can_draw ? m->bridge.vae2llm->cols : 0);
  return mcl_kv_cache_init(&e->kv, r, c->layers, (size_t)MCL_PAGE * c->kv_heads * c->head, err);
}

void mcl_engine_finish(mcl_engine *e) {
  if (!e->weights)
    return;
  drop_exec(e);
  for (size_t i = 0; i < e->keeps; i++)
    mcl_plan_destroy(e->kept[i].plan);
  mcl_free(e->kept);
  for (size_t i = 0; i < 2; i++)
    mcl_decoder_finish(&e->graph[i]);
  mcl_kv_cache_finish(&e->kv);
  mcl_latents_finish(&e->latents);
  memset(e, 0, sizeof *e);
}

/* ---- plans ---- */

/* Tables and scratch that rows and segments of a pass need at most. */
static int fill_size(mcl_shape *shape, motcl_err *err) {
  mcl_decoder_size *s = &shape->size;
  uint32_t rows = s->text + s->vision + s->gen, segments = shape->segments;
  if ((uint64_t)s->pages * segments > INT32_MAX)
    return mcl_fail(err, MOTCL_EFIT,
                    "the texts and pictures need %u pages of %u keys, which nothing has room for; "
                    "ask for less",
                    s->pages, MCL_PAGE);
  s->times = segments;
  s->cow_pages = segments;
  s->tiles = rows / MCL_TILE_ROWS + MCL_SEGMENT_SPANS * segments;
  s->scratch = rows / MCL_PAGE + segments + 1;
  s->block_table = s->pages * segments;
  if (!s->gen)
    s->scratch = 0;
  return MOTCL_OK;
}

static int graph_of(mcl_engine *e, const mcl_decoder_graph **out, bool layers, motcl_err *err) {
  mcl_decoder_graph *d = &e->graph[layers];
  int rc = d->graph ? MOTCL_OK : mcl_decoder_build(d, e->model, layers, err);
  if (rc == MOTCL_OK)
    *out = d;
  return rc;
}

static int make_plan(mcl_engine *e, mcl_plan **out, const mcl_shape *shape, motcl_err *err) {
  const mcl_decoder_graph *d;
  int rc = graph_of(e, &d, shape->layers, err);
  if (rc != MOTCL_OK)
    return rc;
  uint32_t *dims = mcl_zalloc(mcl_graph_dims(d->graph), sizeof *dims);
  if (!dims)
    return mcl_fail_nomem(err, mcl_graph_dims(d->graph) * sizeof *dims);
  mcl_decoder_bind(d, &shape->size, dims);
  rc = mcl_plan_make(out, e->device, d->graph, dims, &e->options, err);
  mcl_free(dims);
  return rc;
}

static bool same(const mcl_shape *a, const mcl_shape *b) {
  return a->segments == b->segments && a->layers == b->layers &&
         mcl_decoder_size_same(&a->size, &b->size);
}

/* A place for one plan more: a new one, or that of the plan least recently used, but for the one
 * that passes run by. */
static mcl_kept_plan *place_of_plan(mcl_engine *e) {
  mcl_kept_plan *oldest = NULL;
  if (!e->kept)
    e->kept = mcl_zalloc(KEPT_PLANS, sizeof *e->kept);
  if (!e->kept)
    return NULL;
  if (e->keeps < KEPT_PLANS)
    return &e->kept[e->keeps++];
  for (size_t i = 0; i < e->keeps; i++)
    if (e->kept[i].plan != e->plan && (!oldest || e->kept[i].used < oldest->used))
      oldest = &e->kept[i];
  mcl_plan_destroy(oldest->plan);
  return oldest;
}

static int keep_plan(mcl_engine *e, mcl_kept_plan **out, const mcl_shape *asked, motcl_err *err) {
  mcl_shape shape = *asked;
  mcl_plan *plan = NULL;
  int rc = fill_size(&shape, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t i = 0; i < e->keeps; i++)
    if (same(&e->kept[i].shape, &shape)) {
      *out = &e->kept[i];
      return MOTCL_OK;
    }
  rc = make_plan(e, &plan, &shape, err);
  mcl_kept_plan *k = rc == MOTCL_OK ? place_of_plan(e) : NULL;
  if (rc == MOTCL_OK && !k) {
    mcl_plan_destroy(plan);
    rc = mcl_fail_nomem(err, KEPT_PLANS * sizeof *k);
  }
  if (rc != MOTCL_OK)
    return rc;
  *k = (mcl_kept_plan){shape, plan, 0};
  *out = k;
  return MOTCL_OK;
}

int mcl_engine_plan(mcl_engine *e, const mcl_plan **out, const mcl_shape *shape, motcl_err *err) {
  mcl_kept_plan *k;
  int rc = keep_plan(e, &k, shape, err);
  if (rc != MOTCL_OK)
    return rc;
  k->used = ++e->clock;
  *out = k->plan;
  return MOTCL_OK;
}

bool mcl_engine_serves(const mcl_engine *e, const mcl_shape *shape) {
  mcl_decoder_size both = e->shape.size;
  mcl_decoder_size_cover(&both, &shape->size);
  return e->plan && mcl_decoder_size_same(&both, &e->shape.size) &&
         shape->segments <= e->shape.segments && shape->layers == e->shape.layers;
}

int mcl_engine_use(mcl_engine *e, const mcl_shape *shape, motcl_err *err) {
  mcl_kept_plan *k;
  int rc = keep_plan(e, &k, shape, err);
  if (rc != MOTCL_OK)
    return rc;
  k->used = ++e->clock;
  if (k->plan == e->plan)
    return MOTCL_OK;
  drop_exec(e);
  e->plan = k->plan;
  e->shape = k->shape;
  e->decoder = &e->graph[k->shape.layers];
  return MOTCL_OK;
}

/* ---- results ---- */

int mcl_engine_read(mcl_engine *e, mcl_tid t, uint32_t first, uint32_t rows, void *out,
                    motcl_err *err) {
  return mcl_exec_read(e->exec, t, first, rows, out, err);
}

int mcl_engine_logits(mcl_engine *e, uint32_t first, uint32_t rows, float *out, motcl_err *err) {
  return mcl_engine_read(e, e->decoder->logits, first, rows, out, err);
}

/* One page as keys [MCL_PAGE, kv_heads, head]; K pages hold them transposed (graph/ops.h).
 */
static void unpack(const mcl_decoder_config *c, const float *page, bool value, uint32_t keys,
                   float *out) {
  for (uint32_t k = 0; k < keys; k++)
    for (uint32_t h = 0; h < c->kv_heads; h++)
      for (uint32_t i = 0; i < c->head; i++) {
        size_t at = value ? ((size_t)h * MCL_PAGE + k) * c->head + i
                          : ((size_t)h * c->head + i) * MCL_PAGE + k;
        out[((size_t)k * c->kv_heads + h) * c->head + i] = page[at];
      }
}

int mcl_engine_keys(mcl_engine *e, const mcl_sequence *c, uint32_t layer, bool value, float *out,
                    motcl_err *err) {
  const mcl_decoder_config *cfg = &e->model->config.decoder;
  size_t width = (size_t)cfg->kv_heads * cfg->head;
  float *page = mcl_alloc(e->kv.floats, sizeof *page);
  if (!page)
    return mcl_fail_nomem(err, e->kv.floats * sizeof *page);
  int rc = MOTCL_OK;
  for (uint32_t k = 0; k < c->keys && rc == MOTCL_OK; k += MCL_PAGE) {
    uint32_t n = c->keys - k < MCL_PAGE ? c->keys - k : MCL_PAGE;
    rc = mcl_kv_cache_read(&e->kv, (size_t)2 * layer + value, c->page[k / MCL_PAGE], page, err);
    if (rc == MOTCL_OK)
      unpack(cfg, page, value, n, out + k * width);
  }
  mcl_free(page);
  return rc;
}
