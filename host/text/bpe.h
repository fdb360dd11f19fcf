/* bpe.h - byte-pair merges: a word's bytes to token ids. Knows ids only, no strings. */
#ifndef MCL_TEXT_BPE_H
#define MCL_TEXT_BPE_H

#include "text/map64.h"

#include "base/err.h"

/** A growing row of ids. {0} is empty; v is freed with mcl_free. */
typedef struct mcl_ids {
  uint32_t *v;
  size_t n, cap;
} mcl_ids;

/** Append one; false if memory is out. */
bool mcl_ids_put(mcl_ids *ids, uint32_t id);

/** The merges in the order of their ranks. {0}, then byte_id filled in, then merges put. */
typedef struct mcl_bpe {
  uint32_t byte_id[256]; /* the token of each single byte */
  mcl_map64 ranks;       /* left id << 32 | right id -> rank */
  uint32_t *merged;      /* [rank] the token a merge makes */
  size_t merges, cap;
} mcl_bpe;

/** Append the merge of next rank: left and right become `merged`. MOTCL_EFORMAT if the pair is
 * there already, MOTCL_ENOMEM. */
int mcl_bpe_put(mcl_bpe *b, uint32_t left, uint32_t right, uint32_t merged, motcl_err *err);
void mcl_bpe_free(mcl_bpe *b);

/** Scratch of one caller, reused from word to word. {0} starts it. */
typedef struct mcl_bpe_work {
  uint32_t *symbol, *before, *after; /* [bytes of the word] a linked list */
  uint64_t *heap;                    /* rank << 32 | place of a pair's left symbol */
  uint32_t *late;
  size_t cap, heap_len, late_len;
} mcl_bpe_work;

void mcl_bpe_work_free(mcl_bpe_work *w);

/**
 * Append the ids of a word of n bytes, 1 <= n < 2^30. As in transformers' slow tokenizer: the pair
 * of lowest rank is merged wherever it stands, from left to right, before any pair this makes is
 * looked at; again until none is left. Time n log n.
 *
 * Returns MOTCL_OK or MOTCL_ENOMEM (out then holds what it held, or more).
 * Threads any, each with its own work.
 */
int mcl_bpe_encode(const mcl_bpe *b, mcl_bpe_work *w, const char *word, size_t n, mcl_ids *out,
                   motcl_err *err);

#endif
