/* attention.cl - keys and values into pages, and attention over pages.
 *
 * Pages of K are [kv_heads][head][MCL_PAGE], of V [kv_heads][MCL_PAGE][head]. */

/* groups: rows, heads; line. place >= 0 is a cell of the cached pages, below 0 one of the scratch
 * pages. A place outside its pages is passed over. */
__kernel void mcl_kv_put(MCL_BUF(const float, x), uint x_stride, MCL_BUF(const int, place),
                         uint place_stride, MCL_BUF(float, cached), uint cached_stride,
                         uint cached_pages, MCL_BUF(float, scratch), uint scratch_stride,
                         uint scratch_pages, uint head, uint transposed) {
  const size_t row = get_group_id(0), first = get_group_id(1) * (size_t)head;
  const int p = MCL_PTR(place)[row * place_stride];
  const uint at = p < 0 ? (uint)(-1 - p) : (uint)p, page = at / MCL_PAGE;
  const uint step = transposed ? MCL_PAGE : 1;
  const size_t cell = (at % MCL_PAGE) * (transposed ? 1 : (size_t)head) + first * MCL_PAGE;
  if (page < (p < 0 ? scratch_pages : cached_pages)) {
    __global float *to = p < 0 ? MCL_PTR(scratch) + (size_t)page * scratch_stride
                               : MCL_PTR(cached) + (size_t)page * cached_stride;
    for (uint d = (uint)get_local_id(0); d < head; d += MCL_GROUP)
      to[cell + d * step] = MCL_PTR(x)[row * x_stride + first + d];
  }
}

/* groups: pairs, blocks of COPY_SPAN elements of a page; line */
#define COPY_SPAN 1024
__kernel void mcl_kv_copy(MCL_BUF(const int, pairs), uint pairs_stride, MCL_BUF(float, pages),
                          uint pages_stride, uint page_count, uint cols) {
  const __global int *pair = MCL_PTR(pairs) + get_group_id(0) * pairs_stride;
  const uint from = (uint)pair[0], to = (uint)pair[1];
  const uint first = (uint)get_group_id(1) * COPY_SPAN;
  if (from < page_count && to < page_count)
    for (uint c = first + (uint)get_local_id(0); c < min(cols, first + COPY_SPAN); c += MCL_GROUP)
      MCL_PTR(pages)
  [(size_t)to * pages_stride + c] = MCL_PTR(pages)[(size_t)from * pages_stride + c];
}

/* Attention: a line group computes one head of one tile of up to 8 rows.
 *
 * Keys come in blocks of a page, cached ones from key 0 on, then the scratch ones from theirs. For
 * each block: scores (a work-item a key, all rows at once), then the online softmax
 *
 *   m' = max(m, scores)   p = exp(score - m')   f = exp(m - m')   l = f l + sum p
 *   acc = f acc + sum_k p_k v_k
 *
 * with a work-item for each column of the values. The block's sums start at 0, so a block that a
 * row does not see changes nothing: f is exactly 1 and the sums are exactly 0. A row's bytes
 * therefore depend on nothing but its keys. Cells beyond the last key of any row are not read.
 *
 * COLS: columns of a head, in units of 64, rounded up to 1, 2, 4 or 8. */
#ifdef COLS
#define ROWS MCL_TILE_ROWS
#define Q_CHUNK 128
#define SEGMENTS 8
#define SEGMENT (MCL_PAGE / SEGMENTS)
#define PER (COLS * 64 / MCL_GROUP)
#define FOR_EACH(i, n) for (uint i = (uint)get_local_id(0); i < (n); i += MCL_GROUP)

/* What a group keeps in local memory: queries and scores with the rows innermost. */
typedef struct tile_state {
  float q[Q_CHUNK][ROWS];
  float p[MCL_PAGE][ROWS];
  float part[SEGMENTS][ROWS];
  float most[ROWS], base[ROWS], fade[ROWS], sum[ROWS];
  uint seen[ROWS]; /* keys of the block that each row sees */
} tile_state;

/* p[key][row] = scale q k, or -inf where the row does not see the key */
static void block_scores(__local tile_state *s, const __global float *q, uint q_stride, uint rows,
                         const __global float *k, uint head, uint keys, float scale) {
  for (uint d0 = 0; d0 < head; d0 += Q_CHUNK) {
    const uint n = min(head - d0, (uint)Q_CHUNK);
    FOR_EACH(e, ROWS * Q_CHUNK) {
      uint r = e / Q_CHUNK, d = e % Q_CHUNK;
      s->q[d][r] = r < rows && d < n ? q[(size_t)r * q_stride + d0 + d] : 0.0f;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    FOR_EACH(key, keys) {
      float8 sum = d0 ? vload8(0, s->p[key]) : (float8)0.0f;
      for (uint d = 0; d < n; d++)
        sum = fma(vload8(0, s->q[d]), (float8)k[(size_t)(d0 + d) * MCL_PAGE + key], sum);
      if (d0 + n == head)
        sum *= scale;
      vstore8(sum, 0, s->p[key]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  FOR_EACH(e, MCL_PAGE * ROWS)
  if (e / ROWS >= s->seen[e % ROWS])
    s->p[e / ROWS][e % ROWS] = -INFINITY;
  barrier(CLK_LOCAL_MEM_FENCE);
}

/* p becomes exp(p - m'), fade f, and sum l. */
static void block_softmax(__local tile_state *s) {
  FOR_EACH(e, SEGMENTS * ROWS) {
    float most = -INFINITY;
    for (uint i = 0; i < SEGMENT; i++)
      most = fmax(most, s->p[e / ROWS * SEGMENT + i][e % ROWS]);
    s->part[e / ROWS][e % ROWS] = most;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  FOR_EACH(r, ROWS) {
    float most = s->most[r];
    for (uint i = 0; i < SEGMENTS; i++)
      most = fmax(most, s->part[i][r]);
    s->base[r] = most == -INFINITY ? 0.0f : most;
    s->fade[r] = mcl_exp(s->most[r] - s->base[r]);
    s->most[r] = most;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  FOR_EACH(e, SEGMENTS * ROWS) {
    float sum = 0.0f;
    for (uint i = 0; i < SEGMENT; i++) {
      float p = mcl_exp(s->p[e / ROWS * SEGMENT + i][e % ROWS] - s->base[e % ROWS]);
      s->p[e / ROWS * SEGMENT + i][e % ROWS] = p;
      sum += p;
    }
    s->part[e / ROWS][e % ROWS] = sum;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  FOR_EACH(r, ROWS) {
    float sum = 0.0f;
    for (uint i = 0; i < SEGMENTS; i++)
      sum += s->part[i][r];
    s->sum[r] = fma(s->sum[r], s->fade[r], sum);
  }
}

/* acc = fade acc + p v */
static void block_values(float8 acc[PER], __local tile_state *s, const __global float *v, uint head,
                         uint keys) {
  const float8 fade = vload8(0, s->fade);
  for (uint j = 0; j < PER; j++) {
    const uint c = (uint)get_local_id(0) + j * MCL_GROUP;
    float8 sum = 0.0f;
    if (c < head)
      for (uint key = 0; key < keys; key++)
        sum = fma(vload8(0, s->p[key]), (float8)v[(size_t)key * head + c], sum);
    acc[j] = fma(acc[j], fade, sum);
  }
}

/* groups: tiles, heads; line */
__kernel void mcl_attention_tile(MCL_BUF(const float, q), uint q_stride, MCL_BUF(const float, k),
                                 uint k_stride, MCL_BUF(const float, v), uint v_stride,
                                 MCL_BUF(const float, new_k), uint new_k_stride,
                                 MCL_BUF(const float, new_v), uint new_v_stride,
                                 MCL_BUF(const int, index), uint index_stride,
                                 MCL_BUF(const int, tiles), uint tiles_stride, MCL_BUF(float, out),
                                 uint out_stride, uint heads_per_kv, uint head, float scale) {
  __local tile_state s;
  const uint h = (uint)get_group_id(1);
  const __global int *tile = MCL_PTR(tiles) + get_group_id(0) * tiles_stride;
  const uint rows = (uint)tile[1], cached = (uint)tile[3], step = (uint)tile[4];
  const uint fresh = (uint)tile[6], most = cached + (rows - 1) * step;
  const uint cached_blocks = (most + MCL_PAGE - 1) / MCL_PAGE;
  const uint blocks = cached_blocks + (fresh + MCL_PAGE - 1) / MCL_PAGE;
  const size_t in_page = (size_t)(h / heads_per_kv) * head * MCL_PAGE;
  const __global float *my_q = MCL_PTR(q) + (size_t)tile[0] * q_stride + (size_t)h * head;
  __global float *my_out = MCL_PTR(out) + (size_t)tile[0] * out_stride + (size_t)h * head;
  float8 acc[PER];
  for (uint j = 0; j < PER; j++)
    acc[j] = 0.0f;
  FOR_EACH(r, ROWS) {
    s.most[r] = -INFINITY;
    s.sum[r] = 0.0f;
  }
  for (uint b = 0; b < blocks; b++) {
    const bool old = b < cached_blocks;
    const uint first = (old ? b : b - cached_blocks) * MCL_PAGE;
    const uint keys = min((old ? most : fresh) - first, (uint)MCL_PAGE);
    const size_t page = old ? (size_t)MCL_PTR(index)[(size_t)((uint)tile[2] + b) * index_stride]
                            : (size_t)((uint)tile[5] + b - cached_blocks);
    const __global float *kp = old ? MCL_PTR(k) + page * k_stride : MCL_PTR(new_k) + page * new_k_stride;
    const __global float *vp = old ? MCL_PTR(v) + page * v_stride : MCL_PTR(new_v) + page * new_v_stride;
    FOR_EACH(r, ROWS) {
      const int end = r >= rows ? 0 : (int)(old ? cached + r * step : fresh);
      s.seen[r] = (uint)max(end - (int)first, 0);
    }
    block_scores(&s, my_q, q_stride, rows, kp + in_page, head, keys, scale);
    block_softmax(&s);
    barrier(CLK_LOCAL_MEM_FENCE);
    block_values(acc, &s, vp + in_page, head, keys);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  for (uint j = 0; j < PER; j++) {
    const uint c = (uint)get_local_id(0) + j * MCL_GROUP;
    float value[ROWS];
    vstore8(acc[j], 0, value);
    for (uint r = 0; r < rows; r++)
      if (c < head)
        my_out[(size_t)r * out_stride + c] = value[r] / s.sum[r];
  }
}
#endif
