/* workload.c - counting runs. */
#include "session/workload.h"

#include <string.h>

#include "base/mem.h"

void mcl_workload_finish(mcl_workload *y) {
  mcl_free(y->runs);
  memset(y, 0, sizeof *y);
}

void mcl_workload_add(mcl_workload *y, const mcl_workload_item *runs) {
  void *p = y->runs;
  if (!runs->count)
    return;
  if (!mcl_grow(&p, &y->cap, y->count, sizeof *y->runs)) {
    y->no_memory = true;
    return;
  }
  y->runs = p;
  y->runs[y->count++] = *runs;
}

int mcl_session_workload(const mcl_session *s, mcl_workload *y, motcl_err *err) {
  memset(y->cond, 0, sizeof y->cond);
  y->image_differs = false;
  for (size_t i = 0; i < s->phases; i++)
    if (s->phase[i]->kind->workload)
      s->phase[i]->kind->workload(s->phase[i], y);
  return y->no_memory ? mcl_fail_nomem(err, sizeof *y->runs) : MOTCL_OK;
}
