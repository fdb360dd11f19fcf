/* decoder.h - the Mixture-of-Transformers decoder as a graph: one pass over a batch of rows sorted
 * by expert. See doc/model.md, 5, 6 and 9.
 *
 * Batch rows stand in the order [text | vision | gen]: text and vision rows are und's, gen rows are
 * picture latents. One graph serves prefill, decode and denoise; what a pass does not have, it
 * has no rows of. */
#ifndef MCL_MODEL_DECODER_H
#define MCL_MODEL_DECODER_H

#include "graph/graph.h"
#include "model/model.h"

/**
 * The one list of what a pass is made of: symbolic numbers of the graph and members of
 * mcl_decoder_size, which is added up, compared and bound by this list and nowhere member by
 * member.
 */
#define MCL_DECODER_SIZES(X)                                                                       \
  X(text)        /* rows of text and picture markers */                                            \
  X(vision)      /* rows of vision tokens */                                                       \
  X(gen)         /* rows of latents */                                                             \
  X(latents)     /* rows of the latent state */                                                    \
  X(times)       /* distinct times of the batch */                                                 \
  X(logits)      /* rows whose logits are wanted */                                                \
  X(tiles)       /* attention tiles */                                                             \
  X(block_table) /* entries of the block tables */                                                 \
  X(pages)       /* cached pages */                                                                \
  X(scratch)     /* scratch pages */                                                               \
  X(cow_pages)   /* page copies (copy on write) before the pass */                                 \
  X(drawn)       /* latent rows that this pass moves */                                            \
  X(pictures)    /* pictures that this pass moves */

/** Symbolic numbers of the graph, each `mcl_dim`; mcl_decoder_bind gives them values. */
#define MCL_DECODER_DIMS(X)                                                                        \
  X(zero)   /* 0, where the text rows begin */                                                     \
  X(und)    /* text + vision, where the gen rows begin */                                          \
  X(all)    /* und + gen */                                                                        \
  X(tokens) /* vision tokens to choose from: one for each vision row */                            \
  MCL_DECODER_SIZES(X)

#define MCL_DECODER_DIM(name) mcl_dim name;
typedef struct mcl_decoder_dims {
  MCL_DECODER_DIMS(MCL_DECODER_DIM)
} mcl_decoder_dims;
#undef MCL_DECODER_DIM

/**
 * The graph and its tensors. Absent parts (no vision encoder, no bridges) are MCL_NO_TENSOR.
 *
 * ids            in  i32[text]          token ids
 * vision         in  f32[tokens, H]     vision tokens, position added
 * vision_index   in  i32[vision]        which of them each vision row is
 * latent         st  f32[latents, c]    latent tokens: noise becoming pictures, and clean ones
 * latent_before  st f32[latents, c]    the same before the pass, which no op touches: for a pass
 *                that fails
 * latent_index   in  i32[gen]           which of them each gen row is
 * latent_pos     in  i32[gen]           cell of the latent position table
 * time           in  f32[times, 256]    time embeddings (mcl_time_embed)
 * time_index     in  i32[gen]           which time each gen row has
 * rope           in  f32[all, head]     mcl_rope_table of the rows' positions
 * slot, tiles, block_table   mcl_tables
 * cow_pages      in  i32[cow_pages, 2]     pages (from, to)
 * logit_rows     in  i32[logits]        batch rows
 * logits         out f32[logits, V]
 * guide_rows     in  i32[drawn, 4]      MCL_OP_GUIDE's; the pass moves the first `drawn` latents
 * guide_set      in  f32[pictures, 8]   MCL_OP_GUIDE's settings
 * velocity       out f32[gen, c]        of every gen row
 * guided         out f32[drawn, c]      what the step moves by
 * odd            out f32[drawn, 1]      how many numbers of each latent are not finite after it; a
 *                                       velocity that is not finite leaves none that is
 * embedded       out f32[all, H]        what enters the first layer; an output with `layers` only
 * layer          out f32[all, H]        what leaves each layer; the same
 * normed         out f32[all, H]        what leaves the last norm; the same
 * pages          st                     keys and values of each layer, as MCL_OP_KV_PUT lays them
 *                out
 */
typedef struct mcl_decoder_graph {
  mcl_graph *graph;
  mcl_decoder_dims dim;
  mcl_tid ids, vision, vision_index;
  mcl_tid latent, latent_before, latent_index, latent_pos, time, time_index;
  mcl_tid rope, slot, tiles, block_table, cow_pages;
  mcl_tid logit_rows, logits;
  mcl_tid guide_rows, guide_set, velocity, guided, odd;
  mcl_tid embedded, normed;
  mcl_tid *layer;      /* [layers] */
  mcl_tid (*pages)[2]; /* [layers][K, V] */
} mcl_decoder_graph;

/**
 * Build the graph of a model's decoder.
 *
 * d       out; mcl_decoder_finish gives it back, before the model is closed
 * layers  make the hidden rows outputs, for dumps
 *
 * Returns MOTCL_EMODEL where tensors and configuration do not agree, MOTCL_ENOMEM.
 */
int mcl_decoder_build(mcl_decoder_graph *d, const mcl_model *m, bool layers, motcl_err *err);
void mcl_decoder_finish(mcl_decoder_graph *d);

/** What a pass is made of, or at most is; members as MCL_DECODER_SIZES. */
#define MCL_DECODER_SIZE(name) uint32_t name;
typedef struct mcl_decoder_size {
  MCL_DECODER_SIZES(MCL_DECODER_SIZE)
} mcl_decoder_size;
#undef MCL_DECODER_SIZE

/** What two need that share a pass: each member of `more` is added to that of `size`. */
void mcl_decoder_size_add(mcl_decoder_size *size, const mcl_decoder_size *more);

/** What serves two that take turns: each member of `size` becomes the larger of the two. */
void mcl_decoder_size_cover(mcl_decoder_size *size, const mcl_decoder_size *other);

bool mcl_decoder_size_same(const mcl_decoder_size *a, const mcl_decoder_size *b);

/** Values of the graph's dims. dims: u32[mcl_graph_dims(d->graph)]. */
void mcl_decoder_bind(const mcl_decoder_graph *d, const mcl_decoder_size *size, uint32_t *dims);

#endif
