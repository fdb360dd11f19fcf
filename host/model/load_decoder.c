/* load_decoder.c - the weights of the decoder and of the picture bridges (doc/model.md, 2). */
#include "base/mem.h"
#include "base/tables.h"
#include "model/store.h"

#define LLM "language_model.model."
#define TABLE_ALIGN 4096

static mcl_layer_kind kind_of(const mcl_store *s) {
  if (mcl_store_has(s, LLM "layers.0.self_attn.q_proj_moe_gen.weight"))
    return MCL_MOT;
  if (mcl_store_has(s, LLM "layers.0.mlp_moe_gen.gate_proj.weight"))
    return MCL_MOE;
  return MCL_DENSE;
}

/* A bias or norm that some models of the family lack; layer 0 tells for all. */
static const mcl_weight *maybe(mcl_store *s, bool present, uint32_t n, uint32_t layer,
                               const char *what, const char *suffix, const char *leaf) {
  return present
             ? mcl_store_vector(s, n, LLM "layers.%u.self_attn.%s%s.%s", layer, what, suffix, leaf)
             : NULL;
}

static void load_attention(mcl_model *m, mcl_expert_layer *l, uint32_t i, const char *e) {
  const mcl_decoder_config *c = &m->config.decoder;
  mcl_store *s = m->store;
  uint32_t h = c->hidden, kv = c->kv_heads * c->head;
  bool bias = mcl_store_has(s, LLM "layers.0.self_attn.q_proj%s.bias", e);
  bool norm = mcl_store_has(s, LLM "layers.0.self_attn.q_norm%s.weight", e);
  l->input_norm = mcl_store_vector(s, h, LLM "layers.%u.input_layernorm%s.weight", i, e);
  l->post_norm = mcl_store_vector(s, h, LLM "layers.%u.post_attention_layernorm%s.weight", i, e);
  l->q = mcl_store_matrix(s, h, h, LLM "layers.%u.self_attn.q_proj%s.weight", i, e);
  l->k = mcl_store_matrix(s, kv, h, LLM "layers.%u.self_attn.k_proj%s.weight", i, e);
  l->v = mcl_store_matrix(s, kv, h, LLM "layers.%u.self_attn.v_proj%s.weight", i, e);
  l->o = mcl_store_matrix(s, h, h, LLM "layers.%u.self_attn.o_proj%s.weight", i, e);
  l->q_bias = maybe(s, bias, h, i, "q_proj", e, "bias");
  l->k_bias = maybe(s, bias, kv, i, "k_proj", e, "bias");
  l->v_bias = maybe(s, bias, kv, i, "v_proj", e, "bias");
  l->q_norm = maybe(s, norm, c->head, i, "q_norm", e, "weight");
  l->k_norm = maybe(s, norm, c->head, i, "k_norm", e, "weight");
}

static void load_mlp(mcl_model *m, mcl_expert_layer *l, uint32_t i, const char *e) {
  uint32_t h = m->config.decoder.hidden, n = m->config.decoder.intermediate;
  l->gate = mcl_store_matrix(m->store, n, h, LLM "layers.%u.mlp%s.gate_proj.weight", i, e);
  l->up = mcl_store_matrix(m->store, n, h, LLM "layers.%u.mlp%s.up_proj.weight", i, e);
  l->down = mcl_store_matrix(m->store, h, n, LLM "layers.%u.mlp%s.down_proj.weight", i, e);
}

static void load_layer(mcl_model *m, mcl_expert_layer pair[2], uint32_t i) {
  mcl_layer_kind kind = m->config.decoder.kind;
  load_attention(m, &pair[0], i, "");
  load_mlp(m, &pair[0], i, "");
  pair[1] = pair[0];
  if (kind == MCL_MOT)
    load_attention(m, &pair[1], i, "_moe_gen");
  if (kind != MCL_DENSE)
    load_mlp(m, &pair[1], i, "_moe_gen");
}

void mcl_load_decoder(mcl_model *m) {
  mcl_decoder_config *c = &m->config.decoder;
  mcl_decoder_weights *w = &m->decoder;
  mcl_store *s = m->store;
  c->kind = kind_of(s);
  w->embed = mcl_store_matrix(s, c->vocab, c->hidden, LLM "embed_tokens.weight");
  w->head = c->tied && !mcl_store_has(s, "language_model.lm_head.weight")
                ? w->embed
                : mcl_store_matrix(s, c->vocab, c->hidden, "language_model.lm_head.weight");
  w->norm[0] = w->norm[1] = mcl_store_vector(s, c->hidden, LLM "norm.weight");
  if (c->kind != MCL_DENSE)
    w->norm[1] = mcl_store_vector(s, c->hidden, LLM "norm_moe_gen.weight");
  w->layer = mcl_zalloc(c->layers, sizeof *w->layer);
  if (!w->layer) {
    mcl_store_no_memory(s);
    return;
  }
  for (uint32_t i = 0; i < c->layers; i++)
    load_layer(m, w->layer[i], i);
  if (mcl_store_has(s, LLM "layers.%u.input_layernorm.weight", c->layers))
    mcl_store_note(s, true,
                   "llm_config.json: num_hidden_layers is %u, and the weights hold more layers",
                   c->layers);
}

/* The side of a table of that width, or 0 if it is none or no square. */
static uint32_t side_of(const mcl_st_tensor *t, uint32_t width) {
  uint32_t g = 1;
  if (!t || t->rank != 2 || t->dim[1] != width)
    return 0;
  while (g < 4096 && (uint64_t)g * g < t->dim[0])
    g++;
  return (uint64_t)g * g == t->dim[0] ? g : 0;
}

/* The table of that name, of any square side, or a computed one of side `side`; the side found goes
 * to *side. It is as wide as the decoder, and none is computed for a width that is in the configuration
 * alone: a few bytes could ask for any memory. */
static const mcl_weight *load_table(mcl_model *m, const char *name, uint32_t *side) {
  mcl_store *s = m->store;
  const mcl_st_tensor *t = mcl_store_find(s, name);
  const uint32_t width = m->config.decoder.hidden;
  if (t) {
    const uint32_t found = side_of(t, width);
    *side = found ? found : *side;
    if (found || t->rank != 2 || t->dim[1] != width)
      return mcl_store_matrix(s, *side * *side, width, "%s", name);
    mcl_store_note(s, true,
                   "'%s' has %llu rows, and a table of places has one for each cell of a square; "
                   "without it the table would be computed",
                   name, (unsigned long long)t->dim[0]);
    return NULL;
  }
  if (!m->decoder.layer || !m->decoder.layer[0][0].q)
    return NULL;
  float *table = mcl_alloc_aligned((size_t)*side * *side * width * sizeof(float), TABLE_ALIGN);
  if (!table) {
    mcl_store_no_memory(s);
    return NULL;
  }
  if (mcl_sincos_2d(table, *side, width, NULL) != MOTCL_OK) {
    mcl_free(table);
    mcl_store_note(s, true, "'%s' is missing and cannot be computed at side %u", name, *side);
    return NULL;
  }
  return mcl_store_computed(s, name, *side * *side, width, table);
}

void mcl_load_bridges(mcl_model *m) {
  mcl_store *s = m->store;
  mcl_bridge_weights *b = &m->bridge;
  uint32_t h = m->config.decoder.hidden, p = m->config.picture.patch;
  uint32_t token = p * p * m->config.vae.z;
  b->vae2llm = mcl_store_matrix(s, h, token, "vae2llm.weight");
  b->vae2llm_bias = mcl_store_vector(s, h, "vae2llm.bias");
  b->llm2vae = mcl_store_matrix(s, token, h, "llm2vae.weight");
  b->llm2vae_bias = mcl_store_vector(s, token, "llm2vae.bias");
  b->time0 = mcl_store_matrix(s, h, 256, "time_embedder.mlp.0.weight");
  b->time0_bias = mcl_store_vector(s, h, "time_embedder.mlp.0.bias");
  b->time2 = mcl_store_matrix(s, h, h, "time_embedder.mlp.2.weight");
  b->time2_bias = mcl_store_vector(s, h, "time_embedder.mlp.2.bias");
  b->latent_pos = load_table(m, "latent_pos_embed.pos_embed", &m->config.picture.latent_side);
}

static const char at_layers[] = "vit_model.vision_model.encoder.layers.";

static void load_vision_layer(mcl_store *s, mcl_vision_layer *l, const mcl_vision_config *c,
                              uint32_t i) {
  uint32_t h = c->hidden, n = c->intermediate;
#define PAIR(field, rows, cols, name)                                                              \
  l->field = mcl_store_matrix(s, rows, cols, "%s%u." name ".weight", at_layers, i);                \
  l->field##_bias = mcl_store_vector(s, rows, "%s%u." name ".bias", at_layers, i)
  PAIR(q, h, h, "self_attn.q_proj");
  PAIR(k, h, h, "self_attn.k_proj");
  PAIR(v, h, h, "self_attn.v_proj");
  PAIR(out, h, h, "self_attn.out_proj");
  PAIR(fc1, n, h, "mlp.fc1");
  PAIR(fc2, h, n, "mlp.fc2");
#undef PAIR
  l->norm1 = mcl_store_vector(s, h, "%s%u.layer_norm1.weight", at_layers, i);
  l->norm1_bias = mcl_store_vector(s, h, "%s%u.layer_norm1.bias", at_layers, i);
  l->norm2 = mcl_store_vector(s, h, "%s%u.layer_norm2.weight", at_layers, i);
  l->norm2_bias = mcl_store_vector(s, h, "%s%u.layer_norm2.bias", at_layers, i);
}

/* The patch layer as a matrix over (row, column, channel); the convolution form is put in that
 * order. */
static const mcl_weight *load_patch(mcl_store *s, const mcl_vision_config *c) {
  static const char name[] = "vit_model.vision_model.embeddings.patch_embedding.weight";
  uint32_t p = c->patch, taps = p * p;
  const mcl_st_tensor *t = mcl_store_find(s, name);
  if (!t || t->rank != 4)
    return mcl_store_matrix(s, c->hidden, 3 * taps, "%s", name);
  const mcl_weight *conv = mcl_store_conv(s, c->hidden, 3, p, "%s", name);
  float *data = conv ? mcl_alloc_aligned(mcl_weight_count(conv) * sizeof *data, TABLE_ALIGN) : NULL;
  if (!data) {
    if (conv)
      mcl_store_no_memory(s);
    return NULL;
  }
  size_t size = mcl_type_size(conv->type);
  for (size_t o = 0; o < c->hidden; o++)
    for (size_t ch = 0; ch < 3; ch++)
      for (size_t k = 0; k < taps; k++)
        mcl_widen(&data[(o * taps + k) * 3 + ch],
                  (const unsigned char *)conv->data + ((o * 3 + ch) * taps + k) * size, conv->type,
                  1);
  return mcl_store_computed(s, t->name, c->hidden, 3 * taps, data);
}

void mcl_load_vision(mcl_model *m) {
  mcl_store *s = m->store;
  mcl_vision_weights *w = &m->vision;
  mcl_vision_config *c = &m->config.vision;
  uint32_t h = m->config.decoder.hidden, v = c->hidden;
  static const char at[] = "vit_model.vision_model.";
  c->side =
      side_of(mcl_store_find(s, "vit_model.vision_model.embeddings.position_embedding.weight"), v);
  c->side = c->side ? c->side : m->config.picture.vision_side;
  w->vit_pos = load_table(m, "vit_pos_embed.pos_embed", &c->side);
  w->patch = load_patch(s, c);
  w->patch_bias = mcl_store_vector(s, v, "%sembeddings.patch_embedding.bias", at);
  w->position =
      mcl_store_matrix(s, c->side * c->side, v, "%sembeddings.position_embedding.weight", at);
  w->post_norm = mcl_store_vector(s, v, "%spost_layernorm.weight", at);
  w->post_norm_bias = mcl_store_vector(s, v, "%spost_layernorm.bias", at);
  w->fc1 = mcl_store_matrix(s, h, v, "connector.fc1.weight");
  w->fc1_bias = mcl_store_vector(s, h, "connector.fc1.bias");
  w->fc2 = mcl_store_matrix(s, h, h, "connector.fc2.weight");
  w->fc2_bias = mcl_store_vector(s, h, "connector.fc2.bias");
  w->layer = mcl_zalloc(c->layers, sizeof *w->layer);
  if (!w->layer) {
    mcl_store_no_memory(s);
    return;
  }
  for (uint32_t i = 0; i < c->layers; i++)
    load_vision_layer(s, &w->layer[i], c, i);
  if (mcl_store_has(s, "%s%u.layer_norm1.weight", at_layers, c->layers + 1))
    mcl_store_note(s, true,
                   "vit_config.json: num_hidden_layers is %u, and the weights hold more layers",
                   c->layers + 1);
}
