/* picture_keys.c - one picture attending to itself. */
#include "model/picture_keys.h"

#include <math.h>

#include "base/mem.h"

void mcl_picture_keys_add(mcl_picture_keys *p, mcl_graph *g, mcl_dim rows, uint32_t width) {
  p->tiles = mcl_graph_dim(g, "tiles");
  p->pages = mcl_graph_dim(g, "pages");
  p->slot = mcl_graph_tensor(g, MCL_INPUT, MCL_I32, rows, 1, "slots");
  p->tile = mcl_graph_tensor(g, MCL_INPUT, MCL_I32, p->tiles, 8, "tiles");
  p->block_table = mcl_graph_tensor(g, MCL_INPUT, MCL_I32, p->pages, 1, "block table");
  p->k = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, p->pages, width * MCL_PAGE, "k pages");
  p->v = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, p->pages, width * MCL_PAGE, "v pages");
}

static void put(const mcl_picture_keys *p, mcl_graph *g, mcl_attr a, uint32_t transposed,
                mcl_tid rows, mcl_tid pages) {
  a.attention.transposed = transposed;
  mcl_graph_node(g, MCL_OP_KV_PUT, pages, (mcl_tid[]){rows, p->slot, MCL_NO_TENSOR}, NULL, &a);
}

mcl_tid mcl_picture_attention(const mcl_picture_keys *p, mcl_graph *g, uint32_t heads, mcl_tid q,
                              mcl_tid k, mcl_tid v, const char *name) {
  if (mcl_graph_check(g, NULL) != MOTCL_OK)
    return MCL_NO_TENSOR;
  const mcl_tensor *x = mcl_graph_tensor_at(g, q);
  uint32_t width = x->cols, head = width / heads;
  mcl_tid out = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, x->rows, width, name);
  mcl_attr a = {.attention = {.heads = heads,
                              .kv_heads = heads,
                              .head = head,
                              .scale = (float)(1 / sqrt((double)head))}};
  put(p, g, a, 1, k, p->k);
  put(p, g, a, 0, v, p->v);
  mcl_graph_node(g, MCL_OP_ATTENTION, out,
                 (mcl_tid[]){q, p->k, p->v, MCL_NO_TENSOR, MCL_NO_TENSOR, p->block_table, p->tile},
                 NULL, &a);
  return out;
}

int mcl_picture_tables(mcl_tables *t, uint32_t rows, motcl_err *err) {
  uint32_t pages = rows / MCL_PAGE + (rows % MCL_PAGE != 0);
  uint32_t *page = mcl_alloc(pages, sizeof *page);
  if (!page)
    return mcl_fail_nomem(err, pages * sizeof *page);
  for (uint32_t i = 0; i < pages; i++)
    page[i] = i;
  mcl_segment s = {.kind = MCL_FULL, .length = rows, .span = {{0, rows, 0}}, .spans = 1};
  int rc = mcl_tables_init(t, &s, 1, &(mcl_block_table){page, pages}, 1, rows, err);
  mcl_free(page);
  return rc;
}
