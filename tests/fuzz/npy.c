/* npy.c - an array, as --noise takes it. */
#include "base/mem.h"
#include "fuzz.h"
#include "io/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const size_t most = 1 << 20;
  float *values;
  int rank;
  size_t dim[MCL_NPY_MAX_RANK], n = 1;
  motcl_err err = {0};
  int rc = mcl_npy_parse_f32(&values, &rank, dim, data, size, "array", most, &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  if (rank < 0 || rank > MCL_NPY_MAX_RANK)
    fuzz_wrong("a rank that cannot be");
  for (int i = 0; i < MCL_NPY_MAX_RANK; i++)
    n *= dim[i];
  if (n > most || n * sizeof *values > size)
    fuzz_wrong("more values than the file has");
  mcl_free(values);
  return 0;
}
