/* panels.cl - what matrix products and convolutions on CPUs have in common, whatever the type of the
 * weights: the class "dot16", panels of inputs, and windows of a picture put into them. One
 * work-item a group. dot.cl follows, once for each type.
 *
 * out[m][n] = sum_k x[m][k] w[n][k] (+ bias[n]) (+ add[m][n]), in dot form on weights as they are
 * stored.
 *
 * The class "dot16": K is cut into steps of 32 from k = 0. A sum is 16 chains of fma from 0, lane l
 * taking two numbers of each step, and then mcl_sum16. The two are k = l and l + 16 of the step;
 * for BF16 they are 2 l and 2 l + 1, the halves of a 32-bit word, so that widening costs one
 * operation a vector. A rest of K is a step that ends with K and whose numbers that were summed
 * before are zeros of x; if K is below 32, the step begins with 0 and ends with zeros. Every kernel
 * keeps this order, so rows, blocks and pieces change no bit.
 *
 * x is put in panels first, x[rows / MR][steps][MR][2][16], from rows or from windows of a picture:
 * then many rows run through memory in a line. The kernels of few rows do without.
 *
 * MR, NR: the register block, set by the width of the machine's vectors; NR1: that of few rows. */
#define STEP 32
#define UNROLL _Pragma("unroll")
#define FOR_MR(i) UNROLL for (uint i = 0; i < MR; i++)
#define FOR_NR(j, n) UNROLL for (uint j = 0; j < (n); j++)

static uint steps_of(uint depth) {
  return (depth + STEP - 1) / STEP;
}

/* Where step s begins in a row: a rest is read from `depth` backwards. */
static uint step_begin(uint s, uint depth) {
  return min(s * STEP, (uint)max((int)depth - STEP, 0));
}

/* Numbers at the begin of step s that belong to the step before. */
static uint step_skip(uint s, uint depth) {
  return s * STEP - step_begin(s, depth);
}

/* A window of a picture, as mcl_dot_window has it. */
typedef struct window {
  uint out_width, height, width, channels, side, stride, pad, up;
} window;

/* Places of `row` in its panel: k there is at (k / 32) MR 32 + k % 32, but for the last step. */
static __global float *place(__global float *row, uint k, uint depth) {
  const uint s = k / STEP;
  return row + (size_t)s * MR * STEP + k - step_begin(s, depth);
}

/* One pixel of the window's picture, or zeros where there is none, to k, k + 1, ... of a row. */
static void put_pixel(__global float *row, const __global float *pixel, uint k, uint channels,
                      uint depth) {
  if (channels % 16 == 0) {
    for (uint c = 0; c < channels; c += 16)
      vstore16(pixel ? vload16(0, pixel + c) : (float16)0.0f, 0, place(row, k + c, depth));
  } else {
    for (uint c = 0; c < channels; c++)
      *place(row, k + c, depth) = pixel ? pixel[c] : 0.0f;
  }
}

/* Panels of windows (ky, kx, channel): rows are output pixels from `first` on. The picture is read
 * as if every pixel stood four times if up is 1. groups: panels, 1 */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
mcl_dot_window(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, panels), uint first,
               uint pixels, uint out_width, uint height, uint width, uint channels, uint side,
               uint stride, uint pad, uint up) {
  const uint m0 = (uint)get_group_id(0) * MR, depth = side * side * channels;
  const uint steps = steps_of(depth), last = steps - 1, skip = step_skip(last, depth);
  __global float *panel = MCL_PTR(panels) + (size_t)m0 * steps * STEP;
  for (uint i = 0; i < MR; i++) {
    __global float *row = panel + i * STEP;
    const uint m = first + min(m0 + i, pixels - 1);
    const int top = (int)(m / out_width * stride) - (int)pad;
    const int left = (int)(m % out_width * stride) - (int)pad;
    for (uint j = 0; j < skip; j++)
      row[(size_t)last * MR * STEP + j] = 0.0f;
    for (uint j = depth; j < STEP; j++)
      row[j] = 0.0f;
    for (uint t = 0; t < side * side; t++) {
      const int y = top + (int)(t / side), z = left + (int)(t % side);
      const bool inside = y >= 0 && z >= 0 && y < (int)(height << up) && z < (int)(width << up);
      const __global float *pixel =
          inside ? MCL_PTR(x) + ((size_t)(y >> up) * width + (size_t)(z >> up)) * x_stride : 0;
      put_pixel(row, pixel, t * channels, channels, depth);
    }
  }
}

/* sums[m][n] and what is added to them to out, for rows from m0 and columns from n0 on that exist.
 * Bias, then residual, as LINEAR and then ADD would. */
#define FINISH(sums, m_end, m_count, n_count)                                                      \
  for (uint i = 0; i < (m_count) && m0 + i < (m_end); i++)                                         \
    for (uint j = 0; j < (n_count) && n0 + j < cols; j++) {                                        \
      const size_t m = m0 + i, n = n0 + j;                                                         \
      float sum = (sums)[i * (n_count) + j];                                                       \
      if (bias_base)                                                                               \
        sum += mcl_get(bias_base, bias_at + n, bias_type);                                         \
      if (add_base)                                                                                \
        sum += MCL_PTR(add)[m * add_stride + n];                                                   \
      MCL_PTR(out)[m * out_stride + n] = sum;                                                      \
    }
