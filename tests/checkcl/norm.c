/* norm.c - cases of RMS norm, layer norm, group norm, and norm with rotary position. */
#include "checkcl.h"

#include <math.h>

static void make_rms(check_case *c, check_gen *g) {
  static const uint32_t heads[] = {1, 2, 7};
  uint32_t rows = check_rows(g), width = check_cols(g);
  uint32_t n = g->index % 2 ? CHECK_PICK(&g->values, heads) : 1;
  c->call.attr.norm.width = width;
  c->call.attr.norm.eps = 1e-6f;
  check_input(c, g, &c->in[0], rows, n * width);
  check_weight(c, g, &c->wt[0], 1, width, 0.3, 1);
  check_place(c, g, &c->out, MCL_F32, rows, n * width);
  c->flops = 4.0 * rows * n * width;
  snprintf(c->text, sizeof c->text, "%u rows, %u groups of %u, %s", rows, n, width,
           mcl_type_name(c->wt[0].op.type));
}

static void make_layer(check_case *c, check_gen *g) {
  uint32_t rows = check_rows(g), cols = check_cols(g);
  c->call.attr.norm.width = cols;
  c->call.attr.norm.eps = 1e-6f;
  check_place(c, g, &c->in[0], MCL_F32, rows, cols);
  check_fill(g, &c->in[0], check_kind_of(g), 1, g->index % 3 ? 0 : 2);
  check_weight(c, g, &c->wt[0], 1, cols, 0.3, 1);
  check_weight(c, g, &c->wt[1], 1, cols, 0.5, 0);
  check_place(c, g, &c->out, MCL_F32, rows, cols);
  c->flops = 6.0 * rows * cols;
  snprintf(c->text, sizeof c->text, "%u x %u, %s", rows, cols, mcl_type_name(c->wt[0].op.type));
}

static void make_norm_rope(check_case *c, check_gen *g) {
  static const uint32_t heads[] = {1, 2, 7}, head_sizes[] = {16, 30, 32, 72, 128, 130};
  uint32_t rows = check_rows(g), n = CHECK_PICK(&g->values, heads);
  uint32_t head = CHECK_PICK(&g->values, head_sizes);
  c->call.attr.norm.width = head;
  c->call.attr.norm.eps = 1e-6f;
  check_input(c, g, &c->in[0], rows, n * head);
  check_place(c, g, &c->in[1], MCL_F32, rows, head);
  check_fill(g, &c->in[1], CHECK_ORDINARY, 0.5, 0);
  check_weight(c, g, &c->wt[0], 1, head, 0.3, 1);
  check_place(c, g, &c->out, MCL_F32, rows, n * head);
  c->flops = 7.0 * rows * n * head;
  snprintf(c->text, sizeof c->text, "%u rows, %u heads of %u, %s", rows, n, head,
           mcl_type_name(c->wt[0].op.type));
}

static void make_group(check_case *c, check_gen *g) {
  static const uint32_t pixels[] = {64, 7, 255, 1, 1300, 300}, groups[] = {32, 32, 8, 1};
  static const uint32_t widths[] = {1, 2, 3, 4, 16};
  uint32_t n = g->quick ? 2 : CHECK_PICK(&g->values, groups);
  uint32_t cols = n * CHECK_PICK(&g->values, widths);
  uint32_t rows = g->quick ? 1 + g->index * 3 : pixels[g->index % 6];
  c->call.attr.group.groups = n;
  c->call.attr.group.eps = 1e-6f;
  check_place(c, g, &c->in[0], MCL_F32, rows, cols);
  check_fill(g, &c->in[0], check_kind_of(g), 1, g->index % 3 ? 0 : 2);
  check_weight(c, g, &c->wt[0], 1, cols, 0.3, 1);
  check_weight(c, g, &c->wt[1], 1, cols, 0.5, 0);
  check_place(c, g, &c->out, MCL_F32, rows, cols);
  c->flops = 6.0 * rows * cols;
  snprintf(c->text, sizeof c->text, "%u pixels, %u channels in %u groups, %s", rows, cols, n,
           mcl_type_name(c->wt[0].op.type));
}

const check_op check_op_RMS_NORM = {CHECK_NRMS, CHECK_WORST, 20, 2, 1u, make_rms, CHECK_NO_BANDS};
const check_op check_op_LAYER_NORM = {CHECK_NRMS, CHECK_WORST,   20, 2, 1u,
                                      make_layer, CHECK_NO_BANDS};
const check_op check_op_NORM_ROPE = {CHECK_NRMS,     CHECK_WORST,   12, 2, 3u,
                                     make_norm_rope, CHECK_NO_BANDS};
const check_op check_op_GROUP_NORM = {CHECK_NRMS, CHECK_WORST,         18, 2, 0,
                                      make_group, CHECK_BANDS_GATHERED};
