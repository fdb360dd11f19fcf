/* journal_sql.h - the journal's database: its tables, its versions, all statements that there are, and how
 * they are run. What they mean for jobs is journal.c's. */
#ifndef MCL_DAEMON_JOURNAL_SQL_H
#define MCL_DAEMON_JOURNAL_SQL_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

/* Columns of a job, in two groups, each with a sum over it: what was submitted, and what changes. */
#define MCL_SQL_SUBMITTED                                                                          \
  "id, user, digest, message_bytes, model, what, labels, priority, deadline_ms, submitted_ms, sum"
#define MCL_SQL_CHANGING                                                                           \
  "state, hold, cancel, attempts, crashes, code, device, sentence, changed_ms, result_bytes, "     \
  "result_digest, state_sum"
#define MCL_SQL_JOB                                                                                \
  "SELECT number, " MCL_SQL_SUBMITTED ", " MCL_SQL_CHANGING ", "                                   \
  "(SELECT at_ms FROM saved WHERE saved.number = jobs.number) FROM jobs "

/* States of 4 and more have ended (JobState in daemon.proto). */
#define MCL_SQL_LIST(X)                                                                            \
  X(BEGIN, "BEGIN IMMEDIATE")                                                                      \
  X(COMMIT, "COMMIT")                                                                              \
  X(ROLLBACK, "ROLLBACK")                                                                          \
  X(JOBS, MCL_SQL_JOB "ORDER BY number")                                                           \
  X(JOB_OF, MCL_SQL_JOB "WHERE number = ?1")                                                       \
  X(KNOWN, "SELECT number, user, digest FROM jobs WHERE id = ?1 ORDER BY number LIMIT 1")          \
  X(NEXT,                                                                                          \
    "SELECT 1 + max((SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'jobs'), "     \
    "(SELECT coalesce(max(number), 0) FROM jobs))")                                                \
  X(INSERT, "INSERT INTO jobs (number, " MCL_SQL_SUBMITTED ", " MCL_SQL_CHANGING ") VALUES "       \
            "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "                                 \
            "?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)")                         \
  X(REPLACE, "UPDATE jobs SET (" MCL_SQL_SUBMITTED ", " MCL_SQL_CHANGING ") = "                    \
             "(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "                                    \
             "?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24) WHERE number = ?1")      \
  X(STATE, "SELECT state FROM jobs WHERE number = ?1")                                             \
  X(CHANGE, "UPDATE jobs SET (" MCL_SQL_CHANGING ") = "                                            \
            "(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) WHERE number = ?1")              \
  X(DELETE, "DELETE FROM jobs WHERE number = ?1")                                                  \
  X(ENDED, "SELECT number, changed_ms, result_bytes FROM jobs WHERE state >= 4 "                   \
           "ORDER BY changed_ms DESC, number DESC")                                                \
  X(PUT_MESSAGE, "INSERT INTO messages (number, bytes) VALUES (?1, ?2)")                           \
  X(MESSAGE, "SELECT bytes FROM messages WHERE number = ?1")                                       \
  X(DROP_MESSAGE, "DELETE FROM messages WHERE number = ?1")                                        \
  X(PUT_SAVED,                                                                                     \
    "INSERT OR REPLACE INTO saved (number, at_ms, digest, bytes) VALUES (?1, ?2, ?3, ?4)")         \
  X(SAVED, "SELECT digest, bytes FROM saved WHERE number = ?1")                                    \
  X(DROP_SAVED, "DELETE FROM saved WHERE number = ?1")                                             \
  X(PUT_EVENT, "INSERT INTO events SELECT ?1, 1 + coalesce(max(n), 0), ?2, ?3, ?4 "                \
               "FROM events WHERE number = ?1")                                                    \
  X(TRIM_EVENTS, "DELETE FROM events WHERE number = ?1 "                                           \
                 "AND n <= (SELECT max(n) FROM events WHERE number = ?1) - 64")                    \
  X(EVENTS, "SELECT at_ms, state, reason FROM events WHERE number = ?1 ORDER BY n")                \
  X(SET_ASIDE, "INSERT INTO damaged SELECT ?2, * FROM jobs WHERE number = ?1")                     \
  X(REINDEX, "REINDEX jobs")

#define MCL_SQL_ENUM(name, text) MCL_SQL_##name,
typedef enum mcl_sql_name { MCL_SQL_LIST(MCL_SQL_ENUM) MCL_SQL_COUNT } mcl_sql_name;
#undef MCL_SQL_ENUM

/** An open database. `path` names it in errors, and is borrowed. */
typedef struct mcl_sql {
  const char *path;
  sqlite3 *db;
  sqlite3_stmt *statement[MCL_SQL_COUNT];
  int version; /* that it was opened with */
} mcl_sql;

/**
 * Open the database `path`, a file that may be empty, and find out what it is.
 *
 * fresh  gets whether there is nothing in it
 *
 * MOTCL_EINVAL if it is of a newer version, or no journal; MOTCL_EFORMAT if it is damaged; MOTCL_EIO,
 * MOTCL_ENOMEM. `s` is then closed; so it is when mcl_sql_prepare fails.
 */
int mcl_sql_open(mcl_sql *s, const char *path, bool *fresh, motcl_err *err);

/** Convert what was opened to this version, and look it over: `whole`, all of it, which takes as long as
 * reading it; else the jobs. */
int mcl_sql_prepare(mcl_sql *s, bool whole, motcl_err *err);

/** As it is, of this version: nothing is converted. */
int mcl_sql_open_again(mcl_sql *s, const char *path, motcl_err *err);

void mcl_sql_close(mcl_sql *s);

/** Write to the database and sync it, changing nothing. */
int mcl_sql_try(mcl_sql *s, motcl_err *err);

/** Copy all of it, as it is at one moment, to the empty file `path`, which `to` has open afterwards. */
int mcl_sql_copy(mcl_sql *s, mcl_sql *to, const char *path, motcl_err *err);

/**
 * A statement at work. Values are bound in order, from 1, and are borrowed until it ends; the first
 * status that is not SQLITE_OK is kept, and told by what runs the statement.
 */
typedef struct mcl_query {
  mcl_sql *sql;
  sqlite3_stmt *s;
  int at, status;
} mcl_query;

mcl_query mcl_query_begin(mcl_sql *s, mcl_sql_name name);
void mcl_query_int(mcl_query *q, uint64_t value);    /* its 64 bits, as SQLite's integer */
void mcl_query_text(mcl_query *q, const char *text); /* NULL is "" */
void mcl_query_bytes(mcl_query *q, const void *bytes, size_t n);

/** The next row; *row is false if there is none. MOTCL_EFORMAT if the database is damaged there. */
int mcl_query_row(mcl_query *q, bool *row, motcl_err *err);

/** Let the statement and what was bound to it go. */
void mcl_query_end(mcl_query *q);

/** Run a statement that has no rows, and end it. */
int mcl_query_run(mcl_query *q, motcl_err *err);

/** Columns of a row, from 0, good until the next. Texts and bytes of no length are not NULL; NULL means that
 * there is no such value, or no memory, which mcl_query_memory tells. */
uint64_t mcl_query_get_int(const mcl_query *q, int column);
const char *mcl_query_get_text(const mcl_query *q, int column);
const uint8_t *mcl_query_get_bytes(const mcl_query *q, int column, size_t *n);

/** MOTCL_ENOMEM if memory was short in a column, else MOTCL_OK. */
int mcl_query_memory(const mcl_query *q, motcl_err *err);

#endif
