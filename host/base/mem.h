/* mem.h - heap memory. All allocation of the library goes through here, so that it can be
 * counted and made to fail in one place. */
#ifndef MCL_BASE_MEM_H
#define MCL_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/** n * size bytes, not cleared; NULL if there are none or the product overflows. n 0 gives a
 * pointer that may be freed. */
void *mcl_alloc(size_t n, size_t size);

/** As mcl_alloc, cleared. */
void *mcl_zalloc(size_t n, size_t size);

/** Resize to n * size bytes; on failure returns NULL and p stays valid. p may be NULL. */
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
