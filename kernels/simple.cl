/* simple.cl - ops whose every element stands alone: activations, sums, rotary, rows picked from a
 * table, pixels doubled. groups, where nothing else is said: rows, blocks of MCL_SPAN columns; line. */
#define MCL_SPAN 256
#define FOR_COLUMNS(c, cols)                                                                       \
  for (uint c = (uint)get_group_id(1) * MCL_SPAN + (uint)get_local_id(0),                          \
            c##_end = min((uint)(cols), ((uint)get_group_id(1) + 1) * MCL_SPAN);                   \
       c < c##_end; c += MCL_GROUP)

#define UNARY(NAME, F)                                                                             \
  __kernel void NAME(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, out), uint out_stride, \
                     uint cols) {                                                                  \
    const size_t row = get_group_id(0);                                                            \
    FOR_COLUMNS(c, cols)                                                                           \
    MCL_PTR(out)[row * out_stride + c] = F(MCL_PTR(x)[row * x_stride + c]);                        \
  }

#define BINARY(NAME, F)                                                                            \
  __kernel void NAME(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, y),              \
                     uint y_stride, MCL_BUF(float, out), uint out_stride, uint cols) {             \
    const size_t row = get_group_id(0);                                                            \
    FOR_COLUMNS(c, cols)                                                                           \
    MCL_PTR(out)                                                                                   \
    [row * out_stride + c] =                                                                       \
        F(MCL_PTR(x)[row * x_stride + c], MCL_PTR(y)[row * y_stride + c]);                         \
  }

static float add_of(float a, float b) {
  return a + b;
}
static float mul_of(float a, float b) {
  return a * b;
}
static float silu_mul_of(float a, float b) {
  return mcl_silu(a) * b;
}

UNARY(mcl_silu_simple, mcl_silu)
UNARY(mcl_gelu_simple, mcl_gelu)
BINARY(mcl_add_simple, add_of)
BINARY(mcl_mul_simple, mul_of)
BINARY(mcl_silu_mul_simple, silu_mul_of)

/* groups: rows, heads; line */
__kernel void mcl_rope_simple(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, table),
                              uint table_stride, MCL_BUF(float, out), uint out_stride, uint head) {
  const size_t row = get_group_id(0), first = get_group_id(1) * (size_t)head;
  const uint half_head = head / 2;
  const __global float *cs = MCL_PTR(table) + row * table_stride;
  const __global float *in = MCL_PTR(x) + row * x_stride + first;
  __global float *to = MCL_PTR(out) + row * out_stride + first;
  for (uint j = (uint)get_local_id(0); j < half_head; j += MCL_GROUP) {
    const float a = in[j], b = in[j + half_head];
    to[j] = mcl_rope_first(a, b, cs[j], cs[j + half_head]);
    to[j + half_head] = mcl_rope_second(a, b, cs[j], cs[j + half_head]);
  }
}

/* out[r] = w[ids[r] - first] for ids of this part of the table; rows of other parts stay. */
__kernel void mcl_embed_simple(MCL_BUF(const int, ids), uint ids_stride, MCL_BUF(const void, w),
                               uint w_stride, uint w_type, MCL_BUF(float, out), uint out_stride,
                               uint cols, uint first, uint count) {
  const size_t row = get_group_id(0);
  const long id = (long)MCL_PTR(ids)[row * ids_stride] - (long)first;
  if (id >= 0 && id < (long)count)
    FOR_COLUMNS(c, cols)
    MCL_PTR(out)
    [row * out_stride + c] = mcl_get(w_base, w_at + (ulong)id * w_stride + c, w_type);
}

/* out[r] = x[index[r]], or zeros for an index outside x */
__kernel void mcl_gather_simple(MCL_BUF(const float, x), uint x_stride, uint x_rows,
                                MCL_BUF(const int, index), uint index_stride, MCL_BUF(float, out),
                                uint out_stride, uint cols) {
  const size_t row = get_group_id(0);
  const int from = MCL_PTR(index)[row * index_stride];
  const bool there = from >= 0 && (uint)from < x_rows;
  FOR_COLUMNS(c, cols)
  MCL_PTR(out)[row * out_stride + c] = there ? MCL_PTR(x)[(size_t)from * x_stride + c] : 0.0f;
}

/* out[r] += bias */
__kernel void mcl_bias_simple(MCL_BUF(const void, bias), uint bias_type, MCL_BUF(float, out),
                              uint out_stride, uint cols) {
  const size_t row = get_group_id(0);
  FOR_COLUMNS(c, cols)
  MCL_PTR(out)[row * out_stride + c] += mcl_get(bias_base, bias_at + c, bias_type);
}

/* out[r] = w[r], widened */
__kernel void mcl_widen_simple(MCL_BUF(const void, w), uint w_stride, uint w_type,
                               MCL_BUF(float, out), uint out_stride, uint cols) {
  const size_t row = get_group_id(0);
  FOR_COLUMNS(c, cols)
  MCL_PTR(out)[row * out_stride + c] = mcl_get(w_base, w_at + row * w_stride + c, w_type);
}

/* groups: columns and rows of the output picture; line. width: of the input */
__kernel void mcl_upsample(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, out),
                           uint out_stride, uint cols, uint width) {
  const size_t z = get_group_id(0), y = get_group_id(1);
  const __global float *from = MCL_PTR(x) + (y / 2 * width + z / 2) * x_stride;
  __global float *to = MCL_PTR(out) + (y * 2 * width + z) * out_stride;
  for (uint c = (uint)get_local_id(0); c < cols; c += MCL_GROUP)
    to[c] = from[c];
}

/* Other files may follow in the same program. */
#undef UNARY
#undef BINARY
