/* asked.c - copies of what an output was asked for by. */
#include "session/asked.h"

#include <string.h>

#include "base/mem.h"

/* The noise, then the negative text, behind the structure. */
int mcl_asked_make(mcl_asked **out, motcl_output output, uint64_t seed,
                   const motcl_settings *settings, motcl_err *err) {
  size_t noise = settings->noise ? settings->noise_count * sizeof(float) : 0;
  size_t text = settings->negative ? strlen(settings->negative) + 1 : 0;
  mcl_asked *a = mcl_alloc(1, sizeof *a + noise + text);
  if (!a)
    return mcl_fail_nomem(err, sizeof *a + noise + text);
  *a = (mcl_asked){.users = 1, .output = output, .seed = seed, .settings = *settings};
  char *at = (char *)(a + 1);
  if (noise)
    a->settings.noise = memcpy(at, settings->noise, noise);
  if (text)
    a->settings.negative = memcpy(at + noise, settings->negative, text);
  *out = a;
  return MOTCL_OK;
}

mcl_asked *mcl_asked_hold(mcl_asked *a) {
  a->users++;
  return a;
}

void mcl_asked_drop(mcl_asked *a) {
  if (a && !--a->users)
    mcl_free(a);
}
