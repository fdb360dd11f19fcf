/* vision.h - the vision encoder as a graph: patches of a picture become the tokens that the decoder
 * reads. See doc/model.md, 2 and 5; source: Bagel 056b5fd
 * modeling/bagel/siglip_navit.py, modeling/bagel/bagel.py:forward_cache_update_vit. */
#ifndef MCL_MODEL_VISION_H
#define MCL_MODEL_VISION_H

#include "model/model.h"
#include "model/picture_keys.h"

/**
 * The graph and its tensors.
 *
 * rows     dim: patches of the picture
 * patches  in  f32[rows, patch * patch * 3]  as mcl_pixels_to_patches makes them
 * cells    in  i32[rows, 1]                  row * side + column of each patch
 * tokens   out f32[rows, hidden of the decoder], its position added
 */
typedef struct mcl_vision_graph {
  mcl_graph *graph;
  mcl_dim rows;
  mcl_picture_keys keys;
  mcl_tid patches, cells, tokens;
} mcl_vision_graph;

/**
 * Build the graph of a model's vision encoder, connector and positions.
 *
 * out     mcl_vision_finish gives it back, before the model is closed
 * layers  make what lies between outputs too, for dumps: embedded, vit_layer_<i>, post_norm,
 *         connector
 *
 * Returns MOTCL_EMODEL for a model without a vision encoder or one that contradicts itself,
 * MOTCL_ENOMEM.
 */
int mcl_vision_build(mcl_vision_graph *out, const mcl_model *m, bool layers, motcl_err *err);
void mcl_vision_finish(mcl_vision_graph *v);

/** Values of the graph's dims for a picture's tables. dims: u32[mcl_graph_dims(v->graph)]. */
void mcl_vision_bind(const mcl_vision_graph *v, const mcl_tables *t, uint32_t *dims);

#endif
