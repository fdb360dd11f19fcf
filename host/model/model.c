/* model.c - opening a model folder. */
#include "model/model.h"

#include <unistd.h>

#include "base/mem.h"
#include "model/store.h"

/* Add dir/name to the store if it is there; *found says so. */
static int add(mcl_store *s, const char *dir, const char *name, bool index, bool *found,
               motcl_err *err) {
  char *path = mcl_path_join(dir, name);
  if (!path)
    return mcl_fail_nomem(err, 0);
  *found = access(path, F_OK) == 0;
  int rc = *found ? mcl_store_add(s, path, index, err) : MOTCL_OK;
  mcl_free(path);
  return rc;
}

static int add_files(mcl_store *s, const char *dir, bool *vae, motcl_err *err) {
  static const struct {
    const char *name;
    bool index;
  } forms[] = {{"ema.safetensors", false},
               {"model.safetensors.index.json", true},
               {"model.safetensors", false}};
  bool found = false;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < sizeof forms / sizeof *forms && !found && rc == MOTCL_OK; i++)
    rc = add(s, dir, forms[i].name, forms[i].index, &found, err);
  if (rc == MOTCL_OK && !found)
    return mcl_fail(err, MOTCL_EMODEL,
                    "'%s' has no weights: neither ema.safetensors nor "
                    "model.safetensors.index.json is there; download the model again",
                    dir);
  return rc == MOTCL_OK ? add(s, dir, "ae.safetensors", false, vae, err) : rc;
}

static void load_parts(mcl_model *m, bool vae) {
  mcl_store *s = m->store;
  bool bridges = mcl_store_has(s, "vae2llm.weight") || mcl_store_has(s, "llm2vae.weight");
  bool vision = mcl_store_has(s, "connector.fc1.weight") ||
                mcl_store_has(s, "vit_model.vision_model.post_layernorm.weight");
  mcl_load_decoder(m);
  if (vae)
    mcl_load_vae(m);
  if (vae && bridges)
    mcl_load_bridges(m);
  if (vision && m->config.has_vision)
    mcl_load_vision(m);
  m->can_see = vision && m->config.has_vision;
  m->can_draw = vae && bridges;
  if (vision && !m->config.has_vision)
    mcl_store_note(s, true, "vit_config.json is missing though there is a vision encoder");
  if (!vision)
    mcl_store_note(s, false, "there is no vision encoder: pictures cannot be understood");
  if (!m->can_draw)
    mcl_store_note(s, false, "%s missing: pictures cannot be drawn",
                   vae ? "the bridges between decoder and autoencoder are"
                       : "ae.safetensors, the autoencoder, is");
  mcl_store_note_unused(s);
}

int mcl_model_inspect(mcl_model **out, const char *dir, const mcl_finding **findings, size_t *n,
                      motcl_err *err) {
  bool vae;
  mcl_model *m = mcl_zalloc(1, sizeof *m);
  if (!m)
    return mcl_fail_nomem(err, sizeof *m);
  m->store = mcl_store_create();
  int rc =
      m->store ? mcl_config_read(&m->config, dir, m->store, err) : mcl_fail_nomem(err, sizeof *m);
  if (rc == MOTCL_OK)
    rc = add_files(m->store, dir, &vae, err);
  if (rc == MOTCL_OK) {
    load_parts(m, vae);
    rc = mcl_store_whole(m->store, err);
  }
  if (rc != MOTCL_OK) {
    mcl_model_close(m);
    return rc;
  }
  *findings = mcl_store_findings(m->store, n);
  *out = m;
  return MOTCL_OK;
}

int mcl_model_open(mcl_model **out, const char *dir, motcl_err *err) {
  const mcl_finding *findings;
  size_t n;
  mcl_model *m;
  int rc = mcl_model_inspect(&m, dir, &findings, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_store_check(m->store, dir, err);
  if (rc != MOTCL_OK) {
    mcl_model_close(m);
    return rc;
  }
  *out = m;
  return MOTCL_OK;
}

void mcl_model_close(mcl_model *m) {
  if (!m)
    return;
  mcl_free(m->decoder.layer);
  mcl_free(m->vision.layer);
  mcl_store_destroy(m->store);
  mcl_free(m);
}

const mcl_finding *mcl_model_findings(const mcl_model *m, size_t *n) {
  return mcl_store_findings(m->store, n);
}

size_t mcl_model_weights(const mcl_model *m) {
  return mcl_store_weights(m->store);
}

const mcl_weight *mcl_model_weight_at(const mcl_model *m, size_t i) {
  return mcl_store_weight_at(m->store, i);
}
