/* run_state.h - a job from inside. Private to job/run.c and job/run_save.c. */
#ifndef MCL_JOB_RUN_STATE_H
#define MCL_JOB_RUN_STATE_H

#include "job/output.h"
#include "job/run.h"
#include "job/task.h"

/**
 * A job as a task.
 *
 * item     of its request, each output with its settings
 * output   [outputs] of them
 * results  [outputs]; `at` is the one under way, and `done` the last that is made
 * told     events so far, also where nobody listens
 * began    when it did here; before: seconds it took elsewhere
 * id       of a job that goes on, which its request does not say
 * task     NULL: it could not begin
 * rc, err  how it ended; before, a failure of ours inside a callback: the task is then cancelled
 * result   [result_bytes] once it has ended; NULL: there was no memory for it
 */
struct mcl_job_task {
  mcl_worker *worker;
  const motcl_device *device;
  mcl_listener listener;
  mcl_cancel_fn cancel;
  void *user;
  motcl_job job;
  motcl_item *item, **output;
  mcl_output *results;
  size_t outputs, at;
  bool done;
  uint64_t told;
  double began, before;
  char *id;
  mcl_task *task;
  bool ended;
  int rc;
  motcl_err err;
  uint8_t *result;
  size_t result_bytes;
};

/** A job that nobody has heard of and that asks for nothing yet. MOTCL_EINVAL inside a sink, and others of
 * mcl_worker_enter. */
int mcl_job_make(mcl_job_task **out, mcl_worker *w, const motcl_device *device,
                 const mcl_listener *listener, mcl_cancel_fn cancel, void *user, motcl_err *err);

/** Its request as items, of whose outputs nothing is made yet. */
int mcl_job_list(mcl_job_task *j, motcl_err *err);

/** What its task is given: where events go, and whether to stop. */
motcl_sink mcl_job_sink(mcl_job_task *j);
bool mcl_job_stopped(void *user);

/** Tell that the work begins. */
int mcl_job_say_started(mcl_job_task *j, motcl_err *err);

/** How long it took so far. */
double mcl_job_seconds(const mcl_job_task *j);

#endif
