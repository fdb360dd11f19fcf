/* rows.c - ops that work row by row: matrix products, norms, activations, rotary, tables. */
#include "drivers/generic/generic.h"

#define FEW_ROWS 16 /* up to here the few-rows kernel is offered */
#define ROWS_N 64   /* columns of its groups, as in linear.cl */
#define TILE_M 32   /* as in common/tile.clh */
#define TILE_N 64
#define SPAN 256 /* columns of a group in simple.cl */

static int linear(mcl_device *dev, const mcl_call *c, mcl_kernel_use *use, motcl_err *err) {
  const mcl_operand *x = &c->in[0], *w = &c->wt[0], *out = &c->out;
  static const mcl_operand absent;
  const mcl_operand *add = c->op == MCL_OP_LINEAR_ADD ? &c->in[1] : &absent;
  const mcl_arg args[] = {MCL_STRIDED(x),          MCL_STRIDED(w),       MCL_TYPED(&c->wt[1]),
                          MCL_STRIDED(add),        MCL_STRIDED(out),     mcl_arg_uint(out->rows),
                          mcl_arg_uint(out->cols), mcl_arg_uint(x->cols)};
  use->source = "linear.cl";
  use->options = mcl_opencl_wt(w->type);
  return MCL_LAUNCH(dev, use, args, err);
}

bool mcl_generic_few_rows(const mcl_device *dev, const mcl_call *c) {
  (void)dev;
  return c->out.rows <= FEW_ROWS;
}

int mcl_generic_linear_rows(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const size_t rows = c->out.rows == 1 ? 1 : 8;
  mcl_kernel_use use = {.kernel = rows == 1 ? "mcl_linear_rows1" : "mcl_linear_rows8",
                        .group = MCL_GROUP_LINE,
                        .groups = {mcl_blocks(c->out.rows, rows), mcl_blocks(c->out.cols, ROWS_N)}};
  return linear(dev, c, &use, err);
}

int mcl_generic_linear_tiled(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  mcl_kernel_use use = {
      .kernel = "mcl_linear_tiled",
      .group = MCL_GROUP_SQUARE,
      .groups = {mcl_blocks(c->out.rows, TILE_M), mcl_blocks(c->out.cols, TILE_N)}};
  return linear(dev, c, &use, err);
}

int mcl_generic_rms_norm(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const uint32_t width = c->attr.norm.width;
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_TYPED(&c->wt[0]), MCL_STRIDED(&c->out),
                          mcl_arg_uint(width), mcl_arg_float(c->attr.norm.eps)};
  const mcl_kernel_use use = {
      .source = "norm.cl", .kernel = "mcl_rms_norm", .groups = {c->out.rows, c->out.cols / width}};
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_norm_rope(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const uint32_t width = c->attr.norm.width;
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->in[1]),
                          MCL_TYPED(&c->wt[0]),   MCL_STRIDED(&c->out),
                          mcl_arg_uint(width),    mcl_arg_float(c->attr.norm.eps)};
  const mcl_kernel_use use = {
      .source = "norm.cl", .kernel = "mcl_norm_rope", .groups = {c->out.rows, c->out.cols / width}};
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_layer_norm(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),    MCL_TYPED(&c->wt[0]),
                          MCL_TYPED(&c->wt[1]),      MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.cols), mcl_arg_float(c->attr.norm.eps)};
  const mcl_kernel_use use = {
      .source = "norm.cl", .kernel = "mcl_layer_norm", .groups = {c->out.rows, 1}};
  return MCL_LAUNCH(dev, &use, args, err);
}

static mcl_kernel_use simple(const char *kernel, const mcl_call *c, uint32_t cols) {
  return (mcl_kernel_use){
      .source = "simple.cl", .kernel = kernel, .groups = {c->out.rows, mcl_blocks(cols, SPAN)}};
}

int mcl_generic_unary(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->out), mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use =
      simple(c->op == MCL_OP_SILU ? "mcl_silu_simple" : "mcl_gelu_simple", c, c->out.cols);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_binary(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const char *kernel = c->op == MCL_OP_ADD   ? "mcl_add_simple"
                       : c->op == MCL_OP_MUL ? "mcl_mul_simple"
                                             : "mcl_silu_mul_simple";
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->in[1]), MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use = simple(kernel, c, c->out.cols);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_rope(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const uint32_t head = c->attr.rope.head;
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->in[1]), MCL_STRIDED(&c->out),
                          mcl_arg_uint(head)};
  const mcl_kernel_use use = {.source = "simple.cl",
                              .kernel = "mcl_rope_simple",
                              .groups = {c->out.rows, c->out.cols / head}};
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_embed(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_operand *w = &c->wt[0];
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          MCL_STRIDED(w),
                          mcl_arg_uint((uint32_t)w->type),
                          MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.cols),
                          mcl_arg_uint(c->base),
                          mcl_arg_uint(w->rows)};
  const mcl_kernel_use use = simple("mcl_embed_simple", c, c->out.cols);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_gather(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), mcl_arg_uint(c->in[0].rows),
                          MCL_STRIDED(&c->in[1]), MCL_STRIDED(&c->out), mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use = simple("mcl_gather_simple", c, c->out.cols);
  return MCL_LAUNCH(dev, &use, args, err);
}
