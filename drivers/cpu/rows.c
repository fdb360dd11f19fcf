/* rows.c - ops on single elements by kernels/cpu/rows.cl. */
#include "drivers/cpu/cpu.h"

#define ELEMENTS 16384 /* of a group, about: enough that starting it does not count */

static uint32_t block_rows(const mcl_call *c) {
  return c->out.cols < ELEMENTS ? ELEMENTS / c->out.cols : 1;
}

static mcl_kernel_use rows(const char *kernel, const mcl_call *c) {
  return (mcl_kernel_use){.source = "cpu/rows.cl",
                          .kernel = kernel,
                          .group = MCL_GROUP_ONE,
                          .groups = {mcl_blocks(c->out.rows, block_rows(c)), 1}};
}

int mcl_cpu_unary(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->out), mcl_arg_uint(c->out.rows),
                          mcl_arg_uint(c->out.cols), mcl_arg_uint(block_rows(c))};
  const mcl_kernel_use use = rows(c->op == MCL_OP_SILU ? "mcl_silu_rows" : "mcl_gelu_rows", c);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_cpu_binary(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const char *kernel = c->op == MCL_OP_ADD   ? "mcl_add_rows"
                       : c->op == MCL_OP_MUL ? "mcl_mul_rows"
                                             : "mcl_silu_mul_rows";
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),    MCL_STRIDED(&c->in[1]),
                          MCL_STRIDED(&c->out),      mcl_arg_uint(c->out.rows),
                          mcl_arg_uint(c->out.cols), mcl_arg_uint(block_rows(c))};
  const mcl_kernel_use use = rows(kernel, c);
  return MCL_LAUNCH(dev, &use, args, err);
}
