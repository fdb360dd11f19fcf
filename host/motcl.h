/* motcl.h - the public face of the library: status codes, errors, version.
 *
 * Everything else under host/ is private. C11 and C++ may include it; it needs
 * nothing but the standard headers below. */
#ifndef MOTCL_H
#define MOTCL_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define MOTCL_API __attribute__((visibility("default")))
#define MOTCL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define MOTCL_API
#define MOTCL_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Status codes: name, value, what it means. Zero is success, all errors are negative.
 * Values are part of the interface and are never reused.
 */
#define MOTCL_STATUS_LIST(X)                                                                       \
  X(OK, 0, "done")                                                                                 \
  X(EINVAL, -1, "bad argument")                                                                    \
  X(EIO, -2, "a file could not be read or written")                                                \
  X(EFORMAT, -3, "a file holds something malformed")                                               \
  X(EMODEL, -4, "the model folder is incomplete or contradicts itself")                            \
  X(ENOMEM, -5, "out of memory")                                                                   \
  X(EDEVMEM, -6, "out of device memory")                                                           \
  X(EFIT, -7, "the request cannot fit")                                                            \
  X(ENODEVICE, -8, "no such device")                                                               \
  X(ELOST, -9, "the device failed")                                                                \
  X(EBUILD, -10, "a kernel did not build")                                                         \
  X(EUNSUPPORTED, -11, "not supported")                                                            \
  X(ECANCELLED, -12, "cancelled")                                                                  \
  X(EEXIST, -13, "already there")                                                                  \
  X(EINTERNAL, -14, "a mistake in motcl itself")

#define MOTCL_STATUS_ENUM(name, value, text) MOTCL_##name = (value),
typedef enum motcl_status { MOTCL_STATUS_LIST(MOTCL_STATUS_ENUM) } motcl_status;
#undef MOTCL_STATUS_ENUM

/**
 * Detail of an error. The caller owns it; every call that takes one accepts NULL.
 * Written only when a call fails.
 *
 * code   one of motcl_status
 * cl     the OpenCL status behind it, or 0
 * where  the function that found it; a static string
 * text   one sentence, UTF-8, that says what is wrong and what to do
 */
typedef struct motcl_err {
  int code;
  int cl;
  const char *where;
  char text[1024];
} motcl_err;

/**
 * Where memory of the host comes from, for embedders that count or pool it. All three functions are
 * given. A call that gets no memory fails with MOTCL_ENOMEM and gives back what it took.
 *
 * user     handed to the functions as it is
 * alloc    a block of `bytes` (at least 1), aligned as malloc aligns, or NULL; not cleared
 * resize   as realloc: p is a block of this allocator, never NULL; on NULL it stays valid
 * release  p is a block of this allocator, never NULL; must not fail
 *
 * The three are called from whichever thread uses what they were given for, at the same time if
 * several threads do, and must outlive every block they gave.
 */
typedef struct motcl_allocator {
  void *user;
  void *(*alloc)(void *user, size_t bytes);
  void *(*resize)(void *user, void *p, size_t bytes);
  void (*release)(void *user, void *p);
} motcl_allocator;

/** Name of a status code ("EFIT"), or "?" for a number that is none. Any thread. */
MOTCL_API const char *motcl_status_name(int code);

/** Meaning of a status code, a static string. Any thread. */
MOTCL_API const char *motcl_status_text(int code);

/** Version of the library as "major.minor.patch", a static string. Any thread. */
MOTCL_API const char *motcl_version(void);

#ifdef __cplusplus
}
#endif
#endif
