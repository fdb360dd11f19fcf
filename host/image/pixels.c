/* pixels.c - allocation, orientation and conversion to RGB of 8-bit pictures. */
#include "image/pixels.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

int mcl_image_init(mcl_image *im, uint32_t width, uint32_t height, uint32_t channels,
                   motcl_err *err) {
  if (!width || !height)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u pixels is empty", width, height);
  if (channels < 1 || channels > 4)
    return mcl_fail(err, MOTCL_EINVAL, "a picture has 1 to 4 channels, not %u", channels);

  size_t row;
  uint8_t *px = NULL;
  if (mcl_mul_ok(width, channels, &row))
    px = mcl_alloc(height, row);
  if (!px)
    return mcl_fail(err, MOTCL_ENOMEM, "out of memory for a picture of %ux%u pixels", width,
                    height);
  *im = (mcl_image){width, height, channels, px};
  return MOTCL_OK;
}

void mcl_image_finish(mcl_image *im) {
  if (!im)
    return;
  mcl_free(im->px);
  *im = (mcl_image){0};
}

/* Pillow sums both products before its one rounding, so two mcl_mul255 would differ. */
static uint8_t over_white(uint8_t v, uint8_t a) {
  unsigned t = 255u * (255u - a) + (unsigned)v * a + 128;
  return (uint8_t)((t + (t >> 8)) >> 8);
}

static void pixel_to_rgb(uint8_t *out, const uint8_t *in, uint32_t channels) {
  for (uint32_t c = 0; c < 3; c++)
    out[c] = channels == 4 ? over_white(in[c], in[3]) : in[0];
}

int mcl_image_to_rgb(mcl_image *im, motcl_err *err) {
  if (im->channels == 3)
    return MOTCL_OK;

  mcl_image rgb;
  int rc = mcl_image_init(&rgb, im->width, im->height, 3, err);
  if (rc)
    return rc;
  size_t n = (size_t)im->width * im->height;
  for (size_t i = 0; i < n; i++)
    pixel_to_rgb(rgb.px + 3 * i, im->px + im->channels * i, im->channels);
  mcl_image_finish(im);
  *im = rgb;
  return MOTCL_OK;
}

/* The source place of an upright one, by what an orientation is made of. */
typedef struct turn {
  bool swap, flip_x, flip_y;
} turn;

static const turn turns[9] = {
    [2] = {false, true, false}, [3] = {false, true, true}, [4] = {false, false, true},
    [5] = {true, false, false}, [6] = {true, false, true}, [7] = {true, true, true},
    [8] = {true, true, false},
};

int mcl_image_orient(mcl_image *im, unsigned orientation, motcl_err *err) {
  if (orientation < 2 || orientation > 8)
    return MOTCL_OK;

  turn t = turns[orientation];
  mcl_image out;
  int rc = mcl_image_init(&out, t.swap ? im->height : im->width, t.swap ? im->width : im->height,
                          im->channels, err);
  if (rc)
    return rc;
  uint8_t *to = out.px;
  for (uint32_t y = 0; y < out.height; y++) {
    for (uint32_t x = 0; x < out.width; x++, to += im->channels) {
      size_t sx = t.swap ? y : x, sy = t.swap ? x : y;
      if (t.flip_x)
        sx = im->width - 1 - sx;
      if (t.flip_y)
        sy = im->height - 1 - sy;
      memcpy(to, im->px + (sy * im->width + sx) * im->channels, im->channels);
    }
  }
  mcl_image_finish(im);
  *im = out;
  return MOTCL_OK;
}
