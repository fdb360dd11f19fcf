/* png_chunk.h - the chunks of a PNG file, one by one, and the texts in them. For png.c and lines.c. */
#ifndef MCL_IO_PNG_CHUNK_H
#define MCL_IO_PNG_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

/** Bytes in front of the first chunk. */
enum { MCL_PNG_SIGNATURE = 8 };

/** A number of four bytes. */
uint32_t mcl_png_u32(const uint8_t *p);

/** Whether a file begins as a PNG does. */
bool mcl_png_begins(const void *bytes, size_t n);

/**
 * A chunk, in the file's bytes.
 *
 * type  four letters
 * data  n bytes; fewer than the chunk says if `cut`, which tells that the file ends inside it
 */
typedef struct mcl_png_chunk {
  const char *type;
  const uint8_t *data;
  size_t n;
  bool cut;
} mcl_png_chunk;

/**
 * The chunk at *at, which moves behind it.
 *
 * bytes  `size` bytes of a file
 *
 * Returns false where no chunk begins: at the end, or at what has no name of letters or is longer
 * than a chunk can be.
 */
bool mcl_png_next(mcl_png_chunk *c, const uint8_t *bytes, size_t size, size_t *at);

/** Whether a chunk is of a type. */
bool mcl_png_is(const mcl_png_chunk *c, const char *type);

/** The checksum of a chunk: of its type and n bytes of data, which stand behind that. */
uint32_t mcl_png_checksum(const char *type, size_t n);

/** Whether a chunk is all there and its checksum is right. */
bool mcl_png_sound(const mcl_png_chunk *c);

/**
 * The text of a tEXt, zTXt or iTXt chunk.
 *
 * key    key_n bytes, at least 1, in the file
 * text   n bytes as they stand in the chunk, unpacked
 * latin  they are Latin-1; else UTF-8, if the file tells the truth
 * owned  where text points to if it was packed, else NULL: free it with mcl_free
 */
typedef struct mcl_png_text {
  const char *key, *text;
  size_t key_n, n;
  bool latin;
  char *owned;
} mcl_png_text;

/**
 * Read the text of a chunk, of a key that is wanted.
 *
 * t      key NULL if there is none: another chunk, another key, one that makes no sense, or a text
 *        that does not unpack or is longer than `most`
 * wants  whether a key is wanted; NULL: any
 *
 * Returns MOTCL_OK or MOTCL_ENOMEM, with t cleared.
 */
int mcl_png_text_read(mcl_png_text *t, const mcl_png_chunk *c, bool (*wants)(const char *, size_t),
                      size_t most, motcl_err *err);

#endif
