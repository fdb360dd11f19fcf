/* hashed.h - numbers made from a hash of a tensor's name and an element's index, so that the same
 * weights can be made anywhere without a file or a random generator. HASHED.md is the definition.
 */
#ifndef TESTS_GOLDEN_HASHED_H
#define TESTS_GOLDEN_HASHED_H

#include <stddef.h>
#include <stdint.h>

/** FNV-1a, 64 bits, continued from h; start with HASHED_FNV_START. */
#define HASHED_FNV_START UINT64_C(0xcbf29ce484222325)
uint64_t hashed_fnv(uint64_t h, const void *bytes, size_t n);

/** Where the stream of numbers of tensor `name` starts in the model of that seed. */
uint64_t hashed_start(const char *name, uint64_t seed);

/** Number i of the stream: an integer in -131070..131070, bell-shaped, deviation about 37837. */
int32_t hashed_bell(uint64_t start, uint64_t i);

/** dst[i] = mean + bell(first + i) * (std / 37837), for n elements; float32, the same bits
 * anywhere. */
void hashed_fill(float *dst, size_t n, uint64_t start, uint64_t first, double mean, double std);

/** Round to nearest even; finite input only. */
uint16_t hashed_to_bf16(float f);
uint16_t hashed_to_f16(float f);

#endif
