/* lines.c - metadata of a picture file, back as lines. Chunks and segments are walked, and no more is
 * unpacked than the lines may have. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "io/exif.h"
#include "io/json.h"
#include "io/picture.h"
#include "io/png_chunk.h"
#include "io/webp.h"

/* Lines found so far: key, NUL, value, NUL, and so on. */
typedef struct lines {
  char *text;
  size_t cap, used, count;
} lines;

/* Room for n more bytes, or NULL without memory. */
static char *reserve(lines *l, size_t n) {
  size_t cap = l->cap ? l->cap : 4096;
  while (cap < l->used + n)
    cap *= 2;
  char *text = mcl_realloc(l->text, cap, 1);
  if (!text)
    return NULL;
  l->text = text;
  l->cap = cap;
  return text + l->used;
}

static bool is_text(const char *s, size_t n) {
  return !memchr(s, 0, n) && mcl_utf8_valid(s, n, NULL);
}

static int add(lines *l, const char *key, size_t key_n, const char *value, size_t n,
               motcl_err *err) {
  if (!key_n || !n || !is_text(key, key_n) || !is_text(value, n))
    return MOTCL_OK;
  if (l->count == MCL_PICTURE_LINES_MOST)
    return mcl_fail(err, MOTCL_EFORMAT, "the picture has more than %d lines of metadata",
                    MCL_PICTURE_LINES_MOST);
  if (key_n + n + 2 > MCL_PICTURE_LINES_BYTES - l->used)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the picture's metadata are longer than %zu bytes, which no picture of motcl's "
                    "has",
                    MCL_PICTURE_LINES_BYTES);
  char *at = reserve(l, key_n + n + 2);
  if (!at)
    return mcl_fail_nomem(err, key_n + n + 2);
  memcpy(at, key, key_n);
  at[key_n] = 0;
  memcpy(at + key_n + 1, value, n);
  at[key_n + 1 + n] = 0;
  l->used += key_n + n + 2;
  l->count++;
  return MOTCL_OK;
}

/* ---- PNG ---- */

/* A tEXt chunk is Latin-1, of which the half above ASCII takes two bytes in UTF-8. */
static int add_latin(lines *l, const mcl_png_text *t, motcl_err *err) {
  char *utf8 = mcl_alloc(t->n, 2);
  size_t used = 0;
  if (!utf8)
    return mcl_fail_nomem(err, 2 * t->n);
  for (size_t i = 0; i < t->n; i++) {
    unsigned char c = (unsigned char)t->text[i];
    if (c >= 0x80)
      utf8[used++] = (char)(0xC0 | c >> 6);
    utf8[used++] = (char)(c < 0x80 ? c : (0x80 | (c & 0x3F)));
  }
  int rc = add(l, t->key, t->key_n, utf8, used, err);
  mcl_free(utf8);
  return rc;
}

static int take_chunk(lines *l, const mcl_png_chunk *c, motcl_err *err) {
  mcl_png_text t;
  int rc = mcl_png_text_read(&t, c, NULL, MCL_PICTURE_LINES_BYTES, err);
  if (!t.key || !mcl_png_sound(c))
    rc = t.key ? MOTCL_OK : rc;
  else if (t.latin)
    rc = add_latin(l, &t, err);
  else
    rc = add(l, t.key, t.key_n, t.text, t.n, err);
  mcl_free(t.owned);
  return rc;
}

/* What is cut behind the pixels takes no line that was there before it. */
static int walk_png(lines *l, const uint8_t *bytes, size_t n, motcl_err *err) {
  mcl_png_chunk c = {0};
  size_t at = MCL_PNG_SIGNATURE;
  bool pixels = false, ended = false;
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && !ended && mcl_png_next(&c, bytes, n, &at)) {
    ended = mcl_png_is(&c, "IEND");
    if (mcl_png_is(&c, "IDAT"))
      pixels = !c.cut;
    rc = take_chunk(l, &c, err);
  }
  if (rc == MOTCL_OK && !pixels && !ended)
    rc = mcl_fail(err, MOTCL_EFORMAT, "the PNG picture is cut short");
  return rc;
}

/* ---- a comment, which holds all lines ---- */

static int take_members(lines *l, json_t *all, motcl_err *err) {
  const char *key;
  json_t *value;
  int rc = MOTCL_OK;
  json_object_foreach(all, key, value) {
    if (rc == MOTCL_OK && json_is_string(value))
      rc = add(l, key, strlen(key), json_string_value(value), json_string_length(value), err);
  }
  return rc;
}

static int take_comment(lines *l, const char *comment, size_t n, motcl_err *err) {
  json_t *all = NULL;
  if (!n || n > MCL_PICTURE_LINES_BYTES || comment[0] != '{')
    return MOTCL_OK;
  int rc = mcl_json_parse(&all, comment, n, "the picture's comment", err);
  rc = rc == MOTCL_OK ? take_members(l, all, err) : rc;
  json_decref(all);
  return rc;
}

/* ---- JPEG ---- */

enum { MARK_COMMENT = 0xFE, MARK_SCAN = 0xDA, MARK_END = 0xD9 };

/* Put the comment segments in front of the pixels together; *n becomes their length. With to NULL
 * they are counted only. */
static int join_comments(char *to, size_t *n, const uint8_t *bytes, size_t size, motcl_err *err) {
  size_t at = 2;
  *n = 0;
  for (;;) {
    while (at + 1 < size && bytes[at] == 0xFF && bytes[at + 1] == 0xFF)
      at++;
    if (size - at < 4 || bytes[at] != 0xFF)
      return mcl_fail(err, MOTCL_EFORMAT, "the JPEG picture is cut short or damaged");
    if (bytes[at + 1] == MARK_SCAN || bytes[at + 1] == MARK_END)
      return MOTCL_OK;
    size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (length < 2 || length > size - at - 2)
      return mcl_fail(err, MOTCL_EFORMAT, "the JPEG picture is cut short or damaged");
    if (bytes[at + 1] == MARK_COMMENT) {
      if (to)
        memcpy(to + *n, bytes + at + 4, length - 2);
      *n += length - 2;
    }
    at += 2 + length;
  }
}

static int walk_jpeg(lines *l, const uint8_t *bytes, size_t size, motcl_err *err) {
  size_t n;
  int rc = join_comments(NULL, &n, bytes, size, err);
  if (rc != MOTCL_OK || !n || n > MCL_PICTURE_LINES_BYTES)
    return rc;
  char *comment = mcl_alloc(n, 1);
  if (!comment)
    return mcl_fail_nomem(err, n);
  rc = join_comments(comment, &n, bytes, size, err);
  if (rc == MOTCL_OK)
    rc = take_comment(l, comment, n, err);
  mcl_free(comment);
  return rc;
}

/* ---- WebP ---- */

static int walk_webp(lines *l, const uint8_t *bytes, size_t size, motcl_err *err) {
  const uint8_t *exif;
  size_t exif_n, n;
  int rc = mcl_webp_exif(&exif, &exif_n, bytes, size, err);
  const char *comment = rc == MOTCL_OK && exif ? mcl_exif_comment(exif, exif_n, &n) : NULL;
  return comment ? take_comment(l, comment, n, err) : rc;
}

/* ---- */

/* The lines and what they point to, in one block. */
static int give(motcl_line **out, const lines *l, motcl_err *err) {
  size_t head = l->count * sizeof(motcl_line);
  motcl_line *line = mcl_alloc(head + l->used, 1);
  if (!line)
    return mcl_fail_nomem(err, head + l->used);
  char *at = (char *)line + head;
  if (l->used)
    memcpy(at, l->text, l->used);
  for (size_t i = 0; i < l->count; i++) {
    line[i].key = at;
    at += strlen(at) + 1;
    line[i].value = at;
    at += strlen(at) + 1;
  }
  *out = line;
  return MOTCL_OK;
}

int mcl_picture_lines(motcl_line **out, size_t *count, const void *bytes, size_t n,
                      motcl_err *err) {
  static int (*const walk[MOTCL_FORMAT_COUNT])(lines *, const uint8_t *, size_t, motcl_err *) = {
      [MOTCL_PNG] = walk_png, [MOTCL_JPEG] = walk_jpeg, [MOTCL_WEBP] = walk_webp};
  lines l = {0};
  motcl_format format;
  int rc = mcl_picture_format(&format, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = walk[format](&l, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = give(out, &l, err);
  if (rc == MOTCL_OK)
    *count = l.count;
  mcl_free(l.text);
  return rc;
}
