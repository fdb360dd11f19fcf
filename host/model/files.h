/* files.h - which files a model's weights are in: told by the tensors that they hold, not by their
 * names. Private to model/. */
#ifndef MCL_MODEL_FILES_H
#define MCL_MODEL_FILES_H

#include "model/model.h"

/**
 * Open the file with a model's decoder and the one with its autoencoder, which may be the same or not
 * be there, for m->store; names that their maker put something before ("model.", "vae.") lose it.
 *
 * path  a weight file (or an index of such), whose folder may have the autoencoder; or a folder. There
 *       files that are named ema... come first, then indexes, then the others, by name; of those that
 *       hold a decoder in a type that can be computed with the first is taken, and the others are
 *       remarked on
 * m     gets folder, decoder_file and vae_file
 *
 * Returns MOTCL_EMODEL where there is no decoder, with what is there instead; MOTCL_EFORMAT or MOTCL_EIO
 * for a file that cannot be read and may hold what is missing, or is named ema... where the decoder is
 * not; MOTCL_ENOMEM.
 */
int mcl_model_find_files(mcl_model *m, const char *path, motcl_err *err);

#endif
