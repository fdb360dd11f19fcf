/* saved_job.c - a SavedJob message; one that is taken is written, read and written again. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "job/message/saved_job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mcl_saved_job job = {0}, again = {0};
  uint8_t *first = NULL, *second = NULL;
  size_t n, m;
  motcl_err err = {0};
  int rc = mcl_saved_job_unpack(&job, data, size, &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  if (mcl_saved_job_pack(&job, &first, &n, &err) != MOTCL_OK ||
      mcl_saved_job_unpack(&again, first, n, &err) != MOTCL_OK ||
      mcl_saved_job_pack(&again, &second, &m, &err) != MOTCL_OK)
    fuzz_wrong(err.text);
  if (n != m || memcmp(first, second, n) != 0)
    fuzz_wrong("a message that changes from hand to hand");
  mcl_free(first);
  mcl_free(second);
  mcl_saved_job_finish(&job);
  mcl_saved_job_finish(&again);
  return 0;
}
