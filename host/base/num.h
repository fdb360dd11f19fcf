/* num.h - number types of weights and activations: one list, and conversions to float. */
#ifndef MCL_BASE_NUM_H
#define MCL_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* name, elements of a block, bytes of a block, the name safetensors gives it. Elements of most types
 * stand alone: blocks of one. Rows of others are whole blocks. */
#define MCL_TYPES(X)                                                                               \
  X(F32, 1, 4, "F32")                                                                              \
  X(BF16, 1, 2, "BF16")                                                                            \
  X(F16, 1, 2, "F16")                                                                              \
  X(I32, 1, 4, "I32")                                                                              \
  X(U8, 1, 1, "U8")

#define MCL_TYPE_ENUM(name, block, bytes, text) MCL_##name,
typedef enum mcl_type { MCL_TYPES(MCL_TYPE_ENUM) MCL_TYPE_COUNT } mcl_type;
#undef MCL_TYPE_ENUM

/** Elements of a block, and its bytes. */
size_t mcl_type_block(mcl_type t);
size_t mcl_type_block_bytes(mcl_type t);

/** Bytes of n elements, which are whole blocks. */
static inline size_t mcl_type_bytes(mcl_type t, size_t n) {
  return n / mcl_type_block(t) * mcl_type_block_bytes(t);
}

/** Elements in so many bytes, which are whole blocks. */
static inline size_t mcl_type_count(mcl_type t, size_t bytes) {
  return bytes / mcl_type_block_bytes(t) * mcl_type_block(t);
}

/** Bytes of one element of a type whose elements stand alone; 0 of others. */
size_t mcl_type_size(mcl_type t);

/** "F32", "BF16", ...; a static string. */
const char *mcl_type_name(mcl_type t);

/** Type of that name in *out; false if there is none. */
bool mcl_type_parse(const char *name, mcl_type *out);

static inline float mcl_bf16_to_f32(uint16_t h) {
  uint32_t u = (uint32_t)h << 16;
  float f;
  memcpy(&f, &u, sizeof f);
  return f;
}

/** Round to nearest even; NaN stays NaN. */
uint16_t mcl_f32_to_bf16(float f);

/** IEEE binary16, subnormals included, exact. */
float mcl_f16_to_f32(uint16_t h);

/** n floats from src of type t (F32, BF16 or F16, at any byte address) into dst. */
void mcl_widen(float *dst, const void *src, mcl_type t, size_t n);

/**
 * Bytes in a short form that --memory takes: "264K", "13M", "29G"; to about a tenth.
 *
 * up  round up, for what is needed; else down, for what is there
 *
 * Returns out.
 */
const char *mcl_amount(char out[24], uint64_t bytes, bool up);

#endif
