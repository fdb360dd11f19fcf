/* plain_text.h - the one door for text that comes from outside: what it must be, and where it is not. */
#ifndef MCL_BASE_PLAIN_TEXT_H
#define MCL_BASE_PLAIN_TEXT_H

#include <stddef.h>

#include "motcl.h"

/** A place in a text, both from 1; a column is a character, or a byte that is of none. */
typedef struct mcl_place {
  size_t line, column;
} mcl_place;

/** The place of byte `at` of a text. Lines end with LF, CR and LF, or CR. */
mcl_place mcl_text_place(const char *s, size_t at);

/**
 * Refuse what is no text: control characters other than tab, newline and CR, what is no UTF-8, and
 * by their names UTF-16 and UTF-32. Nothing is changed.
 *
 * what, line  as motcl_text_plain
 *
 * Returns MOTCL_OK, or MOTCL_EFORMAT with the place.
 */
int mcl_text_check(const char *s, size_t n, const char *what, size_t line, motcl_err *err);

/** As mcl_text_check, for text that a model may have written: only what is no UTF-8 is refused. */
int mcl_text_check_utf8(const char *s, size_t n, const char *what, motcl_err *err);

#endif
