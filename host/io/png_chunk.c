/* png_chunk.c - see png_chunk.h. Nothing is believed: lengths are held against the file's, and what
 * unpacks is bounded. */
#include "io/png_chunk.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "base/mem.h"

enum { KEY_MOST = 79 };
static const size_t longest = 0x7fffffff; /* of a chunk, by the format */

uint32_t mcl_png_u32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool mcl_png_begins(const void *bytes, size_t n) {
  return n >= MCL_PNG_SIGNATURE && !memcmp(bytes, "\x89PNG\r\n\x1a\n", MCL_PNG_SIGNATURE);
}

static bool is_name(const uint8_t *p) {
  for (int i = 0; i < 4; i++)
    if (!((p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= 'a' && p[i] <= 'z')))
      return false;
  return true;
}

bool mcl_png_next(mcl_png_chunk *c, const uint8_t *bytes, size_t size, size_t *at) {
  size_t left = size - *at;
  if (left < 8 || !is_name(bytes + *at + 4) || mcl_png_u32(bytes + *at) > longest)
    return false;
  size_t length = mcl_png_u32(bytes + *at);
  bool cut = left - 8 < length || left - 8 - length < 4;
  *c = (mcl_png_chunk){.type = (const char *)bytes + *at + 4,
                       .data = bytes + *at + 8,
                       .n = left - 8 < length ? left - 8 : length,
                       .cut = cut};
  *at = cut ? size : *at + 12 + length;
  return true;
}

bool mcl_png_is(const mcl_png_chunk *c, const char *type) {
  return !memcmp(c->type, type, 4);
}

uint32_t mcl_png_checksum(const char *type, size_t n) {
  return (uint32_t)crc32_z(0, (const Bytef *)type, n + 4);
}

bool mcl_png_sound(const mcl_png_chunk *c) {
  return !c->cut && mcl_png_checksum(c->type, c->n) == mcl_png_u32(c->data + c->n);
}

/* ---- texts ---- */

static voidpf zlib_alloc(voidpf user, uInt n, uInt size) {
  (void)user;
  return mcl_alloc(n, size);
}

static void zlib_free(voidpf user, voidpf p) {
  (void)user;
  mcl_free(p);
}

/* Room for more of what is unpacked, `most` at most; false where there is none. */
static bool widen(mcl_png_text *t, size_t *cap, size_t most) {
  size_t want = *cap ? *cap * 2 : 4096;
  want = want < most ? want : most;
  char *p = want > *cap ? mcl_realloc(t->owned, want, 1) : NULL;
  if (!p)
    return false;
  t->owned = p;
  *cap = want;
  return true;
}

/* Unpack `size` bytes into t->owned; Z_STREAM_END if all of it came, and was right. */
static int unpack(mcl_png_text *t, const char *data, size_t size, size_t most) {
  z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
  size_t cap = 0;
  if (size > UINT_MAX || most > UINT_MAX)
    return Z_DATA_ERROR;
  z.next_in = (Bytef *)(uintptr_t)data;
  z.avail_in = (uInt)size;
  int rc = inflateInit(&z);
  while (rc == Z_OK) {
    if (!z.avail_out) {
      if (!widen(t, &cap, most))
        break;
      z.next_out = (Bytef *)t->owned + t->n;
      z.avail_out = (uInt)(cap - t->n);
    }
    rc = inflate(&z, Z_NO_FLUSH);
    t->n = cap - z.avail_out;
  }
  inflateEnd(&z);
  return rc;
}

/* Behind the keyword of an iTXt: two bytes about packing, a language and a translated keyword, each
 * with its NUL, and the text. Returns where that begins, or NULL. */
static const char *behind_names(const char *rest, const char *end) {
  if (end - rest < 2)
    return NULL;
  rest += 2;
  for (int i = 0; i < 2; i++) {
    const char *stop = memchr(rest, 0, (size_t)(end - rest));
    if (!stop)
      return NULL;
    rest = stop + 1;
  }
  return rest;
}

/* The text behind a keyword, from `rest` to `end`, with how it is packed; false if there is none. */
static bool find_text(mcl_png_text *t, const mcl_png_chunk *c, const char *rest, const char *end,
                      bool *packed) {
  *packed = mcl_png_is(c, "zTXt");
  t->latin = !mcl_png_is(c, "iTXt");
  t->text = rest;
  if (*packed) {
    if (rest == end || rest[0] != 0)
      return false;
    t->text = rest + 1;
  } else if (!t->latin) {
    t->text = behind_names(rest, end);
    if (!t->text)
      return false;
    *packed = rest[0] != 0;
    if (*packed && rest[1] != 0)
      return false;
  }
  t->n = (size_t)(end - t->text);
  return true;
}

int mcl_png_text_read(mcl_png_text *t, const mcl_png_chunk *c, bool (*wants)(const char *, size_t),
                      size_t most, motcl_err *err) {
  const char *key = (const char *)c->data, *end = key + c->n;
  bool packed;
  *t = (mcl_png_text){0};
  if (!mcl_png_is(c, "tEXt") && !mcl_png_is(c, "zTXt") && !mcl_png_is(c, "iTXt"))
    return MOTCL_OK;
  const char *stop = c->n ? memchr(key, 0, c->n < KEY_MOST + 1 ? c->n : KEY_MOST + 1) : NULL;
  if (!stop || stop == key || (wants && !wants(key, (size_t)(stop - key))))
    return MOTCL_OK;
  mcl_png_text got = {.key = key, .key_n = (size_t)(stop - key)};
  if (!find_text(&got, c, stop + 1, end, &packed))
    return MOTCL_OK;
  if (packed) {
    size_t size = got.n, misses = mcl_mem_misses();
    got.n = 0;
    int rc = unpack(&got, got.text, size, most);
    if (rc != Z_STREAM_END) {
      mcl_free(got.owned);
      return mcl_mem_misses() == misses ? MOTCL_OK : mcl_fail_nomem(err, most);
    }
    got.text = got.owned ? got.owned : "";
  } else if (got.n > most) {
    return MOTCL_OK;
  }
  *t = got;
  return MOTCL_OK;
}
