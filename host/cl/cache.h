/* cache.h - built programs kept on disk, one file an entry. Knows nothing of OpenCL.
 *
 * Entries are written beside their name and renamed, and carry their key and a checksum, so a
 * crash, a full disk or a second process leaves a whole entry, an old one or none. Nothing here
 * is ever an error: without an entry the program is built again. */
#ifndef MCL_CL_CACHE_H
#define MCL_CL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A 128-bit hash of everything that a built program depends on. */
typedef struct mcl_cache_key {
  uint64_t hash[2];
} mcl_cache_key;

/** Start a key; it already depends on the version of the file format. */
mcl_cache_key mcl_cache_key_init(void);

/** Make the key depend on a text; ("a", "bc") and ("ab", "c") give different keys. */
void mcl_cache_key_add(mcl_cache_key *key, const char *text);

/**
 * The entry of that key in folder `dir` (NULL: no cache).
 *
 * data  gets its n bytes; the caller frees them with mcl_free
 *
 * Returns false, outputs untouched, if there is none or it is damaged. Any thread, any process.
 */
bool mcl_cache_load(const char *dir, const mcl_cache_key *key, unsigned char **data, size_t *n);

/** Keep n bytes under that key, replacing what is there; makes `dir` (not its parents) if needed.
 * Returns whether it worked, which only tests need to know. */
bool mcl_cache_store(const char *dir, const mcl_cache_key *key, const void *data, size_t n);

#endif
