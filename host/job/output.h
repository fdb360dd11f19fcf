/* output.h - what comes of a job's outputs. */
#ifndef MCL_JOB_OUTPUT_H
#define MCL_JOB_OUTPUT_H

#include "base/err.h"

/** A string buffer: a text being written, with a NUL after its n bytes; NULL is an empty one. */
typedef struct mcl_strbuf {
  char *text;
  size_t n;
} mcl_strbuf;

/** An output: its text and thought as messages say them, its picture's file; `words`, of the two those
 * that count for what comes after, as they are; and once it is whole, what it is as parts. */
typedef struct mcl_output {
  mcl_strbuf text, thought, words;
  uint8_t *file;
  size_t bytes;
  uint32_t width, height;
  motcl_part part[2];
} mcl_output;

/** Append words of the thought, or of the text, to an output of that kind; `at` gives the copy for
 * messages, in which U+FFFD stands for a NUL, which no message holds. */
int mcl_output_words(mcl_output *m, motcl_output kind, bool thought, const char *text, size_t n,
                     const char **at, motcl_err *err);

/** The output is whole: its item, with settings, says from now on what came of it, and points into
 * `m`. */
void mcl_output_settle(mcl_output *m, motcl_item *item);

/** Free what it holds. */
void mcl_output_finish(mcl_output *m);

#endif
