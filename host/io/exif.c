/* exif.c - finds the orientation in a TIFF directory. */
#include "io/exif.h"

#include <stdbool.h>
#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3
#define ENTRY 12 /* bytes of a directory entry: tag, type, count, value */

static uint32_t number(const uint8_t *p, unsigned bytes, bool little) {
  uint32_t v = 0;
  for (unsigned i = 0; i < bytes; i++)
    v = v << 8 | p[little ? bytes - 1 - i : i];
  return v;
}

unsigned mcl_exif_orientation(const uint8_t *exif, size_t n) {
  if (n >= 6 && memcmp(exif, "Exif\0", 6) == 0) {
    exif += 6;
    n -= 6;
  }
  if (n < 8 || (memcmp(exif, "II*\0", 4) != 0 && memcmp(exif, "MM\0*", 4) != 0))
    return 1;

  bool little = exif[0] == 'I';
  size_t at = number(exif + 4, 4, little);
  if (at > n - 2)
    return 1;
  size_t entries = number(exif + at, 2, little);
  for (at += 2; entries && n - at >= ENTRY; entries--, at += ENTRY) {
    const uint8_t *e = exif + at;
    if (number(e, 2, little) != TAG_ORIENTATION)
      continue;
    uint32_t value = number(e + 8, 2, little);
    bool sound = number(e + 2, 2, little) == TYPE_SHORT && number(e + 4, 4, little) == 1;
    return sound && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
