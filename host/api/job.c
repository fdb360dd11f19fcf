/* job.c - motcl_job_run. */
#include "api/worker.h"
#include "job/run.h"

int motcl_job_run(motcl_worker *w, const uint8_t *job, size_t n,
                  void (*event)(void *user, const uint8_t *bytes, size_t n), void *user,
                  uint8_t **result, size_t *result_n, motcl_err *err) {
  const mcl_listener listener = {event, user};
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_job_run(w->worker, &w->device, job, n, &listener, mcl_worker_cancelled, w, result,
                       result_n, err);
  mcl_leave(before);
  atomic_store(&w->cancelled, false);
  return rc;
}
