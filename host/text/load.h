/* load.h - what a tokenizer is made of, and reading it from a model folder. Private to the room. */
#ifndef MCL_TEXT_LOAD_H
#define MCL_TEXT_LOAD_H

#include "text/added.h"
#include "text/bpe.h"
#include "text/split.h"
#include "text/tokenizer.h"
#include "text/vocab.h"

struct mcl_tok {
  mcl_vocab vocab;
  mcl_bpe bpe;
  mcl_added added;
  mcl_split *split;
  bool keep_names; /* split_special_tokens: names of added tokens are text like other */
};

/** Fill vocab, bpe and added of a cleared tokenizer. On failure they hold what was read so far.
 * Errors as mcl_tok_open. */
int mcl_tok_load(mcl_tok *t, const char *path, motcl_err *err);

#endif
