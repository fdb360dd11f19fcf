/* cost.c - how much work a node is. */
#include "graph/graph.h"

static double weight_bytes(const mcl_node *n, double rows) {
  double sum = 0;
  for (int i = 0; i < MCL_OP_WEIGHTS; i++)
    if (n->w[i])
      sum += n->op == MCL_OP_EMBED ? rows * (double)mcl_weight_row_bytes(n->w[i])
                                   : (double)mcl_weight_bytes(n->w[i]);
  return sum;
}

static double activation_bytes(const mcl_graph *g, const mcl_node *n, const uint32_t *dims) {
  const mcl_tensor *out = mcl_graph_tensor_at(g, n->out);
  double sum = out->role == MCL_STATE ? 0 : (double)dims[out->rows] * out->cols * 4;
  for (int i = 0; i < MCL_OP_INPUTS; i++) {
    if (n->in[i] == MCL_NO_TENSOR)
      continue;
    const mcl_tensor *t = mcl_graph_tensor_at(g, n->in[i]);
    if (t->role != MCL_STATE)
      sum += (double)dims[t->rows] * t->cols * (double)mcl_type_size(t->type);
  }
  return sum;
}

double mcl_op_flops(mcl_op op, double cells, double depth, double keys) {
  switch (op) {
  case MCL_OP_LINEAR:
  case MCL_OP_LINEAR_ADD:
  case MCL_OP_CONV:
  case MCL_OP_UP_CONV:
    return 2 * cells * depth;
  case MCL_OP_ATTENTION:
    return 4 * cells * keys;
  case MCL_OP_RMS_NORM:
  case MCL_OP_LAYER_NORM:
  case MCL_OP_GROUP_NORM:
  case MCL_OP_NORM_ROPE:
    return 4 * cells;
  case MCL_OP_SILU:
  case MCL_OP_GELU:
  case MCL_OP_SILU_MUL:
    return 10 * cells;
  case MCL_OP_KV_PUT:
  case MCL_OP_KV_COPY:
  case MCL_OP_EMBED:
  case MCL_OP_GATHER:
  case MCL_OP_UPSAMPLE:
    return 0;
  default:
    return cells;
  }
}

mcl_cost mcl_graph_cost(const mcl_graph *g, const mcl_node *n, const uint32_t *dims, double keys) {
  const mcl_tensor *out = mcl_graph_tensor_at(g, n->out);
  double rows = dims[out->rows], depth = n->w[0] ? n->w[0]->cols : 0;
  mcl_cost c = {mcl_op_flops(n->op, rows * out->cols, depth, keys), weight_bytes(n, rows),
                activation_bytes(g, n, dims)};
  if (n->op == MCL_OP_ATTENTION)
    c.activation_bytes += 8 * keys * n->attr.attention.kv_heads * n->attr.attention.head;
  return c;
}
