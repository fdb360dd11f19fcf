/* event.c - an Event message; one that is taken is written, read and written again. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  motcl_job_event it = {0}, again = {0};
  uint8_t *first = NULL, *second = NULL;
  size_t n, m;
  motcl_err err = {0};
  int rc = motcl_job_event_unpack(&it, data, size, &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  if (motcl_job_event_pack(&it, &first, &n, &err) != MOTCL_OK ||
      motcl_job_event_unpack(&again, first, n, &err) != MOTCL_OK ||
      motcl_job_event_pack(&again, &second, &m, &err) != MOTCL_OK)
    fuzz_wrong(err.text);
  if (n != m || memcmp(first, second, n) != 0)
    fuzz_wrong("a message that changes from hand to hand");
  mcl_free(first);
  mcl_free(second);
  motcl_job_event_finish(&it);
  motcl_job_event_finish(&again);
  return 0;
}
