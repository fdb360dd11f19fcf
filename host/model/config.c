/* config.c - reading the JSON files of a model folder. */
#include "model/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/json.h"

#define CONFIG_BYTES (1u << 20)
#define MOST_WIDTH (1u << 20)

char *mcl_path_join(const char *dir, const char *name) {
  size_t n = strlen(dir) + strlen(name) + 2;
  char *path = mcl_alloc(n, 1);
  if (path)
    snprintf(path, n, "%s/%s", dir, name);
  return path;
}

/* Parse dir/name; *out is NULL, and all is well, if there is no such file. */
static int load(json_t **out, const char *dir, const char *name, motcl_err *err) {
  *out = NULL;
  char *path = mcl_path_join(dir, name);
  if (!path)
    return mcl_fail_nomem(err, strlen(dir));
  int rc = access(path, F_OK) == 0 ? mcl_json_load_file(out, path, CONFIG_BYTES, err) : MOTCL_OK;
  mcl_free(path);
  return rc;
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
      (rc = mcl_json_f64_or(j, "rope_theta", 1, 1e30, 10000, &c->theta, err)) != MOTCL_OK ||
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

/* A resize rule inside motcl.json's "picture"; what it does not name stays. */
static int read_rule(mcl_resize_rule *r, const json_t *picture, const char *key, motcl_err *err) {
  const json_t *j = json_object_get(picture, key);
  uint32_t pixels = 0;
  int rc;
  if (!j)
    return MOTCL_OK;
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
  if (picture && ((rc = read_rule(&c->vae, picture, "vae", err)) != MOTCL_OK ||
                  (rc = read_rule(&c->vit, picture, "vit", err)) != MOTCL_OK))
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

int mcl_config_read(mcl_config *c, const char *dir, motcl_err *err) {
  mcl_config found = {0};
  json_t *llm = NULL, *vit = NULL, *ours = NULL;
  int rc;
  if ((rc = load(&llm, dir, "llm_config.json", err)) != MOTCL_OK ||
      (rc = load(&vit, dir, "vit_config.json", err)) != MOTCL_OK ||
      (rc = load(&ours, dir, "motcl.json", err)) != MOTCL_OK)
    goto end;
  if (!llm) {
    rc = mcl_fail(err, MOTCL_EMODEL,
                  "'%s' is no model folder: it has no llm_config.json; name a BAGEL folder with -m",
                  dir);
    goto end;
  }
  rc = read_decoder(&found.decoder, llm, err);
  if (rc == MOTCL_OK && vit) {
    found.has_vision = true;
    rc = read_vision(&found.vision, vit, err);
  }
  published(&found.picture, vit && rc == MOTCL_OK ? found.vision.patch : 14);
  if (rc == MOTCL_OK && ours && (rc = read_picture(&found.picture, ours, err)) != MOTCL_OK)
    mcl_err_prefix(err, rc, "motcl.json");
  if (rc == MOTCL_OK)
    *c = found;
end:
  json_decref(llm);
  json_decref(vit);
  json_decref(ours);
  return rc;
}
