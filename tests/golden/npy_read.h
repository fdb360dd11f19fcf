/* npy_read.h - reading .npy arrays for the comparison; shares no code with the library it judges.
 */
#ifndef TESTS_GOLDEN_NPY_READ_H
#define TESTS_GOLDEN_NPY_READ_H

#include <stddef.h>

enum { NPY_RANK = 8 };

/** One array, its values widened to double. */
typedef struct npy {
  char type; /* 'f', 'i' or 'u': float32, int32, uint8 */
  size_t rank;
  size_t dim[NPY_RANK];
  size_t count;
  double *at;
} npy;

/** Why a file could not be read, or NULL: *a is then filled, and freed with npy_free. */
const char *npy_read(npy *a, const char *path);

void npy_free(npy *a);

#endif
