/* segment.c - the tables of a pass from its segments. */
#include "graph/segment.h"

#include <string.h>

#include "base/mem.h"

#define UNSET INT32_MIN

static uint32_t pages_for(uint32_t keys) {
  return keys / MCL_PAGE + (keys % MCL_PAGE != 0);
}

/* Keys of the sequence that stand in pages once the segment's have been written there. */
static uint32_t cached_end(const mcl_segment *s) {
  return s->kind == MCL_NOISE ? s->key : s->key + s->length;
}

static uint32_t tiles_of(const mcl_segment *s) {
  uint32_t n = 0;
  for (unsigned i = 0; i < s->spans; i++)
    n += s->span[i].rows / MCL_TILE_ROWS + (s->span[i].rows % MCL_TILE_ROWS != 0);
  return n;
}

static int check(const mcl_segment *s, const mcl_block_table *block_table, size_t block_tables,
                 uint32_t rows, motcl_err *err) {
  uint64_t sum = 0;
  if (s->sequence >= block_tables || s->spans > MCL_SEGMENT_SPANS)
    return mcl_fail(err, MOTCL_EINTERNAL, "a segment names no sequence of its pass");
  for (unsigned i = 0; i < s->spans; i++) {
    const mcl_span *p = &s->span[i];
    if (p->first != sum || p->row > rows || p->rows > rows - p->row)
      return mcl_fail(err, MOTCL_EINTERNAL, "the spans of a segment do not follow each other");
    sum += p->rows;
  }
  if (sum != s->length || (uint64_t)s->key + s->length > INT32_MAX / 2 ||
      (uint64_t)s->position + s->length > INT32_MAX / 2)
    return mcl_fail(err, MOTCL_EINTERNAL, "a segment's spans do not add up to its length");
  if (pages_for(cached_end(s)) > block_table[s->sequence].pages)
    return mcl_fail(err, MOTCL_EINTERNAL, "a sequence lacks pages for its keys");
  return MOTCL_OK;
}

/* Allocate for what the segments need, and lay the block tables one after the other. */
static int reserve(mcl_tables *t, const mcl_segment *segment, size_t n,
                   const mcl_block_table *block_table, size_t block_tables, uint32_t rows,
                   motcl_err *err) {
  size_t tiles = 0, pages = 0;
  for (size_t i = 0; i < n; i++)
    tiles += tiles_of(&segment[i]);
  for (size_t i = 0; i < block_tables; i++)
    pages += block_table[i].pages;
  t->rows = rows;
  t->slot = mcl_alloc(rows, sizeof *t->slot);
  t->position = mcl_zalloc(rows, sizeof *t->position);
  t->tile = mcl_zalloc(tiles, 8 * sizeof *t->tile);
  t->page = mcl_alloc(pages, sizeof *t->page);
  if (!t->slot || !t->position || !t->tile || !t->page || pages > INT32_MAX)
    return mcl_fail_nomem(err, (size_t)rows * 8 + tiles * 32 + pages * 4);
  for (uint32_t r = 0; r < rows; r++)
    t->slot[r] = UNSET;
  for (size_t i = 0; i < block_tables; i++)
    for (uint32_t k = 0; k < block_table[i].pages; k++)
      t->page[t->pages++] = (int32_t)block_table[i].page[k];
  return MOTCL_OK;
}

static void put_tile(mcl_tables *t, const mcl_segment *s, uint32_t row, uint32_t rows,
                     uint32_t first, uint32_t first_page, uint32_t first_scratch) {
  int32_t *tile = t->tile + 8 * (size_t)t->tiles++;
  uint32_t keys = s->kind == MCL_CAUSAL ? s->key + first + 1 : cached_end(s);
  tile[0] = (int32_t)row;
  tile[1] = (int32_t)rows;
  tile[2] = (int32_t)first_page;
  tile[3] = (int32_t)keys;
  tile[4] = s->kind == MCL_CAUSAL;
  tile[5] = (int32_t)first_scratch;
  tile[6] = s->kind == MCL_NOISE ? (int32_t)s->length : 0;
  for (uint32_t i = 0; i < rows; i++)
    t->keys += keys + (uint32_t)tile[6] + (s->kind == MCL_CAUSAL ? i : 0);
}

static int put_segment(mcl_tables *t, const mcl_segment *s, const mcl_block_table *q,
                       uint32_t first_page, motcl_err *err) {
  uint32_t scratch = t->scratch_pages;
  if (s->kind == MCL_NOISE)
    t->scratch_pages += pages_for(s->length);
  for (unsigned i = 0; i < s->spans; i++) {
    const mcl_span *p = &s->span[i];
    for (uint32_t r = 0; r < p->rows; r++) {
      uint32_t at = p->first + r, key = s->key + at;
      if (t->slot[p->row + r] != UNSET)
        return mcl_fail(err, MOTCL_EINTERNAL, "two segments claim row %u", p->row + r);
      t->slot[p->row + r] = s->kind == MCL_NOISE
                                ? -1 - (int32_t)(scratch * MCL_PAGE + at)
                                : (int32_t)(q->page[key / MCL_PAGE] * MCL_PAGE + key % MCL_PAGE);
      t->position[p->row + r] = (int32_t)(s->position + at * s->advance);
    }
    for (uint32_t r = 0; r < p->rows; r += MCL_TILE_ROWS)
      put_tile(t, s, p->row + r, p->rows - r < MCL_TILE_ROWS ? p->rows - r : MCL_TILE_ROWS,
               p->first + r, first_page, scratch);
  }
  return MOTCL_OK;
}

int mcl_tables_init(mcl_tables *t, const mcl_segment *segment, size_t n,
                    const mcl_block_table *block_table, size_t block_tables, uint32_t rows,
                    motcl_err *err) {
  memset(t, 0, sizeof *t);
  int rc = MOTCL_OK;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = check(&segment[i], block_table, block_tables, rows, err);
  if (rc == MOTCL_OK)
    rc = reserve(t, segment, n, block_table, block_tables, rows, err);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    uint32_t first_page = 0;
    for (uint32_t k = 0; k < segment[i].sequence; k++)
      first_page += block_table[k].pages;
    rc = put_segment(t, &segment[i], &block_table[segment[i].sequence], first_page, err);
  }
  for (uint32_t r = 0; rc == MOTCL_OK && r < rows; r++)
    if (t->slot[r] == UNSET)
      rc = mcl_fail(err, MOTCL_EINTERNAL, "row %u of the batch belongs to no segment", r);
  if (rc != MOTCL_OK)
    mcl_tables_finish(t);
  else if (rows)
    t->keys /= rows;
  return rc;
}

void mcl_tables_finish(mcl_tables *t) {
  mcl_free(t->slot);
  mcl_free(t->position);
  mcl_free(t->tile);
  mcl_free(t->page);
  memset(t, 0, sizeof *t);
}
