/* cache.h - built programs kept on disk, one file an entry. Knows nothing of OpenCL.
 *
 * What is loaded runs as native code, so it is believed only where nobody but this user can have
 * written it: folder and entry are the user's, no other may write to them, the entry is a regular file, and
 * its digest, SHA-256, is over a secret too, which the folder has in a file that only the user can
 * read. An entry that was copied from elsewhere is none. What others have had a hand in is told to the log.
 *
 * Entries are written beside their name and renamed, so a crash, a full disk or a second process
 * leaves a whole entry, an old one or none. Nothing here is ever an error: without an entry the
 * program is built again. */
#ifndef MCL_CL_CACHE_H
#define MCL_CL_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** SHA-256 of everything that a built program depends on. */
typedef struct mcl_cache_key {
  uint8_t hash[32];
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
 * Returns false, outputs untouched, if there is none, or it is damaged or can be another's. Any
 * thread, any process.
 */
bool mcl_cache_load(const char *dir, const mcl_cache_key *key, unsigned char **data, size_t *n);

/** Keep n bytes under that key, replacing what is there; makes `dir` (not its parents) if needed.
 * Returns whether it worked. */
bool mcl_cache_store(const char *dir, const mcl_cache_key *key, const void *data, size_t n);

#endif
