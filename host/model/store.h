/* store.h - looking weights up in files, with a list of what is missing. Private to model/. */
#ifndef MCL_MODEL_STORE_H
#define MCL_MODEL_STORE_H

#include "io/safetensors.h"
#include "model/model.h"

typedef struct mcl_store mcl_store;

mcl_store *mcl_store_create(void);
void mcl_store_destroy(mcl_store *s);

/** Add a set to what is searched, behind those that are there; it becomes the store's. On MOTCL_ENOMEM
 * it does not. */
int mcl_store_add(mcl_store *s, mcl_st *set, motcl_err *err);

/** Whether a tensor of that name is there. */
bool mcl_store_has(const mcl_store *s, const char *fmt, ...) MOTCL_PRINTF(2, 3);

/** Whether there is a vision encoder, or part of one. */
bool mcl_store_has_vision(const mcl_store *s);

/** What the metadata of the first set say under `key`, or NULL. */
const char *mcl_store_metadata(const mcl_store *s, const char *key);

/** The tensor of that name, or NULL. */
const mcl_st_tensor *mcl_store_find(const mcl_store *s, const char *name);

/* A weight by name, or NULL with a finding (or with the store out of memory: see mcl_store_whole).
 * The tensor must have the shape asked for: [rows, cols], [cols], [rows, cols, kernel, kernel]. */
const mcl_weight *mcl_store_matrix(mcl_store *s, uint32_t rows, uint32_t cols, const char *fmt, ...)
    MOTCL_PRINTF(4, 5);
const mcl_weight *mcl_store_vector(mcl_store *s, uint32_t cols, const char *fmt, ...)
    MOTCL_PRINTF(3, 4);
const mcl_weight *mcl_store_conv(mcl_store *s, uint32_t rows, uint32_t cols, uint32_t kernel,
                                 const char *fmt, ...) MOTCL_PRINTF(5, 6);

/** A computed weight of float32; `data` (rows * cols, from mcl_alloc_aligned) becomes the store's.
 */
const mcl_weight *mcl_store_computed(mcl_store *s, const char *name, uint32_t rows, uint32_t cols,
                                     void *data);

/** Note something; an `error` makes the folder unusable. Of errors and of remarks a bounded number is
 * listed, errors first; more are only counted. */
void mcl_store_note(mcl_store *s, bool error, const char *fmt, ...) MOTCL_PRINTF(3, 4);

/** Memory ran out while loading: mcl_store_whole will say so. */
void mcl_store_no_memory(mcl_store *s);

/** Note tensors that nobody looked up. */
void mcl_store_note_unused(mcl_store *s);

/** The i-th file with tensors; false, *out untouched, after the last. */
bool mcl_store_file_at(const mcl_store *s, size_t i, mcl_st_file *out);

/** The k-th tensor of all files; NULL after the last. */
const mcl_st_tensor *mcl_store_tensor_at(const mcl_store *s, size_t k);

/** The weight that was made of a tensor; NULL if nobody looked it up. */
const mcl_weight *mcl_store_weight_of(const mcl_store *s, const mcl_st_tensor *t);

const mcl_finding *mcl_store_findings(const mcl_store *s, size_t *n);
size_t mcl_store_weights(const mcl_store *s);
const mcl_weight *mcl_store_weight_at(const mcl_store *s, size_t i);

/** MOTCL_OK, or MOTCL_ENOMEM if memory ran out, so that weights and findings are not all there. */
int mcl_store_whole(const mcl_store *s, motcl_err *err);

/** Whether no error was noted, listed or not. */
bool mcl_store_usable(const mcl_store *s);

/** MOTCL_OK, or MOTCL_EMODEL for the first error found; MOTCL_ENOMEM if there was no memory for it. */
int mcl_store_check(const mcl_store *s, const char *dir, motcl_err *err);

/* The parts' loaders: fill model->config where only tensors tell, and the weights. */
void mcl_load_decoder(mcl_model *m);
void mcl_load_bridges(mcl_model *m);
void mcl_load_vision(mcl_model *m);
void mcl_load_vae(mcl_model *m);

#endif
