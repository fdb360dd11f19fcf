/* analyzer.h - shows clang's analyzer, which sees one file at a time, what our most used calls do:
 * memory asked for clear is clear, and a failure returns the code it was given. tidy.sh puts it
 * before every file but those that define these calls. */
#ifndef MCL_TESTS_ANALYZER_H
#define MCL_TESTS_ANALYZER_H

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

static inline int seen_code(int same, int code) {
  (void)same;
  return code;
}

#define mcl_zalloc calloc

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
