/* tokenizer.c - encoding and decoding, put together from the room's parts. */
#include "text/tokenizer.h"

#include "base/err.h"
#include "base/mem.h"
#include "base/plain_text.h"
#include "base/utf8.h"
#include "text/load.h"
#include "text/nfc.h"

#include <string.h>

int mcl_tok_open(mcl_tok **out, const char *path, motcl_err *err) {
  mcl_tok *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  int rc = mcl_split_create(&t->split, err);
  if (!rc)
    rc = mcl_tok_load(t, path, err);
  if (rc) {
    mcl_tok_close(t);
    return rc;
  }
  *out = t;
  return MOTCL_OK;
}

void mcl_tok_close(mcl_tok *t) {
  if (!t)
    return;
  mcl_vocab_free(&t->vocab);
  mcl_bpe_free(&t->bpe);
  mcl_added_free(&t->added);
  mcl_split_destroy(t->split);
  mcl_free(t);
}

/* What one call of encode works with. */
typedef struct encoder {
  const mcl_tok *tok;
  mcl_split_run *run;
  mcl_bpe_work work;
  mcl_ids ids;
} encoder;

static int encode_words(encoder *e, const char *text, size_t n, motcl_err *err) {
  for (size_t at = 0, end = 0; at < n; at = end) {
    int rc = mcl_split_next(e->run, text, n, at, &end, err);
    if (!rc)
      rc = mcl_bpe_encode(&e->tok->bpe, &e->work, text + at, end - at, &e->ids, err);
    if (rc)
      return rc;
  }
  return MOTCL_OK;
}

static int encode_pieces(encoder *e, const char *text, size_t n, motcl_err *err) {
  mcl_text_span *piece = NULL;
  size_t pieces = 0;
  if (e->tok->keep_names)
    return encode_words(e, text, n, err);
  int rc = mcl_added_cut(&e->tok->added, text, n, &piece, &pieces, err);
  for (size_t i = 0; i < pieces && !rc; i++) {
    if (!piece[i].token)
      rc = encode_words(e, text + piece[i].at, piece[i].n, err);
    else if (!mcl_ids_put(&e->ids, piece[i].token->id))
      rc = mcl_fail_nomem(err, e->ids.cap * 2 * sizeof *e->ids.v);
  }
  mcl_free(piece);
  return rc;
}

static int check_text(const char *text, size_t n, motcl_err *err) {
  if (n > MCL_TOK_TEXT_MAX)
    return mcl_fail(err, MOTCL_EINVAL, "the text has %zu bytes; at most %zu can be tokenized", n,
                    MCL_TOK_TEXT_MAX);
  return mcl_text_check_utf8(text, n, "the text", err);
}

int mcl_tok_encode(const mcl_tok *t, const char *text, size_t n, uint32_t **ids, size_t *count,
                   motcl_err *err) {
  encoder e = {.tok = t};
  char *normal = NULL;
  size_t len = 0;
  int rc = check_text(text, n, err);
  if (!rc)
    rc = mcl_nfc(&normal, &len, text, n, err);
  if (!rc)
    rc = mcl_split_begin(&e.run, t->split, err);
  if (!rc)
    rc = encode_pieces(&e, normal, len, err);
  if (!rc && !e.ids.v && !(e.ids.v = mcl_alloc(1, sizeof *e.ids.v)))
    rc = mcl_fail_nomem(err, sizeof *e.ids.v);
  if (!rc) {
    *ids = e.ids.v;
    *count = e.ids.n;
    e.ids.v = NULL;
  }
  mcl_free(e.ids.v);
  mcl_bpe_work_free(&e.work);
  mcl_split_end(e.run);
  mcl_free(normal);
  return rc;
}

int mcl_tok_bytes(const mcl_tok *t, uint32_t id, const char **bytes, size_t *n, motcl_err *err) {
  const mcl_vocab *v = &t->vocab;
  if (id >= v->count || v->entry[id].kind == MCL_VOCAB_NONE)
    return mcl_fail(err, MOTCL_EINVAL,
                    "the tokenizer has no token of id %lu; its ids go up to %zu with gaps",
                    (unsigned long)id, v->count - 1);
  *bytes = v->bytes + v->entry[id].at;
  *n = v->entry[id].n;
  return MOTCL_OK;
}

int mcl_tok_decode(const mcl_tok *t, const uint32_t *ids, size_t n, char **text, size_t *len,
                   motcl_err *err) {
  mcl_utf8_stream stream = {0};
  char *out = NULL;
  size_t used = 0, cap = 0;
  int rc = MOTCL_OK;
  for (size_t i = 0; i <= n && !rc; i++) {
    const char *bytes = NULL;
    size_t some = 0;
    if (i < n)
      rc = mcl_tok_bytes(t, ids[i], &bytes, &some, err);
    /* The last round has no bytes, and the room is for finish and the NUL. */
    size_t want = mcl_utf8_bound(some);
    if (!rc && (!mcl_add_ok(used, want, &want) || !mcl_grow((void **)&out, &cap, want, 1)))
      rc = mcl_fail_nomem(err, want);
    if (!rc && i < n)
      used += mcl_utf8_push(&stream, bytes, some, out + used);
  }
  if (rc) {
    mcl_free(out);
    return rc;
  }
  used += mcl_utf8_finish(&stream, out + used);
  out[used] = '\0';
  *text = out;
  *len = used;
  return MOTCL_OK;
}

int mcl_tok_id(const mcl_tok *t, const char *name, uint32_t *id, motcl_err *err) {
  size_t n = strlen(name), bytes;
  if (!mcl_utf8_valid(name, n, NULL))
    return mcl_fail(err, MOTCL_EINVAL, "the name of the token is not UTF-8");
  const mcl_added_token *token = mcl_added_find(&t->added, name, n);
  if (token) {
    *id = token->id;
    return MOTCL_OK;
  }
  char *raw = mcl_alloc(n, 1);
  if (!raw)
    return mcl_fail_nomem(err, n);
  bytes = mcl_vocab_unmap(name, n, raw);
  bool found = bytes != SIZE_MAX && mcl_vocab_find(&t->vocab, raw, bytes, id);
  mcl_free(raw);
  if (!found)
    return mcl_fail(err, MOTCL_EMODEL,
                    "the tokenizer has no token \"%s\"; see that tokenizer_config.json is the "
                    "one that belongs to the model",
                    name);
  return MOTCL_OK;
}

uint32_t mcl_tok_count(const mcl_tok *t) {
  return (uint32_t)t->vocab.count;
}
