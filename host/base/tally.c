/* tally.c - looking through numbers. A block is looked at as a whole, by ors that compilers turn into
 * vectors; its numbers are counted one by one only if one of them is not finite. */
#include "base/tally.h"

#include <string.h>

enum { BLOCK = 1024 };

/* What a type's bits mean: the exponent is all ones where a number is not finite. */
typedef struct format {
  uint32_t exponent, fraction;
} format;

static format format_of(mcl_type t) {
  if (t == MCL_F32)
    return (format){0x7F800000u, 0x007FFFFFu};
  return t == MCL_BF16 ? (format){0x7F80u, 0x007Fu} : (format){0x7C00u, 0x03FFu};
}

static uint32_t bits_at(const void *block, mcl_type t, size_t i) {
  return t == MCL_F32 ? ((const uint32_t *)block)[i] : ((const uint16_t *)block)[i];
}

static void count_odd(mcl_tally *tally, const void *block, mcl_type t, size_t n, format f) {
  for (size_t i = 0; i < n; i++) {
    uint32_t bits = bits_at(block, t, i);
    if ((bits & f.exponent) != f.exponent)
      continue;
    if (mcl_tally_finite(tally))
      tally->first = tally->count + i;
    if (bits & f.fraction)
      tally->nans++;
    else
      tally->infinite++;
  }
}

/* Whether any of n words of the block is not finite; ors go to the tally. */
#define LOOK(name, word)                                                                           \
  static bool name(mcl_tally *tally, const word *x, size_t n, format f) {                          \
    word odd = 0, differ = 0, magnitude = 0;                                                       \
    const word exponent = (word)f.exponent, first = (word)tally->bits;                             \
    for (size_t i = 0; i < n; i++) {                                                               \
      odd = (word)(odd | (word)((x[i] & exponent) == exponent));                                   \
      differ = (word)(differ | (x[i] ^ first));                                                    \
      magnitude = (word)(magnitude | (x[i] & (f.exponent | f.fraction)));                          \
    }                                                                                              \
    tally->differ |= differ;                                                                       \
    tally->magnitude |= magnitude;                                                                 \
    return odd != 0;                                                                               \
  }
LOOK(look32, uint32_t)
LOOK(look16, uint16_t)

void mcl_tally_add(mcl_tally *tally, const void *data, mcl_type t, size_t n) {
  const unsigned char *p = data;
  const size_t size = mcl_type_size(t);
  const format f = format_of(t);
  uint32_t block[BLOCK];
  for (size_t at = 0; at < n;) {
    size_t part = n - at < BLOCK ? n - at : BLOCK;
    memcpy(block, p + at * size, part * size); /* where words may be read as such */
    if (!tally->count)
      tally->bits = bits_at(block, t, 0);
    bool odd = t == MCL_F32 ? look32(tally, block, part, f)
                            : look16(tally, (const uint16_t *)(const void *)block, part, f);
    if (odd)
      count_odd(tally, block, t, part, f);
    tally->count += part;
    at += part;
  }
}

bool mcl_tally_finite(const mcl_tally *tally) {
  return !tally->nans && !tally->infinite;
}

bool mcl_tally_zero(const mcl_tally *tally) {
  return tally->count && !tally->magnitude;
}

bool mcl_tally_constant(const mcl_tally *tally) {
  return tally->count > 1 && (!tally->differ || !tally->magnitude);
}
