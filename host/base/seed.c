/* seed.c - motcl_seed: a seed that nobody chose. */
#include <stdio.h>

#include "base/err.h"

int motcl_seed(uint64_t *seed, motcl_err *err) {
  uint32_t bits;
  FILE *f = fopen("/dev/urandom", "rb");
  size_t got = f ? fread(&bits, sizeof bits, 1, f) : 0;
  if (f)
    fclose(f);
  if (!got)
    return mcl_fail(err, MOTCL_EIO, "no seed can be drawn from /dev/urandom; name one");
  *seed = bits;
  return MOTCL_OK;
}
