/* picture.cl - ops over pictures [pixels, channels], channels innermost: convolution and
 * group norm. */

/* A convolution as a product of tiles (common/tile.clh): rows are output pixels, `pixels` of them
 * from `first` on, and the chunks of channels go through the window's places in order, (ky, kx,
 * channel). Partial sums end with each place and each TILE_BLOCK channels. w is
 * [out][ky][kx][channel]. With up = 1 the picture is read as if every pixel stood four times.
 * groups: tiles of pixels, tiles of outputs; square. */
__kernel void mcl_conv_tiled(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, w),
                             MCL_BUF(const void, bias), uint bias_type, MCL_BUF(float, out),
                             uint out_stride, uint first, uint pixels, uint outs, uint out_width,
                             uint height, uint width, uint channels, uint side, uint stride,
                             uint pad, uint up) {
  __local mcl_tile_a a;
  __local mcl_tile_b b;
  __local int top[TILE_M], left[TILE_M];
  const uint lid = (uint)get_local_id(1) * MCL_SIDE + (uint)get_local_id(0);
  const uint m0 = (uint)get_group_id(0) * TILE_M, n0 = (uint)get_group_id(1) * TILE_N;
  mcl_tile_sums sums;
  mcl_tile_clear(&sums);
  for (uint m = lid; m < TILE_M; m += MCL_GROUP) {
    const uint at = first + m0 + m, y = at / out_width;
    top[m] = (int)(y * stride) - (int)pad;
    left[m] = (int)((at - y * out_width) * stride) - (int)pad;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (uint ky = 0, kx = 0; ky < side; kx = kx + 1 < side ? kx + 1 : 0, ky += kx == 0) {
    for (uint c0 = 0; c0 < channels; c0 += TILE_K) {
      TILE_FOR_VECTORS(e, TILE_M) {
        const uint c = c0 + TILE_AT(e), m = TILE_ROW(e);
        const int y = top[m] + (int)ky, z = left[m] + (int)kx;
        const bool inside = m0 + m < pixels && y >= 0 && z >= 0 && y < (int)(height << up) &&
                            z < (int)(width << up);
        const size_t pixel = inside ? (size_t)(y >> up) * width + (size_t)(z >> up) : 0;
        mcl_tile_put(&a[TILE_AT(e)][m], TILE_M + 1,
                     mcl_load8(MCL_PTR(x) + pixel * x_stride + c,
                               inside ? mcl_tile_left(channels, c) : 0));
      }
      TILE_FOR_VECTORS(e, TILE_N) {
        const uint c = c0 + TILE_AT(e), n = n0 + TILE_ROW(e);
        mcl_tile_put(&b[TILE_AT(e)][TILE_ROW(e)], TILE_N + 4,
                     mcl_load8(MCL_PTR(w) + (((size_t)n * side + ky) * side + kx) * channels + c,
                               n < outs ? mcl_tile_left(channels, c) : 0));
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      mcl_tile_chunk(&sums, &a, &b);
      barrier(CLK_LOCAL_MEM_FENCE);
      if ((c0 + TILE_K) % TILE_BLOCK == 0 || c0 + TILE_K >= channels)
        mcl_tile_fold(&sums);
    }
  }
  mcl_tile_write(&sums, MCL_PTR(out), out_stride, m0, n0, pixels, outs, bias_base, bias_at,
                 bias_type, NULL, 0);
}

/* Group norm in three kernels. Pixels are cut into blocks of NORM_BLOCK, counted from pixel 0. Of
 * each block and group of channels there are kept: a mean m, the sum of x - m (what rounding left
 * of it), and the sum of (x - m)^2. From them come the sums of x - mean and (x - mean)^2 about the
 * rounded mean of all, and the mean's own remainder. Remainders matter where a mean is large
 * against the spread. */
#define NORM_BLOCK 512

/* stats[group][block][3]. groups: blocks, groups of channels; line */
__kernel void mcl_group_norm_blocks(MCL_BUF(const float, x), uint x_stride, MCL_BUF(float, stats),
                                    uint blocks, uint pixels, uint per) {
  __local float s[MCL_LANES];
  const uint first = (uint)get_group_id(0) * NORM_BLOCK;
  const uint n = min(pixels - first, (uint)NORM_BLOCK);
  const __global float *in =
      MCL_PTR(x) + (size_t)first * x_stride + get_group_id(1) * (size_t)per;
  const float count = (float)(n * per);
  float total[3];
  float mean = 0.0f;
  for (int pass = 0; pass < 3; pass++) {
    MCL_FOR_LANES(lane) {
      float sum = 0.0f;
      for (uint p = lane; p < n; p += MCL_LANES)
        for (uint c = 0; c < per; c++) {
          const float d = in[(size_t)p * x_stride + c] - mean;
          sum = pass == 2 ? fma(d, d, sum) : sum + d;
        }
      s[lane] = sum;
    }
    total[pass] = mcl_lane_sum(s);
    if (pass == 0)
      mean = total[0] / count;
  }
  if (get_local_id(0) == 0) {
    __global float *to =
        MCL_PTR(stats) + (get_group_id(1) * (size_t)blocks + get_group_id(0)) * 3;
    to[0] = mean;
    to[1] = total[1];
    to[2] = total[2];
  }
}

/* norm[group][3] = mean, its remainder, 1 / sqrt(var + eps). groups: groups of channels, 1; line */
__kernel void mcl_group_norm_merge(MCL_BUF(const float, stats), MCL_BUF(float, norm), uint pixels,
                                   uint per, uint blocks, float eps) {
  __local float s[MCL_LANES];
  const __global float *in = MCL_PTR(stats) + get_group_id(0) * (size_t)blocks * 3;
  const float count = (float)pixels * (float)per;
  float total[3];
  float mean = 0.0f;
  for (int pass = 0; pass < 3; pass++) {
    MCL_FOR_LANES(lane) {
      float sum = 0.0f;
      for (uint b = lane; b < blocks; b += MCL_LANES) {
        const float n = (float)(min(pixels - b * NORM_BLOCK, (uint)NORM_BLOCK) * per);
        const float d = in[b * 3] - mean, rest = in[b * 3 + 1];
        if (pass < 2)
          sum = fma(n, d, sum) + rest;
        else
          sum += fma(d, fma(n, d, 2.0f * rest), in[b * 3 + 2]);
      }
      s[lane] = sum;
    }
    total[pass] = mcl_lane_sum(s);
    if (pass == 0)
      mean = total[0] / count;
  }
  if (get_local_id(0) == 0) {
    const float rest = total[1] / count;
    __global float *to = MCL_PTR(norm) + get_group_id(0) * 3;
    to[0] = mean;
    to[1] = rest;
    to[2] = mcl_rsqrt(fmax(fma(-rest, rest, total[2] / count), 0.0f) + eps);
  }
}

/* groups: pixels, blocks of MCL_SPAN channels; line */
#define MCL_SPAN 256
__kernel void mcl_group_norm_apply(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const float, norm),
                                   MCL_BUF(const void, w), uint w_type, MCL_BUF(const void, bias),
                                   uint bias_type, MCL_BUF(float, out), uint out_stride, uint cols,
                                   uint per) {
  const size_t pixel = get_group_id(0);
  const uint first = (uint)get_group_id(1) * MCL_SPAN;
  for (uint c = first + (uint)get_local_id(0); c < min(cols, first + MCL_SPAN); c += MCL_GROUP) {
    const __global float *n = MCL_PTR(norm) + c / per * 3;
    const float y = (MCL_PTR(x)[pixel * x_stride + c] - n[0] - n[1]) * n[2];
    MCL_PTR(out)
    [pixel * out_stride + c] =
        fma(y, mcl_get(w_base, w_at + c, w_type), mcl_get(bias_base, bias_at + c, bias_type));
  }
}
