/* guide.cl - guidance of the velocity, its renormalisations, the Euler step, and whether what came
 * of it is finite; host/graph/ops.h has the formulas and what stands in `rows` and `settings`. */
#define S_TEXT 0
#define S_IMAGE 1
#define S_RENORM 2
#define S_MIN 3
#define S_DT 4
#define S_FIRST 5
#define S_ROWS 6
#define S_GUIDED 7
/* mcl_renorm */
#define RENORM_GLOBAL 1.0f
#define RENORM_CHANNEL 2.0f
#define RENORM_TEXT_CHANNEL 3.0f

/* clamp(|main| / (|w| + 1e-8), least, 1) from squares of the norms; 1 wins over `least` */
static float factor_of(float main2, float w2, float least) {
  return fmin(fmax(sqrt(main2) / (sqrt(w2) + 1e-8f), least), 1.0f);
}

/* from + s (x - from), or x itself where there is nothing to go away from */
static float away_from(bool there, float x, float from, float s) {
  return there ? fma(s, x - from, from) : x;
}

/* groups: rows, 1; line. Each value is computed again where it is needed, so that nothing between
 * the stages is stored. */
__kernel void mcl_guide(MCL_BUF(const float, v), uint v_stride, MCL_BUF(const int, rows),
                        uint rows_stride, MCL_BUF(const float, settings), uint settings_stride,
                        MCL_BUF(float, out), uint out_stride, uint cols) {
  __local float s[MCL_LANES];
  const __global int *map = MCL_PTR(rows) + get_group_id(0) * rows_stride;
  const __global float *set = MCL_PTR(settings) + (size_t)map[3] * settings_stride;
  const bool guided = set[S_GUIDED] != 0.0f && map[1] >= 0;
  const bool imaged = guided && set[S_IMAGE] > 1.0f && map[2] >= 0;
  const __global float *main = MCL_PTR(v) + (size_t)map[0] * v_stride;
  const __global float *text = guided ? MCL_PTR(v) + (size_t)map[1] * v_stride : main;
  const __global float *image = imaged ? MCL_PTR(v) + (size_t)map[2] * v_stride : main;
  __global float *to = MCL_PTR(out) + get_group_id(0) * out_stride;
#define FOR_LANE_COLUMNS(lane, c) for (uint c = lane; c < cols; c += MCL_LANES)
  MCL_FOR_LANES(lane) {
    float sum = 0.0f;
    FOR_LANE_COLUMNS(lane, c)
    sum = fma(main[c], main[c], sum);
    s[lane] = sum;
  }
  const float main2 = mcl_lane_sum(s);
#define U(c) away_from(guided, main[c], text[c], set[S_TEXT])
  MCL_FOR_LANES(lane) {
    float sum = 0.0f;
    FOR_LANE_COLUMNS(lane, c)
    sum = fma(U(c), U(c), sum);
    s[lane] = sum;
  }
  const float u2 = mcl_lane_sum(s);
  const float u_factor = guided && set[S_RENORM] == RENORM_TEXT_CHANNEL
                             ? factor_of(main2, u2, set[S_MIN])
                             : 1.0f;
#define W(c) away_from(imaged, U(c) * u_factor, image[c], set[S_IMAGE])
  MCL_FOR_LANES(lane) {
    float sum = 0.0f;
    FOR_LANE_COLUMNS(lane, c)
    sum = fma(W(c), W(c), sum);
    s[lane] = sum;
  }
  const float w2 = mcl_lane_sum(s);
  const float w_factor =
      guided && set[S_RENORM] == RENORM_CHANNEL ? factor_of(main2, w2, set[S_MIN]) : 1.0f;
  for (uint c = (uint)get_local_id(0); c < cols; c += MCL_GROUP)
    to[c] = W(c) * w_factor;
}
#undef U
#undef W

/* groups: pictures, 1; line. Lanes take columns; rows come in order, each row's squares summed
 * before they join the total, which keeps long sums exact enough. */
__kernel void mcl_guide_scale(MCL_BUF(const float, guided), uint guided_stride,
                              MCL_BUF(const float, v), uint v_stride, MCL_BUF(const int, rows),
                              uint rows_stride, MCL_BUF(const float, settings),
                              uint settings_stride, MCL_BUF(float, out), uint out_stride,
                              uint cols) {
  __local float main_s[MCL_LANES], w_s[MCL_LANES];
  const __global float *set = MCL_PTR(settings) + get_group_id(0) * settings_stride;
  const uint first = (uint)set[S_FIRST], count = (uint)set[S_ROWS];
  const bool global_norm = set[S_GUIDED] != 0.0f && set[S_RENORM] == RENORM_GLOBAL;
  MCL_FOR_LANES(lane) {
    float main2 = 0.0f, w2 = 0.0f;
    for (uint r = lane; global_norm && r < count; r += MCL_LANES) {
      const __global float *w = MCL_PTR(guided) + (size_t)(first + r) * guided_stride;
      const int from = MCL_PTR(rows)[(size_t)(first + r) * rows_stride];
      const __global float *main = MCL_PTR(v) + (size_t)from * v_stride;
      float a = 0.0f, b = 0.0f;
      for (uint c = 0; c < cols; c++) {
        a = fma(main[c], main[c], a);
        b = fma(w[c], w[c], b);
      }
      main2 += a;
      w2 += b;
    }
    main_s[lane] = main2;
    w_s[lane] = w2;
  }
  const float main2 = mcl_lane_sum(main_s), w2 = mcl_lane_sum(w_s);
  if (get_local_id(0) == 0)
    MCL_PTR(out)
    [get_group_id(0) * out_stride] = global_norm ? factor_of(main2, w2, set[S_MIN]) : 1.0f;
}

/* out[r] = guided[r] * scale[picture of r]. groups: rows, 1; line */
__kernel void mcl_guide_apply(MCL_BUF(const float, guided), uint guided_stride,
                              MCL_BUF(const float, scale), uint scale_stride,
                              MCL_BUF(const int, rows), uint rows_stride, MCL_BUF(float, out),
                              uint out_stride, uint cols) {
  const size_t row = get_group_id(0);
  const int picture = MCL_PTR(rows)[row * rows_stride + 3];
  const float f = MCL_PTR(scale)[(size_t)picture * scale_stride];
  for (uint c = (uint)get_local_id(0); c < cols; c += MCL_GROUP)
    MCL_PTR(out)[row * out_stride + c] = MCL_PTR(guided)[row * guided_stride + c] * f;
}

/* x[r] -= v[r] dt. groups: rows, 1; line */
__kernel void mcl_euler(MCL_BUF(const float, v), uint v_stride, MCL_BUF(const int, rows),
                        uint rows_stride, MCL_BUF(const float, settings), uint settings_stride,
                        MCL_BUF(float, x), uint x_stride, uint cols) {
  const size_t row = get_group_id(0);
  const int picture = MCL_PTR(rows)[row * rows_stride + 3];
  const float dt = MCL_PTR(settings)[(size_t)picture * settings_stride + S_DT];
  for (uint c = (uint)get_local_id(0); c < cols; c += MCL_GROUP)
    MCL_PTR(x)
  [row * x_stride + c] = fma(-MCL_PTR(v)[row * v_stride + c], dt, MCL_PTR(x)[row * x_stride + c]);
}

/* out[r] = how many numbers of x[r] are NaN or infinite, by their bits: compilers may take all
 * numbers for finite ones. groups: blocks of COUNT_ROWS rows; line, a work-item a row */
#define COUNT_ROWS 64
__kernel void mcl_not_finite(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, out),
                             uint out_stride, uint rows, uint cols) {
  const uint first = (uint)get_group_id(0) * COUNT_ROWS, end = min(rows, first + COUNT_ROWS);
  for (uint r = first + (uint)get_local_id(0); r < end; r += MCL_GROUP) {
    const __global float *row = MCL_PTR(x) + (size_t)r * x_stride;
    uint n = 0;
    for (uint c = 0; c < cols; c++)
      n += (as_uint(row[c]) & 0x7F800000u) == 0x7F800000u;
    MCL_PTR(out)[(size_t)r * out_stride] = (float)n;
  }
}
