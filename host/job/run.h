/* run.h - a Job message as a task: its events and its result are messages too. */
#ifndef MCL_JOB_RUN_H
#define MCL_JOB_RUN_H

#include "job/worker.h"

typedef struct mcl_job_task mcl_job_task;

/** Who listens to a job: gets Event messages, in order, from the thread that works; may be NULL. */
typedef struct mcl_listener {
  void (*event)(void *user, const uint8_t *bytes, size_t n);
  void *user;
} mcl_listener;

/**
 * Submit a Job message: mcl_worker_step does the work.
 *
 * out       closed with mcl_job_task_close, before the worker; set before the first event
 * device    what the worker runs on; borrowed while the job lives
 * listener  copied
 * cancel    as mcl_task_submit's
 *
 * Returns MOTCL_OK also for a job that cannot begin, which has ended then. Otherwise, without any event:
 * what motcl_job_unpack returns, MOTCL_EINVAL inside a sink, MOTCL_ELOST where the device hangs,
 * MOTCL_ENOMEM.
 */
int mcl_job_task_submit(mcl_job_task **out, mcl_worker *w, const motcl_device *device,
                        const uint8_t *job, size_t n, const mcl_listener *listener,
                        mcl_cancel_fn cancel, void *user, motcl_err *err);

/**
 * Save a job that has not ended, between two steps: a SavedJob message (checkpoint.proto).
 *
 * bytes  gets it; the caller frees it with mcl_free
 *
 * Returns what mcl_task_save does; why a job fails that has not ended yet.
 */
int mcl_job_task_save(const mcl_job_task *j, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Go on from a SavedJob message, which may be anybody's.
 *
 * exact  as mcl_task_go_on's
 *
 * Returns MOTCL_EFORMAT for bytes that are no such message or do not belong together, MOTCL_EMODEL for a
 * job of another model, MOTCL_EUNSUPPORTED for what `exact` refuses, and what mcl_task_submit returns; no
 * event was told then.
 */
int mcl_job_task_resume(mcl_job_task **out, mcl_worker *w, const motcl_device *device,
                        const uint8_t *saved, size_t n, bool exact, const mcl_listener *listener,
                        mcl_cancel_fn cancel, void *user, motcl_err *err);

/** 1 under way, MOTCL_OK done, else why it ended, with its sentence. */
int mcl_job_task_status(const mcl_job_task *j, motcl_err *err);

/** The Result message of a job that has ended, which is the job's. MOTCL_EINVAL for one under way;
 * MOTCL_ENOMEM if there was no memory for it. */
int mcl_job_task_result(const mcl_job_task *j, const uint8_t **bytes, size_t *n, motcl_err *err);

/** Give it up, whether it has ended or not; nobody hears anything more. NULL is fine; inside a sink
 * nothing happens. */
void mcl_job_task_close(mcl_job_task *j);

/**
 * Run a Job message: submit it, and step until it has ended.
 *
 * result  gets its Result message; the caller frees it with mcl_free
 *
 * Returns MOTCL_OK when there is a result; otherwise what mcl_job_task_submit or mcl_job_task_result returns.
 */
int mcl_job_run(mcl_worker *w, const motcl_device *device, const uint8_t *job, size_t n,
                const mcl_listener *listener, mcl_cancel_fn cancel, void *user, uint8_t **result,
                size_t *result_n, motcl_err *err);

#endif
