/* jobtask.c - a request copied, made a session and given to the scheduler. */
#include "job/jobtask.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "job/state.h"

/*
 * negative, noise  copies of what the settings point to
 */
struct mcl_jobtask {
  mcl_worker *worker;
  mcl_session session;
  mcl_run run;
  char *negative;
  float *noise;
  char fingerprint[MCL_FINGERPRINT_ROOM];
};

/* The settings with what they point to; parts are read before the call returns. */
static int copy_settings(mcl_jobtask *t, motcl_settings *s, motcl_err *err) {
  size_t n = s->noise ? s->noise_count : 0;
  if (s->negative && !(t->negative = mcl_strdup(s->negative)))
    return mcl_fail_nomem(err, strlen(s->negative));
  if (n && !(t->noise = mcl_alloc(n, sizeof *t->noise)))
    return mcl_fail_nomem(err, n * sizeof *t->noise);
  if (n)
    memcpy(t->noise, s->noise, n * sizeof *t->noise);
  s->negative = t->negative;
  s->noise = t->noise;
  return MOTCL_OK;
}

static int read_request(mcl_jobtask *t, const motcl_request *request, const motcl_sink *sink,
                        motcl_err *err) {
  motcl_request copy = *request;
  mcl_session *s = &t->session;
  int rc = copy_settings(t, &copy.settings, err);
  if (rc == MOTCL_OK)
    rc = mcl_worker_session(s, t->worker, &copy.settings, copy.seed, sink, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_request(s, &copy, &t->run.need, err);
  return rc == MOTCL_OK ? mcl_session_prepare(s, &t->run.beside, err) : rc;
}

/* Its sink hears of its ending, the last thing it hears. */
static void on_end(const mcl_run *run) {
  mcl_jobtask *t = (mcl_jobtask *)((uintptr_t)run - offsetof(mcl_jobtask, run));
  const motcl_sink *sink = &t->session.sink;
  if (!sink->end)
    return;
  t->worker->callbacks++;
  sink->end(sink->user, run->rc, run->rc == MOTCL_OK ? NULL : &run->err);
  t->worker->callbacks--;
}

/* Refuse it, or let it take part under the name of its plans. */
static int enter(mcl_jobtask *t, motcl_err *err) {
  mcl_worker *w = t->worker;
  mcl_session *s = &t->session;
  const mcl_plan *plan;
  int rc = mcl_scheduler_check(&w->scheduler, &t->run, &plan, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_worker_sign(w, plan, &s, 1);
  memcpy(t->fingerprint, w->fingerprint, sizeof t->fingerprint);
  mcl_scheduler_add(&w->scheduler, &t->run);
  return MOTCL_OK;
}

int mcl_jobtask_submit(mcl_jobtask **out, mcl_worker *w, const motcl_request *request,
                       const motcl_sink *sink, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  int rc = mcl_worker_enter(w, "a request submitted", err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_jobtask *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->worker = w;
  t->run.session = &t->session;
  t->run.priority = request->priority;
  t->run.cancel = cancel;
  t->run.user = user;
  t->run.ended = on_end;
  rc = read_request(t, request, sink, err);
  if (rc == MOTCL_OK)
    rc = enter(t, err);
  if (rc == MOTCL_OK)
    *out = t;
  else
    mcl_jobtask_close(t);
  return rc;
}

int mcl_jobtask_status(const mcl_jobtask *t, motcl_err *err) {
  if (t->run.state != MCL_RUN_ENDED)
    return 1;
  if (t->run.rc != MOTCL_OK && err)
    *err = t->run.err;
  return t->run.rc;
}

const char *mcl_jobtask_fingerprint(const mcl_jobtask *t) {
  return t->fingerprint;
}

void mcl_jobtask_close(mcl_jobtask *t) {
  if (!t || t->worker->callbacks)
    return;
  mcl_scheduler_remove(&t->worker->scheduler, &t->run);
  mcl_session_finish(&t->session);
  mcl_scheduler_trim(&t->worker->scheduler);
  mcl_free(t->negative);
  mcl_free(t->noise);
  mcl_free(t);
}
