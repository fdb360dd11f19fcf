/* digest.h - what tells models apart: for whoever must go on with the very same one. */
#ifndef MCL_MODEL_DIGEST_H
#define MCL_MODEL_DIGEST_H

#include "model/model.h"

/** SHA-256. */
typedef struct mcl_digest {
  uint8_t byte[32];
} mcl_digest;

/**
 * The digest of a model: its configuration and tokenizer files, and of the files with weights their
 * lengths, headers and 64 blocks of 4096 bytes, evenly spread. A folder that was copied or renamed
 * has the same; a weight that was changed between two blocks does not show.
 *
 * dir  of the model
 *
 * Returns MOTCL_EIO, MOTCL_ENOMEM.
 */
int mcl_model_digest(mcl_digest *out, const mcl_model *m, const char *dir, motcl_err *err);

#endif
