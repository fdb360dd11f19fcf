/* rows.c - cases of the ops on single elements and of rotary position. */
#include "checkcl.h"

#include <math.h>
#include <string.h>

#define ARRANGEMENTS 2 /* a second one has other offsets and strides */

static void describe(check_case *c) {
  snprintf(c->text, sizeof c->text, "%u x %u", c->out.op.rows, c->out.op.cols);
}

static void make_embed(check_case *c, check_gen *g) {
  static const uint32_t entries[] = {1, 5, 40};
  uint32_t rows = check_rows(g), cols = check_cols(g), n = CHECK_PICK(&g->values, entries);
  c->call.base = g->index % 2 ? 7 : 0;
  c->part = g->index % 3 != 2;
  check_place(c, g, &c->in[0], MCL_I32, rows, 1);
  for (uint32_t r = 0; r < rows && c->in[0].data; r++)
    *check_ids(&c->in[0], r) = (int32_t)(c->part ? check_below(&g->values, c->call.base + n + 3)
                                                 : c->call.base + check_below(&g->values, n));
  check_weight(c, g, &c->wt[0], n, cols, 1, 0);
  check_place(c, g, &c->out, MCL_F32, rows, cols);
  snprintf(c->text, sizeof c->text, "%u x %u from [%u, %u) of %s", rows, cols, c->call.base,
           c->call.base + n, mcl_type_name(c->wt[0].op.type));
}

static void make_gather(check_case *c, check_gen *g) {
  static const uint32_t entries[] = {1, 6, 300};
  uint32_t rows = check_rows(g), cols = check_cols(g), n = CHECK_PICK(&g->values, entries);
  check_input(c, g, &c->in[0], n, cols);
  check_place(c, g, &c->in[1], MCL_I32, rows, 1);
  for (uint32_t r = 0; r < rows && c->in[1].data; r++)
    *check_ids(&c->in[1], r) = (int32_t)check_below(&g->values, n);
  check_place(c, g, &c->out, MCL_F32, rows, cols);
  snprintf(c->text, sizeof c->text, "%u of %u rows, %u columns", rows, n, cols);
}

static void make_elements(check_case *c, check_gen *g, int inputs, double flops) {
  uint32_t rows = check_rows(g), cols = check_cols(g);
  for (int i = 0; i < inputs; i++)
    check_input(c, g, &c->in[i], rows, cols);
  check_place(c, g, &c->out, MCL_F32, rows, cols);
  c->flops = flops * rows * cols;
  describe(c);
}

static void make_unary(check_case *c, check_gen *g) {
  make_elements(c, g, 1, 8);
}

static void make_binary(check_case *c, check_gen *g) {
  make_elements(c, g, 2, 1);
}

static void make_silu_mul(check_case *c, check_gen *g) {
  make_elements(c, g, 2, 9);
}

/* Some numbers, ends of the row among them, are NaN or infinite. */
static void make_not_finite(check_case *c, check_gen *g) {
  static const uint32_t odd[] = {0x7F800000u, 0xFF800000u, 0x7FC00000u, 0xFFC12345u,
                                 0x7F800001u, 0x7F7FFFFFu, 0x00000001u};
  uint32_t rows = check_rows(g), cols = check_cols(g);
  check_input(c, g, &c->in[0], rows, cols);
  for (uint32_t r = 0; r < rows && c->in[0].data; r++)
    for (uint32_t i = check_below(&g->values, 5); i > 0; i--) {
      uint32_t at = i == 1 ? cols - 1 : i == 2 ? 0 : check_below(&g->values, cols);
      memcpy(check_row(&c->in[0], r) + at, &odd[check_below(&g->values, 7)], sizeof *odd);
    }
  check_place(c, g, &c->out, MCL_F32, rows, 1);
  describe(c);
}

static void make_rope(check_case *c, check_gen *g) {
  static const uint32_t heads[] = {1, 2, 7}, head_sizes[] = {16, 30, 32, 72, 128, 130};
  uint32_t rows = check_rows(g), head = CHECK_PICK(&g->values, head_sizes);
  uint32_t n = CHECK_PICK(&g->values, heads);
  c->call.attr.rope.head = head;
  check_input(c, g, &c->in[0], rows, n * head);
  check_place(c, g, &c->in[1], MCL_F32, rows, head);
  for (uint32_t r = 0; r < rows && c->in[1].data; r++)
    for (uint32_t j = 0; j < head / 2; j++) {
      double angle = 20 * check_normal(&g->values);
      check_row(&c->in[1], r)[j] = (float)cos(angle);
      check_row(&c->in[1], r)[head / 2 + j] = (float)sin(angle);
    }
  check_place(c, g, &c->out, MCL_F32, rows, n * head);
  c->flops = 3.0 * rows * n * head;
  snprintf(c->text, sizeof c->text, "%u rows, %u heads of %u", rows, n, head);
}

/* Bytes are moved, or one rounding is done: equal bytes. */
const check_op check_op_EMBED = {0, 0, 12, ARRANGEMENTS, 1u, make_embed, CHECK_NO_BANDS};
const check_op check_op_GATHER = {0, 0, 12, ARRANGEMENTS, 2u, make_gather, CHECK_NO_BANDS};
const check_op check_op_ADD = {0, 0, 12, ARRANGEMENTS, 3u, make_binary, CHECK_NO_BANDS};
const check_op check_op_MUL = {0, 0, 12, ARRANGEMENTS, 3u, make_binary, CHECK_NO_BANDS};
const check_op check_op_NOT_FINITE = {0, 0, 12, ARRANGEMENTS, 1u, make_not_finite, CHECK_NO_BANDS};

const check_op check_op_SILU = {CHECK_NRMS, CHECK_WORST,   12, ARRANGEMENTS, 1u,
                                make_unary, CHECK_NO_BANDS};
const check_op check_op_GELU = {CHECK_NRMS, CHECK_WORST,   12, ARRANGEMENTS, 1u,
                                make_unary, CHECK_NO_BANDS};
const check_op check_op_SILU_MUL = {CHECK_NRMS,    CHECK_WORST,   12, ARRANGEMENTS, 3u,
                                    make_silu_mul, CHECK_NO_BANDS};
const check_op check_op_ROPE = {CHECK_NRMS, CHECK_WORST,   12, ARRANGEMENTS, 3u,
                                make_rope,  CHECK_NO_BANDS};
