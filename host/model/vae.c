/* vae.c - the autoencoder's graphs. Read it beside Bagel's modeling/autoencoder.py. */
#include "model/vae.h"

#define GROUPS 32u
#define EPS 1e-6f

/* A graph being built; `level` is where it stands, `layer` counts the places it may be cut at. */
typedef struct build {
  mcl_graph *g;
  mcl_vae_graph *v;
  uint32_t level;
  int layer;
} build;

static void next_layer(build *b) {
  mcl_graph_scope(b->g, MCL_SHARED, b->layer++);
}

static mcl_tid pixels(build *b, uint32_t cols, const char *name) {
  return mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, b->v->pixels[b->level], cols, name);
}

static mcl_attr window(const build *b, uint32_t kernel, uint32_t stride, uint32_t lo, uint32_t hi) {
  return (mcl_attr){.conv = {kernel, stride, lo, hi, b->v->high[b->level], b->v->wide[b->level]}};
}

/* 3x3 at the same size. */
static mcl_tid conv(build *b, mcl_tid x, const mcl_pair *w, const char *name) {
  mcl_attr a = window(b, 3, 1, 1, 1);
  mcl_tid out = pixels(b, w->weight->rows, name);
  mcl_graph_node(b->g, MCL_OP_CONV, out, (mcl_tid[]){x}, (const mcl_weight *[]){w->weight, w->bias},
                 &a);
  return out;
}

static mcl_tid norm(build *b, mcl_tid x, const mcl_pair *w, const char *name) {
  mcl_tid out = pixels(b, w->weight->cols, name);
  mcl_graph_node(b->g, MCL_OP_GROUP_NORM, out, (mcl_tid[]){x},
                 (const mcl_weight *[]){w->weight, w->bias}, &(mcl_attr){.group = {GROUPS, EPS}});
  return out;
}

/* 1x1: a linear layer over the channels of each pixel. */
static mcl_tid linear(build *b, mcl_tid x, const mcl_pair *w, const char *name) {
  return mcl_graph_linear(b->g, x, w->weight, w->bias, name);
}

/* conv(silu(norm x)) */
static mcl_tid norm_silu_conv(build *b, mcl_tid x, const mcl_pair *n, const mcl_pair *c,
                              const char *name) {
  x = norm(b, x, n, "group norm");
  x = mcl_graph_unary(b->g, MCL_OP_SILU, x, "silu");
  return conv(b, x, c, name);
}

static mcl_tid res_block(build *b, mcl_tid x, const mcl_vae_block *w) {
  next_layer(b);
  mcl_tid h = norm_silu_conv(b, x, &w->norm1, &w->conv1, "conv1");
  h = norm_silu_conv(b, h, &w->norm2, &w->conv2, "conv2");
  if (w->shortcut.weight)
    x = linear(b, x, &w->shortcut, "shortcut");
  return mcl_graph_binary(b->g, MCL_OP_ADD, x, h, "block");
}

/* x + proj_out(attention(norm x)), one head over all cells. */
static mcl_tid attention(build *b, mcl_tid x, const mcl_vae_half *w) {
  next_layer(b);
  mcl_tid n = norm(b, x, &w->mid_norm, "attention norm");
  mcl_tid q = linear(b, n, &w->mid_q, "q");
  mcl_tid k = linear(b, n, &w->mid_k, "k");
  mcl_tid v = linear(b, n, &w->mid_v, "v");
  mcl_tid a = mcl_picture_attention(&b->v->keys, b->g, 1, q, k, v, "attention");
  a = linear(b, a, &w->mid_out, "proj_out");
  return mcl_graph_binary(b->g, MCL_OP_ADD, x, a, "after attention");
}

static mcl_tid middle(build *b, mcl_tid x, const mcl_vae_half *w) {
  x = res_block(b, x, &w->mid1);
  x = attention(b, x, w);
  return res_block(b, x, &w->mid2);
}

/* One column right and one row below of zeros, then 3x3 at stride 2: half the size. */
static mcl_tid downsample(build *b, mcl_tid x, const mcl_pair *w) {
  mcl_attr a = window(b, 3, 2, 0, 1);
  next_layer(b);
  b->level++;
  mcl_tid out = pixels(b, w->weight->rows, "downsample");
  mcl_graph_node(b->g, MCL_OP_CONV, out, (mcl_tid[]){x}, (const mcl_weight *[]){w->weight, w->bias},
                 &a);
  return out;
}

/* Each pixel four times, then 3x3. */
static mcl_tid upsample(build *b, mcl_tid x, const mcl_pair *w) {
  mcl_attr a = window(b, 0, 0, 0, 0);
  next_layer(b);
  b->level--;
  mcl_tid twice = pixels(b, w->weight->rows, "upsample");
  mcl_graph_node(b->g, MCL_OP_UPSAMPLE, twice, (mcl_tid[]){x}, NULL, &a);
  return conv(b, twice, w, "upsample conv");
}

static mcl_tid finish(build *b, mcl_tid x, const mcl_vae_half *w, const char *name) {
  next_layer(b);
  return norm_silu_conv(b, x, &w->norm_out, &w->conv_out, name);
}

static void encode(build *b, const mcl_model *m) {
  const mcl_vae_half *w = &m->vae.encoder;
  const mcl_vae_config *c = &m->config.vae;
  next_layer(b);
  mcl_tid x = conv(b, b->v->in, &w->conv_in, "conv_in");
  for (uint32_t l = 0; l < c->levels; l++) {
    for (uint32_t i = 0; i < c->encoder_blocks; i++)
      x = res_block(b, x, &w->block[l][i]);
    if (l + 1 < c->levels)
      x = downsample(b, x, &w->resample[l]);
  }
  x = middle(b, x, w);
  b->v->out = finish(b, x, w, "moments");
}

static void decode(build *b, const mcl_model *m) {
  const mcl_vae_half *w = &m->vae.decoder;
  const mcl_vae_config *c = &m->config.vae;
  next_layer(b);
  mcl_tid x = conv(b, b->v->in, &w->conv_in, "conv_in");
  x = middle(b, x, w);
  for (uint32_t l = c->levels; l-- > 0;) {
    for (uint32_t i = 0; i < c->decoder_blocks; i++)
      x = res_block(b, x, &w->block[l][i]);
    if (l)
      x = upsample(b, x, &w->resample[l]);
  }
  b->v->out = finish(b, x, w, "picture");
}

static void make_dims(mcl_vae_graph *v) {
  for (uint32_t l = 0; l < v->levels; l++) {
    v->high[l] = mcl_graph_dim(v->graph, "height");
    v->wide[l] = mcl_graph_dim(v->graph, "width");
    v->pixels[l] = mcl_graph_dim(v->graph, "pixels");
  }
}

static int make(mcl_vae_graph *out, const mcl_model *m, bool decodes, motcl_err *err) {
  const mcl_vae_config *c = &m->config.vae;
  if (!m->can_draw)
    return mcl_fail(err, MOTCL_EMODEL,
                    "this model has no autoencoder and cannot draw; use another model");
  mcl_vae_graph v = {.graph = mcl_graph_create(decodes ? "picture decoder" : "picture encoder"),
                     .levels = c->levels,
                     .decodes = decodes};
  if (!v.graph)
    return mcl_fail_nomem(err, sizeof v);
  make_dims(&v);
  uint32_t last = c->levels - 1;
  build b = {v.graph, &v, decodes ? last : 0, 0};
  v.in = mcl_graph_tensor(v.graph, MCL_INPUT, MCL_F32, v.pixels[b.level], decodes ? c->z : 3,
                          decodes ? "latent" : "picture");
  mcl_picture_keys_add(&v.keys, v.graph, v.pixels[last], c->channels[last]);
  if (decodes)
    decode(&b, m);
  else
    encode(&b, m);
  mcl_graph_want(v.graph, v.out);
  int rc = mcl_graph_check(v.graph, err);
  if (rc != MOTCL_OK)
    mcl_vae_finish(&v);
  else
    *out = v;
  return rc;
}

int mcl_vae_encoder_build(mcl_vae_graph *out, const mcl_model *m, motcl_err *err) {
  return make(out, m, false, err);
}

int mcl_vae_decoder_build(mcl_vae_graph *out, const mcl_model *m, motcl_err *err) {
  return make(out, m, true, err);
}

void mcl_vae_finish(mcl_vae_graph *v) {
  mcl_graph_destroy(v->graph);
  v->graph = NULL;
}

uint32_t mcl_vae_side(const mcl_vae_graph *v, uint32_t side) {
  return v->decodes ? side << (v->levels - 1) : side >> (v->levels - 1);
}

void mcl_vae_bind(const mcl_vae_graph *v, uint32_t h, uint32_t w, const mcl_tables *t,
                  uint32_t *dims) {
  for (uint32_t l = 0; l < v->levels; l++) {
    uint32_t by = v->decodes ? v->levels - 1 - l : l;
    dims[v->high[l]] = v->decodes ? h << by : h >> by;
    dims[v->wide[l]] = v->decodes ? w << by : w >> by;
    dims[v->pixels[l]] = dims[v->high[l]] * dims[v->wide[l]];
  }
  dims[v->keys.tiles] = t->tiles;
  dims[v->keys.pages] = t->pages;
}
