/* dot.c - matrix products and convolutions by kernels/cpu/dot.cl: inputs into panels in scratch, a
 * piece of the rows at a time, then products of the piece. */
#include "drivers/cpu/cpu.h"

#define SOURCE "cpu/dot.cl"
#define STEP 32           /* of depth, as in panels.cl */
#define FEW 2             /* rows up to which weights' way from memory is all that counts */
#define BLOCK 64          /* rows of a group, about: panels of them stay in the second cache */
#define PIECE (16u << 20) /* bytes of panels, about: they stay in the third */

/* Kernels by the type of the weights. */
#define BY_TYPE(name)                                                                              \
  { name "_f32", name "_bf16", name "_f16" }
typedef const char *by_type[3];
static const by_type pack_kernel = BY_TYPE("mcl_dot_pack"), block_kernel = BY_TYPE("mcl_dot_block"),
                     short_kernel = BY_TYPE("mcl_dot_short"), row_kernel = BY_TYPE("mcl_dot_row");

static const char *kernel_of(const by_type kernel, const mcl_call *c) {
  return kernel[c->wt[0].type == MCL_BF16 ? 1 : c->wt[0].type == MCL_F16 ? 2 : 0];
}

/* Rows of a group: the multiple of the register block's next above BLOCK. */
static uint32_t block_rows(const mcl_device *dev) {
  const uint32_t rows = mcl_cpu_blocks_of(dev)->rows;
  return (BLOCK / rows + 1) * rows;
}

/* Bytes of a row in panels. */
static size_t row_bytes(size_t depth) {
  return mcl_blocks(depth, STEP) * STEP * sizeof(float);
}

/* Rows of a piece: whole blocks, at least four so that all cores have work. */
static uint32_t piece_rows(const mcl_device *dev, size_t depth) {
  const uint32_t block = block_rows(dev);
  const size_t blocks = PIECE / row_bytes(depth) / block;
  return (uint32_t)(blocks < 4 ? 4 : blocks) * block;
}

static size_t panel_bytes(const mcl_device *dev, uint32_t rows, size_t depth) {
  const uint32_t most = piece_rows(dev, depth), unit = mcl_cpu_blocks_of(dev)->rows;
  const size_t n = rows < most ? rows : most;
  return mcl_blocks(n, unit) * unit * row_bytes(depth);
}

/* The scratch's panels as a kernel argument. */
static mcl_arg panels(const mcl_call *c) {
  return mcl_arg_buffer(c->scratch.buf->cl.mem,
                        mcl_opencl_byte_offset(&c->scratch) / sizeof(float));
}

/* An operand's rows from `first` on. */
static mcl_operand rows_from(const mcl_operand *o, uint32_t first) {
  mcl_operand part = *o;
  part.offset += (uint64_t)first * o->stride;
  return part;
}

static const mcl_operand *residual(const mcl_call *c) {
  static const mcl_operand absent;
  return c->op == MCL_OP_LINEAR_ADD ? &c->in[1] : &absent;
}

/* out[first .. first + rows) = panels times w; depth: columns of w */
static int multiply(mcl_device *dev, const mcl_call *c, uint32_t first, uint32_t rows,
                    motcl_err *err) {
  const uint32_t block = block_rows(dev), depth = c->wt[0].cols;
  const mcl_operand add = rows_from(residual(c), first), out = rows_from(&c->out, first);
  const mcl_arg args[] = {
      panels(c),          mcl_arg_uint(block), MCL_STRIDED(&c->wt[0]), MCL_TYPED(&c->wt[1]),
      MCL_STRIDED(&add),  MCL_STRIDED(&out),   mcl_arg_uint(rows),     mcl_arg_uint(out.cols),
      mcl_arg_uint(depth)};
  const size_t cols = depth < STEP ? 1 : mcl_cpu_blocks_of(dev)->cols;
  const mcl_kernel_use use = {.source = SOURCE,
                              .kernel = kernel_of(depth < STEP ? short_kernel : block_kernel, c),
                              .group = MCL_GROUP_ONE,
                              .groups = {mcl_blocks(out.cols, cols), mcl_blocks(rows, block)}};
  return MCL_LAUNCH(dev, &use, args, err);
}

bool mcl_cpu_linear_row_accepts(const mcl_device *dev, const mcl_call *c) {
  (void)dev;
  return c->out.rows <= FEW && c->in[0].cols >= STEP;
}

int mcl_cpu_linear_row(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_operand *add = residual(c);
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),    MCL_STRIDED(&c->wt[0]),
                          MCL_TYPED(&c->wt[1]),      MCL_STRIDED(add),
                          MCL_STRIDED(&c->out),      mcl_arg_uint(c->out.rows),
                          mcl_arg_uint(c->out.cols), mcl_arg_uint(c->in[0].cols)};
  const mcl_kernel_use use = {.source = SOURCE,
                              .kernel = kernel_of(row_kernel, c),
                              .group = MCL_GROUP_ONE,
                              .groups = {mcl_blocks(c->out.cols, mcl_cpu_blocks_of(dev)->few), 1}};
  return MCL_LAUNCH(dev, &use, args, err);
}

size_t mcl_cpu_linear_scratch(const mcl_device *dev, const mcl_call *c) {
  return panel_bytes(dev, c->out.rows, c->in[0].cols);
}

static int pack(mcl_device *dev, const mcl_call *c, uint32_t first, uint32_t rows, motcl_err *err) {
  const mcl_operand x = rows_from(&c->in[0], first);
  const mcl_arg args[] = {MCL_STRIDED(&x), panels(c), mcl_arg_uint(rows), mcl_arg_uint(x.cols)};
  const mcl_kernel_use use = {.source = SOURCE,
                              .kernel = kernel_of(pack_kernel, c),
                              .group = MCL_GROUP_ONE,
                              .groups = {mcl_blocks(rows, mcl_cpu_blocks_of(dev)->rows), 1}};
  return MCL_LAUNCH(dev, &use, args, err);
}

/* Pixels of the convolution's output along one side; the sizes were checked with the graph. */
static uint32_t out_side(const mcl_call *c, uint32_t side) {
  return (side + c->attr.conv.pad_lo + c->attr.conv.pad_hi - c->attr.conv.kernel) /
             c->attr.conv.stride +
         1;
}

static int windows(mcl_device *dev, const mcl_call *c, uint32_t first, uint32_t pixels,
                   motcl_err *err) {
  const uint32_t up = c->op == MCL_OP_UP_CONV;
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          panels(c),
                          mcl_arg_uint(c->first + first),
                          mcl_arg_uint(pixels),
                          mcl_arg_uint(out_side(c, c->w << up)),
                          mcl_arg_uint(c->h),
                          mcl_arg_uint(c->w),
                          mcl_arg_uint(c->in[0].cols),
                          mcl_arg_uint(c->attr.conv.kernel),
                          mcl_arg_uint(c->attr.conv.stride),
                          mcl_arg_uint(c->attr.conv.pad_lo),
                          mcl_arg_uint(up)};
  const mcl_kernel_use use = {.source = "cpu/panels.cl",
                              .kernel = "mcl_dot_window",
                              .group = MCL_GROUP_ONE,
                              .groups = {mcl_blocks(pixels, mcl_cpu_blocks_of(dev)->rows), 1}};
  return MCL_LAUNCH(dev, &use, args, err);
}

typedef int fill(mcl_device *dev, const mcl_call *c, uint32_t first, uint32_t rows, motcl_err *err);

/* Every piece of the rows: panels filled by `put`, then multiplied. */
static int pieces(mcl_device *dev, const mcl_call *c, fill *put, motcl_err *err) {
  const uint32_t all = c->out.rows, most = piece_rows(dev, c->wt[0].cols);
  int rc = MOTCL_OK;
  for (uint32_t first = 0, rows; rc == MOTCL_OK && first < all; first += rows) {
    rows = all - first < most ? all - first : most;
    rc = put(dev, c, first, rows, err);
    if (rc == MOTCL_OK)
      rc = multiply(dev, c, first, rows, err);
  }
  return rc;
}

int mcl_cpu_linear(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  return pieces(dev, c, pack, err);
}

size_t mcl_cpu_conv_scratch(const mcl_device *dev, const mcl_call *c) {
  return panel_bytes(dev, c->out.rows, c->wt[0].cols);
}

int mcl_cpu_conv(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  return pieces(dev, c, windows, err);
}
