/* map64.h - a hash map from 64-bit keys to 32-bit values: pairs of tokens, edges of a trie. */
#ifndef MCL_TEXT_MAP64_H
#define MCL_TEXT_MAP64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Value that stands for an empty place; never put. */
#define MCL_MAP64_NONE UINT32_MAX

/** {0} is an empty map. Reading is safe from any threads while nobody puts. */
typedef struct mcl_map64 {
  uint64_t *key;
  uint32_t *value;
  size_t places; /* a power of two, or 0 */
  size_t used;
} mcl_map64;

/** Value of a key, or MCL_MAP64_NONE. */
uint32_t mcl_map64_get(const mcl_map64 *m, uint64_t key);

/** Add a key that is not there yet. False, and nothing changed, if memory is out. */
bool mcl_map64_put(mcl_map64 *m, uint64_t key, uint32_t value);

void mcl_map64_free(mcl_map64 *m);

#endif
