/* daemon_inside.h - what becomes of a job, for daemon.c and asked.c, which tell it. */
#ifndef MCL_DAEMON_DAEMON_INSIDE_H
#define MCL_DAEMON_DAEMON_INSIDE_H

#include "daemon/daemon.h"

#define WAITING MOTCL__V1__JOB_STATE__JOB_WAITING
#define HELD MOTCL__V1__JOB_STATE__JOB_HELD
#define RUNNING MOTCL__V1__JOB_STATE__JOB_RUNNING
#define DONE MOTCL__V1__JOB_STATE__JOB_DONE
#define FAILED MOTCL__V1__JOB_STATE__JOB_FAILED
#define CANCELLED MOTCL__V1__JOB_STATE__JOB_CANCELLED

/** Whether the journal has kept something, by what it returned. If not, why is told; in trouble all that runs
 * is stopped. */
bool mcl_daemon_kept(mcl_daemon *d, int rc, const motcl_err *err);

/** Let a job come into another state that is no end, and tell. The caller looks at d->trouble. */
void mcl_daemon_to(mcl_daemon *d, mcl_daemon_job *job, mcl_job_state state, const char *reason);

/**
 * The one end of a job. If it cannot be kept, the job goes on from where it was saved, once that can.
 *
 * result  [n] a Result; NULL: one is made of code and sentence
 */
void mcl_daemon_finish_job(mcl_daemon *d, mcl_daemon_job *job, mcl_job_state state, int code,
                           const char *sentence, const void *result, size_t n);

/** Tell the device that a job is on to cancel it, or to save it and let it go. */
void mcl_daemon_order(mcl_daemon_job *job, Motcl__V1__Order__WhatCase what);

/** Put jobs that wait on devices that have room. */
void mcl_daemon_dispatch(mcl_daemon *d);

#endif
