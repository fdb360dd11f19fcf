/* stages.c - one picture through the vision encoder or the autoencoder. */
#include "session/stages.h"

#include "base/clock.h"
#include "base/mem.h"
#include "model/vae.h"
#include "model/vision.h"
#include "session/finite.h"

#define MOST_PIXELS (1u << 28) /* far above any model's table; keeps all counts in 32 bits */

struct mcl_stage {
  mcl_evictable idle; /* while it has memory and does not run */
  const mcl_model *model;
  mcl_weights *weights;
  mcl_device *dev;
  mcl_graph *graph;
  mcl_plan *plan;
  mcl_exec *exec;
  mcl_tables tables;
  mcl_picture_keys keys;
  mcl_tid in, out, cells_in;
  int32_t *cells; /* the vision encoder's, else NULL */
  uint32_t *dims;
};

/* The memory that a run takes is given back; the next run takes it again. */
static void drop_memory(mcl_stage *s) {
  mcl_residency_busy(mcl_weights_residency(s->weights), &s->idle);
  mcl_exec_destroy(s->exec);
  s->exec = NULL;
}

static void evict(mcl_evictable *self) {
  drop_memory((mcl_stage *)self);
}

void mcl_stage_destroy(mcl_stage *s) {
  if (!s)
    return;
  drop_memory(s);
  mcl_plan_destroy(s->plan);
  mcl_graph_destroy(s->graph);
  mcl_tables_finish(&s->tables);
  mcl_free(s->cells);
  mcl_free(s->dims);
  mcl_free(s);
}

/* A stage with its tables for `rows` rows and room for the graph's dims. The graph is now its. */
static int begin(mcl_stage **out, mcl_weights *weights, const mcl_model *m, mcl_graph *g,
                 uint32_t rows, motcl_err *err) {
  mcl_stage *s = mcl_zalloc(1, sizeof *s);
  if (!s) {
    mcl_graph_destroy(g);
    return mcl_fail_nomem(err, sizeof *s);
  }
  s->idle.evict = evict;
  s->model = m;
  s->weights = weights;
  s->dev = mcl_residency_device(mcl_weights_residency(weights));
  s->graph = g;
  s->dims = mcl_zalloc(mcl_graph_dims(g), sizeof *s->dims);
  int rc = s->dims ? mcl_picture_tables(&s->tables, rows, err)
                   : mcl_fail_nomem(err, mcl_graph_dims(g) * sizeof *s->dims);
  if (rc == MOTCL_OK)
    *out = s;
  else
    mcl_stage_destroy(s);
  return rc;
}

/* Plan a stage whose dims are bound; it is the caller's only if that works. */
static int settle(mcl_stage **out, mcl_stage *s, const mcl_plan_options *options, motcl_err *err) {
  int rc = mcl_plan_make(&s->plan, s->dev, s->graph, s->dims, options, err);
  if (rc == MOTCL_OK)
    *out = s;
  else
    mcl_stage_destroy(s);
  return rc;
}

/* row * side + column of each patch. */
static int make_cells(mcl_stage *s, uint32_t height, uint32_t width, uint32_t side,
                      motcl_err *err) {
  s->cells = mcl_alloc((size_t)height * width, sizeof *s->cells);
  if (!s->cells)
    return mcl_fail_nomem(err, (size_t)height * width * sizeof *s->cells);
  for (uint32_t r = 0; r < height; r++)
    for (uint32_t c = 0; c < width; c++)
      s->cells[(size_t)r * width + c] = (int32_t)(r * side + c);
  return MOTCL_OK;
}

int mcl_stage_vision(mcl_stage **out, mcl_weights *weights, const mcl_model *m, uint32_t height,
                     uint32_t width, bool layers, const mcl_plan_options *options, motcl_err *err) {
  uint32_t side = m->config.vision.side;
  mcl_vision_graph v;
  mcl_stage *s;
  int rc = mcl_vision_build(&v, m, layers, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!height || !width || height > side || width > side) {
    mcl_vision_finish(&v);
    return mcl_fail(err, MOTCL_EINVAL,
                    "a picture of %u by %u patches is outside this model's table of %u by %u; use "
                    "a smaller picture",
                    width, height, side, side);
  }
  if ((rc = begin(&s, weights, m, v.graph, height * width, err)) != MOTCL_OK)
    return rc;
  mcl_vision_bind(&v, &s->tables, s->dims);
  s->keys = v.keys;
  s->in = v.patches;
  s->out = v.tokens;
  s->cells_in = v.cells;
  if ((rc = make_cells(s, height, width, side, err)) != MOTCL_OK) {
    mcl_stage_destroy(s);
    return rc;
  }
  return settle(out, s, options, err);
}

/* Whether a picture of these sides can be counted, and has a latent at all. */
static bool sides_fit(uint32_t height, uint32_t width) {
  return height && width && (uint64_t)height * width <= MOST_PIXELS;
}

/* Takes the graph. */
static int make_vae(mcl_stage **out, mcl_weights *weights, const mcl_model *m, mcl_vae_graph *v,
                    uint32_t height, uint32_t width, const mcl_plan_options *options,
                    motcl_err *err) {
  uint64_t most = MOST_PIXELS >> (v->decodes ? v->levels - 1 : 0);
  uint32_t h = height <= most ? mcl_vae_side(v, height) : 0;
  uint32_t w = width <= most ? mcl_vae_side(v, width) : 0;
  mcl_stage *s = NULL;
  if (!sides_fit(height, width) || !sides_fit(h, w)) {
    mcl_vae_finish(v);
    return mcl_fail(err, MOTCL_EINVAL, "the autoencoder cannot take %u by %u; use another size",
                    width, height);
  }
  int rc = begin(&s, weights, m, v->graph, v->decodes ? height * width : h * w, err);
  if (!s)
    return rc;
  mcl_vae_bind(v, height, width, &s->tables, s->dims);
  s->keys = v->keys;
  s->in = v->in;
  s->out = v->out;
  return settle(out, s, options, err);
}

int mcl_stage_encoder(mcl_stage **out, mcl_weights *weights, const mcl_model *m, uint32_t height,
                      uint32_t width, const mcl_plan_options *options, motcl_err *err) {
  mcl_vae_graph v;
  int rc = mcl_vae_encoder_build(&v, m, err);
  return rc == MOTCL_OK ? make_vae(out, weights, m, &v, height, width, options, err) : rc;
}

int mcl_stage_decoder(mcl_stage **out, mcl_weights *weights, const mcl_model *m, uint32_t height,
                      uint32_t width, const mcl_plan_options *options, motcl_err *err) {
  mcl_vae_graph v;
  int rc = mcl_vae_decoder_build(&v, m, err);
  return rc == MOTCL_OK ? make_vae(out, weights, m, &v, height, width, options, err) : rc;
}

const mcl_plan *mcl_stage_plan(const mcl_stage *s) {
  return s->plan;
}

static uint32_t rows_of(const mcl_stage *s, mcl_tid t) {
  return s->dims[mcl_graph_tensor_at(s->graph, t)->rows];
}

void mcl_stage_shape(const mcl_stage *s, uint32_t *rows, uint32_t *cols) {
  *rows = rows_of(s, s->out);
  *cols = mcl_graph_tensor_at(s->graph, s->out)->cols;
}

static int put(mcl_stage *s, mcl_tid t, const void *data, motcl_err *err) {
  return mcl_exec_write(s->exec, t, 0, rows_of(s, t), data, err);
}

static int run(mcl_stage *s, mcl_throughput *throughput, mcl_cancel_fn cancel, void *user,
               motcl_err *err) {
  double began = mcl_clock();
  int rc = mcl_exec_run(s->exec, s->dims, cancel, user, err);
  if (rc == MOTCL_OK)
    mcl_throughput_add(throughput, s->plan, s->dims, MCL_THROUGHPUT_MANY, -1,
                       mcl_clock_since(began));
  return rc;
}

/* What came out, which is looked at: from here on nothing tells a number that is none from black. */
static int take_result(mcl_stage *s, float *out, motcl_err *err) {
  uint32_t rows, cols;
  mcl_stage_shape(s, &rows, &cols);
  int rc = mcl_exec_read(s->exec, s->out, 0, rows, out, err);
  return rc == MOTCL_OK
             ? mcl_finite_check(s->model, out, (size_t)rows * cols, mcl_graph_name(s->graph), err)
             : rc;
}

int mcl_stage_run(mcl_stage *s, const float *in, float *out, mcl_throughput *throughput,
                  mcl_cancel_fn cancel, void *user, motcl_err *err) {
  mcl_residency *r = mcl_weights_residency(s->weights);
  int rc = s->exec ? MOTCL_OK : mcl_exec_create(&s->exec, s->weights, s->plan, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_residency_busy(r, &s->idle);
  if ((rc = put(s, s->in, in, err)) == MOTCL_OK &&
      (rc = put(s, s->keys.slot, s->tables.slot, err)) == MOTCL_OK &&
      (rc = put(s, s->keys.tile, s->tables.tile, err)) == MOTCL_OK &&
      (rc = put(s, s->keys.block_table, s->tables.page, err)) == MOTCL_OK &&
      (!s->cells || (rc = put(s, s->cells_in, s->cells, err)) == MOTCL_OK) &&
      (rc = run(s, throughput, cancel, user, err)) == MOTCL_OK)
    rc = take_result(s, out, err);
  mcl_residency_idle(r, &s->idle);
  return rc;
}

static int visit_one(mcl_stage *s, mcl_tid t, mcl_stage_visitor visit, void *user, motcl_err *err) {
  const mcl_tensor *x = mcl_graph_tensor_at(s->graph, t);
  uint32_t rows = rows_of(s, t);
  float *data = mcl_alloc((size_t)rows * x->cols, sizeof *data);
  if (!data)
    return mcl_fail_nomem(err, (size_t)rows * x->cols * sizeof *data);
  int rc = mcl_exec_read(s->exec, t, 0, rows, data, err);
  if (rc == MOTCL_OK)
    rc = visit(user, x->name, rows, x->cols, data, err);
  mcl_free(data);
  return rc;
}

int mcl_stage_visit(mcl_stage *s, mcl_stage_visitor visit, void *user, motcl_err *err) {
  if (!s->exec)
    return mcl_fail(err, MOTCL_EINTERNAL, "a pass that was not run has no outputs");
  int rc = MOTCL_OK;
  for (size_t t = 0; t < mcl_graph_tensors(s->graph) && rc == MOTCL_OK; t++)
    if (mcl_graph_tensor_at(s->graph, (mcl_tid)t)->role == MCL_OUTPUT)
      rc = visit_one(s, (mcl_tid)t, visit, user, err);
  return rc;
}

/* ---- stages that are kept ---- */

enum { KEPT_UNUSED = 8 };

typedef struct mcl_stage_entry {
  struct mcl_stage_entry *next; /* the last used first */
  mcl_stage *stage;
  mcl_stage_kind kind;
  uint32_t height, width;
  bool layers;
  unsigned users;
} mcl_stage_entry;

static void entry_destroy(mcl_stage_entry **at) {
  mcl_stage_entry *e = *at;
  *at = e->next;
  mcl_stage_destroy(e->stage);
  mcl_free(e);
}

void mcl_stages_finish(mcl_stages *k) {
  while (k->first)
    entry_destroy(&k->first);
}

static int make(mcl_stages *k, mcl_stage_entry *e, motcl_err *err) {
  switch (e->kind) {
  case MCL_STAGE_VISION:
    return mcl_stage_vision(&e->stage, k->weights, k->model, e->height, e->width, e->layers,
                            &k->options, err);
  case MCL_STAGE_ENCODER:
    return mcl_stage_encoder(&e->stage, k->weights, k->model, e->height, e->width, &k->options,
                             err);
  default:
    return mcl_stage_decoder(&e->stage, k->weights, k->model, e->height, e->width, &k->options,
                             err);
  }
}

int mcl_stages_get(mcl_stages *k, mcl_stage **out, mcl_stage_kind kind, uint32_t height,
                   uint32_t width, bool layers, motcl_err *err) {
  mcl_stage_entry **at = &k->first, *e;
  while ((e = *at) &&
         (e->kind != kind || e->height != height || e->width != width || e->layers != layers))
    at = &e->next;
  if (e) {
    *at = e->next;
  } else {
    e = mcl_zalloc(1, sizeof *e);
    if (!e)
      return mcl_fail_nomem(err, sizeof *e);
    e->kind = kind;
    e->height = height;
    e->width = width;
    e->layers = layers;
    int rc = make(k, e, err);
    if (rc != MOTCL_OK) {
      mcl_free(e);
      return rc;
    }
  }
  e->users++;
  e->next = k->first;
  k->first = e;
  *out = e->stage;
  return MOTCL_OK;
}

void mcl_stages_put(mcl_stages *k, mcl_stage *s) {
  unsigned unused = 0;
  if (!s)
    return;
  for (mcl_stage_entry **at = &k->first, *e; (e = *at);) {
    e->users -= e->stage == s;
    unused += !e->users;
    if (!e->users && unused > KEPT_UNUSED)
      entry_destroy(at);
    else
      at = &e->next;
  }
}
