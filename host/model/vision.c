/* vision.c - the vision encoder's graph. Read it beside doc/model.md, 5. */
#include "model/vision.h"

#include <stdio.h>

/* A graph being built. */
typedef struct build {
  mcl_graph *g;
  const mcl_model *m;
  mcl_vision_graph *out;
  bool layers;
} build;

static void show(const build *b, mcl_tid t) {
  if (b->layers)
    mcl_graph_want(b->g, t);
}

/* Row `cells` of a table of positions, for every patch. */
static mcl_tid positions(build *b, const mcl_weight *table, const char *name) {
  mcl_tid out = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, b->out->rows, table->cols, name);
  mcl_graph_node(b->g, MCL_OP_EMBED, out, (mcl_tid[]){b->out->cells}, (const mcl_weight *[]){table},
                 NULL);
  return out;
}

static mcl_tid embed(build *b) {
  const mcl_vision_weights *w = &b->m->vision;
  mcl_tid position = positions(b, w->position, "position in the encoder");
  mcl_tid x = mcl_graph_linear(b->g, b->out->patches, w->patch, w->patch_bias, "patch");
  x = mcl_graph_binary(b->g, MCL_OP_ADD, position, x, "embedded");
  show(b, x);
  return x;
}

/* x + out(attention(norm1 x)) */
static mcl_tid attend(build *b, const mcl_vision_layer *w, mcl_tid x) {
  const mcl_vision_config *c = &b->m->config.vision;
  mcl_tid n = mcl_graph_layer_norm(b->g, x, w->norm1, w->norm1_bias, c->eps, "norm 1");
  mcl_tid q = mcl_graph_linear(b->g, n, w->q, w->q_bias, "q");
  mcl_tid k = mcl_graph_linear(b->g, n, w->k, w->k_bias, "k");
  mcl_tid v = mcl_graph_linear(b->g, n, w->v, w->v_bias, "v");
  mcl_tid a = mcl_picture_attention(&b->out->keys, b->g, c->heads, q, k, v, "attention");
  a = mcl_graph_linear(b->g, a, w->out, w->out_bias, "attention out");
  return mcl_graph_binary(b->g, MCL_OP_ADD, x, a, "after attention");
}

/* x + fc2(gelu(fc1(norm2 x))) */
static mcl_tid feed(build *b, const mcl_vision_layer *w, mcl_tid x, const char *name) {
  const mcl_vision_config *c = &b->m->config.vision;
  mcl_tid n = mcl_graph_layer_norm(b->g, x, w->norm2, w->norm2_bias, c->eps, "norm 2");
  n = mcl_graph_linear(b->g, n, w->fc1, w->fc1_bias, "fc1");
  n = mcl_graph_unary(b->g, MCL_OP_GELU, n, "gelu");
  n = mcl_graph_linear(b->g, n, w->fc2, w->fc2_bias, "fc2");
  return mcl_graph_binary(b->g, MCL_OP_ADD, x, n, name);
}

/* connector(x) + position */
static mcl_tid connect(build *b, mcl_tid x) {
  const mcl_vision_weights *w = &b->m->vision;
  mcl_tid position = positions(b, w->vit_pos, "position in the decoder");
  x = mcl_graph_linear(b->g, x, w->fc1, w->fc1_bias, "connector fc1");
  x = mcl_graph_unary(b->g, MCL_OP_GELU, x, "connector gelu");
  x = mcl_graph_linear(b->g, x, w->fc2, w->fc2_bias, "connector");
  show(b, x);
  return mcl_graph_binary(b->g, MCL_OP_ADD, position, x, "tokens");
}

static void encode(build *b) {
  const mcl_vision_config *c = &b->m->config.vision;
  const mcl_vision_weights *w = &b->m->vision;
  mcl_tid x = embed(b);
  for (uint32_t i = 0; i < c->layers; i++) {
    char name[32];
    snprintf(name, sizeof name, "vit_layer_%u", i);
    mcl_graph_scope(b->g, MCL_SHARED, (int)i);
    x = attend(b, &w->layer[i], x);
    x = feed(b, &w->layer[i], x, name);
    show(b, x);
  }
  mcl_graph_scope(b->g, MCL_SHARED, (int)c->layers);
  x = mcl_graph_layer_norm(b->g, x, w->post_norm, w->post_norm_bias, c->eps, "post_norm");
  show(b, x);
  b->out->tokens = connect(b, x);
  mcl_graph_want(b->g, b->out->tokens);
}

int mcl_vision_build(mcl_vision_graph *out, const mcl_model *m, bool layers, motcl_err *err) {
  if (!m->can_see)
    return mcl_fail(err, MOTCL_EMODEL,
                    "this model has no vision encoder; leave the picture out or use another model");
  mcl_vision_graph v = {.graph = mcl_graph_create("vision encoder")};
  if (!v.graph)
    return mcl_fail_nomem(err, sizeof v);
  uint32_t patch = m->config.vision.patch;
  v.rows = mcl_graph_dim(v.graph, "patches");
  v.patches = mcl_graph_tensor(v.graph, MCL_INPUT, MCL_F32, v.rows, patch * patch * 3, "patches");
  v.cells = mcl_graph_tensor(v.graph, MCL_INPUT, MCL_I32, v.rows, 1, "cells");
  mcl_picture_keys_add(&v.keys, v.graph, v.rows, m->config.vision.hidden);
  encode(&(build){v.graph, m, &v, layers});
  int rc = mcl_graph_check(v.graph, err);
  if (rc != MOTCL_OK)
    mcl_vision_finish(&v);
  else
    *out = v;
  return rc;
}

void mcl_vision_finish(mcl_vision_graph *v) {
  mcl_graph_destroy(v->graph);
  v->graph = NULL;
}

void mcl_vision_bind(const mcl_vision_graph *v, const mcl_tables *t, uint32_t *dims) {
  dims[v->rows] = t->rows;
  dims[v->keys.tiles] = t->tiles;
  dims[v->keys.pages] = t->pages;
}
