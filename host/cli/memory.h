/* memory.h - memory of the command's own, from malloc and back with free. */
#ifndef MCL_CLI_MEMORY_H
#define MCL_CLI_MEMORY_H

#include "motcl.h"

/** Fail with MOTCL_ENOMEM. */
int mcl_no_memory(motcl_err *err);

/**
 * Make room for one more element in a growing array: *p holds *cap elements of `size` bytes, `len`
 * of them used. MOTCL_ENOMEM, with nothing changed, if memory is out.
 */
int mcl_one_more(void **p, size_t *cap, size_t len, size_t size, motcl_err *err);

/** Put `more` bytes behind the *n of a growing text, which has room for *cap. MOTCL_ENOMEM, with nothing changed,
 * if memory is out. */
int mcl_append(char **text, size_t *n, size_t *cap, const char *bytes, size_t more, motcl_err *err);

/** A copy of a text, to be freed with free. */
int mcl_copy_text(char **out, const char *text, motcl_err *err);

/** Put "prefix: " in front of an error's sentence, and return its code; a file's name as text. */
int mcl_fail_about(motcl_err *err, int code, const char *prefix);

#endif
