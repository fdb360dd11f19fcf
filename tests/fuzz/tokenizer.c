/* tokenizer.c - the tokenizer files of a model folder behind each other; a text is then taken apart
 * with what came out, and put together again. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "text/tokenizer.h"

static const char text[] = "A red cat; \xe4\xbd\xa0 caf\xc3\xa9! <|im_start|>aab  12\n";

static void there_and_back(const mcl_tok *t) {
  uint32_t *ids;
  size_t n, length;
  char *back;
  motcl_err err = {0};
  int rc = mcl_tok_encode(t, text, sizeof text - 1, &ids, &n, &err);
  if (rc != MOTCL_OK)
    fuzz_wrong(err.text);
  rc = mcl_tok_decode(t, ids, n, &back, &length, &err);
  if (rc != MOTCL_OK)
    fuzz_wrong(err.text);
  mcl_free(back);
  mcl_free(ids);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"vocab.json", "merges.txt", "tokenizer_config.json",
                                      "added_tokens.json", "tokenizer.json"};
  fuzz_put_parts(names, 5, data, size);
  mcl_tok *t;
  motcl_err err = {0};
  int rc = mcl_tok_open(&t, fuzz_folder(), &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  there_and_back(t);
  mcl_tok_close(t);
  return 0;
}
