/* files.c - files as a whole, and arrays as NumPy's files. */
#include "base/file.h"
#include "io/file.h"
#include "io/npy.h"

int motcl_file_read(uint8_t **bytes, size_t *n, const char *path, size_t most, motcl_err *err) {
  char *data;
  int rc = mcl_file_read(&data, n, path, most, err);
  if (rc == MOTCL_OK)
    *bytes = (uint8_t *)data;
  return rc;
}

int motcl_file_write(const char *path, const void *bytes, size_t n, bool replace, motcl_err *err) {
  return mcl_file_write(path, bytes, n, replace, err);
}

/* The file is begun and dropped: that tells better than permissions whether it can be made. */
int motcl_file_check(const char *path, bool replace, motcl_err *err) {
  mcl_outfile *f;
  int rc = mcl_outfile_open(&f, path, replace, err);
  if (rc == MOTCL_OK)
    mcl_outfile_abort(f);
  return rc;
}

int motcl_npy_write(const char *path, const motcl_array *a, motcl_err *err) {
  return mcl_npy_write(path, a, err);
}

int motcl_npy_read_f32(float **values, size_t *count, const char *path, size_t most,
                       motcl_err *err) {
  size_t dim[MCL_NPY_MAX_RANK], n = 1;
  int rank;
  int rc = mcl_npy_read_f32(values, &rank, dim, path, most, err);
  if (rc != MOTCL_OK)
    return rc;
  for (int i = 0; i < rank; i++)
    n *= dim[i];
  *count = n;
  return MOTCL_OK;
}
