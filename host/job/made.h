/* made.h - what comes of a job's outputs, and what each of them was made from. */
#ifndef MCL_JOB_MADE_H
#define MCL_JOB_MADE_H

#include "session/request.h"

/** A text being written, with a NUL after its n bytes; NULL is an empty one. */
typedef struct mcl_scroll {
  char *text;
  size_t n;
} mcl_scroll;

/** An output: its words, or its picture's file. */
typedef struct mcl_made {
  mcl_scroll text, thought;
  uint8_t *file;
  size_t bytes;
  uint32_t width, height;
} mcl_made;

/** Append text, of which `at` gives the copy. U+FFFD stands for a NUL, which no message holds. */
int mcl_scroll_write(mcl_scroll *s, const char *text, size_t n, const char **at, motcl_err *err);

/** Free what it holds. */
void mcl_made_finish(mcl_made *m);

/** A request of one output; the parts and words that are not the whole request's are its own. */
typedef struct mcl_asked {
  motcl_request request;
  motcl_part *part;
  char *words;
} mcl_asked;

/**
 * What output k of a request was made from, as motcl_request has it: the request's parts and what
 * came of the outputs before.
 *
 * out   borrows from both; ended with mcl_asked_finish, whatever is returned
 * made  [k], whole
 */
int mcl_asked_init(mcl_asked *out, const motcl_request *whole, const mcl_made *made, size_t k,
                   motcl_err *err);
void mcl_asked_finish(mcl_asked *a);

#endif
