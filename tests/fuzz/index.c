/* index.c - the index of a model in several weight files, beside two such files. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "io/safetensors.h"

/* A weight file of two tensors `X.a` and `X.b` of four bytes. */
static void put_shard(const char *name, char letter) {
  char file[256] = {0};
  int n = snprintf(file + 8, sizeof file - 8,
                   "{\"%c.a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                   "\"%c.b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[4,8]}}",
                   letter, letter);
  file[0] = (char)n;
  fuzz_put(name, file, 8 + (size_t)n + 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int made;
  if (!made++) {
    put_shard("one.safetensors", 'x');
    put_shard("two.safetensors", 'y');
  }
  fuzz_put("index.json", data, size);
  mcl_st *st;
  motcl_err err = {0};
  int rc = mcl_st_open_index(&st, fuzz_path("index.json"), &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  for (size_t i = 0; i < mcl_st_count(st); i++) {
    const mcl_st_tensor *t = mcl_st_at(st, i);
    if (mcl_st_find(st, t->name) != t || t->bytes != 4)
      fuzz_wrong("a tensor that is another");
  }
  mcl_st_close(st);
  return 0;
}
