/* added.h - the added tokens: names that are cut out of a text before it is split into words. */
#ifndef MCL_TEXT_ADDED_H
#define MCL_TEXT_ADDED_H

#include "text/map64.h"

#include "base/err.h"

/** One added token. With lstrip (rstrip) it takes the white space before (after) it along. */
typedef struct mcl_added_token {
  uint32_t id;
  bool lstrip, rstrip;
} mcl_added_token;

/** A trie over characters. {0} is empty; nodes are numbered, 0 is the root. */
typedef struct mcl_added {
  mcl_map64 edges;    /* node << 32 | character -> node */
  uint32_t *token_of; /* [node] index of the token that ends there, or UINT32_MAX */
  size_t nodes, node_cap;
  mcl_added_token *token;
  size_t tokens, token_cap;
  size_t longest; /* characters of the longest name */
} mcl_added;

/** A part of a text: n bytes from `at`; token is NULL for text, else borrowed from the trie. */
typedef struct mcl_text_span {
  size_t at, n;
  const mcl_added_token *token;
} mcl_text_span;

/** Add a token of n bytes of valid UTF-8. MOTCL_EFORMAT if it is empty, longer than 4096 bytes or
 * there already; MOTCL_ENOMEM. */
int mcl_added_put(mcl_added *a, const char *name, size_t n, mcl_added_token token, motcl_err *err);
void mcl_added_free(mcl_added *a);

/** The token of that name, borrowed, or NULL. name is valid UTF-8. */
const mcl_added_token *mcl_added_find(const mcl_added *a, const char *name, size_t n);

/**
 * Cut n bytes of valid UTF-8 into text and added tokens, as transformers' Trie.split and the
 * stripping in PreTrainedTokenizer.tokenize do: the earliest match, and of those the longest.
 *
 * *out  moved on success: *count pieces in order, none of them empty; freed with mcl_free
 *
 * Returns MOTCL_OK or MOTCL_ENOMEM. Threads any.
 * Source transformers 4.49.0 tokenization_utils.py:92, 676
 */
int mcl_added_cut(const mcl_added *a, const char *text, size_t n, mcl_text_span **out,
                  size_t *count, motcl_err *err);

#endif
