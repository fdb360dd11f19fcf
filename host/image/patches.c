/* patches.c - bytes to floats and back, patches and latent tokens. */
#include "image/patches.h"

#include <string.h>

#include "base/err.h"

static void float_table(float table[256]) {
  for (int i = 0; i < 256; i++)
    table[i] = ((float)i / 255.0f - 0.5f) / 0.5f;
}

static int want_rgb(const mcl_image *im, motcl_err *err) {
  if (im->channels == 3)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINVAL, "a picture for an encoder has 3 channels, not %u",
                  im->channels);
}

static int want_multiple(uint32_t h, uint32_t w, uint32_t patch, motcl_err *err) {
  if (patch && h && w && h % patch == 0 && w % patch == 0)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINVAL, "a grid of %ux%u is not made of whole patches of %ux%u", w, h,
                  patch, patch);
}

int mcl_pixels_to_float(float *dst, const mcl_image *rgb, motcl_err *err) {
  int rc = want_rgb(rgb, err);
  if (rc)
    return rc;
  float table[256];
  float_table(table);
  size_t n = (size_t)rgb->width * rgb->height * 3;
  for (size_t i = 0; i < n; i++)
    dst[i] = table[rgb->px[i]];
  return MOTCL_OK;
}

int mcl_pixels_to_patches(float *dst, const mcl_image *rgb, uint32_t patch, motcl_err *err) {
  int rc = want_rgb(rgb, err);
  if (!rc)
    rc = want_multiple(rgb->height, rgb->width, patch, err);
  if (rc)
    return rc;
  float table[256];
  float_table(table);
  size_t row = (size_t)rgb->width * 3, part = (size_t)patch * 3;
  for (size_t y = 0; y < rgb->height; y += patch)
    for (size_t x = 0; x < row; x += part)
      for (size_t p = 0; p < patch; p++)
        for (size_t i = 0; i < part; i++)
          *dst++ = table[rgb->px[(y + p) * row + x + i]];
  return MOTCL_OK;
}

static uint8_t to_byte(float y) {
  float v = y * 0.5f + 0.5f;
  if (!(v > 0.0f))
    return 0;
  if (v > 1.0f)
    v = 1.0f;
  return (uint8_t)(v * 255.0f);
}

int mcl_pixels_from_float(mcl_image *out, const float *src, uint32_t width, uint32_t height,
                          motcl_err *err) {
  mcl_image im;
  int rc = mcl_image_init(&im, width, height, 3, err);
  if (rc)
    return rc;
  size_t n = (size_t)width * height * 3;
  for (size_t i = 0; i < n; i++)
    im.px[i] = to_byte(src[i]);
  *out = im;
  return MOTCL_OK;
}

/* Where row p of the patch at (r, c) starts in a latent [h, w, z]; r and c count patches. */
static size_t patch_row(size_t r, size_t c, size_t p, uint32_t w, uint32_t z, uint32_t patch) {
  return ((r * patch + p) * w + c * patch) * z;
}

int mcl_latent_to_tokens(float *tokens, const float *latent, uint32_t h, uint32_t w, uint32_t z,
                         uint32_t patch, motcl_err *err) {
  int rc = want_multiple(h, w, patch, err);
  if (rc)
    return rc;
  size_t part = (size_t)patch * z;
  for (size_t r = 0; r < h / patch; r++)
    for (size_t c = 0; c < w / patch; c++)
      for (size_t p = 0; p < patch; p++, tokens += part)
        memcpy(tokens, latent + patch_row(r, c, p, w, z, patch), part * sizeof *tokens);
  return MOTCL_OK;
}

int mcl_latent_from_tokens(float *latent, const float *tokens, uint32_t h, uint32_t w, uint32_t z,
                           uint32_t patch, motcl_err *err) {
  int rc = want_multiple(h, w, patch, err);
  if (rc)
    return rc;
  size_t part = (size_t)patch * z;
  for (size_t r = 0; r < h / patch; r++)
    for (size_t c = 0; c < w / patch; c++)
      for (size_t p = 0; p < patch; p++, tokens += part)
        memcpy(latent + patch_row(r, c, p, w, z, patch), tokens, part * sizeof *tokens);
  return MOTCL_OK;
}
