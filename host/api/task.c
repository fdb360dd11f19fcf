/* task.c - motcl_task: calls that enter the library's allocator and log and leave them. */
#include "api/worker.h"
#include "base/err.h"
#include "base/mem.h"

static bool stopped(void *user) {
  motcl_task *t = user;
  return atomic_load(&t->cancelled);
}

/* Of a request, or of n bytes that were saved. */
static int make(motcl_task **out, motcl_worker *w, const motcl_request *r, const uint8_t *bytes,
                size_t n, const motcl_sink *s, motcl_err *err) {
  motcl_task *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->worker = w;
  atomic_init(&t->cancelled, false);
  int rc = r ? mcl_task_submit(&t->task, w->worker, r, s, stopped, t, err)
             : mcl_task_resume(&t->task, w->worker, bytes, n, s, stopped, t, err);
  if (rc == MOTCL_OK)
    *out = t;
  else
    mcl_free(t);
  return rc;
}

int motcl_worker_submit(motcl_worker *w, const motcl_request *r, const motcl_sink *s,
                        motcl_task **out, motcl_err *err) {
  mcl_scope before = mcl_enter(w->library);
  int rc = make(out, w, r, NULL, 0, s, err);
  mcl_leave(before);
  return rc;
}

int motcl_task_resume(motcl_worker *w, const uint8_t *bytes, size_t n, const motcl_sink *s,
                      motcl_task **out, motcl_err *err) {
  mcl_scope before = mcl_enter(w->library);
  int rc = make(out, w, NULL, bytes, n, s, err);
  mcl_leave(before);
  return rc;
}

int motcl_task_save(motcl_task *t, uint8_t **bytes, size_t *n, motcl_err *err) {
  mcl_scope before = mcl_enter(t->worker->library);
  int rc = mcl_task_save(t->task, bytes, n, err);
  mcl_leave(before);
  return rc;
}

int motcl_worker_step(motcl_worker *w, bool *busy, motcl_err *err) {
  bool more = false;
  mcl_scope before = mcl_enter(w->library);
  int rc = mcl_worker_step(w->worker, &more, err);
  mcl_leave(before);
  if (rc == MOTCL_OK)
    *busy = more;
  return rc;
}

int motcl_task_status(const motcl_task *t, motcl_err *err) {
  return mcl_task_status(t->task, err);
}

const char *motcl_task_fingerprint(const motcl_task *t) {
  return mcl_task_fingerprint(t->task);
}

void motcl_task_cancel(motcl_task *t) {
  atomic_store(&t->cancelled, true);
}

void motcl_task_close(motcl_task *t) {
  if (!t || mcl_worker_in_sink(t->worker->worker) || mcl_worker_out_of_reach(t->worker->worker))
    return;
  mcl_scope before = mcl_enter(t->worker->library);
  mcl_task_close(t->task);
  mcl_free(t);
  mcl_leave(before);
}
