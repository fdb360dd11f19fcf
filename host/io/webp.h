/* webp.h - WebP by libwebp, for picture.c and lines.c alone. */
#ifndef MCL_IO_WEBP_H
#define MCL_IO_WEBP_H

#include <stdbool.h>

#include "image/pixels.h"
#include "io/limits.h"

/** Whether a file begins as a WebP does. */
bool mcl_webp_begins(const void *bytes, size_t n);

/** mcl_picture_read for WebP; *orientation is that of the file, 1..8, and *remark written where there
 * is one. */
int mcl_webp_read(mcl_image *out, unsigned *orientation, const char **remark, const uint8_t *bytes,
                  size_t n, const mcl_picture_limits *lim, motcl_err *err);

/** mcl_picture_sides for WebP, not turned. */
int mcl_webp_sides(uint32_t sides[2], unsigned *orientation, const uint8_t *bytes, size_t n,
                   const mcl_picture_limits *lim, motcl_err *err);

/**
 * The EXIF data of a WebP.
 *
 * exif  gets exif_n of the file's bytes; NULL if there are none
 *
 * Returns MOTCL_EFORMAT for a file that is damaged or ends before its pixels do.
 */
int mcl_webp_exif(const uint8_t **exif, size_t *exif_n, const uint8_t *bytes, size_t n,
                  motcl_err *err);

/** mcl_picture_write_webp, checked; comment is ASCII, NULL for none. */
int mcl_webp_write(uint8_t **out, size_t *n, const mcl_image *rgb, int quality, const char *comment,
                   motcl_err *err);

#endif
