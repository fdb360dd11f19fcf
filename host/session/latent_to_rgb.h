/* latent_to_rgb.h - from a latent to an RGB preview without the autoencoder: an affine map from the
 * channels of a latent cell to the mean colours of the pixels it becomes, and what it is fitted on. Private to session/. */
#ifndef MCL_SESSION_LATENT_TO_RGB_H
#define MCL_SESSION_LATENT_TO_RGB_H

#include <stdint.h>

#include "base/err.h"

/**
 * The map. Zeroed is none.
 *
 * z      channels of the latent, scaled as the flow has it
 * side   1 or 2: pixels of the preview across and down a cell, which gives side * side of them
 * coef   f32[z + 1, side * side * 3], the last row the constant; colours are -1..1
 * truth  correlation of preview and true decoding on a picture it was not fitted on
 */
typedef struct mcl_latent_to_rgb {
  uint32_t z, side;
  float *coef;
  float truth;
} mcl_latent_to_rgb;

/** Numbers in coef. */
size_t mcl_latent_to_rgb_numbers(const mcl_latent_to_rgb *g);

void mcl_latent_to_rgb_finish(mcl_latent_to_rgb *g);

/** Colours of one cell's pixels, f32[side * side * 3], from its z channels. */
void mcl_latent_to_rgb_cell(const mcl_latent_to_rgb *g, const float *latent, float *colours);

/** The picture of a latent: rgb[height * side, width * side, 3] from f32[height * width, z]. What
 * is not finite is black. */
void mcl_latent_to_rgb_image(const mcl_latent_to_rgb *g, const float *latent, uint32_t height,
                             uint32_t width, uint8_t *rgb);

/** Mean colours of the pixels of the cell at row y, column x, f32[side * side * 3], as
 * mcl_latent_to_rgb_cell gives them: a cell is cell_side * cell_side pixels, cell_side a multiple
 * of side, and `width` cells make a row of the picture f32[.., width * cell_side, 3]. */
void mcl_latent_to_rgb_means(float *colours, const float *pixels, uint32_t width,
                             uint32_t cell_side, uint32_t side, uint32_t y, uint32_t x);

/**
 * The i-th picture to fit on, f32[size * size, 3] in -1..1: soft colours with hard-edged shapes of
 * others and some grain. The same everywhere.
 */
void mcl_latent_to_rgb_subject(float *pixels, uint32_t size, uint32_t i);

#endif
