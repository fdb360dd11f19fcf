/* latent.h - the autoencoder's numbers outside its graphs: a latent from its moments, the latent's
 * scale, and the planar order that PyTorch has. Source: Bagel 056b5fd modeling/autoencoder.py. */
#ifndef MCL_MODEL_LATENT_H
#define MCL_MODEL_LATENT_H

#include "model/config.h"

/**
 * The scaled latent that a picture is: scale * (sample - shift), each operation in float.
 *
 * latent   out f32[cells, z]
 * moments  f32[cells, 2 * z]: means, then log-variances
 * noise    NULL: the sample is the mean; else f32[z, cells], planar as the reference draws it: the
 *          sample is mean + exp(logvar / 2) * noise
 * cells    height * width of the latent
 */
void mcl_latent_sample(float *latent, const float *moments, const float *noise, size_t cells,
                       const mcl_vae_config *c);

/** What the decoder reads: latent / scale + shift, each operation in float. n numbers; z may be
 * `latent`. */
void mcl_latent_unscale(float *z, const float *latent, size_t n, const mcl_vae_config *c);

/** dst[cols, rows] = src[rows, cols] turned: [cells, channels] to planar, and back. */
void mcl_transpose(float *dst, const float *src, size_t rows, size_t cols);

#endif
