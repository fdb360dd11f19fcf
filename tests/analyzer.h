/* analyzer.h - shows clang's analyzer, which sees one file at a time, what our most used calls do:
 * memory asked for clear is clear, and a failure is no success. tidy.sh puts it
 * before every file but those that define these calls. */
#ifndef MCL_TESTS_ANALYZER_H
#define MCL_TESTS_ANALYZER_H

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "cl/status.h"

static inline int seen_failure(int code) {
  if (code == MOTCL_OK)
    abort();
  return code;
}

#define mcl_zalloc calloc

#undef mcl_fail
#undef mcl_fail_cl
#define mcl_fail(err, code, ...) seen_failure(mcl_fail_at((err), (code), 0, __func__, __VA_ARGS__))
#define mcl_fail_cl(err, code, cl, ...)                                                            \
  seen_failure(mcl_fail_at((err), (code), (cl), __func__, __VA_ARGS__))
#define mcl_fail_nomem(err, bytes) seen_failure((mcl_fail_nomem)((err), (bytes)))
#define mcl_err_prefix(err, code, ...) seen_failure((mcl_err_prefix)((err), (code), __VA_ARGS__))
#define mcl_cl_fail(err, status, ...) seen_failure((mcl_cl_fail)((err), (status), __VA_ARGS__))

#endif
