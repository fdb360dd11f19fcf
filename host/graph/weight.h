/* weight.h - a weight as a graph sees it: a logical matrix and where its bytes are. */
#ifndef MCL_GRAPH_WEIGHT_H
#define MCL_GRAPH_WEIGHT_H

#include "base/num.h"

/**
 * Storage orders. FILE is the order of the file ([out, in], convolutions [out, in, k, k]); a
 * variant that wants another one gets a kept copy, which the plan counts. OHWI: a convolution as
 * [out, k, k, in], float32.
 */
#define MCL_LAYOUTS(X)                                                                             \
  X(FILE, "file")                                                                                  \
  X(OHWI, "ohwi")

#define MCL_LAYOUT_ENUM(id, name) MCL_LAYOUT_##id,
typedef enum mcl_layout { MCL_LAYOUTS(MCL_LAYOUT_ENUM) MCL_LAYOUT_COUNT } mcl_layout;
#undef MCL_LAYOUT_ENUM

/** Memory that holds weights: a mapped file, or a table that was computed. */
typedef struct mcl_mapping {
  const char *name; /* for messages */
  const void *data;
  size_t bytes;
  bool computed;
} mcl_mapping;

/**
 * A weight. The model owns it and the bytes behind it, and outlives every graph that names it.
 *
 * name     the tensor's name in the file; static for the model's life
 * type     F32, BF16 or F16
 * rows     outputs; for vectors 1
 * cols     inputs (for a convolution in * k * k); for vectors their length
 * kernel   side of a convolution's window, 1 for everything else
 * data     rows * cols elements in FILE order, at any byte address
 * mapping  the mapping that `data` lies in
 */
typedef struct mcl_weight {
  const char *name;
  mcl_type type;
  uint32_t rows, cols, kernel;
  const void *data;
  const mcl_mapping *mapping;
} mcl_weight;

/** rows * cols; never overflows size_t for a weight that was checked against its file. */
static inline size_t mcl_weight_count(const mcl_weight *w) {
  return (size_t)w->rows * w->cols;
}

/** Bytes of a row in the file, which is whole blocks of its type, and of all rows. */
static inline size_t mcl_weight_row_bytes(const mcl_weight *w) {
  return mcl_type_bytes(w->type, w->cols);
}
static inline size_t mcl_weight_bytes(const mcl_weight *w) {
  return w->rows * mcl_weight_row_bytes(w);
}

/** Whether the blocks stand at multiples of their size, so that a device can read them in place. */
static inline bool mcl_weight_aligned(const mcl_weight *w) {
  return (uintptr_t)w->data % mcl_type_block_bytes(w->type) == 0;
}

#endif
