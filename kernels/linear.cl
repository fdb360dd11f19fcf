/* linear.cl - out[m][n] = sum_k x[m][k] w[n][k] (+ bias[n]) (+ add[m][n]), weights of type WT.
 *
 * Two kernels of one order of summation (common/tile.clh): tiles for many rows, and for few rows a
 * kernel that stages the weights through local memory so that they are read in long runs. Bias and
 * residual are added at the end, in this order, as LINEAR and then ADD would. */
#define LINEAR_ARGS                                                                                \
  MCL_BUF(const float, x), uint x_stride, MCL_BUF(const mcl_wt, w), uint w_stride,                 \
      MCL_BUF(const void, bias), uint bias_type, MCL_BUF(const float, add), uint add_stride,       \
      MCL_BUF(float, out), uint out_stride, uint rows, uint cols, uint depth

/* groups: tiles of rows, tiles of columns; square */
__kernel void mcl_linear_tiled(LINEAR_ARGS) {
  __local mcl_tile_a a;
  __local mcl_tile_b b;
  const uint m0 = (uint)get_group_id(0) * TILE_M, n0 = (uint)get_group_id(1) * TILE_N;
  mcl_tile_sums sums;
  mcl_tile_clear(&sums);
  for (uint k0 = 0; k0 < depth; k0 += TILE_K) {
    TILE_FOR_VECTORS(e, TILE_M) {
      const uint k = k0 + TILE_AT(e), m = m0 + TILE_ROW(e);
      const uint n = m < rows ? mcl_tile_left(depth, k) : 0;
      mcl_tile_put(&a[TILE_AT(e)][TILE_ROW(e)], TILE_M + 1,
                   mcl_load8(MCL_PTR(x) + (size_t)m * x_stride + k, n));
    }
    TILE_FOR_VECTORS(e, TILE_N) {
      const uint k = k0 + TILE_AT(e), m = n0 + TILE_ROW(e);
      const uint n = m < cols ? mcl_tile_left(depth, k) : 0;
      mcl_tile_put(&b[TILE_AT(e)][TILE_ROW(e)], TILE_N + 4,
                   mcl_weight8(MCL_PTR(w) + (size_t)m * w_stride + k, n));
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    mcl_tile_chunk(&sums, &a, &b);
    barrier(CLK_LOCAL_MEM_FENCE);
    if ((k0 + TILE_K) % TILE_BLOCK == 0)
      mcl_tile_fold(&sums);
  }
  mcl_tile_fold(&sums);
  mcl_tile_write(&sums, MCL_PTR(out), out_stride, m0, n0, rows, cols, bias_base, bias_at, bias_type,
                 add_base ? MCL_PTR(add) : add_base, add_stride);
}

/* Few rows: a line group computes 64 outputs of ROWS rows, a work-item the outputs lid,
 * lid + MCL_GROUP, ... Chunks are longer than a tile's, which changes no sum. */
#define ROWS_N 64
#define ROWS_K 32
#define ROWS_PER (ROWS_N / MCL_GROUP)

#define LINEAR_ROWS(NAME, ROWS)                                                                    \
  __kernel void NAME(LINEAR_ARGS) {                                                                \
    __local float a[ROWS_K][ROWS];                                                                 \
    __local float b[ROWS_N][ROWS_K + 1];                                                           \
    const uint lid = (uint)get_local_id(0);                                                        \
    const uint m0 = (uint)get_group_id(0) * ROWS, n0 = (uint)get_group_id(1) * ROWS_N;             \
    float total[ROWS_PER][ROWS], part[ROWS_PER][ROWS];                                             \
    for (uint j = 0; j < ROWS_PER; j++)                                                            \
      for (uint i = 0; i < ROWS; i++)                                                              \
        total[j][i] = part[j][i] = 0.0f;                                                           \
    for (uint k0 = 0; k0 < depth; k0 += ROWS_K) {                                                  \
      for (uint e = lid; e < ROWS * ROWS_K; e += MCL_GROUP) {                                      \
        uint k = k0 + e % ROWS_K, m = m0 + e / ROWS_K;                                             \
        a[e % ROWS_K][e / ROWS_K] =                                                                \
            m < rows && k < depth ? MCL_PTR(x)[(size_t)m * x_stride + k] : 0.0f;                   \
      }                                                                                            \
      for (uint e = lid; e < ROWS_N * ROWS_K; e += MCL_GROUP) {                                    \
        uint k = k0 + e % ROWS_K, n = n0 + e / ROWS_K;                                             \
        b[e / ROWS_K][e % ROWS_K] =                                                                \
            n < cols && k < depth ? mcl_weight(w_base, w_at + (size_t)n * w_stride + k) : 0.0f;    \
      }                                                                                            \
      barrier(CLK_LOCAL_MEM_FENCE);                                                                \
      for (uint k = 0; k < ROWS_K; k++)                                                            \
        for (uint j = 0; j < ROWS_PER; j++) {                                                      \
          float bv = b[lid + j * MCL_GROUP][k];                                                    \
          for (uint i = 0; i < ROWS; i++)                                                          \
            part[j][i] = fma(a[k][i], bv, part[j][i]);                                             \
        }                                                                                          \
      barrier(CLK_LOCAL_MEM_FENCE);                                                                \
      if ((k0 + ROWS_K) % TILE_BLOCK == 0 || k0 + ROWS_K >= depth)                                 \
        for (uint j = 0; j < ROWS_PER; j++)                                                        \
          for (uint i = 0; i < ROWS; i++) {                                                        \
            total[j][i] += part[j][i];                                                             \
            part[j][i] = 0.0f;                                                                     \
          }                                                                                        \
    }                                                                                              \
    for (uint j = 0; j < ROWS_PER; j++)                                                            \
      for (uint i = 0; i < ROWS; i++) {                                                            \
        uint m = m0 + i, n = n0 + lid + j * MCL_GROUP;                                             \
        if (m < rows && n < cols)                                                                  \
          MCL_PTR(out)                                                                             \
        [(size_t)m * out_stride + n] =                                                             \
            mcl_tile_end(total[j][i], bias_base, bias_at + n, bias_type,                           \
                   add_base ? MCL_PTR(add) : add_base, (size_t)m * add_stride + n);                \
      }                                                                                            \
  }

/* groups: blocks of rows, blocks of 64 columns; line */
LINEAR_ROWS(mcl_linear_rows1, 1)
LINEAR_ROWS(mcl_linear_rows8, 8)
