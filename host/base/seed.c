/* seed.c - bits of the system's; motcl_seed: a seed that nobody chose. */
#include "base/seed.h"

#include <stdio.h>

#include "base/err.h"

bool mcl_random(void *out, size_t n) {
  FILE *f = fopen("/dev/urandom", "rb");
  size_t got = f ? fread(out, n, 1, f) : 0;
  if (f)
    fclose(f);
  return got == 1;
}

int motcl_seed(uint64_t *seed, motcl_err *err) {
  uint32_t bits;
  if (!mcl_random(&bits, sizeof bits))
    return mcl_fail(err, MOTCL_EIO, "no seed can be drawn from /dev/urandom; name one");
  *seed = bits;
  return MOTCL_OK;
}
