/* foreign.h - what a file is that stands in another's place: told by its first bytes, for the sentence that
 * refuses it. Serves st_header.c and json.c. */
#ifndef MCL_IO_FOREIGN_H
#define MCL_IO_FOREIGN_H

#include <stddef.h>

/**
 * What the file of `size` bytes at `data` is and what to do about it, as what follows "'FILE' is ", if it is
 * what a download leaves in the place of any file: a pointer of Git LFS, a web page, nothing. Else NULL.
 * Any thread.
 */
const char *mcl_foreign_any(const void *data, size_t size);

/** The same of what stands where weights are looked for; NULL also for what may be a safetensors file. */
const char *mcl_foreign_weights(const void *data, size_t size);

#endif
