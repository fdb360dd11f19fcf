/* checkpoint.c - a Checkpoint message; one that is taken is written, read and written again. */
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "job/message/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mcl_saved_task task = {0}, again = {0};
  uint8_t *first = NULL, *second = NULL;
  size_t n, m;
  motcl_err err = {0};
  int rc = mcl_saved_task_unpack(&task, data, size, &err);
  fuzz_outcome(rc, &err);
  if (rc != MOTCL_OK)
    return 0;
  if (mcl_saved_task_pack(&task, &first, &n, &err) != MOTCL_OK ||
      mcl_saved_task_unpack(&again, first, n, &err) != MOTCL_OK ||
      mcl_saved_task_pack(&again, &second, &m, &err) != MOTCL_OK)
    fuzz_wrong(err.text);
  if (n != m || memcmp(first, second, n) != 0)
    fuzz_wrong("a message that changes from hand to hand");
  mcl_free(first);
  mcl_free(second);
  mcl_saved_task_finish(&task);
  mcl_saved_task_finish(&again);
  return 0;
}
