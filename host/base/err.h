/* err.h - filling in a motcl_err. Every fallible function of the library returns a
 * motcl_status and takes an optional motcl_err last. */
#ifndef MCL_BASE_ERR_H
#define MCL_BASE_ERR_H

#include <stdarg.h>

#include "motcl.h"

/**
 * Record an error and return its code, so that `return mcl_fail(err, MOTCL_EIO, ...)` reads well.
 *
 * err   optional; overwritten
 * code  a motcl_status other than OK
 * fmt   printf format of one sentence that says what is wrong and what to do;
 *       cut at a whole UTF-8 character if it is too long. Names out of hostile files may be quoted:
 *       control characters and bytes that are no UTF-8 become '?', and a name between single quotes
 *       that holds such is written as shells do, $'caf\351.png'
 */
#define mcl_fail(err, code, ...) mcl_fail_at((err), (code), 0, __func__, __VA_ARGS__)

/** As mcl_fail, with the OpenCL status that caused it. */
#define mcl_fail_cl(err, code, cl, ...) mcl_fail_at((err), (code), (cl), __func__, __VA_ARGS__)

/** The same for functions that others fail through: `where` is the caller's __func__, since
 * motcl_err.where is the function that found the error. */
int mcl_fail_at(motcl_err *err, int code, int cl, const char *where, const char *fmt, ...)
    MOTCL_PRINTF(5, 6);

/** Print a sentence as mcl_fail does: cut at a whole character, nothing in it that would steer a
 * terminal. `size` is at most that of motcl_err's text. */
void mcl_sentence(char *dst, size_t size, const char *fmt, va_list ap);

/** Put "prefix: " in front of an error's sentence, and return its code. */
int mcl_err_prefix(motcl_err *err, int code, const char *fmt, ...) MOTCL_PRINTF(3, 4);

/** The usual sentence for a failed allocation. */
#define mcl_fail_nomem(err, bytes) mcl_fail_nomem_at((err), (bytes), __func__)
int mcl_fail_nomem_at(motcl_err *err, size_t bytes, const char *where);

#endif
