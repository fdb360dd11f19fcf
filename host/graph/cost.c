/* cost.c - how much work a node is. */
#include "graph/graph.h"

static double weight_bytes(const mcl_node *n, double rows) {
  double sum = 0;
  for (int i = 0; i < MCL_OP_WEIGHTS; i++)
    if (n->w[i])
      sum += n->op == MCL_OP_EMBED ? rows * n->w[i]->cols * (double)mcl_type_size(n->w[i]->type)
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

mcl_cost mcl_graph_cost(const mcl_graph *g, const mcl_node *n, const uint32_t *dims, double keys) {
  const mcl_tensor *out = mcl_graph_tensor_at(g, n->out);
  double rows = dims[out->rows], cells = rows * out->cols;
  mcl_cost c = {cells, weight_bytes(n, rows), activation_bytes(g, n, dims)};
  switch (n->op) {
  case MCL_OP_LINEAR:
  case MCL_OP_LINEAR_ADD:
  case MCL_OP_CONV:
  case MCL_OP_UP_CONV:
    c.flops = 2 * cells * n->w[0]->cols;
    break;
  case MCL_OP_ATTENTION:
    c.flops = 4 * cells * keys;
    c.activation_bytes += 8 * keys * n->attr.attention.kv_heads * n->attr.attention.head;
    break;
  case MCL_OP_RMS_NORM:
  case MCL_OP_LAYER_NORM:
  case MCL_OP_GROUP_NORM:
  case MCL_OP_NORM_ROPE:
    c.flops = 4 * cells;
    break;
  case MCL_OP_SILU:
  case MCL_OP_GELU:
  case MCL_OP_SILU_MUL:
    c.flops = 10 * cells;
    break;
  case MCL_OP_KV_PUT:
  case MCL_OP_KV_COPY:
  case MCL_OP_EMBED:
  case MCL_OP_GATHER:
  case MCL_OP_UPSAMPLE:
    c.flops = 0;
    break;
  default:
    break;
  }
  return c;
}
