/* config.c - reading the JSON files of a model folder. */
#include "model/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "io/json.h"
#include "model/config_find.h"
#include "model/config_keys.h"

#define CONFIG_BYTES ((size_t)1 << 20)
#define TOKENIZER_BYTES ((size_t)64 << 20) /* as the tokenizer's reader has it */
#define MOST_WIDTH (1u << 20)

void mcl_model_print_name(char out[MCL_MODEL_NAME], const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  mcl_sentence(out, MCL_MODEL_NAME, fmt, ap);
  va_end(ap);
}

char *mcl_path_join(const char *dir, const char *name) {
  size_t n = strlen(dir) + strlen(name) + 2;
  char *path = mcl_alloc(n, 1);
  if (path)
    snprintf(path, n, "%s/%s", dir, name);
  return path;
}

static int load(json_t **out, const char *dir, const char *name, size_t most, motcl_err *err) {
  *out = NULL;
  char *path = mcl_path_join(dir, name);
  if (!path)
    return mcl_fail_nomem(err, strlen(dir));
  int rc = access(path, F_OK) == 0 ? mcl_json_load_file(out, path, most, err) : MOTCL_OK;
  mcl_free(path);
  return rc;
}

int mcl_config_load(json_t **out, const char *dir, const char *name, motcl_err *err) {
  return load(out, dir, name, CONFIG_BYTES, err);
}

static int heads_fit(uint32_t hidden, uint32_t heads, uint32_t *head, const char *file,
                     motcl_err *err) {
  *head = hidden / heads;
  if (hidden % heads || *head % 2 || *head < 16 || *head > 512)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "%s: %u attention heads over a width of %u; heads must divide the width and "
                    "be even, from 16 to 512 wide",
                    file, heads, hidden);
  return MOTCL_OK;
}

/* Where newer folders have theta, beside where others have it. */
static int read_theta(double *theta, const json_t *j, motcl_err *err) {
  static const char *const inside[] = {"rope_parameters", "rope_scaling"};
  double found = 0, other;
  int rc = mcl_json_f64_or(j, "rope_theta", 1, 1e30, 0, &found, err);
  for (size_t i = 0; i < 2 && rc == MOTCL_OK; i++) {
    const json_t *object = json_object_get(j, inside[i]);
    if (!json_is_object(object))
      continue;
    rc = mcl_json_f64_or(object, "rope_theta", 1, 1e30, 0, &other, err);
    if (rc != MOTCL_OK)
      return mcl_err_prefix(err, rc, "%s", inside[i]);
    if (found > 0 && other > 0 && !(found >= other && found <= other))
      return mcl_fail(err, MOTCL_EFORMAT, "rope_theta is %g, and %g in %s", found, other,
                      inside[i]);
    found = other > 0 ? other : found;
  }
  *theta = found > 0 ? found : 10000;
  return rc;
}

static int read_decoder(mcl_decoder_config *c, const json_t *j, motcl_err *err) {
  double eps;
  int rc;
  if ((rc = mcl_json_u32(j, "hidden_size", 16, MOST_WIDTH, &c->hidden, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "num_hidden_layers", 1, 10000, &c->layers, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "num_attention_heads", 1, 4096, &c->heads, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "num_key_value_heads", 1, 4096, c->heads, &c->kv_heads, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_u32(j, "intermediate_size", 1, MOST_WIDTH, &c->intermediate, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_u32(j, "vocab_size", 1, 1u << 24, &c->vocab, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "max_position_embeddings", 1, UINT32_MAX, 0, &c->positions, err)) !=
          MOTCL_OK ||
      (rc = read_theta(&c->theta, j, err)) != MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "rms_norm_eps", 0, 1, 1e-6, &eps, err)) != MOTCL_OK ||
      (rc = mcl_json_bool_or(j, "tie_word_embeddings", false, &c->tied, err)) != MOTCL_OK)
    return mcl_err_prefix(err, rc, "llm_config.json");
  c->eps = (float)eps;
  if (c->heads % c->kv_heads)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "llm_config.json: %u query heads cannot share %u key/value heads evenly",
                    c->heads, c->kv_heads);
  if (c->hidden % 4)
    return mcl_fail(err, MOTCL_EFORMAT, "llm_config.json: hidden_size %u is no multiple of 4",
                    c->hidden);
  return heads_fit(c->hidden, c->heads, &c->head, "llm_config.json", err);
}

static int read_vision(mcl_vision_config *c, const json_t *j, motcl_err *err) {
  double eps;
  int rc;
  if ((rc = mcl_json_u32(j, "hidden_size", 16, MOST_WIDTH, &c->hidden, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "num_hidden_layers", 2, 10000, &c->layers, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "num_attention_heads", 1, 4096, &c->heads, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "intermediate_size", 1, MOST_WIDTH, &c->intermediate, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "patch_size", 1, 64, 14, &c->patch, err)) != MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "layer_norm_eps", 0, 1, 1e-6, &eps, err)) != MOTCL_OK)
    return mcl_err_prefix(err, rc, "vit_config.json");
  c->eps = (float)eps;
  c->layers--; /* the last layer of the file is not used: doc/model.md, 1 */
  return heads_fit(c->hidden, c->heads, &c->head, "vit_config.json", err);
}

/* A resize rule inside motcl.json's "picture"; what it does not name stays. `own`: it is there. */
static int read_rule(mcl_resize_rule *r, bool *own, const json_t *picture, const char *key,
                     motcl_err *err) {
  const json_t *j = json_object_get(picture, key);
  uint32_t pixels = 0;
  int rc;
  if (!j)
    return MOTCL_OK;
  *own = true;
  if ((rc = mcl_json_u32_or(j, "longest", 1, 65536, r->longest, &r->longest, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "shortest", 1, 65536, r->shortest, &r->shortest, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "stride", 1, 4096, r->stride, &r->stride, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "max_pixels", 1, UINT32_MAX, 0, &pixels, err)) != MOTCL_OK)
    return rc;
  if (pixels)
    r->max_pixels = pixels;
  if (r->shortest > r->longest)
    return mcl_fail(err, MOTCL_EFORMAT, "picture.%s: shortest %u is above longest %u", key,
                    r->shortest, r->longest);
  return MOTCL_OK;
}

static int read_picture(mcl_picture_config *c, const json_t *j, motcl_err *err) {
  const json_t *picture = json_object_get(j, "picture"), *draw = json_object_get(j, "draw");
  const json_t *latent = json_object_get(j, "latent"), *vision = json_object_get(j, "vision");
  int rc = MOTCL_OK;
  if (picture && ((rc = read_rule(&c->vae, &c->own_vae, picture, "vae", err)) != MOTCL_OK ||
                  (rc = read_rule(&c->vit, &c->own_vit, picture, "vit", err)) != MOTCL_OK))
    return rc;
  if (draw &&
      ((rc = mcl_json_u32_or(draw, "width", 16, 65536, c->width, &c->width, err)) != MOTCL_OK ||
       (rc = mcl_json_u32_or(draw, "height", 16, 65536, c->height, &c->height, err)) != MOTCL_OK))
    return rc;
  if (latent && (rc = mcl_json_u32_or(latent, "max_size", 1, 4096, c->latent_side, &c->latent_side,
                                      err)) != MOTCL_OK)
    return rc;
  if (vision)
    rc = mcl_json_u32_or(vision, "max_size", 1, 4096, c->vision_side, &c->vision_side, err);
  return rc;
}

static int read_ours(mcl_config *c, const json_t *j, motcl_err *err) {
  const char *name;
  int rc = mcl_json_str_or(j, "name", "", &name, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_model_print_name(c->name, "%s", name);
  return read_picture(&c->picture, j, err);
}

static void published(mcl_picture_config *c, uint32_t patch) {
  const uint64_t cap = (uint64_t)14 * 14 * 9 * 1024;
  *c = (mcl_picture_config){.vae = {1024, 512, 16, cap},
                            .vit = {980, 224, patch, cap},
                            .width = 1024,
                            .height = 1024,
                            .latent_side = 64,
                            .vision_side = 70,
                            .patch = 2};
}

/* The files of a folder that say how a model is computed; NULL for those that are not there. */
typedef struct folder {
  json_t *llm, *vit, *ours, *tokenizer;
} folder;

static void folder_finish(folder *f) {
  json_decref(f->llm);
  json_decref(f->vit);
  json_decref(f->ours);
  json_decref(f->tokenizer);
}

/* A configuration from its own file, or from where else it may be; *elsewhere then says so. */
static int load_or_find(json_t **out, const char *dir, const char *name, mcl_store *s,
                        bool *elsewhere, motcl_err *err) {
  int rc = mcl_config_load(out, dir, name, err);
  if (rc != MOTCL_OK || *out)
    return rc;
  rc = mcl_config_find(out, s, dir, name, err);
  *elsewhere = *elsewhere || *out;
  return rc;
}

/* A tokenizer's file that cannot be read is for the tokenizer's reader to say. */
static int folder_read(folder *f, const char *dir, mcl_store *s, bool *elsewhere, motcl_err *err) {
  const bool vision = mcl_store_has_vision(s);
  int rc;
  if ((rc = load_or_find(&f->llm, dir, MCL_LLM_CONFIG, s, elsewhere, err)) != MOTCL_OK ||
      (rc = vision ? load_or_find(&f->vit, dir, MCL_VIT_CONFIG, s, elsewhere, err)
                   : mcl_config_load(&f->vit, dir, MCL_VIT_CONFIG, err)) != MOTCL_OK ||
      (rc = mcl_config_load(&f->ours, dir, "motcl.json", err)) != MOTCL_OK)
    return rc;
  if (load(&f->tokenizer, dir, "tokenizer_config.json", TOKENIZER_BYTES, NULL) == MOTCL_ENOMEM)
    return mcl_fail_nomem(err, TOKENIZER_BYTES);
  if (f->llm)
    return MOTCL_OK;
  return mcl_fail(
      err, MOTCL_EMODEL,
      "'%s' has no llm_config.json, which says what no tensor does: download the one that "
      "belongs to the weights into it",
      dir);
}

static int read_all(mcl_config *c, const folder *f, motcl_err *err) {
  int rc = read_decoder(&c->decoder, f->llm, err);
  if (rc == MOTCL_OK && f->vit) {
    c->has_vision = true;
    rc = read_vision(&c->vision, f->vit, err);
  }
  published(&c->picture, f->vit && rc == MOTCL_OK ? c->vision.patch : 14);
  if (rc == MOTCL_OK && f->ours && (rc = read_ours(c, f->ours, err)) != MOTCL_OK)
    mcl_err_prefix(err, rc, "motcl.json");
  return rc;
}

int mcl_config_read(mcl_config *c, const char *dir, mcl_store *s, motcl_err *err) {
  mcl_config found = {0};
  folder f = {0};
  int rc = folder_read(&f, dir, s, &found.elsewhere, err);
  if (rc == MOTCL_OK)
    rc = read_all(&found, &f, err);
  if (rc == MOTCL_OK) {
    mcl_config_keys_check(s, MCL_LLM_CONFIG, f.llm);
    mcl_config_keys_check(s, MCL_VIT_CONFIG, f.vit);
    mcl_config_keys_check(s, "motcl.json", f.ours);
    mcl_config_keys_check(s, "tokenizer_config.json", f.tokenizer);
    *c = found;
  }
  folder_finish(&f);
  return rc;
}
