/* job.c - jobs as messages on a worker: calls that enter the library's allocator and log and leave them.
 */
#include "api/worker.h"
#include "base/err.h"
#include "base/mem.h"

static bool stopped(void *user) {
  motcl_job_task *t = user;
  return atomic_load(&t->cancelled);
}

/* A job, or with `saved` one that goes on; `listener` may cancel it before this returns. */
static int make(motcl_job_task **out, motcl_worker *w, const uint8_t *bytes, size_t n, bool saved,
                bool exact, const mcl_listener *listener, motcl_err *err) {
  motcl_job_task *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->worker = w;
  atomic_init(&t->cancelled, false);
  *out = t;
  int rc = saved ? mcl_job_task_resume(&t->job, w->worker, &w->device, bytes, n, exact, listener,
                                       stopped, t, err)
                 : mcl_job_task_submit(&t->job, w->worker, &w->device, bytes, n, listener, stopped,
                                       t, err);
  if (rc != MOTCL_OK) {
    *out = NULL;
    mcl_free(t);
  }
  return rc;
}

int motcl_job_submit(motcl_worker *w, const uint8_t *job, size_t n,
                     void (*event)(void *user, const uint8_t *bytes, size_t n), void *user,
                     motcl_job_task **out, motcl_err *err) {
  mcl_scope before = mcl_enter(w->library);
  int rc = make(out, w, job, n, false, false, &(mcl_listener){event, user}, err);
  mcl_leave(before);
  return rc;
}

int motcl_job_resume(motcl_worker *w, const uint8_t *saved, size_t n, bool exact,
                     void (*event)(void *user, const uint8_t *bytes, size_t n), void *user,
                     motcl_job_task **out, motcl_err *err) {
  mcl_scope before = mcl_enter(w->library);
  int rc = make(out, w, saved, n, true, exact, &(mcl_listener){event, user}, err);
  mcl_leave(before);
  return rc;
}

int motcl_job_status(const motcl_job_task *t, motcl_err *err) {
  return mcl_job_task_status(t->job, err);
}

void motcl_job_cancel(motcl_job_task *t) {
  atomic_store(&t->cancelled, true);
}

int motcl_job_result(const motcl_job_task *t, const uint8_t **bytes, size_t *n, motcl_err *err) {
  return mcl_job_task_result(t->job, bytes, n, err);
}

int motcl_job_save(const motcl_job_task *t, uint8_t **bytes, size_t *n, motcl_err *err) {
  mcl_scope before = mcl_enter(t->worker->library);
  int rc = mcl_job_task_save(t->job, bytes, n, err);
  mcl_leave(before);
  return rc;
}

void motcl_job_close(motcl_job_task *t) {
  if (!t || mcl_worker_in_sink(t->worker->worker) || mcl_worker_out_of_reach(t->worker->worker))
    return;
  mcl_scope before = mcl_enter(t->worker->library);
  mcl_job_task_close(t->job);
  mcl_free(t);
  mcl_leave(before);
}

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
