/* run.h - running a job that came as a message: its events and its result are messages too. */
#ifndef MCL_JOB_RUN_H
#define MCL_JOB_RUN_H

#include "job/worker.h"

/** Who listens to a job: gets Event messages, in order, from the thread that works; may be NULL. */
typedef struct mcl_listener {
  void (*event)(void *user, const uint8_t *bytes, size_t n);
  void *user;
} mcl_listener;

/**
 * Run a Job.
 *
 * device    what the worker runs on
 * cancel    as mcl_worker_run's
 * result    gets a Result message, also of a job that failed; the caller frees it with mcl_free
 *
 * Returns MOTCL_OK when there is a result; otherwise what motcl_job_unpack returns, without any
 * event, MOTCL_EINVAL for a result that is beyond a limit, or MOTCL_ENOMEM.
 */
int mcl_job_run(mcl_worker *w, const motcl_device *device, const uint8_t *job, size_t n,
                const mcl_listener *listener, mcl_cancel_fn cancel, void *user, uint8_t **result,
                size_t *result_n, motcl_err *err);

#endif
