/* picture_keys.h - attention inside one picture: its keys and values in pages of the pass itself.
 * The vision encoder's layers and the autoencoder's middle share it. */
#ifndef MCL_MODEL_PICTURE_KEYS_H
#define MCL_MODEL_PICTURE_KEYS_H

#include "graph/graph.h"
#include "graph/segment.h"

/**
 * Pages and tables in a graph.
 *
 * tiles, pages   dims
 * slot  in i32[rows, 1], tile i32[tiles, 8], block_table i32[pages, 1]: see
 *       mcl_picture_tables
 * k, v  pages, rubbish before and after a pass
 */
typedef struct mcl_picture_keys {
  mcl_dim tiles, pages;
  mcl_tid slot, tile, block_table, k, v;
} mcl_picture_keys;

/** Add pages for `rows` keys of `width` numbers to a graph. */
void mcl_picture_keys_add(mcl_picture_keys *p, mcl_graph *g, mcl_dim rows, uint32_t width);

/**
 * Attention of every row to all rows of its picture, scale 1/sqrt(head).
 *
 * heads    of width / heads numbers each
 * q, k, v  [rows, width]
 * name     of the result [rows, width]
 */
mcl_tid mcl_picture_attention(const mcl_picture_keys *p, mcl_graph *g, uint32_t heads, mcl_tid q,
                              mcl_tid k, mcl_tid v, const char *name);

/**
 * The tables of a pass over one picture of `rows` rows, 1 .. 2^29.
 *
 * t  out; give back with mcl_tables_finish
 *
 * Returns MOTCL_ENOMEM.
 */
int mcl_picture_tables(mcl_tables *t, uint32_t rows, motcl_err *err);

#endif
