/* exif.c - finds the orientation in a TIFF directory, in the text of one, and in an XMP packet. */
#include "io/exif.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define TAG_ORIENTATION 0x0112
#define ENTRY 12 /* bytes of a directory entry: tag, type, count, value or where it lies */

/* A directory's data, and how their numbers are laid out. */
typedef struct tiff {
  const uint8_t *bytes;
  size_t n;
  bool little;
} tiff;

static uint64_t number(const tiff *t, size_t at, unsigned bytes) {
  uint64_t v = 0;
  for (unsigned i = 0; i < bytes; i++)
    v = v << 8 | t->bytes[at + (t->little ? bytes - 1 - i : i)];
  return v;
}

/* How a number of a TIFF type is stored. Of the types left out, 2 is text, 1 and 7 are bytes of no
 * meaning to Pillow. */
typedef enum number_kind { NONE, UNSIGNED, SIGNED, RATIONAL, FLOATING } number_kind;
static const struct {
  uint8_t bytes, kind;
} types[] = {
    [1] = {1, NONE},      [2] = {1, NONE},      [3] = {2, UNSIGNED},  [4] = {4, UNSIGNED},
    [5] = {8, RATIONAL},  [6] = {1, SIGNED},    [7] = {1, NONE},      [8] = {2, SIGNED},
    [9] = {4, SIGNED},    [10] = {8, RATIONAL}, [11] = {4, FLOATING}, [12] = {8, FLOATING},
    [13] = {4, UNSIGNED}, [16] = {8, UNSIGNED},
};
enum { TYPES = sizeof types / sizeof *types };

/* Signed or not, nothing below zero is an orientation, and in two's complement it is a large number
 * that is none either: so signs need no looking at. */
static double value_at(const tiff *t, size_t at, unsigned type) {
  unsigned bytes = types[type].bytes;
  uint64_t v = number(t, at, bytes);
  if (types[type].kind == RATIONAL) {
    uint64_t below = number(t, at + 4, 4);
    return below ? (double)number(t, at, 4) / (double)below : 0;
  }
  if (types[type].kind != FLOATING)
    return (double)v;
  if (bytes == 8) {
    double d;
    memcpy(&d, &v, sizeof d);
    return d;
  }
  uint32_t low = (uint32_t)v;
  float f;
  memcpy(&f, &low, sizeof f);
  return (double)f;
}

/* What the entry at `at` says; 0 where it cannot be read, so that a later one may say it. */
static unsigned entry_value(const tiff *t, size_t at) {
  uint64_t type = number(t, at + 2, 2), count = number(t, at + 4, 4);
  if (type >= TYPES || !types[type].bytes || !count)
    return 0;
  uint64_t size = count * types[type].bytes;
  size_t place = at + 8;
  if (size > 4) {
    place = (size_t)number(t, at + 8, 4);
    if (place > t->n || size > t->n - place)
      return 0;
  }
  if (types[type].kind == NONE)
    return 1;
  double v = value_at(t, place, (unsigned)type);
  for (unsigned o = 2; o <= 8; o++)
    if (v == o)
      return o;
  return 1;
}

/* The two marks as the format has them, and with the bytes of the second number swapped. */
static bool read_head(tiff *t, const uint8_t *bytes, size_t n) {
  static const char heads[4][4] = {"II*", "MM\0*", "MM*", "II\0*"};
  if (n < 8)
    return false;
  *t = (tiff){bytes, n, bytes[0] == 'I'};
  for (int i = 0; i < 4; i++)
    if (!memcmp(bytes, heads[i], 4))
      return true;
  return false;
}

unsigned mcl_exif_orientation(const uint8_t *exif, size_t n) {
  tiff t;
  if (n >= 6 && !memcmp(exif, "Exif\0", 6)) {
    exif += 6;
    n -= 6;
  }
  if (!read_head(&t, exif, n))
    return 0;
  size_t at = (size_t)number(&t, 4, 4);
  if (at > n - 2)
    return 0;
  size_t entries = (size_t)number(&t, at, 2);
  unsigned found = 0;
  for (at += 2; entries && n - at >= ENTRY && !found; entries--, at += ENTRY)
    if (number(&t, at, 2) == TAG_ORIENTATION)
      found = entry_value(&t, at);
  return found;
}

/* ---- raw profiles ---- */

static int digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of two digits, with blanks between them; false if there is something else. */
static bool read_hex(uint8_t *to, size_t *n, const char *text, size_t size) {
  size_t used = 0;
  for (size_t i = 0; i < size; i++) {
    if (is_blank(text[i]))
      continue;
    int high = digit(text[i]), low = i + 1 < size ? digit(text[i + 1]) : -1;
    if (high < 0 || low < 0)
      return false;
    to[used++] = (uint8_t)(high << 4 | low);
    i++;
  }
  *n = used;
  return true;
}

int mcl_profile_orientation(unsigned *out, const char *text, size_t n, motcl_err *err) {
  const char *end = text + n;
  *out = 0;
  for (int lines = 0; lines < 3; lines++) {
    const char *stop = text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
    if (!stop)
      return MOTCL_OK;
    text = stop + 1;
  }
  size_t size = (size_t)(end - text);
  uint8_t *bytes = mcl_alloc(size / 2 + 1, 1);
  if (!bytes)
    return mcl_fail_nomem(err, size / 2 + 1);
  if (read_hex(bytes, &n, text, size))
    *out = mcl_exif_orientation(bytes, n);
  mcl_free(bytes);
  return MOTCL_OK;
}

/* ---- XMP ---- */

/* What stands at s begins with; NULL if it does not. */
static const char *behind(const char *s, const char *end, const char *begin) {
  size_t n = strlen(begin);
  return (size_t)(end - s) >= n && !memcmp(s, begin, n) ? s + n : NULL;
}

unsigned mcl_xmp_orientation(const char *xmp, size_t n) {
  for (const char *end = xmp + n, *at = xmp; n && (at = memchr(at, 't', (size_t)(end - at)));
       at++) {
    const char *name = behind(at, end, "tiff:Orientation");
    const char *value = name ? behind(name, end, "=\"") : NULL;
    if (name && !value)
      value = behind(name, end, ">");
    if (value && value < end && *value >= '0' && *value <= '9')
      return *value >= '1' && *value <= '8' ? (unsigned)(*value - '0') : 1;
  }
  return 0;
}

unsigned mcl_turned_by(const mcl_turned *t) {
  unsigned o = t->has_exif ? t->exif : t->profile;
  o = o ? o : t->xmp;
  return o ? o : 1;
}
