/* npy.h - NumPy's .npy files: one array, a small text header before its raw values. Written for
 * --dump, read for --noise. */
#ifndef MCL_IO_NPY_H
#define MCL_IO_NPY_H

#include <stddef.h>

#include "base/num.h"
#include "motcl.h"

enum { MCL_NPY_MAX_RANK = 8 };

/**
 * Write an array as version 1.0 in C order; an existing file is replaced as a whole.
 *
 * a  rank 0 (a single value) to MCL_NPY_MAX_RANK, lengths may be 0; its name is not looked at
 *
 * MOTCL_EINVAL, MOTCL_EIO or MOTCL_ENOMEM. Any thread.
 */
int mcl_npy_write(const char *path, const motcl_array *a, motcl_err *err);

/**
 * Read an array of little-endian float32 in C order, versions 1 to 3 of the format.
 *
 * data  gets its values; the caller frees it with mcl_free
 * rank  gets the number of dimensions, 0 to MCL_NPY_MAX_RANK, and dim their lengths (1 beyond)
 * max_elements  an array of more is refused before memory is taken for it
 *
 * MOTCL_EIO, MOTCL_EFORMAT or MOTCL_ENOMEM; outputs are then untouched. Any thread.
 */
int mcl_npy_read_f32(float **data, int *rank, size_t dim[MCL_NPY_MAX_RANK], const char *path,
                     size_t max_elements, motcl_err *err);

/** As mcl_npy_read_f32, of a file's n bytes in memory; `what` names it in errors. */
int mcl_npy_parse_f32(float **data, int *rank, size_t dim[MCL_NPY_MAX_RANK], const void *bytes,
                      size_t n, const char *what, size_t max_elements, motcl_err *err);

#endif
