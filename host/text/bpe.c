/* bpe.c - merges over a linked list of symbols, the next one found by a heap. */
#include "text/bpe.h"

#include "base/mem.h"

#define NONE UINT32_MAX

bool mcl_ids_put(mcl_ids *ids, uint32_t id) {
  if (!mcl_grow((void **)&ids->v, &ids->cap, ids->n, sizeof *ids->v))
    return false;
  ids->v[ids->n++] = id;
  return true;
}

static uint64_t pair_key(uint32_t left, uint32_t right) {
  return (uint64_t)left << 32 | right;
}

int mcl_bpe_put(mcl_bpe *b, uint32_t left, uint32_t right, uint32_t merged, motcl_err *err) {
  uint64_t key = pair_key(left, right);
  if (mcl_map64_get(&b->ranks, key) != MCL_MAP64_NONE)
    return mcl_fail(err, MOTCL_EFORMAT, "merge %zu is there twice", b->merges + 1);
  if (!mcl_grow((void **)&b->merged, &b->cap, b->merges, sizeof *b->merged) ||
      !mcl_map64_put(&b->ranks, key, (uint32_t)b->merges))
    return mcl_fail_nomem(err, b->cap * 2 * sizeof *b->merged);
  b->merged[b->merges++] = merged;
  return MOTCL_OK;
}

void mcl_bpe_free(mcl_bpe *b) {
  mcl_map64_free(&b->ranks);
  mcl_free(b->merged);
  b->merged = NULL;
  b->merges = b->cap = 0;
}

void mcl_bpe_work_free(mcl_bpe_work *w) {
  mcl_free(w->symbol);
  mcl_free(w->before);
  mcl_free(w->after);
  mcl_free(w->heap);
  mcl_free(w->late);
  *w = (mcl_bpe_work){0};
}

static int work_reserve(mcl_bpe_work *w, size_t n, motcl_err *err) {
  if (n <= w->cap)
    return MOTCL_OK;
  mcl_bpe_work_free(w);
  size_t cap = n < 64 ? 64 : n + n / 2;
  w->symbol = mcl_alloc(cap, sizeof *w->symbol);
  w->before = mcl_alloc(cap, sizeof *w->before);
  w->after = mcl_alloc(cap, sizeof *w->after);
  /* n - 1 pairs to begin with, and each of at most n - 1 merges makes two. */
  w->heap = mcl_alloc(cap, 3 * sizeof *w->heap);
  w->late = mcl_alloc(cap, 2 * sizeof *w->late);
  if (!w->symbol || !w->before || !w->after || !w->heap || !w->late) {
    mcl_bpe_work_free(w);
    return mcl_fail_nomem(err, cap * 44);
  }
  w->cap = cap;
  return MOTCL_OK;
}

static void heap_sink(mcl_bpe_work *w, size_t at) {
  uint64_t key = w->heap[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= w->heap_len)
      break;
    if (child + 1 < w->heap_len && w->heap[child + 1] < w->heap[child])
      child++;
    if (w->heap[child] >= key)
      break;
    w->heap[at] = w->heap[child];
    at = child;
  }
  w->heap[at] = key;
}

static void heap_push(mcl_bpe_work *w, uint64_t key) {
  size_t at = w->heap_len++;
  while (at && w->heap[(at - 1) / 2] > key) {
    w->heap[at] = w->heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  w->heap[at] = key;
}

static uint64_t heap_pop(mcl_bpe_work *w) {
  uint64_t top = w->heap[0];
  w->heap[0] = w->heap[--w->heap_len];
  if (w->heap_len)
    heap_sink(w, 0);
  return top;
}

/* Rank of the pair whose left symbol stands at place i, NONE if it has none (any more). */
static uint32_t rank_at(const mcl_bpe *b, const mcl_bpe_work *w, uint32_t i) {
  if (w->symbol[i] == NONE || w->after[i] == NONE)
    return NONE;
  return mcl_map64_get(&b->ranks, pair_key(w->symbol[i], w->symbol[w->after[i]]));
}

static void start(const mcl_bpe *b, mcl_bpe_work *w, const char *word, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    w->symbol[i] = b->byte_id[(unsigned char)word[i]];
    w->before[i] = i ? i - 1 : NONE;
    w->after[i] = i + 1 < n ? i + 1 : NONE;
  }
  w->heap_len = 0;
  for (uint32_t i = 0; i + 1 < n; i++) {
    uint32_t rank = rank_at(b, w, i);
    if (rank != NONE)
      w->heap[w->heap_len++] = (uint64_t)rank << 32 | i;
  }
  for (size_t i = w->heap_len / 2; i-- > 0;)
    heap_sink(w, i);
}

static void merge(mcl_bpe_work *w, uint32_t i, uint32_t merged) {
  uint32_t gone = w->after[i];
  w->symbol[i] = merged;
  w->symbol[gone] = NONE;
  w->after[i] = w->after[gone];
  if (w->after[i] != NONE)
    w->before[w->after[i]] = i;
  w->late[w->late_len++] = i;
  if (w->before[i] != NONE)
    w->late[w->late_len++] = w->before[i];
}

/* All pairs of the lowest rank, by place; an entry whose pair has changed meanwhile is stale. */
static void merge_lowest(const mcl_bpe *b, mcl_bpe_work *w) {
  uint32_t rank = (uint32_t)(w->heap[0] >> 32);
  w->late_len = 0;
  while (w->heap_len && w->heap[0] >> 32 == rank) {
    uint32_t i = (uint32_t)heap_pop(w);
    if (rank_at(b, w, i) == rank)
      merge(w, i, b->merged[rank]);
  }
  for (size_t k = 0; k < w->late_len; k++) {
    uint32_t next = rank_at(b, w, w->late[k]);
    if (next != NONE)
      heap_push(w, (uint64_t)next << 32 | w->late[k]);
  }
}

int mcl_bpe_encode(const mcl_bpe *b, mcl_bpe_work *w, const char *word, size_t n, mcl_ids *out,
                   motcl_err *err) {
  int rc = work_reserve(w, n, err);
  if (rc)
    return rc;
  start(b, w, word, (uint32_t)n);
  while (w->heap_len)
    merge_lowest(b, w);
  for (uint32_t i = 0; i != NONE; i = w->after[i]) {
    if (!mcl_ids_put(out, w->symbol[i]))
      return mcl_fail_nomem(err, out->cap * 2 * sizeof *out->v);
  }
  return MOTCL_OK;
}
