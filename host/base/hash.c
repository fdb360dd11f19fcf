/* hash.c - FNV-1a. */
#include "base/hash.h"

uint64_t mcl_hash64(const void *data, size_t n) {
  const unsigned char *p = data;
  uint64_t h = UINT64_C(0xCBF29CE484222325);
  for (size_t i = 0; i < n; i++)
    h = (h ^ p[i]) * UINT64_C(0x100000001B3);
  return h;
}
