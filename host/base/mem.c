/* mem.c - heap memory. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool mcl_add_ok(size_t a, size_t b, size_t *out) {
  if (a > SIZE_MAX - b)
    return false;
  *out = a + b;
  return true;
}

bool mcl_mul_ok(size_t a, size_t b, size_t *out) {
  if (b && a > SIZE_MAX / b)
    return false;
  *out = a * b;
  return true;
}

void *mcl_alloc(size_t n, size_t size) {
  size_t bytes;
  if (!mcl_mul_ok(n, size, &bytes))
    return NULL;
  return malloc(bytes ? bytes : 1);
}

void *mcl_zalloc(size_t n, size_t size) {
  return calloc(n ? n : 1, size ? size : 1);
}

void *mcl_realloc(void *p, size_t n, size_t size) {
  size_t bytes;
  if (!mcl_mul_ok(n, size, &bytes))
    return NULL;
  return realloc(p, bytes ? bytes : 1);
}

void *mcl_alloc_aligned(size_t bytes, size_t align) {
  size_t padded;
  if (!mcl_add_ok(bytes ? bytes : 1, align - 1, &padded))
    return NULL;
  padded -= padded % align;
  void *p = aligned_alloc(align, padded);
  if (p)
    memset(p, 0, padded);
  return p;
}

void mcl_free(void *p) {
  free(p);
}

char *mcl_strndup(const char *s, size_t n) {
  size_t bytes;
  char *copy = mcl_add_ok(n, 1, &bytes) ? mcl_alloc(bytes, 1) : NULL;
  if (copy) {
    memcpy(copy, s, n);
    copy[n] = '\0';
  }
  return copy;
}

char *mcl_strdup(const char *s) {
  return mcl_strndup(s, strlen(s));
}

bool mcl_grow(void **p, size_t *cap, size_t len, size_t size) {
  if (len < *cap)
    return true;
  size_t want = *cap ? *cap : 8;
  while (want <= len) {
    if (!mcl_mul_ok(want, 2, &want))
      return false;
  }
  void *q = mcl_realloc(*p, want, size);
  if (!q)
    return false;
  *p = q;
  *cap = want;
  return true;
}
