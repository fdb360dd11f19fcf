/* output_request.c - copies of what an output was requested by. */
#include "session/output_request.h"

#include <string.h>

#include "base/mem.h"

/* The noise, then the negative text, behind the structure. */
int mcl_output_request_make(mcl_output_request **out, motcl_output output, uint64_t seed,
                            const motcl_settings *settings, motcl_err *err) {
  size_t noise = settings->noise ? settings->noise_count * sizeof(float) : 0;
  size_t text = settings->negative ? strlen(settings->negative) + 1 : 0;
  mcl_output_request *a = mcl_alloc(1, sizeof *a + noise + text);
  if (!a)
    return mcl_fail_nomem(err, sizeof *a + noise + text);
  *a = (mcl_output_request){.refs = 1, .output = output, .seed = seed, .settings = *settings};
  char *at = (char *)(a + 1);
  if (noise)
    a->settings.noise = memcpy(at, settings->noise, noise);
  if (text)
    a->settings.negative = memcpy(at + noise, settings->negative, text);
  *out = a;
  return MOTCL_OK;
}

mcl_output_request *mcl_output_request_ref(mcl_output_request *a) {
  a->refs++;
  return a;
}

void mcl_output_request_unref(mcl_output_request *a) {
  if (a && !--a->refs)
    mcl_free(a);
}
