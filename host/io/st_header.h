/* st_header.h - the header of one safetensors file: from bytes that nobody vouches for to a list
 * of tensors whose every byte lies inside the file. Serves safetensors.c. */
#ifndef MCL_IO_ST_HEADER_H
#define MCL_IO_ST_HEADER_H

#include <jansson.h>

#include "io/safetensors.h"

/**
 * Check the `size` bytes at `data` as a safetensors file, and list its tensors sorted by name.
 *
 * path     names the file in errors; the tensors point to it
 * root     gets the parsed header, which holds the strings the tensors point to; end it with
 *          json_decref after the last use of a tensor
 * tensors  gets an array of *n; free it with mcl_free
 *
 * Returns MOTCL_EFORMAT for anything the format does not allow, MOTCL_ENOMEM; outputs are then
 * untouched. Any thread.
 */
int mcl_st_parse(json_t **root, mcl_st_tensor **tensors, size_t *n, const void *data, size_t size,
                 const char *path, motcl_err *err);

#endif
