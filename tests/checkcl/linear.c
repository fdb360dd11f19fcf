/* linear.c - cases of linear layers, with and without bias and residual. */
#include "checkcl.h"

#include <math.h>

#define MOST 4e7 /* multiply-adds of a case, so that ref takes a blink */

/* Sizes within MOST: the larger of the two weight sides gives way. */
static void sizes(check_gen *g, uint32_t rows, uint32_t *n, uint32_t *k) {
  static const uint32_t ns[] = {1, 5, 16, 64, 96, 130, 256, 588}, few[] = {3, 16, 20};
  *n = g->quick ? CHECK_PICK(&g->values, few) : CHECK_PICK(&g->values, ns);
  *k = check_cols(g);
  if (g->index == 2 && !g->quick)
    *k = 4304; /* one long sum, at one row */
  while ((double)rows * *n * *k > MOST) {
    *n = *n >= *k ? *n / 2 : *n;
    *k = *k > *n ? *k / 2 : *k;
  }
}

static void make(check_case *c, check_gen *g, bool residual) {
  uint32_t rows = check_rows(g), n, k;
  sizes(g, rows, &n, &k);
  bool bias = g->index % 4 < 2;
  check_input(c, g, &c->in[0], rows, k);
  if (residual)
    check_input(c, g, &c->in[1], rows, n);
  check_weight(c, g, &c->wt[0], n, k, 1 / sqrt(k), 0);
  if (bias)
    check_weight(c, g, &c->wt[1], 1, n, 0.5, 0);
  check_place(c, g, &c->out, MCL_F32, rows, n);
  c->flops = 2.0 * rows * n * k;
  snprintf(c->text, sizeof c->text, "R %u, N %u, K %u, %s%s", rows, n, k,
           mcl_type_name(c->wt[0].op.type), bias ? ", bias" : "");
}

static void make_linear(check_case *c, check_gen *g) {
  make(c, g, false);
}

static void make_linear_add(check_case *c, check_gen *g) {
  make(c, g, true);
}

const check_op check_op_LINEAR = {CHECK_NRMS, CHECK_WORST, 30, 2, 1u, make_linear, CHECK_NO_BANDS};
const check_op check_op_LINEAR_ADD = {CHECK_NRMS,      CHECK_WORST,   16, 2, 3u,
                                      make_linear_add, CHECK_NO_BANDS};
