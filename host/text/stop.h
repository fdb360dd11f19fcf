/* stop.h - texts that end an answer before them, found while it comes piece by piece. */
#ifndef MCL_TEXT_STOP_H
#define MCL_TEXT_STOP_H

#include <stdbool.h>
#include <stddef.h>

#include "motcl.h"

/**
 * A search between two pieces. {0} with its texts begins one.
 *
 * stop    [stops] 1 to MOTCL_MAX_STOP_TEXT bytes of UTF-8 each; borrowed. No stops: all goes through
 * held    [helds] the end of what came, which may be the beginning of a stop text
 * passed  bytes that went through so far
 * found   a stop text came; what comes after it is dropped
 */
typedef struct mcl_stop {
  const char *const *stop;
  size_t stops;
  char held[MOTCL_MAX_STOP_TEXT];
  size_t helds;
  size_t passed;
  bool found;
} mcl_stop;

/** Bytes that mcl_stop_push of n bytes may write, and mcl_stop_finish after it, together. */
size_t mcl_stop_bound(size_t n);

/**
 * Take the next n bytes, whole characters of UTF-8, and write what surely stands before any stop text.
 * The text ends before the stop text that is complete first, the longest of those that are complete at
 * the same place: wherever pieces are cut, what is written joins to the same.
 *
 * out  mcl_stop_bound(n) bytes, not s
 *
 * Returns the bytes written, whole characters.
 */
size_t mcl_stop_push(mcl_stop *t, const char *s, size_t n, char *out);

/** The end of the text: what was held goes through. Returns the bytes written, less than
 * MOTCL_MAX_STOP_TEXT. */
size_t mcl_stop_finish(mcl_stop *t, char *out);

#endif
