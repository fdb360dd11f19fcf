/* group.cl - group norm on CPUs, over pictures [pixels, channels]. One work-item a group.
 *
 * Pixels are cut into blocks of NORM_BLOCK from pixel 0. Of each block and channel there are kept:
 * a mean m, the sum of x - m (what rounding left of it), and the sum of (x - m)^2. From them come
 * a group's mean, what rounding left of that, and its spread. Remainders matter where a mean is
 * large against the spread.
 *
 * stats[3][blocks][columns], columns being the channels and 16 more, so that vectors may begin with
 * any channel; norm[3][columns] has mean, remainder and 1 / sqrt(var + eps) of each channel. */
#define ONE __kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
#define NORM_BLOCK 128
#define TILE 4 /* vectors of channels at once */
#define UNROLL _Pragma("unroll")
#define FOR_TILE(j) UNROLL for (uint j = 0; j < TILE; j++)

/* Vector j of a tile of channels; lanes beyond the last channel are 0. */
static float16 tile_load(const __global float *x, uint j, uint n) {
  return n > j * 16 ? mcl_load16(x + j * 16, n - j * 16) : (float16)0.0f;
}

/* groups: blocks, tiles of channels */
ONE mcl_group_norm_pixels(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, stats),
                          uint columns, uint blocks, uint pixels, uint channels) {
  const uint block = (uint)get_group_id(0);
  const uint first = block * NORM_BLOCK, n = min(pixels - first, (uint)NORM_BLOCK);
  const uint c0 = (uint)get_group_id(1) * TILE * 16, left = channels - c0;
  const __global float *in = MCL_PTR(x) + (size_t)first * x_stride + c0;
  __global float *to = MCL_PTR(stats) + (size_t)block * columns + c0;
  float16 mean[TILE], rest[TILE], square[TILE];
  FOR_TILE(j)
  mean[j] = rest[j] = square[j] = 0.0f;
  for (uint p = 0; p < n; p++)
    FOR_TILE(j)
    mean[j] += tile_load(in + (size_t)p * x_stride, j, left);
  FOR_TILE(j)
  mean[j] /= (float)n;
  for (uint p = 0; p < n; p++)
    FOR_TILE(j) {
      const float16 d = tile_load(in + (size_t)p * x_stride, j, left) - mean[j];
      rest[j] += d;
      square[j] = fma(d, d, square[j]);
    }
  const size_t plane = (size_t)blocks * columns;
  FOR_TILE(j)
  if (j * 16 < left) {
    mcl_store16(mean[j], to + j * 16, left - j * 16);
    mcl_store16(rest[j], to + plane + j * 16, left - j * 16);
    mcl_store16(square[j], to + 2 * plane + j * 16, left - j * 16);
  }
}

/* The sum over all blocks and a group's channels of what pass `pass` adds up: n m, then
 * n (m - mean) + rest, then the squares about `mean`. Sums of 64 blocks are added to a total. */
static float group_sum(const __global float *stats, size_t plane, uint columns, uint blocks,
                       uint pixels, uint per, int pass, float mean) {
  float sum = 0.0f;
  for (uint c = 0; c < per; c += 16) {
    float16 total = 0.0f;
    for (uint b0 = 0; b0 < blocks; b0 += 64) {
      float16 part = 0.0f;
      for (uint b = b0; b < min(blocks, b0 + 64); b++) {
        const __global float *s = stats + (size_t)b * columns + c;
        const float16 n = (float)min(pixels - b * NORM_BLOCK, (uint)NORM_BLOCK);
        const float16 d = vload16(0, s) - mean, rest = vload16(0, s + plane);
        if (pass == 2)
          part += fma(d, fma(n, d, 2.0f * rest), vload16(0, s + 2 * plane));
        else
          part = fma(n, d, part) + rest;
      }
      total += part;
    }
    sum += mcl_sum16(select((float16)0.0f, total, MCL_LANE16 < (int)(per - c)));
  }
  return sum;
}

/* groups: groups of channels, 1 */
ONE mcl_group_norm_groups(MCL_BUF(const float, stats), MCL_BUF(float, norm), uint columns,
                          uint blocks, uint pixels, uint per, float eps) {
  const uint first = (uint)get_group_id(0) * per;
  const __global float *s = MCL_PTR(stats) + first;
  const size_t plane = (size_t)blocks * columns;
  const float count = (float)pixels * (float)per;
  const float mean = group_sum(s, plane, columns, blocks, pixels, per, 0, 0.0f) / count;
  const float rest = group_sum(s, plane, columns, blocks, pixels, per, 1, mean) / count;
  const float square = group_sum(s, plane, columns, blocks, pixels, per, 2, mean) / count;
  const float scale = mcl_rsqrt(fmax(fma(-rest, rest, square), 0.0f) + eps);
  for (uint c = first; c < first + per; c++) {
    MCL_PTR(norm)[c] = mean;
    MCL_PTR(norm)[columns + c] = rest;
    MCL_PTR(norm)[2 * columns + c] = scale;
  }
}

/* groups: blocks of pixels, 1 */
ONE mcl_group_norm_write(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, norm),
                         uint columns, MCL_BUF(const void, w), uint w_type,
                         MCL_BUF(const void, bias), uint bias_type, MCL_BUF(float, out),
                         uint out_stride, uint pixels, uint channels) {
  const uint first = (uint)get_group_id(0) * NORM_BLOCK;
  const uint end = min(pixels, first + NORM_BLOCK);
  for (uint c = 0; c < channels; c += TILE * 16) {
    const __global float *at = MCL_PTR(norm) + c;
    float16 mean[TILE], rest[TILE], scale[TILE], gain[TILE], add[TILE];
    FOR_TILE(j)
    if (c + j * 16 < channels) {
      const uint n = channels - c - j * 16;
      mean[j] = vload16(j, at);
      rest[j] = vload16(j, at + columns);
      scale[j] = vload16(j, at + 2 * columns);
      gain[j] = mcl_get16(w_base, w_at + c + j * 16, w_type, n);
      add[j] = mcl_get16(bias_base, bias_at + c + j * 16, bias_type, n);
    }
    for (size_t p = first; p < end; p++)
      FOR_TILE(j)
      if (c + j * 16 < channels) {
        const uint n = channels - c - j * 16;
        const float16 in = mcl_load16(MCL_PTR(x) + p * x_stride + c + j * 16, n);
        mcl_store16(fma((in - mean[j] - rest[j]) * scale[j], gain[j], add[j]),
                    MCL_PTR(out) + p * out_stride + c + j * 16, n);
      }
  }
}
