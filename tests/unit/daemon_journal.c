/* daemon_journal.c - the daemon's journal: what it keeps, what it refuses, and what it makes of damage. That it
 * survives being cut off at any moment is daemon_journal_cut's. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "journal_jobs.h"

#define DIR_NAME "mcl_journal_test"
#define COPY_NAME "mcl_journal_copy"
#define NOW UINT64_C(1700000000000)

static motcl_err err;

static mcl_journal *open_journal(void) {
  mcl_journal *j = NULL;
  if (mcl_journal_open(&j, DIR_NAME, NOW, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return j;
}

static mcl_journal *reopen(mcl_journal *j) {
  mcl_journal_close(j);
  return open_journal();
}

static void refuse(const char *sentence) {
  mcl_journal *j = NULL;
  int rc = mcl_journal_open(&j, DIR_NAME, NOW, &err);
  assert_null(j);
  assert_int_not_equal(rc, MOTCL_OK);
  if (!strstr(err.text, sentence))
    fail_msg("'%s' in: %s", sentence, err.text);
}

static int clear(void **state) {
  (void)state;
  drop_folder(DIR_NAME);
  drop_folder(COPY_NAME);
  return 0;
}

#define ok(rc)                                                                                     \
  do {                                                                                             \
    if ((rc) != MOTCL_OK)                                                                          \
      fail_msg("%s", err.text);                                                                    \
  } while (0)

/* A job whose message is the 100 bytes numbered `seed`. */
static mcl_journal_job accept_job(mcl_journal *j, const char *id, unsigned seed) {
  mcl_journal_job job = {.id = id, .user = 1000, .state = WAITING, .submitted_ms = NOW};
  mcl_acceptance how;
  uint8_t *message = bytes_of(seed, 100);
  ok(mcl_journal_accept(j, &job, message, 100, &how, &err));
  mcl_free(message);
  assert_int_equal(how, MCL_ACCEPTED);
  return job;
}

/* The same, ended with the n bytes numbered `seed`. */
static mcl_journal_job end_job(mcl_journal *j, const char *id, unsigned seed, size_t n,
                               uint64_t at_ms) {
  mcl_journal_job job = accept_job(j, id, seed);
  uint8_t *result = bytes_of(seed, n);
  job.state = DONE;
  job.changed_ms = at_ms;
  ok(mcl_journal_finish(j, &job, result, n, &err));
  mcl_free(result);
  return job;
}

static void assert_result(mcl_journal *j, uint64_t number, unsigned seed, size_t n) {
  uint8_t *bytes;
  size_t got;
  ok(mcl_journal_result(j, number, &bytes, &got, &err));
  assert_true(are_bytes(bytes, got, seed, n));
  mcl_free(bytes);
}

/* What a visit has seen; texts are copied. */
typedef struct seen {
  mcl_journal_job job[8];
  char id[8][160], sentence[8][160];
  int count;
} seen;

static void see(void *user, const mcl_journal_job *job) {
  seen *s = user;
  int i = s->count++;
  assert_true(i < 8);
  s->job[i] = *job;
  snprintf(s->id[i], sizeof s->id[i], "%s", job->id);
  snprintf(s->sentence[i], sizeof s->sentence[i], "%s", job->sentence);
}

static seen visit(mcl_journal *j) {
  seen s = {.count = 0};
  ok(mcl_journal_visit(j, see, &s, &err));
  return s;
}

/* Run SQL on the database of a journal that is closed, as damage would. */
static void damage(const char *sql) {
  sqlite3 *db;
  char *why = NULL;
  assert_int_equal(sqlite3_open(DIR_NAME "/journal.db", &db), SQLITE_OK);
  if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
    fail_msg("%s: %s", sql, why);
  sqlite3_close(db);
}

static void overwrite(const char *path, long at, const char *bytes) {
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  assert_int_equal(fseek(f, at, SEEK_SET), 0);
  assert_int_equal(fwrite(bytes, 1, strlen(bytes), f), strlen(bytes));
  assert_int_equal(fclose(f), 0);
}

static void a_life(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  mcl_journal_job job = accept_job(j, "one", 1), second = accept_job(j, "two", 2);
  uint8_t *bytes;
  size_t n;
  assert_int_equal(job.number, 1);
  assert_int_equal(second.number, 2);

  ok(mcl_journal_message(j, 1, &bytes, &n, &err));
  assert_true(are_bytes(bytes, n, 1, 100));
  mcl_free(bytes);

  ok(mcl_journal_saved(j, 1, &bytes, &n, &err));
  assert_null(bytes);
  job.state = RUNNING;
  job.attempts = 1;
  job.changed_ms = NOW + 1;
  ok(mcl_journal_change(j, &job, "begun", &err));
  ok(mcl_journal_save(j, 1, "first", 5, NOW + 2, &err));
  ok(mcl_journal_save(j, 1, "then", 4, NOW + 3, &err));
  ok(mcl_journal_saved(j, 1, &bytes, &n, &err));
  assert_int_equal(n, 4);
  assert_memory_equal(bytes, "then", 4);
  mcl_free(bytes);
  assert_int_equal(visit(j).job[0].saved_ms, NOW + 3);
  ok(mcl_journal_unsave(j, 1, &err));
  assert_int_equal(visit(j).job[0].saved_ms, 0);

  job.state = DONE;
  job.changed_ms = NOW + 4;
  ok(mcl_journal_finish(j, &job, "result", 6, &err));
  assert_int_equal(job.result_bytes, 6);
  assert_int_equal(mcl_journal_finish(j, &job, "again", 5, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_journal_change(j, &second, NULL, &err), MOTCL_OK);
  ok(mcl_journal_result(j, 1, &bytes, &n, &err));
  assert_int_equal(n, 6);
  assert_memory_equal(bytes, "result", 6);
  mcl_free(bytes);
  assert_int_equal(mcl_journal_message(j, 1, &bytes, &n, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_journal_save(j, 1, "late", 4, NOW, &err), MOTCL_EINVAL);

  assert_int_equal(mcl_journal_forget(j, 2, &err), MOTCL_EINVAL);
  assert_int_equal(files_in(DIR_NAME "/results"), 1);
  ok(mcl_journal_forget(j, 1, &err));
  assert_int_equal(files_in(DIR_NAME "/results"), 0);
  assert_int_equal(mcl_journal_forget(j, 1, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_journal_result(j, 1, &bytes, &n, &err), MOTCL_EINVAL);
  assert_int_equal(visit(j).count, 1);

  second.state = CANCELLED;
  ok(mcl_journal_finish(j, &second, NULL, 0, &err));
  assert_int_equal(mcl_journal_result(j, 2, &bytes, &n, &err), MOTCL_EINVAL);
  ok(mcl_journal_forget(j, 2, &err));
  j = reopen(j);
  assert_int_equal(accept_job(j, "one", 3).number, 3); /* a number is never given again */
  mcl_journal_close(j);
}

/* One id, one job. */
static void ids(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  mcl_acceptance how;
  char longest[130];
  mcl_journal_job job = accept_job(j, "id", 1),
                  again = {.id = "id", .user = 1000, .state = WAITING};
  uint8_t *message = bytes_of(1, 100);
  for (int i = 0; i < 2; i++) { /* also of a job that has ended */
    ok(mcl_journal_accept(j, &again, message, 100, &how, &err));
    assert_int_equal(how, MCL_ACCEPTED_BEFORE);
    assert_int_equal(again.number, job.number);
    ok(mcl_journal_accept(j, &again, message, 99, &how, &err));
    assert_int_equal(how, MCL_ACCEPTED_OTHER);
    again.user = 1001;
    ok(mcl_journal_accept(j, &again, message, 100, &how, &err));
    assert_int_equal(how, MCL_ACCEPTED_OTHER);
    again.user = 1000;
    job.state = DONE;
    if (i == 0)
      ok(mcl_journal_finish(j, &job, "r", 1, &err));
  }
  assert_int_equal(visit(j).count, 1);
  memset(longest, 'x', sizeof longest);
  longest[129] = 0;
  again.id = longest;
  assert_int_equal(mcl_journal_accept(j, &again, message, 100, &how, &err), MOTCL_EINVAL);
  longest[128] = 0;
  ok(mcl_journal_accept(j, &again, message, 100, &how, &err));
  again.id = "";
  assert_int_equal(mcl_journal_accept(j, &again, message, 100, &how, &err), MOTCL_EINVAL);
  again = (mcl_journal_job){.id = "running", .state = RUNNING};
  assert_int_equal(mcl_journal_accept(j, &again, message, 100, &how, &err), MOTCL_EINVAL);
  again.state = HELD;
  ok(mcl_journal_accept(j, &again, "", 0, &how, &err));
  mcl_free(message);
  mcl_journal_close(j);
}

/* Every member comes back as it was, and what ran waits. */
static void members(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  mcl_acceptance how;
  mcl_journal_job job = {.id = "j\xC3\xB6"
                               "b",
                         .model = "bagel",
                         .what = "draw 1024x1024",
                         .labels = "key\0value\0k\0",
                         .labels_bytes = 13,
                         .deadline_ms = UINT64_MAX,
                         .submitted_ms = NOW,
                         .user = UINT32_MAX,
                         .priority = INT32_MIN,
                         .state = HELD};
  ok(mcl_journal_accept(j, &job, "message", 7, &how, &err));
  job.state = RUNNING;
  job.hold = job.cancel = true;
  job.attempts = 3;
  job.crashes = UINT32_MAX;
  job.code = MOTCL_ELOST;
  job.device = "pocl";
  job.sentence = "the device was lost";
  job.changed_ms = NOW + 7;
  ok(mcl_journal_change(j, &job, "begun", &err));
  accept_job(j, "other", 1);
  job.number = 2;
  job.hold = false;
  ok(mcl_journal_change(j, &job, NULL, &err));
  j = reopen(j);
  seen s = visit(j);
  assert_int_equal(s.count, 2);
  const mcl_journal_job *got = &s.job[0];
  assert_string_equal(s.id[0], "j\xC3\xB6"
                               "b");
  assert_int_equal(got->message_bytes, 7);
  assert_true(got->deadline_ms == UINT64_MAX);
  assert_int_equal(got->submitted_ms, NOW);
  assert_true(got->user == UINT32_MAX);
  assert_true(got->priority == INT32_MIN);
  assert_int_equal(got->state, HELD);
  assert_true(!got->hold && got->cancel); /* it is held now */
  assert_int_equal(got->attempts, 3);
  assert_true(got->crashes == UINT32_MAX);
  assert_int_equal(got->code, MOTCL_ELOST);
  assert_string_equal(s.sentence[0], "the device was lost");
  assert_int_equal(got->changed_ms, NOW);
  assert_int_equal(s.job[1].state, WAITING);
  mcl_journal_close(j);
}

static void see_texts(void *user, const mcl_journal_job *job) {
  *(int *)user += strcmp(job->model, "m") == 0 && strcmp(job->what, "w") == 0 &&
                  job->labels_bytes == 4 && memcmp(job->labels, "a\0b", 4) == 0 &&
                  strcmp(job->device, "d") == 0 && strcmp(job->sentence, "") == 0;
}

static void texts(void **state) {
  (void)state;
  int count = 0;
  mcl_acceptance how;
  mcl_journal_job job = {.id = "i",
                         .model = "m",
                         .what = "w",
                         .labels = "a\0b",
                         .labels_bytes = 4,
                         .device = "d",
                         .state = HELD};
  mcl_journal *j = open_journal();
  ok(mcl_journal_accept(j, &job, "", 0, &how, &err));
  j = reopen(j);
  ok(mcl_journal_visit(j, see_texts, &count, &err));
  assert_int_equal(count, 1);
  mcl_journal_close(j);
}

static void transactions(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  mcl_retention keep = {.count = 1};
  ok(mcl_journal_begin(j, &err));
  assert_int_equal(mcl_journal_begin(j, &err), MOTCL_EINVAL);
  mcl_journal_job job = accept_job(j, "one", 1);
  assert_int_equal(mcl_journal_forget(j, job.number, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_journal_unsave(j, 99, &err), MOTCL_OK);
  assert_int_equal(mcl_journal_save(j, 99, "", 0, NOW, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_journal_retain(j, &keep, NOW, NULL, NULL, &err), MOTCL_EINVAL);
  accept_job(j, "two", 2);
  ok(mcl_journal_commit(j, &err));
  assert_int_equal(mcl_journal_commit(j, &err), MOTCL_EINVAL);
  assert_int_equal(visit(j).count, 2);
  ok(mcl_journal_begin(j, &err));
  end_job(j, "three", 3, 10, NOW);
  j = reopen(j); /* which gives it up, and sweeps its result */
  assert_int_equal(visit(j).count, 2);
  assert_int_equal(files_in(DIR_NAME "/results"), 0);
  job.state = DONE;
  assert_int_equal(mcl_journal_change(j, &job, NULL, &err), MOTCL_EINVAL);
  job.state = WAITING;
  assert_int_equal(mcl_journal_finish(j, &job, "", 0, &err), MOTCL_EINVAL);
  mcl_journal_close(j);
}

typedef struct heard {
  int count;
  mcl_job_state last;
  char reasons[256];
} heard;

static void hear(void *user, uint64_t at_ms, mcl_job_state is, const char *reason) {
  heard *h = user;
  h->count++;
  h->last = is;
  assert_true(at_ms >= NOW);
  size_t n = strlen(h->reasons);
  snprintf(h->reasons + n, sizeof h->reasons - n, "%s;", reason);
}

static void events(void **state) {
  (void)state;
  heard h = {0};
  mcl_journal *j = open_journal();
  mcl_journal_job job = accept_job(j, "one", 1);
  job.state = RUNNING;
  ok(mcl_journal_change(j, &job, "begun", &err));
  job.attempts = 2; /* in the same state: no event */
  ok(mcl_journal_change(j, &job, "unheard", &err));
  j = reopen(j);
  job.state = FAILED;
  job.sentence = "it broke";
  ok(mcl_journal_finish(j, &job, "", 0, &err));
  ok(mcl_journal_events(j, 1, hear, &h, &err));
  assert_string_equal(h.reasons, ";begun;the daemon ended while it ran;it broke;");
  assert_int_equal(h.last, FAILED);
  job = accept_job(j, "two", 2);
  for (int i = 0; i < 100; i++) {
    job.state = i % 2 ? WAITING : HELD;
    ok(mcl_journal_change(j, &job, NULL, &err));
  }
  h = (heard){0};
  ok(mcl_journal_events(j, 2, hear, &h, &err));
  assert_int_equal(h.count, 64);
  assert_int_equal(h.last, WAITING);
  mcl_journal_close(j);
}

static void note(void *user, uint64_t number) {
  char *text = user;
  size_t n = strlen(text);
  snprintf(text + n, 32 - n, "%d ", (int)number);
}

static void assert_retained(mcl_retention keep, uint64_t now_ms, const char *expected) {
  char gone[32] = "";
  mcl_journal *j = open_journal();
  ok(mcl_journal_retain(j, &keep, now_ms, note, gone, &err));
  assert_string_equal(gone, expected);
  mcl_journal_close(j);
}

static void retention(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  accept_job(j, "open", 1);
  end_job(j, "two", 2, 100, NOW + 50);
  end_job(j, "three", 3, 100, NOW + 40);
  end_job(j, "four", 4, 100, NOW + 30);
  end_job(j, "five", 5, 100, NOW + 20);
  end_job(j, "six", 6, 100, NOW + 10);
  mcl_journal_close(j);
  assert_retained((mcl_retention){0}, NOW + 100, "");
  assert_retained((mcl_retention){.age_ms = 10}, NOW, ""); /* the clock was set back */
  assert_retained((mcl_retention){.age_ms = 80}, NOW + 91, "6 ");
  assert_retained((mcl_retention){.bytes = 399}, NOW, "5 ");
  assert_retained((mcl_retention){.count = 1}, NOW, "4 3 ");
  j = open_journal();
  seen s = visit(j);
  assert_int_equal(s.count, 2);
  assert_string_equal(s.id[0], "open");
  assert_string_equal(s.id[1], "two");
  assert_int_equal(files_in(DIR_NAME "/results"), 1);
  mcl_journal_close(j);
}

/* A row that is damaged fails alone, says why, and is kept. */
static void damaged_rows(void **state) {
  (void)state;
  mcl_acceptance how;
  mcl_journal *j = open_journal();
  for (int i = 0; i < 6; i++) {
    char id[8];
    snprintf(id, sizeof id, "job-%d", i + 1);
    accept_job(j, id, 1);
  }
  mcl_journal_close(j);
  damage("UPDATE jobs SET what = 'x' WHERE number = 1;"
         "UPDATE jobs SET attempts = 9 WHERE number = 2;"
         "UPDATE jobs SET id = x'ff' WHERE number = 3;"
         "UPDATE jobs SET state_sum = NULL, model = NULL, state = 4 WHERE number = 4;"
         "UPDATE jobs SET number = 17 WHERE number = 5;");
  j = open_journal();
  seen s = visit(j);
  assert_int_equal(s.count, 6);
  for (int i = 0; i < 6; i++) {
    const mcl_journal_job *job = &s.job[i];
    assert_int_equal(job->state, job->number == 6 ? WAITING : FAILED);
    assert_int_equal(job->code, job->number == 6 ? MOTCL_OK : MOTCL_EFORMAT);
    assert_int_equal(job->user, 1000);
    assert_true(job->number == 6 || strstr(s.sentence[i], "damaged"));
  }
  assert_string_equal(s.id[0], "job-1");
  assert_string_equal(s.id[2], "damaged-3");
  /* what is set aside is a job like any that has failed */
  mcl_journal_job again = {.id = "job-1", .user = 1000, .state = WAITING};
  ok(mcl_journal_accept(j, &again, "m", 1, &how, &err));
  assert_int_equal(how, MCL_ACCEPTED_OTHER);
  ok(mcl_journal_forget(j, 3, &err));
  ok(mcl_journal_forget(j, 17, &err));
  mcl_journal_close(j);
  sqlite3 *db;
  sqlite3_stmt *q;
  assert_int_equal(sqlite3_open(DIR_NAME "/journal.db", &db), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT what FROM damaged ORDER BY number", -1, &q, NULL),
                   SQLITE_OK);
  assert_int_equal(sqlite3_step(q), SQLITE_ROW);
  assert_string_equal((const char *)sqlite3_column_text(q, 0), "x");
  sqlite3_finalize(q);
  sqlite3_close(db);
}

/* An id in the table that is another in the index, as a bit that flips makes it. */
static void damaged_id(void **state) {
  (void)state;
  char page[4096];
  long at = -1;
  mcl_journal *j = open_journal();
  accept_job(j, "unmistakable", 1);
  mcl_journal_close(j);
  FILE *f = fopen(DIR_NAME "/journal.db", "rb");
  assert_non_null(f);
  for (long base = 0; fread(page, sizeof page, 1, f) == 1; base += (long)sizeof page) {
    for (size_t i = 0; i + 12 <= sizeof page; i++) {
      if (memcmp(page + i, "unmistakable", 12) == 0 &&
          page[0] == 13) /* of a table, not of an index */
        at = base + (long)i;
    }
  }
  fclose(f);
  assert_true(at >= 0);
  overwrite(DIR_NAME "/journal.db", at, "umm");
  j = open_journal();
  seen s = visit(j);
  assert_int_equal(s.count, 1);
  assert_int_equal(s.job[0].state, FAILED);
  ok(mcl_journal_forget(j, 1, &err));
  assert_int_equal(visit(j).count, 0);
  mcl_journal_close(j);
}

static void damaged_bytes(void **state) {
  (void)state;
  uint8_t *bytes;
  size_t n;
  mcl_journal *j = open_journal();
  accept_job(j, "one", 1);
  accept_job(j, "two", 2);
  ok(mcl_journal_save(j, 2, "saved", 5, NOW, &err));
  end_job(j, "three", 3, 100, NOW);
  end_job(j, "four", 4, 100, NOW);
  end_job(j, "five", 5, 100, NOW);
  end_job(j, "six", 6, 100, NOW);
  mcl_acceptance how;
  mcl_journal_job none = {.id = "none", .state = WAITING};
  ok(mcl_journal_accept(j, &none, "", 0, &how, &err));
  mcl_journal_close(j);
  damage("UPDATE messages SET bytes = NULL WHERE number = 7;"
         "UPDATE messages SET bytes = x'00' WHERE number = 1;"
         "UPDATE saved SET bytes = x'00' WHERE number = 2;");
  overwrite(DIR_NAME "/results/3.pb", 50, "X");
  assert_int_equal(truncate(DIR_NAME "/results/4.pb", 99), 0);
  assert_int_equal(unlink(DIR_NAME "/results/5.pb"), 0);
  j = open_journal();
  assert_int_equal(mcl_journal_message(j, 1, &bytes, &n, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "damaged"));
  assert_int_equal(mcl_journal_message(j, 7, &bytes, &n, &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_journal_saved(j, 2, &bytes, &n, &err), MOTCL_EFORMAT);
  ok(mcl_journal_message(j, 2, &bytes, &n, &err));
  mcl_free(bytes);
  for (uint64_t i = 3; i <= 5; i++) {
    assert_int_equal(mcl_journal_result(j, i, &bytes, &n, &err), MOTCL_EFORMAT);
    assert_non_null(strstr(err.text, "damaged"));
  }
  assert_result(j, 6, 6, 100);
  assert_null(mcl_journal_trouble(j));
  mcl_journal_close(j);
}

static void damaged_database(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  for (int i = 0; i < 300; i++) {
    char id[16];
    snprintf(id, sizeof id, "%d", i);
    accept_job(j, id, 1);
  }
  mcl_journal_close(j);
  damage("PRAGMA wal_checkpoint(TRUNCATE)");
  /* the root page of the jobs, which is the second of a new database */
  overwrite(DIR_NAME "/journal.db", 4096, "no page of a tree");
  refuse("is damaged");
  assert_int_equal(err.code, MOTCL_EFORMAT);
  overwrite(DIR_NAME "/journal.db", 0, "no database");
  refuse("is damaged");
}

static void folder_made(void **state) {
  (void)state;
  struct stat st;
  mcl_journal *j;
  mode_t mask = umask(0);
  assert_int_equal(mcl_journal_open(&j, DIR_NAME "/below", NOW, &err), MOTCL_EIO);
  assert_int_equal(stat(DIR_NAME, &st), -1);
  ok(mcl_journal_open(&j, DIR_NAME "//", NOW, &err));
  end_job(j, "one", 1, 10, NOW);
  const char *all[] = {
      DIR_NAME,         DIR_NAME "/results",     DIR_NAME "/journal.db", DIR_NAME "/journal.db-wal",
      DIR_NAME "/lock", DIR_NAME "/results/1.pb"};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    assert_int_equal(lstat(all[i], &st), 0);
    assert_int_equal(st.st_mode & 077, 0);
  }
  mcl_journal_close(j);
  umask(mask);
  assert_int_equal(mcl_journal_open(&j, "", NOW, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_journal_open(&j, DIR_NAME "/journal.db", NOW, &err), MOTCL_EINVAL);
}

/* Whatever others can have put there is refused, and named. */
static void folder_foreign(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  end_job(j, "one", 1, 10, NOW);
  mcl_journal_close(j);
  const char *all[] = {DIR_NAME, DIR_NAME "/results", DIR_NAME "/journal.db", DIR_NAME "/lock",
                       DIR_NAME "/results/1.pb"};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct stat st;
    assert_int_equal(stat(all[i], &st), 0);
    assert_int_equal(chmod(all[i], st.st_mode | 040), 0);
    refuse(all[i]);
    assert_int_equal(err.code, MOTCL_EINVAL);
    assert_non_null(strstr(err.text, "open to others"));
    assert_int_equal(chmod(all[i], st.st_mode & 07777), 0);
    if (geteuid() == 0) { /* who else could give files away */
      assert_int_equal(chown(all[i], 1, (gid_t)-1), 0);
      refuse(all[i]);
      assert_non_null(strstr(err.text, "belongs to user 1"));
      assert_int_equal(chown(all[i], 0, (gid_t)-1), 0);
    }
  }
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    assert_int_equal(rename(all[i], COPY_NAME), 0);
    assert_int_equal(symlink(i == 0 ? COPY_NAME : "../" COPY_NAME, all[i]), 0);
    refuse(all[i]);
    assert_int_equal(err.code, MOTCL_EINVAL);
    assert_non_null(strstr(err.text, "is a link"));
    assert_int_equal(unlink(all[i]), 0);
    assert_int_equal(rename(COPY_NAME, all[i]), 0);
  }
  assert_int_equal(symlink(DIR_NAME, COPY_NAME), 0);
  assert_int_equal(mcl_journal_open(&j, COPY_NAME "/", NOW, &err), MOTCL_EINVAL);
  assert_int_equal(unlink(COPY_NAME), 0);
  j = open_journal();
  assert_result(j, 1, 1, 10);
  /* changed under a daemon that has it open */
  uint8_t *bytes;
  size_t n;
  assert_int_equal(chmod(DIR_NAME "/results/1.pb", 0620), 0);
  assert_int_equal(mcl_journal_result(j, 1, &bytes, &n, &err), MOTCL_EINVAL);
  mcl_journal_close(j);
}

static void second_daemon(void **state) {
  (void)state;
  int ready[2];
  char byte, pid[32];
  assert_int_equal(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    mcl_journal *j;
    if (mcl_journal_open(&j, DIR_NAME, NOW, NULL) != MOTCL_OK || write(ready[1], "r", 1) != 1)
      _exit(1);
    for (;;)
      pause();
  }
  close(ready[1]);
  assert_int_equal(read(ready[0], &byte, 1), 1);
  snprintf(pid, sizeof pid, "process %d has", (int)child);
  refuse(pid);
  assert_int_equal(err.code, MOTCL_EINVAL);
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, NULL, 0), child);
  close(ready[0]);
  mcl_journal_close(open_journal());
}

static void versions(void **state) {
  (void)state;
  assert_int_equal(mkdir(DIR_NAME, 0700), 0);
  damage("PRAGMA journal_mode = WAL; VACUUM"); /* version 0 */
  assert_int_equal(chmod(DIR_NAME "/journal.db", 0600), 0);
  mcl_journal *j = open_journal();
  accept_job(j, "one", 1);
  mcl_journal_close(j);
  damage("PRAGMA user_version = 2");
  refuse("newer motcl");
  damage("PRAGMA user_version = -1");
  refuse("newer motcl");
  damage("PRAGMA user_version = 1; PRAGMA application_id = 5");
  refuse("another program's");
  damage("PRAGMA user_version = 0; PRAGMA application_id = 0");
  refuse("another program's");
}

/* Results are not swept because their journal is gone. */
static void database_gone(void **state) {
  (void)state;
  mcl_journal *j = open_journal();
  end_job(j, "one", 1, 10, NOW);
  mcl_journal_close(j);
  assert_int_equal(rename(DIR_NAME "/journal.db", COPY_NAME), 0);
  refuse("has results");
  refuse("has results");
  assert_int_equal(rename(COPY_NAME, DIR_NAME "/journal.db"), 0);
  j = open_journal();
  assert_result(j, 1, 1, 10);
  mcl_journal_close(j);
}

static void swept(void **state) {
  (void)state;
  const char *all[] = {"9.pb", "1.pb", "1.tmp", "2.tmp", "notes", "02.pb", ".pb"};
  mcl_journal *j = open_journal();
  accept_job(j, "one", 1);
  end_job(j, "two", 2, 10, NOW);
  mcl_journal_close(j);
  umask(077);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    char path[64];
    snprintf(path, sizeof path, DIR_NAME "/results/%s", all[i]);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fclose(f);
  }
  j = open_journal();
  assert_result(j, 2, 2, 10);
  assert_int_equal(files_in(DIR_NAME "/results"), 3); /* 2.pb, notes, 02.pb; .pb is not counted */
  mcl_journal_close(j);
}

/* In another process, while a transaction is under way. */
static int backup_elsewhere(const char *to) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    motcl_err why;
    int rc = mcl_journal_backup(DIR_NAME, to, &why);
    if (rc != MOTCL_OK && rc != MOTCL_EINVAL)
      fprintf(stderr, "%s\n", why.text);
    _exit(rc == MOTCL_OK ? 0 : -rc);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? -WEXITSTATUS(status) : MOTCL_EINTERNAL;
}

static void backups(void **state) {
  (void)state;
  mcl_journal *j = open_journal(), *copy = NULL;
  mcl_journal_job job = accept_job(j, "one", 1);
  ok(mcl_journal_save(j, 1, "saved", 5, NOW, &err));
  job.state = RUNNING;
  ok(mcl_journal_change(j, &job, NULL, &err));
  end_job(j, "two", 2, 100, NOW);
  end_job(j, "lost", 3, 100, NOW);
  assert_int_equal(unlink(DIR_NAME "/results/3.pb"), 0);
  ok(mcl_journal_begin(j, &err));
  accept_job(j, "uncommitted", 4);
  assert_int_equal(backup_elsewhere(COPY_NAME), MOTCL_OK);
  assert_int_equal(backup_elsewhere(COPY_NAME), MOTCL_EINVAL);
  ok(mcl_journal_commit(j, &err));
  assert_int_equal(visit(j).count, 4);
  ok(mcl_journal_open(&copy, COPY_NAME, NOW, &err));
  seen s = visit(copy);
  assert_int_equal(s.count, 3);
  assert_int_equal(s.job[0].state, WAITING);
  assert_int_equal(s.job[0].saved_ms, NOW);
  assert_result(copy, 2, 2, 100);
  uint8_t *bytes;
  size_t n;
  assert_int_equal(mcl_journal_result(copy, 3, &bytes, &n, &err), MOTCL_EFORMAT);
  mcl_journal_close(copy);
  mcl_journal_close(j);
  drop_folder(COPY_NAME);
  ok(mcl_journal_backup(DIR_NAME, COPY_NAME, &err)); /* of a daemon that does not run */
  assert_int_equal(rename(COPY_NAME "/journal.db", COPY_NAME "/journal.db.part"), 0);
  assert_int_equal(mcl_journal_open(&copy, COPY_NAME, NOW, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "was not finished"));
  assert_int_equal(mcl_journal_backup(COPY_NAME, "mcl_journal_other", &err), MOTCL_EINVAL);
}

static double seconds_since(const struct timespec *began) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)(now.tv_sec - began->tv_sec) + 1e-9 * (double)(now.tv_nsec - began->tv_nsec);
}

static void count(void *user, const mcl_journal_job *job) {
  *(uint64_t *)user += job->message_bytes == 100;
}

/* Ten thousand jobs are read without their messages: what SQLite takes stays below what its settings allow. */
static void many(void **state) {
  (void)state;
  struct timespec began;
  uint64_t visited = 0;
  mcl_journal *j = open_journal();
  clock_gettime(CLOCK_MONOTONIC, &began);
  for (int i = 0; i < 10000; i++) {
    char id[32];
    snprintf(id, sizeof id, "job-%d", i);
    if (i % 100 == 0)
      ok(mcl_journal_begin(j, &err));
    accept_job(j, id, (unsigned)i);
    if (i % 100 == 99)
      ok(mcl_journal_commit(j, &err));
  }
  print_message("10000 jobs accepted, a hundred a commit, in %.3f s\n", seconds_since(&began));
  mcl_journal_close(j);
  sqlite3_memory_highwater(1);
  clock_gettime(CLOCK_MONOTONIC, &began);
  j = open_journal();
  print_message("opened in %.3f s", seconds_since(&began));
  clock_gettime(CLOCK_MONOTONIC, &began);
  ok(mcl_journal_visit(j, count, &visited, &err));
  print_message(", visited in %.3f s, with %lld bytes at most\n", seconds_since(&began),
                (long long)sqlite3_memory_highwater(0));
  assert_int_equal(visited, 10000);
  assert_true(sqlite3_memory_highwater(0) < 8 << 20);
  mcl_journal_close(j);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_life, clear),
      cmocka_unit_test_setup(ids, clear),
      cmocka_unit_test_setup(members, clear),
      cmocka_unit_test_setup(texts, clear),
      cmocka_unit_test_setup(transactions, clear),
      cmocka_unit_test_setup(events, clear),
      cmocka_unit_test_setup(retention, clear),
      cmocka_unit_test_setup(damaged_rows, clear),
      cmocka_unit_test_setup(damaged_id, clear),
      cmocka_unit_test_setup(damaged_bytes, clear),
      cmocka_unit_test_setup(damaged_database, clear),
      cmocka_unit_test_setup(folder_made, clear),
      cmocka_unit_test_setup(folder_foreign, clear),
      cmocka_unit_test_setup(second_daemon, clear),
      cmocka_unit_test_setup(versions, clear),
      cmocka_unit_test_setup(database_gone, clear),
      cmocka_unit_test_setup(swept, clear),
      cmocka_unit_test_setup(backups, clear),
      cmocka_unit_test_setup(many, clear),
  };
  return cmocka_run_group_tests(tests, NULL, clear);
}
