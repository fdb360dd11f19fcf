/* nfc.h - Unicode normalisation form C, the first step of tokenizing. */
#ifndef MCL_TEXT_NFC_H
#define MCL_TEXT_NFC_H

#include "base/err.h"

/**
 * The normal form C of n bytes of valid UTF-8, in time n log n at worst whatever the marks.
 *
 * *out  moved on success: *len bytes and a NUL, freed with mcl_free
 *
 * Returns MOTCL_OK, MOTCL_ENOMEM, or MOTCL_EINTERNAL if utf8proc refuses the text.
 * Threads any. Source Unicode 3.11 (D108 to D117); characters as utf8proc's version knows them.
 */
int mcl_nfc(char **out, size_t *len, const char *text, size_t n, motcl_err *err);

#endif
