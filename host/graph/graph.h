/* graph.h - a model as data: tensors with symbolic row counts and a list of ops in running order.
 *
 * A graph knows nothing of devices, memory or fusion. Builders (host/model) make it with the calls
 * below; plan/ puts it on a device; exec/ runs it. Builders need not test each call: the first
 * error sticks, later calls do nothing, and mcl_graph_check reports it. */
#ifndef MCL_GRAPH_GRAPH_H
#define MCL_GRAPH_GRAPH_H

#include "base/err.h"
#include "base/num.h"
#include "graph/ops.h"
#include "graph/weight.h"

typedef uint16_t mcl_tid; /* a tensor of a graph */
typedef uint16_t mcl_dim; /* a symbolic number of a graph: rows, pixels high or wide */
#define MCL_NO_TENSOR ((mcl_tid)0xFFFF)

/** Which expert an op's weights belong to. */
typedef enum mcl_expert { MCL_SHARED, MCL_UND, MCL_GEN } mcl_expert;

/** What a tensor is for. */
typedef enum mcl_role {
  MCL_TEMP,   /* made and used inside one run; its memory is reused */
  MCL_INPUT,  /* written by the host before a run */
  MCL_OUTPUT, /* read by the host after a run */
  MCL_STATE,  /* stays on the device between runs */
  MCL_VIEW    /* a row range of another tensor */
} mcl_role;

/**
 * A tensor [rows, cols].
 *
 * name    for plans, dumps and messages; static or owned by the graph
 * parent  of a view: the tensor whose rows [first, first + rows) it is; else MCL_NO_TENSOR
 * first   of a view: the dim that says where it begins
 */
typedef struct mcl_tensor {
  const char *name;
  mcl_role role;
  mcl_type type;
  mcl_dim rows, first;
  uint32_t cols;
  mcl_tid parent;
} mcl_tensor;

/** What an op needs to know beside its operands; which member counts is told by the op. */
typedef union mcl_attr {
  struct {
    uint32_t width; /* columns normalised together */
    float eps;
  } norm; /* RMS_NORM, LAYER_NORM, NORM_ROPE (width = head) */
  struct {
    uint32_t head;
  } rope;
  struct {
    uint32_t heads, kv_heads, head; /* head: 16 .. 512, even */
    float scale;
    uint32_t transposed; /* KV_PUT, KV_COPY: 1 for K pages, 0 for V */
  } attention;           /* ATTENTION, KV_PUT, KV_COPY */
  struct {
    uint32_t kernel, stride, pad_lo, pad_hi; /* pad_lo: above and left; pad_hi: below and right */
    mcl_dim h, w;                            /* of the input; UP_CONV: before upsampling */
  } conv;                                    /* CONV, UP_CONV, UPSAMPLE (kernel 0) */
  struct {
    uint32_t groups;
    float eps;
  } group; /* GROUP_NORM */
} mcl_attr;

/** One op of a graph. Unused inputs are MCL_NO_TENSOR, unused weights NULL. */
typedef struct mcl_node {
  mcl_op op;
  mcl_expert expert;
  int layer; /* of its stack, or -1: cuts of the command list and names of dumps go by it */
  mcl_attr attr;
  mcl_tid in[MCL_OP_INPUTS], out;
  const mcl_weight *w[MCL_OP_WEIGHTS];
} mcl_node;

typedef struct mcl_graph mcl_graph;

/** A new empty graph, or NULL. `name` is static. Caller destroys it. */
mcl_graph *mcl_graph_create(const char *name);
void mcl_graph_destroy(mcl_graph *g);

/** A symbolic number. `name` is static. */
mcl_dim mcl_graph_dim(mcl_graph *g, const char *name);

/** A tensor; `role` is not MCL_VIEW. `name` is copied. */
mcl_tid mcl_graph_tensor(mcl_graph *g, mcl_role role, mcl_type type, mcl_dim rows, uint32_t cols,
                         const char *name);

/** Rows [first, first + rows) of `parent`, which is no view itself. */
mcl_tid mcl_graph_view(mcl_graph *g, mcl_tid parent, mcl_dim first, mcl_dim rows, const char *name);

/** Nodes made from now on belong to this expert and layer. */
void mcl_graph_scope(mcl_graph *g, mcl_expert expert, int layer);

/**
 * Append a node that writes `out`.
 *
 * in   tensors, as many as the op's list entry says; MCL_NO_TENSOR where the op allows absence
 * w    weights likewise; NULL where absent
 * attr may be NULL for ops that have none
 */
void mcl_graph_node(mcl_graph *g, mcl_op op, mcl_tid out, const mcl_tid *in,
                    const mcl_weight *const *w, const mcl_attr *attr);

/* Shorthands that make the output tensor (a TEMP with the rows of the first input, named `name`).
 */
mcl_tid mcl_graph_linear(mcl_graph *g, mcl_tid x, const mcl_weight *w, const mcl_weight *bias,
                         const char *name);
mcl_tid mcl_graph_rms_norm(mcl_graph *g, mcl_tid x, const mcl_weight *w, uint32_t width, float eps,
                           const char *name);
mcl_tid mcl_graph_layer_norm(mcl_graph *g, mcl_tid x, const mcl_weight *w, const mcl_weight *bias,
                             float eps, const char *name);
mcl_tid mcl_graph_unary(mcl_graph *g, mcl_op op, mcl_tid x, const char *name);
mcl_tid mcl_graph_binary(mcl_graph *g, mcl_op op, mcl_tid a, mcl_tid b, const char *name);

/** Say that `t` is wanted by the host after a run (a TEMP becomes an OUTPUT). */
void mcl_graph_want(mcl_graph *g, mcl_tid t);

/** The first error made while building (also: a shape that does not fit its op), or OK. */
int mcl_graph_check(const mcl_graph *g, motcl_err *err);

/* Reading. Indexes are below the counts; results belong to the graph. */
const char *mcl_graph_name(const mcl_graph *g);
size_t mcl_graph_nodes(const mcl_graph *g);
const mcl_node *mcl_graph_node_at(const mcl_graph *g, size_t i);
size_t mcl_graph_tensors(const mcl_graph *g);
const mcl_tensor *mcl_graph_tensor_at(const mcl_graph *g, mcl_tid t);
size_t mcl_graph_dims(const mcl_graph *g);
const char *mcl_graph_dim_name(const mcl_graph *g, mcl_dim d);

/** The tensor whose memory `t` lies in: itself, or a view's parent. */
mcl_tid mcl_graph_root(const mcl_graph *g, mcl_tid t);

/** Operand i of a node, its output the last (MCL_OP_OUT); MCL_NO_TENSOR where it is absent. */
mcl_tid mcl_node_operand(const mcl_node *n, unsigned i);

/** Whether a node reads, or writes, memory of the tensor `root`: it or a view of it. Both are so
 * where it updates it (graph/ops.h). */
bool mcl_node_reads(const mcl_graph *g, const mcl_node *n, mcl_tid root);
bool mcl_node_writes(const mcl_graph *g, const mcl_node *n, mcl_tid root);

/** Work of a node: multiply-adds count two; bytes are those of weights and activations touched
 * once. */
typedef struct mcl_cost {
  double flops, weight_bytes, activation_bytes;
} mcl_cost;

/**
 * FLOPs of an op.
 *
 * cells  rows * columns of its output
 * depth  columns of its first weight
 * keys   keys that a row of ATTENTION sees on average
 */
double mcl_op_flops(mcl_op op, double cells, double depth, double keys);

/**
 * Cost of node `n` for these sizes.
 *
 * dims  u32[mcl_graph_dims]  the value of each symbolic number
 * keys  keys that a row of ATTENTION sees on average; ignored by other ops
 */
mcl_cost mcl_graph_cost(const mcl_graph *g, const mcl_node *n, const uint32_t *dims, double keys);

#endif
