/* tokenizer.h - Qwen2's byte-level BPE: text to token ids and back, as transformers'
 * Qwen2Tokenizer (the slow class, which the official BAGEL code uses) does it. */
#ifndef MCL_TEXT_TOKENIZER_H
#define MCL_TEXT_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

/** Bytes of the longest text that is encoded. */
#define MCL_TOK_TEXT_MAX ((size_t)16 << 20)

/** A tokenizer. Constant once it is open: any threads may use it at the same time. */
typedef struct mcl_tok mcl_tok;

/**
 * Read the tokenizer of a model: of a folder, or of the folder that a file is in.
 *
 * From vocab.json and merges.txt, with the added tokens of tokenizer_config.json
 * (added_tokens_decoder); where that lists none, of tokenizer.json, else of added_tokens.json.
 * Without those two files, from tokenizer.json alone. No id is ever made up: a token that the
 * files do not list does not exist, which mcl_tok_id tells.
 *
 * out  moved on success, freed with mcl_tok_close
 *
 * Returns MOTCL_OK; MOTCL_EMODEL if files are missing; MOTCL_EFORMAT if one is malformed: an id
 * twice or not below 2^24, a name twice, a merge of tokens or into a token that do not exist, a
 * byte without a token; MOTCL_EUNSUPPORTED if they ask for another kind of tokenizer; MOTCL_EIO;
 * MOTCL_ENOMEM.
 * Source transformers 4.49.0 tokenization_utils_base.py:2067
 */
int mcl_tok_open(mcl_tok **out, const char *path, motcl_err *err);

/** NULL is fine. */
void mcl_tok_close(mcl_tok *t);

/**
 * Token ids of n bytes of text, at most MCL_TOK_TEXT_MAX: normal form C, added tokens cut out,
 * words, merges. No token is added at either end. NUL bytes are characters like others.
 *
 * *ids  moved on success: *count ids, freed with mcl_free
 *
 * Returns MOTCL_OK, MOTCL_EINVAL if the text is too long, MOTCL_EFORMAT if it is no UTF-8 (the
 * sentence gives the byte), MOTCL_ENOMEM, MOTCL_EINTERNAL. Time n log n, whatever the text.
 * Source transformers 4.49.0 tokenization_qwen2.py, tokenization_utils.py:630
 */
int mcl_tok_encode(const mcl_tok *t, const char *text, size_t n, uint32_t **ids, size_t *count,
                   motcl_err *err);

/**
 * Text of n ids, added tokens by their names and nothing between; bytes that are no UTF-8 become
 * U+FFFD as in Python (mcl_utf8_push).
 *
 * *text  moved on success: *len bytes and a NUL, freed with mcl_free
 *
 * Returns MOTCL_OK, MOTCL_ENOMEM, or MOTCL_EINVAL if an id has no token (Python raises).
 */
int mcl_tok_decode(const mcl_tok *t, const uint32_t *ids, size_t n, char **text, size_t *len,
                   motcl_err *err);

/**
 * The bytes of one token, for streaming: feed them to mcl_utf8_push and the text is that of
 * mcl_tok_decode.
 *
 * *bytes  borrowed from t; *n of them, no NUL
 *
 * Returns MOTCL_OK, or MOTCL_EINVAL if the id has no token.
 */
int mcl_tok_bytes(const mcl_tok *t, uint32_t id, const char **bytes, size_t *n, motcl_err *err);

/** Id of a token by its name: an added token's text, else a vocabulary token as vocab.json prints
 * it. MOTCL_EMODEL if there is none. */
int mcl_tok_id(const mcl_tok *t, const char *name, uint32_t *id, motcl_err *err);

/** The largest id plus one. */
uint32_t mcl_tok_count(const mcl_tok *t);

#endif
