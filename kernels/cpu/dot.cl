/* dot.cl - matrix products and convolutions on CPUs, in dot form on weights as they are stored:
 * out[m][n] = sum_k x[m][k] w[n][k] (+ bias[n]) (+ add[m][n]). One work-item a group.
 *
 * The class "dot16": K is cut into steps of 32 from k = 0. A sum is 16 chains of fma from 0, lane l
 * taking two numbers of each step, and then mcl_sum16. The two are k = l and l + 16 of the step;
 * for BF16 they are 2 l and 2 l + 1, the halves of a 32-bit word, so that widening costs one
 * operation a vector. A rest of K is a step that ends with K and whose numbers that were summed
 * before are zeros of x; if K is below 32, the step begins with 0 and ends with zeros. Every kernel
 * here keeps this order, so rows, blocks and pieces change no bit.
 *
 * x is put in panels first, x[rows / MR][steps][MR][2][16], from rows or from windows of a picture:
 * then many rows run through memory in a line. mcl_dot_row does without.
 *
 * WT: type of w. MR, NR: the register block, set by the width of the machine's vectors; NR1: that
 * of mcl_dot_row. */
#define STEP 32
#define UNROLL _Pragma("unroll")
#define FOR_MR(i) UNROLL for (uint i = 0; i < MR; i++)
#define FOR_NR(j, n) UNROLL for (uint j = 0; j < (n); j++)

/* The two vectors of a step of w at p: RAW is what is loaded once, LOW and HIGH widen it. ORDER
 * puts x into the same lanes. */
#if WT == MCL_BF16
#define RAW uint16
#define LOAD(p) ((uint16)(as_uint8(vload16(0, (p))), as_uint8(vload16(0, (p) + 16))))
#define LOW(t, p) as_float16((t) << 16)
#define HIGH(t, p) as_float16((t) & 0xffff0000u)
#define ORDER(lo, hi)                                                                              \
  {                                                                                                \
    const float16 even = (float16)(lo.even, hi.even), odd = (float16)(lo.odd, hi.odd);             \
    lo = even;                                                                                     \
    hi = odd;                                                                                      \
  }
#else
#if WT == MCL_F16
#define AT(i, p) vload_half16((i), (p))
#else
#define AT(i, p) vload16((i), (p))
#endif
#define RAW float16
#define LOAD(p) AT(0, p)
#define LOW(t, p) (t)
#define HIGH(t, p) AT(1, p)
#define ORDER(lo, hi)
#endif

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

/* Step s of a row of x in the order of lanes, from its 32 numbers. */
static void order_step(float16 *low, float16 *high, float16 lo, float16 hi, uint s, uint depth) {
  const int skip = (int)step_skip(s, depth);
  if (skip) {
    lo = select(lo, (float16)0.0f, MCL_LANE16 < skip);
    hi = select(hi, (float16)0.0f, MCL_LANE16 + 16 < skip);
  }
  ORDER(lo, hi)
  *low = lo;
  *high = hi;
}

/* groups: panels, 1 */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
mcl_dot_pack(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, panels), uint rows, uint depth) {
  const uint m0 = (uint)get_group_id(0) * MR, steps = steps_of(depth);
  __global float *to = MCL_PTR(panels) + (size_t)m0 * steps * STEP;
  for (uint s = 0; s < steps; s++)
    for (uint i = 0; i < MR; i++, to += STEP) {
      float16 low, high;
      const __global float *xp =
          MCL_PTR(x) + (size_t)min(m0 + i, rows - 1) * x_stride + step_begin(s, depth);
      order_step(&low, &high, mcl_load16(xp, depth), mcl_load16(xp + 16, (uint)max((int)depth - 16, 0)), s,
                 depth);
      vstore16(low, 0, to);
      vstore16(high, 1, to);
    }
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

#define OUT_ARGS                                                                                   \
  MCL_BUF(const mcl_wt, w), uint w_stride, MCL_BUF(const void, bias), uint bias_type,              \
      MCL_BUF(const float, add), uint add_stride, MCL_BUF(float, out), uint out_stride, uint rows, \
      uint cols, uint depth

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

/* depth >= 32. block: rows of a group, a multiple of MR, few enough that their panels stay in the
 * second cache while groups go through the columns. groups: columns / NR, rows / block */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
mcl_dot_block(MCL_BUF(const float, panels), uint block, OUT_ARGS) {
  const uint n0 = (uint)get_group_id(0) * NR;
  const uint first = (uint)get_group_id(1) * block, end = min(rows, first + block);
  const uint steps = steps_of(depth);
  const __global mcl_wt *wp[NR];
  FOR_NR(j, NR)
  wp[j] = MCL_PTR(w) + (size_t)min(n0 + j, cols - 1) * w_stride;
  const __global float *p = MCL_PTR(panels) + (size_t)first * steps * STEP;
  for (uint m0 = first; m0 < end; m0 += MR) {
    float16 acc[MR][NR];
    FOR_MR(i)
    FOR_NR(j, NR)
    acc[i][j] = 0.0f;
    for (uint s = 0; s < steps; s++, p += MR * STEP) {
      const uint k = min(s * STEP, depth - STEP);
      RAW raw[NR];
      float16 v[NR];
      FOR_NR(j, NR) {
        raw[j] = LOAD(wp[j] + k);
        v[j] = LOW(raw[j], wp[j] + k);
      }
      FOR_MR(i) {
        const float16 a = vload16(2 * i, p);
        FOR_NR(j, NR)
        acc[i][j] = fma(a, v[j], acc[i][j]);
      }
      FOR_NR(j, NR)
      v[j] = HIGH(raw[j], wp[j] + k);
      FOR_MR(i) {
        const float16 a = vload16(2 * i + 1, p);
        FOR_NR(j, NR)
        acc[i][j] = fma(a, v[j], acc[i][j]);
      }
    }
    float sums[MR * NR];
    FOR_MR(i)
    FOR_NR(j, NR)
    sums[i * NR + j] = mcl_sum16(acc[i][j]);
    FINISH(sums, end, MR, NR)
  }
}

/* depth >= 32, x as it is, a row after the other: for so few that w's way from memory is all that
 * counts. groups: columns / NR1, 1 */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
mcl_dot_row(MCL_BUF(const float, x), uint x_stride, OUT_ARGS) {
  const uint n0 = (uint)get_group_id(0) * NR1, steps = steps_of(depth);
  const __global mcl_wt *wp[NR1];
  FOR_NR(j, NR1)
  wp[j] = MCL_PTR(w) + (size_t)min(n0 + j, cols - 1) * w_stride;
  for (uint m0 = 0; m0 < rows; m0++) {
    const __global float *xp = MCL_PTR(x) + (size_t)m0 * x_stride;
    float16 acc[NR1];
    FOR_NR(j, NR1)
    acc[j] = 0.0f;
    for (uint s = 0; s < steps; s++) {
      const uint k = min(s * STEP, depth - STEP);
      float16 low, high;
      order_step(&low, &high, vload16(0, xp + k), vload16(1, xp + k), s, depth);
      FOR_NR(j, NR1) {
        const RAW raw = LOAD(wp[j] + k);
        acc[j] = fma(low, LOW(raw, wp[j] + k), acc[j]);
        acc[j] = fma(high, HIGH(raw, wp[j] + k), acc[j]);
      }
    }
    float sums[NR1];
    FOR_NR(j, NR1)
    sums[j] = mcl_sum16(acc[j]);
    FINISH(sums, rows, 1, NR1)
  }
}

/* Lane l of the two numbers that a step gives it. */
#if WT == MCL_BF16
#define LOW_K(l) (2 * (l))
#define HIGH_K(l) (2 * (l) + 1)
#else
#define LOW_K(l) (l)
#define HIGH_K(l) ((l) + 16)
#endif

/* depth < 32: one step. groups: columns, rows / block */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
mcl_dot_short(MCL_BUF(const float, panels), uint block, OUT_ARGS) {
  const uint n0 = (uint)get_group_id(0);
  const uint first = (uint)get_group_id(1) * block, end = min(rows, first + block);
  const __global mcl_wt *wp = MCL_PTR(w) + (size_t)n0 * w_stride;
  float part[STEP];
  for (uint l = 0; l < 16; l++) {
    part[l] = LOW_K(l) < depth ? mcl_weight(wp, LOW_K(l)) : 0.0f;
    part[l + 16] = HIGH_K(l) < depth ? mcl_weight(wp, HIGH_K(l)) : 0.0f;
  }
  const float16 low = vload16(0, part), high = vload16(1, part);
  for (uint m0 = first; m0 < end; m0++) {
    const __global float *p = MCL_PTR(panels) + (size_t)m0 * STEP;
    const float16 zero = 0.0f;
    const float sums[1] = {mcl_sum16(fma(vload16(1, p), high, fma(vload16(0, p), low, zero)))};
    FINISH(sums, end, 1, 1)
  }
}
