/* graph_segment.c - tests of host/graph/segment.h: tables by hand, the rule of who sees whom on
 * random passes, and segments that contradict each other. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "graph/segment.h"
#include "tests/unit/toy.h"

static void expect_tile(const mcl_tables *t, uint32_t i, const int32_t *want) {
  assert_in_range(i, 0, t->tiles - 1);
  for (uint32_t k = 0; k < 8; k++)
    assert_int_equal(t->tile[8 * i + k], want[k]);
}

static void text_over_a_page_border(void **state) {
  (void)state;
  const uint32_t pages[] = {5, 9};
  mcl_segment s = {.kind = MCL_CAUSAL, .position = 40, .advance = 1, .key = 60, .length = 10};
  s.spans = 1;
  s.span[0] = (mcl_span){0, 10, 0};
  mcl_tables t;
  assert_int_equal(mcl_tables_init(&t, &s, 1, &(mcl_block_table){pages, 2}, 1, 10, NULL), MOTCL_OK);
  assert_int_equal(t.rows, 10);
  assert_int_equal(t.tiles, 2);
  assert_int_equal(t.pages, 2);
  assert_int_equal(t.scratch_pages, 0);
  for (int r = 0; r < 10; r++) {
    assert_int_equal(t.slot[r], r < 4 ? 5 * 64 + 60 + r : 9 * 64 + r - 4);
    assert_int_equal(t.position[r], 40 + r);
  }
  expect_tile(&t, 0, (int32_t[]){0, 8, 0, 61, 1, 0, 0, 0});
  expect_tile(&t, 1, (int32_t[]){8, 2, 0, 69, 1, 0, 0, 0});
  assert_true(t.keys == 65.5);
  mcl_tables_finish(&t);
}

/* Markers are und rows at the front of the batch, latents gen rows after them. */
static void picture_in_three_spans(void **state) {
  (void)state;
  const uint32_t pages[] = {2};
  mcl_segment s = {.kind = MCL_FULL, .position = 7, .advance = 0, .key = 3, .length = 12};
  s.spans = 3;
  s.span[0] = (mcl_span){0, 1, 0};
  s.span[1] = (mcl_span){2, 10, 1};
  s.span[2] = (mcl_span){1, 1, 11};
  mcl_tables t;
  assert_int_equal(mcl_tables_init(&t, &s, 1, &(mcl_block_table){pages, 1}, 1, 12, NULL), MOTCL_OK);
  assert_int_equal(t.slot[0], 128 + 3);
  assert_int_equal(t.slot[1], 128 + 14);
  for (int r = 2; r < 12; r++)
    assert_int_equal(t.slot[r], 128 + 4 + r - 2);
  for (int r = 0; r < 12; r++)
    assert_int_equal(t.position[r], 7);
  assert_int_equal(t.tiles, 4);
  expect_tile(&t, 0, (int32_t[]){0, 1, 0, 15, 0, 0, 0, 0});
  expect_tile(&t, 1, (int32_t[]){2, 8, 0, 15, 0, 0, 0, 0});
  expect_tile(&t, 2, (int32_t[]){10, 2, 0, 15, 0, 0, 0, 0});
  expect_tile(&t, 3, (int32_t[]){1, 1, 0, 15, 0, 0, 0, 0});
  assert_true(t.keys == 15);
  mcl_tables_finish(&t);
}

static void noise_stands_in_scratch_pages(void **state) {
  (void)state;
  const uint32_t first[] = {4, 1}, second[] = {8};
  mcl_block_table q[] = {{first, 2}, {NULL, 0}, {second, 1}};
  mcl_segment s[] = {{.sequence = 0, .kind = MCL_NOISE, .position = 9, .key = 65, .length = 70},
                     {.sequence = 1, .kind = MCL_NOISE, .position = 0, .key = 0, .length = 3},
                     {.sequence = 2, .kind = MCL_NOISE, .position = 2, .key = 1, .length = 2}};
  uint32_t row = 0;
  for (int i = 0; i < 3; i++) {
    s[i].spans = 1;
    s[i].span[0] = (mcl_span){row, s[i].length, 0};
    row += s[i].length;
  }
  mcl_tables t;
  assert_int_equal(mcl_tables_init(&t, s, 3, q, 3, row, NULL), MOTCL_OK);
  assert_int_equal(t.scratch_pages, 4);
  assert_int_equal(t.pages, 3);
  assert_int_equal(t.page[2], 8);
  assert_int_equal(t.slot[0], -1);
  assert_int_equal(t.slot[69], -1 - 69);
  assert_int_equal(t.slot[70], -1 - 128);
  assert_int_equal(t.slot[73], -1 - 192);
  expect_tile(&t, 0, (int32_t[]){0, 8, 0, 65, 0, 0, 70, 0});
  expect_tile(&t, 8, (int32_t[]){64, 6, 0, 65, 0, 0, 70, 0});
  expect_tile(&t, 9, (int32_t[]){70, 3, 2, 0, 0, 2, 3, 0});
  expect_tile(&t, 10, (int32_t[]){73, 2, 2, 1, 0, 3, 2, 0});
  mcl_tables_finish(&t);
}

/* --- The rule itself, on random passes: every row's keys are listed from the tables and from the
 * definition, and must be the same cells in the same order. --- */

enum { SEQUENCES = 3, SEGMENTS = 6, PAGES = 8, MOST_KEYS = PAGES * MCL_PAGE };

typedef struct pass {
  mcl_segment segment[SEGMENTS];
  mcl_block_table sequence[SEQUENCES];
  uint32_t page[SEQUENCES][PAGES], rows;
  size_t segments;
} pass;

/* Split a segment's places into up to three spans, at rows from *row on. */
static void random_spans(mcl_segment *s, uint32_t *row, uint64_t *seed) {
  uint32_t left = s->length;
  for (s->spans = 0; left && s->spans < MCL_SEGMENT_SPANS; s->spans++) {
    uint32_t n = s->spans == MCL_SEGMENT_SPANS - 1 ? left : 1 + toy_next(seed) % left;
    s->span[s->spans] = (mcl_span){*row, n, s->length - left};
    *row += n;
    left -= n;
  }
}

static void random_pass(pass *p, uint64_t *seed) {
  uint32_t keys[SEQUENCES], next = 0;
  memset(p, 0, sizeof *p);
  for (uint32_t i = 0; i < SEQUENCES; i++) {
    keys[i] = toy_next(seed) % 130;
    for (int k = 0; k < PAGES; k++)
      p->page[i][k] = (next++ * 7) % (SEQUENCES * PAGES); /* a permutation: 7 and 24 are coprime */
    p->sequence[i] = (mcl_block_table){p->page[i], PAGES};
  }
  p->segments = 1 + toy_next(seed) % SEGMENTS;
  for (size_t i = 0; i < p->segments; i++) {
    mcl_segment *s = &p->segment[i];
    s->sequence = toy_next(seed) % SEQUENCES;
    s->kind = (mcl_segment_kind)(toy_next(seed) % 3);
    s->advance = s->kind == MCL_CAUSAL;
    s->key = keys[s->sequence];
    s->position = s->key + 1000;
    s->length = 1 + toy_next(seed) % 60;
    random_spans(s, &p->rows, seed);
    if (s->kind != MCL_NOISE)
      keys[s->sequence] += s->length;
  }
}

/* Cell of key `k` of a sequence. */
static int32_t cell(const pass *p, uint32_t sequence, uint32_t k) {
  return (int32_t)(p->page[sequence][k / MCL_PAGE] * MCL_PAGE + k % MCL_PAGE);
}

/* Cells that place `at` of segment `i` sees: the definition. Scratch cells as KV_PUT counts them.
 */
static size_t keys_by_rule(const pass *p, size_t i, uint32_t at, uint32_t scratch, int32_t *out) {
  const mcl_segment *s = &p->segment[i];
  uint32_t end = s->kind == MCL_CAUSAL ? s->key + at + 1
                 : s->kind == MCL_FULL ? s->key + s->length
                                       : s->key;
  size_t n = 0;
  for (uint32_t k = 0; k < end; k++)
    out[n++] = cell(p, s->sequence, k);
  for (uint32_t k = 0; s->kind == MCL_NOISE && k < s->length; k++)
    out[n++] = -1 - (int32_t)(scratch * MCL_PAGE + k);
  return n;
}

/* The same from the tables, as ops.h defines a tile. */
static size_t keys_by_table(const mcl_tables *t, uint32_t row, int32_t *out) {
  size_t n = 0;
  int found = 0;
  for (uint32_t i = 0; i < t->tiles; i++) {
    const int32_t *a = t->tile + 8 * i;
    assert_true(a[1] >= 1 && a[1] <= MCL_TILE_ROWS && a[7] == 0);
    if ((int32_t)row < a[0] || (int32_t)row >= a[0] + a[1])
      continue;
    found++;
    for (int32_t k = 0; k < a[3] + a[4] * ((int32_t)row - a[0]); k++)
      out[n++] = t->page[a[2] + k / MCL_PAGE] * MCL_PAGE + k % MCL_PAGE;
    for (int32_t k = 0; k < a[6]; k++)
      out[n++] = -1 - (a[5] * MCL_PAGE + k);
  }
  assert_int_equal(found, 1);
  return n;
}

static void check_rows(const pass *p, const mcl_tables *t) {
  static int32_t rule[2 * MOST_KEYS], table[2 * MOST_KEYS];
  uint32_t scratch = 0;
  double keys = 0;
  for (size_t i = 0; i < p->segments; i++) {
    const mcl_segment *s = &p->segment[i];
    for (unsigned k = 0; k < s->spans; k++)
      for (uint32_t r = 0; r < s->span[k].rows; r++) {
        uint32_t at = s->span[k].first + r, row = s->span[k].row + r;
        size_t n = keys_by_rule(p, i, at, scratch, rule);
        assert_int_equal(keys_by_table(t, row, table), n);
        assert_memory_equal(rule, table, n * sizeof *rule);
        assert_int_equal(t->slot[row], s->kind == MCL_NOISE
                                           ? -1 - (int32_t)(scratch * MCL_PAGE + at)
                                           : cell(p, s->sequence, s->key + at));
        assert_int_equal(t->position[row], s->position + at * s->advance);
        keys += (double)n;
      }
    if (s->kind == MCL_NOISE)
      scratch += (s->length + MCL_PAGE - 1) / MCL_PAGE;
  }
  assert_int_equal(t->scratch_pages, scratch);
  assert_true(t->keys == keys / p->rows);
}

static void random_passes_follow_the_rule(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int round = 0; round < 60; round++) {
    pass p;
    mcl_tables t;
    random_pass(&p, &seed);
    assert_int_equal(
        mcl_tables_init(&t, p.segment, p.segments, p.sequence, SEQUENCES, p.rows, NULL), MOTCL_OK);
    check_rows(&p, &t);
    mcl_tables_finish(&t);
  }
}

static void nothing_is_fine(void **state) {
  (void)state;
  mcl_tables t;
  assert_int_equal(mcl_tables_init(&t, NULL, 0, NULL, 0, 0, NULL), MOTCL_OK);
  assert_int_equal(t.rows + t.tiles + t.pages + t.scratch_pages, 0);
  mcl_tables_finish(&t);
  mcl_tables_finish(&t);
}

/* Each of these is a right pass with one thing wrong. */
static void contradictions_are_refused(void **state) {
  (void)state;
  const uint32_t pages[] = {0, 1};
  const mcl_block_table q = {pages, 2};
  const mcl_segment right = {.kind = MCL_CAUSAL,
                             .advance = 1,
                             .key = 100,
                             .length = 20,
                             .span = {{0, 8, 0}, {8, 12, 8}},
                             .spans = 2};
  mcl_segment bad[12];
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    bad[i] = right;
  bad[0].sequence = 1;
  bad[1].spans = 4;
  bad[2].span[1].first = 9;
  bad[3].span[1].rows = 13;
  bad[4].span[1].rows = 11;
  bad[5].span[1].row = 9;
  bad[6].span[1].row = 7;
  bad[7].key = 109;
  bad[8].key = UINT32_MAX;
  bad[9].position = UINT32_MAX - 5;
  bad[10].span[0].row = UINT32_MAX;
  bad[11].length = 19;
  mcl_tables t;
  assert_int_equal(mcl_tables_init(&t, &right, 1, &q, 1, 20, NULL), MOTCL_OK);
  mcl_tables_finish(&t);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    motcl_err err = {0};
    assert_int_equal(mcl_tables_init(&t, &bad[i], 1, &q, 1, 20, &err), MOTCL_EINTERNAL);
    assert_true(err.text[0] != '\0');
    assert_null(t.slot);
  }
  mcl_segment twice[] = {right, right};
  assert_int_equal(mcl_tables_init(&t, twice, 2, &q, 1, 20, NULL), MOTCL_EINTERNAL);
  assert_int_equal(mcl_tables_init(&t, &right, 1, &q, 1, 21, NULL), MOTCL_EINTERNAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_over_a_page_border),
      cmocka_unit_test(picture_in_three_spans),
      cmocka_unit_test(noise_stands_in_scratch_pages),
      cmocka_unit_test(random_passes_follow_the_rule),
      cmocka_unit_test(nothing_is_fine),
      cmocka_unit_test(contradictions_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
