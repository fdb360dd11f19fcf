/* report.c - looking at a model. */
#include "model/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/json.h"
#include "model/store.h"
#include "text/tokenizer.h"

static bool begins(const char *s, const char *with) {
  return !strncmp(s, with, strlen(with));
}

/* Which expert a decoder's weight belongs to; in a MoE decoder they differ in MLP and last norm
 * only, and a dense one has no gen expert. */
static mcl_model_part expert_of(const mcl_config *c, const char *name) {
  if (strstr(name, "_moe_gen"))
    return MCL_PART_GEN;
  if (c->decoder.kind == MCL_DENSE || strstr(name, "embed_tokens") || strstr(name, "lm_head"))
    return MCL_PART_BOTH;
  if (c->decoder.kind == MCL_MOE && !strstr(name, ".mlp.") && !strstr(name, "model.norm."))
    return MCL_PART_BOTH;
  return MCL_PART_UND;
}

static mcl_model_part part_of(const mcl_config *c, const char *name) {
  if (begins(name, "language_model."))
    return expert_of(c, name);
  if (begins(name, "vit_model."))
    return MCL_PART_VISION;
  if (begins(name, "encoder.") || begins(name, "decoder."))
    return MCL_PART_VAE;
  return MCL_PART_BRIDGES;
}

static void add_up(mcl_report *r) {
  for (size_t i = 0; i < mcl_model_weights(r->model); i++) {
    const mcl_weight *w = mcl_model_weight_at(r->model, i);
    mcl_part_sum *s =
        w->mapping->computed ? &r->computed : &r->sum[part_of(&r->model->config, w->name)];
    s->tensors++;
    s->parameters += mcl_weight_count(w);
    s->bytes += mcl_weight_bytes(w);
    s->types |= 1u << w->type;
  }
}

static int look_at_tokenizer(mcl_report *r, motcl_err *err) {
  mcl_tok *tok = NULL;
  int rc = mcl_tok_open(&tok, r->model->folder, &r->tok_err);
  if (rc == MOTCL_ENOMEM) {
    if (err)
      *err = r->tok_err;
    return rc;
  }
  if (rc == MOTCL_OK) {
    r->tokens = mcl_tok_count(tok);
    if (r->tokens > r->model->config.decoder.vocab)
      mcl_fail(&r->tok_err, MOTCL_EMODEL,
               "the tokenizer has ids up to %" PRIu32 " and the model only %" PRIu32
               "; the folder mixes two models",
               r->tokens - 1, r->model->config.decoder.vocab);
  }
  mcl_tok_close(tok);
  return MOTCL_OK;
}

/* A file that cannot be read was a finding already. */
static void look_at_note(mcl_report *r) {
  if (mcl_config_load(&r->own, r->model->folder, "motcl.json", NULL) != MOTCL_OK ||
      mcl_json_str_or(r->own, "note", NULL, &r->note, NULL) != MOTCL_OK)
    r->note = NULL;
}

static void judge(mcl_report *r) {
  r->usable = r->tok_err.code == MOTCL_OK && mcl_store_usable(r->model->store);
}

static int note_digest(mcl_report *r, motcl_err *err) {
  mcl_digest whole;
  int rc = mcl_model_digest(&whole, r->model, err);
  if (rc == MOTCL_OK)
    mcl_digest_short(r->digest, &whole);
  return rc;
}

int mcl_report_init(mcl_report *r, const char *path, motcl_err *err) {
  memset(r, 0, sizeof *r);
  int rc = mcl_model_inspect(&r->model, path, &r->finding, &r->findings, err);
  if (rc == MOTCL_OK)
    rc = look_at_tokenizer(r, err);
  if (rc != MOTCL_OK) {
    mcl_report_finish(r);
    return rc;
  }
  add_up(r);
  look_at_note(r);
  judge(r);
  rc = r->usable ? note_digest(r, err) : MOTCL_OK;
  if (rc != MOTCL_OK)
    mcl_report_finish(r);
  return rc;
}

int mcl_report_check(mcl_report *r, mcl_progress_fn progress, void *user, motcl_err *err) {
  int rc = mcl_model_check(&r->check, r->model, progress, user, err);
  if (rc != MOTCL_OK)
    return rc;
  r->finding = mcl_model_findings(r->model, &r->findings);
  judge(r);
  return MOTCL_OK;
}

void mcl_report_finish(mcl_report *r) {
  mcl_check_finish(&r->check);
  json_decref(r->own);
  mcl_model_close(r->model);
  memset(r, 0, sizeof *r);
}
