/* name.h - file names as text. A name is any bytes; where it is no text, it is written as shells
 * write any bytes, so that it can be typed back. */
#ifndef MCL_BASE_NAME_H
#define MCL_BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>

/** Bytes of the well-formed, printable UTF-8 character at s, which ends with a NUL; newline and tab
 * count as such; 0 if there is none. */
size_t mcl_printable(const char *s);

/**
 * Write n bytes in a shell's quotes: $'caf\351.png'. Characters that can be printed stand for
 * themselves, but for ' and \, which get a \ in front; others are escaped.
 *
 * out  [size], size at least 1; what is longer is cut between two characters, and has its closing
 *      quote if there are four bytes or more. A NUL is added
 *
 * Returns the bytes that all of it takes, without the NUL: at most 4 n + 3.
 */
size_t mcl_name_quote(char *out, size_t size, const char *name, size_t n);

/** motcl_name_text of the n bytes at `name`. */
size_t mcl_name_text(char *out, size_t size, const char *name, size_t n, bool word);

#endif
