/* load_vae.c - the autoencoder's sizes and weights, both read off its tensors
 * (doc/model.md, 2 and 7). */
#include <stdio.h>

#include "model/store.h"

#define NAME_BYTES 128

/* Channels out of a convolution, or 0. */
static uint32_t rows_of(const mcl_store *s, const char *name) {
  const mcl_st_tensor *t = mcl_store_find(s, name);
  return t && t->rank == 4 && t->dim[0] <= 65536 ? (uint32_t)t->dim[0] : 0;
}

static uint32_t count_blocks(const mcl_store *s, const char *half, const char *way) {
  uint32_t n = 0;
  while (n < MCL_VAE_BLOCKS && mcl_store_has(s, "%s.%s.0.block.%u.conv1.weight", half, way, n))
    n++;
  return n;
}

/* Sizes from the tensors; false, with a note, if they make no autoencoder. */
static bool read_sizes(mcl_store *s, mcl_vae_config *c) {
  char name[NAME_BYTES];
  *c = (mcl_vae_config){.scale = 0.3611f, .shift = 0.1159f};
  while (c->levels < MCL_VAE_LEVELS) {
    snprintf(name, sizeof name, "encoder.down.%u.block.0.conv2.weight", c->levels);
    uint32_t rows = rows_of(s, name);
    if (!rows)
      break;
    c->channels[c->levels++] = rows;
  }
  c->z = rows_of(s, "encoder.conv_out.weight") / 2;
  c->encoder_blocks = count_blocks(s, "encoder", "down");
  c->decoder_blocks = count_blocks(s, "decoder", "up");
  bool fits = c->levels && c->z && c->encoder_blocks && c->decoder_blocks;
  for (uint32_t i = 0; i < c->levels; i++)
    fits = fits && c->channels[i] % 32 == 0 && c->channels[i];
  uint32_t mid = c->levels ? c->channels[c->levels - 1] : 0;
  if (!fits || mid > 512 || mid < 16)
    mcl_store_note(s, true,
                   "the autoencoder's tensors make none of FLUX's kind (%u levels, %u latent "
                   "channels; widths must be multiples of 32, the middle at most 512)",
                   c->levels, c->z);
  return fits && mid <= 512 && mid >= 16;
}

static mcl_pair norm(mcl_store *s, uint32_t n, const char *at, const char *leaf) {
  return (mcl_pair){mcl_store_vector(s, n, "%s.%s.weight", at, leaf),
                    mcl_store_vector(s, n, "%s.%s.bias", at, leaf)};
}

static mcl_pair conv(mcl_store *s, uint32_t out, uint32_t in, uint32_t kernel, const char *at,
                     const char *leaf) {
  return (mcl_pair){mcl_store_conv(s, out, in, kernel, "%s.%s.weight", at, leaf),
                    mcl_store_vector(s, out, "%s.%s.bias", at, leaf)};
}

static mcl_vae_block block(mcl_store *s, uint32_t in, uint32_t out, const char *at) {
  mcl_vae_block b = {.norm1 = norm(s, in, at, "norm1"),
                     .conv1 = conv(s, out, in, 3, at, "conv1"),
                     .norm2 = norm(s, out, at, "norm2"),
                     .conv2 = conv(s, out, out, 3, at, "conv2")};
  if (in != out)
    b.shortcut = conv(s, out, in, 1, at, "nin_shortcut");
  return b;
}

static void middle(mcl_store *s, mcl_vae_half *h, uint32_t width, const char *half) {
  char at[NAME_BYTES];
  snprintf(at, sizeof at, "%s.mid.block_1", half);
  h->mid1 = block(s, width, width, at);
  snprintf(at, sizeof at, "%s.mid.block_2", half);
  h->mid2 = block(s, width, width, at);
  snprintf(at, sizeof at, "%s.mid.attn_1", half);
  h->mid_norm = norm(s, width, at, "norm");
  h->mid_q = conv(s, width, width, 1, at, "q");
  h->mid_k = conv(s, width, width, 1, at, "k");
  h->mid_v = conv(s, width, width, 1, at, "v");
  h->mid_out = conv(s, width, width, 1, at, "proj_out");
}

static void level(mcl_store *s, mcl_vae_half *h, uint32_t i, uint32_t *width, uint32_t channels,
                  uint32_t blocks, const char *at) {
  char name[NAME_BYTES];
  for (uint32_t b = 0; b < blocks; b++) {
    snprintf(name, sizeof name, "%s.%u.block.%u", at, i, b);
    h->block[i][b] = block(s, *width, channels, name);
    *width = channels;
  }
}

static void load_encoder(mcl_store *s, mcl_vae_half *h, const mcl_vae_config *c) {
  char at[NAME_BYTES];
  uint32_t width = rows_of(s, "encoder.conv_in.weight");
  h->conv_in = conv(s, width, 3, 3, "encoder", "conv_in");
  for (uint32_t i = 0; i < c->levels; i++) {
    level(s, h, i, &width, c->channels[i], c->encoder_blocks, "encoder.down");
    snprintf(at, sizeof at, "encoder.down.%u.downsample", i);
    if (i + 1 < c->levels)
      h->resample[i] = conv(s, width, width, 3, at, "conv");
  }
  middle(s, h, width, "encoder");
  h->norm_out = norm(s, width, "encoder", "norm_out");
  h->conv_out = conv(s, 2 * c->z, width, 3, "encoder", "conv_out");
}

static void load_decoder(mcl_store *s, mcl_vae_half *h, const mcl_vae_config *c) {
  char at[NAME_BYTES];
  uint32_t width = c->channels[c->levels - 1];
  h->conv_in = conv(s, width, c->z, 3, "decoder", "conv_in");
  middle(s, h, width, "decoder");
  for (uint32_t i = c->levels; i-- > 0;) {
    level(s, h, i, &width, c->channels[i], c->decoder_blocks, "decoder.up");
    snprintf(at, sizeof at, "decoder.up.%u.upsample", i);
    if (i)
      h->resample[i] = conv(s, width, width, 3, at, "conv");
  }
  h->norm_out = norm(s, width, "decoder", "norm_out");
  h->conv_out = conv(s, 3, width, 3, "decoder", "conv_out");
}

void mcl_load_vae(mcl_model *m) {
  if (!read_sizes(m->store, &m->config.vae))
    return;
  load_encoder(m->store, &m->vae.encoder, &m->config.vae);
  load_decoder(m->store, &m->vae.decoder, &m->config.vae);
}
