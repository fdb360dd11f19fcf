/* png.h - PNG by libspng, for picture.c alone. */
#ifndef MCL_IO_PNG_H
#define MCL_IO_PNG_H

#include "image/pixels.h"
#include "io/limits.h"

/** mcl_picture_read for PNG; *orientation is that of the file, 1..8, and *remark written where there
 * is one. */
int mcl_png_read(mcl_image *out, unsigned *orientation, const char **remark, const uint8_t *bytes,
                 size_t n, const mcl_picture_limits *lim, motcl_err *err);

/** mcl_picture_sides for PNG, not turned. */
int mcl_png_sides(uint32_t sides[2], unsigned *orientation, const uint8_t *bytes, size_t n,
                  const mcl_picture_limits *lim, motcl_err *err);

/** mcl_picture_write_png, checked. */
int mcl_png_write(uint8_t **out, size_t *n, const mcl_image *rgb, const motcl_line *texts,
                  size_t n_texts, motcl_err *err);

#endif
