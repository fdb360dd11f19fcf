/* cost.c - adding up the costs of steps. */
#include "plan/cost.h"

#include <string.h>

/* Keys in the pages that an attention reads: cached ones and this pass's own. */
static double keys_of(const mcl_plan *p, const uint32_t *dims) {
  double keys = 0;
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++) {
    const char *name = mcl_graph_dim_name(p->graph, (mcl_dim)d);
    if (!strcmp(name, "pages") || !strcmp(name, "scratch"))
      keys += (double)dims[d] * MCL_PAGE;
  }
  return keys;
}

mcl_cost mcl_plan_step_cost(const mcl_plan *plan, const mcl_step *step, const uint32_t *dims,
                            double keys) {
  if (step->node.op == MCL_OP_ATTENTION && keys < 0)
    keys = keys_of(plan, dims);
  return mcl_graph_cost(plan->graph, &step->node, dims, keys);
}

mcl_cost mcl_plan_cost(const mcl_plan *plan, const uint32_t *dims, double keys) {
  mcl_cost sum = {0, 0, 0};
  if (keys < 0)
    keys = keys_of(plan, dims);
  for (size_t i = 0; i < plan->steps; i++) {
    mcl_cost c = mcl_plan_step_cost(plan, &plan->step[i], dims, keys);
    sum.flops += c.flops;
    sum.weight_bytes += c.weight_bytes;
    sum.activation_bytes += c.activation_bytes;
  }
  return sum;
}

static double bytes_of(const mcl_operand *o) {
  return (double)o->rows * (double)mcl_type_bytes(o->type, o->cols);
}

/* Pages are touched by rows of theirs that tables name, so they are not counted whole. */
static double activations(const mcl_call *c, double keys) {
  double sum = 0;
  switch (c->op) {
  case MCL_OP_ATTENTION:
    return 2 * bytes_of(&c->out) + 8 * keys * c->attr.attention.kv_heads * c->attr.attention.head;
  case MCL_OP_KV_PUT:
    return 2 * bytes_of(&c->in[0]);
  case MCL_OP_KV_COPY:
    return 8.0 * c->in[0].rows * MCL_PAGE * c->attr.attention.kv_heads * c->attr.attention.head;
  case MCL_OP_GATHER:
    return 2 * bytes_of(&c->out);
  default:
    for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
      sum += bytes_of(&c->in[i]);
    return sum + bytes_of(&c->out);
  }
}

mcl_cost mcl_call_cost(const mcl_call *c) {
  double cells = (double)c->out.rows * c->out.cols;
  double keys = ((double)c->in[5].rows + c->in[3].rows) * MCL_PAGE;
  mcl_cost cost = {mcl_op_flops(c->op, cells, c->wt[0].cols, keys), 0, activations(c, keys)};
  for (unsigned i = 0; i < MCL_OP_WEIGHTS; i++)
    cost.weight_bytes += bytes_of(&c->wt[i]);
  if (c->op == MCL_OP_EMBED)
    cost.weight_bytes = (double)c->out.rows * (double)mcl_type_bytes(c->wt[0].type, c->wt[0].cols);
  return cost;
}
