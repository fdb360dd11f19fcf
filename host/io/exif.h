/* exif.h - which way up a picture is: EXIF data say so, as such or as text, or an XMP packet. Whose word
 * counts, and what a number may be written as, is as in Pillow's ImageOps.exif_transpose. And the comment
 * in EXIF data, where a WebP file says how it was made. */
#ifndef MCL_IO_EXIF_H
#define MCL_IO_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

/**
 * The orientation (tag 0x0112 of the first directory) in EXIF data.
 *
 * exif  n bytes: a TIFF header and what follows, with or without "Exif\0\0" in front
 *
 * Returns 1..8; 1, upright, also for a value that is none of these; 0 if the data have no such tag
 * or make no sense. The value is the first of its entry, of any type of number: integers of every
 * size, fractions, floating point. Reads nothing outside the n bytes.
 */
unsigned mcl_exif_orientation(const uint8_t *exif, size_t n);

/**
 * The same in EXIF data that stand in a text as ImageMagick writes them ("Raw profile type exif"):
 * three lines that are passed over, then bytes of two hexadecimal digits.
 *
 * out  gets what mcl_exif_orientation says; 0 if the text holds no bytes
 *
 * Returns MOTCL_OK or MOTCL_ENOMEM.
 */
int mcl_profile_orientation(unsigned *out, const char *text, size_t n, motcl_err *err);

/**
 * The orientation in an XMP packet of n bytes: the first tiff:Orientation with a digit, as attribute
 * or element. Returns 1..8, 1 for 0 and 9; 0 if there is none.
 */
unsigned mcl_xmp_orientation(const char *xmp, size_t n);

/**
 * The user's comment (tag 0x9286) in EXIF data, if it is said to be in ASCII.
 *
 * exif  n bytes, as for mcl_exif_orientation
 *
 * Returns *length bytes in exif, which may be any; NULL, *length untouched, if there is none.
 */
const char *mcl_exif_comment(const uint8_t *exif, size_t n, size_t *length);

/**
 * EXIF data that hold that comment and nothing else.
 *
 * text  in ASCII, below 4 GiB
 *
 * Returns *n bytes, to be freed with mcl_free; NULL without memory.
 */
uint8_t *mcl_exif_with_comment(size_t *n, const char *text);

/** What a file's metadata say, each as the functions above return it; has_exif tells that there are
 * EXIF data other than in a text. */
typedef struct mcl_turned {
  bool has_exif;
  unsigned exif, profile, xmp;
} mcl_turned;

/** The orientation that counts, 1..8. */
unsigned mcl_turned_by(const mcl_turned *t);

#endif
