/* dot.cl - products of panels with weights of one type, in the order that panels.cl has. It is put
 * into a program once for each type, WT, and the names of its kernels end with the type's. */

/* TYPE is what a buffer of w holds, WEIGHT one number of it, KERNEL a kernel's name. The two vectors
 * of a step of w at p: RAW is what is loaded once, LOW and HIGH widen it. ORDER puts x into the same
 * lanes. Lane l gets the numbers LOW_K and HIGH_K of a step. */
#if WT == MCL_BF16
#define TYPE ushort
#define WEIGHT(p, i) as_float((uint)(p)[i] << 16)
#define KERNEL(name) name##_bf16
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
#define LOW_K(l) (2 * (l))
#define HIGH_K(l) (2 * (l) + 1)
#else
#if WT == MCL_F16
#define TYPE half
#define WEIGHT(p, i) vload_half((i), (p))
#define KERNEL(name) name##_f16
#define AT(i, p) vload_half16((i), (p))
#else
#define TYPE float
#define WEIGHT(p, i) (p)[i]
#define KERNEL(name) name##_f32
#define AT(i, p) vload16((i), (p))
#endif
#define RAW float16
#define LOAD(p) AT(0, p)
#define LOW(t, p) (t)
#define HIGH(t, p) AT(1, p)
#define ORDER(lo, hi)
#define LOW_K(l) (l)
#define HIGH_K(l) ((l) + 16)
#endif

/* Step s of a row of x in the order of lanes, from its 32 numbers. */
static void KERNEL(order_step)(float16 *low, float16 *high, float16 lo, float16 hi, uint s,
                               uint depth) {
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
KERNEL(mcl_dot_pack)(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, panels), uint rows, uint depth) {
  const uint m0 = (uint)get_group_id(0) * MR, steps = steps_of(depth);
  __global float *to = MCL_PTR(panels) + (size_t)m0 * steps * STEP;
  for (uint s = 0; s < steps; s++)
    for (uint i = 0; i < MR; i++, to += STEP) {
      float16 low, high;
      const __global float *xp =
          MCL_PTR(x) + (size_t)min(m0 + i, rows - 1) * x_stride + step_begin(s, depth);
      KERNEL(order_step)(&low, &high, mcl_load16(xp, depth), mcl_load16(xp + 16, (uint)max((int)depth - 16, 0)), s,
                 depth);
      vstore16(low, 0, to);
      vstore16(high, 1, to);
    }
}

#define OUT_ARGS                                                                                   \
  MCL_BUF(const TYPE, w), uint w_stride, MCL_BUF(const void, bias), uint bias_type,              \
      MCL_BUF(const float, add), uint add_stride, MCL_BUF(float, out), uint out_stride, uint rows, \
      uint cols, uint depth

/* depth >= 32. block: rows of a group, a multiple of MR, few enough that their panels stay in the
 * second cache while groups go through the columns. groups: columns / NR, rows / block */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
KERNEL(mcl_dot_block)(MCL_BUF(const float, panels), uint block, OUT_ARGS) {
  const uint n0 = (uint)get_group_id(0) * NR;
  const uint first = (uint)get_group_id(1) * block, end = min(rows, first + block);
  const uint steps = steps_of(depth);
  const __global TYPE *wp[NR];
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
KERNEL(mcl_dot_row)(MCL_BUF(const float, x), uint x_stride, OUT_ARGS) {
  const uint n0 = (uint)get_group_id(0) * NR1, steps = steps_of(depth);
  const __global TYPE *wp[NR1];
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
      KERNEL(order_step)(&low, &high, vload16(0, xp + k), vload16(1, xp + k), s, depth);
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

/* depth < 32: one step. groups: columns, rows / block */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
KERNEL(mcl_dot_short)(MCL_BUF(const float, panels), uint block, OUT_ARGS) {
  const uint n0 = (uint)get_group_id(0);
  const uint first = (uint)get_group_id(1) * block, end = min(rows, first + block);
  const __global TYPE *wp = MCL_PTR(w) + (size_t)n0 * w_stride;
  float part[STEP];
  for (uint l = 0; l < 16; l++) {
    part[l] = LOW_K(l) < depth ? WEIGHT(wp, LOW_K(l)) : 0.0f;
    part[l + 16] = HIGH_K(l) < depth ? WEIGHT(wp, HIGH_K(l)) : 0.0f;
  }
  const float16 low = vload16(0, part), high = vload16(1, part);
  for (uint m0 = first; m0 < end; m0++) {
    const __global float *p = MCL_PTR(panels) + (size_t)m0 * STEP;
    const float16 zero = 0.0f;
    const float sums[1] = {mcl_sum16(fma(vload16(1, p), high, fma(vload16(0, p), low, zero)))};
    FINISH(sums, end, 1, 1)
  }
}

#undef WT
#undef TYPE
#undef WEIGHT
#undef KERNEL
#undef RAW
#undef LOAD
#undef LOW
#undef HIGH
#undef ORDER
#undef AT
#undef LOW_K
#undef HIGH_K
#undef OUT_ARGS
