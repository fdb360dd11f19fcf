/* checkpoint.h - a saved task to and from a Checkpoint message. */
#ifndef MCL_JOB_MESSAGE_CHECKPOINT_H
#define MCL_JOB_MESSAGE_CHECKPOINT_H

#include "model/digest.h"
#include "plan/fingerprint.h"
#include "session/checkpoint.h"

/** A task as it is saved. `job` is a Job message. */
typedef struct mcl_saved_task {
  uint8_t *job;
  size_t job_bytes;
  mcl_digest model;
  char fingerprint[MCL_FINGERPRINT_SIZE];
  mcl_checkpoint state;
} mcl_saved_task;

void mcl_saved_task_finish(mcl_saved_task *t);

/**
 * Write it.
 *
 * bytes  gets the message; the caller frees it with mcl_free
 *
 * Returns MOTCL_EINVAL for something beyond a limit, MOTCL_ENOMEM.
 */
int mcl_saved_task_pack(const mcl_saved_task *t, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Read one, which may be anybody's.
 *
 * t  gets it; ended with mcl_saved_task_finish
 *
 * Returns MOTCL_EFORMAT for bytes that are no such message, something over a limit or of a later
 * format; MOTCL_ENOMEM.
 */
int mcl_saved_task_unpack(mcl_saved_task *t, const uint8_t *bytes, size_t n, motcl_err *err);

#endif
