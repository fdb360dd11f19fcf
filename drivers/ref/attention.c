/* attention.c - keys and values in pages, and attention over them. */
#include "drivers/ref/ref.h"

#include <math.h>

static uint32_t page_cols(const mcl_call *call) {
  return call->attr.attention.kv_heads * call->attr.attention.head * MCL_PAGE;
}

/* What ops.h says of heads, before any size is computed from them. */
static mcl_ref_check begin(const mcl_call *call, motcl_err *err) {
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  uint32_t head = call->attr.attention.head, kv = call->attr.attention.kv_heads;
  mcl_ref_require(&k, head >= 16 && head <= 512 && head % 2 == 0,
                  "the head is not 16 .. 512, even");
  mcl_ref_require(&k, kv && kv <= 4096, "no such number of key/value heads");
  return k;
}

static void check_pages(mcl_ref_check *k, const char *what, const mcl_operand *pages) {
  if (k->rc == MOTCL_OK && pages->buf)
    mcl_ref_operand(k, what, pages, MCL_F32, pages->rows, page_cols(k->call));
}

/* Row x, [kv_heads * head], into cell `cell` of a page. */
static void put_row(float *page, const float *x, const mcl_call *call, uint32_t cell) {
  uint32_t head = call->attr.attention.head, n = call->attr.attention.kv_heads * head;
  for (uint32_t c = 0; c < n; c++) {
    size_t at = call->attr.attention.transposed
                    ? (size_t)c * MCL_PAGE + cell
                    : ((size_t)(c / head) * MCL_PAGE + cell) * head + c % head;
    page[at] = x[c];
  }
}

int mcl_ref_KV_PUT(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *slot = &call->in[1];
  mcl_ref_check k = begin(call, err);
  if (k.rc == MOTCL_OK)
    mcl_ref_operand(&k, "x", x, MCL_F32, x->rows,
                    call->attr.attention.kv_heads * call->attr.attention.head);
  mcl_ref_operand(&k, "the slots", slot, MCL_I32, x->rows, 1);
  check_pages(&k, "the scratch pages", &call->in[2]);
  check_pages(&k, "the cached pages", &call->out);
  for (uint32_t r = 0; k.rc == MOTCL_OK && r < x->rows; r++) {
    int32_t p = *mcl_ref_ids(slot, r);
    const mcl_operand *pages = p < 0 ? &call->in[2] : &call->out;
    uint32_t cell = p < 0 ? (uint32_t)(-1 - p) : (uint32_t)p;
    mcl_ref_require(&k, pages->buf && cell / MCL_PAGE < pages->rows, "a slot is outside the pages");
  }
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < x->rows; r++) {
    int32_t p = *mcl_ref_ids(slot, r);
    const mcl_operand *pages = p < 0 ? &call->in[2] : &call->out;
    uint32_t cell = p < 0 ? (uint32_t)(-1 - p) : (uint32_t)p;
    put_row(mcl_ref_row(pages, cell / MCL_PAGE), mcl_ref_row(x, r), call, cell % MCL_PAGE);
  }
  return MOTCL_OK;
}

int mcl_ref_KV_COPY(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *pairs = &call->in[0], *pages = &call->out;
  mcl_ref_check k = begin(call, err);
  mcl_ref_operand(&k, "the pairs", pairs, MCL_I32, pairs->rows, 2);
  mcl_ref_require(&k, pages->buf != NULL, "the pages are absent");
  check_pages(&k, "the pages", pages);
  for (uint32_t r = 0; k.rc == MOTCL_OK && r < pairs->rows; r++)
    for (int i = 0; i < 2; i++) {
      int32_t p = mcl_ref_ids(pairs, r)[i];
      mcl_ref_require(&k, p >= 0 && (uint32_t)p < pages->rows, "a page is outside the pages");
    }
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < pairs->rows; r++) {
    const int32_t *p = mcl_ref_ids(pairs, r);
    memmove(mcl_ref_row(pages, (size_t)p[1]), mcl_ref_row(pages, (size_t)p[0]),
            pages->cols * sizeof(float));
  }
  return MOTCL_OK;
}

/* A row of the tiles operand, by name. */
typedef struct tile {
  uint32_t first, rows, index, cached, step, scratch, scratch_keys;
} tile;

static tile tile_at(const mcl_operand *tiles, size_t r) {
  const int32_t *t = mcl_ref_ids(tiles, r);
  tile out = {(uint32_t)t[0], (uint32_t)t[1], (uint32_t)t[2], (uint32_t)t[3],
              (uint32_t)t[4], (uint32_t)t[5], (uint32_t)t[6]};
  return out;
}

static uint64_t pages_of(uint64_t keys) {
  return (keys + MCL_PAGE - 1) / MCL_PAGE;
}

static void check_tile(mcl_ref_check *k, size_t r) {
  const mcl_call *call = k->call;
  const mcl_operand *in = call->in, *index = &in[5];
  for (int i = 0; i < 7; i++)
    mcl_ref_require(k, mcl_ref_ids(&in[6], r)[i] >= 0, "a tile has a negative number");
  tile t = tile_at(&in[6], r);
  uint64_t most = (uint64_t)t.cached + (uint64_t)(t.rows - 1) * t.step;
  mcl_ref_require(k, t.rows >= 1 && t.rows <= MCL_TILE_ROWS, "a tile has too many rows or none");
  mcl_ref_require(k, (uint64_t)t.first + t.rows <= call->out.rows, "a tile passes the last row");
  mcl_ref_require(k, t.step <= 1 && t.cached + t.scratch_keys > 0, "a tile's row sees no key");
  mcl_ref_require(k, !t.scratch_keys || (in[3].buf && in[4].buf), "scratch pages are absent");
  mcl_ref_require(k, !t.scratch_keys || t.scratch + pages_of(t.scratch_keys) <= in[3].rows,
                  "a tile passes the scratch pages");
  mcl_ref_require(k, !most || (in[1].buf && in[2].buf && index->buf), "cached pages are absent");
  mcl_ref_require(k, !most || t.index + pages_of(most) <= index->rows,
                  "a tile passes the block table");
  for (uint64_t i = 0; k->rc == MOTCL_OK && i < pages_of(most); i++) {
    int32_t page = *mcl_ref_ids(index, (size_t)(t.index + i));
    mcl_ref_require(k, page >= 0 && (uint32_t)page < in[1].rows, "a page is outside the pages");
  }
}

static int check_attention(const mcl_call *call, motcl_err *err) {
  const mcl_operand *in = call->in, *out = &call->out;
  uint32_t heads = call->attr.attention.heads, kv = call->attr.attention.kv_heads;
  mcl_ref_check k = begin(call, err);
  mcl_ref_require(&k, heads && heads <= 4096 && heads % kv == 0,
                  "the heads are no multiple of the key/value heads");
  if (k.rc != MOTCL_OK)
    return k.rc;
  mcl_ref_operand(&k, "q", &in[0], MCL_F32, out->rows, heads * call->attr.attention.head);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, in[0].cols);
  for (int i = 1; i < 5; i++)
    check_pages(&k, "a page set", &in[i]);
  mcl_ref_require(&k, in[1].rows == in[2].rows && in[3].rows == in[4].rows,
                  "k and v have different numbers of pages");
  if (in[5].buf)
    mcl_ref_operand(&k, "the block table", &in[5], MCL_I32, in[5].rows, 1);
  mcl_ref_operand(&k, "the tiles", &in[6], MCL_I32, in[6].rows, 8);
  for (uint32_t r = 0; k.rc == MOTCL_OK && r < in[6].rows; r++)
    check_tile(&k, r);
  return k.rc;
}

/* The pages that one row sees, in the order of its keys. */
typedef struct keys {
  const mcl_call *call;
  tile t;
  uint32_t cached; /* keys in cached pages */
} keys;

static uint64_t keys_count(const keys *s) {
  return (uint64_t)s->cached + s->t.scratch_keys;
}

/* The page that key j lies in (of K: which 0, of V: which 1), its cell in *cell, and in *run the
 * keys from j on that lie in that page and are seen. */
static const float *keys_page(const keys *s, uint64_t j, int which, uint32_t *cell, uint64_t *run) {
  const mcl_operand *in = s->call->in;
  bool cached = j < s->cached;
  uint64_t at = cached ? j : j - s->cached, end = cached ? s->cached : s->t.scratch_keys;
  *cell = (uint32_t)(at % MCL_PAGE);
  *run = end - at < MCL_PAGE - *cell ? end - at : MCL_PAGE - *cell;
  size_t page = (size_t)(at / MCL_PAGE);
  if (!cached)
    return mcl_ref_row(&in[3 + which], s->t.scratch + page);
  return mcl_ref_row(&in[1 + which], (size_t)*mcl_ref_ids(&in[5], s->t.index + page));
}

/* score[j] = scale * q . k_j */
static void scores(double *score, const keys *s, const float *q, uint32_t kv_head) {
  uint32_t head = s->call->attr.attention.head, cell;
  uint64_t run;
  for (uint64_t j = 0; j < keys_count(s); j += run) {
    const float *k = keys_page(s, j, 0, &cell, &run) + (size_t)kv_head * head * MCL_PAGE + cell;
    for (uint64_t i = 0; i < run; i++)
      score[j + i] = 0;
    for (uint32_t d = 0; d < head; d++)
      for (uint64_t i = 0; i < run; i++)
        score[j + i] += (double)q[d] * (double)k[(size_t)d * MCL_PAGE + i];
    for (uint64_t i = 0; i < run; i++)
      score[j + i] *= (double)s->call->attr.attention.scale;
  }
}

/* Scores become weights that sum to 1. */
static void softmax(double *p, uint64_t n) {
  double most = p[0], sum = 0;
  for (uint64_t j = 1; j < n; j++)
    most = p[j] > most ? p[j] : most;
  for (uint64_t j = 0; j < n; j++)
    sum += p[j] = exp(p[j] - most);
  for (uint64_t j = 0; j < n; j++)
    p[j] /= sum;
}

/* out = sum of p[j] v_j */
static void mix(float *out, const double *p, const keys *s, uint32_t kv_head) {
  double sum[512] = {0};
  uint32_t head = s->call->attr.attention.head, cell;
  uint64_t run;
  for (uint64_t j = 0; j < keys_count(s); j += run) {
    const float *v = keys_page(s, j, 1, &cell, &run) + ((size_t)kv_head * MCL_PAGE + cell) * head;
    for (uint64_t i = 0; i < run; i++)
      for (uint32_t d = 0; d < head; d++)
        sum[d] += p[j + i] * (double)v[i * head + d];
  }
  for (uint32_t d = 0; d < head; d++)
    out[d] = (float)sum[d];
}

static void attend_row(const keys *s, uint32_t row, double *p) {
  const mcl_call *call = s->call;
  uint32_t head = call->attr.attention.head;
  uint32_t group = call->attr.attention.heads / call->attr.attention.kv_heads;
  for (uint32_t h = 0; h < call->attr.attention.heads; h++) {
    scores(p, s, mcl_ref_row(&call->in[0], row) + (size_t)h * head, h / group);
    softmax(p, keys_count(s));
    mix(mcl_ref_row(&call->out, row) + (size_t)h * head, p, s, h / group);
  }
}

int mcl_ref_ATTENTION(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  int rc = check_attention(call, err);
  if (rc != MOTCL_OK)
    return rc;
  uint64_t most = 0;
  for (uint32_t r = 0; r < call->in[6].rows; r++) {
    tile t = tile_at(&call->in[6], r);
    uint64_t n = (uint64_t)t.cached + (uint64_t)(t.rows - 1) * t.step + t.scratch_keys;
    most = n > most ? n : most;
  }
  double *p = mcl_alloc((size_t)most, sizeof *p);
  if (!p)
    return mcl_fail_nomem(err, (size_t)most * sizeof *p);
  for (uint32_t r = 0; r < call->in[6].rows; r++) {
    keys s = {call, tile_at(&call->in[6], r), 0};
    for (uint32_t i = 0; i < s.t.rows; i++) {
      s.cached = s.t.cached + i * s.t.step;
      attend_row(&s, s.t.first + i, p);
    }
  }
  mcl_free(p);
  return MOTCL_OK;
}
