/* image_data.h - pictures for tests: the noise that tests/golden/make_image.py makes, and the sum
 * it keeps of expected ones. */
#ifndef MCL_TESTS_IMAGE_DATA_H
#define MCL_TESTS_IMAGE_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "image/pixels.h"

/** Upper bytes of a 32-bit congruential generator. */
static inline void fill_noise(uint8_t *px, size_t n, uint32_t seed) {
  for (size_t i = 0; i < n; i++) {
    seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
    px[i] = (uint8_t)(seed >> 24);
  }
}

/** 64-bit FNV-1a of an image's bytes. */
static inline uint64_t image_sum(const mcl_image *im) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  size_t n = (size_t)im->width * im->height * im->channels;
  for (size_t i = 0; i < n; i++)
    h = (h ^ im->px[i]) * UINT64_C(0x100000001b3);
  return h;
}

#endif
