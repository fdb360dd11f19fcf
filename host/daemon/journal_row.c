/* journal_row.c - see journal_row.h. */
#include "daemon/journal_row.h"

#include <sys/types.h>

#include <sha2.h>
#include <string.h>

/* Columns go through here in their order, whether they are bound or only summed. */
typedef struct columns {
  mcl_query *q; /* NULL: they are summed only */
  SHA2_CTX sum;
} columns;

mcl_sha256 mcl_sha256_of(const void *bytes, size_t n) {
  mcl_sha256 out;
  SHA2_CTX c;
  SHA256Init(&c);
  SHA256Update(&c, bytes, n);
  SHA256Final(out.bits, &c);
  return out;
}

static void add_int(columns *c, uint64_t value) {
  uint8_t le[8];
  for (int i = 0; i < 8; i++)
    le[i] = (uint8_t)(value >> 8 * i);
  SHA256Update(&c->sum, le, sizeof le);
}

static void put_int(columns *c, uint64_t value) {
  add_int(c, value);
  if (c->q)
    mcl_query_int(c->q, value);
}

/* The length comes first, so that what ends one text cannot begin the next. */
static void put_bytes(columns *c, const void *bytes, size_t n) {
  add_int(c, n);
  if (n)
    SHA256Update(&c->sum, bytes, n);
  if (c->q)
    mcl_query_bytes(c->q, bytes, n);
}

static void put_text(columns *c, const char *text) {
  size_t n = text ? strlen(text) : 0;
  add_int(c, n);
  if (n)
    SHA256Update(&c->sum, (const uint8_t *)text, n);
  if (c->q)
    mcl_query_text(c->q, text);
}

/* The number is part of both sums, so that neither half of a row passes for another job's. */
static columns begin(mcl_query *q, const mcl_journal_job *job) {
  columns c = {.q = q};
  SHA256Init(&c.sum);
  add_int(&c, job->number);
  return c;
}

static void end(columns *c, mcl_sha256 *sum) {
  SHA256Final(sum->bits, &c->sum);
  if (c->q)
    mcl_query_bytes(c->q, sum->bits, sizeof sum->bits);
}

void mcl_row_submitted(mcl_query *q, const mcl_journal_job *job, mcl_sha256 *sum) {
  columns c = begin(q, job);
  put_text(&c, job->id);
  put_int(&c, job->user);
  put_bytes(&c, job->digest, sizeof job->digest);
  put_int(&c, job->message_bytes);
  put_text(&c, job->model);
  put_text(&c, job->what);
  put_bytes(&c, job->labels, job->labels_bytes);
  put_int(&c, (uint64_t)(int64_t)job->priority);
  put_int(&c, job->deadline_ms);
  put_int(&c, job->submitted_ms);
  end(&c, sum);
}

void mcl_row_changing(mcl_query *q, const mcl_journal_job *job, const mcl_sha256 *result,
                      mcl_sha256 *sum) {
  columns c = begin(q, job);
  put_int(&c, (uint64_t)job->state);
  put_int(&c, job->hold);
  put_int(&c, job->cancel);
  put_int(&c, job->attempts);
  put_int(&c, job->crashes);
  put_int(&c, (uint64_t)(int64_t)job->code);
  put_text(&c, job->device);
  put_text(&c, job->sentence);
  put_int(&c, job->changed_ms);
  put_int(&c, job->result_bytes);
  put_bytes(&c, result, result ? sizeof *result : 0);
  end(&c, sum);
}

/* Where a job's columns are in MCL_SQL_JOB, in the order of journal_sql.h. */
enum {
  NUMBER,
  ID,
  USER,
  DIGEST,
  MESSAGE_BYTES,
  MODEL,
  WHAT,
  LABELS,
  PRIORITY,
  DEADLINE,
  SUBMITTED,
  SUM,
  STATE,
  HOLD,
  CANCEL,
  ATTEMPTS,
  CRASHES,
  CODE,
  DEVICE,
  SENTENCE,
  CHANGED,
  RESULT_BYTES,
  RESULT_DIGEST,
  STATE_SUM,
  SAVED
};

static bool read_sum(const mcl_query *q, int column, mcl_sha256 *sum) {
  size_t n;
  const uint8_t *bytes = mcl_query_get_bytes(q, column, &n);
  bool ok = bytes && n == sizeof sum->bits;
  if (ok)
    memcpy(sum->bits, bytes, n);
  return ok;
}

static bool is_sum(const mcl_query *q, int column, const mcl_sha256 *expected) {
  mcl_sha256 sum;
  return read_sum(q, column, &sum) && memcmp(&sum, expected, sizeof sum) == 0;
}

static bool read_submitted(const mcl_query *q, mcl_journal_job *job) {
  mcl_sha256 digest, sum;
  job->model = mcl_query_get_text(q, MODEL);
  job->what = mcl_query_get_text(q, WHAT);
  job->labels = (const char *)mcl_query_get_bytes(q, LABELS, &job->labels_bytes);
  if (!job->id || !job->model || !job->what || !job->labels || !read_sum(q, DIGEST, &digest))
    return false;
  memcpy(job->digest, digest.bits, sizeof digest.bits);
  job->message_bytes = mcl_query_get_int(q, MESSAGE_BYTES);
  job->priority = (int32_t)mcl_query_get_int(q, PRIORITY);
  job->deadline_ms = mcl_query_get_int(q, DEADLINE);
  mcl_row_submitted(NULL, job, &sum);
  return is_sum(q, SUM, &sum);
}

static bool read_changing(const mcl_query *q, mcl_journal_job *job, mcl_sha256 *result) {
  mcl_sha256 sum;
  bool has_result = read_sum(q, RESULT_DIGEST, result);
  job->device = mcl_query_get_text(q, DEVICE);
  job->sentence = mcl_query_get_text(q, SENTENCE);
  if (!job->device || !job->sentence)
    return false;
  job->state = (mcl_job_state)mcl_query_get_int(q, STATE);
  job->hold = mcl_query_get_int(q, HOLD) != 0;
  job->cancel = mcl_query_get_int(q, CANCEL) != 0;
  job->attempts = (uint32_t)mcl_query_get_int(q, ATTEMPTS);
  job->crashes = (uint32_t)mcl_query_get_int(q, CRASHES);
  job->code = (int)mcl_query_get_int(q, CODE);
  job->changed_ms = mcl_query_get_int(q, CHANGED);
  job->result_bytes = mcl_query_get_int(q, RESULT_BYTES);
  mcl_row_changing(NULL, job, has_result ? result : NULL, &sum);
  return is_sum(q, STATE_SUM, &sum);
}

int mcl_row_read(const mcl_query *q, mcl_journal_job *job, mcl_sha256 *result, bool *sound,
                 motcl_err *err) {
  *job = (mcl_journal_job){.number = mcl_query_get_int(q, NUMBER),
                           .id = mcl_query_get_text(q, ID),
                           .user = (uint32_t)mcl_query_get_int(q, USER),
                           .submitted_ms = mcl_query_get_int(q, SUBMITTED),
                           .saved_ms = mcl_query_get_int(q, SAVED)};
  *sound = read_submitted(q, job);
  *sound = read_changing(q, job, result) && *sound;
  return *sound ? MOTCL_OK
                : mcl_query_memory(q, err); /* what was not read for that is not damaged */
}
