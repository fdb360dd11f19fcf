/* segment.h - who may see whom: the segments of one pass, and the tables that kernels read.
 *
 * A sequence's keys stand in pages in the order of the sequence; segments of a pass add to them.
 * The mask is never built: a causal row sees the keys up to its own, a full one those up to its
 * segment's end, a noise one the sequence's keys before it and its own segment's, which stand in
 * scratch pages and are gone after the pass. See doc/model.md, 6.4. */
#ifndef MCL_GRAPH_SEGMENT_H
#define MCL_GRAPH_SEGMENT_H

#include "base/err.h"
#include "graph/ops.h"

typedef enum mcl_segment_kind { MCL_CAUSAL, MCL_FULL, MCL_NOISE } mcl_segment_kind;

/** Neighbouring rows of a batch: `rows` of them from `row`, the first being row `first` of its
 * segment.
 */
typedef struct mcl_span {
  uint32_t row, rows, first;
} mcl_span;

#define MCL_SEGMENT_SPANS 3 /* a picture: marker, latents, marker */

/**
 * A segment of one pass.
 *
 * sequence  index into the block tables of the pass
 * position  rotary position of its first row
 * advance   how far the position moves from row to row: 1 for text, 0 for pictures
 * key       keys of the sequence before it, those of earlier segments of this pass included
 * length    rows, the sum of its spans
 */
typedef struct mcl_segment {
  uint32_t sequence;
  mcl_segment_kind kind;
  uint32_t position, advance, key, length;
  mcl_span span[MCL_SEGMENT_SPANS];
  unsigned spans;
} mcl_segment;

/** The block table of a sequence: ids of the pages its keys stand in, in order, borrowed while the
 * tables are made. */
typedef struct mcl_block_table {
  const uint32_t *page;
  uint32_t pages;
} mcl_block_table;

/** The tables of a pass, as MCL_OP_KV_PUT and MCL_OP_ATTENTION define them (ops.h). */
typedef struct mcl_tables {
  int32_t *slot;     /* [rows] slots of the rows' keys */
  int32_t *position; /* [rows] rotary positions */
  int32_t *tile;     /* [tiles][8] */
  int32_t *page;     /* [pages] */
  uint32_t rows, tiles, pages, scratch_pages;
  double keys; /* keys a row sees, on average */
} mcl_tables;

/**
 * Make the tables of a pass. Every batch row must lie in exactly one span.
 *
 * t            out; give back with mcl_tables_finish
 * segment      [n]; those of one sequence in the sequence's order
 * block_table  [block_tables], one for each sequence; each with pages for every cached key and
 *              every key added here
 * rows         rows of the batch
 *
 * Returns MOTCL_EINTERNAL for segments that contradict the batch or each other, MOTCL_ENOMEM.
 */
int mcl_tables_init(mcl_tables *t, const mcl_segment *segment, size_t n,
                    const mcl_block_table *block_table, size_t block_tables, uint32_t rows,
                    motcl_err *err);
void mcl_tables_finish(mcl_tables *t);

#endif
