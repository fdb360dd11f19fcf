/* journal_backup.c - a copy of a state folder whose daemon goes on. SQLite shows the copier one moment of the
 * database; results never change, so they are copied after it. The database gets its name last, by which the
 * copy becomes a state folder. */
#include "base/err.h"
#include "base/mem.h"
#include "daemon/journal.h"
#include "daemon/journal_files.h"
#include "daemon/journal_sql.h"

/* The state folder and its copy. */
typedef struct side {
  mcl_state_folder folder;
  char *path; /* of the database */
  mcl_sql sql;
} side;

typedef struct backup {
  side from, to;
} backup;

static int open_side(side *s, const char *database, motcl_err *err) {
  s->path = mcl_state_folder_path(&s->folder, database);
  return s->path ? MOTCL_OK : mcl_fail_nomem(err, sizeof *s);
}

static void close_side(side *s) {
  mcl_sql_close(&s->sql);
  mcl_free(s->path);
  mcl_state_folder_close(&s->folder);
}

/* Whether the daemon has forgotten the job since. */
static int is_forgotten(backup *b, uint64_t number, bool *forgotten, motcl_err *err) {
  bool row = false;
  mcl_query q = mcl_query_begin(&b->from.sql, MCL_SQL_STATE);
  mcl_query_int(&q, number);
  int rc = mcl_query_row(&q, &row, err);
  mcl_query_end(&q);
  *forgotten = !row;
  return rc;
}

static int forget(backup *b, uint64_t number, motcl_err *err) {
  mcl_query q = mcl_query_begin(&b->to.sql, MCL_SQL_DELETE);
  mcl_query_int(&q, number);
  return mcl_query_run(&q, err);
}

/* A result that is damaged or lost is so in the copy too, where fetching it says so. */
static int copy_result(backup *b, uint64_t number, size_t n, motcl_err *err) {
  uint8_t *bytes = NULL;
  bool forgotten;
  int rc = mcl_result_read(&b->from.folder, number, &bytes, n, err);
  if (rc == MOTCL_OK) {
    rc = mcl_result_write(&b->to.folder, number, bytes, n, err);
    mcl_free(bytes);
    return rc;
  }
  if (rc != MOTCL_EFORMAT)
    return rc;
  rc = is_forgotten(b, number, &forgotten, err);
  return rc == MOTCL_OK && forgotten ? forget(b, number, err) : rc;
}

/* A job of the copy that has a result. */
typedef struct ended {
  uint64_t number, bytes;
} ended;

typedef struct ended_list {
  ended *at;
  size_t count, cap;
} ended_list;

static int push(ended_list *list, ended e, motcl_err *err) {
  void *p = list->at;
  if (!mcl_grow(&p, &list->cap, list->count, sizeof *list->at))
    return mcl_fail_nomem(err, (list->count + 1) * sizeof *list->at);
  list->at = p;
  list->at[list->count++] = e;
  return MOTCL_OK;
}

static int list_results(backup *b, ended_list *list, motcl_err *err) {
  bool row = true;
  mcl_query q = mcl_query_begin(&b->to.sql, MCL_SQL_ENDED);
  int rc = mcl_query_row(&q, &row, err);
  while (rc == MOTCL_OK && row) {
    ended e = {.number = mcl_query_get_int(&q, 0), .bytes = mcl_query_get_int(&q, 2)};
    if (e.bytes > 0)
      rc = push(list, e, err);
    if (rc == MOTCL_OK)
      rc = mcl_query_row(&q, &row, err);
  }
  mcl_query_end(&q);
  return rc;
}

static int copy_results(backup *b, motcl_err *err) {
  ended_list list = {0};
  int rc = list_results(b, &list, err);
  for (size_t i = 0; i < list.count && rc == MOTCL_OK; i++)
    rc = copy_result(b, list.at[i].number, (size_t)list.at[i].bytes, err);
  mcl_free(list.at);
  return rc;
}

static int copy_all(backup *b, motcl_err *err) {
  int rc = open_side(&b->from, MCL_JOURNAL_DB, err);
  if (rc == MOTCL_OK)
    rc = open_side(&b->to, MCL_JOURNAL_PART, err);
  if (rc == MOTCL_OK)
    rc = mcl_sql_open_again(&b->from.sql, b->from.path, err);
  if (rc == MOTCL_OK)
    rc = mcl_sql_copy(&b->from.sql, &b->to.sql, b->to.path, err);
  if (rc == MOTCL_OK)
    rc = copy_results(b, err);
  return rc;
}

int mcl_journal_backup(const char *dir, const char *to, motcl_err *err) {
  backup b = {0};
  int rc = mcl_state_folder_open_again(&b.from.folder, dir, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_state_folder_make(&b.to.folder, to, err);
  if (rc == MOTCL_OK) {
    rc = copy_all(&b, err);
    mcl_sql_close(&b.to.sql); /* which takes its log in */
    if (rc == MOTCL_OK)
      rc = mcl_state_folder_rename(&b.to.folder, MCL_JOURNAL_PART, MCL_JOURNAL_DB, err);
    close_side(&b.to);
  }
  close_side(&b.from);
  return rc;
}
