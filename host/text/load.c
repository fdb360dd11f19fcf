/* load.c - the tokenizer files of a model folder: vocab.json + merges.txt, or tokenizer.json. */
#include "text/load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/plain_text.h"
#include "io/json.h"

/* The largest known tokenizer.json has 33 MB. */
#define FILE_MAX_BYTES ((size_t)64 << 20)

/* A path in the folder, freed with mcl_free; NULL if memory is out. */
static char *path_in(const char *dir, const char *name) {
  size_t n = strlen(dir) + strlen(name) + 2;
  char *path = mcl_alloc(n, 1);
  if (path)
    snprintf(path, n, "%s/%s", dir, name);
  return path;
}

/* Which of a folder's tokenizer files are there. */
enum { VOCAB, MERGES, CONFIG, ADDED, WHOLE, FILES };
static const char *const file_names[FILES] = {"vocab.json", "merges.txt", "tokenizer_config.json",
                                              "added_tokens.json", "tokenizer.json"};

static int find_files(bool there[FILES], const char *dir, motcl_err *err) {
  for (size_t i = 0; i < FILES; i++) {
    struct stat st;
    char *path = path_in(dir, file_names[i]);
    if (!path)
      return mcl_fail_nomem(err, strlen(dir));
    there[i] = stat(path, &st) == 0;
    mcl_free(path);
  }
  return MOTCL_OK;
}

static int load_json(json_t **out, const char *dir, const char *name, motcl_err *err) {
  char *path = path_in(dir, name);
  int rc = path ? mcl_json_load_file(out, path, FILE_MAX_BYTES, err) : mcl_fail_nomem(err, 0);
  mcl_free(path);
  return rc;
}

static int read_vocab(mcl_tok *t, const json_t *names, motcl_err *err) {
  const char *name;
  json_t *id;
  json_object_foreach((json_t *)names, name, id) {
    json_int_t i = json_integer_value(id);
    if (!json_is_integer(id) || i < 0 || i >= (json_int_t)MCL_VOCAB_ID_LIMIT)
      return mcl_fail(err, MOTCL_EFORMAT,
                      "the id of the token \"%.60s\" is not an integer of 0 to %lu", name,
                      (unsigned long)MCL_VOCAB_ID_LIMIT - 1);
    int rc = mcl_vocab_put(&t->vocab, name, strlen(name), (uint32_t)i, err);
    if (rc)
      return rc;
  }
  for (unsigned b = 0; b < 256; b++) {
    char byte = (char)b;
    if (!mcl_vocab_find(&t->vocab, &byte, 1, &t->bpe.byte_id[b]))
      return mcl_fail(err, MOTCL_EFORMAT,
                      "there is no token for the byte 0x%02X; this is not a byte-level vocabulary",
                      b);
  }
  return MOTCL_OK;
}

static int fail_merge_at(const char *where, motcl_err *err, size_t nr, const char *what) {
  return mcl_fail_at(err, MOTCL_EFORMAT, 0, where, "merge %zu %s", nr, what);
}
#define fail_merge(...) fail_merge_at(__func__, __VA_ARGS__)

/* The merge whose parts are printed a and b; it is the one number `nr`, counted from 1. */
static int put_merge(mcl_tok *t, size_t nr, const char *a, size_t na, const char *b, size_t nb,
                     motcl_err *err) {
  uint32_t left, right, merged;
  char *raw = mcl_alloc(na + nb, 1);
  if (!raw)
    return mcl_fail_nomem(err, na + nb);
  size_t ra = mcl_vocab_unmap(a, na, raw), rb = SIZE_MAX;
  if (ra != SIZE_MAX)
    rb = mcl_vocab_unmap(b, nb, raw + ra);
  int rc;
  if (rb == SIZE_MAX || !mcl_vocab_find(&t->vocab, raw, ra, &left) ||
      !mcl_vocab_find(&t->vocab, raw + ra, rb, &right))
    rc = fail_merge(err, nr, "names a token that the vocabulary does not have");
  else if (!mcl_vocab_find(&t->vocab, raw, ra + rb, &merged))
    rc = fail_merge(err, nr, "makes a token that the vocabulary does not have");
  else
    rc = mcl_bpe_put(&t->bpe, left, right, merged, err);
  mcl_free(raw);
  return rc;
}

/* "a b" of n bytes, anything blank around and between. */
static int put_merge_line(mcl_tok *t, size_t nr, const char *line, size_t n, motcl_err *err) {
  size_t at[2] = {0}, len[2] = {0}, parts = 0;
  for (size_t i = 0; i < n;) {
    size_t start = i;
    while (i < n && line[i] != ' ' && line[i] != '\t')
      i++;
    if (i > start && parts++ < 2) {
      at[parts - 1] = start;
      len[parts - 1] = i - start;
    }
    if (i < n)
      i++;
  }
  if (parts != 2)
    return fail_merge(err, nr, "is not two names with a blank between");
  return put_merge(t, nr, line + at[0], len[0], line + at[1], len[1], err);
}

static bool is_blank(const char *line, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (line[i] != ' ' && line[i] != '\t')
      return false;
  }
  return true;
}

static int read_merge_lines(mcl_tok *t, const char *text, size_t n, motcl_err *err) {
  static const char version[] = "#version:";
  size_t nr = 0;
  int checked = mcl_text_check_utf8(text, n, "it", err);
  if (checked != MOTCL_OK)
    return checked;
  for (size_t at = 0; at < n;) {
    const char *line = text + at;
    const char *end = memchr(line, '\n', n - at);
    size_t len = end ? (size_t)(end - line) : n - at;
    bool first = at == 0;
    at += len + 1;
    if (len && line[len - 1] == '\r')
      len--;
    if (is_blank(line, len) ||
        (first && len >= sizeof version - 1 && memcmp(line, version, sizeof version - 1) == 0))
      continue;
    int rc = put_merge_line(t, ++nr, line, len, err);
    if (rc)
      return rc;
  }
  return MOTCL_OK;
}

static int read_merges_txt(mcl_tok *t, const char *dir, motcl_err *err) {
  char *path = path_in(dir, "merges.txt"), *text = NULL;
  size_t n = 0;
  int rc = path ? mcl_file_read(&text, &n, path, FILE_MAX_BYTES, err) : mcl_fail_nomem(err, 0);
  if (!rc) {
    rc = read_merge_lines(t, text, n, err);
    if (rc)
      mcl_err_prefix(err, rc, "'%s'", path);
  }
  mcl_free(text);
  mcl_free(path);
  return rc;
}

static int read_merge_array(mcl_tok *t, const json_t *merges, motcl_err *err) {
  for (size_t i = 0; i < json_array_size(merges); i++) {
    const json_t *m = json_array_get(merges, i);
    const char *a = json_string_value(json_array_get(m, 0));
    const char *b = json_string_value(json_array_get(m, 1));
    int rc;
    if (json_is_string(m))
      rc = put_merge_line(t, i + 1, json_string_value(m), json_string_length(m), err);
    else if (json_array_size(m) == 2 && a && b)
      rc = put_merge(t, i + 1, a, strlen(a), b, strlen(b), err);
    else
      rc = fail_merge(err, i + 1, "is neither \"a b\" nor [\"a\", \"b\"]");
    if (rc)
      return rc;
  }
  return MOTCL_OK;
}

/* One added token: {"content": ..., "lstrip": ..., ...}. */
static int put_added(mcl_tok *t, const json_t *o, uint32_t id, motcl_err *err) {
  const char *name;
  bool single_word;
  mcl_added_token token = {.id = id};
  int rc = mcl_json_str(o, "content", &name, err);
  if (!rc)
    rc = mcl_json_bool_or(o, "lstrip", false, &token.lstrip, err);
  if (!rc)
    rc = mcl_json_bool_or(o, "rstrip", false, &token.rstrip, err);
  if (!rc)
    rc = mcl_json_bool_or(o, "single_word", false, &single_word, err);
  if (!rc && single_word)
    rc = mcl_fail(err, MOTCL_EUNSUPPORTED,
                  "the added token \"%.60s\" is one for whole words (single_word), which motcl "
                  "does not have",
                  name);
  if (!rc)
    rc = mcl_added_put(&t->added, name, strlen(name), token, err);
  if (!rc)
    rc = mcl_vocab_put_added(&t->vocab, name, strlen(name), id, err);
  return rc;
}

/* {"151643": {"content": ...}, ...} of tokenizer_config.json */
static int read_added_decoder(mcl_tok *t, const json_t *by_id, motcl_err *err) {
  const char *key;
  json_t *o;
  json_object_foreach((json_t *)by_id, key, o) {
    uint32_t id = 0;
    size_t digits = strspn(key, "0123456789");
    if (!digits || digits > 8 || key[digits])
      return mcl_fail(err, MOTCL_EFORMAT, "the added token's id \"%.60s\" is no number below %lu",
                      key, (unsigned long)MCL_VOCAB_ID_LIMIT);
    for (size_t i = 0; i < digits; i++)
      id = id * 10 + (uint32_t)(key[i] - '0');
    int rc = put_added(t, o, id, err);
    if (rc)
      return rc;
  }
  return MOTCL_OK;
}

/* [{"id": 151643, "content": ...}, ...] of tokenizer.json */
static int read_added_array(mcl_tok *t, const json_t *array, motcl_err *err) {
  for (size_t i = 0; i < json_array_size(array); i++) {
    const json_t *o = json_array_get(array, i);
    uint32_t id = 0;
    int rc = mcl_json_u32(o, "id", 0, MCL_VOCAB_ID_LIMIT - 1, &id, err);
    if (!rc)
      rc = put_added(t, o, id, err);
    if (rc)
      return rc;
  }
  return MOTCL_OK;
}

/* {"<|endoftext|>": 151643, ...} of added_tokens.json */
static int read_added_names(mcl_tok *t, const json_t *names, motcl_err *err) {
  const char *name;
  json_t *o;
  json_object_foreach((json_t *)names, name, o) {
    mcl_added_token token = {0};
    int rc = mcl_json_u32(names, name, 0, MCL_VOCAB_ID_LIMIT - 1, &token.id, err);
    if (!rc)
      rc = mcl_added_put(&t->added, name, strlen(name), token, err);
    if (!rc)
      rc = mcl_vocab_put_added(&t->vocab, name, strlen(name), token.id, err);
    if (rc)
      return rc;
  }
  return MOTCL_OK;
}

/* The file's root is handed to `read`, and its errors get the file's name. */
static int read_json(mcl_tok *t, const char *dir, const char *name,
                     int (*read)(mcl_tok *, const json_t *, motcl_err *), motcl_err *err) {
  json_t *root = NULL;
  int rc = load_json(&root, dir, name, err);
  if (rc)
    return rc;
  if (!json_is_object(root))
    rc = mcl_fail(err, MOTCL_EFORMAT, "not a JSON object");
  else
    rc = read(t, root, err);
  if (rc)
    mcl_err_prefix(err, rc, "'%s/%s'", dir, name);
  json_decref(root);
  return rc;
}

static int read_root_added(mcl_tok *t, const json_t *root, motcl_err *err) {
  const json_t *added;
  int rc = mcl_json_array(root, "added_tokens", &added, err);
  return rc ? rc : read_added_array(t, added, err);
}

static int read_config(mcl_tok *t, const json_t *root, motcl_err *err) {
  const json_t *by_id = NULL;
  int rc = mcl_json_bool_or(root, "split_special_tokens", false, &t->keep_names, err);
  if (rc || !json_object_get(root, "added_tokens_decoder"))
    return rc;
  rc = mcl_json_object(root, "added_tokens_decoder", &by_id, err);
  return rc ? rc : read_added_decoder(t, by_id, err);
}

/* The added tokens that belong to vocab.json: from the first file that lists any. */
static int read_added(mcl_tok *t, const char *dir, const bool there[FILES], motcl_err *err) {
  int rc = MOTCL_OK;
  if (there[CONFIG])
    rc = read_json(t, dir, file_names[CONFIG], read_config, err);
  if (!rc && !t->added.tokens && there[WHOLE])
    rc = read_json(t, dir, file_names[WHOLE], read_root_added, err);
  if (!rc && !t->added.tokens && there[ADDED])
    rc = read_json(t, dir, file_names[ADDED], read_added_names, err);
  return rc;
}

/* The regular expression in a pre_tokenizer or one of its parts, NULL if it has none. */
static const char *split_regex(const json_t *pre) {
  const char *regex = json_string_value(json_object_get(json_object_get(pre, "pattern"), "Regex"));
  const json_t *parts = json_object_get(pre, "pretokenizers");
  for (size_t i = 0; i < json_array_size(parts) && !regex; i++) {
    const json_t *part = json_array_get(parts, i);
    regex = json_string_value(json_object_get(json_object_get(part, "pattern"), "Regex"));
  }
  return regex;
}

static bool is_text(const json_t *o, const char *key, const char *want) {
  const char *s = json_string_value(json_object_get(o, key));
  return s && strcmp(s, want) == 0;
}

/* tokenizer.json can describe any tokenizer; only this kind is ours. */
static int check_kind(const json_t *root, motcl_err *err) {
  const char *regex = split_regex(json_object_get(root, "pre_tokenizer"));
  const char *what = NULL;
  if (!is_text(json_object_get(root, "model"), "type", "BPE"))
    what = "its model is not BPE";
  else if (!is_text(json_object_get(root, "normalizer"), "type", "NFC"))
    what = "it does not normalize to NFC";
  else if (!regex || strcmp(regex, mcl_split_pattern()) != 0)
    what = "it splits words in another way";
  if (what)
    return mcl_fail(err, MOTCL_EUNSUPPORTED,
                    "not the kind of tokenizer that Qwen2 models have: %s; use the model's own "
                    "tokenizer files",
                    what);
  return MOTCL_OK;
}

static int read_tokenizer(mcl_tok *t, const json_t *root, motcl_err *err) {
  const json_t *model, *names = NULL, *merges = NULL;
  int rc = check_kind(root, err);
  if (!rc)
    rc = mcl_json_object(root, "model", &model, err);
  if (!rc)
    rc = mcl_json_object(model, "vocab", &names, err);
  if (!rc)
    rc = mcl_json_array(model, "merges", &merges, err);
  if (!rc)
    rc = read_vocab(t, names, err);
  if (!rc)
    rc = read_merge_array(t, merges, err);
  if (!rc)
    rc = read_root_added(t, root, err);
  return rc;
}

/* A name in the vocabulary that stands for no bytes can only be an added token's. */
static int check_names(const mcl_tok *t, const char *dir, motcl_err *err) {
  for (size_t id = 0; id < t->vocab.count; id++) {
    const mcl_vocab_entry *e = &t->vocab.entry[id];
    if (e->kind == MCL_VOCAB_TEXT)
      return mcl_fail(err, MOTCL_EFORMAT,
                      "'%s': the token %zu, \"%.*s\", is not written in the characters that stand "
                      "for bytes, and no added token",
                      dir, id, e->n < 60 ? (int)e->n : 60, t->vocab.bytes + e->at);
  }
  return MOTCL_OK;
}

static int load_from(mcl_tok *t, const char *dir, motcl_err *err) {
  bool there[FILES];
  int rc = find_files(there, dir, err);
  if (rc)
    return rc;
  if (there[VOCAB] && there[MERGES]) {
    rc = read_json(t, dir, file_names[VOCAB], read_vocab, err);
    if (!rc)
      rc = read_merges_txt(t, dir, err);
    if (!rc)
      rc = read_added(t, dir, there, err);
  } else if (there[WHOLE]) {
    rc = read_json(t, dir, file_names[WHOLE], read_tokenizer, err);
  } else if (access(dir, F_OK) != 0) {
    rc = mcl_fail_sys(err, errno, "open", dir);
  } else {
    rc = mcl_fail(err, MOTCL_EMODEL,
                  "'%s' has no tokenizer: put vocab.json, merges.txt and tokenizer_config.json, or "
                  "tokenizer.json, of the model's release there (BAGEL's are with "
                  "ByteDance-Seed/BAGEL-7B-MoT)",
                  dir);
  }
  return rc ? rc : check_names(t, dir, err);
}

int mcl_tok_load(mcl_tok *t, const char *path, motcl_err *err) {
  char *dir = mcl_folder_of(path);
  int rc = dir ? load_from(t, dir, err) : mcl_fail_nomem(err, strlen(path) + 1);
  mcl_free(dir);
  return rc;
}
