/* digest.h - what tells models apart: for whoever must go on with the very same one, or says by which
 * one a thing was made. */
#ifndef MCL_MODEL_DIGEST_H
#define MCL_MODEL_DIGEST_H

#include "model/model.h"

/** SHA-256. */
typedef struct mcl_digest {
  uint8_t byte[32];
} mcl_digest;

/** Its first 16 hexadecimal digits and a NUL, for where a line has room for no more. */
#define MCL_DIGEST_SHORT 17
void mcl_digest_short(char out[MCL_DIGEST_SHORT], const mcl_digest *d);

/**
 * The digest of a model: its configuration and tokenizer files, sizes that were found elsewhere, and of
 * the stretch of each file that holds tensors, from the page in which the first lies (graph/weight.h), its
 * length and 64 blocks of 4096 bytes, evenly spread. A folder that was copied or renamed has the same; the
 * same tensors in other files have another. A weight that was changed between two blocks does not show, and
 * nor does a name, but where the whole header lies in that page.
 *
 * Returns MOTCL_EIO, MOTCL_ENOMEM.
 */
int mcl_model_digest(mcl_digest *out, const mcl_model *m, motcl_err *err);

/** The last part of the path by which a model is opened, without .safetensors, as mcl_model_print_name has
 * it. */
void mcl_model_path_name(char out[MCL_MODEL_NAME], const char *path);

/** What people call a model: what its motcl.json says, else the last part of the path by which it was
 * opened, without .safetensors, as mcl_model_print_name has it; never empty. */
void mcl_model_name(char out[MCL_MODEL_NAME], const mcl_model *m, const char *path);

#endif
