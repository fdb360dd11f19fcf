/* replace.c - an engine goes on by another plan, with the keys its contexts have. */
#include <string.h>

#include "base/mem.h"
#include "session/engine.h"

/* The pages of all layers up to the last one in use, K then V, on the host. */
typedef struct luggage {
  float *data;
  uint32_t pages;
  size_t floats; /* of a page */
} luggage;

static int move_all(mcl_engine *e, const luggage *l, bool in, motcl_err *err) {
  uint32_t layers = e->model->config.decoder.layers;
  size_t step = l->floats * l->pages;
  int rc = MOTCL_OK;
  for (uint32_t i = 0; l->pages && i < 2 * layers && rc == MOTCL_OK; i++) {
    mcl_tid t = e->decoder.pages[i / 2][i % 2];
    rc = in ? mcl_exec_write(e->exec, t, 0, l->pages, l->data + i * step, err)
            : mcl_exec_read(e->exec, t, 0, l->pages, l->data + i * step, err);
  }
  return rc;
}

static int pack(mcl_engine *e, luggage *l, motcl_err *err) {
  const mcl_decoder_config *c = &e->model->config.decoder;
  size_t n;
  memset(l, 0, sizeof *l);
  l->pages = mcl_pool_top(&e->pool);
  l->floats = (size_t)MCL_PAGE * c->kv_heads * c->head;
  if (!mcl_mul_ok(l->floats, (size_t)2 * c->layers * l->pages, &n))
    return mcl_fail_nomem(err, l->floats);
  l->data = mcl_alloc(n, sizeof *l->data);
  if (!l->data)
    return mcl_fail_nomem(err, n * sizeof *l->data);
  return move_all(e, l, false, err);
}

static void swap_plans(mcl_engine *e, mcl_engine *next) {
  mcl_engine was = *e;
  e->decoder = next->decoder;
  e->plan = next->plan;
  e->most = next->most;
  e->segments = next->segments;
  e->layers = next->layers;
  next->decoder = was.decoder;
  next->plan = was.plan;
  next->most = was.most;
  next->segments = was.segments;
  next->layers = was.layers;
}

static int unpack(mcl_engine *e, const luggage *l, motcl_err *err) {
  int rc = mcl_exec_create(&e->exec, e->device, e->plan, err);
  if (rc == MOTCL_OK)
    rc = move_all(e, l, true, err);
  if (rc == MOTCL_OK && e->most.pages > e->pool.capacity)
    rc = mcl_pool_grow(&e->pool, e->most.pages, err);
  if (rc != MOTCL_OK) {
    mcl_exec_destroy(e->exec);
    e->exec = NULL;
  }
  return rc;
}

int mcl_engine_replace(mcl_engine *e, mcl_engine *next, motcl_err *err) {
  luggage l;
  int rc = pack(e, &l, err);
  if (rc == MOTCL_OK) {
    mcl_exec_destroy(e->exec);
    e->exec = NULL;
    swap_plans(e, next);
    rc = unpack(e, &l, err);
    if (rc != MOTCL_OK) {
      swap_plans(e, next);
      (void)unpack(e, &l, NULL);
    }
  }
  mcl_free(l.data);
  mcl_engine_finish(next);
  return rc;
}
