/* png.c - a PNG picture; once as it is and once with checksums that fit, which no mutation would
 * find. */
#include <stdlib.h>
#include <string.h>

#include "picture.h"

static uint32_t crc(const uint8_t *data, size_t size) {
  uint32_t c = UINT32_MAX;
  for (size_t i = 0; i < size; i++) {
    c ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
  }
  return ~c;
}

static void mend(uint8_t *file, size_t size) {
  for (size_t at = 8; size - at >= 12;) {
    uint8_t *p = file + at;
    size_t n = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    if (n > size - at - 12)
      return;
    uint32_t c = crc(p + 4, n + 4);
    for (int i = 0; i < 4; i++)
      p[8 + n + (size_t)i] = (uint8_t)(c >> (24 - 8 * i));
    at += 12 + n;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_picture(data, size);
  if (size < 8)
    return 0;
  uint8_t *copy = malloc(size);
  if (!copy)
    return 0;
  memcpy(copy, data, size);
  mend(copy, size);
  fuzz_picture(copy, size);
  free(copy);
  return 0;
}
