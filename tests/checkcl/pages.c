/* pages.c - cases of writing and copying pages of keys and values. */
#include "checkcl.h"

#include "base/mem.h"

/* Heads of the case; returns the columns of a page. */
static uint32_t heads(check_case *c, check_gen *g) {
  static const uint32_t sizes[] = {16, 30, 72, 128}, kv[] = {1, 2, 4};
  c->call.attr.attention.head = g->quick ? 16 : CHECK_PICK(&g->values, sizes);
  c->call.attr.attention.kv_heads = CHECK_PICK(&g->values, kv);
  c->call.attr.attention.heads = c->call.attr.attention.kv_heads;
  c->call.attr.attention.scale = 1;
  c->call.attr.attention.transposed = g->index % 2;
  return c->call.attr.attention.kv_heads * c->call.attr.attention.head * MCL_PAGE;
}

/* The numbers 0 .. n-1 in random order, or NULL. Caller frees with mcl_free. */
static uint32_t *shuffled(check_gen *g, uint32_t n) {
  uint32_t *p = mcl_alloc(n, sizeof *p);
  for (uint32_t i = 0; p && i < n; i++) {
    uint32_t j = check_below(&g->values, i + 1);
    p[i] = p[j];
    p[j] = i;
  }
  return p;
}

static void make_put(check_case *c, check_gen *g) {
  uint32_t cols = heads(c, g), rows = check_rows(g), pages = 2 + rows / MCL_PAGE;
  bool scratch = g->index % 3 != 1;
  uint32_t cells = pages * MCL_PAGE, *cell = shuffled(g, scratch ? 2 * cells : cells);
  check_input(c, g, &c->in[0], rows, cols / MCL_PAGE);
  check_place(c, g, &c->in[1], MCL_I32, rows, 1);
  for (uint32_t r = 0; r < rows && cell && c->in[1].data; r++)
    *check_ids(&c->in[1], r) = cell[r] < cells ? (int32_t)cell[r] : -1 - (int32_t)(cell[r] - cells);
  c->failed |= !cell;
  mcl_free(cell);
  if (scratch)
    check_input(c, g, &c->in[2], pages, cols);
  check_input(c, g, &c->out, pages, cols);
  snprintf(c->text, sizeof c->text, "%u rows, %u heads of %u, %s%s", rows,
           c->call.attr.attention.kv_heads, c->call.attr.attention.head,
           c->call.attr.attention.transposed ? "K" : "V", scratch ? ", scratch" : "");
}

static void make_copy(check_case *c, check_gen *g) {
  uint32_t cols = heads(c, g), pages = 2 + check_below(&g->values, 12);
  uint32_t pairs = 1 + check_below(&g->values, pages / 2), *page = shuffled(g, pages);
  check_place(c, g, &c->in[0], MCL_I32, pairs, 2);
  for (size_t r = 0; r < pairs && page && c->in[0].data; r++) {
    check_ids(&c->in[0], (uint32_t)r)[0] = (int32_t)page[2 * r];
    check_ids(&c->in[0], (uint32_t)r)[1] = (int32_t)page[2 * r + 1];
  }
  c->failed |= !page;
  mcl_free(page);
  check_input(c, g, &c->out, pages, cols);
  snprintf(c->text, sizeof c->text, "%u pairs of %u pages of %u", pairs, pages, cols);
}

/* Bytes are moved. */
const check_op check_op_KV_PUT = {0, 0, 12, 2, 0, make_put, CHECK_NO_BANDS};
const check_op check_op_KV_COPY = {0, 0, 8, 2, 0, make_copy, CHECK_NO_BANDS};
