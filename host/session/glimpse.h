/* glimpse.h - a picture at a glance: an affine map from the channels of a latent place to the mean
 * colours of the pixels it becomes, and what it is fitted on. Private to session/. */
#ifndef MCL_SESSION_GLIMPSE_H
#define MCL_SESSION_GLIMPSE_H

#include <stdint.h>

#include "base/err.h"

/**
 * The map. Zeroed is none.
 *
 * z     channels of the latent, scaled as the flow has it
 * side  1 or 2: pixels of the glimpse across and down a place, which gives side * side of them
 * coef  f32[z + 1, side * side * 3], the last row the constant; colours are -1..1
 * truth correlation of glimpse and true decoding on a picture it was not fitted on
 */
typedef struct mcl_glimpse {
  uint32_t z, side;
  float *coef;
  float truth;
} mcl_glimpse;

/** Numbers in coef. */
size_t mcl_glimpse_numbers(const mcl_glimpse *g);

void mcl_glimpse_finish(mcl_glimpse *g);

/** Colours of one place's pixels, f32[side * side * 3], from its z channels. */
void mcl_glimpse_place(const mcl_glimpse *g, const float *latent, float *colours);

/** The picture of a latent: rgb[height * side, width * side, 3] from f32[height * width, z]. What
 * is not finite is black. */
void mcl_glimpse_draw(const mcl_glimpse *g, const float *latent, uint32_t height, uint32_t width,
                      uint8_t *rgb);

/** Mean colours of the pixels of the place at row y, column x, f32[side * side * 3], as
 * mcl_glimpse_place tells them: a place is cell * cell pixels, cell a multiple of side, and `width`
 * places make a row of the picture f32[.., width * cell, 3]. */
void mcl_glimpse_means(float *colours, const float *pixels, uint32_t width, uint32_t cell,
                       uint32_t side, uint32_t y, uint32_t x);

/**
 * The i-th picture to fit on, f32[size * size, 3] in -1..1: soft colours with hard-edged shapes of
 * others and some grain. The same everywhere.
 */
void mcl_glimpse_subject(float *pixels, uint32_t size, uint32_t i);

#endif
