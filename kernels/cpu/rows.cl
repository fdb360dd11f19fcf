/* rows.cl - norms and activations on CPUs. One work-item a group, with one row of a norm or a block
 * of rows of an activation. Sums: 64 chains (lane l takes elements l, l + 64, ...; a rest is zeros),
 * added as (0 + 1) + (2 + 3) by vectors, then mcl_sum16. */
#define ONE __kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
#define SPAN 64
#define FOR_VECTORS(c, n) for (uint c = 0; c < (n); c += 16)

/* sum of EXPR over the elements of x[0, n); EXPR makes `sum` from `sum` and the vector `e`, which
 * is FILL beyond the last element */
#define SUM64(NAME, EXPR, FILL)                                                                    \
  static float NAME(const __global float *x, uint n, float mean) {                                 \
    float16 part[4] = {0.0f, 0.0f, 0.0f, 0.0f};                                                    \
    uint c = 0;                                                                                    \
    for (; c + SPAN <= n; c += SPAN)                                                               \
      _Pragma("unroll") for (uint j = 0; j < 4; j++) {                                             \
        const float16 e = vload16(j, x + c), sum = part[j];                                        \
        part[j] = EXPR;                                                                            \
      }                                                                                            \
    for (uint j = 0; c < n; c += 16, j++) {                                                        \
      const int16 there = MCL_LANE16 < (int)(n - c);                                               \
      const float16 e = select((float16)(FILL), mcl_load16(x + c, n - c), there), sum = part[j];   \
      part[j] = EXPR;                                                                              \
    }                                                                                              \
    return mcl_sum16((part[0] + part[1]) + (part[2] + part[3]));                                   \
  }
SUM64(sum_squares, fma(e, e, sum), 0.0f)
SUM64(sum_plain, sum + e, 0.0f)
SUM64(sum_spread, fma(e - mean, e - mean, sum), mean)

/* 1 / sqrt(mean of squares + eps) */
static float rms_scale(const __global float *x, uint width, float eps) {
  return mcl_rsqrt(sum_squares(x, width, 0.0f) / (float)width + eps);
}

/* groups: rows, 1 */
ONE mcl_rms_norm_row(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const void, w), uint w_type,
                     MCL_BUF(float, out), uint out_stride, uint cols, uint width, float eps) {
  const size_t row = get_group_id(0);
  for (uint first = 0; first < cols; first += width) {
    const __global float *in = MCL_PTR(x) + row * x_stride + first;
    __global float *to = MCL_PTR(out) + row * out_stride + first;
    const float scale = rms_scale(in, width, eps);
    FOR_VECTORS(c, width)
    mcl_store16(mcl_load16(in + c, width - c) * scale * mcl_get16(w_base, w_at + c, w_type, width - c),
                to + c, width - c);
  }
}

/* ROPE(RMS_NORM(x)), a head a group of columns. groups: rows, 1 */
ONE mcl_norm_rope_row(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, table),
                      uint table_stride, MCL_BUF(const void, w), uint w_type, MCL_BUF(float, out),
                      uint out_stride, uint cols, uint width, float eps) {
  const size_t row = get_group_id(0);
  const uint part = width / 2;
  const __global float *cs = MCL_PTR(table) + row * table_stride;
  for (uint first = 0; first < cols; first += width) {
    const __global float *in = MCL_PTR(x) + row * x_stride + first;
    __global float *to = MCL_PTR(out) + row * out_stride + first;
    const float scale = rms_scale(in, width, eps);
    FOR_VECTORS(c, part) {
      const uint n = part - c;
      const float16 a = mcl_load16(in + c, n) * scale * mcl_get16(w_base, w_at + c, w_type, n);
      const float16 b =
          mcl_load16(in + part + c, n) * scale * mcl_get16(w_base, w_at + part + c, w_type, n);
      const float16 cosine = mcl_load16(cs + c, n), sine = mcl_load16(cs + part + c, n);
      mcl_store16(fma(a, cosine, -(b * sine)), to + c, n);
      mcl_store16(fma(b, cosine, a * sine), to + part + c, n);
    }
  }
}

/* The variance is of differences from the mean, a second pass. groups: rows, 1 */
ONE mcl_layer_norm_row(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const void, w), uint w_type,
                       MCL_BUF(const void, bias), uint bias_type, MCL_BUF(float, out),
                       uint out_stride, uint width, float eps) {
  const size_t row = get_group_id(0);
  const __global float *in = MCL_PTR(x) + row * x_stride;
  __global float *to = MCL_PTR(out) + row * out_stride;
  const float mean = sum_plain(in, width, 0.0f) / (float)width;
  const float scale = mcl_rsqrt(sum_spread(in, width, mean) / (float)width + eps);
  FOR_VECTORS(c, width) {
    const uint n = width - c;
    const float16 y = (mcl_load16(in + c, n) - mean) * scale;
    const float16 add = bias_base ? mcl_get16(bias_base, bias_at + c, bias_type, n) : (float16)0.0f;
    mcl_store16(fma(y, mcl_get16(w_base, w_at + c, w_type, n), add), to + c, n);
  }
}

/* out = EXPR of the vectors a and b, for `block` rows. groups: rows / block, 1 */
#define UNARY(NAME, EXPR)                                                                          \
  ONE NAME(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, out), uint out_stride,           \
           uint rows, uint cols, uint block) {                                                     \
    const uint first = (uint)get_group_id(0) * block, end = min(rows, first + block);              \
    for (size_t row = first; row < end; row++)                                                     \
      FOR_VECTORS(c, cols) {                                                                       \
        const float16 a = mcl_load16(MCL_PTR(x) + row * x_stride + c, cols - c);                   \
        mcl_store16(EXPR, MCL_PTR(out) + row * out_stride + c, cols - c);                          \
      }                                                                                            \
  }
#define BINARY(NAME, EXPR)                                                                         \
  ONE NAME(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, y), uint y_stride,         \
           MCL_BUF(float, out), uint out_stride, uint rows, uint cols, uint block) {               \
    const uint first = (uint)get_group_id(0) * block, end = min(rows, first + block);              \
    for (size_t row = first; row < end; row++)                                                     \
      FOR_VECTORS(c, cols) {                                                                       \
        const float16 a = mcl_load16(MCL_PTR(x) + row * x_stride + c, cols - c);                   \
        const float16 b = mcl_load16(MCL_PTR(y) + row * y_stride + c, cols - c);                   \
        mcl_store16(EXPR, MCL_PTR(out) + row * out_stride + c, cols - c);                          \
      }                                                                                            \
  }
UNARY(mcl_silu_rows, mcl_silu16(a))
UNARY(mcl_gelu_rows, mcl_gelu16(a))
BINARY(mcl_add_rows, a + b)
BINARY(mcl_mul_rows, a * b)
BINARY(mcl_silu_mul_rows, mcl_silu16(a) * b)
