/* tally.c - counting runs. */
#include "session/tally.h"

#include <string.h>

#include "base/mem.h"

void mcl_tally_finish(mcl_tally *y) {
  mcl_free(y->runs);
  memset(y, 0, sizeof *y);
}

void mcl_tally_add(mcl_tally *y, const mcl_runs *runs) {
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

int mcl_session_tally(const mcl_session *s, mcl_tally *y, motcl_err *err) {
  memset(y->main, 0, sizeof y->main);
  y->apart = false;
  for (size_t i = 0; i < s->tasks; i++)
    if (s->task[i]->kind->tally)
      s->task[i]->kind->tally(s->task[i], y);
  return y->no_memory ? mcl_fail_nomem(err, sizeof *y->runs) : MOTCL_OK;
}
