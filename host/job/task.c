/* task.c - a request copied, made a session and given to the scheduler. */
#include "job/task.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/log.h"
#include "job/state.h"

/*
 * item, own  [items] of the request, and of outputs the settings with what they point to
 * job        [job_bytes] the request as a Job message, for saving; NULL: no message holds it
 */
struct mcl_task {
  mcl_worker *worker;
  mcl_session session;
  mcl_run run;
  motcl_item *item;
  mcl_output_request **own;
  size_t items;
  uint8_t *job;
  size_t job_bytes;
  char fingerprint[MCL_FINGERPRINT_SIZE];
};

/* Outputs' settings with what they point to; inputs are read before the call returns. */
static int copy_items(mcl_task *t, motcl_request *r, motcl_err *err) {
  size_t n;
  int rc = motcl_request_items(&t->item, &n, r, err);
  if (rc != MOTCL_OK)
    return rc;
  t->own = (mcl_output_request **)mcl_zalloc(n, sizeof(mcl_output_request *));
  if (!t->own)
    return mcl_fail_nomem(err, n * sizeof(mcl_output_request *));
  t->items = r->items = n;
  r->item = t->item;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    motcl_item *item = &t->item[i];
    if (item->kind != MOTCL_ITEM_OUTPUT)
      continue;
    rc = mcl_output_request_make(&t->own[i], item->output, item->seed, item->settings, err);
    if (rc == MOTCL_OK)
      item->settings = &t->own[i]->settings;
  }
  return rc;
}

/* What no message holds can be done, but not saved. */
static int pack_request(mcl_task *t, const motcl_request *request, motcl_err *err) {
  const motcl_job job = {.request = *request, .priority = request->priority};
  int rc = motcl_job_pack(&job, &t->job, &t->job_bytes, err);
  return rc == MOTCL_EINVAL ? MOTCL_OK : rc;
}

static int read_request(mcl_task *t, const motcl_request *request, const motcl_sink *sink,
                        motcl_err *err) {
  motcl_request whole = *request;
  mcl_session *s = &t->session;
  if (!whole.settings.protocol) /* which another folder with these weights need not have */
    whole.settings.protocol = mcl_worker_protocol(t->worker);
  motcl_request copy = whole;
  int rc = motcl_request_check(request, err);
  if (rc == MOTCL_OK)
    rc = copy_items(t, &copy, err);
  if (rc == MOTCL_OK)
    rc = pack_request(t, &whole, err);
  if (rc == MOTCL_OK)
    rc = mcl_worker_session(s, t->worker, &copy.settings, copy.seed, sink, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_request(s, &copy, &t->run.footprint, err);
  return rc == MOTCL_OK ? mcl_session_prepare(s, &t->run.beside, err) : rc;
}

static void tell_end(mcl_worker *w, const motcl_sink *sink, int rc, const motcl_err *why) {
  if (!sink->end)
    return;
  w->callbacks++;
  sink->end(sink->user, rc, rc == MOTCL_OK ? NULL : why);
  w->callbacks--;
}

/* Its sink hears of its ending, the last thing it hears. */
static void on_end(const mcl_run *run) {
  mcl_task *t = (mcl_task *)((uintptr_t)run - offsetof(mcl_task, run));
  tell_end(t->worker, &t->session.sink, run->rc, &run->err);
}

/* Refuse it, or let it take part under the name of its plans. */
static int enter(mcl_task *t, motcl_err *err) {
  mcl_worker *w = t->worker;
  mcl_session *s = &t->session;
  const mcl_plan *plan;
  int rc = mcl_scheduler_check(&w->scheduler, &t->run, &plan, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_worker_update_fingerprint(w, plan, &s, 1);
  memcpy(t->fingerprint, w->fingerprint, sizeof t->fingerprint);
  mcl_scheduler_add(&w->scheduler, &t->run);
  return MOTCL_OK;
}

/* A new task, or one that goes on from what was saved. */
static int make(mcl_task **out, mcl_worker *w, const motcl_request *request,
                const mcl_saved_task *saved, const motcl_sink *sink, mcl_cancel_fn cancel,
                void *user, motcl_err *err) {
  int rc = mcl_worker_enter(w, "a request submitted", err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_task *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->worker = w;
  t->run.session = &t->session;
  t->run.priority = request->priority;
  t->run.last = true;
  t->run.cancel = cancel;
  t->run.most = w->limits.seconds;
  t->run.user = user;
  t->run.ended = on_end;
  rc = read_request(t, request, sink, err);
  if (rc == MOTCL_OK && saved)
    rc = mcl_session_restore(&t->session, &saved->state, &t->run.footprint, err);
  if (rc == MOTCL_OK)
    rc = enter(t, err);
  if (rc == MOTCL_OK)
    *out = t;
  else
    mcl_task_close(t);
  return rc;
}

int mcl_task_submit(mcl_task **out, mcl_worker *w, const motcl_request *request,
                    const motcl_sink *sink, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  return make(out, w, request, NULL, sink, cancel, user, err);
}

int mcl_task_save(const mcl_task *t, uint8_t **bytes, size_t *n, motcl_err *err) {
  mcl_saved_task saved = {.job = t->job, .job_bytes = t->job_bytes};
  int rc = mcl_worker_enter(t->worker, "a task saved", err);
  if (rc == MOTCL_OK && t->run.state == MCL_RUN_ENDED)
    rc = mcl_fail(err, MOTCL_EINVAL, "a task that has ended cannot be saved");
  if (rc == MOTCL_OK && !t->job)
    rc = mcl_fail(err, MOTCL_EINVAL,
                  "this request cannot be saved: no message holds it; see motcl_job_pack");
  if (rc == MOTCL_OK)
    rc = mcl_worker_digest(t->worker, &saved.model, err);
  if (rc == MOTCL_OK)
    rc = mcl_session_save(&t->session, &saved.state, err);
  if (rc != MOTCL_OK)
    return rc;
  memcpy(saved.fingerprint, t->fingerprint, sizeof saved.fingerprint);
  rc = mcl_saved_task_pack(&saved, bytes, n, err);
  mcl_checkpoint_finish(&saved.state);
  return rc;
}

static int same_model(mcl_worker *w, const mcl_saved_task *saved, motcl_err *err) {
  mcl_digest here;
  int rc = mcl_worker_digest(w, &here, err);
  if (rc == MOTCL_OK && memcmp(&here, &saved->model, sizeof here) != 0)
    rc = mcl_fail(err, MOTCL_EMODEL,
                  "the task was saved with another model; resume it with the one it began with");
  return rc;
}

/* Its bytes may differ from those of the task that was saved, if it may go on so. */
static int other_fingerprint(bool exact, motcl_err *err) {
  if (exact)
    return mcl_fail(err, MOTCL_EUNSUPPORTED,
                    "the task began with another device, driver or version, so that results would "
                    "differ in rounding; go on there, or begin again here");
  mcl_log_message(MOTCL_LOG_WARNING,
                  "the task goes on with another device, driver or version than it began with: "
                  "results will differ in rounding");
  return MOTCL_OK;
}

int mcl_task_go_on(mcl_task **out, mcl_worker *w, const mcl_saved_task *saved, const motcl_job *job,
                   bool exact, const motcl_sink *sink, mcl_cancel_fn cancel, void *user,
                   motcl_err *err) {
  motcl_request request = job->request;
  mcl_task *t = NULL;
  int rc = same_model(w, saved, err);
  if (rc == MOTCL_OK && job->unseeded)
    rc = mcl_fail(err, MOTCL_EFORMAT, "the saved task has no seed; submit the request again");
  request.priority = job->priority;
  if (rc == MOTCL_OK)
    rc = make(&t, w, &request, saved, sink, cancel, user, err);
  if (rc == MOTCL_OK && strcmp(t->fingerprint, saved->fingerprint) != 0)
    rc = other_fingerprint(exact, err);
  if (rc == MOTCL_OK)
    *out = t;
  else
    mcl_task_close(t);
  return rc;
}

int mcl_task_resume(mcl_task **out, mcl_worker *w, const uint8_t *bytes, size_t n,
                    const motcl_sink *sink, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  mcl_saved_task saved;
  motcl_job job = {0};
  int rc = mcl_saved_task_unpack(&saved, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = motcl_job_unpack(&job, saved.job, saved.job_bytes, err);
  if (rc == MOTCL_OK)
    rc = mcl_task_go_on(out, w, &saved, &job, false, sink, cancel, user, err);
  motcl_job_finish(&job);
  mcl_saved_task_finish(&saved);
  return rc;
}

uint32_t mcl_task_output(const mcl_task *t) {
  return mcl_session_output(&t->session);
}

int mcl_task_status(const mcl_task *t, motcl_err *err) {
  if (t->run.state != MCL_RUN_ENDED)
    return 1;
  if (t->run.rc != MOTCL_OK && err)
    *err = t->run.err;
  return t->run.rc;
}

const char *mcl_task_fingerprint(const mcl_task *t) {
  return t->fingerprint;
}

void mcl_task_close(mcl_task *t) {
  if (!t || t->worker->callbacks || mcl_worker_out_of_reach(t->worker))
    return;
  mcl_scheduler_remove(&t->worker->scheduler, &t->run);
  mcl_session_finish(&t->session);
  mcl_scheduler_trim(&t->worker->scheduler);
  for (size_t i = 0; i < t->items; i++)
    mcl_output_request_unref(t->own[i]);
  mcl_free((void *)t->own);
  mcl_free(t->item);
  mcl_free(t->job);
  mcl_free(t);
}

/* ---- requests done at once ---- */

/* One of several requests, until it has ended: its task, or why there is none. */
typedef struct mcl_asked {
  mcl_task *task;
  int refused;
  motcl_err why;
} mcl_asked;

static void submit(mcl_asked *a, mcl_worker *w, const motcl_request *request,
                   const motcl_sink *sink, mcl_cancel_fn cancel, void *user) {
  a->refused = mcl_task_submit(&a->task, w, request, sink, cancel, user, &a->why);
  if (a->refused != MOTCL_OK && sink)
    tell_end(w, sink, a->refused, &a->why);
}

static int status_of(const mcl_asked *a, motcl_err *err) {
  if (a->task)
    return mcl_task_status(a->task, err);
  if (err)
    *err = a->why;
  return a->refused;
}

/* How the first of them that failed did. */
static int first_failure(const mcl_asked *asked, size_t n, motcl_err *err) {
  for (size_t i = 0; i < n; i++) {
    int rc = status_of(&asked[i], err);
    if (rc != MOTCL_OK)
      return n > 1 ? mcl_err_prefix(err, rc, "request %zu of %zu", i + 1, n) : rc;
  }
  return MOTCL_OK;
}

static bool under_way(const mcl_asked *asked, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (status_of(&asked[i], NULL) == 1)
      return true;
  return false;
}

int mcl_worker_run(mcl_worker *w, const motcl_request *request, const motcl_sink *sink, size_t n,
                   mcl_cancel_fn cancel, void *user, motcl_err *err) {
  int rc = mcl_worker_enter(w, "requests done", err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_asked *asked = mcl_zalloc(n, sizeof *asked);
  if (!asked)
    return mcl_fail_nomem(err, n * sizeof *asked);
  *w->fingerprint = 0;
  for (size_t i = 0; i < n; i++)
    submit(&asked[i], w, &request[i], sink ? &sink[i] : NULL, cancel, user);
  while (rc == MOTCL_OK && under_way(asked, n))
    rc = mcl_worker_go_on(w, err);
  if (rc == MOTCL_OK)
    rc = first_failure(asked, n, err);
  for (size_t i = n; i-- > 0;)
    mcl_task_close(asked[i].task);
  mcl_free(asked);
  return rc;
}
