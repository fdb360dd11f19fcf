/* toy_graph.h - random graphs of row-local ops for tests of plan and exec: two kinds of rows that
 * meet in tensors written and read by views, MLPs with temporaries of their own, shared readers. */
#ifndef MCL_TESTS_TOY_GRAPH_H
#define MCL_TESTS_TOY_GRAPH_H

#include "graph/graph.h"
#include "tests/unit/toy.h"

enum { TOY_COLS = 8, TOY_WIDE = 24, TOY_POOL = 64 };
enum { TOY_ZERO, TOY_A, TOY_B, TOY_ALL, TOY_DIMS }; /* dims: 0, rows a, rows b, a + b */

/**
 * A graph and what it is made of.
 *
 * in    the inputs [a, COLS] and [b, COLS]
 * out   the results [a, COLS] and [b, COLS]
 */
typedef struct toy_graph {
  mcl_graph *g;
  toy_weight *square, *up, *gate, *down, *bias, *wide_bias;
  mcl_tid in[2], out[2], pool[2][TOY_POOL];
  size_t pooled[2];
  uint64_t seed;
  int layer;
} toy_graph;

static inline void toy_keep(toy_graph *t, int kind, mcl_tid x) {
  if (t->pooled[kind] < TOY_POOL)
    t->pool[kind][t->pooled[kind]++] = x;
}

static inline mcl_tid toy_pick(toy_graph *t, int kind) {
  return t->pool[kind][toy_next(&t->seed) % t->pooled[kind]];
}

/* x + down(silu(gate n) * up n), n = norm x: what fusion and chunks look for. */
static inline mcl_tid toy_mlp(toy_graph *t, mcl_tid x) {
  mcl_tid n = mcl_graph_rms_norm(t->g, x, &t->bias->w, TOY_COLS, 1e-6f, "norm");
  mcl_tid a = mcl_graph_linear(t->g, n, &t->gate->w, &t->wide_bias->w, "gate");
  mcl_tid b = mcl_graph_linear(t->g, n, &t->up->w, NULL, "up");
  a = mcl_graph_unary(t->g, MCL_OP_SILU, a, "silu");
  a = mcl_graph_binary(t->g, MCL_OP_MUL, a, b, "mul");
  a = mcl_graph_linear(t->g, a, &t->down->w, &t->bias->w, "down");
  return mcl_graph_binary(t->g, MCL_OP_ADD, x, a, "mlp");
}

/* x + down(gelu(up x)), where gelu reads its input by a view of all its rows. */
static inline mcl_tid toy_detour(toy_graph *t, int kind, mcl_tid x) {
  mcl_tid a = mcl_graph_linear(t->g, x, &t->up->w, NULL, "detour");
  a = mcl_graph_view(t->g, a, TOY_ZERO, (mcl_dim)(TOY_A + kind), "whole");
  a = mcl_graph_unary(t->g, MCL_OP_GELU, a, "gelu");
  a = mcl_graph_linear(t->g, a, &t->down->w, NULL, "down");
  return mcl_graph_binary(t->g, MCL_OP_ADD, a, x, "round");
}

/* Both kinds of rows side by side, through one op, and apart again. */
static inline void toy_meet(toy_graph *t) {
  static const mcl_dim first[] = {TOY_ZERO, TOY_A};
  mcl_tid both = mcl_graph_tensor(t->g, MCL_TEMP, MCL_F32, TOY_ALL, TOY_COLS, "both");
  for (int i = 0; i < 2; i++) {
    mcl_tid x = toy_pick(t, i);
    mcl_tid part = mcl_graph_view(t->g, both, first[i], (mcl_dim)(TOY_A + i), "part");
    mcl_graph_node(t->g, MCL_OP_GELU, part, &x, NULL, NULL);
  }
  mcl_tid y = mcl_graph_unary(t->g, MCL_OP_SILU, both, "silu of both");
  for (int i = 0; i < 2; i++)
    toy_keep(t, i, mcl_graph_view(t->g, y, first[i], (mcl_dim)(TOY_A + i), "half"));
}

static inline void toy_round(toy_graph *t) {
  int kind = (int)(toy_next(&t->seed) % 2);
  mcl_tid x = toy_pick(t, kind), y = toy_pick(t, kind);
  mcl_graph_scope(t->g, MCL_SHARED, t->layer += toy_next(&t->seed) % 3 == 0);
  switch (toy_next(&t->seed) % 7) {
  case 0:
    toy_keep(t, kind, mcl_graph_unary(t->g, MCL_OP_SILU, x, "silu"));
    break;
  case 1:
    toy_keep(t, kind, mcl_graph_binary(t->g, MCL_OP_ADD, x, y, "add"));
    break;
  case 2:
    x = mcl_graph_linear(t->g, x, &t->square->w, &t->bias->w, "linear");
    toy_keep(t, kind, mcl_graph_binary(t->g, MCL_OP_ADD, y, x, "linear + residual"));
    break;
  case 3:
    toy_meet(t);
    break;
  case 4:
    toy_keep(t, kind, toy_detour(t, kind, x));
    break;
  default:
    toy_keep(t, kind, toy_mlp(t, x));
  }
}

/** A graph of `rounds` random pieces. `all`: every temporary is an output, so that none shares
 * memory and nothing is fused; else the same graph. */
static inline void toy_graph_init(toy_graph *t, uint64_t seed, int rounds, bool all) {
  memset(t, 0, sizeof *t);
  t->seed = seed;
  t->square = toy_weight_make("square", MCL_F32, TOY_COLS, TOY_COLS, 1, 0, 1);
  t->up = toy_weight_make("up", MCL_BF16, TOY_WIDE, TOY_COLS, 1, 2, 2);
  t->gate = toy_weight_make("gate", MCL_F32, TOY_WIDE, TOY_COLS, 1, 1, 3);
  t->down = toy_weight_make("down", MCL_BF16, TOY_COLS, TOY_WIDE, 1, 1, 4);
  t->bias = toy_weight_make("bias", MCL_F32, 1, TOY_COLS, 1, 0, 5);
  t->wide_bias = toy_weight_make("wide bias", MCL_F32, 1, TOY_WIDE, 1, 3, 6);
  t->g = mcl_graph_create("toy");
  for (int i = 0; i < TOY_DIMS; i++)
    mcl_graph_dim(t->g, "dim");
  for (int i = 0; i < 2; i++) {
    t->in[i] = mcl_graph_tensor(t->g, MCL_INPUT, MCL_F32, (mcl_dim)(TOY_A + i), TOY_COLS, "input");
    toy_keep(t, i, t->in[i]);
  }
  for (int i = 0; i < rounds; i++)
    toy_round(t);
  for (int i = 0; i < 2; i++) {
    mcl_tid x = toy_pick(t, i);
    t->out[i] = mcl_graph_unary(t->g, MCL_OP_GELU, x, "result");
    mcl_graph_want(t->g, t->out[i]);
  }
  for (size_t i = 0; i < mcl_graph_tensors(t->g); i++)
    if (all)
      mcl_graph_want(t->g, (mcl_tid)i);
}

static inline void toy_graph_finish(toy_graph *t) {
  toy_weight *w[] = {t->square, t->up, t->gate, t->down, t->bias, t->wide_bias};
  mcl_graph_destroy(t->g);
  for (size_t i = 0; i < sizeof w / sizeof *w; i++)
    toy_weight_free(w[i]);
}

/** Values of the graph's dims. */
static inline void toy_graph_bind(uint32_t dims[TOY_DIMS], uint32_t a, uint32_t b) {
  dims[TOY_ZERO] = 0;
  dims[TOY_A] = a;
  dims[TOY_B] = b;
  dims[TOY_ALL] = a + b;
}

#endif
