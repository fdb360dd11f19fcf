/* picture.c - convolution, upsampling and group norm. */
#include "drivers/generic/generic.h"

#define TILE_M 32 /* as in common/tile.clh */
#define TILE_N 64
#define SPAN 256       /* as in picture.cl */
#define NORM_BLOCK 512 /* pixels, as in picture.cl */
#define KEPT 3         /* numbers of a block's or group's statistics */

/* Places of the window along one side of the picture; the sizes were checked with the graph. */
static uint32_t out_side(const mcl_call *c, uint32_t side) {
  return (side + c->attr.conv.pad_lo + c->attr.conv.pad_hi - c->attr.conv.kernel) /
             c->attr.conv.stride +
         1;
}

int mcl_generic_conv(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const uint32_t up = c->op == MCL_OP_UP_CONV;
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          mcl_operand_arg(&c->wt[0]),
                          MCL_TYPED(&c->wt[1]),
                          MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->first),
                          mcl_arg_uint(c->out.rows),
                          mcl_arg_uint(c->out.cols),
                          mcl_arg_uint(out_side(c, c->w << up)),
                          mcl_arg_uint(c->h),
                          mcl_arg_uint(c->w),
                          mcl_arg_uint(c->in[0].cols),
                          mcl_arg_uint(c->attr.conv.kernel),
                          mcl_arg_uint(c->attr.conv.stride),
                          mcl_arg_uint(c->attr.conv.pad_lo),
                          mcl_arg_uint(up)};
  const mcl_kernel_use use = {
      .source = "picture.cl",
      .kernel = "mcl_conv_tiled",
      .group = MCL_GROUP_SQUARE,
      .groups = {mcl_blocks(c->out.rows, TILE_M), mcl_blocks(c->out.cols, TILE_N)}};
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_upsample(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), MCL_STRIDED(&c->out), mcl_arg_uint(c->out.cols),
                          mcl_arg_uint(c->w)};
  const mcl_kernel_use use = {.source = "simple.cl",
                              .kernel = "mcl_upsample",
                              .groups = {2 * (size_t)c->w, 2 * (size_t)c->h}};
  return MCL_LAUNCH(dev, &use, args, err);
}

/* Scratch: the statistics of every group's blocks, then those of the groups. */
size_t mcl_generic_group_norm_scratch(const mcl_device *dev, const mcl_call *c) {
  (void)dev;
  return (mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK) + 1) * c->attr.group.groups * KEPT *
         sizeof(float);
}

static int merge(mcl_device *dev, const mcl_call *c, mcl_arg stats, mcl_arg norm, motcl_err *err) {
  const uint32_t blocks = (uint32_t)mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK);
  const mcl_arg args[] = {stats,
                          norm,
                          mcl_arg_uint(mcl_norm_pixels(c)),
                          mcl_arg_uint(c->out.cols / c->attr.group.groups),
                          mcl_arg_uint(blocks),
                          mcl_arg_float(c->attr.group.eps)};
  const mcl_kernel_use use = {.source = "picture.cl",
                              .kernel = "mcl_group_norm_merge",
                              .groups = {c->attr.group.groups, 1}};
  return MCL_LAUNCH(dev, &use, args, err);
}

static int apply(mcl_device *dev, const mcl_call *c, mcl_arg norm, motcl_err *err) {
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          norm,
                          MCL_TYPED(&c->wt[0]),
                          MCL_TYPED(&c->wt[1]),
                          MCL_STRIDED(&c->out),
                          mcl_arg_uint(c->out.cols),
                          mcl_arg_uint(c->out.cols / c->attr.group.groups)};
  const mcl_kernel_use use = {.source = "picture.cl",
                              .kernel = "mcl_group_norm_apply",
                              .groups = {c->out.rows, mcl_blocks(c->out.cols, SPAN)}};
  return MCL_LAUNCH(dev, &use, args, err);
}

/* Statistics of the blocks that the call's pixels are. */
static int gather(mcl_device *dev, const mcl_call *c, mcl_arg stats, motcl_err *err) {
  const uint32_t groups = c->attr.group.groups;
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]), stats,
                          mcl_arg_uint((uint32_t)mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK)),
                          mcl_arg_uint(c->out.rows), mcl_arg_uint(c->out.cols / groups)};
  const mcl_kernel_use use = {.source = "picture.cl",
                              .kernel = "mcl_group_norm_blocks",
                              .groups = {mcl_blocks(c->out.rows, NORM_BLOCK), groups}};
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_group_norm(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const size_t blocks = mcl_blocks(mcl_norm_pixels(c), NORM_BLOCK);
  const cl_mem mem = c->scratch.buf->cl.mem;
  const uint64_t at = mcl_opencl_byte_offset(&c->scratch) / sizeof(float);
  const mcl_arg stats = mcl_arg_buffer(mem, at);
  const mcl_arg mine = mcl_arg_buffer(mem, at + (uint64_t)(c->first / NORM_BLOCK) * KEPT);
  const mcl_arg norm = mcl_arg_buffer(mem, at + blocks * c->attr.group.groups * KEPT);
  int rc = MOTCL_OK;
  if (c->part != MCL_NORM_APPLY)
    rc = gather(dev, c, mine, err);
  if (rc == MOTCL_OK && c->part != MCL_NORM_GATHER && c->first == 0)
    rc = merge(dev, c, stats, norm, err);
  if (rc == MOTCL_OK && c->part != MCL_NORM_GATHER)
    rc = apply(dev, c, norm, err);
  return rc;
}
