/* attention.c - cases of attention: sequences with cached and scratch keys, causal and not. The
 * arrangements put the same rows into other tiles and other places of the batch, the same keys into
 * other pages; one leaves all sequences but the last out. Cells that no row sees are NaN. */
#include "checkcl.h"

#include <math.h>

#include "base/mem.h"

#define SEQUENCES 3
#define FORMS 5
#define MOST 1.5e7 /* multiply-adds of a sequence's scores, so that ref takes a blink */

enum { OTHER_PAGES = 1, SINGLE_ROWS = 2, RANDOM_TILES = 4, BACKWARDS = 8, LAST_ALONE = 16 };

static const unsigned forms[FORMS] = {0, SINGLE_ROWS, RANDOM_TILES | OTHER_PAGES,
                                      RANDOM_TILES | OTHER_PAGES | BACKWARDS, LAST_ALONE};

/* A sequence: what its rows see (as a row of tiles says it), and where things stand. */
typedef struct sequence {
  uint32_t rows, cached, step, scratch;
  uint32_t row, row0;   /* its first row, here and in form 0 */
  uint32_t index, page; /* first entry of the block table, first scratch page */
} sequence;

typedef struct layout {
  sequence seq[SEQUENCES];
  uint32_t first, n; /* sequences [first, n) take part */
  uint32_t rows, entries, scratch_pages;
  uint32_t *page; /* [entries] */
  unsigned form;
} layout;

static uint32_t cached_keys(const sequence *s) {
  return s->cached + (s->rows - 1) * s->step;
}

static uint32_t pages_of(uint32_t keys) {
  return (keys + MCL_PAGE - 1) / MCL_PAGE;
}

static void pick_heads(check_case *c, check_gen *g) {
  static const uint32_t all[][3] = {{2, 2, 16},  {7, 1, 30},  {4, 2, 32}, {3, 3, 72}, {28, 4, 128},
                                    {1, 1, 512}, {14, 2, 64}, {2, 1, 18}, {7, 1, 128}};
  const uint32_t *p = all[g->index % (g->quick ? 3 : 9)];
  c->call.attr.attention.heads = p[0];
  c->call.attr.attention.kv_heads = p[1];
  c->call.attr.attention.head = p[2];
  c->call.attr.attention.scale = (float)(1 / sqrt(p[2]));
}

static sequence draw_sequence(check_gen *g, double row_cost) {
  static const uint32_t rows[] = {1, 3, 8, 20, 65, 129}, past[] = {0, 1, 63, 64, 130, 300};
  static const uint32_t few[] = {1, 2, 9}, short_past[] = {0, 3, 65};
  sequence s = {.rows = g->quick ? CHECK_PICK(&g->values, few) : CHECK_PICK(&g->values, rows)};
  uint32_t before = g->quick ? CHECK_PICK(&g->values, short_past) : CHECK_PICK(&g->values, past);
  while (s.rows > 1 && row_cost * s.rows * (before + s.rows) > MOST)
    s.rows /= 2;
  uint32_t kind = check_below(&g->values, 3);
  s.step = kind == 0;
  s.cached = kind == 0 ? before + 1 : kind == 1 ? before + s.rows : before;
  s.scratch = kind == 2 ? s.rows : 0;
  return s;
}

static void place_sequence(layout *l, sequence *s, uint32_t gap) {
  s->row = l->rows;
  s->index = l->entries;
  s->page = l->scratch_pages + gap;
  l->rows += s->rows;
  l->entries += pages_of(cached_keys(s));
  l->scratch_pages += gap + pages_of(s->scratch);
}

static layout draw(check_case *c, check_gen *g) {
  layout l = {.n = 1 + check_below(&g->values, SEQUENCES), .form = forms[g->form]};
  double cost = c->call.attr.attention.heads * (double)c->call.attr.attention.head;
  uint32_t row = 0;
  for (uint32_t i = 0; i < l.n; i++) {
    l.seq[i] = draw_sequence(g, cost);
    l.seq[i].row0 = row;
    row += l.seq[i].rows;
  }
  l.first = l.form & LAST_ALONE ? l.n - 1 : 0;
  for (uint32_t i = l.first; i < l.n; i++)
    place_sequence(&l, &l.seq[l.form & BACKWARDS ? l.n - 1 - i : i], l.form & OTHER_PAGES);
  l.page = mcl_alloc(l.entries, sizeof *l.page);
  for (uint32_t i = 0; l.page && i < l.entries; i++) {
    uint32_t j = l.form & OTHER_PAGES ? check_below(&g->layout, i + 1) : i;
    l.page[i] = l.page[j];
    l.page[j] = i;
  }
  c->failed |= !l.page;
  return l;
}

/* The cell of element d of head h of K (which 0) or V (which 1). */
static size_t cell_at(const check_case *c, int which, uint32_t h, uint32_t d, uint32_t cell) {
  uint32_t head = c->call.attr.attention.head;
  return which ? ((size_t)h * MCL_PAGE + cell) * head + d
               : ((size_t)h * head + d) * MCL_PAGE + cell;
}

/* Draw one key or value; store it unless its sequence takes no part. */
static void draw_key(check_case *c, check_gen *g, const layout *l, const sequence *s, uint32_t key,
                     int which) {
  bool part = s >= &l->seq[l->first] && !c->failed, cached = key < cached_keys(s);
  uint32_t at = cached ? key : key - cached_keys(s), page = at / MCL_PAGE;
  float *to = NULL;
  if (part && cached)
    to = check_row(&c->in[1 + which], l->page[s->index + page]);
  else if (part)
    to = check_row(&c->in[3 + which], s->page + page);
  for (uint32_t h = 0; h < c->call.attr.attention.kv_heads; h++)
    for (uint32_t d = 0; d < c->call.attr.attention.head; d++) {
      float x = (float)check_normal(&g->values);
      if (to)
        to[cell_at(c, which, h, d, at % MCL_PAGE)] = x;
    }
}

static void draw_keys(check_case *c, check_gen *g, const layout *l) {
  for (uint32_t i = 0; i < l->n; i++)
    for (uint32_t k = 0; k < cached_keys(&l->seq[i]) + l->seq[i].scratch; k++) {
      draw_key(c, g, l, &l->seq[i], k, 0);
      draw_key(c, g, l, &l->seq[i], k, 1);
    }
}

/* Queries; in large cases six times as far from 0, so that a few keys take nearly all weight. */
static void draw_queries(check_case *c, check_gen *g, const layout *l) {
  double scale = check_kind_of(g) == CHECK_LARGE       ? 6
                 : check_kind_of(g) == CHECK_NEAR_ZERO ? 1e-6
                                                       : 1;
  for (uint32_t i = 0; i < l->n; i++)
    for (uint32_t r = 0; r < l->seq[i].rows; r++)
      for (uint32_t d = 0; d < c->in[0].op.cols; d++) {
        float x = (float)(scale * check_normal(&g->values));
        if (i >= l->first && !c->failed)
          check_row(&c->in[0], l->seq[i].row + r)[d] = x;
      }
}

/* Rows of the next tile of a sequence that has `left` rows left. */
static uint32_t tile_rows(uint64_t *state, const layout *l, uint32_t left) {
  uint32_t n = l->form & SINGLE_ROWS    ? 1
               : l->form & RANDOM_TILES ? 1 + check_below(state, MCL_TILE_ROWS)
                                        : MCL_TILE_ROWS;
  return n < left ? n : left;
}

/* Write the tiles of all sequences, or just count them (t NULL): equal states, equal tiles. */
static uint32_t tiles(uint64_t state, const layout *l, const check_tensor *t) {
  uint32_t n = 0;
  for (uint32_t i = l->first; i < l->n; i++) {
    const sequence *s = &l->seq[l->form & BACKWARDS ? l->n - 1 - i : i];
    for (uint32_t r = 0, rows; r < s->rows; r += rows, n++) {
      rows = tile_rows(&state, l, s->rows - r);
      int32_t tile[8] = {(int32_t)(s->row + r), (int32_t)rows,
                         (int32_t)s->index,     (int32_t)(s->cached + r * s->step),
                         (int32_t)s->step,      (int32_t)s->page,
                         (int32_t)s->scratch,   0};
      for (int k = 0; k < 8 && t && t->data; k++)
        check_ids(t, n)[k] = tile[k];
    }
  }
  return n;
}

static void place_all(check_case *c, check_gen *g, layout *l) {
  uint32_t cols = c->call.attr.attention.heads * c->call.attr.attention.head;
  uint32_t page = c->call.attr.attention.kv_heads * c->call.attr.attention.head * MCL_PAGE;
  check_place(c, g, &c->in[0], MCL_F32, l->rows, cols);
  for (int i = 0; i < 2 && l->entries; i++)
    check_place(c, g, &c->in[1 + i], MCL_F32, l->entries, page);
  for (int i = 0; i < 2 && l->scratch_pages; i++)
    check_place(c, g, &c->in[3 + i], MCL_F32, l->scratch_pages, page);
  if (l->entries)
    check_place(c, g, &c->in[5], MCL_I32, l->entries, 1);
  for (uint32_t i = 0; i < l->entries && !c->failed; i++)
    *check_ids(&c->in[5], i) = (int32_t)l->page[i];
  uint64_t state = g->layout;
  check_place(c, g, &c->in[6], MCL_I32, tiles(state, l, NULL), 8);
  tiles(state, l, &c->in[6]);
  check_place(c, g, &c->out, MCL_F32, l->rows, cols);
}

static void map_rows(check_case *c, const layout *l) {
  c->row_of = mcl_alloc(l->rows, sizeof *c->row_of);
  c->failed |= !c->row_of;
  for (uint32_t i = l->first; i < l->n && c->row_of; i++)
    for (uint32_t r = 0; r < l->seq[i].rows; r++)
      c->row_of[l->seq[i].row + r] = l->seq[i].row0 + r;
}

static void describe(check_case *c, const layout *l) {
  size_t used =
      (size_t)snprintf(c->text, sizeof c->text, "heads %u/%u of %u", c->call.attr.attention.heads,
                       c->call.attr.attention.kv_heads, c->call.attr.attention.head);
  double keys = 0;
  for (uint32_t i = 0; i < l->n && used < sizeof c->text; i++) {
    const sequence *s = &l->seq[i];
    used += (size_t)snprintf(c->text + used, sizeof c->text - used, "; %u rows, %u%s + %u keys",
                             s->rows, s->cached, s->step ? "..." : "", s->scratch);
    keys += (double)s->rows * (s->cached + s->scratch + s->step * (s->rows - 1) / 2.0);
  }
  c->flops = 4 * keys * c->call.attr.attention.heads * c->call.attr.attention.head;
}

static void make(check_case *c, check_gen *g) {
  pick_heads(c, g);
  layout l = draw(c, g);
  place_all(c, g, &l);
  draw_keys(c, g, &l);
  draw_queries(c, g, &l);
  map_rows(c, &l);
  describe(c, &l);
  mcl_free(l.page);
  if (check_kind_of(g) == CHECK_LARGE) {
    c->nrms *= 5;
    c->worst *= 5;
  }
}

/* Large cases have five times the bound: a score of size s is off by s * 2^-24 or more, and its
 * weight by that fraction. */
const check_op check_op_ATTENTION = {CHECK_NRMS, CHECK_WORST, 36, FORMS, 0, make, CHECK_NO_BANDS};
