/* norm.c - norms by kernels/cpu/rows.cl and group.cl. */
#include "drivers/cpu/cpu.h"

#define NORM_BLOCK 128 /* pixels, as in group.cl */
#define TILE 64        /* channels of a group of mcl_group_norm_pixels */
#define SPARE 16       /* columns behind the channels, as in group.cl */
#define KEPT 3         /* numbers of a channel's statistics */

static mcl_kernel_use one(const char *source, const char *kernel, size_t groups) {
  return (mcl_kernel_use){
      .source = source, .kernel = kernel, .group = MCL_GROUP_ONE, .groups = {groups, 1}};
}

int mcl_cpu_rms_norm(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          MCL_TYPED(&c->wt[0]),
                          MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.cols),
                          mcl_arg_uint(c->attr.norm.width),
                          mcl_arg_float(c->attr.norm.eps)};
  const mcl_kernel_use use = one("cpu/rows.cl", "mcl_rms_norm_row", c->out.rows);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_cpu_norm_rope(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),         MCL_STRIDED(&c->in[1]),
                          MCL_TYPED(&c->wt[0]),           MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.cols),      mcl_arg_uint(c->attr.norm.width),
                          mcl_arg_float(c->attr.norm.eps)};
  const mcl_kernel_use use = one("cpu/rows.cl", "mcl_norm_rope_row", c->out.rows);
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_cpu_layer_norm(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),    MCL_TYPED(&c->wt[0]),
                          MCL_TYPED(&c->wt[1]),      MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.cols), mcl_arg_float(c->attr.norm.eps)};
  const mcl_kernel_use use = one("cpu/rows.cl", "mcl_layer_norm_row", c->out.rows);
  return MCL_LAUNCH(dev, &use, args, err);
}

/* Scratch: stats[KEPT][blocks][columns], then norm[KEPT][columns]. */
static size_t columns_of(const mcl_call *c) {
  return (size_t)c->out.cols + SPARE;
}

size_t mcl_cpu_group_norm_scratch(const mcl_device *dev, const mcl_call *c) {
  (void)dev;
  return (mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK) + 1) * columns_of(c) * KEPT * sizeof(float);
}

static int pixels(mcl_device *dev, const mcl_call *c, mcl_arg stats, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          stats,
                          mcl_arg_uint((uint32_t)columns_of(c)),
                          mcl_arg_uint((uint32_t)mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK)),
                          mcl_arg_uint(c->out.rows),
                          mcl_arg_uint(c->out.cols)};
  mcl_kernel_use use =
      one("cpu/group.cl", "mcl_group_norm_pixels", mcl_blocks(c->out.rows, NORM_BLOCK));
  use.groups[1] = mcl_blocks(c->out.cols, TILE);
  return MCL_LAUNCH(dev, &use, args, err);
}

static int groups(mcl_device *dev, const mcl_call *c, mcl_arg stats, mcl_arg norm, motcl_err *err) {
  const mcl_arg args[] = {stats,
                          norm,
                          mcl_arg_uint((uint32_t)columns_of(c)),
                          mcl_arg_uint((uint32_t)mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK)),
                          mcl_arg_uint(mcl_norm_pixels(c)),
                          mcl_arg_uint(c->out.cols / c->attr.group.groups),
                          mcl_arg_float(c->attr.group.eps)};
  const mcl_kernel_use use = one("cpu/group.cl", "mcl_group_norm_groups", c->attr.group.groups);
  return MCL_LAUNCH(dev, &use, args, err);
}

static int write(mcl_device *dev, const mcl_call *c, mcl_arg norm, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          norm,
                          mcl_arg_uint((uint32_t)columns_of(c)),
                          MCL_TYPED(&c->wt[0]),
                          MCL_TYPED(&c->wt[1]),
                          MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.rows),
                          mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use =
      one("cpu/group.cl", "mcl_group_norm_write", mcl_blocks(c->out.rows, NORM_BLOCK));
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_cpu_group_norm(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const size_t columns = columns_of(c), blocks = mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK);
  const cl_mem mem = c->scratch.buf->cl.mem;
  const uint64_t at = mcl_opencl_byte_offset(&c->scratch) / sizeof(float);
  const mcl_arg stats = mcl_arg_buffer(mem, at);
  const mcl_arg mine = mcl_arg_buffer(mem, at + c->first / NORM_BLOCK * columns);
  const mcl_arg norm = mcl_arg_buffer(mem, at + KEPT * blocks * columns);
  int rc = MOTCL_OK;
  if (c->part != MCL_NORM_APPLY)
    rc = pixels(dev, c, mine, err);
  if (rc == MOTCL_OK && c->part != MCL_NORM_GATHER && c->first == 0)
    rc = groups(dev, c, stats, norm, err);
  if (rc == MOTCL_OK && c->part != MCL_NORM_GATHER)
    rc = write(dev, c, norm, err);
  return rc;
}
