/* vae.h - the autoencoder as two graphs: a picture to the moments of its latent, and a latent to
 * its picture. See doc/model.md, 7; source: Bagel 056b5fd modeling/autoencoder.py.
 *
 * Pictures and latents are [height * width, channels], row after row, channels innermost. */
#ifndef MCL_MODEL_VAE_H
#define MCL_MODEL_VAE_H

#include "model/model.h"
#include "model/picture_keys.h"

/**
 * One of the two graphs.
 *
 * high, wide, pixels  dims of each level, level 0 at the picture's size
 * levels              as many as the model has
 * decodes             true: in is the latent (config.z columns, not scaled), out the picture
 *                     (3 columns, -1..1 before clamping); false: in is the picture (3, -1..1),
 *                     out the moments (z means, then z log-variances)
 */
typedef struct mcl_vae_graph {
  mcl_graph *graph;
  mcl_dim high[MCL_VAE_LEVELS], wide[MCL_VAE_LEVELS], pixels[MCL_VAE_LEVELS];
  uint32_t levels;
  bool decodes;
  mcl_picture_keys keys;
  mcl_tid in, out;
} mcl_vae_graph;

/**
 * Build the encoder or the decoder of a model.
 *
 * out  mcl_vae_finish gives it back, before the model is closed
 *
 * Returns MOTCL_EMODEL for a model without an autoencoder or one that contradicts itself,
 * MOTCL_ENOMEM.
 */
int mcl_vae_encoder_build(mcl_vae_graph *out, const mcl_model *m, motcl_err *err);
int mcl_vae_decoder_build(mcl_vae_graph *out, const mcl_model *m, motcl_err *err);
void mcl_vae_finish(mcl_vae_graph *v);

/** Size of the latent for a picture's side, or (decoder) of the picture for a latent's: halved,
 * rounded down, or doubled, once a level after the first. */
uint32_t mcl_vae_side(const mcl_vae_graph *v, uint32_t side);

/**
 * Values of the graph's dims.
 *
 * h, w  of the input; the results of mcl_vae_side are at least 1, all pixel counts below 2^32
 * t     the middle's tables: mcl_picture_tables over the pixels of the last level
 * dims  u32[mcl_graph_dims(v->graph)]
 */
void mcl_vae_bind(const mcl_vae_graph *v, uint32_t h, uint32_t w, const mcl_tables *t,
                  uint32_t *dims);

#endif
