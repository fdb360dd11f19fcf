/* picture.h - PNG, JPEG and WebP files in memory to pictures and back. Nothing in such a file is
 * trusted: its size is looked at before memory is taken, and one whose pixels are cut short or
 * damaged is refused rather than shown in part. */
#ifndef MCL_IO_PICTURE_H
#define MCL_IO_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/pixels.h"
#include "io/limits.h"

/** The format that a file's first bytes tell of, in *out. Returns MOTCL_OK; MOTCL_EFORMAT for what is
 * none that is read, *out untouched. */
int mcl_picture_format(motcl_format *out, const void *bytes, size_t n, motcl_err *err);

/**
 * Read a picture, in the format that mcl_picture_format says, as Pillow does with Image.open:
 *
 * - grey is L, colour RGB, with alpha LA or RGBA; colour profiles and gamma are ignored;
 * - a palette becomes RGB, with transparency RGBA; a transparent grey or colour makes RGBA as well
 *   (grey of 2 and 4 bits is widened first and the transparent grey is not, as in Pillow);
 * - 16 bits a sample become 8 by their upper byte. So does Pillow with colour and alpha, where grey
 *   with alpha turns RGBA; plain grey it clips at 255, which we do not. A transparent value is
 *   compared in all its 16 bits;
 * - CMYK and YCCK become RGB by Pillow's formula, taken as inverted, as Adobe writes them;
 * - of an animated PNG the still picture is taken, of an animated WebP the first frame, with a
 *   remark.
 *
 * A file that is not as it should be, but has all its pixels, is read with a remark. Every known
 * difference from Pillow stands in the page of this room.
 *
 * So mcl_image_to_rgb of the result is what the official code starts from.
 *
 * out          a new image, written on success only; the caller finishes it
 * bytes        the n bytes of the file, not changed
 * lim          NULL for MCL_PICTURE_LIMITS_DEFAULT
 * auto_orient  turn it upright by its EXIF orientation, which an XMP packet may hold as well
 * remark       gets a static sentence on what is wrong with the file, NULL if nothing; may be NULL
 *
 * Returns MOTCL_OK, MOTCL_EFORMAT (another format, damaged, cut short), MOTCL_EFIT (over a limit),
 * MOTCL_ENOMEM. Any thread.
 */
int mcl_picture_read(mcl_image *out, const void *bytes, size_t n, const mcl_picture_limits *lim,
                     bool auto_orient, const char **remark, motcl_err *err);

/**
 * The sides of the picture that mcl_picture_read would give, without unpacking its pixels: so they
 * may still turn out to be damaged. Arguments and errors as there.
 */
int mcl_picture_sides(uint32_t *width, uint32_t *height, const void *bytes, size_t n,
                      const mcl_picture_limits *lim, bool auto_orient, motcl_err *err);

/**
 * Write an RGB image as PNG. A line's key is 1 to 79 printable ASCII characters without blanks at
 * an end or in a row; lines whose value is empty are left out. Metadata are tEXt chunks, or iTXt
 * where tEXt cannot hold them. The same input gives the same bytes (with the same zlib).
 *
 * out, n  the file, written on success only; the caller frees *out with mcl_free
 * texts   n_texts of them; NULL if there are none
 *
 * Returns MOTCL_OK, MOTCL_EINVAL (not RGB, a bad key or value), MOTCL_ENOMEM.
 */
int mcl_picture_write_png(uint8_t **out, size_t *n, const mcl_image *rgb, const motcl_line *texts,
                          size_t n_texts, motcl_err *err);

/**
 * As mcl_picture_write_png, as baseline JPEG. Metadata are one JSON object of strings in ASCII, in
 * comment segments: cut every 65533 bytes, to be put together again. Chroma is kept whole from
 * quality 90 on and halved in both directions below.
 *
 * quality  1..100
 */
int mcl_picture_write_jpeg(uint8_t **out, size_t *n, const mcl_image *rgb, int quality,
                           const motcl_line *texts, size_t n_texts, motcl_err *err);

/**
 * As mcl_picture_write_png, as WebP of at most 16383 pixels on a side. Metadata are the same object, as
 * the user's comment in EXIF data.
 *
 * quality  1..100; 0 loses nothing
 */
int mcl_picture_write_webp(uint8_t **out, size_t *n, const mcl_image *rgb, int quality,
                           const motcl_line *texts, size_t n_texts, motcl_err *err);

/** Most bytes of the metadata that mcl_picture_lines gives, and most lines. */
#define MCL_PICTURE_LINES_BYTES ((size_t)4 << 20)
enum { MCL_PICTURE_LINES_MOST = 1024 };

/**
 * The lines of metadata that a picture file carries, as the functions above write them. In a PNG
 * they are text chunks anywhere in the file, packed or not; those that are damaged, no UTF-8 or hold
 * a NUL are passed over, as is a comment of a JPEG or WebP that is longer or does not begin as an
 * object. The pixels are not looked at, but a PNG or WebP that ends before they do is refused.
 *
 * out    gets the lines, in the order of the file, in one block: the caller frees it with mcl_free
 * count  gets how many they are; a key may come again
 *
 * Returns MOTCL_OK, also where there are none; MOTCL_EFORMAT (another format, cut short, a comment
 * that is no JSON, over a limit above), MOTCL_ENOMEM. Outputs are written on success only.
 * Any thread.
 */
int mcl_picture_lines(motcl_line **out, size_t *count, const void *bytes, size_t n, motcl_err *err);

#endif
