/* config.c - the configuration files of a model folder: llm_config.json, vit_config.json,
 * motcl.json, tokenizer_config.json, config.json and what a weight file carries behind each other. */
#include <jansson.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "fuzz.h"
#include "model/store.h"

/* A weight file with a tensor of a vision encoder, whose metadata are the part `carried`; NULL where
 * they cannot be written. */
static mcl_st *weights(void) {
  static char file[1 << 16];
  json_t *metadata = json_object(), *root = json_object();
  char *text = NULL;
  size_t n = 0;
  mcl_st *st = NULL;
  if (mcl_file_read(&text, &n, fuzz_path("carried"), sizeof file, NULL) == MOTCL_OK)
    json_object_set_new(metadata, "comfyui_bagel", json_stringn(text, n));
  mcl_free(text);
  json_object_set_new(root, "__metadata__", metadata);
  json_object_set_new(
      root, "connector.fc1.weight",
      json_pack("{s:s, s:[i], s:[i, i]}", "dtype", "U8", "shape", 0, "data_offsets", 0, 0));
  n = json_dumpb(root, file + 8, sizeof file - 8, JSON_COMPACT);
  json_decref(root);
  if (!n || n > sizeof file - 8)
    return NULL;
  memset(file, 0, 8);
  file[0] = (char)n;
  file[1] = (char)(n >> 8);
  fuzz_put("weights.safetensors", file, n + 8);
  return mcl_st_open(&st, fuzz_path("weights.safetensors"), NULL) == MOTCL_OK ? st : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"llm_config.json",       "vit_config.json", "motcl.json",
                                      "tokenizer_config.json", "config.json",     "carried"};
  fuzz_put_parts(names, 6, data, size);
  mcl_config c;
  motcl_err err = {0};
  mcl_store *store = mcl_store_create();
  mcl_st *set = weights();
  if (!store || (set && mcl_store_add(store, set, NULL) != MOTCL_OK))
    return 0;
  int rc = mcl_config_read(&c, fuzz_folder(), store, &err);
  mcl_store_destroy(store);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  const mcl_decoder_config *d = &c.decoder;
  if (!d->hidden || !d->layers || !d->heads || !d->kv_heads || d->heads % d->kv_heads ||
      d->head % 2 || !d->vocab || !d->intermediate)
    fuzz_wrong("a decoder that cannot be");
  if (c.has_vision && (!c.vision.heads || c.vision.hidden % c.vision.heads || !c.vision.patch))
    fuzz_wrong("a vision encoder that cannot be");
  if (!c.picture.width || !c.picture.height || !c.picture.latent_side || !c.picture.vae.stride ||
      !c.picture.vit.stride)
    fuzz_wrong("pictures that cannot be");
  return 0;
}
