/* decoder.c - the decoder's graph. Read it beside doc/model.md, 5 and 6. */
#include "model/decoder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define TIME_WIDTH 256

/* A graph being built. `rows` are the views of a tensor that belong to und and gen. */
typedef struct build {
  mcl_graph *g;
  mcl_decoder_graph *d;
  const mcl_model *m;
  mcl_tid k_scratch, v_scratch;
  mcl_tid rope[2], slot[2];
} build;

typedef struct split {
  mcl_tid all, part[2];
} split;

static mcl_tid input(build *b, mcl_type type, mcl_dim rows, uint32_t cols, const char *name) {
  return mcl_graph_tensor(b->g, MCL_INPUT, type, rows, cols, name);
}

static void halves(build *b, mcl_tid t, mcl_tid part[2], const char *name) {
  const mcl_decoder_dims *dim = &b->d->dim;
  part[0] = mcl_graph_view(b->g, t, dim->zero, dim->und, name);
  part[1] = mcl_graph_view(b->g, t, dim->und, dim->gen, name);
}

/* A temporary [all, cols] and its two experts' rows. */
static split rows_of_both(build *b, uint32_t cols, const char *name) {
  split s;
  s.all = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, b->d->dim.all, cols, name);
  halves(b, s.all, s.part, name);
  return s;
}

static void node1(build *b, mcl_op op, mcl_tid out, mcl_tid x, const mcl_weight *w0,
                  const mcl_weight *w1, const mcl_attr *attr) {
  mcl_graph_node(b->g, op, out, (mcl_tid[]){x}, (const mcl_weight *[]){w0, w1}, attr);
}

static void node2(build *b, mcl_op op, mcl_tid out, mcl_tid x, mcl_tid y) {
  mcl_graph_node(b->g, op, out, (mcl_tid[]){x, y}, NULL, NULL);
}

static void make_dims(build *b) {
#define DIM(name) b->d->dim.name = mcl_graph_dim(b->g, #name);
  MCL_DECODER_DIMS(DIM)
#undef DIM
}

static void make_tables(build *b) {
  mcl_decoder_graph *d = b->d;
  const mcl_decoder_config *c = &b->m->config.decoder;
  uint32_t page = c->kv_heads * c->head * MCL_PAGE;
  d->ids = input(b, MCL_I32, d->dim.text, 1, "ids");
  d->rope = input(b, MCL_F32, d->dim.all, c->head, "rope");
  d->slot = input(b, MCL_I32, d->dim.all, 1, "slots");
  d->tiles = input(b, MCL_I32, d->dim.tiles, 8, "tiles");
  d->block_table = input(b, MCL_I32, d->dim.block_table, 1, "block table");
  d->cow_pages = input(b, MCL_I32, d->dim.cow_pages, 2, "copy on write");
  d->logit_rows = input(b, MCL_I32, d->dim.logits, 1, "logit rows");
  b->k_scratch = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.scratch, page, "k scratch");
  b->v_scratch = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.scratch, page, "v scratch");
  halves(b, d->rope, b->rope, "rope rows");
  halves(b, d->slot, b->slot, "slot rows");
}

/* Vision rows are copies of vision tokens. */
static void embed_vision(build *b, split h) {
  mcl_decoder_graph *d = b->d;
  d->vision = d->vision_index = MCL_NO_TENSOR;
  if (!b->m->can_see)
    return;
  d->vision = input(b, MCL_F32, d->dim.tokens, b->m->config.decoder.hidden, "vision tokens");
  d->vision_index = input(b, MCL_I32, d->dim.vision, 1, "vision index");
  mcl_graph_scope(b->g, MCL_UND, -1);
  node2(b, MCL_OP_GATHER, mcl_graph_view(b->g, h.all, d->dim.text, d->dim.vision, "vision rows"),
        d->vision, d->vision_index);
}

/* Latent rows: vae2llm(x) + time + position. */
static void embed_latents(build *b, split h) {
  mcl_decoder_graph *d = b->d;
  const mcl_bridge_weights *w = &b->m->bridge;
  d->latent = d->latent_before = MCL_NO_TENSOR;
  d->latent_index = d->latent_pos = d->time = d->time_index = MCL_NO_TENSOR;
  if (!b->m->can_draw)
    return;
  uint32_t hidden = b->m->config.decoder.hidden, cols = w->vae2llm->cols;
  d->latent = mcl_graph_tensor(b->g, MCL_STATE, MCL_F32, d->dim.latents, cols, "latents");
  d->latent_before =
      mcl_graph_tensor(b->g, MCL_STATE, MCL_F32, d->dim.latents, cols, "latents before");
  d->latent_index = input(b, MCL_I32, d->dim.gen, 1, "latent index");
  d->latent_pos = input(b, MCL_I32, d->dim.gen, 1, "latent cells");
  d->time = input(b, MCL_F32, d->dim.times, TIME_WIDTH, "times");
  d->time_index = input(b, MCL_I32, d->dim.gen, 1, "time index");
  mcl_graph_scope(b->g, MCL_GEN, -1);
  mcl_tid t = mcl_graph_linear(b->g, d->time, w->time0, w->time0_bias, "time 0");
  t = mcl_graph_unary(b->g, MCL_OP_SILU, t, "time 1");
  t = mcl_graph_linear(b->g, t, w->time2, w->time2_bias, "time 2");
  mcl_tid x = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.gen, cols, "latent rows");
  mcl_tid e = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.gen, hidden, "time rows");
  mcl_tid p = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.gen, hidden, "position rows");
  node2(b, MCL_OP_GATHER, x, d->latent, d->latent_index);
  node2(b, MCL_OP_GATHER, e, t, d->time_index);
  x = mcl_graph_linear(b->g, x, w->vae2llm, w->vae2llm_bias, "vae2llm");
  x = mcl_graph_binary(b->g, MCL_OP_ADD, x, e, "latent + time");
  node1(b, MCL_OP_EMBED, p, d->latent_pos, w->latent_pos, NULL, NULL);
  node2(b, MCL_OP_ADD, h.part[1], x, p);
}

static split embed(build *b) {
  const mcl_decoder_graph *d = b->d;
  split h = rows_of_both(b, b->m->config.decoder.hidden, "embed");
  mcl_graph_scope(b->g, MCL_SHARED, -1);
  node1(b, MCL_OP_EMBED, mcl_graph_view(b->g, h.all, d->dim.zero, d->dim.text, "text rows"), d->ids,
        b->m->decoder.embed, NULL, NULL);
  embed_vision(b, h);
  embed_latents(b, h);
  return h;
}

/* Normalise each head (where the model does) and rope it: rotate it by its position. */
static void rope(build *b, mcl_tid x, const mcl_weight *norm, int e, mcl_tid out) {
  const mcl_decoder_config *c = &b->m->config.decoder;
  if (norm)
    x = mcl_graph_rms_norm(b->g, x, norm, c->head, c->eps, "head norm");
  mcl_graph_node(b->g, MCL_OP_ROPE, out, (mcl_tid[]){x, b->rope[e]}, NULL,
                 &(mcl_attr){.rope = {c->head}});
}

/* One expert's rows up to the attention: q in its place, k and v into their pages. */
static void project(build *b, const mcl_expert_layer *w, uint32_t i, int e, mcl_tid x, mcl_tid q) {
  const mcl_decoder_config *c = &b->m->config.decoder;
  mcl_tid *pages = b->d->pages[i];
  mcl_attr a = {.attention = {.kv_heads = c->kv_heads, .head = c->head, .transposed = 1}};
  mcl_tid n = mcl_graph_rms_norm(b->g, x, w->input_norm, c->hidden, c->eps, "input norm");
  mcl_tid k = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, e ? b->d->dim.gen : b->d->dim.und,
                               c->kv_heads * c->head, "k roped");
  rope(b, mcl_graph_linear(b->g, n, w->q, w->q_bias, "q"), w->q_norm, e, q);
  rope(b, mcl_graph_linear(b->g, n, w->k, w->k_bias, "k"), w->k_norm, e, k);
  mcl_graph_node(b->g, MCL_OP_KV_PUT, pages[0], (mcl_tid[]){k, b->slot[e], b->k_scratch}, NULL, &a);
  mcl_tid v = mcl_graph_linear(b->g, n, w->v, w->v_bias, "v");
  a.attention.transposed = 0;
  mcl_graph_node(b->g, MCL_OP_KV_PUT, pages[1], (mcl_tid[]){v, b->slot[e], b->v_scratch}, NULL, &a);
}

static void copy_pages(build *b, uint32_t i) {
  const mcl_decoder_config *c = &b->m->config.decoder;
  uint32_t page = c->kv_heads * c->head * MCL_PAGE;
  for (uint32_t v = 0; v < 2; v++) {
    mcl_attr a = {.attention = {.kv_heads = c->kv_heads, .head = c->head, .transposed = !v}};
    char name[48];
    snprintf(name, sizeof name, "layer %u %s pages", i, v ? "v" : "k");
    b->d->pages[i][v] = mcl_graph_tensor(b->g, MCL_STATE, MCL_F32, b->d->dim.pages, page, name);
    mcl_graph_node(b->g, MCL_OP_KV_COPY, b->d->pages[i][v], (mcl_tid[]){b->d->cow_pages}, NULL, &a);
  }
}

static mcl_tid attend(build *b, uint32_t i, mcl_tid q) {
  const mcl_decoder_config *c = &b->m->config.decoder;
  const mcl_decoder_graph *d = b->d;
  mcl_attr a = {.attention = {.heads = c->heads,
                              .kv_heads = c->kv_heads,
                              .head = c->head,
                              .scale = (float)(1.0 / sqrt((double)c->head))}};
  mcl_tid out = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.all, c->hidden, "attention");
  mcl_tid in[] = {
      q, d->pages[i][0], d->pages[i][1], b->k_scratch, b->v_scratch, d->block_table, d->tiles};
  mcl_graph_node(b->g, MCL_OP_ATTENTION, out, in, NULL, &a);
  return out;
}

static void mlp(build *b, const mcl_expert_layer *w, mcl_tid x, mcl_tid out) {
  const mcl_decoder_config *c = &b->m->config.decoder;
  mcl_tid n = mcl_graph_rms_norm(b->g, x, w->post_norm, c->hidden, c->eps, "post norm");
  mcl_tid up = mcl_graph_linear(b->g, n, w->up, NULL, "up");
  mcl_tid gate = mcl_graph_linear(b->g, n, w->gate, NULL, "gate");
  gate = mcl_graph_unary(b->g, MCL_OP_SILU, gate, "silu");
  gate = mcl_graph_binary(b->g, MCL_OP_MUL, gate, up, "silu up");
  mcl_tid down = mcl_graph_linear(b->g, gate, w->down, NULL, "down");
  node2(b, MCL_OP_ADD, out, down, x);
}

/* x + o(attention(rms(x))), then x + down(silu(gate(rms(x))) up(rms(x))), each row by its expert.
 */
static split layer(build *b, uint32_t i, split x) {
  const mcl_decoder_config *c = &b->m->config.decoder;
  const mcl_expert_layer *w = b->m->decoder.layer[i];
  char name[32];
  split q = rows_of_both(b, c->hidden, "q roped"), a, y;
  snprintf(name, sizeof name, "layer_%u", i);
  mcl_graph_scope(b->g, MCL_SHARED, (int)i);
  copy_pages(b, i);
  for (int e = 0; e < 2; e++) {
    mcl_graph_scope(b->g, e ? MCL_GEN : MCL_UND, (int)i);
    project(b, &w[e], i, e, x.part[e], q.part[e]);
  }
  mcl_graph_scope(b->g, MCL_SHARED, (int)i);
  a.all = attend(b, i, q.all);
  halves(b, a.all, a.part, "attention rows");
  split mid = rows_of_both(b, c->hidden, "after attention");
  y = rows_of_both(b, c->hidden, name);
  for (int e = 0; e < 2; e++) {
    mcl_graph_scope(b->g, e ? MCL_GEN : MCL_UND, (int)i);
    mcl_tid o = mcl_graph_linear(b->g, a.part[e], w[e].o, NULL, "o");
    node2(b, MCL_OP_ADD, mid.part[e], o, x.part[e]);
    mlp(b, &w[e], mid.part[e], y.part[e]);
  }
  return y;
}

/* Logits of some rows, velocities of the gen rows, and the step that moves the drawn latents. */
static void heads(build *b, split n) {
  mcl_decoder_graph *d = b->d;
  const mcl_bridge_weights *w = &b->m->bridge;
  uint32_t hidden = b->m->config.decoder.hidden;
  mcl_graph_scope(b->g, MCL_SHARED, (int)b->m->config.decoder.layers);
  mcl_tid rows = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.logits, hidden, "logit hidden");
  node2(b, MCL_OP_GATHER, rows, n.all, d->logit_rows);
  d->logits = mcl_graph_linear(b->g, rows, b->m->decoder.head, NULL, "logits");
  mcl_graph_want(b->g, d->logits);
  d->guide_rows = d->guide_set = d->velocity = d->guided = d->odd = MCL_NO_TENSOR;
  if (!b->m->can_draw)
    return;
  uint32_t cols = w->vae2llm->cols;
  d->guide_rows = input(b, MCL_I32, d->dim.drawn, 4, "guide rows");
  d->guide_set = input(b, MCL_F32, d->dim.pictures, 8, "guide settings");
  mcl_graph_scope(b->g, MCL_GEN, (int)b->m->config.decoder.layers);
  d->velocity = mcl_graph_linear(b->g, n.part[1], w->llm2vae, w->llm2vae_bias, "velocity");
  mcl_graph_want(b->g, d->velocity);
  mcl_tid u = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.drawn, cols, "guided raw");
  mcl_tid s = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d->dim.pictures, 1, "guide scale");
  d->guided = mcl_graph_tensor(b->g, MCL_OUTPUT, MCL_F32, d->dim.drawn, cols, "guided");
  mcl_graph_node(b->g, MCL_OP_GUIDE, u, (mcl_tid[]){d->velocity, d->guide_rows, d->guide_set}, NULL,
                 NULL);
  mcl_graph_node(b->g, MCL_OP_GUIDE_SCALE, s,
                 (mcl_tid[]){u, d->velocity, d->guide_rows, d->guide_set}, NULL, NULL);
  mcl_graph_node(b->g, MCL_OP_GUIDE_APPLY, d->guided, (mcl_tid[]){u, s, d->guide_rows}, NULL, NULL);
  mcl_tid moved = mcl_graph_view(b->g, d->latent, d->dim.zero, d->dim.drawn, "drawn latents");
  mcl_graph_node(b->g, MCL_OP_EULER, moved, (mcl_tid[]){d->guided, d->guide_rows, d->guide_set},
                 NULL, NULL);
  d->odd = mcl_graph_tensor(b->g, MCL_OUTPUT, MCL_F32, d->dim.drawn, 1, "not finite");
  node1(b, MCL_OP_NOT_FINITE, d->odd, moved, NULL, NULL, NULL);
}

static void build_all(build *b, bool layers) {
  mcl_decoder_graph *d = b->d;
  const mcl_decoder_config *c = &b->m->config.decoder;
  make_dims(b);
  make_tables(b);
  split x = embed(b), n;
  d->embedded = x.all;
  for (uint32_t i = 0; i < c->layers; i++) {
    x = layer(b, i, x);
    d->layer[i] = x.all;
  }
  n = rows_of_both(b, c->hidden, "normed");
  d->normed = n.all;
  for (int e = 0; e < 2; e++) {
    mcl_graph_scope(b->g, e ? MCL_GEN : MCL_UND, (int)c->layers);
    node1(b, MCL_OP_RMS_NORM, n.part[e], x.part[e], b->m->decoder.norm[e], NULL,
          &(mcl_attr){.norm = {c->hidden, c->eps}});
  }
  heads(b, n);
  for (uint32_t i = 0; layers && i < c->layers; i++)
    mcl_graph_want(b->g, d->layer[i]);
  if (layers) {
    mcl_graph_want(b->g, d->embedded);
    mcl_graph_want(b->g, d->normed);
  }
}

int mcl_decoder_build(mcl_decoder_graph *d, const mcl_model *m, bool layers, motcl_err *err) {
  uint32_t n = m->config.decoder.layers;
  memset(d, 0, sizeof *d);
  d->graph = mcl_graph_create("decoder");
  d->layer = mcl_alloc(n, sizeof *d->layer);
  d->pages = mcl_alloc(n, sizeof *d->pages);
  int rc = d->graph && d->layer && d->pages ? MOTCL_OK : mcl_fail_nomem(err, n * sizeof *d->pages);
  if (rc == MOTCL_OK) {
    build b = {.g = d->graph, .d = d, .m = m};
    build_all(&b, layers);
    rc = mcl_graph_check(d->graph, err);
  }
  if (rc != MOTCL_OK)
    mcl_decoder_finish(d);
  return rc;
}

void mcl_decoder_finish(mcl_decoder_graph *d) {
  mcl_graph_destroy(d->graph);
  mcl_free(d->layer);
  mcl_free(d->pages);
  memset(d, 0, sizeof *d);
}

void mcl_decoder_size_add(mcl_decoder_size *size, const mcl_decoder_size *more) {
#define ADD(name) size->name += more->name;
  MCL_DECODER_SIZES(ADD)
#undef ADD
}

void mcl_decoder_size_cover(mcl_decoder_size *size, const mcl_decoder_size *other) {
#define COVER(name) size->name = size->name > other->name ? size->name : other->name;
  MCL_DECODER_SIZES(COVER)
#undef COVER
}

bool mcl_decoder_size_same(const mcl_decoder_size *a, const mcl_decoder_size *b) {
#define SAME(name) &&a->name == b->name
  return true MCL_DECODER_SIZES(SAME);
#undef SAME
}

void mcl_decoder_bind(const mcl_decoder_graph *d, const mcl_decoder_size *s, uint32_t *dims) {
  const mcl_decoder_dims *dim = &d->dim;
#define BIND(name) dims[dim->name] = s->name;
  MCL_DECODER_SIZES(BIND)
#undef BIND
  dims[dim->zero] = 0;
  dims[dim->und] = s->text + s->vision;
  dims[dim->all] = s->text + s->vision + s->gen;
  dims[dim->tokens] = s->vision;
}
