/* saved_job.h - a saved job to and from a SavedJob message. */
#ifndef MCL_JOB_MESSAGE_SAVED_JOB_H
#define MCL_JOB_MESSAGE_SAVED_JOB_H

#include "base/err.h"

/** What came of an output so far: words_bytes bytes that the model wrote, and of a picture that is there
 * its file, else NULL. */
typedef struct mcl_saved_output {
  const void *words, *file;
  size_t words_bytes, bytes;
  uint32_t width, height;
} mcl_saved_output;

/**
 * A job as it is saved.
 *
 * id       or NULL
 * task     a Checkpoint message
 * events   told so far
 * seconds  worked so far
 * output   [outputs] that were begun, the last of them at work
 * store    of one that was read, else NULL: everything above points into it
 */
typedef struct mcl_saved_job {
  const char *id;
  const uint8_t *task;
  size_t task_bytes;
  uint64_t events;
  double seconds;
  const mcl_saved_output *output;
  size_t outputs;
  motcl_store *store;
} mcl_saved_job;

/**
 * Write it.
 *
 * bytes  gets the message; the caller frees it with mcl_free
 *
 * Returns MOTCL_EINVAL for something beyond a limit, MOTCL_ENOMEM.
 */
int mcl_saved_job_pack(const mcl_saved_job *j, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Read one, which may be anybody's. Words are UTF-8 then, and pictures have the sides they say.
 *
 * j  gets it; ended with mcl_saved_job_finish
 *
 * Returns MOTCL_EFORMAT for bytes that are no such message, something over a limit or of a later
 * format, MOTCL_ENOMEM.
 */
int mcl_saved_job_unpack(mcl_saved_job *j, const uint8_t *bytes, size_t n, motcl_err *err);

/** Free what reading made, and clear *j. */
void mcl_saved_job_finish(mcl_saved_job *j);

#endif
