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

#define mcl_err_prefix(err, code, ...) seen_failure((mcl_err_prefix)((err), (code), __VA_ARGS__))
#define mcl_fail_at(...) seen_failure((mcl_fail_at)(__VA_ARGS__))
#define mcl_fail_nomem_at(...) seen_failure((mcl_fail_nomem_at)(__VA_ARGS__))
#define mcl_cl_fail_at(...) seen_failure((mcl_cl_fail_at)(__VA_ARGS__))

#endif
