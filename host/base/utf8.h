/* utf8.h - checking UTF-8, and turning bytes that may be bad or cut anywhere into whole
 * characters, as Python's decoder with errors="replace" does. */
#ifndef MCL_BASE_UTF8_H
#define MCL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes of the character that n bytes at s begin with; 0 if there is none, or it is bad or unfinished.
 */
size_t mcl_utf8_length(const char *s, size_t n);

/**
 * True if the n bytes at s are UTF-8 (no surrogates, nothing overlong, at most U+10FFFF; NUL is a
 * character like any other). If not, *bad_at (may be NULL) is the offset of the first byte of the
 * first bad or unfinished sequence.
 */
bool mcl_utf8_valid(const char *s, size_t n, size_t *bad_at);

/**
 * The character at s[at], at < n, of text that mcl_utf8_valid accepts; *at moves behind it.
 */
uint32_t mcl_utf8_next(const char *s, size_t *at);

/** A streaming decoder between two pieces: the bytes of an unfinished character. {0} starts one. */
typedef struct mcl_utf8_stream {
  unsigned char held[4];
  unsigned char len;
} mcl_utf8_stream;

/** Bytes that mcl_utf8_push may write for n bytes of input; SIZE_MAX if that overflows. */
size_t mcl_utf8_bound(size_t n);

/**
 * Take n more bytes and write the characters that are whole now. Every maximal part of a bad
 * sequence becomes one U+FFFD (Unicode 3.9, table 3-8), wherever the pieces are cut, so the pieces'
 * outputs joined are the output of the whole.
 *
 * out  mcl_utf8_bound(n) bytes; no NUL is added
 *
 * Returns the bytes written.
 */
size_t mcl_utf8_push(mcl_utf8_stream *u, const char *s, size_t n, char *out);

/** The end of the text: a character still unfinished becomes U+FFFD. Writes at most 3 bytes. */
size_t mcl_utf8_finish(mcl_utf8_stream *u, char out[3]);

#endif
