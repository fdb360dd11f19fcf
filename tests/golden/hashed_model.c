/* hashed_model.c - which tensors the miniature has, and how each is spread: matrices by their
 * fan-in, norms near one, biases not zero, q and k norms near 1.5 so that attention is far from
 * uniform. */
#include "hashed_model.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hashed.h"

const size_t hashed_ae_mult[HASHED_AE_LEVELS] = {1, 1, 2, 1};

#define NO_BIAS 0.0

static hashed_tensor *add(hashed_list *list, double mean, double std, const char *suffix,
                          const char *name) {
  if (list->len == list->cap) {
    list->cap = list->cap ? 2 * list->cap : 256;
    list->at = realloc(list->at, list->cap * sizeof *list->at);
    if (!list->at) {
      fputs("make_hashed: out of memory\n", stderr);
      exit(1);
    }
  }
  hashed_tensor *t = &list->at[list->len++];
  memset(t, 0, sizeof *t);
  snprintf(t->name, sizeof t->name, "%s%s", name, suffix);
  t->mean = mean;
  t->std = std;
  return t;
}

static hashed_tensor *vector(hashed_list *list, const char *name, const char *suffix, size_t n,
                             double mean, double std) {
  hashed_tensor *t = add(list, mean, std, suffix, name);
  t->rank = 1;
  t->dim[0] = n;
  return t;
}

static hashed_tensor *table(hashed_list *list, const char *name, size_t rows, size_t columns,
                            double std) {
  hashed_tensor *t = add(list, 0.0, std, "", name);
  t->rank = 2;
  t->dim[0] = rows;
  t->dim[1] = columns;
  return t;
}

/* Returns the weight; the bias, if any, follows it in the list. */
static size_t linear(hashed_list *list, const char *name, size_t out, size_t in, double gain,
                     double bias) {
  const size_t at = list->len;
  hashed_tensor *t = add(list, 0.0, gain / sqrt((double)in), ".weight", name);
  t->rank = 2;
  t->dim[0] = out;
  t->dim[1] = in;
  if (bias != NO_BIAS) {
    vector(list, name, ".bias", out, 0.0, bias);
  }
  return at;
}

static size_t conv(hashed_list *list, const char *name, size_t out, size_t in, size_t k,
                   double gain) {
  const size_t at = list->len;
  hashed_tensor *t = add(list, 0.0, gain / sqrt((double)(in * k * k)), ".weight", name);
  t->rank = 4;
  t->dim[0] = out;
  t->dim[1] = in;
  t->dim[2] = t->dim[3] = k;
  vector(list, name, ".bias", out, 0.0, 0.1);
  return at;
}

static void norm(hashed_list *list, const char *name, size_t n, double bias) {
  vector(list, name, ".weight", n, 1.0, 0.2);
  if (bias != NO_BIAS) {
    vector(list, name, ".bias", n, 0.0, bias);
  }
}

typedef struct name_text {
  char text[96];
} name_text;

static name_text say(const char *format, ...) {
  name_text n;
  va_list args;
  va_start(args, format);
  vsnprintf(n.text, sizeof n.text, format, args);
  va_end(args);
  return n;
}

static void attention(hashed_list *list, const char *layer, const char *expert) {
  const size_t head = HASHED_HIDDEN / HASHED_HEADS, kv = head * HASHED_KV_HEADS;
  linear(list, say("%sself_attn.q_proj%s", layer, expert).text, HASHED_HIDDEN, HASHED_HIDDEN, 1.0,
         0.2);
  linear(list, say("%sself_attn.k_proj%s", layer, expert).text, kv, HASHED_HIDDEN, 1.0, 0.2);
  linear(list, say("%sself_attn.v_proj%s", layer, expert).text, kv, HASHED_HIDDEN, 1.0, 0.2);
  linear(list, say("%sself_attn.o_proj%s", layer, expert).text, HASHED_HIDDEN, HASHED_HIDDEN, 1.0,
         NO_BIAS);
  vector(list, say("%sself_attn.q_norm%s", layer, expert).text, ".weight", head, 1.5, 0.3);
  vector(list, say("%sself_attn.k_norm%s", layer, expert).text, ".weight", head, 1.5, 0.3);
  norm(list, say("%sinput_layernorm%s", layer, expert).text, HASHED_HIDDEN, NO_BIAS);
  norm(list, say("%spost_attention_layernorm%s", layer, expert).text, HASHED_HIDDEN, NO_BIAS);
}

static void mlp(hashed_list *list, const char *layer, const char *expert) {
  linear(list, say("%smlp%s.gate_proj", layer, expert).text, HASHED_INTERMEDIATE, HASHED_HIDDEN,
         1.0, NO_BIAS);
  linear(list, say("%smlp%s.up_proj", layer, expert).text, HASHED_INTERMEDIATE, HASHED_HIDDEN, 1.0,
         NO_BIAS);
  linear(list, say("%smlp%s.down_proj", layer, expert).text, HASHED_HIDDEN, HASHED_INTERMEDIATE,
         1.5, NO_BIAS);
}

static void decoder(hashed_list *list, hashed_kind kind) {
  table(list, "language_model.model.embed_tokens.weight", HASHED_VOCAB, HASHED_HIDDEN, 1.0);
  for (int i = 0; i < HASHED_LAYERS; i++) {
    const name_text layer = say("language_model.model.layers.%d.", i);
    attention(list, layer.text, "");
    mlp(list, layer.text, "");
    if (kind == HASHED_MOT) {
      attention(list, layer.text, "_moe_gen");
    }
    if (kind != HASHED_DENSE) {
      mlp(list, layer.text, "_moe_gen");
    }
  }
  norm(list, "language_model.model.norm", HASHED_HIDDEN, NO_BIAS);
  if (kind != HASHED_DENSE) {
    norm(list, "language_model.model.norm_moe_gen", HASHED_HIDDEN, NO_BIAS);
  }
  const size_t head =
      linear(list, "language_model.lm_head", HASHED_VOCAB, HASHED_HIDDEN, 2.0, NO_BIAS);
  list->at[head].twist = HASHED_HEAD;
}

static void bridges(hashed_list *list, const hashed_options *o) {
  const size_t latent = (size_t)4 * HASHED_Z, cells = (size_t)HASHED_VIS_SIDE * HASHED_VIS_SIDE;
  linear(list, "vae2llm", HASHED_HIDDEN, latent, 1.0, 0.2);
  linear(list, "llm2vae", latent, HASHED_HIDDEN, 1.0, 0.1);
  linear(list, "time_embedder.mlp.0", HASHED_HIDDEN, 256, 2.0, 0.2);
  linear(list, "time_embedder.mlp.2", HASHED_HIDDEN, HASHED_HIDDEN, 1.5, 0.2);
  linear(list, "connector.fc1", HASHED_HIDDEN, HASHED_VIS_HIDDEN, 1.0, 0.2);
  linear(list, "connector.fc2", HASHED_HIDDEN, HASHED_HIDDEN, 1.5, 0.2);
  if (o->tables) {
    table(list, "latent_pos_embed.pos_embed", o->latent_side * o->latent_side, HASHED_HIDDEN, 0.5);
    table(list, "vit_pos_embed.pos_embed", cells, HASHED_HIDDEN, 0.5);
  }
}

static void vision(hashed_list *list, bool conv_patch) {
  const char *root = "vit_model.vision_model.";
  const size_t width = HASHED_VIS_HIDDEN, side = HASHED_VIS_SIDE, pixels = HASHED_PATCH;
  const size_t patch = linear(list, say("%sembeddings.patch_embedding", root).text, width,
                              pixels * pixels * 3, 1.5, 0.2);
  if (conv_patch) {
    list->at[patch].twist = HASHED_CONV_PATCH;
    list->at[patch].rank = 4;
    list->at[patch].dim[1] = 3;
    list->at[patch].dim[2] = list->at[patch].dim[3] = HASHED_PATCH;
  }
  table(list, say("%sembeddings.position_embedding.weight", root).text, side * side, width, 0.5);
  for (int i = 0; i < HASHED_VIS_LAYERS - 1; i++) {
    const name_text layer = say("%sencoder.layers.%d.", root, i);
    norm(list, say("%slayer_norm1", layer.text).text, width, 0.1);
    norm(list, say("%slayer_norm2", layer.text).text, width, 0.1);
    linear(list, say("%sself_attn.q_proj", layer.text).text, width, width, 1.4, 0.2);
    linear(list, say("%sself_attn.k_proj", layer.text).text, width, width, 1.4, 0.2);
    linear(list, say("%sself_attn.v_proj", layer.text).text, width, width, 1.0, 0.2);
    linear(list, say("%sself_attn.out_proj", layer.text).text, width, width, 1.0, 0.2);
    linear(list, say("%smlp.fc1", layer.text).text, HASHED_VIS_INTERMEDIATE, width, 1.0, 0.2);
    linear(list, say("%smlp.fc2", layer.text).text, width, HASHED_VIS_INTERMEDIATE, 1.4, 0.2);
  }
  norm(list, say("%spost_layernorm", root).text, width, 0.1);
}

void hashed_list_model(hashed_list *list, const hashed_options *o) {
  decoder(list, o->kind);
  bridges(list, o);
  vision(list, o->conv_patch);
}

static void block(hashed_list *list, const char *name, size_t in, size_t out) {
  norm(list, say("%s.norm1", name).text, in, 0.1);
  conv(list, say("%s.conv1", name).text, out, in, 3, 1.4);
  norm(list, say("%s.norm2", name).text, out, 0.1);
  conv(list, say("%s.conv2", name).text, out, out, 3, 1.0);
  if (in != out) {
    conv(list, say("%s.nin_shortcut", name).text, out, in, 1, 1.0);
  }
}

static void middle(hashed_list *list, const char *side, size_t width) {
  block(list, say("%s.mid.block_1", side).text, width, width);
  norm(list, say("%s.mid.attn_1.norm", side).text, width, 0.1);
  conv(list, say("%s.mid.attn_1.q", side).text, width, width, 1, 1.5);
  conv(list, say("%s.mid.attn_1.k", side).text, width, width, 1, 1.5);
  conv(list, say("%s.mid.attn_1.v", side).text, width, width, 1, 1.0);
  conv(list, say("%s.mid.attn_1.proj_out", side).text, width, width, 1, 1.0);
  block(list, say("%s.mid.block_2", side).text, width, width);
}

static void encoder(hashed_list *list) {
  size_t width = HASHED_AE_CH;
  conv(list, "encoder.conv_in", width, 3, 3, 1.0);
  for (int level = 0; level < HASHED_AE_LEVELS; level++) {
    const size_t out = HASHED_AE_CH * hashed_ae_mult[level];
    for (int b = 0; b < 2; b++) {
      block(list, say("encoder.down.%d.block.%d", level, b).text, width, out);
      width = out;
    }
    if (level + 1 < HASHED_AE_LEVELS) {
      conv(list, say("encoder.down.%d.downsample.conv", level).text, width, width, 3, 1.0);
    }
  }
  middle(list, "encoder", width);
  norm(list, "encoder.norm_out", width, 0.1);
  const size_t last = conv(list, "encoder.conv_out", (size_t)2 * HASHED_Z, width, 3, 1.5);
  list->at[last].twist = HASHED_LOGVAR;
  list->at[last + 1].twist = HASHED_LOGVAR_BIAS;
}

static void picture_decoder(hashed_list *list) {
  size_t width = HASHED_AE_CH * hashed_ae_mult[HASHED_AE_LEVELS - 1];
  conv(list, "decoder.conv_in", width, HASHED_Z, 3, 1.0);
  middle(list, "decoder", width);
  for (int level = HASHED_AE_LEVELS - 1; level >= 0; level--) {
    const size_t out = HASHED_AE_CH * hashed_ae_mult[level];
    for (int b = 0; b < 3; b++) {
      block(list, say("decoder.up.%d.block.%d", level, b).text, width, out);
      width = out;
    }
    if (level > 0) {
      conv(list, say("decoder.up.%d.upsample.conv", level).text, width, width, 3, 1.0);
    }
  }
  norm(list, "decoder.norm_out", width, 0.1);
  conv(list, "decoder.conv_out", 3, width, 3, 0.9);
}

void hashed_list_autoencoder(hashed_list *list) {
  encoder(list);
  picture_decoder(list);
}

size_t hashed_count(const hashed_tensor *t) {
  size_t n = 1;
  for (size_t i = 0; i < t->rank; i++) {
    n *= t->dim[i];
  }
  return n;
}

/* Number j of the linear form [n, row, column, channel] at the place that [n, channel, row, column]
 * gives it. */
static void fill_conv_patch(float *dst, const hashed_tensor *t, uint64_t start) {
  const size_t channels = t->dim[1], rows = t->dim[2], columns = t->dim[3];
  size_t i = 0;
  for (size_t n = 0; n < t->dim[0]; n++) {
    for (size_t c = 0; c < channels; c++) {
      for (size_t y = 0; y < rows; y++) {
        for (size_t x = 0; x < columns; x++) {
          const size_t j = ((n * rows + y) * columns + x) * channels + c;
          hashed_fill(&dst[i++], 1, start, j, t->mean, t->std);
        }
      }
    }
  }
}

void hashed_make(float *dst, const hashed_tensor *t, uint64_t seed, size_t used, size_t end) {
  const size_t n = hashed_count(t);
  const uint64_t start = hashed_start(t->name, seed);
  if (t->twist == HASHED_CONV_PATCH) {
    fill_conv_patch(dst, t, start);
    return;
  }
  hashed_fill(dst, n, start, 0, t->mean, t->std);
  if (t->twist == HASHED_HEAD) {
    const size_t width = t->dim[1];
    for (size_t i = used * width; i < n; i++) {
      dst[i] = 0.0F;
    }
    for (size_t i = end * width; i < (end + 1) * width; i++) {
      dst[i] *= 1.5F;
    }
  }
  for (size_t i = n / 2; i < n && t->twist == HASHED_LOGVAR; i++) {
    dst[i] *= 0.3F;
  }
  for (size_t i = n / 2; i < n && t->twist == HASHED_LOGVAR_BIAS; i++) {
    dst[i] -= 1.5F;
  }
}
