/* vocab.h - the tokens by id and by name: raw bytes inside, the printable form only in files. */
#ifndef MCL_TEXT_VOCAB_H
#define MCL_TEXT_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** Ids are below this. */
#define MCL_VOCAB_ID_LIMIT (UINT32_C(1) << 24)

typedef enum mcl_vocab_kind {
  MCL_VOCAB_NONE,  /* no token has this id */
  MCL_VOCAB_BYTES, /* a token of the byte-pair vocabulary */
  MCL_VOCAB_TEXT,  /* named there, but not in characters that stand for bytes */
  MCL_VOCAB_ADDED  /* an added token: its bytes are its name */
} mcl_vocab_kind;

typedef struct mcl_vocab_entry {
  uint32_t at, n; /* its bytes in mcl_vocab.bytes */
  mcl_vocab_kind kind;
} mcl_vocab_entry;

/** {0} is empty. Reading is safe from any threads while nobody puts. */
typedef struct mcl_vocab {
  char *bytes; /* of all tokens, one after the other */
  size_t len, cap;
  mcl_vocab_entry *entry;  /* by id */
  size_t count, entry_cap; /* largest id + 1 */
  uint32_t *place;         /* hash table of the ids of the kind BYTES, by their bytes */
  size_t places, used;
} mcl_vocab;

/**
 * Bytes that a printable name stands for: GPT-2's map of bytes to characters, backwards.
 *
 * out  n bytes of room
 *
 * Returns how many, or SIZE_MAX if a character stands for no byte. name is valid UTF-8.
 */
size_t mcl_vocab_unmap(const char *name, size_t n, char *out);

/** Add a token of the byte-pair vocabulary by its printable name of n bytes, valid UTF-8.
 * MOTCL_EFORMAT if it is empty, its id is taken or too large, or the name is there; MOTCL_ENOMEM.
 */
int mcl_vocab_put(mcl_vocab *v, const char *name, size_t n, uint32_t id, motcl_err *err);

/** Add an added token. An id or a name that the vocabulary has already must be of the same token.
 */
int mcl_vocab_put_added(mcl_vocab *v, const char *name, size_t n, uint32_t id, motcl_err *err);

/** Id of the vocabulary's token of these bytes; false if there is none. */
bool mcl_vocab_find(const mcl_vocab *v, const char *bytes, size_t n, uint32_t *id);

void mcl_vocab_free(mcl_vocab *v);

#endif
