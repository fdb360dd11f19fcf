/* hash.h - a short name for bytes, to notice a mix-up; it keeps nobody out who means harm. */
#ifndef MCL_BASE_HASH_H
#define MCL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/** 64-bit FNV-1a of n bytes: the same everywhere. Source: draft-eastlake-fnv, section 2. */
uint64_t mcl_hash64(const void *data, size_t n);

#endif
