/* mem.h - heap memory. All allocation of the library goes through here, so that an embedder can
 * replace it, and tests can count it and make it fail. Each block knows where it came from, so it
 * may be resized and given back by any thread, whatever allocator that is using. */
#ifndef MCL_BASE_MEM_H
#define MCL_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "motcl.h"

/**
 * Let this thread's new blocks come from `a` until mcl_mem_leave; NULL is malloc. For the duration
 * of a call of the public interface. `a` outlives every block it gave.
 *
 * Returns what was used before, for mcl_mem_leave. Calls nest.
 */
const motcl_allocator *mcl_mem_enter(const motcl_allocator *a);

/** End of what mcl_mem_enter began; `previous` is what it returned. */
void mcl_mem_leave(const motcl_allocator *previous);

/** How often this thread has asked for memory in vain: for libraries that take memory from here and
 * do not say why they failed. */
size_t mcl_mem_misses(void);

/** n * size bytes, not cleared; NULL if there are none or the product overflows. n 0 gives a
 * pointer that may be freed. */
void *mcl_alloc(size_t n, size_t size);

/** As mcl_alloc, cleared. */
void *mcl_zalloc(size_t n, size_t size);

/** Resize to n * size bytes; on failure returns NULL and p stays valid. p may be NULL, but not from
 * mcl_alloc_aligned. */
void *mcl_realloc(void *p, size_t n, size_t size);

/** Bytes aligned to `align` (a power of two, at least 8), cleared; free with mcl_free. */
void *mcl_alloc_aligned(size_t bytes, size_t align);

/** Give back; NULL is fine. */
void mcl_free(void *p);

/** A copy of the n bytes at s with a NUL after them, or NULL. Caller frees with mcl_free. */
char *mcl_strndup(const char *s, size_t n);

/** A copy of the string s, or NULL. Caller frees with mcl_free. */
char *mcl_strdup(const char *s);

/**
 * Make room for one more element in a growing array: *p holds *cap elements of `size` bytes, `len`
 * of them used. Returns false (nothing changed) if memory is out.
 */
bool mcl_grow(void **p, size_t *cap, size_t len, size_t size);

/** a + b or a * b in *out; false, *out untouched, if it overflows. */
bool mcl_add_ok(size_t a, size_t b, size_t *out);
bool mcl_mul_ok(size_t a, size_t b, size_t *out);

#endif
