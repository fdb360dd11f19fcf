/* exif.h - the one thing read from EXIF data: which way up a picture is. */
#ifndef MCL_IO_EXIF_H
#define MCL_IO_EXIF_H

#include <stddef.h>
#include <stdint.h>

/**
 * The orientation (tag 0x0112 of the first directory) in EXIF data.
 *
 * exif  n bytes: a TIFF header and what follows, with or without "Exif\0\0" in front
 *
 * Returns 1..8; 1, upright, if there is none or the data make no sense. Reads nothing outside the
 * n bytes.
 */
unsigned mcl_exif_orientation(const uint8_t *exif, size_t n);

#endif
