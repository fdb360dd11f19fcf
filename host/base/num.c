/* num.c - number types and their conversions. */
#include "base/num.h"

#include <stdio.h>

size_t mcl_type_block(mcl_type t) {
  static const unsigned char block[] = {
#define BLOCK(name, block, bytes, text) block,
      MCL_TYPES(BLOCK)
#undef BLOCK
  };
  return (unsigned)t < MCL_TYPE_COUNT ? block[t] : 1;
}

size_t mcl_type_block_bytes(mcl_type t) {
  static const unsigned char size[] = {
#define SIZE(name, block, bytes, text) bytes,
      MCL_TYPES(SIZE)
#undef SIZE
  };
  return (unsigned)t < MCL_TYPE_COUNT ? size[t] : 0;
}

size_t mcl_type_size(mcl_type t) {
  return mcl_type_block(t) == 1 ? mcl_type_block_bytes(t) : 0;
}

const char *mcl_type_name(mcl_type t) {
  static const char *const name[] = {
#define NAME(name, block, bytes, text) text,
      MCL_TYPES(NAME)
#undef NAME
  };
  return (unsigned)t < MCL_TYPE_COUNT ? name[t] : "?";
}

bool mcl_type_parse(const char *name, mcl_type *out) {
  for (int t = 0; t < MCL_TYPE_COUNT; t++)
    if (!strcmp(name, mcl_type_name((mcl_type)t))) {
      *out = (mcl_type)t;
      return true;
    }
  return false;
}

uint16_t mcl_f32_to_bf16(float f) {
  uint32_t u;
  memcpy(&u, &f, sizeof u);
  if ((u & 0x7FFFFFFFu) > 0x7F800000u)
    return (uint16_t)((u >> 16) | 0x40u);
  return (uint16_t)((u + 0x7FFFu + ((u >> 16) & 1u)) >> 16);
}

float mcl_f16_to_f32(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000u) << 16, exp = (h >> 10) & 31u, frac = h & 1023u, u;
  if (exp == 31) {
    u = sign | 0x7F800000u | frac << 13;
  } else if (exp) {
    u = sign | (exp + 112u) << 23 | frac << 13;
  } else if (frac) {
    exp = 113;
    while (!(frac & 1024u)) {
      frac <<= 1;
      exp--;
    }
    u = sign | exp << 23 | (frac & 1023u) << 13;
  } else {
    u = sign;
  }
  float f;
  memcpy(&f, &u, sizeof f);
  return f;
}

void mcl_widen(float *dst, const void *src, mcl_type t, size_t n) {
  const unsigned char *p = src;
  if (t == MCL_F32) {
    memcpy(dst, p, n * sizeof *dst);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    uint16_t h;
    memcpy(&h, p + 2 * i, sizeof h);
    dst[i] = t == MCL_BF16 ? mcl_bf16_to_f32(h) : mcl_f16_to_f32(h);
  }
}

const char *mcl_amount(char out[24], uint64_t bytes, bool up) {
  static const char *const units[] = {"", "K", "M", "G", "T"};
  int u = 0;
  while (u < 4 && (bytes >= 10240 || (bytes && bytes % 1024 == 0))) {
    bytes = bytes / 1024 + (up && bytes % 1024 != 0);
    u++;
  }
  snprintf(out, 24, "%llu%s", (unsigned long long)bytes, units[u]);
  return out;
}
