/* model.c - opening a model. */
#include "model/model.h"

#include "base/mem.h"
#include "model/files.h"
#include "model/store.h"

static void load_parts(mcl_model *m) {
  mcl_store *s = m->store;
  const bool vae = m->vae_file;
  bool bridges = mcl_store_has(s, "vae2llm.weight") || mcl_store_has(s, "llm2vae.weight");
  bool vision = mcl_store_has_vision(s);
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
    mcl_store_note(
        s, true,
        "vit_config.json is missing though there is a vision encoder: download the one that "
        "belongs to the weights");
  if (!vision)
    mcl_store_note(s, false, "there is no vision encoder: pictures cannot be understood");
  if (!m->can_draw)
    mcl_store_note(s, false, "%s missing: pictures cannot be drawn",
                   vae ? "the bridges between decoder and autoencoder are"
                       : "the autoencoder (ae.safetensors of BAGEL-7B-MoT) is");
  mcl_store_note_unused(s);
}

/* One that cannot be read is a finding, and BAGEL's stands in. */
static int find_protocol(mcl_model *m, const char *path, motcl_err *err) {
  mcl_resize_rule vae, vit;
  motcl_err why = {0};
  int rc = mcl_protocol_of(&m->protocol, &m->protocol_why, path, &why);
  if (rc == MOTCL_OK)
    rc = mcl_protocol_rules(m->protocol, &m->config, &vae, &vit, &why);
  if (rc == MOTCL_ENOMEM)
    return mcl_fail_nomem(err, sizeof *m->protocol);
  if (rc == MOTCL_OK)
    return MOTCL_OK;
  mcl_store_note(m->store, true, "%s", why.text);
  mcl_protocol_close(m->protocol);
  m->protocol = NULL;
  m->protocol_why = "that of the folder cannot be read";
  return mcl_protocol_open(&m->protocol, "bagel", err);
}

int mcl_model_inspect(mcl_model **out, const char *path, const mcl_finding **findings, size_t *n,
                      motcl_err *err) {
  mcl_model *m = mcl_zalloc(1, sizeof *m);
  if (!m)
    return mcl_fail_nomem(err, sizeof *m);
  m->store = mcl_store_create();
  int rc = m->store ? mcl_model_find_files(m, path, err) : mcl_fail_nomem(err, sizeof *m);
  if (rc == MOTCL_OK)
    rc = mcl_config_read(&m->config, m->folder, m->store, err);
  if (rc == MOTCL_OK) {
    load_parts(m);
    rc = find_protocol(m, path, err);
  }
  if (rc == MOTCL_OK)
    rc = mcl_store_whole(m->store, err);
  if (rc != MOTCL_OK) {
    mcl_model_close(m);
    return rc;
  }
  *findings = mcl_store_findings(m->store, n);
  *out = m;
  return MOTCL_OK;
}

int mcl_model_open(mcl_model **out, const char *path, motcl_err *err) {
  const mcl_finding *findings;
  size_t n;
  mcl_model *m;
  int rc = mcl_model_inspect(&m, path, &findings, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_store_check(m->store, path, err);
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
  mcl_protocol_close(m->protocol);
  mcl_free(m->folder);
  mcl_free(m->decoder_file);
  mcl_free(m->vae_file);
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
