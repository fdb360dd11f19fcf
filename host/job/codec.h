/* codec.h - jobs as messages: proto/motcl/v1/job.proto, which says what every field means, to and
 * from the request that a worker runs. */
#ifndef MCL_JOB_CODEC_H
#define MCL_JOB_CODEC_H

#include "session/request.h"
#include "text/tokenizer.h"

/* Most bytes of a message, a text (a negative one too), a picture, the strings; most parts, labels,
 * noise values, and fields in all. */
#define MCL_JOB_MAX_BYTES ((size_t)1 << 30)
#define MCL_JOB_MAX_TEXT MCL_TOK_TEXT_MAX
#define MCL_JOB_MAX_PICTURE ((size_t)256 << 20)
#define MCL_JOB_MAX_NOISE ((size_t)1 << 24)
enum {
  MCL_JOB_MAX_PARTS = 1024,
  MCL_JOB_MAX_LABELS = 64,
  MCL_JOB_MAX_ID = 128,
  MCL_JOB_MAX_MODEL = 256,
  MCL_JOB_MAX_KEY = 128,
  MCL_JOB_MAX_VALUE = 1024,
  MCL_JOB_MAX_FIELDS = 65536
};

/** A note of the sender's; UTF-8, never NULL. */
typedef struct mcl_label {
  const char *key, *value;
} mcl_label;

/** What an unpacked job points into. */
typedef struct mcl_job_store mcl_job_store;

/**
 * A request with what travels around it. {0} is a job that asks for nothing.
 *
 * request   what to do. Its pass_rows is the runner's and does not travel, nor do its parts' names
 * id        the sender's name for it, or NULL
 * model     the name of the model, or NULL
 * unseeded  request.seed says nothing: whoever runs the job draws one
 * priority  higher goes first
 * deadline  milliseconds since 1970-01-01 00:00 UTC after which nobody wants the result; 0 is never
 * label     [labels]
 * store     of an unpacked job, else NULL: everything above points into it, and fields that this
 *           version does not know are in it. What a job without one points to is borrowed
 */
typedef struct mcl_job {
  motcl_request request;
  const char *id, *model;
  bool unseeded;
  int32_t priority;
  uint64_t deadline;
  const mcl_label *label;
  size_t labels;
  mcl_job_store *store;
} mcl_job;

/**
 * Write a job as a message: every setting, also one that is its default, so that the message says
 * the same to a version with other defaults. Fields of an unpacked job that this version does not
 * know are written too; those of a part or a label with that part or label's place, if there are as
 * many as there were.
 *
 * bytes  gets the message; the caller frees it with mcl_free
 * n      gets its length
 *
 * Returns MOTCL_EINVAL, with a sentence, for what a message cannot hold: something over a limit, a
 * text that is empty, holds a NUL or is no UTF-8, a number that is none. Ranges of settings are
 * motcl_request_check's. MOTCL_ENOMEM. Any thread.
 */
int mcl_job_pack(const mcl_job *job, uint8_t **bytes, size_t *n, motcl_err *err);

/**
 * Read a message that may come from anybody. Settings it does not name become those of
 * motcl_request_default, of an edit where it wants a picture and has one; its ranges are for
 * motcl_request_check, which a worker calls.
 *
 * job    gets the job, which no longer needs `bytes`; the caller ends it with mcl_job_finish
 *
 * Returns MOTCL_EFORMAT, with a sentence, for bytes that are no such message, something over a
 * limit, a text that is empty, holds a NUL or is no UTF-8, a part that is neither text nor picture,
 * an unknown enum value, a number that is none, or no output or several; MOTCL_ENOMEM. *job is then
 * untouched. Any thread.
 */
int mcl_job_unpack(mcl_job *job, const uint8_t *bytes, size_t n, motcl_err *err);

/** Free what mcl_job_unpack made, and clear *job. A cleared job is fine. */
void mcl_job_finish(mcl_job *job);

#endif
