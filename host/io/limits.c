/* limits.c - refusing pictures that are too large. */
#include "io/limits.h"

int mcl_picture_check_size(uint32_t width, uint32_t height, const mcl_picture_limits *lim,
                           motcl_err *err) {
  if (width <= lim->max_side && height <= lim->max_side &&
      (uint64_t)width * height <= lim->max_pixels)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFIT,
                  "the picture has %ux%u pixels; at most %llu in all and %u on a side are read: "
                  "make it smaller",
                  width, height, (unsigned long long)lim->max_pixels, lim->max_side);
}
