/* config.c - the configuration files of a model folder: llm_config.json, vit_config.json,
 * motcl.json and tokenizer_config.json behind each other. */
#include "fuzz.h"
#include "model/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"llm_config.json", "vit_config.json", "motcl.json",
                                      "tokenizer_config.json"};
  fuzz_put_parts(names, 4, data, size);
  mcl_config c;
  motcl_err err = {0};
  mcl_store *notes = mcl_store_create();
  if (!notes)
    return 0;
  int rc = mcl_config_read(&c, fuzz_folder(), notes, &err);
  mcl_store_destroy(notes);
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
