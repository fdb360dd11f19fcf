/* call.c - a step's calls for a batch: shapes of the operands, chunks and bands, the variant. */
#include "plan/call.h"

#include <string.h>

#include "drivers/registry.h"
#include "plan/bands.h"

/* Whether the sizes of a node's tensors belong together: row-local ops have one row count. */
static bool rows_agree(const mcl_graph *g, const mcl_node *n, const uint32_t *dims) {
  uint32_t rows = dims[mcl_graph_tensor_at(g, n->out)->rows];
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    if (n->in[i] != MCL_NO_TENSOR && dims[mcl_graph_tensor_at(g, n->in[i])->rows] != rows)
      return false;
  return true;
}

int mcl_plan_check_dims(const mcl_graph *g, const uint32_t *dims, motcl_err *err) {
  for (size_t t = 0; t < mcl_graph_tensors(g); t++) {
    const mcl_tensor *x = mcl_graph_tensor_at(g, (mcl_tid)t);
    if (x->role == MCL_VIEW &&
        (uint64_t)dims[x->first] + dims[x->rows] > dims[mcl_graph_tensor_at(g, x->parent)->rows])
      return mcl_fail(err, MOTCL_EINTERNAL, "%s: '%s' does not lie in its tensor",
                      mcl_graph_name(g), x->name);
  }
  for (size_t i = 0; i < mcl_graph_nodes(g); i++) {
    const mcl_node *n = mcl_graph_node_at(g, i);
    if ((mcl_op_get(n->op)->flags & MCL_OP_ROWS) && !rows_agree(g, n, dims))
      return mcl_fail(err, MOTCL_EINTERNAL, "%s: the rows of '%s' and its inputs differ",
                      mcl_graph_name(g), mcl_graph_tensor_at(g, n->out)->name);
  }
  return MOTCL_OK;
}

uint32_t mcl_plan_chunks(const mcl_plan *p, const mcl_step *s, const uint32_t *dims) {
  uint32_t rows = dims[mcl_graph_tensor_at(p->graph, s->node.out)->rows];
  uint32_t bands = mcl_bands_of_step(p, s);
  if (bands > 1)
    return s->node.op == MCL_OP_GROUP_NORM ? 2 * bands : bands;
  if (!s->group || !rows)
    return 1;
  uint32_t size = p->chunk_rows[s->group];
  return rows / size + (rows % size != 0);
}

/* A tensor as an operand: cut to the chunk [first, first + rows) if the step runs in chunks. */
static mcl_operand operand(const mcl_plan *p, const mcl_step *s, mcl_tid id, const uint32_t *dims,
                           uint32_t chunk) {
  mcl_operand o = {0};
  if (id == MCL_NO_TENSOR)
    return o;
  const mcl_tensor *t = mcl_graph_tensor_at(p->graph, id);
  uint64_t first = t->role == MCL_VIEW ? dims[t->first] : 0;
  o.rows = dims[t->rows];
  o.cols = o.stride = t->cols;
  o.type = mcl_plan_type(p, id);
  if (s->group) {
    uint32_t size = p->chunk_rows[s->group], at = chunk * size;
    o.rows = o.rows - at < size ? o.rows - at : size;
    if (p->inside[id] != s->group)
      first += at;
  }
  o.offset = first * t->cols;
  return o;
}

static bool has_pixels(mcl_op op) {
  return op == MCL_OP_CONV || op == MCL_OP_UP_CONV || op == MCL_OP_UPSAMPLE;
}

void mcl_plan_call(const mcl_plan *p, const mcl_step *s, const uint32_t *dims, uint32_t chunk,
                   mcl_call *c) {
  const mcl_node *n = &s->node;
  memset(c, 0, sizeof *c);
  c->op = n->op;
  c->attr = n->attr;
  if (has_pixels(n->op)) {
    c->h = dims[n->attr.conv.h];
    c->w = dims[n->attr.conv.w];
  }
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    c->in[i] = operand(p, s, n->in[i], dims, chunk);
  c->out = operand(p, s, n->out, dims, chunk);
  mcl_bands_call(p, s, chunk, c);
  for (unsigned i = 0; i < MCL_OP_WEIGHTS; i++)
    if (n->w[i])
      c->wt[i] = (mcl_operand){.rows = n->w[i]->rows,
                               .cols = n->w[i]->cols,
                               .stride = n->w[i]->cols,
                               .type = n->w[i]->type};
  if (s->variant && s->variant->layout != MCL_LAYOUT_FILE)
    c->wt[0].type = MCL_F32;
}

const mcl_variant *mcl_plan_variant(const mcl_device *device, const mcl_step *s,
                                    const mcl_call *call) {
  const mcl_variant *v;
  for (size_t i = 0; (v = mcl_device_variant(device, s->node.op, i)); i++)
    if (!strcmp(v->numeric, s->numeric) && (!s->variant || v->layout == s->variant->layout) &&
        (!v->accepts || v->accepts(device, call)))
      return v;
  return NULL;
}
