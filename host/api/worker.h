/* worker.h - a worker as its calls see it. */
#ifndef MCL_API_WORKER_H
#define MCL_API_WORKER_H

#include <stdatomic.h>

#include "api/library.h"
#include "base/trace.h"
#include "job/run.h"
#include "job/task.h"

/**
 * cancelled  set by motcl_worker_cancel, cleared where a call ends; the only member that several
 *            threads may touch at once
 */
struct motcl_worker {
  motcl *library;
  mcl_worker *worker;
  char *use;
  mcl_trace *trace; /* NULL: nobody asked for one */
  void (*tell_trace)(void *user, const char *json, size_t n);
  void *trace_user;
  motcl_device device;
  atomic_bool cancelled;
};

/**
 * A task as its calls see it.
 *
 * cancelled  set by motcl_task_cancel; the only member that several threads may touch at once
 */
struct motcl_task {
  motcl_worker *worker;
  mcl_task *task;
  atomic_bool cancelled;
};

/**
 * A job as its calls see it.
 *
 * cancelled  set by motcl_job_cancel; the only member that several threads may touch at once
 */
struct motcl_job_task {
  motcl_worker *worker;
  mcl_job_task *job;
  atomic_bool cancelled;
};

/** For loops: whether the worker, given as `user`, was cancelled. */
bool mcl_worker_cancelled(void *user);

#endif
