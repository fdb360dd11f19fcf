/* model.h - a model opened: sizes, and every weight by its part and role. Weights stay in
 * their mapped files; nothing is copied but what has to be computed. */
#ifndef MCL_MODEL_MODEL_H
#define MCL_MODEL_MODEL_H

#include "graph/weight.h"
#include "model/config.h"
#include "model/protocol.h"

/** Weights of one decoder layer as one expert sees them; shared ones are the same in both. */
typedef struct mcl_expert_layer {
  const mcl_weight *input_norm, *post_norm;
  const mcl_weight *q, *q_bias, *k, *k_bias, *v, *v_bias, *o; /* biases and q/k norms may be NULL */
  const mcl_weight *q_norm, *k_norm;
  const mcl_weight *gate, *up, *down;
} mcl_expert_layer;

typedef struct mcl_decoder_weights {
  const mcl_weight *embed, *head;
  const mcl_weight *norm[2];    /* und, gen */
  mcl_expert_layer (*layer)[2]; /* [layers][und, gen] */
} mcl_decoder_weights;

/** The bridges of the picture path. All there or all NULL, but for the tables, which are computed
 * if absent. */
typedef struct mcl_bridge_weights {
  const mcl_weight *vae2llm, *vae2llm_bias, *llm2vae, *llm2vae_bias;
  const mcl_weight *time0, *time0_bias, *time2, *time2_bias;
  const mcl_weight *latent_pos;
} mcl_bridge_weights;

typedef struct mcl_vision_layer {
  const mcl_weight *norm1, *norm1_bias, *norm2, *norm2_bias;
  const mcl_weight *q, *q_bias, *k, *k_bias, *v, *v_bias, *out, *out_bias;
  const mcl_weight *fc1, *fc1_bias, *fc2, *fc2_bias;
} mcl_vision_layer;

typedef struct mcl_vision_weights {
  const mcl_weight *patch, *patch_bias, *position;
  const mcl_weight *post_norm, *post_norm_bias;
  const mcl_weight *fc1, *fc1_bias, *fc2, *fc2_bias; /* connector */
  const mcl_weight *vit_pos;
  mcl_vision_layer *layer;
} mcl_vision_weights;

/** A convolution or normalisation of the autoencoder. */
typedef struct mcl_pair {
  const mcl_weight *weight, *bias;
} mcl_pair;

/** A residual block; `shortcut` is absent (NULLs) where the channels stay. */
typedef struct mcl_vae_block {
  mcl_pair norm1, conv1, norm2, conv2, shortcut;
} mcl_vae_block;

#define MCL_VAE_BLOCKS 8

/** Encoder or decoder. `resample` is a level's down- or upsampling convolution, absent where it has
 * none. */
typedef struct mcl_vae_half {
  mcl_pair conv_in, norm_out, conv_out;
  mcl_vae_block mid1, mid2;
  mcl_pair mid_norm, mid_q, mid_k, mid_v, mid_out;
  mcl_vae_block block[MCL_VAE_LEVELS][MCL_VAE_BLOCKS];
  mcl_pair resample[MCL_VAE_LEVELS];
} mcl_vae_half;

typedef struct mcl_vae_weights {
  mcl_vae_half encoder, decoder;
} mcl_vae_weights;

/** Something missing or odd in a model. */
typedef struct mcl_finding {
  bool error; /* else a remark */
  char *text;
} mcl_finding;

typedef struct mcl_model mcl_model;

/**
 * A model. Constant once open, so any number of threads may read it.
 *
 * can_see       vision encoder and connector are there
 * can_draw      autoencoder and bridges are there
 * folder        that its configuration and tokenizer are in
 * decoder_file  name of its weight file, or of the index of several; vae_file: of the file with the
 *               autoencoder, which may be the same, or NULL
 * protocol      that holds where a request names none; protocol_why: how it was told
 */
struct mcl_model {
  mcl_config config;
  mcl_decoder_weights decoder;
  mcl_bridge_weights bridge;
  mcl_vision_weights vision;
  mcl_vae_weights vae;
  mcl_protocol *protocol;
  const char *protocol_why;
  bool can_see, can_draw;
  char *folder, *decoder_file, *vae_file;
  struct mcl_store *store; /* files, weights and tables behind the pointers above */
};

/**
 * Open a model: its folder, or its weight file, with the folder's other files. Every tensor that the
 * configs ask for must be there with the right shape and a type that can be computed with; a text model (no vision encoder, no autoencoder) is fine.
 *
 * out  closed with mcl_model_close, after everything made from it
 *
 * Returns MOTCL_EMODEL with the first thing that is wrong and how many more there are (motcl
 * inspect lists them), MOTCL_EFORMAT, MOTCL_EIO, MOTCL_ENOMEM.
 */
int mcl_model_open(mcl_model **out, const char *path, motcl_err *err);
void mcl_model_close(mcl_model *m);

/**
 * As mcl_model_open, but a model with errors is opened too, for looking at: findings tell. Use
 * such a model for nothing else.
 *
 * findings  out, of the model; count in *n
 */
int mcl_model_inspect(mcl_model **out, const char *path, const mcl_finding **findings, size_t *n,
                      motcl_err *err);

/** What was found, of the model; count in *n. */
const mcl_finding *mcl_model_findings(const mcl_model *m, size_t *n);

/** All weights of the model's files, in the order they were looked up. */
size_t mcl_model_weights(const mcl_model *m);
const mcl_weight *mcl_model_weight_at(const mcl_model *m, size_t i);

#endif
