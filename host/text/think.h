/* think.h - the cut of what was written and thought. */
#ifndef MCL_TEXT_THINK_H
#define MCL_TEXT_THINK_H

#include <stdbool.h>
#include <stddef.h>

/**
 * The thought inside a decoded text, which begins with the start token's name: everything before
 * the first "<|im_end|>", and of that what follows the first "<|im_start|>", up to a second one.
 * Names count however they came to be there, by their token or letter by letter.
 *
 * text, n  borrowed; the thought is text[*at .. *at + *len)
 *
 * Returns false, outputs untouched, if there is no start (the reference raises).
 * Source Bagel 056b5fd inferencer.py:204
 */
bool mcl_think_cut(const char *text, size_t n, size_t *at, size_t *len);

/** How much of a text that was written, of n bytes, counts for what comes after it: what stands
 * before a first "<|im_end|>" or "<|im_start|>". */
size_t mcl_think_length(const char *text, size_t n);

#endif
