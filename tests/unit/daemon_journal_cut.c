/* daemon_journal_cut.c - the journal, cut off everywhere. A process goes through the life of a journal, and at its n-th
 * call that changes a file the disk fails, the process is killed, or the power goes: then what was not synced is
 * undone. That is done for every n (`make check`: for every
 * n but most of those that write a page of the database); the journal then is as it was after the last step that the process was told was
 * done, or after the one that it was at, and goes on from there to the same end.
 *
 * The calls are those of the C library, which this program has in its place: SQLite's own go through here too. */
#define _GNU_SOURCE /* the calls with 64 in their names, and memory that has no file */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "journal_jobs.h"

#define DIR_NAME "mcl_journal_cut"
#define STASH "mcl_journal_cut_stash" /* files that were unlinked, until that is synced */
#define NOW UINT64_C(1700000000000)

enum { JOBS = 5, STEPS = 15, SAVED = 5000, MOST_UNDO = 4096, MOST_CALLS = 4096 };

/* What happens at the n-th call. */
typedef enum trouble {
  NOTHING,
  FAILS,  /* it does, with EIO, and none after it */
  FULL,   /* it and all that write after it fail with ENOSPC, until the disk is mended */
  KILLED, /* the process is gone before it */
  TORN,   /* half of it is written, then the process is gone */
  POWER   /* the power goes before it */
} trouble;

/* Shared with the process that is cut. */
typedef struct shared_memory {
  int told;              /* steps that were said to be done */
  int calls;             /* that changed a file */
  bool page[MOST_CALLS]; /* whether the call was one of many that write a page */
} shared_memory;
static shared_memory *shared;

static bool cut_at_all; /* --all */
static trouble at_hand;
static int cut_at;
static bool watching;

/* What was done, the last at the end. */
typedef enum undo_kind { BYTES, CREATED, RENAMED, UNLINKED } undo_kind;
typedef struct undo {
  undo_kind kind;
  bool synced;
  dev_t dev; /* of the file, or of the folder that has the name */
  ino_t ino;
  char path[128], to[128];
  off_t at, size;
  size_t n;
  uint8_t *bytes;
} undo;
static undo undone[MOST_UNDO];
static int undo_count;

/* Path of a descriptor, and of a name in a folder. */
static void path_of(char *path, size_t size, int fd) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, size - 1);
  path[n > 0 ? n : 0] = 0;
}

static void path_at(char *path, size_t size, int at, const char *name) {
  size_t n = 0;
  *path = 0;
  if (at != AT_FDCWD && *name != '/') {
    path_of(path, size, at);
    n = strlen(path);
    snprintf(path + n, size - n, "/");
    n = strlen(path);
  }
  snprintf(path + n, size - n, "%s", name);
}

static undo *note(undo_kind kind, const struct stat *st) {
  assert_true(undo_count < MOST_UNDO);
  undo *u = &undone[undo_count++];
  *u = (undo){.kind = kind, .dev = st->st_dev, .ino = st->st_ino};
  return u;
}

/* The folder that has a name. */
static undo *note_name(undo_kind kind, const char *path) {
  char dir[128];
  struct stat st;
  snprintf(dir, sizeof dir, "%s", path);
  char *slash = strrchr(dir, '/');
  if (slash)
    *slash = 0;
  if (stat(slash ? dir : ".", &st) != 0)
    abort();
  undo *u = note(kind, &st);
  snprintf(u->path, sizeof u->path, "%s", path);
  return u;
}

static void note_bytes(int fd, off_t at, size_t n) {
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
    return;
  undo *u = note(BYTES, &st);
  path_of(u->path, sizeof u->path, fd);
  u->at = at;
  u->size = st.st_size;
  if (at < st.st_size) {
    u->n = (size_t)(st.st_size - at) < n ? (size_t)(st.st_size - at) : n;
    u->bytes = malloc(u->n);
    int again = open(u->path, O_RDONLY | O_CLOEXEC);
    if (!u->bytes || pread(again, u->bytes, u->n, at) != (ssize_t)u->n)
      abort();
    close(again);
  }
}

static void note_sync(int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0)
    return;
  for (int i = 0; i < undo_count; i++) {
    if (undone[i].dev == st.st_dev && undone[i].ino == st.st_ino)
      undone[i].synced = true;
  }
}

/* Bytes of a file as they were; there is none where its name has gone for good. */
static void lose_bytes(const undo *u) {
  int fd = open(u->path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if ((u->n && pwrite(fd, u->bytes, u->n, u->at) != (ssize_t)u->n) || ftruncate(fd, u->size) != 0)
    abort();
  close(fd);
}

/* A rename that stays: what was written before it is found under the other name. */
static void follow(const undo *renamed) {
  for (undo *u = undone; u < renamed; u++) {
    if (strcmp(u->path, renamed->path) == 0)
      memcpy(u->path, renamed->to, sizeof u->path);
  }
}

/* The power is back, and what was not synced was never there. */
static void lose(void) {
  watching = false;
  while (undo_count > 0) {
    const undo *u = &undone[--undo_count];
    if (u->synced && u->kind == RENAMED)
      follow(u);
    if (u->synced)
      continue;
    if (u->kind == BYTES)
      lose_bytes(u);
    else if (u->kind == CREATED)
      drop_folder(u->path); /* or a file */
    else if (rename(u->to, u->path) != 0)
      abort();
  }
}

static void gone(void) {
  if (at_hand == POWER)
    lose();
  _exit(9);
}

/* A call that changes a file: false if it fails, with errno. `sync` calls are let through by a disk that is only
 * full. */
static bool may(bool sync) {
  if (!watching)
    return true;
  int n = shared->calls++;
  if (n >= MOST_CALLS)
    abort();
  if (n < cut_at || at_hand == NOTHING || (n > cut_at && at_hand == FAILS))
    return true;
  if (at_hand == FAILS || (at_hand == FULL && !sync)) {
    errno = at_hand == FULL ? ENOSPC : EIO;
    return false;
  }
  if (at_hand == KILLED || at_hand == POWER)
    gone();
  return true;
}

/* Bytes of a write that are written; what is torn ends with half of it. */
static size_t part(size_t n) {
  return watching && at_hand == TORN && shared->calls - 1 == cut_at ? n / 2 : n;
}

static void after(void) {
  if (watching && shared->calls - 1 >= cut_at && at_hand == TORN)
    gone();
}

/* Seen by SQLite's library too. */
#pragma GCC visibility push(default)

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  if (!may(false))
    return -1;
  if (watching) {
    shared->page[shared->calls - 1] = true;
    note_bytes(fd, at, n);
  }
  ssize_t put = syscall(SYS_pwrite64, fd, bytes, part(n), at);
  after();
  return put;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at) {
  return pwrite(fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n) {
  if (!watching)
    return syscall(SYS_write, fd, bytes, n);
  if (!may(false))
    return -1;
  note_bytes(fd, lseek(fd, 0, SEEK_CUR), n);
  ssize_t put = syscall(SYS_write, fd, bytes, part(n));
  after();
  return put;
}

int ftruncate(int fd, off_t size) {
  struct stat st;
  if (!may(false))
    return -1;
  if (watching && fstat(fd, &st) == 0)
    note_bytes(fd, size, size < st.st_size ? (size_t)(st.st_size - size) : 0);
  int rc = (int)syscall(SYS_ftruncate, fd, size);
  after();
  return rc;
}

int ftruncate64(int fd, off_t size) {
  return ftruncate(fd, size);
}

/* Nothing need reach the disk of this machine: it is what we say that was synced. */
int fsync(int fd) {
  if (!may(true))
    return -1;
  if (watching)
    note_sync(fd);
  after();
  return 0;
}

int fdatasync(int fd) {
  return fsync(fd);
}

static int open_file(int at, const char *name, int flags, mode_t mode) {
  char path[128];
  if (watching && (flags & O_CREAT) && faccessat(at, name, F_OK, 0) != 0) {
    if (!may(false))
      return -1;
    path_at(path, sizeof path, at, name);
    note_name(CREATED, path);
    int fd = (int)syscall(SYS_openat, at, name, flags, mode);
    after();
    return fd;
  }
  return (int)syscall(SYS_openat, at, name, flags, mode);
}

#define OPEN(name, at_parameter, at)                                                               \
  int name(at_parameter const char *path, int flags, ...) {                                        \
    va_list ap;                                                                                    \
    va_start(ap, flags);                                                                           \
    mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;                                        \
    va_end(ap);                                                                                    \
    return open_file(at, path, flags, mode);                                                       \
  }
#define NO_PARAMETER
#define AT_PARAMETER int at,
OPEN(open, NO_PARAMETER, AT_FDCWD)
OPEN(open64, NO_PARAMETER, AT_FDCWD)
OPEN(openat, AT_PARAMETER, at)
OPEN(openat64, AT_PARAMETER, at)

int mkdirat(int at, const char *name, mode_t mode) {
  char path[128];
  if (!may(false))
    return -1;
  int rc = (int)syscall(SYS_mkdirat, at, name, mode);
  if (watching && rc == 0) {
    path_at(path, sizeof path, at, name);
    note_name(CREATED, path);
  }
  after();
  return rc;
}

int renameat(int from_at, const char *from, int to_at, const char *to) {
  if (!may(false))
    return -1;
  int rc = (int)syscall(SYS_renameat2, from_at, from, to_at, to, 0);
  if (watching && rc == 0) {
    char path[128];
    path_at(path, sizeof path, from_at, from);
    undo *u = note_name(RENAMED, path);
    path_at(u->to, sizeof u->to, to_at, to);
  }
  after();
  return rc;
}

/* A name that goes is kept elsewhere: the power may bring it back. */
int unlinkat(int at, const char *name, int flags) {
  if (!watching || flags)
    return (int)syscall(SYS_unlinkat, at, name, flags);
  if (!may(true))
    return -1;
  static int stashed;
  char to[64];
  snprintf(to, sizeof to, STASH "/%d", stashed++);
  int rc = (int)syscall(SYS_renameat2, at, name, AT_FDCWD, to, 0);
  if (rc == 0) {
    char path[128];
    path_at(path, sizeof path, at, name);
    undo *u = note_name(UNLINKED, path);
    snprintf(u->to, sizeof u->to, "%s", to);
  }
  after();
  return rc;
}

int unlink(const char *path) {
  return unlinkat(AT_FDCWD, path, 0);
}

#pragma GCC visibility pop

/* What the journal should have: a job of the life, by its place in it. */
typedef struct model_job {
  mcl_job_state state; /* 0: there is none */
  bool hold;
  unsigned saved; /* number of the bytes that are saved; 0: none */
  size_t result;  /* bytes of its result */
} model_job;

typedef struct model {
  model_job job[JOBS];
} model;

static size_t message_size(int i) {
  return i == 3 ? 200000
                : 300; /* one that is larger than what SQLite keeps in memory before it commits */
}

static mcl_journal_job job_of(mcl_journal *j, int i);

static int accept_one(mcl_journal *j, model *m, int i, mcl_job_state state, motcl_err *err) {
  char id[16];
  int rc = MOTCL_OK;
  snprintf(id, sizeof id, "job-%d", i);
  if (j) {
    mcl_acceptance how;
    mcl_journal_job job = {.id = id, .user = 7, .state = state, .submitted_ms = NOW};
    uint8_t *message = bytes_of((unsigned)i, message_size(i));
    rc = mcl_journal_accept(j, &job, message, message_size(i), &how, err);
    mcl_free(message);
    if (rc == MOTCL_OK && how == MCL_ACCEPTED_OTHER)
      abort();
  }
  m->job[i] = (model_job){.state = state, .hold = false};
  return rc;
}

static int change_one(mcl_journal *j, model *m, int i, mcl_job_state state, bool hold,
                      motcl_err *err) {
  m->job[i].state = state;
  m->job[i].hold = hold;
  if (!j)
    return MOTCL_OK;
  mcl_journal_job job = job_of(j, i);
  job.state = state;
  job.hold = hold;
  return mcl_journal_change(j, &job, "step", err);
}

static int save_one(mcl_journal *j, model *m, int i, unsigned seed, motcl_err *err) {
  m->job[i].saved = seed;
  if (!j)
    return MOTCL_OK;
  uint8_t *bytes = bytes_of(seed, SAVED);
  int rc = mcl_journal_save(j, job_of(j, i).number, bytes, SAVED, NOW, err);
  mcl_free(bytes);
  return rc;
}

static int finish_one(mcl_journal *j, model *m, int i, mcl_job_state state, size_t n,
                      motcl_err *err) {
  m->job[i] = (model_job){.state = state, .hold = m->job[i].hold, .result = n};
  if (!j)
    return MOTCL_OK;
  mcl_journal_job job = job_of(j, i);
  uint8_t *bytes = bytes_of(100 + (unsigned)i, n);
  job.state = state;
  int rc = mcl_journal_finish(j, &job, bytes, n, err);
  mcl_free(bytes);
  return rc;
}

static int forget_one(mcl_journal *j, model *m, int i, motcl_err *err) {
  m->job[i] = (model_job){.state = 0};
  return j ? mcl_journal_forget(j, job_of(j, i).number, err) : MOTCL_OK;
}

static int accept_three(mcl_journal *j, model *m, motcl_err *err) {
  int rc = j ? mcl_journal_begin(j, err) : MOTCL_OK;
  for (int i = 0; i < 3 && rc == MOTCL_OK; i++)
    rc = accept_one(j, m, i, WAITING, err);
  return rc == MOTCL_OK && j ? mcl_journal_commit(j, err) : rc;
}

static int end_two(mcl_journal *j, model *m, motcl_err *err) {
  int rc = j ? mcl_journal_begin(j, err) : MOTCL_OK;
  if (rc == MOTCL_OK)
    rc = finish_one(j, m, 2, DONE, 1000, err);
  if (rc == MOTCL_OK)
    rc = forget_one(j, m, 1, err);
  return rc == MOTCL_OK && j ? mcl_journal_commit(j, err) : rc;
}

/* A step of the life, on the journal (NULL: not) and on the model. */
static int step(mcl_journal *j, model *m, int i, motcl_err *err) {
  switch (i) {
  case 0:
    return accept_three(j, m, err);
  case 1:
    return change_one(j, m, 0, RUNNING, false, err);
  case 2:
    return accept_one(j, m, 3, HELD, err);
  case 3:
    return save_one(j, m, 0, 50, err);
  case 4:
    return save_one(j, m, 0, 51, err);
  case 5:
    return change_one(j, m, 1, RUNNING, true, err);
  case 6:
    return finish_one(j, m, 0, DONE, 2000, err);
  case 7:
    return accept_one(j, m, 4, WAITING, err);
  case 8:
    return finish_one(j, m, 1, CANCELLED, 0, err);
  case 9:
    return save_one(j, m, 2, 52, err);
  case 10:
    return forget_one(j, m, 0, err);
  case 11:
    return change_one(j, m, 3, RUNNING, false, err);
  case 12:
    return end_two(j, m, err);
  case 13:
    return finish_one(j, m, 3, FAILED, 10, err);
  default:
    return finish_one(j, m, 4, DONE, 30000, err);
  }
}

static model model_after(int steps) {
  model m = {.job = {{.state = 0}}};
  for (int i = 0; i < steps; i++)
    step(NULL, &m, i, NULL);
  return m;
}

typedef struct found {
  mcl_journal_job job[JOBS];
  int count;
} found;

static void find(void *user, const mcl_journal_job *job) {
  found *f = user;
  int i = job->id[4] - '0';
  f->job[i] = *job;
  f->job[i].id = "";
  f->job[i].model = f->job[i].what = f->job[i].labels = f->job[i].device = f->job[i].sentence =
      NULL;
  f->count++;
}

static mcl_journal_job job_of(mcl_journal *j, int i) {
  found f = {.count = 0};
  if (mcl_journal_visit(j, find, &f, NULL) != MOTCL_OK)
    abort();
  return f.job[i];
}

static bool has_bytes(int rc, uint8_t *bytes, size_t n, unsigned seed, size_t expected) {
  bool same = rc == MOTCL_OK && are_bytes(bytes, n, seed, expected);
  if (rc == MOTCL_OK)
    mcl_free(bytes);
  return same;
}

/* What ran when the process ended waits, or is held. */
static mcl_job_state after_restart(const model_job *m) {
  return m->state != RUNNING ? m->state : m->hold ? HELD : WAITING;
}

static bool job_is(mcl_journal *j, const mcl_journal_job *job, const model_job *m, int i) {
  uint8_t *bytes = NULL;
  size_t n = 0;
  if (job->state != after_restart(m))
    return false;
  if (m->state == 0)
    return true;
  if (mcl_job_ended(m->state)) {
    int rc = mcl_journal_result(j, job->number, &bytes, &n, NULL);
    return m->result == 0 ? rc == MOTCL_EINVAL
                          : has_bytes(rc, bytes, n, 100 + (unsigned)i, m->result);
  }
  int rc = mcl_journal_message(j, job->number, &bytes, &n, NULL);
  if (!has_bytes(rc, bytes, n, (unsigned)i, message_size(i)))
    return false;
  rc = mcl_journal_saved(j, job->number, &bytes, &n, NULL);
  return m->saved ? has_bytes(rc, bytes, n, m->saved, SAVED) : rc == MOTCL_OK && n == 0;
}

/* Whether the journal, just opened, is as the model: no job less or more, and no file either. */
static bool is_as(mcl_journal *j, const model *m) {
  found f = {.count = 0};
  int jobs = 0, results = 0;
  if (mcl_journal_visit(j, find, &f, NULL) != MOTCL_OK)
    return false;
  for (int i = 0; i < JOBS; i++) {
    jobs += m->job[i].state != 0;
    results += m->job[i].result > 0;
    if (!job_is(j, &f.job[i], &m->job[i], i))
      return false;
  }
  return f.count == jobs && files_in(DIR_NAME "/results") == results;
}

/* In the process that is cut. Where a step fails the journal is in trouble, and stays in it until it is mended; the
 * step is then done, or not, and is done again. */
static void live(void) {
  mcl_journal *j = NULL;
  model m = {.job = {{.state = 0}}};
  motcl_err err, again;
  watching = true;
  if (mcl_journal_open(&j, DIR_NAME, NOW, &err) != MOTCL_OK) {
    at_hand = NOTHING;
    if (mcl_journal_open(&j, DIR_NAME, NOW, &err) != MOTCL_OK)
      _exit(1);
  }
  for (int i = 0; i < STEPS; i++) {
    int rc = step(j, &m, i, &err);
    if (rc == MOTCL_EIO) {
      const char *said = mcl_journal_trouble(j);
      if (!said || strcmp(said, err.text) != 0 || mcl_journal_unsave(j, 1, &again) != MOTCL_EIO ||
          strcmp(again.text, err.text) != 0)
        _exit(2);
      if (at_hand == FULL &&
          (mcl_journal_mend(j, NOW, &again) == MOTCL_OK || !mcl_journal_trouble(j)))
        _exit(3);
      at_hand = NOTHING;
      if (mcl_journal_mend(j, NOW, &again) != MOTCL_OK || mcl_journal_trouble(j))
        _exit(4);
      model before = model_after(i), then = model_after(i + 1);
      bool done = is_as(j, &then);
      if (!done && !is_as(j, &before))
        _exit(5);
      rc = done ? MOTCL_OK : step(j, &m, i, &err);
    }
    if (rc != MOTCL_OK)
      _exit(6);
    shared->told = i + 1;
  }
  mcl_journal_close(j);
  _exit(0);
}

/* Go through the life and be cut at call n; returns the exit status. */
static int run_cut(trouble what, int n) {
  int status;
  drop_folder(DIR_NAME);
  drop_folder(STASH);
  assert_int_equal(mkdir(STASH, 0700), 0);
  *shared = (shared_memory){.told = 0};
  at_hand = what;
  cut_at = n;
  pid_t child = fork();
  if (child == 0)
    live();
  assert_int_equal(waitpid(child, &status, 0), child);
  at_hand = NOTHING;
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* The journal is one of two, and goes on to the end. */
static void check(trouble what, int n) {
  motcl_err err;
  mcl_journal *j;
  int told = shared->told;
  model before = model_after(told), then = model_after(told < STEPS ? told + 1 : told);
  if (mcl_journal_open(&j, DIR_NAME, NOW, &err) != MOTCL_OK)
    fail_msg("trouble %d at call %d: after step %d: %s", what, n, told, err.text);
  bool done = is_as(j, &then);
  if (!done && !is_as(j, &before))
    fail_msg("trouble %d at call %d: after step %d the journal is neither as before the next nor "
             "as after it",
             what, n, told);
  model m = done ? then : before;
  for (int i = told + (done && told < STEPS); i < STEPS; i++) {
    if (step(j, &m, i, &err) != MOTCL_OK)
      fail_msg("trouble %d at call %d: step %d: %s", what, n, i, err.text);
  }
  assert_true(is_as(j, &m));
  assert_int_equal(finish_one(j, &m, 4, DONE, 1, &err), MOTCL_EINVAL); /* nothing ends twice */
  mcl_journal_close(j);
}

static void cut_everywhere(void **state) {
  trouble what = *(trouble *)*state;
  int cuts = 0, status = 9;
  assert_int_equal(run_cut(NOTHING, 0), 0);
  int calls = shared->calls, tried = 0;
  bool page[MOST_CALLS];
  memcpy(page, shared->page, sizeof page);
  assert_int_equal(shared->told, STEPS);
  check(NOTHING, 0);
  assert_true(calls > 200); /* else SQLite's calls do not go through here */
  for (int n = 0; n < calls; n++) {
    if (page[n] && n % 7 != (int)what && !cut_at_all)
      continue;
    tried++;
    status = run_cut(what, n);
    if (status != 0 && status != 9)
      fail_msg("trouble %d at call %d: the process ended with %d", what, n, status);
    cuts += status == 9;
    check(what, n);
  }
  assert_true(what == FAILS || what == FULL ? cuts == 0 : cuts == tried);
  print_message("%d of %d calls\n", tried, calls);
}

static int set_up(void **state) {
  (void)state;
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return shared == MAP_FAILED ? -1 : 0;
}

static int tear_down(void **state) {
  (void)state;
  drop_folder(DIR_NAME);
  drop_folder(STASH);
  return munmap(shared, sizeof *shared);
}

int main(int argc, char **argv) {
  cut_at_all = argc > 1 && strcmp(argv[1], "--all") == 0;
  static trouble all[] = {FAILS, FULL, KILLED, TORN, POWER};
  const struct CMUnitTest tests[] = {
      {"a call fails", cut_everywhere, NULL, NULL, &all[0]},
      {"the disk is full", cut_everywhere, NULL, NULL, &all[1]},
      {"the process is killed", cut_everywhere, NULL, NULL, &all[2]},
      {"a write is torn", cut_everywhere, NULL, NULL, &all[3]},
      {"the power goes", cut_everywhere, NULL, NULL, &all[4]},
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
