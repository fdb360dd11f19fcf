/* exec.c - memory of a plan on its device, and command lists, which run.c runs. */
#include "exec/exec.h"

#include <string.h>

#include "base/mem.h"
#include "drivers/watchdog.h"
#include "exec/inputs.h"
#include "exec/run.h"
#include "exec/timeline.h"
#include "plan/bands.h"

/* Memory of a STATE tensor, bound from outside. */
typedef struct binding {
  mcl_buffer *buf;
  uint32_t rows;
} binding;

/*
 * bound    [tensors] of STATE tensors
 * planned  [dims] of the graph: whether memory of the plan depends on it; else bound memory does
 */
struct mcl_exec {
  mcl_residency *residency;
  mcl_device *dev;
  const mcl_plan *plan;
  mcl_weights *weights;
  mcl_weights_lease *lease;
  mcl_buffer **arena, *scratch;
  binding *bound;
  bool *planned;
  mcl_exec_inputs inputs;
  mcl_command *list;
  size_t commands, cap;
  uint32_t *dims; /* composition of the list */
  mcl_runner runner;
  bool listed;
};

static void find_planned(mcl_exec *x) {
  const mcl_graph *g = x->plan->graph;
  for (size_t d = 0; d < mcl_graph_dims(g); d++)
    x->planned[d] = true;
  for (size_t t = 0; t < mcl_graph_tensors(g); t++)
    if (mcl_graph_tensor_at(g, (mcl_tid)t)->role == MCL_STATE)
      x->planned[mcl_graph_tensor_at(g, (mcl_tid)t)->rows] = false;
  for (size_t t = 0; t < mcl_graph_tensors(g); t++) {
    const mcl_tensor *info = mcl_graph_tensor_at(g, (mcl_tid)t);
    if (info->role != MCL_STATE && info->role != MCL_VIEW)
      x->planned[info->rows] = true;
  }
}

static int create_buffers(mcl_exec *x, motcl_err *err) {
  const mcl_plan *p = x->plan;
  size_t tensors = mcl_graph_tensors(p->graph), dims = mcl_graph_dims(p->graph);
  int rc = MOTCL_OK;
  x->arena = (mcl_buffer **)mcl_zalloc(p->arenas, sizeof(mcl_buffer *));
  x->bound = mcl_zalloc(tensors, sizeof *x->bound);
  x->planned = mcl_zalloc(dims, sizeof *x->planned);
  x->dims = mcl_zalloc(dims, sizeof *x->dims);
  if (!x->arena || !x->bound || !x->planned || !x->dims)
    return mcl_fail_nomem(err, tensors * sizeof *x->bound);
  find_planned(x);
  for (size_t i = 0; i < p->arenas && rc == MOTCL_OK; i++)
    rc = mcl_residency_take(x->residency, &x->arena[i], p->arena[i], MCL_READ_WRITE, NULL,
                            p->arena[i], err);
  if (rc == MOTCL_OK && p->memory.scratch)
    rc = mcl_residency_take(x->residency, &x->scratch, p->memory.scratch, MCL_READ_WRITE, NULL,
                            p->memory.scratch, err);
  return rc == MOTCL_OK ? mcl_exec_inputs_init(&x->inputs, x->dev, p, err) : rc;
}

int mcl_exec_create(mcl_exec **out, mcl_weights *weights, const mcl_plan *plan, motcl_err *err) {
  mcl_exec *x = mcl_zalloc(1, sizeof *x);
  if (!x)
    return mcl_fail_nomem(err, sizeof *x);
  x->residency = mcl_weights_residency(weights);
  x->dev = mcl_residency_device(x->residency);
  x->weights = weights;
  x->plan = plan;
  x->runner = (mcl_runner){.device = x->dev, .plan = plan};
  int rc = create_buffers(x, err);
  if (rc == MOTCL_OK)
    rc = mcl_weights_acquire(&x->lease, weights, plan, err);
  if (rc != MOTCL_OK) {
    mcl_exec_destroy(x);
    return rc;
  }
  *out = x;
  return MOTCL_OK;
}

void mcl_exec_destroy(mcl_exec *x) {
  if (!x)
    return;
  for (size_t i = 0; x->arena && i < x->plan->arenas; i++)
    mcl_residency_give_back(x->residency, x->arena[i], x->plan->arena[i]);
  mcl_residency_give_back(x->residency, x->scratch, x->plan->memory.scratch);
  mcl_weights_release(x->lease);
  mcl_exec_inputs_finish(&x->inputs, x->dev);
  mcl_free((void *)x->arena);
  mcl_free(x->bound);
  mcl_free(x->planned);
  mcl_free(x->list);
  mcl_free(x->dims);
  mcl_free(x);
}

void mcl_exec_bind(mcl_exec *x, mcl_tid t, mcl_buffer *buf, uint32_t rows) {
  x->bound[t] = (binding){buf, rows};
  x->listed = false;
}

const mcl_plan *mcl_exec_plan(const mcl_exec *x) {
  return x->plan;
}

/* Buffer and first byte of a tensor's own memory, or of a band of it. */
static mcl_buffer *buffer_of(const mcl_exec *x, mcl_tid root, uint32_t band, uint64_t *at) {
  band = mcl_bands_count(x->plan, root) > 1 ? band : 0;
  const mcl_allocation *p = &x->plan->allocation[(size_t)root * x->plan->max_bands + band];
  *at = 0;
  if (mcl_graph_tensor_at(x->plan->graph, root)->role == MCL_STATE)
    return x->bound[root].buf;
  *at = x->plan->together[root] ? mcl_exec_inputs_offset(&x->inputs, root) : p->offset;
  return p->used ? x->arena[p->arena] : NULL;
}

static void bind(const mcl_exec *x, mcl_tid t, uint32_t band, mcl_operand *o) {
  if (t == MCL_NO_TENSOR || !o->rows) {
    *o = (mcl_operand){0};
    return;
  }
  uint64_t at;
  o->buf = buffer_of(x, mcl_graph_root(x->plan->graph, t), band, &at);
  o->offset += mcl_type_count(o->type, at);
}

static int append(mcl_exec *x, const mcl_variant *v, const mcl_step *s, const mcl_call *c,
                  motcl_err *err) {
  void *p = x->list;
  if (!mcl_grow(&p, &x->cap, x->commands, sizeof *x->list))
    return mcl_fail_nomem(err, sizeof *x->list);
  x->list = p;
  x->list[x->commands++] = (mcl_command){v, s, *c};
  return MOTCL_OK;
}

static int add_command(mcl_exec *x, const mcl_step *s, mcl_call *c, motcl_err *err) {
  const mcl_variant *v = mcl_plan_variant(x->dev, s, c);
  if (!v)
    return mcl_fail(err, MOTCL_EINTERNAL, "no variant of class %s takes %s with %u rows",
                    s->numeric, mcl_op_get(s->node.op)->name, c->out.rows);
  size_t want = v->scratch ? v->scratch(x->dev, c) : 0;
  if (want > x->plan->memory.scratch)
    return mcl_fail(err, MOTCL_EINTERNAL, "%s wants %zu bytes of scratch, the plan has %llu",
                    v->name, want, (unsigned long long)x->plan->memory.scratch);
  if (want)
    c->scratch = (mcl_operand){x->scratch, 0, 1, 1, 1, MCL_U8};
  return append(x, v, s, c, err);
}

/* Rows of neighbouring bands that a convolution reads, copied to its own. */
static int add_halos(mcl_exec *x, const mcl_step *s, motcl_err *err) {
  mcl_tid t = s->node.in[0];
  mcl_halo h;
  mcl_type type = mcl_plan_type(x->plan, t);
  int rc = MOTCL_OK;
  for (uint32_t i = 0; rc == MOTCL_OK && mcl_bands_halo(x->plan, s, i, &h); i++) {
    uint32_t cols = mcl_graph_tensor_at(x->plan->graph, t)->cols;
    mcl_call c = {.op = s->node.op,
                  .in = {{NULL, (uint64_t)h.from * cols, h.rows, cols, cols, type}},
                  .out = {NULL, (uint64_t)h.to * cols, h.rows, cols, cols, MCL_F32}};
    bind(x, t, h.from_band, &c.in[0]);
    bind(x, t, h.to_band, &c.out);
    if (h.rows)
      rc = append(x, NULL, s, &c, err);
  }
  return rc;
}

/* Columns [first, first + rows) of a linear layer's output come from those rows of its weight. */
static void cut_columns(mcl_call *c, uint32_t first, uint32_t rows) {
  c->out.offset += first;
  c->out.cols = rows;
  if (c->wt[1].buf) {
    c->wt[1].offset += first;
    c->wt[1].cols = rows;
  }
  if (c->op == MCL_OP_LINEAR_ADD) {
    c->in[1].offset += first;
    c->in[1].cols = rows;
  }
}

/* One command for each part of the step's first weight, which is nearly always one. */
static int add_parts(mcl_exec *x, const mcl_step *s, const mcl_call *whole, motcl_err *err) {
  uint32_t next = 0;
  int rc = MOTCL_OK;
  do {
    mcl_call c = *whole;
    uint32_t first = next, zero = 0;
    c.wt[0] = mcl_weights_get(x->weights, s->node.w[0], s->variant->layout, &next);
    c.wt[1] = mcl_weights_get(x->weights, s->node.w[1], MCL_LAYOUT_FILE, &zero);
    c.base = first;
    if ((first || next) && c.op != MCL_OP_EMBED)
      cut_columns(&c, first, c.wt[0].rows);
    rc = add_command(x, s, &c, err);
  } while (next && rc == MOTCL_OK);
  return rc;
}

static int add_step(mcl_exec *x, const mcl_step *s, uint32_t chunk, motcl_err *err) {
  mcl_call c;
  mcl_plan_call(x->plan, s, x->dims, chunk, &c);
  /* an op that updates its output has as much to do as its first input has rows */
  if (!c.out.rows || (mcl_op_reads(c.op, MCL_OP_OUT) && !c.in[0].rows))
    return MOTCL_OK;
  uint32_t band = mcl_bands_index(x->plan, s, chunk);
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    bind(x, s->node.in[i], band, &c.in[i]);
  bind(x, s->node.out, band, &c.out);
  return add_parts(x, s, &c, err);
}

static int make_list(mcl_exec *x, motcl_err *err) {
  const mcl_plan *p = x->plan;
  int rc = MOTCL_OK;
  x->commands = 0;
  for (size_t i = 0; i < p->steps && rc == MOTCL_OK;) {
    size_t end = i + 1;
    while (p->step[i].group && end < p->steps && p->step[end].group == p->step[i].group)
      end++;
    uint32_t chunks = mcl_plan_chunks(p, &p->step[i], x->dims);
    rc = add_halos(x, &p->step[i], err);
    for (uint32_t c = 0; c < chunks; c++)
      for (size_t k = i; k < end && rc == MOTCL_OK; k++)
        rc = add_step(x, &p->step[k], c, err);
    i = end;
  }
  return rc;
}

/* Bound memory is as large as the batch says. */
static int check_bound(const mcl_exec *x, const uint32_t *dims, motcl_err *err) {
  const mcl_graph *g = x->plan->graph;
  for (size_t t = 0; t < mcl_graph_tensors(g); t++) {
    const mcl_tensor *info = mcl_graph_tensor_at(g, (mcl_tid)t);
    if (info->role == MCL_STATE && dims[info->rows] > x->bound[t].rows)
      return mcl_fail(err, MOTCL_EINTERNAL, "batch of %u rows of '%s', which has %u",
                      dims[info->rows], info->name, x->bound[t].rows);
  }
  return MOTCL_OK;
}

static int compose(mcl_exec *x, const uint32_t *dims, motcl_err *err) {
  size_t n = mcl_graph_dims(x->plan->graph);
  if (x->listed && !memcmp(x->dims, dims, n * sizeof *dims))
    return MOTCL_OK;
  for (size_t i = 0; i < n; i++)
    if (x->planned[i] && dims[i] > x->plan->dims[i])
      return mcl_fail(err, MOTCL_EINTERNAL, "batch of %u for '%s' in %s, planned for %u", dims[i],
                      mcl_graph_dim_name(x->plan->graph, (mcl_dim)i),
                      mcl_graph_name(x->plan->graph), x->plan->dims[i]);
  if (x->plan->max_bands > 1 && memcmp(x->plan->dims, dims, n * sizeof *dims) != 0)
    return mcl_fail(err, MOTCL_EINTERNAL, "%s in bands runs at the planned size only",
                    mcl_graph_name(x->plan->graph));
  int rc = check_bound(x, dims, err);
  if (rc == MOTCL_OK)
    rc = mcl_plan_check_dims(x->plan->graph, dims, err);
  if (rc != MOTCL_OK)
    return rc;
  memcpy(x->dims, dims, n * sizeof *dims);
  mcl_exec_inputs_pack(&x->inputs, x->dims);
  x->listed = false;
  rc = make_list(x, err);
  x->listed = rc == MOTCL_OK;
  return rc;
}

static int check_rows(const mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, motcl_err *err) {
  const mcl_tensor *info = mcl_graph_tensor_at(x->plan->graph, t);
  uint32_t most = info->role == MCL_STATE ? x->bound[t].rows : x->plan->dims[info->rows];
  if (info->role == MCL_VIEW || info->role == MCL_TEMP || first > most || rows > most - first)
    return mcl_fail(err, MOTCL_EINTERNAL, "rows %u+%u of '%s' cannot be moved: it has %u", first,
                    rows, info->name, most);
  return MOTCL_OK;
}

/* Rows of a tensor that lie in one band: where they begin in the caller's data, how many there
 * are, and where they are on the device. */
typedef struct stretch {
  size_t data_at, bytes;
  mcl_buffer *buf;
  uint64_t at;
} stretch;

static stretch stretch_of(const mcl_exec *x, mcl_tid t, uint32_t band, uint32_t first,
                          uint32_t rows) {
  const mcl_tensor *info = mcl_graph_tensor_at(x->plan->graph, t);
  size_t row = mcl_type_bytes(info->type, info->cols);
  uint32_t begin, inset, n = mcl_bands_range(x->plan, t, band, &begin, &inset);
  uint32_t lo = first > begin ? first : begin, end = first + rows;
  uint32_t hi = end < begin + n ? end : begin + n;
  stretch s = {0};
  if (lo >= hi)
    return s;
  s.buf = buffer_of(x, t, band, &s.at);
  s.data_at = (lo - first) * row;
  s.bytes = (hi - lo) * row;
  s.at += (uint64_t)(inset + lo - begin) * row;
  return s;
}

/* Write or read; with its device time in the trace where there is one. */
static int move(mcl_exec *x, const char *what, const stretch *s, const void *up, void *down,
                motcl_err *err) {
  mcl_event *event = NULL, **wanted = x->dev->trace ? &event : NULL;
  mcl_moment after;
  int rc = up ? mcl_device_write(x->dev, s->buf, s->at, up, s->bytes, wanted, err)
              : mcl_device_read(x->dev, s->buf, s->at, down, s->bytes, wanted, err);
  if (rc != MOTCL_OK || !wanted)
    return rc;
  rc = mcl_moment_take(x->dev, &after, err);
  if (rc == MOTCL_OK)
    mcl_timeline_move(x->dev, event, &after, up != NULL, what, s->bytes);
  else
    x->dev->driver->release(x->dev, event);
  return rc;
}

int mcl_exec_write(mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, const void *data,
                   motcl_err *err) {
  const mcl_tensor *info = mcl_graph_tensor_at(x->plan->graph, t);
  size_t row = mcl_type_bytes(info->type, info->cols);
  int rc = check_rows(x, t, first, rows, err);
  if (rc == MOTCL_OK && x->plan->together[t]) {
    mcl_exec_inputs_put(&x->inputs, t, first * row, data, rows * row);
    return MOTCL_OK;
  }
  for (uint32_t i = 0; rc == MOTCL_OK && i < mcl_bands_count(x->plan, t); i++) {
    stretch s = stretch_of(x, t, i, first, rows);
    if (s.buf)
      rc = move(x, info->name, &s, (const char *)data + s.data_at, NULL, err);
  }
  return rc;
}

int mcl_exec_read(mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, void *data,
                  motcl_err *err) {
  int rc = check_rows(x, t, first, rows, err);
  for (uint32_t i = 0; rc == MOTCL_OK && i < mcl_bands_count(x->plan, t); i++) {
    stretch s = stretch_of(x, t, i, first, rows);
    if (s.buf)
      rc = move(x, mcl_graph_tensor_at(x->plan->graph, t)->name, &s, NULL, (char *)data + s.data_at,
                err);
  }
  return rc;
}

/* Inputs that lie side by side go up together. */
static int put_inputs(mcl_exec *x, motcl_err *err) {
  const mcl_plan *p = x->plan;
  if (!x->inputs.bytes)
    return MOTCL_OK;
  const stretch s = {
      .bytes = (size_t)x->inputs.bytes, .buf = x->arena[p->inputs.arena], .at = p->inputs.offset};
  return move(x, "inputs", &s, mcl_exec_inputs_gather(&x->inputs), NULL, err);
}

int mcl_exec_run(mcl_exec *x, const uint32_t *dims, mcl_cancel_fn cancel, void *user,
                 motcl_err *err) {
  int rc = compose(x, dims, err);
  if (rc == MOTCL_OK)
    rc = put_inputs(x, err);
  return rc == MOTCL_OK ? mcl_runner_run(&x->runner, x->list, x->commands, cancel, user, err) : rc;
}
