/* graph.c - building and reading graphs. */
#include "graph/graph.h"

#include <string.h>

#include "base/mem.h"

struct mcl_graph {
  const char *name;
  mcl_node *node;
  mcl_tensor *tensor;
  const char **dim;
  size_t nodes, node_cap, tensors, tensor_cap, dims, dim_cap;
  mcl_expert expert;
  int layer;
  motcl_err bad; /* the first error; code OK while there is none */
};

mcl_graph *mcl_graph_create(const char *name) {
  mcl_graph *g = mcl_zalloc(1, sizeof *g);
  if (g) {
    g->name = name;
    g->layer = -1;
  }
  return g;
}

void mcl_graph_destroy(mcl_graph *g) {
  if (!g)
    return;
  for (size_t i = 0; i < g->tensors; i++)
    mcl_free((void *)(uintptr_t)g->tensor[i].name);
  mcl_free(g->tensor);
  mcl_free(g->node);
  mcl_free(g->dim);
  mcl_free(g);
}

/* Room for one more in an array whose ids must stay below MCL_NO_TENSOR. */
static bool grow(mcl_graph *g, void **p, size_t *cap, size_t len, size_t size) {
  if (g->bad.code != MOTCL_OK)
    return false;
  if (len < MCL_NO_TENSOR && mcl_grow(p, cap, len, size))
    return true;
  mcl_fail(&g->bad, MOTCL_ENOMEM, "no memory for the graph %s", g->name);
  return false;
}

mcl_dim mcl_graph_dim(mcl_graph *g, const char *name) {
  void *p = (void *)g->dim;
  if (!grow(g, &p, &g->dim_cap, g->dims, sizeof *g->dim))
    return 0;
  g->dim = (const char **)p;
  g->dim[g->dims] = name;
  return (mcl_dim)g->dims++;
}

static mcl_tid add_tensor(mcl_graph *g, const mcl_tensor *t, const char *name) {
  void *p = g->tensor;
  if (!grow(g, &p, &g->tensor_cap, g->tensors, sizeof *g->tensor))
    return MCL_NO_TENSOR;
  g->tensor = p;
  char *copy = mcl_strdup(name);
  if (!copy) {
    mcl_fail(&g->bad, MOTCL_ENOMEM, "no memory for the graph %s", g->name);
    return MCL_NO_TENSOR;
  }
  g->tensor[g->tensors] = *t;
  g->tensor[g->tensors].name = copy;
  return (mcl_tid)g->tensors++;
}

mcl_tid mcl_graph_tensor(mcl_graph *g, mcl_role role, mcl_type type, mcl_dim rows, uint32_t cols,
                         const char *name) {
  return add_tensor(
      g,
      &(mcl_tensor){
          .role = role, .type = type, .rows = rows, .cols = cols, .parent = MCL_NO_TENSOR},
      name);
}

mcl_tid mcl_graph_view(mcl_graph *g, mcl_tid parent, mcl_dim first, mcl_dim rows,
                       const char *name) {
  if (g->bad.code != MOTCL_OK)
    return MCL_NO_TENSOR;
  const mcl_tensor *p = &g->tensor[parent];
  if (p->role == MCL_VIEW) {
    mcl_fail(&g->bad, MOTCL_EINTERNAL, "graph %s: '%s' is a view of a view", g->name, name);
    return MCL_NO_TENSOR;
  }
  return add_tensor(g,
                    &(mcl_tensor){.role = MCL_VIEW,
                                  .type = p->type,
                                  .rows = rows,
                                  .first = first,
                                  .cols = p->cols,
                                  .parent = parent},
                    name);
}

void mcl_graph_scope(mcl_graph *g, mcl_expert expert, int layer) {
  g->expert = expert;
  g->layer = layer;
}

static uint32_t cols_of(const mcl_graph *g, mcl_tid t) {
  return t == MCL_NO_TENSOR ? 0 : g->tensor[t].cols;
}

static size_t count_of(const mcl_weight *w) {
  return w ? mcl_weight_count(w) : 0;
}

static bool heads_fit(const mcl_attr *a) {
  uint32_t head = a->attention.head;
  return a->attention.kv_heads && a->attention.kv_heads <= 4096 && head >= 16 && head <= 512 &&
         head % 2 == 0;
}

/* Whether `t` is absent or holds pages of an op's keys or values. */
static bool are_pages(const mcl_graph *g, mcl_tid t, const mcl_attr *a) {
  return t == MCL_NO_TENSOR ||
         cols_of(g, t) == a->attention.kv_heads * a->attention.head * MCL_PAGE;
}

/* Whether columns and weights of a node fit its op; row counts are checked when they have values.
 */
static bool fits(const mcl_graph *g, const mcl_node *n) {
  uint32_t x = cols_of(g, n->in[0]), y = cols_of(g, n->in[1]), out = cols_of(g, n->out);
  size_t w0 = count_of(n->w[0]), w1 = count_of(n->w[1]);
  const mcl_attr *a = &n->attr;
  switch (n->op) {
  case MCL_OP_EMBED:
    return x == 1 && n->w[0]->cols == out;
  case MCL_OP_GATHER:
    return x == out && y == 1;
  case MCL_OP_LINEAR:
    return n->w[0]->cols == x && n->w[0]->rows == out && (!w1 || w1 == out);
  case MCL_OP_LINEAR_ADD:
    return n->w[0]->cols == x && n->w[0]->rows == out && y == out && (!w1 || w1 == out);
  case MCL_OP_RMS_NORM:
    return x == out && a->norm.width && x % a->norm.width == 0 && w0 == a->norm.width;
  case MCL_OP_LAYER_NORM:
    return x == out && a->norm.width == x && w0 == x && w1 == x;
  case MCL_OP_ROPE:
    return x == out && y && y % 2 == 0 && x % y == 0 && a->rope.head == y;
  case MCL_OP_NORM_ROPE:
    return x == out && y && y % 2 == 0 && x % y == 0 && a->norm.width == y && w0 == y;
  case MCL_OP_SILU:
  case MCL_OP_GELU:
    return x == out;
  case MCL_OP_ADD:
  case MCL_OP_MUL:
  case MCL_OP_SILU_MUL:
    return x == out && y == out;
  case MCL_OP_KV_PUT:
    return heads_fit(a) && x == a->attention.kv_heads * a->attention.head && y == 1 &&
           are_pages(g, n->in[2], a) && are_pages(g, n->out, a);
  case MCL_OP_KV_COPY:
    return heads_fit(a) && x == 2 && are_pages(g, n->out, a);
  case MCL_OP_ATTENTION:
    for (unsigned i = 1; i < 5; i++)
      if (!are_pages(g, n->in[i], a))
        return false;
    return heads_fit(a) && x == out && x == a->attention.heads * a->attention.head &&
           a->attention.heads % a->attention.kv_heads == 0 && cols_of(g, n->in[6]) == 8;
  case MCL_OP_CONV:
  case MCL_OP_UP_CONV:
    return n->w[0]->rows == out && n->w[0]->cols == x * a->conv.kernel * a->conv.kernel &&
           n->w[0]->kernel == a->conv.kernel && w1 == out;
  case MCL_OP_GROUP_NORM:
    return x == out && a->group.groups && x % a->group.groups == 0 && w0 == x && w1 == x;
  case MCL_OP_UPSAMPLE:
    return x == out;
  case MCL_OP_GUIDE:
    return x == out && y == 4 && cols_of(g, n->in[2]) == 8;
  case MCL_OP_GUIDE_SCALE:
    return x == y && out == 1;
  case MCL_OP_GUIDE_APPLY:
  case MCL_OP_EULER:
    return x == out;
  case MCL_OP_NOT_FINITE:
    return out == 1;
  case MCL_OP_COUNT:
    break;
  }
  return false;
}

void mcl_graph_node(mcl_graph *g, mcl_op op, mcl_tid out, const mcl_tid *in,
                    const mcl_weight *const *w, const mcl_attr *attr) {
  const mcl_op_info *info = mcl_op_get(op);
  void *p = g->node;
  if (!grow(g, &p, &g->node_cap, g->nodes, sizeof *g->node))
    return;
  g->node = p;
  mcl_node n = {.op = op, .expert = g->expert, .layer = g->layer, .out = out};
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    n.in[i] = i < info->inputs ? in[i] : MCL_NO_TENSOR;
  for (unsigned i = 0; i < info->weights; i++)
    n.w[i] = w[i];
  if (attr)
    n.attr = *attr;
  if (out == MCL_NO_TENSOR || n.in[0] == MCL_NO_TENSOR || (info->weights && !n.w[0]) ||
      !fits(g, &n)) {
    const mcl_weight *w0 = n.w[0];
    mcl_fail(&g->bad, MOTCL_EMODEL,
             "graph %s: %s cannot make '%s' (%u columns) from %u columns%s%s%s; the model's "
             "tensors and its configuration do not agree",
             g->name, info->name, out == MCL_NO_TENSOR ? "?" : g->tensor[out].name, cols_of(g, out),
             cols_of(g, n.in[0]), w0 ? " by '" : "", w0 ? w0->name : "", w0 ? "'" : "");
    return;
  }
  g->node[g->nodes++] = n;
}

/* A TEMP with the rows of x, or nothing once building has failed. */
static mcl_tid like(mcl_graph *g, mcl_tid x, uint32_t cols, const char *name) {
  if (g->bad.code != MOTCL_OK)
    return MCL_NO_TENSOR;
  return mcl_graph_tensor(g, MCL_TEMP, MCL_F32, g->tensor[x].rows, cols, name);
}

mcl_tid mcl_graph_linear(mcl_graph *g, mcl_tid x, const mcl_weight *w, const mcl_weight *bias,
                         const char *name) {
  mcl_tid out = like(g, x, w->rows, name);
  mcl_graph_node(g, MCL_OP_LINEAR, out, (mcl_tid[]){x}, (const mcl_weight *[]){w, bias}, NULL);
  return out;
}

mcl_tid mcl_graph_rms_norm(mcl_graph *g, mcl_tid x, const mcl_weight *w, uint32_t width, float eps,
                           const char *name) {
  mcl_tid out = like(g, x, cols_of(g, x), name);
  mcl_graph_node(g, MCL_OP_RMS_NORM, out, (mcl_tid[]){x}, (const mcl_weight *[]){w},
                 &(mcl_attr){.norm = {width, eps}});
  return out;
}

mcl_tid mcl_graph_layer_norm(mcl_graph *g, mcl_tid x, const mcl_weight *w, const mcl_weight *bias,
                             float eps, const char *name) {
  uint32_t cols = cols_of(g, x);
  mcl_tid out = like(g, x, cols, name);
  mcl_graph_node(g, MCL_OP_LAYER_NORM, out, (mcl_tid[]){x}, (const mcl_weight *[]){w, bias},
                 &(mcl_attr){.norm = {cols, eps}});
  return out;
}

mcl_tid mcl_graph_unary(mcl_graph *g, mcl_op op, mcl_tid x, const char *name) {
  mcl_tid out = like(g, x, cols_of(g, x), name);
  mcl_graph_node(g, op, out, (mcl_tid[MCL_OP_INPUTS]){x}, NULL, NULL);
  return out;
}

mcl_tid mcl_graph_binary(mcl_graph *g, mcl_op op, mcl_tid a, mcl_tid b, const char *name) {
  mcl_tid out = like(g, a, cols_of(g, a), name);
  mcl_graph_node(g, op, out, (mcl_tid[MCL_OP_INPUTS]){a, b}, NULL, NULL);
  return out;
}

void mcl_graph_want(mcl_graph *g, mcl_tid t) {
  if (g->bad.code == MOTCL_OK && g->tensor[t].role == MCL_TEMP)
    g->tensor[t].role = MCL_OUTPUT;
}

int mcl_graph_check(const mcl_graph *g, motcl_err *err) {
  if (g->bad.code != MOTCL_OK && err)
    *err = g->bad;
  return g->bad.code;
}

const char *mcl_graph_name(const mcl_graph *g) {
  return g->name;
}

size_t mcl_graph_nodes(const mcl_graph *g) {
  return g->nodes;
}

const mcl_node *mcl_graph_node_at(const mcl_graph *g, size_t i) {
  return &g->node[i];
}

size_t mcl_graph_tensors(const mcl_graph *g) {
  return g->tensors;
}

const mcl_tensor *mcl_graph_tensor_at(const mcl_graph *g, mcl_tid t) {
  return &g->tensor[t];
}

size_t mcl_graph_dims(const mcl_graph *g) {
  return g->dims;
}

const char *mcl_graph_dim_name(const mcl_graph *g, mcl_dim d) {
  return g->dim[d];
}

mcl_tid mcl_graph_root(const mcl_graph *g, mcl_tid t) {
  return g->tensor[t].role == MCL_VIEW ? g->tensor[t].parent : t;
}

mcl_tid mcl_node_operand(const mcl_node *n, unsigned i) {
  return i == MCL_OP_OUT ? n->out : n->in[i];
}

/* Whether a node has memory of `root` as an operand that its op treats so. */
static bool has(const mcl_graph *g, const mcl_node *n, mcl_tid root,
                bool (*treats)(mcl_op op, unsigned i)) {
  for (unsigned i = 0; i < MCL_OP_OPERANDS; i++) {
    mcl_tid t = mcl_node_operand(n, i);
    if (t != MCL_NO_TENSOR && treats(n->op, i) && mcl_graph_root(g, t) == root)
      return true;
  }
  return false;
}

bool mcl_node_reads(const mcl_graph *g, const mcl_node *n, mcl_tid root) {
  return has(g, n, root, mcl_op_reads);
}

bool mcl_node_writes(const mcl_graph *g, const mcl_node *n, mcl_tid root) {
  return has(g, n, root, mcl_op_writes);
}
