/* digest.c - hashing what tells models apart. */
#include "model/digest.h"

#include <sys/types.h>

#include <limits.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

enum { BLOCKS = 64, BLOCK = 4096 };
#define MOST_TEXT ((size_t)1 << 28) /* of a configuration or tokenizer file */

static void add_number(SHA2_CTX *h, uint64_t n) {
  uint8_t byte[8];
  for (unsigned i = 0; i < 8; i++)
    byte[i] = (uint8_t)(n >> (8 * i));
  SHA256Update(h, byte, sizeof byte);
}

static void add_block(SHA2_CTX *h, const void *data, size_t n) {
  add_number(h, n);
  SHA256Update(h, data, n);
}

/* A file that is not there counts as its name alone. */
static int add_text(SHA2_CTX *h, const char *dir, const char *name, motcl_err *err) {
  size_t n;
  char *path = mcl_path_join(dir, name), *data = NULL;
  if (!path)
    return mcl_fail_nomem(err, strlen(dir) + strlen(name));
  add_block(h, name, strlen(name));
  int rc = access(path, F_OK) == 0 ? mcl_file_read(&data, &n, path, MOST_TEXT, err) : MOTCL_OK;
  if (data)
    add_block(h, data, n);
  mcl_free(data);
  mcl_free(path);
  return rc;
}

/* Sizes that are in none of the files above. */
static void add_sizes(SHA2_CTX *h, const mcl_config *c) {
  const mcl_decoder_config *d = &c->decoder;
  const mcl_vision_config *v = &c->vision;
  char text[512];
  int n = snprintf(text, sizeof text, "%u %u %u %u %u %u %u %a %a %d %u %u %u %u %u %a", d->hidden,
                   d->layers, d->heads, d->kv_heads, d->intermediate, d->vocab, d->positions,
                   (double)d->eps, d->theta, d->tied, v->hidden, v->layers, v->heads,
                   v->intermediate, v->patch, (double)v->eps);
  add_block(h, text, (size_t)n);
}

/* Its length, blocks of it, and the header where that lies in its first page. */
static void add_weights(SHA2_CTX *h, const mcl_mapping *mapping) {
  const uint8_t *data = mapping->data;
  uint64_t header = 0;
  add_number(h, mapping->bytes);
  for (unsigned i = 0; i < 8 && mapping->bytes >= 8; i++)
    header |= (uint64_t)data[i] << (8 * i);
  if (mapping->bytes >= 8 && header <= mapping->bytes - 8)
    add_block(h, data + 8, (size_t)header);
  for (size_t i = 0; i < BLOCKS; i++) {
    size_t at = (size_t)((double)i / BLOCKS * (double)mapping->bytes);
    size_t left = mapping->bytes - at;
    add_block(h, data + at, left < BLOCK ? left : BLOCK);
  }
}

void mcl_digest_short(char out[MCL_DIGEST_SHORT], const mcl_digest *d) {
  for (size_t i = 0; i < MCL_DIGEST_SHORT / 2; i++)
    snprintf(out + 2 * i, 3, "%02x", d->byte[i]);
}

static bool is(const char *part, size_t n, const char *word) {
  return n == strlen(word) && !memcmp(part, word, n);
}

/* The last part of a path, of *n bytes; dots are followed. NULL where there is none. */
static const char *last_part(const char *path, size_t *n) {
  const char *begin, *end = path + strlen(path);
  for (size_t up = 0; end > path; end = begin) {
    while (end > path && end[-1] == '/')
      end--;
    for (begin = end; begin > path && begin[-1] != '/';)
      begin--;
    *n = (size_t)(end - begin);
    if (is(begin, *n, ".."))
      up++;
    else if (*n && !is(begin, *n, ".")) {
      if (!up)
        return begin;
      up--;
    }
  }
  return NULL;
}

void mcl_model_path_name(char out[MCL_MODEL_NAME], const char *given) {
  static const char ending[] = ".safetensors";
  char here[PATH_MAX] = "", path[2 * PATH_MAX];
  size_t n = 1;
  if (*given != '/' && !getcwd(here, sizeof here))
    *here = 0;
  snprintf(path, sizeof path, "%s/%s", here, given);
  const char *last = last_part(path, &n);
  if (last && n >= sizeof ending &&
      !memcmp(last + n - (sizeof ending - 1), ending, sizeof ending - 1))
    n -= sizeof ending - 1;
  mcl_model_print_name(out, "%.*s", (int)n, last ? last : "/");
}

void mcl_model_name(char out[MCL_MODEL_NAME], const mcl_model *m, const char *path) {
  if (*m->config.name)
    memcpy(out, m->config.name, MCL_MODEL_NAME);
  else
    mcl_model_path_name(out, path);
}

/* Each stretch once, in the order in which weights were looked up. */
static bool seen_before(const mcl_model *m, size_t i) {
  const mcl_mapping *mapping = mcl_model_weight_at(m, i)->mapping;
  for (size_t k = i; k > 0; k--)
    if (mcl_model_weight_at(m, k - 1)->mapping == mapping)
      return true;
  return false;
}

int mcl_model_digest(mcl_digest *out, const mcl_model *m, motcl_err *err) {
  static const char *const text[] = {"llm_config.json",      "vit_config.json", "motcl.json",
                                     "vocab.json",           "merges.txt",      "tokenizer.json",
                                     "tokenizer_config.json"};
  SHA2_CTX h;
  int rc = MOTCL_OK;
  SHA256Init(&h);
  for (size_t i = 0; i < sizeof text / sizeof *text && rc == MOTCL_OK; i++)
    rc = add_text(&h, m->folder, text[i], err);
  if (rc != MOTCL_OK)
    return rc;
  if (m->config.elsewhere)
    add_sizes(&h, &m->config);
  for (size_t i = 0; i < mcl_model_weights(m); i++)
    if (!seen_before(m, i))
      add_weights(&h, mcl_model_weight_at(m, i)->mapping);
  SHA256Final(out->byte, &h);
  return MOTCL_OK;
}
