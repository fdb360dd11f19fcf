/* attention.cl - attention over pages on CPUs. One work-item a group, which has up to ROWS queries
 * that share a key/value head and pages: rows of a tile, or of neighbouring tiles that see the same
 * context, and heads of each row.
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
#define ROWS 32
#define HEAD 512
#define UNROLL _Pragma("unroll")
#define FOR_QR(i) UNROLL for (uint i = 0; i < QR; i++)
#define FOR_QV(j) UNROLL for (uint j = 0; j < QV; j++)

typedef struct state {
  float q[HEAD * ROWS];            /* [head][ROWS] */
  float p[ROWS * MCL_PAGE];        /* scores, then weights */
  float16 o[ROWS][HEAD / 16 + QV]; /* vector v holds columns from first_column(v) on */
  float16 sum[ROWS];               /* l, by lanes */
  float most[ROWS], fade[ROWS];
  uint cached[ROWS]; /* cached keys that each query sees */
  uint seen[ROWS];   /* keys of the block that it sees */
  ulong to[ROWS];    /* where its result goes */
  uint used, rows;   /* queries; the same in whole blocks of QR */
} state;

/* Vectors of a head: the last ends with it, and may repeat columns of the one before. */
static uint vectors(uint head) {
  return (head + 15) / 16;
}
static uint first_column(uint v, uint head) {
  return min(v * 16, head - 16);
}

/* p = q k over a page of K */
static void block_scores(state *s, const __global float *k, uint head) {
  for (uint r = 0; r < s->rows; r += QR)
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
  for (uint r = 0; r < s->rows; r++) {
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
  for (uint r = 0; r < s->rows; r += QR)
    for (uint c = 0; c < vectors(head); c += QV) {
      float16 sum[QR][QV];
      const __global float *from[QV];
      FOR_QV(j)
      from[j] = v + first_column(c + j, head);
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

/* Query r of the group: from q, which has `head` numbers, or none (then nothing is seen). */
static void set_query(state *s, uint r, const __global float *q, uint head) {
  s->most[r] = -FLT_MAX;
  s->sum[r] = 0.0f;
  s->cached[r] = 0;
  for (uint c = 0; c < vectors(head) + QV - 1; c++)
    s->o[r][c] = 0.0f;
  for (uint d = 0; d < head; d++)
    s->q[d * ROWS + r] = q ? q[d] : 0.0f;
}

/* Whether two tiles see pages of the same context. */
static bool alike(const __global int *a, const __global int *b) {
  return a[2] == b[2] && a[5] == b[5] && a[6] == b[6];
}

/* Sets how many keys of the block from key `first` on each query sees. */
static void set_seen(state *s, uint first, bool old, uint fresh) {
  for (uint r = 0; r < s->rows; r++) {
    const uint end = r >= s->used ? 0 : old ? s->cached[r] : fresh;
    s->seen[r] = end > first ? min(end - first, (uint)MCL_PAGE) : 0;
  }
}

/* Pages of K and V from the key/value head on: cached ones and the scratch ones. */
typedef struct sources {
  const __global float *k, *v, *new_k, *new_v;
  size_t k_stride, v_stride, new_k_stride, new_v_stride;
  const __global int *index;
  size_t index_stride;
} sources;

/* All blocks of keys of a tile's context; `most` cached keys are seen by some query. */
static void attend(state *s, const sources *from, const __global int *tile, uint most, uint head,
                   float scale) {
  const uint fresh = (uint)tile[6], old_pages = (most + MCL_PAGE - 1) / MCL_PAGE;
  const uint pages = old_pages + (fresh + MCL_PAGE - 1) / MCL_PAGE;
  for (uint b = 0; b < pages; b++) {
    const bool old = b < old_pages;
    const uint first = (old ? b : b - old_pages) * MCL_PAGE;
    const uint keys = min((old ? most : fresh) - first, (uint)MCL_PAGE);
    const size_t page = old ? (size_t)from->index[((uint)tile[2] + b) * from->index_stride]
                            : (size_t)((uint)tile[5] + b - old_pages);
    set_seen(s, first, old, fresh);
    block_scores(s, old ? from->k + page * from->k_stride : from->new_k + page * from->new_k_stride,
                 head);
    block_softmax(s, scale);
    block_values(s, old ? from->v + page * from->v_stride : from->new_v + page * from->new_v_stride,
                 head, keys);
  }
}

/* groups: blocks of a tile's queries, times tiles / span; key/value heads. A tile has `blocks`
 * blocks of at most ROWS / span queries; one of span and blocks is 1. */
__kernel __attribute__((reqd_work_group_size(1, 1, 1))) void
mcl_attention_rows(MCL_BUF(const float, q), uint q_stride, MCL_BUF(const float, k), uint k_stride,
                   MCL_BUF(const float, v), uint v_stride, MCL_BUF(const float, new_k),
                   uint new_k_stride, MCL_BUF(const float, new_v), uint new_v_stride,
                   MCL_BUF(const int, index), uint index_stride, MCL_BUF(const int, tiles),
                   uint tiles_stride, uint tile_count, MCL_BUF(float, out), uint out_stride,
                   uint heads_per_kv, uint head, float scale, uint span, uint blocks) {
  const uint kv_head = (uint)get_group_id(1);
  const uint first_query = (uint)get_group_id(0) % blocks * ROWS;
  const uint first_tile = (uint)get_group_id(0) / blocks * span;
  const uint end_tile = min(tile_count, first_tile + span);
  const size_t at = (size_t)kv_head * head * MCL_PAGE;
  const sources from = {MCL_PTR(k) + at, MCL_PTR(v) + at, MCL_PTR(new_k) + at, MCL_PTR(new_v) + at,
                        k_stride,        v_stride,        new_k_stride,        new_v_stride,
                        MCL_PTR(index),  index_stride};
  state s;
  for (uint t = first_tile; t < end_tile;) {
    const __global int *tile = MCL_PTR(tiles) + (size_t)t * tiles_stride, *next = tile;
    uint most = 0;
    s.used = 0;
    for (; t < end_tile && alike(tile, next); t++, next += tiles_stride) {
      const uint end = min((uint)next[1] * heads_per_kv, first_query + ROWS / span);
      for (uint query = first_query; query < end; query++) {
        const uint row = query / heads_per_kv, r = s.used++;
        const size_t line = (size_t)(uint)next[0] + row;
        const size_t column = (size_t)(kv_head * heads_per_kv + query % heads_per_kv) * head;
        set_query(&s, r, MCL_PTR(q) + line * q_stride + column, head);
        s.to[r] = line * out_stride + column;
        s.cached[r] = (uint)next[3] + row * (uint)next[4];
        most = max(most, s.cached[r]);
      }
    }
    s.rows = (s.used + QR - 1) / QR * QR;
    for (uint r = s.used; r < s.rows; r++)
      set_query(&s, r, 0, head);
    if (s.used)
      attend(&s, &from, tile, most, head, scale);
    for (uint r = 0; r < s.used; r++) {
      const float sum = mcl_sum16(s.sum[r]);
      for (uint c = 0; c < vectors(head); c++)
        vstore16(s.o[r][c] / sum + 0.0f, 0, MCL_PTR(out) + s.to[r] + first_column(c, head));
    }
  }
}
