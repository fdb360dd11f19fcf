/* protocol.c - a protocol file, and texts that it is asked about. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "model/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = mcl_strndup((const char *)data, size);
  mcl_protocol *p;
  motcl_err err = {0};
  if (!text || text[strspn(text, " \t\r\n")] != '{' || strlen(text) > MOTCL_MAX_PROTOCOL) {
    mcl_free(text);
    return 0;
  }
  int rc = mcl_protocol_open(&p, text, &err);
  fuzz_outcome(rc, &err);
  if (rc == MOTCL_OK) {
    motcl_settings s = motcl_request_default(true).settings;
    mcl_protocol_settings(p, true, &s);
    if (!*p->name || !*p->think[0] || !*p->think[1] || s.timesteps < 2 || s.timesteps > 10000 ||
        !s.max_tokens || p->vae.shortest > p->vae.longest || p->vit.shortest > p->vit.longest)
      fuzz_wrong("a protocol that cannot be");
    if (mcl_protocol_asks(p, text, size < 64 ? strlen(text) : 64) && !p->until_done)
      fuzz_wrong("a text that asks where none can");
    mcl_protocol_close(p);
  }
  mcl_free(text);
  return 0;
}
