/* jpeg.h - JPEG by libjpeg-turbo, for picture.c alone. */
#ifndef MCL_IO_JPEG_H
#define MCL_IO_JPEG_H

#include "image/pixels.h"
#include "io/limits.h"

/** mcl_picture_read for JPEG; *orientation is that of the file, 1..8, and *remark written where there
 * is one. */
int mcl_jpeg_read(mcl_image *out, unsigned *orientation, const char **remark, const uint8_t *bytes,
                  size_t n, const mcl_picture_limits *lim, motcl_err *err);

/** mcl_picture_sides for JPEG, not turned. */
int mcl_jpeg_sides(uint32_t sides[2], unsigned *orientation, const uint8_t *bytes, size_t n,
                   const mcl_picture_limits *lim, motcl_err *err);

/** mcl_picture_write_jpeg, checked; comment is ASCII, NULL for none. */
int mcl_jpeg_write(uint8_t **out, size_t *n, const mcl_image *rgb, int quality, const char *comment,
                   motcl_err *err);

#endif
