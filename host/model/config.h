/* config.h - the sizes of a model folder: llm_config.json, vit_config.json, and motcl.json of ours,
 * which may carry a name, and the picture settings that no file of the release holds. */
#ifndef MCL_MODEL_CONFIG_H
#define MCL_MODEL_CONFIG_H

#include <stdbool.h>

#include <jansson.h>

#include "base/err.h"
#include "image/resize.h"

/** How far the two experts are apart; told by the tensors present. */
typedef enum mcl_layer_kind { MCL_DENSE, MCL_MOE, MCL_MOT } mcl_layer_kind;

/** `positions`: so many tokens in a row it was trained for; 0 if the folder does not say. */
typedef struct mcl_decoder_config {
  uint32_t hidden, layers, heads, kv_heads, head, intermediate, vocab, positions;
  float eps;
  double theta;
  mcl_layer_kind kind;
  bool tied; /* the head may be the embedding */
} mcl_decoder_config;

/** `layers` is what runs: one less than the file says. `side` is that of the position table. */
typedef struct mcl_vision_config {
  uint32_t hidden, layers, heads, head, intermediate, patch, side;
  float eps;
} mcl_vision_config;

#define MCL_VAE_LEVELS 8

/** Read off the tensors; scale and shift are constants of the release (doc/model.md, 1). */
typedef struct mcl_vae_config {
  uint32_t channels[MCL_VAE_LEVELS]; /* of each level, level 0 at full size */
  uint32_t levels, z, encoder_blocks, decoder_blocks;
  float scale, shift;
} mcl_vae_config;

/**
 * Picture settings (motcl.json, else the published defaults).
 *
 * vae, vit       resize rules (doc/model.md, 4); own_vae, own_vit: motcl.json has them
 * width, height  of a drawing when the user names none
 * latent_side    of the latent position table: if absent from the weights, and the largest picture
 * patch          latent positions a token covers along a side: 2
 */
typedef struct mcl_picture_config {
  mcl_resize_rule vae, vit;
  bool own_vae, own_vit;
  uint32_t width, height, latent_side, vision_side, patch;
} mcl_picture_config;

/** Bytes of what people call a model, with the NUL. */
#define MCL_MODEL_NAME 128

/** `name`: what people call the model, by motcl.json, as mcl_model_print_name has it; "" if that does not
 * say. `elsewhere`: sizes are from elsewhere than their own files (config_find.h). */
typedef struct mcl_config {
  char name[MCL_MODEL_NAME];
  mcl_decoder_config decoder;
  mcl_vision_config vision;
  mcl_vae_config vae;
  mcl_picture_config picture;
  bool has_vision; /* there is a configuration of a vision encoder */
  bool elsewhere;
} mcl_config;

struct mcl_store;

/**
 * Read the JSON files of a folder, or what stands in for them. Members that only tensors tell (kind,
 * vision.side, vae) are left for the loader.
 *
 * s  the model's weights; gets an error for each key that asks for what is not computed here, and a
 *    remark about keys that are not known (config_keys.h)
 *
 * Returns MOTCL_EMODEL if there is no configuration of a decoder, MOTCL_EFORMAT for values that cannot
 * be.
 */
int mcl_config_read(mcl_config *c, const char *dir, struct mcl_store *s, motcl_err *err);

/** Print a model's name, whatever files and folders say, as errors are: UTF-8 that can be printed, cut
 * at a whole character if it is too long. */
void mcl_model_print_name(char out[MCL_MODEL_NAME], const char *fmt, ...) MOTCL_PRINTF(2, 3);

/** dir/name on the heap, or NULL without memory. */
char *mcl_path_join(const char *dir, const char *name);

/** A JSON file of a model's folder, of at most 1 MiB; NULL, and all is well, where there is none. The caller
 * ends it with json_decref. MOTCL_EIO, MOTCL_EFORMAT, MOTCL_ENOMEM. */
int mcl_config_load(json_t **out, const char *dir, const char *name, motcl_err *err);

#endif
