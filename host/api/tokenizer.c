/* tokenizer.c - motcl_tokenizer. */
#include "text/tokenizer.h"

#include "api/library.h"
#include "base/err.h"
#include "base/mem.h"

struct motcl_tokenizer {
  const motcl *library;
  mcl_tok *tok;
};

int motcl_tokenizer_open(motcl_tokenizer **out, const motcl *m, const char *path, motcl_err *err) {
  mcl_scope before = mcl_enter(m);
  motcl_tokenizer *t = mcl_zalloc(1, sizeof *t);
  int rc = t ? mcl_tok_open(&t->tok, path, err) : mcl_fail_nomem(err, sizeof *t);
  if (rc == MOTCL_OK) {
    t->library = m;
    *out = t;
  } else {
    mcl_free(t);
  }
  mcl_leave(before);
  return rc;
}

void motcl_tokenizer_close(motcl_tokenizer *t) {
  if (t)
    mcl_tok_close(t->tok);
  mcl_free(t);
}

int motcl_tokenizer_encode(const motcl_tokenizer *t, const char *text, size_t n, uint32_t **ids,
                           size_t *count, motcl_err *err) {
  mcl_scope before = mcl_enter(t->library);
  int rc = mcl_tok_encode(t->tok, text, n, ids, count, err);
  mcl_leave(before);
  return rc;
}

int motcl_tokenizer_decode(const motcl_tokenizer *t, const uint32_t *ids, size_t count, char **text,
                           size_t *n, motcl_err *err) {
  mcl_scope before = mcl_enter(t->library);
  int rc = mcl_tok_decode(t->tok, ids, count, text, n, err);
  mcl_leave(before);
  return rc;
}

uint32_t motcl_tokenizer_count(const motcl_tokenizer *t) {
  return mcl_tok_count(t->tok);
}
