/* foreign.h - what a file is that stands where weights are looked for and is no safetensors file: told
 * by its first bytes, for the sentence that refuses it. Serves st_header.c. */
#ifndef MCL_IO_FOREIGN_H
#define MCL_IO_FOREIGN_H

#include <stddef.h>

/**
 * What the file of `size` bytes at `data` is and what to do about it, as what follows "'FILE' is ".
 * NULL for a file of no kind that is known here, and for one that may be a safetensors file. Any thread.
 */
const char *mcl_foreign(const void *data, size_t size);

#endif
