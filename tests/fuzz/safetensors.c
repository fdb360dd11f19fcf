/* safetensors.c - a weight file. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "io/st_header.h"

static void check(const mcl_st_tensor *t, const uint8_t *data, size_t size) {
  const uint8_t *at = t->data;
  if (t->rank < 0 || !t->name || !t->type_name)
    fuzz_wrong("a tensor that is none");
  if (t->bytes && (at < data || t->bytes > size || (size_t)(at - data) > size - t->bytes))
    fuzz_wrong("a tensor outside of the file");
  uint64_t bytes = t->type_known ? mcl_type_size(t->type) : 0;
  for (int i = 0; i < t->rank && i < MCL_ST_DIMS; i++)
    bytes *= t->dim[i];
  if (t->type_known && t->rank <= MCL_ST_DIMS && bytes != t->bytes)
    fuzz_wrong("a tensor of another size");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  json_t *root;
  mcl_st_tensor *tensor;
  size_t n;
  motcl_err err = {0};
  int rc = mcl_st_parse(&root, &tensor, &n, data, size, "weights", &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  for (size_t i = 0; i < n; i++) {
    check(&tensor[i], data, size);
    if (i && strcmp(tensor[i - 1].name, tensor[i].name) >= 0)
      fuzz_wrong("tensors out of order");
  }
  mcl_free(tensor);
  json_decref(root);
  return 0;
}
