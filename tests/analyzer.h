/* analyzer.h - shows clang's analyzer, which sees one file at a time, what our most used calls do:
 * memory is the C library's, and a failure returns the code it was given. run.sh puts it before
 * every file but those that define these calls. */
#ifndef MCL_TESTS_ANALYZER_H
#define MCL_TESTS_ANALYZER_H

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static inline void *seen_alloc(size_t n, size_t size) {
  return malloc(n * size);
}

static inline void *seen_realloc(void *p, size_t n, size_t size) {
  return realloc(p, n * size);
}

static inline void *seen_strndup(const char *s, size_t n) {
  char *copy = malloc(n + 1);
  if (copy) {
    memcpy(copy, s, n);
    copy[n] = '\0';
  }
  return copy;
}

static inline int seen_code(int same, int code) {
  (void)same;
  return code;
}

#define mcl_alloc seen_alloc
#define mcl_zalloc calloc
#define mcl_realloc seen_realloc
#define mcl_strndup seen_strndup
#define mcl_free free

#undef mcl_fail
#undef mcl_fail_cl
#define mcl_fail(err, code, ...)                                                                   \
  seen_code(mcl_fail_at((err), (code), 0, __func__, __VA_ARGS__), (code))
#define mcl_fail_cl(err, code, cl, ...)                                                            \
  seen_code(mcl_fail_at((err), (code), (cl), __func__, __VA_ARGS__), (code))
#define mcl_err_prefix(err, code, ...)                                                             \
  seen_code((mcl_err_prefix)((err), (code), __VA_ARGS__), (code))
#define mcl_fail_nomem(err, bytes) seen_code((mcl_fail_nomem)((err), (bytes)), MOTCL_ENOMEM)

#endif
