/* safetensors.h - weights as tensors over mapped safetensors files, one file or several behind an
 * index. Nothing is copied: a tensor's bytes are read from the file when they are touched. */
#ifndef MCL_IO_SAFETENSORS_H
#define MCL_IO_SAFETENSORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "motcl.h"

/** Lengths of a tensor that are kept: more than any that is computed with has. */
enum { MCL_ST_DIMS = 8 };

/**
 * One tensor, row-major, little-endian. Everything it points to lives as long as its mcl_st.
 *
 * type_name   the type as the file states it: "BF16", "I64", ...
 * type        that type, if type_known; a tensor of a type that motcl has no use for is listed all
 *             the same, and its `type` is MCL_TYPE_COUNT
 * name        in UTF-8; a NUL in it has become U+FFFD
 * dim         `rank` lengths, outermost first, of which MCL_ST_DIMS are kept; rank 0 is a single
 *             number, a length 0 means no data
 * data        `bytes` bytes at any byte address: no alignment may be assumed
 * file        path of the file it lies in
 */
typedef struct mcl_st_tensor {
  const char *name;
  const char *type_name;
  mcl_type type;
  bool type_known;
  int rank;
  uint64_t dim[MCL_ST_DIMS];
  const void *data;
  size_t bytes;
  const char *file;
} mcl_st_tensor;

/** A set of tensors; constant once open, so any number of threads may read it. */
typedef struct mcl_st mcl_st;

/**
 * Open one file and check all of its header, by the rules of the format and of its own library:
 * tensors lie inside the file without overlap or gap and have the size their shape and type say.
 * The header may have 100 MB at most.
 *
 * Metadata of the file are not checked, and every known difference from that library stands in the
 * page of this room.
 *
 * Returns MOTCL_EIO, MOTCL_EFORMAT or MOTCL_ENOMEM. End with mcl_st_close.
 */
int mcl_st_open(mcl_st **out, const char *path, motcl_err *err);

/**
 * Open the files behind an index (..._index.json: an object "weight_map" from tensor to file name),
 * which lie in the index's own folder; a name with a slash is refused, and all files that are not
 * there are named in one sentence. The set has the tensors that the map names, each from the file it
 * names: one that is not there is MOTCL_EFORMAT. Tensors of those files that the map does not name
 * are left out. Otherwise as mcl_st_open.
 */
int mcl_st_open_index(mcl_st **out, const char *index_json, motcl_err *err);

/** Unmap and free; NULL is fine. */
void mcl_st_close(mcl_st *st);

/** The tensor of that name, or NULL. Takes time by the logarithm of the number of tensors. */
const mcl_st_tensor *mcl_st_find(const mcl_st *st, const char *name);

/** A file of the set: its path, and all of its bytes, which are read when they are touched. */
typedef struct mcl_st_file {
  const char *path;
  const void *data;
  size_t bytes;
} mcl_st_file;

/** The i-th file, which lives as long as the set; false, *out untouched, after the last. */
bool mcl_st_file_at(const mcl_st *st, size_t i, mcl_st_file *out);

/** What the metadata of the first file say under `key`, or NULL: any text, of whoever made the file. */
const char *mcl_st_metadata(const mcl_st *st, const char *key);

/**
 * Take `prefix` off the names of all tensors that begin with it and go on behind it.
 *
 * Returns MOTCL_EFORMAT if two tensors would have one name; the set is then good for nothing but
 * mcl_st_close.
 */
int mcl_st_drop_prefix(mcl_st *st, const char *prefix, motcl_err *err);

/** Number of tensors. */
size_t mcl_st_count(const mcl_st *st);

/** Tensor i of 0..count-1, in the byte order of their names; NULL beyond. */
const mcl_st_tensor *mcl_st_at(const mcl_st *st, size_t i);

#endif
