/* source.h - the text of a program: the common files, then its own. */
#ifndef MCL_CL_SOURCE_H
#define MCL_CL_SOURCE_H

#include <stddef.h>

#include "base/err.h"

/** Strings that together are one program, as clCreateProgramWithSource takes them. */
typedef struct mcl_source {
  const char **text;
  size_t count, cap;
  char **owned; /* what was read from files */
  size_t owned_count, owned_cap;
} mcl_source;

/**
 * The text of kernel file `name`: every embedded "common/" file in the table's order, then `name`,
 * each behind a #line of its own. A line of `name` that begins with #include "OTHER" stands for the
 * kernel file OTHER, as often as there are such lines.
 *
 * dir  NULL, or the folder to read the files from instead
 *
 * Returns MOTCL_EINTERNAL for a name that is not embedded, MOTCL_EIO for a file of `dir` that
 * cannot be read. Give back with mcl_source_finish.
 */
int mcl_source_init(mcl_source *s, const char *dir, const char *name, motcl_err *err);
void mcl_source_finish(mcl_source *s);

#endif
