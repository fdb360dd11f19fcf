/* pixels.h - a picture as bytes in memory, and what the official code does to it before
 * anything else: EXIF orientation (ours) and conversion to RGB (Pillow's). */
#ifndef MCL_IMAGE_PIXELS_H
#define MCL_IMAGE_PIXELS_H

#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

/** 8-bit samples, interleaved, rows from the top, no padding between rows. */
typedef struct mcl_image {
  uint32_t width, height; /* pixels, at least 1 */
  uint32_t channels;      /* 1 L, 2 LA, 3 RGB, 4 RGBA (alpha not premultiplied) */
  uint8_t *px;            /* [height, width, channels], owned */
} mcl_image;

/**
 * Make an image whose pixels are not set. Give it back with mcl_image_finish.
 *
 * im  written on success only; what it held before is forgotten
 *
 * Returns MOTCL_OK, MOTCL_EINVAL (a side of 0, channels outside 1..4), MOTCL_ENOMEM.
 */
int mcl_image_init(mcl_image *im, uint32_t width, uint32_t height, uint32_t channels,
                   motcl_err *err);

/** Free the pixels and zero the struct; NULL and a zeroed struct are fine. */
void mcl_image_finish(mcl_image *im);

/**
 * Turn any image into RGB, in place: RGBA is composited onto white, (in*a + 255*(255-a)) / 255 a
 * byte, rounded as Pillow's paste does; LA loses its alpha; L is repeated.
 *
 * Returns MOTCL_OK, or MOTCL_ENOMEM (im unchanged).
 * Source  Bagel 056b5fd data/data_utils.py:pil_img2rgb
 */
int mcl_image_to_rgb(mcl_image *im, motcl_err *err);

/**
 * Undo an EXIF orientation in place, so that the picture stands upright; 5 to 8 swap the sides.
 *
 * orientation  1..8 as in EXIF tag 0x0112; any other number is taken as 1, upright
 *
 * Returns MOTCL_OK, or MOTCL_ENOMEM (im unchanged).
 */
int mcl_image_orient(mcl_image *im, unsigned orientation, motcl_err *err);

/** a * b / 255 for bytes, rounded to the nearest; exact, as Pillow rounds everywhere. */
static inline uint8_t mcl_mul255(uint8_t a, uint8_t b) {
  unsigned t = (unsigned)a * b + 128;
  return (uint8_t)((t + (t >> 8)) >> 8);
}

#endif
