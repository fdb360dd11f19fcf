/* journal.c - the journal as a whole: transactions and trouble, looking at jobs, opening, mending. What each
 * call does with a job is journal_jobs.c's. */
#include "daemon/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "daemon/journal_inside.h"

bool mcl_job_ended(mcl_job_state state) {
  return state >= MOTCL__V1__JOB_STATE__JOB_DONE;
}

int mcl_numbers_push(mcl_numbers *list, uint64_t number, motcl_err *err) {
  void *p = list->at;
  if (!mcl_grow(&p, &list->cap, list->count, sizeof *list->at))
    return mcl_fail_nomem(err, (list->count + 1) * sizeof *list->at);
  list->at = p;
  list->at[list->count++] = number;
  return MOTCL_OK;
}

/* Transactions and trouble */

const char *mcl_journal_trouble(const mcl_journal *j) {
  return j->trouble.code != MOTCL_OK ? j->trouble.text : NULL;
}

static int run(mcl_journal *j, mcl_sql_name name, motcl_err *err) {
  mcl_query q = mcl_query_begin(&j->sql, name);
  return mcl_query_run(&q, err);
}

static int in_trouble(const mcl_journal *j, motcl_err *err) {
  *err = j->trouble;
  return err->code;
}

/* Nothing of the transaction is to count; what the disk has of it is not known. */
static int give_up(mcl_journal *j, const motcl_err *err) {
  motcl_err ignored;
  if (!sqlite3_get_autocommit(j->sql.db))
    (void)run(j, MCL_SQL_ROLLBACK, &ignored);
  j->within = false;
  j->gone.count = 0;
  j->trouble = *err;
  return err->code;
}

int mcl_journal_enter(mcl_journal *j, motcl_err *err) {
  if (j->trouble.code != MOTCL_OK)
    return in_trouble(j, err);
  int rc = j->within ? MOTCL_OK : run(j, MCL_SQL_BEGIN, err);
  return rc == MOTCL_OK ? rc : give_up(j, err);
}

/* A result goes after its job has: a job without its result would have lost it. */
static int commit(mcl_journal *j, motcl_err *err) {
  int rc = run(j, MCL_SQL_COMMIT, err);
  if (rc != MOTCL_OK)
    return give_up(j, err);
  for (size_t i = 0; i < j->gone.count; i++)
    mcl_result_remove(&j->folder, j->gone.at[i]);
  j->gone.count = 0;
  return MOTCL_OK;
}

/* End what enter began, which came to rc. What was refused has changed nothing. */
int mcl_journal_leave(mcl_journal *j, int rc, motcl_err *err) {
  motcl_err why;
  if (rc != MOTCL_OK && rc != MOTCL_EINVAL)
    return give_up(j, err);
  if (j->within)
    return rc;
  if (rc == MOTCL_OK)
    return commit(j, err);
  return run(j, MCL_SQL_ROLLBACK, &why) == MOTCL_OK ? rc : give_up(j, &why);
}

int mcl_journal_tell(int rc, const motcl_err *why, motcl_err *err) {
  if (rc != MOTCL_OK && err)
    *err = *why;
  return rc;
}

int mcl_journal_begin(mcl_journal *j, motcl_err *err) {
  motcl_err why;
  if (j->within)
    return mcl_fail(err, MOTCL_EINVAL, "a transaction of the journal is under way");
  int rc = mcl_journal_enter(j, &why);
  j->within = rc == MOTCL_OK;
  return mcl_journal_tell(rc, &why, err);
}

int mcl_journal_commit(mcl_journal *j, motcl_err *err) {
  motcl_err why;
  if (j->trouble.code != MOTCL_OK)
    return mcl_journal_tell(in_trouble(j, &why), &why, err);
  if (!j->within)
    return mcl_fail(err, MOTCL_EINVAL, "no transaction of the journal is under way");
  j->within = false;
  return mcl_journal_tell(commit(j, &why), &why, err);
}

/* Only a journal that could not be mended has no database. */
int mcl_journal_readable(const mcl_journal *j, motcl_err *err) {
  return j->sql.db ? MOTCL_OK : mcl_journal_tell(j->trouble.code, &j->trouble, err);
}

/* Reading jobs */

/* One job; its texts are gone. */
int mcl_journal_look(mcl_journal *j, uint64_t number, mcl_journal_job *job, mcl_sha256 *result,
                     motcl_err *err) {
  bool row = false, sound = false;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_JOB_OF);
  mcl_query_int(&q, number);
  int rc = mcl_query_row(&q, &row, err);
  if (rc == MOTCL_OK && !row)
    rc = mcl_fail(err, MOTCL_EINVAL, "there is no job %" PRIu64, number);
  if (rc == MOTCL_OK)
    rc = mcl_row_read(&q, job, result, &sound, err);
  mcl_query_end(&q);
  job->id = job->model = job->what = job->labels = job->device = job->sentence = NULL;
  if (rc == MOTCL_OK && !sound)
    rc = mcl_fail(err, MOTCL_EFORMAT,
                  "what is known of job %" PRIu64 " is damaged; submit it again", number);
  return rc;
}

/* The state that a job is in, which has not ended. */
int mcl_journal_open_state(mcl_journal *j, uint64_t number, mcl_job_state *state, motcl_err *err) {
  bool row = false;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_STATE);
  mcl_query_int(&q, number);
  int rc = mcl_query_row(&q, &row, err);
  if (rc == MOTCL_OK && row)
    *state = (mcl_job_state)mcl_query_get_int(&q, 0);
  mcl_query_end(&q);
  if (rc == MOTCL_OK && !row)
    rc = mcl_fail(err, MOTCL_EINVAL, "there is no job %" PRIu64, number);
  if (rc == MOTCL_OK && mcl_job_ended(*state))
    rc = mcl_fail(err, MOTCL_EINVAL, "job %" PRIu64 " has ended", number);
  return rc;
}

/* All jobs that are sound; the others' numbers go into `damaged`. */
static int visit_sound(mcl_journal *j, mcl_journal_job_fn each, void *user, mcl_numbers *damaged,
                       motcl_err *err) {
  bool row = true;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_JOBS);
  int rc = mcl_query_row(&q, &row, err);
  while (rc == MOTCL_OK && row) {
    mcl_journal_job job;
    mcl_sha256 result;
    bool sound;
    rc = mcl_row_read(&q, &job, &result, &sound, err);
    if (rc == MOTCL_OK && sound)
      each(user, &job);
    else if (rc == MOTCL_OK)
      rc = mcl_numbers_push(damaged, job.number, err);
    if (rc == MOTCL_OK)
      rc = mcl_query_row(&q, &row, err);
  }
  mcl_query_end(&q);
  return rc;
}

int mcl_journal_put_event(mcl_journal *j, const mcl_journal_job *job, const char *reason,
                          motcl_err *err) {
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_PUT_EVENT);
  mcl_query_int(&q, job->number);
  mcl_query_int(&q, job->changed_ms);
  mcl_query_int(&q, (uint64_t)job->state);
  mcl_query_text(&q, reason);
  int rc = mcl_query_run(&q, err);
  if (rc != MOTCL_OK)
    return rc;
  q = mcl_query_begin(&j->sql, MCL_SQL_TRIM_EVENTS);
  mcl_query_int(&q, job->number);
  return mcl_query_run(&q, err);
}

/* Write the whole row of a job, by INSERT or REPLACE. */
int mcl_journal_put_row(mcl_journal *j, mcl_sql_name how, const mcl_journal_job *job,
                        motcl_err *err) {
  mcl_sha256 sums[2];
  mcl_query q = mcl_query_begin(&j->sql, how);
  mcl_query_int(&q, job->number);
  mcl_row_submitted(&q, job, &sums[0]);
  mcl_row_changing(&q, job, NULL, &sums[1]);
  return mcl_query_run(&q, err);
}

/* What a damaged row is replaced by: nothing of it is believed but whose job it was, by its user and its id
 * if that is one, so that they hear of it. */
static void stand_in(mcl_journal_job *job, const mcl_journal_job *row, char *id, size_t size,
                     uint64_t now_ms) {
  size_t n = row->id ? strlen(row->id) : 0;
  if (n > 0 && n <= MCL_JOB_ID_MOST && mcl_utf8_valid(row->id, n, NULL))
    snprintf(id, size, "%s", row->id);
  else
    snprintf(id, size, "damaged-%" PRIu64, row->number);
  *job = (mcl_journal_job){
      .number = row->number,
      .id = id,
      .user = row->user,
      .submitted_ms = row->submitted_ms,
      .changed_ms = now_ms,
      .state = MOTCL__V1__JOB_STATE__JOB_FAILED,
      .code = MOTCL_EFORMAT,
      .model = "",
      .what = "",
      .labels = "",
      .device = "",
      .sentence =
          "what the daemon knew of this job was damaged on its disk; submit it again under another "
          "id"};
}

/* The index is made again first: the id in it may be another than that in the row, which SQLite takes for a
 * damaged database when it changes the row. */
static int set_aside(mcl_journal *j, const mcl_journal_job *job, motcl_err *err) {
  int rc = run(j, MCL_SQL_REINDEX, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_SET_ASIDE);
  mcl_query_int(&q, job->number);
  mcl_query_int(&q, job->changed_ms);
  rc = mcl_query_run(&q, err);
  if (rc == MOTCL_OK)
    rc = mcl_journal_put_row(j, MCL_SQL_REPLACE, job, err);
  return rc == MOTCL_OK ? mcl_journal_put_event(j, job, job->sentence, err) : rc;
}

static int visit_damaged(mcl_journal *j, uint64_t number, mcl_journal_job_fn each, void *user,
                         motcl_err *err) {
  mcl_journal_job row = {.number = number}, job;
  mcl_sha256 result;
  char id[MCL_JOB_ID_MOST + 1];
  bool there = false, sound;
  int rc = mcl_journal_enter(j, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_JOB_OF);
  mcl_query_int(&q, number);
  rc = mcl_query_row(&q, &there, err);
  if (rc == MOTCL_OK && there)
    rc = mcl_row_read(&q, &row, &result, &sound, err);
  stand_in(&job, &row, id, sizeof id, j->now_ms);
  mcl_query_end(&q);
  if (rc == MOTCL_OK)
    rc = set_aside(j, &job, err);
  rc = mcl_journal_leave(j, rc, err);
  if (rc == MOTCL_OK)
    each(user, &job);
  return rc;
}

static int visit(mcl_journal *j, mcl_journal_job_fn each, void *user, motcl_err *err) {
  mcl_numbers damaged = {0};
  int rc = visit_sound(j, each, user, &damaged, err);
  for (size_t i = 0; i < damaged.count && rc == MOTCL_OK; i++)
    rc = visit_damaged(j, damaged.at[i], each, user, err);
  mcl_free(damaged.at);
  return rc;
}

int mcl_journal_visit(mcl_journal *j, mcl_journal_job_fn each, void *user, motcl_err *err) {
  motcl_err why;
  int rc = mcl_journal_readable(j, err);
  return rc == MOTCL_OK ? mcl_journal_tell(visit(j, each, user, &why), &why, err) : rc;
}

/* Opening and closing */

/* Change a job from a state that has not ended. `result` is NULL unless it ends with one. */
int mcl_journal_put_change(mcl_journal *j, const mcl_journal_job *job, const mcl_sha256 *result,
                           const char *reason, mcl_job_state before, motcl_err *err) {
  mcl_sha256 sum;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_CHANGE);
  mcl_query_int(&q, job->number);
  mcl_row_changing(&q, job, result, &sum);
  int rc = mcl_query_run(&q, err);
  j->now_ms = job->changed_ms;
  return rc == MOTCL_OK && job->state != before ? mcl_journal_put_event(j, job, reason, err) : rc;
}

typedef struct running {
  mcl_numbers list;
  int rc;
  motcl_err *err;
} running;

static void note_running(void *user, const mcl_journal_job *job) {
  running *r = user;
  if (job->state == MOTCL__V1__JOB_STATE__JOB_RUNNING && r->rc == MOTCL_OK)
    r->rc = mcl_numbers_push(&r->list, job->number, r->err);
}

/* A job that ran when the daemon ended. */
static int wait_again(mcl_journal *j, uint64_t number, motcl_err *err) {
  mcl_journal_job job;
  mcl_sha256 result;
  bool row = false, sound = false;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_JOB_OF);
  mcl_query_int(&q, number);
  int rc = mcl_query_row(&q, &row, err);
  if (rc == MOTCL_OK && row)
    rc = mcl_row_read(&q, &job, &result, &sound, err);
  if (rc == MOTCL_OK && sound) {
    job.state = job.hold ? MOTCL__V1__JOB_STATE__JOB_HELD : MOTCL__V1__JOB_STATE__JOB_WAITING;
    job.hold = false; /* it is, or it was not asked for */
    job.changed_ms = j->now_ms;
    rc = mcl_journal_put_change(j, &job, NULL, "the daemon ended while it ran",
                                MOTCL__V1__JOB_STATE__JOB_RUNNING, err);
  }
  mcl_query_end(&q);
  return rc;
}

static int recover(mcl_journal *j, motcl_err *err) {
  running r = {.rc = MOTCL_OK, .err = err};
  int rc = visit(j, note_running, &r, err);
  if (rc == MOTCL_OK)
    rc = r.rc;
  if (rc == MOTCL_OK && r.list.count > 0) {
    rc = mcl_journal_enter(j, err);
    if (rc == MOTCL_OK) {
      for (size_t i = 0; i < r.list.count && rc == MOTCL_OK; i++)
        rc = wait_again(j, r.list.at[i], err);
      rc = mcl_journal_leave(j, rc, err);
    }
  }
  mcl_free(r.list.at);
  return rc;
}

/* A result is wanted as long as its job is there and has ended; that of a job which has not was written just
 * before a crash. */
static int is_wanted(void *user, uint64_t number, bool *keep, motcl_err *err) {
  mcl_journal *j = user;
  bool row = false;
  mcl_query q = mcl_query_begin(&j->sql, MCL_SQL_STATE);
  mcl_query_int(&q, number);
  int rc = mcl_query_row(&q, &row, err);
  *keep = rc == MOTCL_OK && row && mcl_job_ended((mcl_job_state)mcl_query_get_int(&q, 0));
  mcl_query_end(&q);
  return rc;
}

/* In a folder whose database is empty no result can be the journal's: somebody has lost that. */
static int refuse_result(void *user, uint64_t number, bool *keep, motcl_err *err) {
  const mcl_journal *j = user;
  *keep = true;
  if (number == 0)
    return MOTCL_OK;
  return mcl_fail(
      err, MOTCL_EINVAL,
      "'%s' has results, but '%s' knows of none; put back that file, or a backup of the whole "
      "state folder",
      j->folder.path, MCL_JOURNAL_DB);
}

static int start(mcl_journal *j, bool whole, motcl_err *err) {
  bool fresh;
  int rc = mcl_sql_open(&j->sql, j->path, &fresh, err);
  if (rc == MOTCL_OK && fresh)
    rc = mcl_result_sweep(&j->folder, refuse_result, j, err);
  if (rc == MOTCL_OK)
    rc = mcl_sql_prepare(&j->sql, whole, err);
  if (rc == MOTCL_OK)
    rc = recover(j, err);
  if (rc == MOTCL_OK)
    rc = mcl_result_sweep(&j->folder, is_wanted, j, err);
  if (rc != MOTCL_OK)
    mcl_sql_close(&j->sql);
  return rc;
}

int mcl_journal_open(mcl_journal **out, const char *dir, uint64_t now_ms, motcl_err *err) {
  motcl_err why;
  mcl_journal *j = mcl_zalloc(1, sizeof *j);
  if (!j)
    return mcl_fail_nomem(err, sizeof *j);
  j->now_ms = now_ms;
  int rc = mcl_state_folder_open(&j->folder, dir, &why);
  if (rc == MOTCL_OK) {
    j->path = mcl_state_folder_path(&j->folder, MCL_JOURNAL_DB);
    rc = j->path ? start(j, false, &why) : mcl_fail_nomem(&why, strlen(dir));
  }
  if (rc == MOTCL_OK)
    *out = j;
  else
    mcl_journal_close(j);
  return mcl_journal_tell(rc, &why, err);
}

void mcl_journal_close(mcl_journal *j) {
  if (!j)
    return;
  mcl_sql_close(&j->sql);
  mcl_state_folder_close(&j->folder);
  mcl_free(j->gone.at);
  mcl_free(j->path);
  mcl_free(j);
}

/* Something of the size of a result, under the number of no job. */
static int try_results(mcl_journal *j, motcl_err *err) {
  size_t n = (size_t)1 << 20;
  void *zeros = mcl_zalloc(n, 1);
  int rc = zeros ? mcl_result_write(&j->folder, 0, zeros, n, err) : mcl_fail_nomem(err, n);
  mcl_free(zeros);
  mcl_result_remove(&j->folder, 0);
  return rc;
}

/* The database is closed first: SQLite then drops what a failed commit has left in the log. */
int mcl_journal_mend(mcl_journal *j, uint64_t now_ms, motcl_err *err) {
  motcl_err why;
  mcl_sql_close(&j->sql);
  j->within = false;
  j->gone.count = 0;
  j->now_ms = now_ms;
  j->trouble.code = MOTCL_OK;
  int rc = start(j, true, &why);
  if (rc == MOTCL_OK)
    rc = mcl_sql_try(&j->sql, &why);
  if (rc == MOTCL_OK)
    rc = try_results(j, &why);
  if (rc != MOTCL_OK)
    j->trouble = why;
  return mcl_journal_tell(rc, &why, err);
}
