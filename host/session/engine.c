/* engine.c - the decoder's plan and pages, pictures in the making, and reading results. */
#include "session/engine.h"

#include <string.h>

#include "base/mem.h"

typedef struct mcl_slot {
  uint32_t rows;
  uint32_t *first; /* the owner's; kept up to date */
} mcl_slot;

/* Tables and scratch that rows and segments of a pass need at most. */
static int fill_size(mcl_decoder_size *s, uint32_t segments, motcl_err *err) {
  uint32_t rows = s->text + s->vision + s->gen;
  if ((uint64_t)s->pages * segments > INT32_MAX)
    return mcl_fail(err, MOTCL_EFIT,
                    "the texts and pictures need %u pages of %u keys, which nothing has room for; "
                    "ask for less",
                    s->pages, MCL_PAGE);
  s->times = segments;
  s->copies = segments;
  s->tiles = rows / MCL_TILE_ROWS + MCL_SEGMENT_SPANS * segments;
  s->scratch = rows / MCL_PAGE + segments + 1;
  s->index = s->pages * segments;
  if (!s->gen)
    s->scratch = 0;
  return MOTCL_OK;
}

int mcl_engine_plan(mcl_engine *e, mcl_device *dev, const mcl_model *m,
                    const mcl_decoder_size *most, uint32_t segments, const mcl_plan_options *opt,
                    bool layers, motcl_err *err) {
  memset(e, 0, sizeof *e);
  e->model = m;
  e->device = dev;
  e->most = *most;
  e->segments = segments;
  e->layers = layers;
  int rc = fill_size(&e->most, segments, err);
  if (rc == MOTCL_OK)
    rc = mcl_decoder_build(&e->decoder, m, layers, err);
  if (rc != MOTCL_OK)
    return rc;
  uint32_t *dims = mcl_zalloc(mcl_graph_dims(e->decoder.graph), sizeof *dims);
  if (dims) {
    mcl_decoder_bind(&e->decoder, &e->most, dims);
    rc = mcl_plan_make(&e->plan, dev, e->decoder.graph, dims, opt, err);
  } else {
    rc = mcl_fail_nomem(err, mcl_graph_dims(e->decoder.graph) * sizeof *dims);
  }
  mcl_free(dims);
  if (rc != MOTCL_OK)
    mcl_engine_finish(e);
  return rc;
}

int mcl_engine_start(mcl_engine *e, motcl_err *err) {
  int rc = mcl_pool_init(&e->pool, e->most.pages, err);
  return rc == MOTCL_OK ? mcl_exec_create(&e->exec, e->device, e->plan, err) : rc;
}

void mcl_engine_finish(mcl_engine *e) {
  mcl_exec_destroy(e->exec);
  mcl_plan_destroy(e->plan);
  mcl_decoder_finish(&e->decoder);
  mcl_pool_finish(&e->pool);
  mcl_free(e->slot);
  memset(e, 0, sizeof *e);
}

int mcl_engine_logits(mcl_engine *e, uint32_t first, uint32_t rows, float *out, motcl_err *err) {
  return mcl_exec_read(e->exec, e->decoder.logits, first, rows, out, err);
}

int mcl_engine_read(mcl_engine *e, mcl_tid t, uint32_t first, uint32_t rows, void *out,
                    motcl_err *err) {
  return mcl_exec_read(e->exec, t, first, rows, out, err);
}

/* One page's cells as keys [MCL_PAGE, kv_heads, head]; K pages hold them transposed (graph/ops.h).
 */
static void unpack(const mcl_decoder_config *c, const float *page, bool value, uint32_t keys,
                   float *out) {
  for (uint32_t k = 0; k < keys; k++)
    for (uint32_t h = 0; h < c->kv_heads; h++)
      for (uint32_t i = 0; i < c->head; i++) {
        size_t cell = value ? ((size_t)h * MCL_PAGE + k) * c->head + i
                            : ((size_t)h * c->head + i) * MCL_PAGE + k;
        out[((size_t)k * c->kv_heads + h) * c->head + i] = page[cell];
      }
}

int mcl_engine_keys(mcl_engine *e, const mcl_context *c, uint32_t layer, bool value, float *out,
                    motcl_err *err) {
  const mcl_decoder_config *cfg = &e->model->config.decoder;
  size_t width = (size_t)cfg->kv_heads * cfg->head;
  float *page = mcl_alloc(width * MCL_PAGE, sizeof *page);
  if (!page)
    return mcl_fail_nomem(err, width * MCL_PAGE * sizeof *page);
  int rc = MOTCL_OK;
  for (uint32_t k = 0; k < c->keys && rc == MOTCL_OK; k += MCL_PAGE) {
    uint32_t n = c->keys - k < MCL_PAGE ? c->keys - k : MCL_PAGE;
    rc =
        mcl_exec_read(e->exec, e->decoder.pages[layer][value], c->page[k / MCL_PAGE], 1, page, err);
    if (rc == MOTCL_OK)
      unpack(cfg, page, value, n, out + k * width);
  }
  mcl_free(page);
  return rc;
}

static uint32_t slot_end(const mcl_engine *e) {
  uint32_t end = 0;
  for (size_t i = 0; i < e->slots; i++)
    end += e->slot[i].rows;
  return end;
}

int mcl_engine_latents_write(mcl_engine *e, uint32_t first, uint32_t rows, const float *x,
                             motcl_err *err) {
  return mcl_exec_write(e->exec, e->decoder.latent, first, rows, x, err);
}

int mcl_engine_latents_read(mcl_engine *e, uint32_t first, uint32_t rows, float *x,
                            motcl_err *err) {
  return mcl_exec_read(e->exec, e->decoder.latent, first, rows, x, err);
}

int mcl_engine_slot_take(mcl_engine *e, uint32_t rows, const float *latent, uint32_t *first,
                         motcl_err *err) {
  void *p = e->slot;
  uint32_t at = slot_end(e);
  if (!mcl_grow(&p, &e->slot_cap, e->slots, sizeof *e->slot))
    return mcl_fail_nomem(err, sizeof *e->slot);
  e->slot = p;
  int rc = mcl_engine_latents_write(e, at, rows, latent, err);
  if (rc != MOTCL_OK)
    return rc;
  e->slot[e->slots++] = (mcl_slot){rows, first};
  *first = at;
  return MOTCL_OK;
}

/* Move a picture's latents down to row `to`; the ranges may overlap, so they go by the host. */
static int move_down(mcl_engine *e, const mcl_slot *s, uint32_t to, motcl_err *err) {
  size_t cols = e->model->bridge.vae2llm->cols;
  float *x = mcl_alloc((size_t)s->rows * cols, sizeof *x);
  if (!x)
    return mcl_fail_nomem(err, s->rows * cols * sizeof *x);
  int rc = mcl_engine_latents_read(e, *s->first, s->rows, x, err);
  if (rc == MOTCL_OK)
    rc = mcl_engine_latents_write(e, to, s->rows, x, err);
  mcl_free(x);
  if (rc == MOTCL_OK)
    *s->first = to;
  return rc;
}

int mcl_engine_slot_drop(mcl_engine *e, uint32_t *first, motcl_err *err) {
  size_t i = 0;
  uint32_t at = 0;
  int rc = MOTCL_OK;
  while (i < e->slots && e->slot[i].first != first)
    at += e->slot[i++].rows;
  if (i == e->slots)
    return MOTCL_OK;
  memmove(&e->slot[i], &e->slot[i + 1], (e->slots - i - 1) * sizeof *e->slot);
  e->slots--;
  for (; i < e->slots && rc == MOTCL_OK; i++) {
    rc = move_down(e, &e->slot[i], at, err);
    at += e->slot[i].rows;
  }
  return rc;
}
