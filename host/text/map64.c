/* map64.c - open addressing with linear probing, at most three quarters full. */
#include "text/map64.h"

#include <string.h>

#include "base/mem.h"

static size_t place_of(const mcl_map64 *m, uint64_t key) {
  uint64_t h = key * UINT64_C(0x9E3779B97F4A7C15);
  h ^= h >> 32;
  h *= UINT64_C(0xD6E8FEB86659FD93);
  h ^= h >> 32;
  size_t at = (size_t)h & (m->places - 1);
  while (m->value[at] != MCL_MAP64_NONE && m->key[at] != key)
    at = (at + 1) & (m->places - 1);
  return at;
}

uint32_t mcl_map64_get(const mcl_map64 *m, uint64_t key) {
  return m->places ? m->value[place_of(m, key)] : MCL_MAP64_NONE;
}

static bool grow(mcl_map64 *m) {
  mcl_map64 big = {.places = m->places ? m->places : 64, .used = m->used};
  if (m->places && !mcl_mul_ok(m->places, 2, &big.places))
    return false;
  big.key = mcl_alloc(big.places, sizeof *big.key);
  big.value = mcl_alloc(big.places, sizeof *big.value);
  if (!big.key || !big.value) {
    mcl_map64_free(&big);
    return false;
  }
  memset(big.value, 0xFF, big.places * sizeof *big.value);
  for (size_t i = 0; i < m->places; i++) {
    if (m->value[i] != MCL_MAP64_NONE) {
      size_t at = place_of(&big, m->key[i]);
      big.key[at] = m->key[i];
      big.value[at] = m->value[i];
    }
  }
  mcl_map64_free(m);
  *m = big;
  return true;
}

bool mcl_map64_put(mcl_map64 *m, uint64_t key, uint32_t value) {
  if (m->used >= m->places / 4 * 3 && !grow(m))
    return false;
  size_t at = place_of(m, key);
  m->used += m->value[at] == MCL_MAP64_NONE;
  m->key[at] = key;
  m->value[at] = value;
  return true;
}

void mcl_map64_free(mcl_map64 *m) {
  mcl_free(m->key);
  mcl_free(m->value);
  memset(m, 0, sizeof *m);
}
