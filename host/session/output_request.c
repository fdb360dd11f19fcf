/* output_request.c - copies of what an output was requested by. */
#include "session/output_request.h"

#include <string.h>

#include "base/mem.h"

static char *copy_text(char **at, const char *text) {
  size_t n = strlen(text) + 1;
  char *to = memcpy(*at, text, n);
  *at += n;
  return to;
}

/* The list of stop texts, the noise, then the texts, behind the structure. */
int mcl_output_request_make(mcl_output_request **out, motcl_output output, uint64_t seed,
                            const motcl_settings *settings, motcl_err *err) {
  size_t noise = settings->noise ? settings->noise_count * sizeof(float) : 0;
  size_t list = settings->stops * sizeof *settings->stop;
  size_t text = settings->negative ? strlen(settings->negative) + 1 : 0;
  text += settings->protocol ? strlen(settings->protocol) + 1 : 0;
  for (uint32_t i = 0; i < settings->stops; i++)
    text += strlen(settings->stop[i]) + 1;
  mcl_output_request *a = mcl_alloc(1, sizeof *a + list + noise + text);
  if (!a)
    return mcl_fail_nomem(err, sizeof *a + list + noise + text);
  *a = (mcl_output_request){.refs = 1, .output = output, .seed = seed, .settings = *settings};
  const char **stop = (const char **)(a + 1);
  char *at = (char *)(stop + settings->stops);
  a->settings.stop = stop;
  if (noise)
    a->settings.noise = memcpy(at, settings->noise, noise);
  at += noise;
  if (settings->negative)
    a->settings.negative = copy_text(&at, settings->negative);
  if (settings->protocol)
    a->settings.protocol = copy_text(&at, settings->protocol);
  for (uint32_t i = 0; i < settings->stops; i++)
    stop[i] = copy_text(&at, settings->stop[i]);
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
