/* config_find.c - see config_find.h. */
#include "model/config_find.h"

#include <stdio.h>
#include <string.h>

#include "io/json.h"

#define LLM "language_model.model."
#define VIT "vit_model.vision_model.encoder.layers."

/* The object `member` of `root`, or NULL; the caller's own reference. */
static json_t *inside(const json_t *root, const char *member) {
  json_t *object = json_object_get(root, member);
  return json_is_object(object) ? json_incref(object) : NULL;
}

/* {"model_configs": {"llm_config.json": {...}, ...}, ...} as text in the header. */
static int find_in_header(json_t **out, const mcl_store *s, const char *name, motcl_err *err) {
  const char *text = mcl_store_metadata(s, "comfyui_bagel");
  json_t *root = NULL;
  if (!text)
    return MOTCL_OK;
  int rc = mcl_json_parse(&root, text, strlen(text), "comfyui_bagel", err);
  if (rc == MOTCL_OK)
    *out = inside(json_object_get(root, "model_configs"), name);
  json_decref(root);
  return rc == MOTCL_OK ? rc : mcl_err_prefix(err, rc, "metadata of the weight file");
}

/* {"llm_config": {...}, ...} */
static int find_in_config(json_t **out, const char *dir, const char *name, motcl_err *err) {
  char member[32];
  json_t *root = NULL;
  snprintf(member, sizeof member, "%.*s", (int)strcspn(name, "."), name);
  int rc = mcl_config_load(&root, dir, "config.json", err);
  if (rc == MOTCL_OK)
    *out = inside(root, member);
  json_decref(root);
  return rc;
}

/* Tensors of BAGEL-7B-MoT that tell its sizes; rows 0: there is none of that name. The vocabulary may
 * have grown. */
typedef struct size {
  const char *name;
  uint32_t rows, cols;
} size;

static const size llm_sizes[] = {{LLM "layers.27.mlp.gate_proj.weight", 18944, 3584},
                                 {LLM "layers.27.self_attn.q_proj.weight", 3584, 3584},
                                 {LLM "layers.27.self_attn.k_proj.weight", 512, 3584},
                                 {LLM "layers.28.mlp.gate_proj.weight", 0, 0},
                                 {NULL, 0, 0}};
static const char llm_text[] =
    "{\"hidden_size\": 3584, \"num_hidden_layers\": 28, \"num_attention_heads\": 28,"
    " \"num_key_value_heads\": 4, \"intermediate_size\": 18944, \"rms_norm_eps\": 1e-06,"
    " \"rope_theta\": 1000000.0, \"max_position_embeddings\": 32768}";

static const size vit_sizes[] = {{VIT "25.mlp.fc1.weight", 4304, 1152},
                                 {VIT "25.self_attn.q_proj.weight", 1152, 1152},
                                 {VIT "27.mlp.fc1.weight", 0, 0},
                                 {NULL, 0, 0}};
static const char vit_text[] =
    "{\"hidden_size\": 1152, \"num_hidden_layers\": 27, \"num_attention_heads\": 16,"
    " \"intermediate_size\": 4304, \"patch_size\": 14, \"layer_norm_eps\": 1e-06}";

static bool has_sizes(const mcl_store *s, const size *want) {
  for (; want->name; want++) {
    const mcl_st_tensor *t = mcl_store_find(s, want->name);
    if (want->rows ? !t || t->rank != 2 || t->dim[0] != want->rows || t->dim[1] != want->cols
                   : t != NULL)
      return false;
  }
  return true;
}

/* Theta and epsilon are in no tensor; so only sizes that are known tell them. */
static int find_by_sizes(json_t **out, const mcl_store *s, bool llm, motcl_err *err) {
  const mcl_st_tensor *embed = mcl_store_find(s, LLM "embed_tokens.weight");
  const char *text = llm ? llm_text : vit_text;
  if (!has_sizes(s, llm ? llm_sizes : vit_sizes))
    return MOTCL_OK;
  int rc = mcl_json_parse(out, text, strlen(text), "BAGEL-7B-MoT", err);
  if (rc == MOTCL_OK && llm && embed && embed->rank == 2 &&
      json_object_set_new(*out, "vocab_size", json_integer((json_int_t)embed->dim[0])) != 0)
    rc = mcl_fail_nomem(err, 1);
  return rc;
}

int mcl_config_find(json_t **out, mcl_store *s, const char *dir, const char *name, motcl_err *err) {
  *out = NULL;
  const char *from = "the header of the weight file";
  int rc = find_in_header(out, s, name, err);
  if (rc == MOTCL_OK && !*out) {
    from = "config.json";
    rc = find_in_config(out, dir, name, err);
  }
  if (rc == MOTCL_OK && !*out) {
    from = "BAGEL-7B-MoT, as the tensors have its sizes";
    rc = find_by_sizes(out, s, !strcmp(name, MCL_LLM_CONFIG), err);
  }
  if (rc == MOTCL_OK && *out)
    mcl_store_note(s, false, "%s is not there: it was taken from %s", name, from);
  return rc;
}
