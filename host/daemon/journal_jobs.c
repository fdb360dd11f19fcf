/* journal_jobs.c - a job's way through the journal: accepted, changed, saved, finished, forgotten. A call that
 * writes stands between enter and leave, which make a transaction of it and know of trouble. */
#include <inttypes.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "daemon/journal.h"
#include "daemon/journal_inside.h"

#define MOST_BYTES ((size_t)900 << 20) /* of a message or saved state: SQLite takes 1e9 */

/* The job that has this id, if any has. */
static int find(mcl_journal *j, const mcl_journal_job *job, uint64_t *number, mcl_acceptance *how,
                motcl_err *err) {
  bool row = false;
  size_t n;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_KNOWN);
  mcl_query_text(&q, job->id);
  int rc = mcl_query_row(&q, &row, err);
  *how = MCL_ACCEPTED;
  if (rc == MOTCL_OK && row) {
    const uint8_t *digest = mcl_query_get_bytes(&q, 2, &n);
    bool same = mcl_query_get_int(&q, 1) == job->user && digest && n == sizeof job->digest &&
                memcmp(digest, job->digest, n) == 0;
    *number = mcl_query_get_int(&q, 0);
    *how = same ? MCL_ACCEPTED_BEFORE : MCL_ACCEPTED_OTHER;
    rc = mcl_query_memory(&q, err);
  }
  mcl_query_end(&q);
  return rc;
}

static int next_number(mcl_journal *j, uint64_t *number, motcl_err *err) {
  bool row;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_NEXT);
  int rc = mcl_query_row(&q, &row, err);
  if (rc == MOTCL_OK)
    *number = mcl_query_get_int(&q, 0);
  mcl_query_end(&q);
  return rc;
}

static int insert(mcl_journal *j, const mcl_journal_job *job, const void *message, size_t n,
                  motcl_err *err) {
  int rc = mcl_journal_put_row(j, MCL_SQL_INSERT, job, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_PUT_MESSAGE);
  mcl_query_int(&q, job->number);
  mcl_query_bytes(&q, message, n);
  rc = mcl_query_run(&q, err);
  return rc == MOTCL_OK ? mcl_journal_put_event(j, job, "", err) : rc;
}

static int accept_job(mcl_journal *j, mcl_journal_job *job, const void *message, size_t n,
                      mcl_acceptance *how, motcl_err *err) {
  mcl_journal_job got = *job;
  int rc = find(j, &got, &got.number, how, err);
  if (rc == MOTCL_OK && *how == MCL_ACCEPTED) {
    rc = next_number(j, &got.number, err);
    if (rc == MOTCL_OK)
      rc = insert(j, &got, message, n, err);
  }
  if (rc == MOTCL_OK)
    *job = got;
  return rc;
}

static int check_size(size_t n, motcl_err *err) {
  return n <= MOST_BYTES
             ? MOTCL_OK
             : mcl_fail(err, MOTCL_EINVAL, "%zu bytes are more than the journal keeps, %zu", n,
                        MOST_BYTES);
}

int mcl_journal_accept(mcl_journal *j, mcl_journal_job *job, const void *message, size_t n,
                       mcl_acceptance *how, motcl_err *err) {
  motcl_err why;
  mcl_journal_job got = *job;
  size_t length = job->id ? strlen(job->id) : 0;
  if (length == 0 || length > MCL_JOB_ID_MOST)
    return mcl_fail(err, MOTCL_EINVAL, "the id of a job has 1 to %d bytes, not %zu",
                    MCL_JOB_ID_MOST, length);
  if (job->state != MOTCL__V1__JOB_STATE__JOB_WAITING &&
      job->state != MOTCL__V1__JOB_STATE__JOB_HELD)
    return mcl_fail(err, MOTCL_EINVAL, "a job begins as waiting or held");
  int rc = check_size(n, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_sha256 digest = mcl_sha256_of(message, n);
  memcpy(got.digest, digest.bits, sizeof got.digest);
  got.message_bytes = n;
  got.changed_ms = got.submitted_ms;
  got.saved_ms = got.result_bytes = 0;
  rc = mcl_journal_enter(j, &why);
  if (rc == MOTCL_OK)
    rc = mcl_journal_leave(j, accept_job(j, &got, message, n, how, &why), &why);
  if (rc == MOTCL_OK && *how == MCL_ACCEPTED)
    *job = got;
  else if (rc == MOTCL_OK)
    job->number = got.number;
  return mcl_journal_tell(rc, &why, err);
}

/* Bytes of a column that are as they were, copied; `digest` is NULL where that is damaged itself. */
static int take_bytes(const mcl_query *q, int column, const void *digest, uint8_t **bytes,
                      size_t *n, motcl_err *err) {
  size_t size;
  const uint8_t *at = mcl_query_get_bytes(q, column, &size);
  int rc = mcl_query_memory(q, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_sha256 sum = mcl_sha256_of(at ? at : (const void *)"", at ? size : 0);
  if (!at || !digest || memcmp(&sum, digest, sizeof sum) != 0)
    return mcl_fail(err, MOTCL_EFORMAT, "its bytes are others than were written");
  uint8_t *copy = mcl_alloc(size, 1);
  if (!copy)
    return mcl_fail_nomem(err, size);
  memcpy(copy, at, size);
  *bytes = copy;
  *n = size;
  return MOTCL_OK;
}

int mcl_journal_message(mcl_journal *j, uint64_t number, uint8_t **message, size_t *n,
                        motcl_err *err) {
  mcl_journal_job job;
  mcl_sha256 result;
  bool row = false;
  int rc = mcl_journal_readable(j, err);
  if (rc == MOTCL_OK)
    rc = mcl_journal_look(j, number, &job, &result, err);
  if (rc != MOTCL_OK)
    return rc;
  if (mcl_job_ended(job.state))
    return mcl_fail(err, MOTCL_EINVAL, "job %" PRIu64 " has ended", number);
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_MESSAGE);
  mcl_query_int(&q, number);
  rc = mcl_query_row(&q, &row, err);
  if (rc == MOTCL_OK)
    rc = row ? take_bytes(&q, 0, job.digest, message, n, err)
             : mcl_fail(err, MOTCL_EFORMAT, "it is gone");
  mcl_query_end(&q);
  return rc == MOTCL_EFORMAT
             ? mcl_err_prefix(err, rc, "what job %" PRIu64 " asks for is damaged; submit it again",
                              number)
             : rc;
}

int mcl_journal_change(mcl_journal *j, const mcl_journal_job *job, const char *reason,
                       motcl_err *err) {
  motcl_err why;
  mcl_job_state before = job->state;
  mcl_journal_job changed = *job;
  changed.result_bytes = 0;
  if (mcl_job_ended(job->state))
    return mcl_fail(err, MOTCL_EINVAL, "a job ends with a result, not by a change");
  int rc = mcl_journal_enter(j, &why);
  if (rc != MOTCL_OK)
    return mcl_journal_tell(rc, &why, err);
  rc = mcl_journal_open_state(j, job->number, &before, &why);
  if (rc == MOTCL_OK)
    rc = mcl_journal_put_change(j, &changed, NULL, reason, before, &why);
  return mcl_journal_tell(mcl_journal_leave(j, rc, &why), &why, err);
}

static int save(mcl_journal *j, uint64_t number, const void *saved, size_t n, uint64_t now_ms,
                motcl_err *err) {
  mcl_job_state state = MOTCL__V1__JOB_STATE__JOB_RUNNING;
  int rc = mcl_journal_open_state(j, number, &state, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_sha256 digest = mcl_sha256_of(saved, n);
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_PUT_SAVED);
  mcl_query_int(&q, number);
  mcl_query_int(&q, now_ms);
  mcl_query_bytes(&q, digest.bits, sizeof digest.bits);
  mcl_query_bytes(&q, saved, n);
  return mcl_query_run(&q, err);
}

int mcl_journal_save(mcl_journal *j, uint64_t number, const void *saved, size_t n, uint64_t now_ms,
                     motcl_err *err) {
  motcl_err why;
  int rc = check_size(n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_journal_enter(j, &why);
  if (rc == MOTCL_OK)
    rc = mcl_journal_leave(j, save(j, number, saved, n, now_ms, &why), &why);
  return mcl_journal_tell(rc, &why, err);
}

int mcl_journal_saved(mcl_journal *j, uint64_t number, uint8_t **saved, size_t *n, motcl_err *err) {
  bool row = false;
  int rc = mcl_journal_readable(j, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_SAVED);
  mcl_query_int(&q, number);
  rc = mcl_query_row(&q, &row, err);
  if (rc == MOTCL_OK && row) {
    size_t size;
    const uint8_t *digest = mcl_query_get_bytes(&q, 0, &size);
    rc = take_bytes(&q, 1, size == sizeof(mcl_sha256) ? digest : NULL, saved, n, err);
  } else if (rc == MOTCL_OK) {
    *saved = NULL;
    *n = 0;
  }
  mcl_query_end(&q);
  return rc == MOTCL_EFORMAT
             ? mcl_err_prefix(err, rc, "the saved state of job %" PRIu64 " is damaged", number)
             : rc;
}

static int drop(mcl_journal *j, mcl_sql_name name, uint64_t number, motcl_err *err) {
  mcl_query q = mcl_query_begin(&j->sql, name);
  mcl_query_int(&q, number);
  return mcl_query_run(&q, err);
}

int mcl_journal_unsave(mcl_journal *j, uint64_t number, motcl_err *err) {
  motcl_err why;
  int rc = mcl_journal_enter(j, &why);
  if (rc == MOTCL_OK)
    rc = mcl_journal_leave(j, drop(j, MCL_SQL_DROP_SAVED, number, &why), &why);
  return mcl_journal_tell(rc, &why, err);
}

/* The result is on the disk before its job is said to have ended; if that is not committed, it is swept, or
 * replaced when the job ends again. */
static int finish(mcl_journal *j, const mcl_journal_job *job, const void *result, size_t n,
                  motcl_err *err) {
  mcl_job_state before = job->state;
  mcl_sha256 digest;
  int rc = mcl_journal_open_state(j, job->number, &before, err);
  if (rc != MOTCL_OK)
    return rc;
  if (n > 0) {
    digest = mcl_sha256_of(result, n);
    rc = mcl_result_write(&j->folder, job->number, result, n, err);
  }
  if (rc == MOTCL_OK)
    rc = mcl_journal_put_change(j, job, n > 0 ? &digest : NULL, job->sentence, before, err);
  if (rc == MOTCL_OK)
    rc = drop(j, MCL_SQL_DROP_MESSAGE, job->number, err);
  return rc == MOTCL_OK ? drop(j, MCL_SQL_DROP_SAVED, job->number, err) : rc;
}

int mcl_journal_finish(mcl_journal *j, mcl_journal_job *job, const void *result, size_t n,
                       motcl_err *err) {
  motcl_err why;
  mcl_journal_job ended = *job;
  ended.result_bytes = n;
  ended.saved_ms = 0;
  if (!mcl_job_ended(job->state))
    return mcl_fail(err, MOTCL_EINVAL, "a job ends as done, failed or cancelled");
  int rc = mcl_journal_enter(j, &why);
  if (rc == MOTCL_OK)
    rc = mcl_journal_leave(j, finish(j, &ended, result, n, &why), &why);
  if (rc == MOTCL_OK)
    *job = ended;
  return mcl_journal_tell(rc, &why, err);
}

int mcl_journal_result(mcl_journal *j, uint64_t number, uint8_t **result, size_t *n,
                       motcl_err *err) {
  mcl_journal_job job;
  mcl_sha256 digest, sum;
  uint8_t *bytes = NULL;
  int rc = mcl_journal_readable(j, err);
  if (rc == MOTCL_OK)
    rc = mcl_journal_look(j, number, &job, &digest, err);
  if (rc != MOTCL_OK)
    return rc;
  if (job.result_bytes == 0)
    return mcl_fail(err, MOTCL_EINVAL, "job %" PRIu64 " has no result", number);
  rc = mcl_result_read(&j->folder, number, &bytes, (size_t)job.result_bytes, err);
  if (rc == MOTCL_OK) {
    sum = mcl_sha256_of(bytes, (size_t)job.result_bytes);
    if (memcmp(&sum, &digest, sizeof sum) != 0)
      rc = mcl_fail(err, MOTCL_EFORMAT, "its bytes are others than were written");
  }
  if (rc == MOTCL_OK) {
    *result = bytes;
    *n = (size_t)job.result_bytes;
    return MOTCL_OK;
  }
  mcl_free(bytes);
  return rc == MOTCL_EFORMAT
             ? mcl_err_prefix(err, rc,
                              "the result of job %" PRIu64 " is damaged; submit it again under "
                              "another id",
                              number)
             : rc;
}

/* Forgetting */

static int forget(mcl_journal *j, uint64_t number, motcl_err *err) {
  mcl_job_state state = MOTCL__V1__JOB_STATE__JOB_WAITING;
  motcl_err ended;
  int rc = mcl_journal_open_state(j, number, &state, &ended);
  if (rc == MOTCL_OK)
    return mcl_fail(err, MOTCL_EINVAL, "job %" PRIu64 " has not ended; cancel it first", number);
  if (rc != MOTCL_EINVAL || !mcl_job_ended(state))
    return mcl_journal_tell(rc, &ended, err);
  rc = mcl_numbers_push(&j->gone, number, err);
  return rc == MOTCL_OK ? drop(j, MCL_SQL_DELETE, number, err) : rc;
}

int mcl_journal_forget(mcl_journal *j, uint64_t number, motcl_err *err) {
  motcl_err why;
  int rc = mcl_journal_enter(j, &why);
  if (rc == MOTCL_OK)
    rc = mcl_journal_leave(j, forget(j, number, &why), &why);
  return mcl_journal_tell(rc, &why, err);
}

/* Jobs over the limits, counted from the one that ended last. */
static int over_limits(mcl_journal *j, const mcl_retention *keep, uint64_t now_ms,
                       mcl_numbers *over, motcl_err *err) {
  uint64_t count = 0, bytes = 0;
  bool row = true;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_ENDED);
  int rc = mcl_query_row(&q, &row, err);
  while (rc == MOTCL_OK && row) {
    uint64_t ended = mcl_query_get_int(&q, 1);
    count++;
    bytes += mcl_query_get_int(&q, 2);
    if ((keep->count && count > keep->count) || (keep->bytes && bytes > keep->bytes) ||
        (keep->age_ms && now_ms > ended && now_ms - ended > keep->age_ms))
      rc = mcl_numbers_push(over, mcl_query_get_int(&q, 0), err);
    if (rc == MOTCL_OK)
      rc = mcl_query_row(&q, &row, err);
  }
  mcl_query_end(&q);
  return rc;
}

int mcl_journal_retain(mcl_journal *j, const mcl_retention *keep, uint64_t now_ms,
                       mcl_journal_gone_fn gone, void *user, motcl_err *err) {
  mcl_numbers over = {0};
  motcl_err why;
  if (j->within)
    return mcl_fail(err, MOTCL_EINVAL, "a transaction of the journal is under way");
  int rc = mcl_journal_enter(j, &why);
  if (rc == MOTCL_OK) {
    rc = over_limits(j, keep, now_ms, &over, &why);
    for (size_t i = over.count; i > 0 && rc == MOTCL_OK; i--)
      rc = forget(j, over.at[i - 1], &why);
    rc = mcl_journal_leave(j, rc, &why);
  }
  for (size_t i = over.count; i > 0 && rc == MOTCL_OK; i--)
    gone(user, over.at[i - 1]);
  mcl_free(over.at);
  return mcl_journal_tell(rc, &why, err);
}

int mcl_journal_events(mcl_journal *j, uint64_t number, mcl_journal_event_fn each, void *user,
                       motcl_err *err) {
  bool row = true;
  int rc = mcl_journal_readable(j, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_EVENTS);
  mcl_query_int(&q, number);
  rc = mcl_query_row(&q, &row, err);
  while (rc == MOTCL_OK && row) {
    const char *reason = mcl_query_get_text(&q, 2);
    each(user, mcl_query_get_int(&q, 0), (mcl_job_state)mcl_query_get_int(&q, 1),
         reason ? reason : "");
    rc = mcl_query_row(&q, &row, err);
  }
  mcl_query_end(&q);
  return rc;
}
