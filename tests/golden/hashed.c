/* hashed.c - the numbers of HASHED.md. Shares no code with the library, which it helps to judge. */
#include "hashed.h"

#include <string.h>

#define GOLDEN_GAMMA UINT64_C(0x9e3779b97f4a7c15)
#define BELL_DEVIATION 37837.0

uint64_t hashed_fnv(uint64_t h, const void *bytes, size_t n) {
  const unsigned char *p = bytes;
  for (size_t i = 0; i < n; i++) {
    h = (h ^ p[i]) * UINT64_C(0x100000001b3);
  }
  return h;
}

/* The finaliser of splitmix64. */
static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

uint64_t hashed_start(const char *name, uint64_t seed) {
  return hashed_fnv(HASHED_FNV_START, name, strlen(name)) ^ mix(seed);
}

int32_t hashed_bell(uint64_t start, uint64_t i) {
  uint64_t z = mix(start + (i + 1) * GOLDEN_GAMMA);
  int32_t sum = 0;
  for (int k = 0; k < 4; k++) {
    sum += (int32_t)((z >> (16 * k)) & 0xffff);
  }
  return sum - 131070;
}

void hashed_fill(float *dst, size_t n, uint64_t start, uint64_t first, double mean, double std) {
  const float scale = (float)(std / BELL_DEVIATION);
  const float middle = (float)mean;
  for (size_t i = 0; i < n; i++) {
    /* two statements and a volatile product: a fused multiply-add would round once */
    volatile float spread = (float)hashed_bell(start, first + i) * scale;
    dst[i] = middle + spread;
  }
}

uint16_t hashed_to_bf16(float f) {
  uint32_t u;
  memcpy(&u, &f, sizeof u);
  u += 0x7fff + ((u >> 16) & 1);
  return (uint16_t)(u >> 16);
}

uint16_t hashed_to_f16(float f) {
  uint32_t u;
  memcpy(&u, &f, sizeof u);
  const uint16_t sign = (uint16_t)((u >> 16) & 0x8000);
  const int exponent = (int)((u >> 23) & 0xff) - 127 + 15;
  uint32_t fraction = (u & 0x7fffff) | 0x800000;
  if (exponent >= 31) {
    return (uint16_t)(sign | 0x7c00);
  }
  if (exponent < -10) {
    return sign;
  }
  /* a subnormal keeps fewer bits; an overflowing fraction carries into the exponent by itself */
  const int drop = exponent > 0 ? 13 : 14 - exponent;
  const uint32_t half = UINT32_C(1) << (drop - 1);
  const uint32_t rest = fraction & ((half << 1) - 1);
  fraction >>= drop;
  fraction += rest > half || (rest == half && (fraction & 1));
  const uint32_t base = exponent > 0 ? (uint32_t)(exponent - 1) << 10 : 0;
  return (uint16_t)(sign | (base + fraction));
}
