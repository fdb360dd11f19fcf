/* task.h - a request on its way, from being submitted to its ending: the one object that command,
 * sessions by hand, jobs and library step. */
#ifndef MCL_JOB_TASK_H
#define MCL_JOB_TASK_H

#include "job/message/checkpoint.h"
#include "job/worker.h"

typedef struct mcl_task mcl_task;

/**
 * Submit a request: it is copied, read, checked and planned, and refused if it can never fit.
 * mcl_worker_step does the work; a request that fits alone but not now waits for its turn.
 *
 * out     closed with mcl_task_close, before the worker
 * sink    copied; may be NULL
 * cancel  asked between layers and steps; may be NULL
 *
 * Returns MOTCL_EFIT with the memory that is needed, MOTCL_EINVAL inside a sink, and others as
 * mcl_session_request.
 */
int mcl_task_submit(mcl_task **out, mcl_worker *w, const motcl_request *request,
                    const motcl_sink *sink, mcl_cancel_fn cancel, void *user, motcl_err *err);

/**
 * Save a task that has not ended, between two steps: a Checkpoint message (checkpoint.proto).
 *
 * bytes  gets it; the caller frees it with mcl_free
 *
 * Returns MOTCL_EINVAL for one that has ended, records inner arrays, whose request a message cannot
 * hold, or inside a sink; MOTCL_ENOMEM, or what reading from the device returns.
 */
int mcl_task_save(const mcl_task *t, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Go on from a Checkpoint message, which may be anybody's; otherwise as mcl_task_submit.
 *
 * Returns MOTCL_EFORMAT for bytes that are no such message or do not belong together, MOTCL_EMODEL
 * for one of another model, and what mcl_task_submit returns.
 */
int mcl_task_resume(mcl_task **out, mcl_worker *w, const uint8_t *bytes, size_t n,
                    const motcl_sink *sink, mcl_cancel_fn cancel, void *user, motcl_err *err);

/**
 * Go on from a task that was read, whose request is `job`'s.
 *
 * exact  MOTCL_EUNSUPPORTED where its fingerprint would be another
 *
 * Otherwise as mcl_task_resume.
 */
int mcl_task_go_on(mcl_task **out, mcl_worker *w, const mcl_saved_task *saved, const motcl_job *job,
                   bool exact, const motcl_sink *sink, mcl_cancel_fn cancel, void *user,
                   motcl_err *err);

/** Of a task that has not ended, the output at work, from 0. */
uint32_t mcl_task_output(const mcl_task *t);

/** 1 under way, MOTCL_OK done, else why it ended, with its sentence. */
int mcl_task_status(const mcl_task *t, motcl_err *err);

/** What its bytes depend on besides request and model. */
const char *mcl_task_fingerprint(const mcl_task *t);

/** Give it up, whether it has ended or not; its sink hears nothing more. NULL is fine; inside a
 * sink nothing happens. */
void mcl_task_close(mcl_task *t);

#endif
