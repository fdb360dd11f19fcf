/* exec.c - memory of a plan on its device, command lists, and running them. */
#include "exec/exec.h"

#include <string.h>

#include "base/mem.h"
#include "exec/residency.h"

/* Passes of at least so many rows are long enough to wait for at each layer, so that cancel is
 * prompt. */
#define LONG_PASS_ROWS 32u

typedef struct command {
  const mcl_variant *variant;
  mcl_call call;
  int layer;
} command;

struct mcl_exec {
  mcl_device *dev;
  const mcl_plan *plan;
  mcl_residency *weights;
  mcl_buffer **arena, **state, *scratch;
  command *list;
  size_t commands, cap;
  uint32_t *dims; /* composition of the list */
  bool listed;
};

static int create_buffers(mcl_exec *x, motcl_err *err) {
  const mcl_plan *p = x->plan;
  const mcl_driver *drv = x->dev->driver;
  size_t tensors = mcl_graph_tensors(p->graph);
  int rc = MOTCL_OK;
  x->arena = mcl_zalloc(p->arenas, sizeof(mcl_buffer *));
  x->state = mcl_zalloc(tensors, sizeof(mcl_buffer *));
  x->dims = mcl_zalloc(mcl_graph_dims(p->graph), sizeof *x->dims);
  if (!x->arena || !x->state || !x->dims)
    return mcl_fail_nomem(err, tensors * sizeof(mcl_buffer *));
  for (size_t i = 0; i < p->arenas && rc == MOTCL_OK; i++)
    rc = drv->create(x->dev, &x->arena[i], p->arena[i], MCL_READ_WRITE, NULL, err);
  for (size_t t = 0; t < tensors && rc == MOTCL_OK; t++)
    if (p->place[t].used && mcl_graph_tensor_at(p->graph, (mcl_tid)t)->role == MCL_STATE)
      rc = drv->create(x->dev, &x->state[t], p->place[t].bytes, MCL_READ_WRITE, NULL, err);
  if (rc == MOTCL_OK && p->memory.scratch)
    rc = drv->create(x->dev, &x->scratch, p->memory.scratch, MCL_READ_WRITE, NULL, err);
  return rc;
}

int mcl_exec_create(mcl_exec **out, mcl_device *dev, const mcl_plan *plan, motcl_err *err) {
  mcl_exec *x = mcl_zalloc(1, sizeof *x);
  if (!x)
    return mcl_fail_nomem(err, sizeof *x);
  x->dev = dev;
  x->plan = plan;
  int rc = create_buffers(x, err);
  if (rc == MOTCL_OK)
    rc = mcl_residency_create(&x->weights, dev, plan, err);
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
  const mcl_driver *drv = x->dev->driver;
  for (size_t i = 0; x->arena && i < x->plan->arenas; i++)
    drv->destroy(x->dev, x->arena[i]);
  for (size_t t = 0; x->state && t < mcl_graph_tensors(x->plan->graph); t++)
    drv->destroy(x->dev, x->state[t]);
  drv->destroy(x->dev, x->scratch);
  mcl_residency_destroy(x->weights);
  mcl_free(x->arena);
  mcl_free(x->state);
  mcl_free(x->list);
  mcl_free(x->dims);
  mcl_free(x);
}

const mcl_plan *mcl_exec_plan(const mcl_exec *x) {
  return x->plan;
}

/* Buffer and first byte of a tensor's own memory. */
static mcl_buffer *home_of(const mcl_exec *x, mcl_tid root, uint64_t *at) {
  const mcl_place *p = &x->plan->place[root];
  *at = p->offset;
  if (!p->used)
    return NULL;
  return x->state[root] ? x->state[root] : x->arena[p->arena];
}

static void bind(const mcl_exec *x, mcl_tid t, mcl_operand *o) {
  if (t == MCL_NO_TENSOR || !o->rows) {
    *o = (mcl_operand){0};
    return;
  }
  uint64_t at;
  o->buf = home_of(x, mcl_graph_root(x->plan->graph, t), &at);
  o->offset += at / mcl_type_size(o->type);
}

static int add_command(mcl_exec *x, const mcl_step *s, mcl_call *c, motcl_err *err) {
  void *p = x->list;
  if (!mcl_grow(&p, &x->cap, x->commands, sizeof *x->list))
    return mcl_fail_nomem(err, sizeof *x->list);
  x->list = p;
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
  x->list[x->commands++] = (command){v, *c, s->node.layer};
  return MOTCL_OK;
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
    c.wt[0] = mcl_residency_get(x->weights, s->node.w[0], s->variant->layout, &next);
    c.wt[1] = mcl_residency_get(x->weights, s->node.w[1], MCL_LAYOUT_FILE, &zero);
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
  bool state = mcl_op_get(c.op)->flags & MCL_OP_STATE;
  if (!c.out.rows || (state && !c.in[0].rows))
    return MOTCL_OK;
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    bind(x, s->node.in[i], &c.in[i]);
  bind(x, s->node.out, &c.out);
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
    for (uint32_t c = 0; c < chunks; c++)
      for (size_t k = i; k < end && rc == MOTCL_OK; k++)
        rc = add_step(x, &p->step[k], c, err);
    i = end;
  }
  return rc;
}

static int compose(mcl_exec *x, const uint32_t *dims, motcl_err *err) {
  size_t n = mcl_graph_dims(x->plan->graph);
  if (x->listed && !memcmp(x->dims, dims, n * sizeof *dims))
    return MOTCL_OK;
  for (size_t i = 0; i < n; i++)
    if (dims[i] > x->plan->dims[i])
      return mcl_fail(err, MOTCL_EINTERNAL, "batch of %u for '%s' in %s, planned for %u", dims[i],
                      mcl_graph_dim_name(x->plan->graph, (mcl_dim)i),
                      mcl_graph_name(x->plan->graph), x->plan->dims[i]);
  int rc = mcl_plan_check_dims(x->plan->graph, dims, err);
  if (rc != MOTCL_OK)
    return rc;
  memcpy(x->dims, dims, n * sizeof *dims);
  x->listed = false;
  rc = make_list(x, err);
  x->listed = rc == MOTCL_OK;
  return rc;
}

/* Between layers: start what is queued, wait for it if the pass is long, look whether to go on. */
static int cut(mcl_exec *x, bool wait, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  const mcl_driver *drv = x->dev->driver;
  int rc = wait ? drv->finish(x->dev, err) : drv->flush ? drv->flush(x->dev, err) : MOTCL_OK;
  if (rc == MOTCL_OK && cancel && cancel(user))
    rc = mcl_fail(err, MOTCL_ECANCELLED, "cancelled");
  return rc;
}

int mcl_exec_run(mcl_exec *x, const uint32_t *dims, mcl_cancel_fn cancel, void *user,
                 motcl_err *err) {
  int rc = compose(x, dims, err), layer = -1;
  for (size_t i = 0; i < x->commands && rc == MOTCL_OK; i++) {
    const command *c = &x->list[i];
    if (c->layer != layer) {
      layer = c->layer;
      rc = cut(x, c->call.out.rows >= LONG_PASS_ROWS, cancel, user, err);
    }
    if (rc == MOTCL_OK)
      rc = c->variant->enqueue(x->dev, &c->call, err);
  }
  int end = x->dev->driver->finish(x->dev, rc == MOTCL_OK ? err : NULL);
  return rc != MOTCL_OK ? rc : end;
}

static int check_rows(const mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, motcl_err *err) {
  const mcl_tensor *info = mcl_graph_tensor_at(x->plan->graph, t);
  uint32_t most = x->plan->dims[info->rows];
  if (info->role == MCL_VIEW || info->role == MCL_TEMP || first > most || rows > most - first)
    return mcl_fail(err, MOTCL_EINTERNAL, "rows %u+%u of '%s' cannot be moved: it has %u", first,
                    rows, info->name, most);
  return MOTCL_OK;
}

int mcl_exec_write(mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, const void *data,
                   motcl_err *err) {
  const mcl_tensor *info = mcl_graph_tensor_at(x->plan->graph, t);
  size_t row = info->cols * mcl_type_size(info->type);
  uint64_t at;
  int rc = check_rows(x, t, first, rows, err);
  mcl_buffer *buf = home_of(x, t, &at);
  if (rc != MOTCL_OK || !rows || !buf)
    return rc;
  return x->dev->driver->write(x->dev, buf, at + first * row, data, rows * row, err);
}

int mcl_exec_read(mcl_exec *x, mcl_tid t, uint32_t first, uint32_t rows, void *data,
                  motcl_err *err) {
  const mcl_tensor *info = mcl_graph_tensor_at(x->plan->graph, t);
  size_t row = info->cols * mcl_type_size(info->type);
  uint64_t at;
  int rc = check_rows(x, t, first, rows, err);
  mcl_buffer *buf = home_of(x, t, &at);
  if (rc != MOTCL_OK || !rows || !buf)
    return rc;
  return x->dev->driver->read(x->dev, buf, at + first * row, data, rows * row, err);
}
