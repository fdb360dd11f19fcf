/* fuse.c - patterns of primitive ops swapped for fused ones.
 *
 * A fused op's definition is the composition (graph/ops.h), so a pattern may be swapped wherever
 * the tensor between its two nodes is read and written by nobody else and the device has a variant
 * for it. */
#include <string.h>

#include "plan/passes.h"
#include "plan/tuning.h"

/* first + second -> fused. The fused node's inputs are the first's, then the second's other one. */
typedef struct pattern {
  mcl_op first, second, fused;
} pattern;

static const pattern patterns[] = {
    {MCL_OP_LINEAR, MCL_OP_ADD, MCL_OP_LINEAR_ADD},
    {MCL_OP_SILU, MCL_OP_MUL, MCL_OP_SILU_MUL},
    {MCL_OP_RMS_NORM, MCL_OP_ROPE, MCL_OP_NORM_ROPE},
    {MCL_OP_UPSAMPLE, MCL_OP_CONV, MCL_OP_UP_CONV},
};

/* Which of the first two inputs of `n` is t, or 2: sums and products have it either way round. */
static unsigned input_of(const mcl_node *n, mcl_tid t) {
  if (n->in[0] == t)
    return 0;
  return (n->op == MCL_OP_ADD || n->op == MCL_OP_MUL) && n->in[1] == t ? 1 : 2;
}

/* How many operands of the graph's nodes lie in a tensor and are treated so. */
static unsigned count(const mcl_graph *g, mcl_tid root, bool (*treats)(mcl_op op, unsigned i)) {
  unsigned n = 0;
  for (size_t i = 0; i < mcl_graph_nodes(g); i++)
    for (unsigned k = 0; k < MCL_OP_OPERANDS; k++) {
      const mcl_node *node = mcl_graph_node_at(g, i);
      mcl_tid t = mcl_node_operand(node, k);
      n += t != MCL_NO_TENSOR && treats(node->op, k) && mcl_graph_root(g, t) == root;
    }
  return n;
}

static bool matches(const mcl_plan *p, const pattern *pt, const mcl_node *a, const mcl_node *b) {
  const mcl_tensor *between = mcl_graph_tensor_at(p->graph, a->out);
  if (a->op != pt->first || b->op != pt->second || input_of(b, a->out) > 1 ||
      between->role != MCL_TEMP)
    return false;
  if (pt->fused == MCL_OP_NORM_ROPE && a->attr.norm.width != b->attr.rope.head)
    return false;
  return count(p->graph, a->out, mcl_op_reads) == 1 && count(p->graph, a->out, mcl_op_writes) == 1;
}

static mcl_node fuse(const pattern *pt, const mcl_node *a, const mcl_node *b) {
  mcl_node n = *a;
  n.op = pt->fused;
  n.out = b->out;
  if (pt->fused == MCL_OP_UP_CONV) {
    mcl_dim h = a->attr.conv.h, w = a->attr.conv.w;
    n.attr = b->attr;
    n.attr.conv.h = h;
    n.attr.conv.w = w;
    memcpy(n.w, b->w, sizeof n.w);
  } else {
    n.in[1] = b->in[1 - input_of(b, a->out)];
  }
  return n;
}

/* A class that somebody chose for the first node must be the fused one's too. */
static bool keeps_class(const mcl_plan *p, const mcl_node *a, const mcl_node *fused) {
  const mcl_variant *v = mcl_plan_best(p, fused);
  const char *class;
  size_t n = mcl_tuning_class(p->device, a->op, p->use, &class);
  return v && (!n || (strlen(v->numeric) == n && !memcmp(v->numeric, class, n)));
}

/* The one node that stands for both, if there is a pattern and the device takes it. */
static bool find(const mcl_plan *p, const mcl_node *a, const mcl_node *b, mcl_node *out) {
  for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
    if (!matches(p, &patterns[i], a, b))
      continue;
    *out = fuse(&patterns[i], a, b);
    return keeps_class(p, a, out);
  }
  return false;
}

void mcl_plan_fuse(mcl_plan *p, bool unfused) {
  size_t n = mcl_graph_nodes(p->graph);
  for (size_t i = 0; i < n; i++) {
    const mcl_node *a = mcl_graph_node_at(p->graph, i);
    mcl_node both;
    bool found = !unfused && i + 1 < n && find(p, a, mcl_graph_node_at(p->graph, i + 1), &both);
    p->step[p->steps++].node = found ? both : *a;
    p->fused += found;
    i += found;
  }
}
