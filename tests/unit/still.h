/* still.h - a picture file for tests that show one: 50 x 41 pixels, no two neighbours alike. */
#ifndef MCL_TESTS_STILL_H
#define MCL_TESTS_STILL_H

#include "base/mem.h"
#include "io/picture.h"

/** The picture as PNG, which the caller frees with mcl_free; 0, or what went wrong. */
static inline int still_png(uint8_t **png, size_t *bytes) {
  mcl_image im = {0};
  if (mcl_image_init(&im, 50, 41, 3, NULL) != MOTCL_OK)
    return -1;
  for (size_t i = 0; i < (size_t)50 * 41 * 3; i++)
    im.px[i] = (uint8_t)(i * 37 % 251);
  int rc = mcl_picture_write_png(png, bytes, &im, NULL, 0, NULL);
  mcl_image_finish(&im);
  return rc;
}

#endif
