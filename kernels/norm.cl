/* norm.cl - RMS and layer norms; sums over lanes and a tree (common/sum.clh). One line group works
 * on one row's group of `width` columns. */

/* 1 / sqrt(mean of squares + eps) of x[0 .. width) */
static float rms_scale(const __global float *x, uint width, float eps, __local float *s) {
  MCL_FOR_LANES(lane) {
    float sum = 0.0f;
    for (uint c = lane; c < width; c += MCL_LANES)
      sum = fma(x[c], x[c], sum);
    s[lane] = sum;
  }
  return mcl_rsqrt(mcl_lane_sum(s) / (float)width + eps);
}

/* groups: rows, groups of columns of a row; line */
__kernel void mcl_rms_norm(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const void, w),
                           uint w_type, MCL_BUF(float, out), uint out_stride, uint width,
                           float eps) {
  __local float s[MCL_LANES];
  const size_t row = get_group_id(0), first = get_group_id(1) * width;
  const __global float *in = MCL_PTR(x) + row * x_stride + first;
  __global float *to = MCL_PTR(out) + row * out_stride + first;
  const float scale = rms_scale(in, width, eps, s);
  for (uint c = (uint)get_local_id(0); c < width; c += MCL_GROUP)
    to[c] = in[c] * scale * mcl_get(w_base, w_at + c, w_type);
}

/* ROPE(RMS_NORM(x)), a head a group; the same operations on each element as the two in turn. */
__kernel void mcl_norm_rope(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, table),
                            uint table_stride, MCL_BUF(const void, w), uint w_type,
                            MCL_BUF(float, out), uint out_stride, uint width, float eps) {
  __local float s[MCL_LANES];
  const size_t row = get_group_id(0), first = get_group_id(1) * width;
  const __global float *in = MCL_PTR(x) + row * x_stride + first;
  const __global float *cs = MCL_PTR(table) + row * table_stride;
  __global float *to = MCL_PTR(out) + row * out_stride + first;
  const float scale = rms_scale(in, width, eps, s);
  const uint half_width = width / 2;
  for (uint c = (uint)get_local_id(0); c < half_width; c += MCL_GROUP) {
    float a = in[c] * scale * mcl_get(w_base, w_at + c, w_type);
    float b = in[c + half_width] * scale * mcl_get(w_base, w_at + c + half_width, w_type);
    to[c] = mcl_rope_first(a, b, cs[c], cs[c + half_width]);
    to[c + half_width] = mcl_rope_second(a, b, cs[c], cs[c + half_width]);
  }
}

/* groups: rows, 1; line. Second pass: differences from the rounded mean, whose sum is what rounding
 * left of the mean; it matters where the mean is large against the spread. */
__kernel void mcl_layer_norm(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const void, w),
                             uint w_type, MCL_BUF(const void, bias), uint bias_type,
                             MCL_BUF(float, out), uint out_stride, uint width, float eps) {
  __local float s[MCL_LANES], squares[MCL_LANES];
  const size_t row = get_group_id(0);
  const __global float *in = MCL_PTR(x) + row * x_stride;
  __global float *to = MCL_PTR(out) + row * out_stride;
  MCL_FOR_LANES(lane) {
    float sum = 0.0f;
    for (uint c = lane; c < width; c += MCL_LANES)
      sum += in[c];
    s[lane] = sum;
  }
  const float mean = mcl_lane_sum(s) / (float)width;
  MCL_FOR_LANES(lane) {
    float sum = 0.0f, square = 0.0f;
    for (uint c = lane; c < width; c += MCL_LANES) {
      const float d = in[c] - mean;
      sum += d;
      square = fma(d, d, square);
    }
    s[lane] = sum;
    squares[lane] = square;
  }
  const float rest = mcl_lane_sum(s) / (float)width;
  const float var = fma(-rest, rest, mcl_lane_sum(squares) / (float)width);
  const float scale = mcl_rsqrt(fmax(var, 0.0f) + eps);
  for (uint c = (uint)get_local_id(0); c < width; c += MCL_GROUP)
    to[c] = fma((in[c] - mean - rest) * scale, mcl_get(w_base, w_at + c, w_type),
                mcl_get(bias_base, bias_at + c, bias_type));
}
