/* resize.h - which size a picture is brought to before an encoder sees it, and Pillow's
 * antialiased bicubic, to the byte, to bring it there. */
#ifndef MCL_IMAGE_RESIZE_H
#define MCL_IMAGE_RESIZE_H

#include <stdint.h>

#include "image/pixels.h"

/** The limits of one encoder; settings of the model (the release: 1024/512/16 and 980/224/14). */
typedef struct mcl_resize_rule {
  uint32_t longest;    /* longest side, pixels */
  uint32_t shortest;   /* shortest side, pixels, where `longest` allows it */
  uint32_t stride;     /* both sides become multiples of it */
  uint64_t max_pixels; /* cap of width * height; MCL_RESIZE_MAX_PIXELS in the release */
} mcl_resize_rule;

#define MCL_RESIZE_MAX_PIXELS (UINT64_C(14) * 14 * 9 * 1024)

/**
 * The size a picture of w by h pixels is resized to. All arithmetic is double and every rounding
 * half to even, as in Python.
 *
 * rule  longest, shortest and stride 1..65536, max_pixels at least 1
 * w, h  at least 1
 *
 * Returns MOTCL_OK, or MOTCL_EINVAL (*ow and *oh untouched).
 * Source  Bagel 056b5fd data/transforms.py:MaxLongEdgeMinShortEdgeResize
 */
int mcl_resize_size(const mcl_resize_rule *rule, uint32_t w, uint32_t h, uint32_t *ow, uint32_t *oh,
                    motcl_err *err);

/**
 * Resample to w by h pixels: bicubic with a = -0.5, widened by the scale when shrinking, weights
 * in 22-bit fixed point, a pass along the rows and one along the columns with bytes between. The
 * columns come first where the height falls, and by more than twice what the width does. Equal to
 * Image.resize(size, BICUBIC) of Pillow 13 for L and RGB; earlier ones take the rows first there,
 * which moves bytes by 1 or a little more. Alpha is a channel as any other.
 *
 * out  a new image, written on success only; the caller finishes it
 * in   not changed
 *
 * Returns MOTCL_OK, MOTCL_EINVAL (a side of 0), MOTCL_ENOMEM.
 */
int mcl_image_resize(mcl_image *out, const mcl_image *in, uint32_t w, uint32_t h, motcl_err *err);

/** mcl_resize_size and mcl_image_resize in one; `im` is replaced, and unchanged on failure. */
int mcl_image_fit(mcl_image *im, const mcl_resize_rule *rule, motcl_err *err);

#endif
