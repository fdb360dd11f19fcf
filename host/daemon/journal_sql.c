/* journal_sql.c - the journal's database. Whatever is committed is synced: the log is written ahead of the
 * tables, and synced at each commit. */
#include "daemon/journal_sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define APPLICATION "1836021866" /* "motj": what a database says it is */

/* conversions[v] makes version v + 1 of version v; version 0 is the empty database. Columns have no
 * constraints of content: a row that is damaged is found by its sums, and must not make the database a
 * bad one as a whole. For the same reason the index of ids is not a unique one. */
static const char *const conversions[] = {
    "CREATE TABLE jobs (number INTEGER PRIMARY KEY AUTOINCREMENT, " MCL_SQL_SUBMITTED
    ", " MCL_SQL_CHANGING ");"
    "CREATE INDEX jobs_by_id ON jobs (id);"
    "CREATE TABLE messages (number INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE, bytes);"
    "CREATE TABLE saved (number INTEGER PRIMARY KEY REFERENCES jobs ON DELETE CASCADE, at_ms, "
    "digest, bytes);"
    "CREATE TABLE events (number INTEGER REFERENCES jobs ON DELETE CASCADE, n INTEGER, at_ms, "
    "state, reason, "
    "PRIMARY KEY (number, n)) WITHOUT ROWID;"
    "CREATE TABLE damaged (at_ms, number, " MCL_SQL_SUBMITTED ", " MCL_SQL_CHANGING ");"
    "PRAGMA application_id = " APPLICATION ";"
    "PRAGMA user_version = 1;",
};
enum { VERSION = sizeof conversions / sizeof *conversions };

/* 4 MiB of pages; a log that has grown larger than 64 MiB, by large messages, is cut to that. */
static const char settings[] = "PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA cache_size = -4096;"
                               "PRAGMA journal_size_limit = 67108864;";

static const char *const statements[] = {
#define TEXT(name, text) text,
    MCL_SQL_LIST(TEXT)
#undef TEXT
};

/* What SQLite says of the last call, as a status and a sentence. */
static int fail_at(mcl_sql *s, int status, motcl_err *err, const char *where) {
  const char *why = s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(status);
  switch (status & 0xFF) {
  case SQLITE_NOMEM:
    return mcl_fail_at(err, MOTCL_ENOMEM, 0, where,
                       "memory ran out while '%s' was used; close other programs", s->path);
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return mcl_fail_at(err, MOTCL_EFORMAT, 0, where,
                       "'%s' is damaged: %s; put a backup of the state folder in place of it",
                       s->path, why);
  case SQLITE_FULL:
    return mcl_fail_at(err, MOTCL_EIO, 0, where, "cannot write '%s': its disk is full; make room",
                       s->path);
  case SQLITE_BUSY:
    return mcl_fail_at(err, MOTCL_EIO, 0, where,
                       "cannot write '%s': another program has locked it; end that one", s->path);
  default:
    return mcl_fail_at(err, MOTCL_EIO, 0, where, "cannot use '%s': %s (%d); see to its disk",
                       s->path, why, s->db ? sqlite3_system_errno(s->db) : 0);
  }
}
#define fail(s, status, err) fail_at((s), (status), (err), __func__)

static int run_script(mcl_sql *s, const char *text, motcl_err *err) {
  int status = sqlite3_exec(s->db, text, NULL, NULL, NULL);
  return status == SQLITE_OK ? MOTCL_OK : fail(s, status, err);
}

/* The first column of the first row of a question that is asked once. `value` gets a number, and `text`
 * (size bytes, may be NULL) the same as text; both are untouched if there is no row. */
static int ask(mcl_sql *s, const char *question, int64_t *value, char *text, size_t size,
               motcl_err *err) {
  sqlite3_stmt *q = NULL;
  int status = sqlite3_prepare_v2(s->db, question, -1, &q, NULL);
  if (status == SQLITE_OK)
    status = sqlite3_step(q);
  if (status == SQLITE_ROW) {
    const char *said = (const char *)sqlite3_column_text(q, 0);
    *value = sqlite3_column_int64(q, 0);
    if (text)
      snprintf(text, size, "%s", said ? said : "");
  }
  int ended = sqlite3_finalize(q);
  if (status != SQLITE_ROW && status != SQLITE_DONE)
    return fail(s, status, err);
  return ended == SQLITE_OK ? MOTCL_OK : fail(s, ended, err);
}

static int open_database(mcl_sql *s, const char *path, motcl_err *err) {
  *s = (mcl_sql){.path = path};
  int status = sqlite3_open_v2(
      path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  if (status == SQLITE_OK)
    status = sqlite3_busy_timeout(s->db, 2000);
  if (status == SQLITE_OK)
    status = sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  return status == SQLITE_OK ? run_script(s, settings, err) : fail(s, status, err);
}

/* Version 0 is a database without anything in it. */
static int read_version(mcl_sql *s, motcl_err *err) {
  int64_t version = 0, application = 0, tables = 0;
  int rc = ask(s, "PRAGMA user_version", &version, NULL, 0, err);
  if (rc == MOTCL_OK)
    rc = ask(s, "PRAGMA application_id", &application, NULL, 0, err);
  if (rc == MOTCL_OK)
    rc = ask(s, "SELECT count(*) FROM sqlite_schema", &tables, NULL, 0, err);
  if (rc != MOTCL_OK)
    return rc;
  if (version == 0 ? tables != 0 : application != atoi(APPLICATION))
    return mcl_fail(err, MOTCL_EINVAL, "'%s' is another program's; name another state folder",
                    s->path);
  if (version < 0 || version > VERSION)
    return mcl_fail(
        err, MOTCL_EINVAL,
        "'%s' was made by a newer motcl (its version is %lld, and this one knows %d); use that "
        "motcl, or name another state folder",
        s->path, (long long)version, VERSION);
  s->version = (int)version;
  return MOTCL_OK;
}

/* One transaction for each version, so that one that is cut off begins again. */
static int convert(mcl_sql *s, motcl_err *err) {
  int rc = MOTCL_OK;
  for (int v = s->version; rc == MOTCL_OK && v < VERSION; v++) {
    rc = run_script(s, "BEGIN IMMEDIATE", err);
    if (rc == MOTCL_OK)
      rc = run_script(s, conversions[v], err);
    if (rc == MOTCL_OK)
      rc = run_script(s, "COMMIT", err);
  }
  return rc;
}

static int use_log(mcl_sql *s, motcl_err *err) {
  char mode[16] = "";
  int64_t none;
  int rc = ask(s, "PRAGMA journal_mode = WAL", &none, mode, sizeof mode, err);
  if (rc == MOTCL_OK && strcmp(mode, "wal") != 0)
    rc = mcl_fail(err, MOTCL_EIO,
                  "cannot keep a log beside '%s'; name a state folder on a disk of this machine",
                  s->path);
  return rc;
}

static int look_over(mcl_sql *s, bool whole, motcl_err *err) {
  char said[256] = "";
  int64_t none;
  int rc = ask(s, whole ? "PRAGMA quick_check(1)" : "PRAGMA quick_check('jobs')", &none, said,
               sizeof said, err);
  if (rc == MOTCL_OK && strcmp(said, "ok") != 0)
    rc = mcl_fail(err, MOTCL_EFORMAT,
                  "'%s' is damaged: %s; put a backup of the state folder in place of it", s->path,
                  said);
  return rc;
}

static int prepare_all(mcl_sql *s, motcl_err *err) {
  int status = SQLITE_OK;
  for (int i = 0; i < MCL_SQL_COUNT && status == SQLITE_OK; i++)
    status = sqlite3_prepare_v3(s->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &s->statement[i], NULL);
  return status == SQLITE_OK ? MOTCL_OK : fail(s, status, err);
}

int mcl_sql_open(mcl_sql *s, const char *path, bool *fresh, motcl_err *err) {
  int rc = open_database(s, path, err);
  if (rc == MOTCL_OK)
    rc = read_version(s, err);
  *fresh = s->version == 0;
  if (rc != MOTCL_OK)
    mcl_sql_close(s);
  return rc;
}

int mcl_sql_prepare(mcl_sql *s, bool whole, motcl_err *err) {
  int rc = use_log(s, err);
  if (rc == MOTCL_OK)
    rc = convert(s, err);
  if (rc == MOTCL_OK)
    rc = look_over(s, whole, err);
  if (rc == MOTCL_OK)
    rc = prepare_all(s, err);
  if (rc != MOTCL_OK)
    mcl_sql_close(s);
  return rc;
}

int mcl_sql_open_again(mcl_sql *s, const char *path, motcl_err *err) {
  bool fresh;
  int rc = mcl_sql_open(s, path, &fresh, err);
  if (rc == MOTCL_OK && s->version < VERSION)
    rc =
        mcl_fail(err, MOTCL_EINVAL,
                 "'%s' is of an older motcl; start the daemon on it once, which converts it", path);
  if (rc == MOTCL_OK)
    rc = prepare_all(s, err);
  if (rc != MOTCL_OK)
    mcl_sql_close(s);
  return rc;
}

void mcl_sql_close(mcl_sql *s) {
  for (int i = 0; i < MCL_SQL_COUNT; i++)
    sqlite3_finalize(s->statement[i]); /* says again what its last run said */
  sqlite3_close(s->db);                /* fails only beside statements that are not finalized */
  *s = (mcl_sql){.path = s->path};
}

int mcl_sql_try(mcl_sql *s, motcl_err *err) {
  return run_script(s, "PRAGMA application_id = " APPLICATION, err);
}

int mcl_sql_copy(mcl_sql *s, mcl_sql *to, const char *path, motcl_err *err) {
  int rc = open_database(to, path, err);
  sqlite3_backup *copy = rc == MOTCL_OK ? sqlite3_backup_init(to->db, "main", s->db, "main") : NULL;
  if (rc == MOTCL_OK && !copy)
    rc = fail(to, sqlite3_errcode(to->db), err);
  if (rc == MOTCL_OK) {
    int status = sqlite3_backup_step(copy, -1);
    int ended = sqlite3_backup_finish(copy);
    if (status != SQLITE_DONE || ended != SQLITE_OK)
      rc = fail(to, status != SQLITE_DONE ? status : ended, err);
  }
  if (rc == MOTCL_OK)
    rc = prepare_all(to, err);
  if (rc != MOTCL_OK)
    mcl_sql_close(to);
  return rc;
}

mcl_query mcl_query_begin(mcl_sql *s, mcl_sql_name name) {
  return (mcl_query){.sql = s, .s = s->statement[name], .status = SQLITE_OK};
}

static void keep(mcl_query *q, int status) {
  if (q->status == SQLITE_OK)
    q->status = status;
}

void mcl_query_int(mcl_query *q, uint64_t value) {
  keep(q, sqlite3_bind_int64(q->s, ++q->at, (sqlite3_int64)value));
}

void mcl_query_text(mcl_query *q, const char *text) {
  keep(q, sqlite3_bind_text(q->s, ++q->at, text ? text : "", -1, SQLITE_STATIC));
}

void mcl_query_bytes(mcl_query *q, const void *bytes, size_t n) {
  keep(q, sqlite3_bind_blob64(q->s, ++q->at, n ? bytes : "", n, SQLITE_STATIC));
}

int mcl_query_row(mcl_query *q, bool *row, motcl_err *err) {
  if (q->status == SQLITE_OK) {
    int status = sqlite3_step(q->s);
    *row = status == SQLITE_ROW;
    if (status == SQLITE_ROW || status == SQLITE_DONE)
      return MOTCL_OK;
    q->status = status;
  }
  return fail(q->sql, q->status, err);
}

void mcl_query_end(mcl_query *q) {
  sqlite3_reset(q->s); /* says again what the last step said */
  sqlite3_clear_bindings(q->s);
}

int mcl_query_run(mcl_query *q, motcl_err *err) {
  bool row;
  int rc = mcl_query_row(q, &row, err);
  mcl_query_end(q);
  return rc;
}

uint64_t mcl_query_get_int(const mcl_query *q, int column) {
  return (uint64_t)sqlite3_column_int64(q->s, column);
}

const char *mcl_query_get_text(const mcl_query *q, int column) {
  return (const char *)sqlite3_column_text(q->s, column);
}

const uint8_t *mcl_query_get_bytes(const mcl_query *q, int column, size_t *n) {
  const void *bytes = sqlite3_column_blob(q->s, column);
  *n = (size_t)sqlite3_column_bytes(q->s, column);
  if (!bytes && *n == 0 && sqlite3_column_type(q->s, column) == SQLITE_BLOB)
    return (const uint8_t *)"";
  return bytes;
}

int mcl_query_memory(const mcl_query *q, motcl_err *err) {
  return (sqlite3_errcode(q->sql->db) & 0xFF) == SQLITE_NOMEM ? mcl_fail_nomem(err, 0) : MOTCL_OK;
}
