/* patches.h - between bytes and the floats the encoders read and the decoder writes: values
 * -1..1, patches of the vision encoder, tokens of the autoencoder's latent. */
#ifndef MCL_IMAGE_PATCHES_H
#define MCL_IMAGE_PATCHES_H

#include <stdint.h>

#include "image/pixels.h"

/**
 * Bytes to -1..1 for the autoencoder: (x/255 - 0.5)/0.5, each operation in float.
 *
 * dst  f32[height * width, 3], caller's
 * rgb  3 channels
 *
 * Returns MOTCL_OK, or MOTCL_EINVAL if there are not 3 channels (dst untouched).
 * Source  torchvision's ToTensor and Normalize in Bagel 056b5fd data/transforms.py:ImageTransform
 */
int mcl_pixels_to_float(float *dst, const mcl_image *rgb, motcl_err *err);

/**
 * Bytes to patches for the vision encoder, with the values of mcl_pixels_to_float.
 *
 * dst    f32[(height/patch) * (width/patch), patch * patch * 3], caller's; patches by row and
 *        column, in a patch row, column, channel
 * rgb    3 channels, both sides multiples of patch
 * patch  pixels, at least 1
 *
 * Returns MOTCL_OK, or MOTCL_EINVAL (dst untouched).
 * Source  Bagel 056b5fd data/data_utils.py:patchify
 */
int mcl_pixels_to_patches(float *dst, const mcl_image *rgb, uint32_t patch, motcl_err *err);

/**
 * The decoder's picture to bytes: y*0.5 + 0.5 clamped to 0..1, times 255, cut to a byte, each
 * operation in float; NaN gives 0.
 *
 * out  a new RGB image, written on success only; the caller finishes it
 * src  f32[height * width, 3]
 *
 * Returns MOTCL_OK, MOTCL_EINVAL (a side of 0), MOTCL_ENOMEM.
 * Source  Bagel 056b5fd inferencer.py:decode_image
 */
int mcl_pixels_from_float(mcl_image *out, const float *src, uint32_t width, uint32_t height,
                          motcl_err *err);

/**
 * A latent to its tokens, or back.
 *
 * latent  f32[h, w, z]
 * tokens  f32[(h/patch) * (w/patch), patch * patch * z]; in a token row, column, channel
 * patch   latent cells on a side, at least 1; h and w are multiples of it
 *
 * The two do not overlap. Returns MOTCL_OK, or MOTCL_EINVAL (nothing written).
 * Source  Bagel 056b5fd inferencer.py:decode_image,
 * modeling/bagel/bagel.py:forward_cache_update_vae
 */
int mcl_latent_to_tokens(float *tokens, const float *latent, uint32_t h, uint32_t w, uint32_t z,
                         uint32_t patch, motcl_err *err);
int mcl_latent_from_tokens(float *latent, const float *tokens, uint32_t h, uint32_t w, uint32_t z,
                           uint32_t patch, motcl_err *err);

#endif
