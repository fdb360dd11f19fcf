/* made.h - what comes of a job's outputs. */
#ifndef MCL_JOB_MADE_H
#define MCL_JOB_MADE_H

#include "base/err.h"

/** A text being written, with a NUL after its n bytes; NULL is an empty one. */
typedef struct mcl_scroll {
  char *text;
  size_t n;
} mcl_scroll;

/** An output: its words, or its picture's file; once it is whole, as parts. */
typedef struct mcl_made {
  mcl_scroll text, thought;
  uint8_t *file;
  size_t bytes;
  uint32_t width, height;
  motcl_part part[2];
} mcl_made;

/** Append text, of which `at` gives the copy. U+FFFD stands for a NUL, which no message holds. */
int mcl_scroll_write(mcl_scroll *s, const char *text, size_t n, const char **at, motcl_err *err);

/** The output is whole: its item, with settings, says from now on what came of it, and points into
 * `m`. */
void mcl_made_settle(mcl_made *m, motcl_item *item);

/** Free what it holds. */
void mcl_made_finish(mcl_made *m);

#endif
