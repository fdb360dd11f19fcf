/* attention.cl - attention over pages on CPUs. One work-item a group, which has up to ROWS queries
 * of one tile that share a key/value head: rows of the tile, and heads of each row.
 *
 * Keys come in blocks of a page, cached ones from key 0 on, then the scratch ones from theirs. A
 * score is one chain of fma over the head, a lane of a vector per key, which transposed pages of K
 * give without sums across lanes. Then the online softmax
 *
 *   m' = max(m, scores)   p = exp(score - m')   f = exp(m - m')   l = f l + sum p
 *   o = f o + sum_k p_k v_k
 *
 * with the block's sums from 0 on. A block that a query does not see changes nothing: f is exactly
 * 1, the sums are exactly 0, and a zero's sign is put right at the end. So a query's bytes depend
 * on its keys alone. Cells beyond the last key of all ROWS may hold anything.
 *
 * QR queries by QV vectors are in registers at once; set by the width of the machine's vectors. */
#define ROWS 8
#define HEAD 512
#define UNROLL _Pragma("unroll")
#define FOR_QR(i) UNROLL for (uint i = 0; i < QR; i++)
#define FOR_QV(j) UNROLL for (uint j = 0; j < QV; j++)

typedef struct state {
  float q[HEAD * ROWS];            /* [head][ROWS] */
  float p[ROWS * MCL_PAGE];        /* scores, then weights */
  float16 o[ROWS][HEAD / 16 + QV]; /* vector v holds columns from column(v) on */
  float16 sum[ROWS];               /* l, by lanes */
  float most[ROWS], fade[ROWS];
  uint seen[ROWS]; /* keys of the block that each query sees */
} state;

/* Vectors of a head: the last ends with it, and may repeat columns of the one before. */
static uint vectors(uint head) {
  return (head + 15) / 16;
}
static uint column(uint v, uint head) {
  return min(v * 16, head - 16);
}

/* p = q k over a page of K */
static void block_scores(state *s, const __global float *k, uint head) {
  for (uint r = 0; r < ROWS; r += QR)
    for (uint c = 0; c < MCL_PAGE; c += QV * 16) {
      float16 sum[QR][QV];
      FOR_QR(i)
      FOR_QV(j)
      sum[i][j] = 0.0f;
      for (uint d = 0; d < head; d++) {
        float16 key[QV];
        FOR_QV(j)
        key[j] = vload16(j, k + (size_t)d * MCL_PAGE + c);
        FOR_QR(i) {
          const float16 q = s->q[d * ROWS + r + i];
          FOR_QV(j)
          sum[i][j] = fma(q, key[j], sum[i][j]);
        }
      }
      FOR_QR(i)
      FOR_QV(j)
      vstore16(sum[i][j], j, s->p + (r + i) * MCL_PAGE + c);
    }
}

/* p becomes exp(scale p - m'), fade f, and sum l. */
static void block_softmax(state *s, float scale) {
  for (uint r = 0; r < ROWS; r++) {
    const int16 end = (int16)(int)s->seen[r];
    float16 p[4];
    UNROLL for (uint j = 0; j < 4; j++) {
      p[j] = vload16(j, s->p + r * MCL_PAGE) * scale;
      p[j] = select((float16)(-INFINITY), p[j], MCL_LANE16 + (int)j * 16 < end);
    }
    const float was = s->most[r];
    const float most = fmax(was, mcl_max16(fmax(fmax(p[0], p[1]), fmax(p[2], p[3]))));
    UNROLL for (uint j = 0; j < 4; j++) {
      p[j] = mcl_exp16(p[j] - most);
      vstore16(p[j], j, s->p + r * MCL_PAGE);
    }
    s->fade[r] = mcl_exp(was - most);
    s->most[r] = most;
    s->sum[r] = fma(s->sum[r], (float16)s->fade[r], (p[0] + p[1]) + (p[2] + p[3]));
  }
}

/* o = f o + p v over the first `keys` of a page of V */
static void block_values(state *s, const __global float *v, uint head, uint keys) {
  for (uint r = 0; r < ROWS; r += QR)
    for (uint c = 0; c < vectors(head); c += QV) {
      float16 sum[QR][QV];
      const __global float *from[QV];
      FOR_QV(j)
      from[j] = v + column(c + j, head);
      FOR_QR(i)
      FOR_QV(j)
      sum[i][j] = 0.0f;
      for (uint key = 0; key < keys; key++) {
        float16 value[QV];
        FOR_QV(j)
        value[j] = vload16(0, from[j] + (size_t)key * head);
        FOR_QR(i) {
          const float16 p = s->p[(r + i) * MCL_PAGE + key];
          FOR_QV(j)
          sum[i][j] = fma(p, value[j], sum[i][j]);
        }
      }
      FOR_QR(i)
      FOR_QV(j)
      s->o[r + i][c + j] = fma(s->o[r + i][c + j], (float16)s->fade[r + i], sum[i][j]);
    }
}

/* groups: tiles times blocks of ROWS queries of a full tile and a key/value head; those heads */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
mcl_attention_rows(MCL_BUF(const float, q), uint q_stride, MCL_BUF(const float, k), uint k_stride,
                   MCL_BUF(const float, v), uint v_stride, MCL_BUF(const float, new_k),
                   uint new_k_stride, MCL_BUF(const float, new_v), uint new_v_stride,
                   MCL_BUF(const int, index), uint index_stride, MCL_BUF(const int, tiles),
                   uint tiles_stride, MCL_BUF(float, out), uint out_stride, uint heads_per_kv,
                   uint head, float scale) {
  const uint blocks_per_tile = (MCL_TILE_ROWS * heads_per_kv + ROWS - 1) / ROWS;
  const uint kv_head = (uint)get_group_id(1);
  const uint first_query = (uint)get_group_id(0) % blocks_per_tile * ROWS;
  const __global int *tile =
      MCL_PTR(tiles) + get_group_id(0) / blocks_per_tile * (size_t)tiles_stride;
  const uint queries = (uint)tile[1] * heads_per_kv, step = (uint)tile[4], fresh = (uint)tile[6];
  if (first_query >= queries)
    return;
  const size_t in_page = (size_t)kv_head * head * MCL_PAGE;
  state s;
  size_t to[ROWS];
  uint cached[ROWS], used = min(queries - first_query, (uint)ROWS);
  for (uint r = 0; r < ROWS; r++) {
    const uint query = first_query + min(r, used - 1), row = query / heads_per_kv;
    const size_t at = (size_t)(kv_head * heads_per_kv + query % heads_per_kv) * head;
    const __global float *from = MCL_PTR(q) + ((size_t)(uint)tile[0] + row) * q_stride + at;
    to[r] = ((size_t)(uint)tile[0] + row) * out_stride + at;
    cached[r] = (uint)tile[3] + row * step;
    s.most[r] = -FLT_MAX;
    s.sum[r] = 0.0f;
    for (uint c = 0; c < vectors(head) + QV - 1; c++)
      s.o[r][c] = 0.0f;
    for (uint d = 0; d < head; d++)
      s.q[d * ROWS + r] = from[d];
  }
  const uint most = cached[used - 1];
  const uint old_blocks = (most + MCL_PAGE - 1) / MCL_PAGE;
  const uint blocks = old_blocks + (fresh + MCL_PAGE - 1) / MCL_PAGE;
  for (uint b = 0; b < blocks; b++) {
    const bool old = b < old_blocks;
    const uint first = (old ? b : b - old_blocks) * MCL_PAGE;
    const uint keys = min((old ? most : fresh) - first, (uint)MCL_PAGE);
    const size_t page = old ? (size_t)MCL_PTR(index)[(size_t)((uint)tile[2] + b) * index_stride]
                            : (size_t)((uint)tile[5] + b - old_blocks);
    for (uint r = 0; r < ROWS; r++) {
      const uint end = old ? cached[r] : fresh;
      s.seen[r] = end > first ? min(end - first, (uint)MCL_PAGE) : 0;
    }
    const __global float *kp =
        old ? MCL_PTR(k) + page * k_stride : MCL_PTR(new_k) + page * new_k_stride;
    const __global float *vp =
        old ? MCL_PTR(v) + page * v_stride : MCL_PTR(new_v) + page * new_v_stride;
    block_scores(&s, kp + in_page, head);
    block_softmax(&s, scale);
    block_values(&s, vp + in_page, head, keys);
  }
  for (uint r = 0; r < used; r++) {
    const float sum = mcl_sum16(s.sum[r]);
    for (uint c = 0; c < vectors(head); c++)
      vstore16(s.o[r][c] / sum + 0.0f, 0, MCL_PTR(out) + to[r] + column(c, head));
  }
}
