/* split.h - Qwen2's split pattern: text into the words that byte-pair merges stay inside. */
#ifndef MCL_TEXT_SPLIT_H
#define MCL_TEXT_SPLIT_H

#include "base/err.h"

/** The compiled pattern. Constant after it is made: any threads may share it. */
typedef struct mcl_split mcl_split;

/** Where the pattern has got to in one text. One thread at a time. */
typedef struct mcl_split_run mcl_split_run;

/** The pattern as the model's tokenizer.json writes it, to be compared with. A static string. */
const char *mcl_split_pattern(void);

/** Compile. Freed with mcl_split_destroy. MOTCL_OK, MOTCL_ENOMEM or MOTCL_EINTERNAL. */
int mcl_split_create(mcl_split **out, motcl_err *err);
void mcl_split_destroy(mcl_split *s);

/** Working memory for one caller, freed with mcl_split_end; s is borrowed until then. */
int mcl_split_begin(mcl_split_run **out, const mcl_split *s, motcl_err *err);
void mcl_split_end(mcl_split_run *r);

/**
 * The word that starts at text[at]: every text is a row of words without gaps.
 *
 * text, n  valid UTF-8; at < n, on a character
 * *end     where the word ends, above at
 *
 * Returns MOTCL_OK, or MOTCL_EINTERNAL/MOTCL_ENOMEM from PCRE2.
 */
int mcl_split_next(mcl_split_run *r, const char *text, size_t n, size_t at, size_t *end,
                   motcl_err *err);

#endif
