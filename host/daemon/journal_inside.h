/* journal_inside.h - the journal as its own files see it. Functions here take an `err` that is not NULL, and
 * stand between enter and leave where they write. */
#ifndef MCL_DAEMON_JOURNAL_INSIDE_H
#define MCL_DAEMON_JOURNAL_INSIDE_H

#include "daemon/journal.h"
#include "daemon/journal_files.h"
#include "daemon/journal_row.h"
#include "daemon/journal_sql.h"

enum { MCL_JOB_ID_MOST = 128 };

/** A list of jobs; `at` is freed with mcl_free. */
typedef struct mcl_numbers {
  uint64_t *at;
  size_t count, cap;
} mcl_numbers;

int mcl_numbers_push(mcl_numbers *list, uint64_t number, motcl_err *err);

struct mcl_journal {
  mcl_state_folder folder;
  char *path; /* of the database */
  mcl_sql sql;
  bool within;       /* a transaction of the caller's */
  motcl_err trouble; /* code 0: none */
  mcl_numbers gone;  /* forgotten in this transaction, whose results go when it is committed */
  uint64_t now_ms;   /* the last that the caller told, for what the journal itself finds */
};

/** Begin what a call writes: a transaction, or part of the caller's. */
int mcl_journal_enter(mcl_journal *j, motcl_err *err);

/** End what enter began, which came to rc: commit it, or let go of what was refused (MOTCL_EINVAL), which has
 * changed nothing, or be in trouble. Returns what the call comes to. */
int mcl_journal_leave(mcl_journal *j, int rc, motcl_err *err);

/** rc, and its reason for who wants it: `err` may be NULL. */
int mcl_journal_tell(int rc, const motcl_err *why, motcl_err *err);

/** Whether there is a database to read from; `err` may be NULL. */
int mcl_journal_readable(const mcl_journal *j, motcl_err *err);

/** One job, without its texts. MOTCL_EINVAL if there is none, MOTCL_EFORMAT if its row is damaged. */
int mcl_journal_look(mcl_journal *j, uint64_t number, mcl_journal_job *job, mcl_sha256 *result,
                     motcl_err *err);

/** The state of a job. MOTCL_EINVAL if there is none, which leaves *state, or if it has ended. */
int mcl_journal_open_state(mcl_journal *j, uint64_t number, mcl_job_state *state, motcl_err *err);

/** Write the whole row of a job, by MCL_SQL_INSERT or MCL_SQL_REPLACE. */
int mcl_journal_put_row(mcl_journal *j, mcl_sql_name how, const mcl_journal_job *job,
                        motcl_err *err);

/** A job has come into its state. */
int mcl_journal_put_event(mcl_journal *j, const mcl_journal_job *job, const char *reason,
                          motcl_err *err);

/** Write what changes of a job, whose state was `before`. `result` is NULL unless it ends with one. */
int mcl_journal_put_change(mcl_journal *j, const mcl_journal_job *job, const mcl_sha256 *result,
                           const char *reason, mcl_job_state before, motcl_err *err);

#endif
