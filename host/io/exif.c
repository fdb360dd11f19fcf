/* exif.c - finds the orientation in a TIFF directory, in the text of one, and in an XMP packet; the
 * comment in a directory. */
#include "io/exif.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define TAG_ORIENTATION 0x0112
#define TAG_EXIF 0x8769 /* where the directory of EXIF's own tags is */
#define TAG_COMMENT 0x9286
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

/* Where the data of the entry at `at` lie, and their bytes; false if they are not all there. */
static bool find_data(const tiff *t, size_t at, size_t *place, size_t *bytes) {
  uint64_t type = number(t, at + 2, 2), count = number(t, at + 4, 4);
  if (type >= TYPES || !types[type].bytes || !count)
    return false;
  uint64_t size = count * types[type].bytes;
  *place = at + 8;
  if (size > 4) {
    *place = (size_t)number(t, at + 8, 4);
    if (*place > t->n || size > t->n - *place)
      return false;
  }
  *bytes = (size_t)size;
  return true;
}

/* What the entry at `at` says; 0 where it cannot be read, so that a later one may say it. */
static unsigned entry_value(const tiff *t, size_t at) {
  unsigned type = (unsigned)number(t, at + 2, 2);
  size_t place, size;
  if (!find_data(t, at, &place, &size))
    return 0;
  if (types[type].kind == NONE)
    return 1;
  double v = value_at(t, place, type);
  for (unsigned o = 2; o <= 8; o++)
    if (v == o)
      return o;
  return 1;
}

/* A directory's entries that were not looked at: where they begin, how many it says there are. */
typedef struct entries {
  size_t at, left;
} entries;

static entries entries_of(const tiff *t, size_t directory) {
  if (directory > t->n - 2)
    return (entries){0};
  return (entries){directory + 2, (size_t)number(t, directory, 2)};
}

/* The place of the next one of a tag; 0: there is none. */
static size_t next_of(const tiff *t, entries *e, unsigned tag) {
  while (e->left && t->n - e->at >= ENTRY) {
    size_t at = e->at;
    e->at += ENTRY;
    e->left--;
    if (number(t, at, 2) == tag)
      return at;
  }
  return 0;
}

/* The two marks as the format has them, and with the bytes of the second number swapped; in front of
 * them may stand the mark of JPEG. */
static bool read_head(tiff *t, const uint8_t *bytes, size_t n) {
  static const char heads[4][4] = {"II*", "MM\0*", "MM*", "II\0*"};
  if (n >= 6 && !memcmp(bytes, "Exif\0", 6)) {
    bytes += 6;
    n -= 6;
  }
  if (n < 8)
    return false;
  *t = (tiff){bytes, n, bytes[0] == 'I'};
  for (int i = 0; i < 4; i++)
    if (!memcmp(bytes, heads[i], 4))
      return true;
  return false;
}

static entries first_entries(const tiff *t) {
  return entries_of(t, (size_t)number(t, 4, 4));
}

unsigned mcl_exif_orientation(const uint8_t *exif, size_t n) {
  tiff t;
  if (!read_head(&t, exif, n))
    return 0;
  entries e = first_entries(&t);
  unsigned found = 0;
  for (size_t at; !found && (at = next_of(&t, &e, TAG_ORIENTATION));)
    found = entry_value(&t, at);
  return found;
}

/* ---- the user's comment ---- */

static const char in_ascii[8] = "ASCII\0\0"; /* in front of a comment: its encoding */

/* In what we write: where the comment begins, and where its length stands. */
enum { COMMENT = 56, COMMENT_LENGTH = 44 };

uint8_t *mcl_exif_with_comment(size_t *n, const char *text) {
  /* clang-format off */
  static const uint8_t head[COMMENT] = {
      'I', 'I', '*', 0, 8, 0, 0, 0,                           /* little-endian; the first directory is at 8 */
      1, 0,                                                   /* with one entry: */
      0x69, 0x87, 4, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0,  /* EXIF's own, at 26, and no further one */
      2, 0,                                                   /* which has two: */
      0, 0x90, 7, 0, 4, 0, 0, 0, '0', '2', '3', '2',          /* its version, which must be there, */
      0x86, 0x92, 7, 0, 0, 0, 0, 0, COMMENT, 0, 0, 0};        /* the comment, and no further directory */
  /* clang-format on */
  size_t length = strlen(text), bytes = sizeof in_ascii + length;
  uint8_t *exif = mcl_alloc(COMMENT + bytes, 1);
  if (!exif)
    return NULL;
  memcpy(exif, head, sizeof head);
  for (int i = 0; i < 4; i++)
    exif[COMMENT_LENGTH + i] = (uint8_t)(bytes >> 8 * i);
  memcpy(exif + COMMENT, in_ascii, sizeof in_ascii);
  memcpy(exif + COMMENT + sizeof in_ascii, text, length);
  *n = COMMENT + bytes;
  return exif;
}

const char *mcl_exif_comment(const uint8_t *exif, size_t n, size_t *length) {
  tiff t;
  size_t place, bytes;
  if (!read_head(&t, exif, n))
    return NULL;
  entries e = first_entries(&t);
  size_t at = next_of(&t, &e, TAG_EXIF);
  if (!at)
    return NULL;
  e = entries_of(&t, (size_t)number(&t, at + 8, 4));
  at = next_of(&t, &e, TAG_COMMENT);
  if (!at || !find_data(&t, at, &place, &bytes) || bytes < sizeof in_ascii ||
      memcmp(t.bytes + place, in_ascii, sizeof in_ascii) != 0)
    return NULL;
  *length = bytes - sizeof in_ascii;
  return (const char *)t.bytes + place + sizeof in_ascii;
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
