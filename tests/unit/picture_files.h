/* picture_files.h - golden pictures in memory, and small changes to them. */
#ifndef MCL_TESTS_PICTURE_FILES_H
#define MCL_TESTS_PICTURE_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/png_chunk.h"

typedef struct file {
  uint8_t *bytes;
  size_t n;
} file;

static inline file read_golden(const char *name) {
  char path[512];
  const char *src = getenv("srcdir");
  file f = {malloc(1 << 14), 0};
  snprintf(path, sizeof path, "%s/tests/golden/pictures/%s", src ? src : ".", name);
  FILE *in = fopen(path, "rb");
  if (!in || !f.bytes)
    fail_msg("%s cannot be read", path);
  f.n = fread(f.bytes, 1, 1 << 13, in);
  fclose(in);
  return f;
}

static inline void drop(file *f) {
  free(f->bytes);
}

/* Put n bytes in at a place; there is room for as many as a test needs. */
static inline void insert(file *f, size_t at, const void *what, size_t n) {
  assert_true(f->n + n <= 1 << 14);
  memmove(f->bytes + at + n, f->bytes + at, f->n - at);
  memcpy(f->bytes + at, what, n);
  f->n += n;
}

static inline void put_u32(uint8_t *p, size_t v) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Where a chunk of a PNG stands; the file must have one. */
static inline uint8_t *chunk_of(const file *f, const char *type) {
  mcl_png_chunk c = {0};
  size_t at = MCL_PNG_SIGNATURE;
  while (mcl_png_next(&c, f->bytes, f->n, &at))
    if (mcl_png_is(&c, type))
      return f->bytes + ((const uint8_t *)c.type - f->bytes) - 4;
  fail_msg("there is no %s", type);
  return NULL;
}

/* All checksums of a PNG made right; any other file is left alone. */
static inline void fix_checksums(file *f) {
  mcl_png_chunk c = {0};
  size_t at = MCL_PNG_SIGNATURE;
  if (!mcl_png_begins(f->bytes, f->n))
    return;
  while (mcl_png_next(&c, f->bytes, f->n, &at))
    if (!c.cut)
      put_u32(f->bytes + (c.data - f->bytes) + c.n, mcl_png_checksum(c.type, c.n));
}

static inline void rename_chunk(file *f, const char *type, const char *other) {
  memcpy(chunk_of(f, type) + 4, other, 4);
  fix_checksums(f);
}

/* A chunk right behind the header. */
static inline void add_chunk(file *f, const char *type, const void *data, size_t n) {
  uint8_t frame[8], sum[4] = {0};
  put_u32(frame, n);
  memcpy(frame + 4, type, 4);
  insert(f, 33, sum, 4);
  insert(f, 33, data, n);
  insert(f, 33, frame, 8);
  fix_checksums(f);
}

/* A segment of a JPEG right behind its beginning. */
static inline void add_segment(file *f, uint8_t marker, const void *data, size_t n) {
  uint8_t head[4] = {0xff, marker, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2)};
  insert(f, 2, data, n);
  insert(f, 2, head, 4);
}

#endif
