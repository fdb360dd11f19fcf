/* journal_files.c - the state folder and the results in it. A result is written aside, synced, and given its
 * name; then the folder is synced, as a name is on the disk no sooner than that. */
#include "daemon/journal_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#define LOCK "lock"
#define RESULTS "results"

enum { NAME_SIZE = 32 };

char *mcl_state_folder_path(const mcl_state_folder *f, const char *name) {
  size_t size = strlen(f->path) + strlen(name) + 2;
  char *path = mcl_alloc(size, 1);
  if (path)
    snprintf(path, size, "%s/%s", f->path, name);
  return path;
}

/* As mcl_fail_sys, of a file in the folder `in` ("results/" or ""). */
static int fail_file_at(motcl_err *err, int num, const char *doing, const mcl_state_folder *f,
                        const char *in, const char *name, const char *where) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s%s", f->path, in, name);
  return mcl_fail_sys_at(err, num, doing, path, where);
}
#define fail_file(...) fail_file_at(__VA_ARGS__, __func__)

static int sync_fd(int fd) {
  int rc;
  do
    rc = fsync(fd);
  while (rc != 0 && errno == EINTR);
  return rc;
}

/* Whether the folder, or `name` in it ("results/N.pb"), is nobody's but the user's. */
static int check(const struct stat *st, const mcl_state_folder *f, const char *in, const char *name,
                 motcl_err *err) {
  char path[512];
  snprintf(path, sizeof path, "%s%s%s%s", f->path, *name ? "/" : "", in, name);
  if (S_ISLNK(st->st_mode))
    return mcl_fail(
        err, MOTCL_EINVAL,
        "'%s' is a link, which may lead to what is not the daemon's; put what it leads to in "
        "its place",
        path);
  if (st->st_uid != geteuid())
    return mcl_fail(
        err, MOTCL_EINVAL,
        "'%s' belongs to user %ju, and this process is user %ju's; give it to that one, or "
        "name a state folder of its own",
        path, (uintmax_t)st->st_uid, (uintmax_t)geteuid());
  if (st->st_mode & (S_IRWXG | S_IRWXO))
    return mcl_fail(
        err, MOTCL_EINVAL,
        "'%s' is open to others than its owner (mode %03o); if nobody has changed anything in "
        "it, chmod go= it",
        path, (unsigned)(st->st_mode & 0777));
  return MOTCL_OK;
}

/* Call `each` for every name in the folder `at`, which it may remove. */
typedef int (*name_fn)(void *user, const char *name, const struct stat *st, motcl_err *err);

static int list(const mcl_state_folder *f, int at, const char *in, name_fn each, void *user,
                motcl_err *err) {
  int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = MOTCL_OK;
  DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
  if (!d) {
    rc = fail_file(err, errno, "list", f, in, ".");
    if (fd >= 0)
      close(fd);
    return rc;
  }
  while (rc == MOTCL_OK) {
    struct stat st;
    errno = 0;
    const struct dirent *e =
        readdir(d); /* NOLINT(concurrency-mt-unsafe): the stream is this call's own */
    if (!e) {
      if (errno != 0)
        rc = fail_file(err, errno, "list", f, in, ".");
      break;
    }
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    if (fstatat(at, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
      rc = check(&st, f, in, e->d_name, err);
      if (rc == MOTCL_OK && each)
        rc = each(user, e->d_name, &st, err);
    } else if (errno != ENOENT) { /* what is gone meanwhile is nobody's worry */
      rc = fail_file(err, errno, "look at", f, in, e->d_name);
    }
  }
  closedir(d);
  return rc;
}

/* The folder itself. A slash at its end would lead through a link. */
static int open_folder(mcl_state_folder *f, const char *dir, motcl_err *err) {
  size_t n = strlen(dir);
  *f = (mcl_state_folder){.fd = -1, .results = -1, .lock = -1};
  while (n > 1 && dir[n - 1] == '/')
    n--;
  if (n == 0)
    return mcl_fail(err, MOTCL_EINVAL, "a state folder needs a name; name a folder");
  f->path = mcl_strndup(dir, n);
  return f->path ? MOTCL_OK : mcl_fail_nomem(err, n + 1);
}

static int look_at_folder(mcl_state_folder *f, motcl_err *err) {
  struct stat st;
  if (lstat(f->path, &st) != 0)
    return mcl_fail_sys(err, errno, "open", f->path);
  if (!S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode))
    return mcl_fail(err, MOTCL_EINVAL, "'%s' is %s, not a folder; name a folder", f->path,
                    mcl_file_kind(st.st_mode));
  int rc = check(&st, f, "", "", err);
  if (rc != MOTCL_OK)
    return rc;
  f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (f->fd < 0 || fstat(f->fd, &st) != 0)
    return mcl_fail_sys(err, errno, "open", f->path);
  return check(&st, f, "", "", err); /* of what was opened, whatever was there before */
}

/* Make the folder `name` in `at`, and let its name last; *made tells whether it was missing. */
static int make_folder(int at, const char *name, const char *path, bool *made, motcl_err *err) {
  *made = mkdirat(at, name, 0700) == 0;
  return *made || errno == EEXIST ? MOTCL_OK : mcl_fail_sys(err, errno, "make", path);
}

static int sync_parent(const mcl_state_folder *f, motcl_err *err) {
  int fd = openat(f->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int rc = fd >= 0 && sync_fd(fd) == 0 ? MOTCL_OK : fail_file(err, errno, "sync", f, "", "..");
  if (fd >= 0)
    close(fd);
  return rc;
}

/* One daemon: the system lets go of the lock when its process ends, however it does. */
static int lock(mcl_state_folder *f, motcl_err *err) {
  struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  f->lock = openat(f->fd, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (f->lock < 0)
    return fail_file(err, errno, "open", f, "", LOCK);
  if (fcntl(f->lock, F_SETLK, &all) == 0)
    return MOTCL_OK;
  if (errno != EACCES && errno != EAGAIN)
    return fail_file(err, errno, "lock", f, "", LOCK);
  all.l_type = F_WRLCK;
  if (fcntl(f->lock, F_GETLK, &all) != 0 || all.l_type == F_UNLCK || all.l_pid <= 0)
    return mcl_fail(
        err, MOTCL_EINVAL,
        "another daemon has the state folder '%s'; end it first, or name another folder", f->path);
  return mcl_fail(err, MOTCL_EINVAL,
                  "process %jd has the state folder '%s'; end it first, or name another folder",
                  (intmax_t)all.l_pid, f->path);
}

static int open_results(mcl_state_folder *f, motcl_err *err) {
  struct stat st;
  f->results = openat(f->fd, RESULTS, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (f->results < 0 || fstat(f->results, &st) != 0)
    return fail_file(err, errno, "open", f, "", RESULTS);
  return check(&st, f, "", RESULTS, err);
}

/* An empty database. SQLite gives its other files the mode of this one. */
static int make_database(const mcl_state_folder *f, const char *name, bool *made, motcl_err *err) {
  int fd = openat(f->fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  *made = fd >= 0;
  if (fd < 0)
    return errno == EEXIST ? MOTCL_OK : fail_file(err, errno, "make", f, "", name);
  close(fd);
  return MOTCL_OK;
}

static int refuse_part(void *user, const char *name, const struct stat *st, motcl_err *err) {
  const mcl_state_folder *f = user;
  (void)st;
  return strcmp(name, MCL_JOURNAL_PART) != 0
             ? MOTCL_OK
             : mcl_fail(err, MOTCL_EINVAL,
                        "'%s' is a backup that was not finished; make another, or remove it",
                        f->path);
}

static int fill(mcl_state_folder *f, motcl_err *err) {
  bool folder = false, database = false;
  int rc = make_folder(f->fd, RESULTS, f->path, &folder, err);
  if (rc == MOTCL_OK)
    rc = open_results(f, err);
  if (rc == MOTCL_OK)
    rc = make_database(f, MCL_JOURNAL_DB, &database, err);
  if (rc == MOTCL_OK && (folder || database) && sync_fd(f->fd) != 0)
    rc = fail_file(err, errno, "sync", f, "", ".");
  return rc;
}

int mcl_state_folder_open(mcl_state_folder *f, const char *dir, motcl_err *err) {
  bool made = false;
  int rc = open_folder(f, dir, err);
  if (rc == MOTCL_OK)
    rc = make_folder(AT_FDCWD, f->path, f->path, &made, err);
  if (rc == MOTCL_OK)
    rc = look_at_folder(f, err);
  if (rc == MOTCL_OK && made)
    rc = sync_parent(f, err);
  if (rc == MOTCL_OK)
    rc = list(f, f->fd, "", refuse_part, f, err);
  if (rc == MOTCL_OK)
    rc = lock(f, err);
  if (rc == MOTCL_OK)
    rc = fill(f, err);
  if (rc != MOTCL_OK)
    mcl_state_folder_close(f);
  return rc;
}

int mcl_state_folder_open_again(mcl_state_folder *f, const char *dir, motcl_err *err) {
  int rc = open_folder(f, dir, err);
  if (rc == MOTCL_OK)
    rc = look_at_folder(f, err);
  if (rc == MOTCL_OK)
    rc = list(f, f->fd, "", refuse_part, f, err);
  if (rc == MOTCL_OK)
    rc = open_results(f, err);
  if (rc != MOTCL_OK)
    mcl_state_folder_close(f);
  return rc;
}

int mcl_state_folder_make(mcl_state_folder *f, const char *dir, motcl_err *err) {
  bool made = false;
  int rc = open_folder(f, dir, err);
  if (rc == MOTCL_OK)
    rc = make_folder(AT_FDCWD, f->path, f->path, &made, err);
  if (rc == MOTCL_OK && !made)
    rc = mcl_fail(err, MOTCL_EINVAL,
                  "'%s' is there already; name a folder for the backup that is not", f->path);
  if (rc == MOTCL_OK)
    rc = look_at_folder(f, err);
  if (rc == MOTCL_OK)
    rc = sync_parent(f, err);
  if (rc == MOTCL_OK)
    rc = make_folder(f->fd, RESULTS, f->path, &made, err);
  if (rc == MOTCL_OK)
    rc = open_results(f, err);
  if (rc == MOTCL_OK)
    rc = make_database(f, MCL_JOURNAL_PART, &made, err);
  if (rc != MOTCL_OK)
    mcl_state_folder_close(f);
  return rc;
}

void mcl_state_folder_close(mcl_state_folder *f) {
  if (f->results >= 0)
    close(f->results);
  if (f->fd >= 0)
    close(f->fd);
  if (f->lock >= 0)
    close(f->lock);
  mcl_free(f->path);
  *f = (mcl_state_folder){.fd = -1, .results = -1, .lock = -1};
}

int mcl_state_folder_rename(const mcl_state_folder *f, const char *from, const char *to,
                            motcl_err *err) {
  if (renameat(f->fd, from, f->fd, to) != 0)
    return fail_file(err, errno, "make", f, "", to);
  return sync_fd(f->fd) == 0 ? MOTCL_OK : fail_file(err, errno, "sync", f, "", ".");
}

/* "17.pb" */
static const char *name_of(char name[NAME_SIZE], uint64_t number, const char *ending) {
  snprintf(name, NAME_SIZE, "%" PRIu64 ".%s", number, ending);
  return name;
}

/* The number of "17.pb" or "17.tmp"; *whole tells which. */
static bool number_of(const char *name, uint64_t *number, bool *whole) {
  char *end, again[NAME_SIZE];
  if (*name < '0' || *name > '9')
    return false;
  *number = strtoull(name, &end, 10);
  *whole = strcmp(end, ".pb") == 0;
  return strcmp(name, name_of(again, *number, *whole ? "pb" : "tmp")) == 0;
}

static int write_all(int fd, const void *bytes, size_t n) {
  const char *p = bytes;
  while (n > 0) {
    ssize_t put = write(fd, p, n < 1 << 30 ? n : 1 << 30);
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return -1;
    p += put;
    n -= (size_t)put;
  }
  return 0;
}

int mcl_result_write(const mcl_state_folder *f, uint64_t number, const void *bytes, size_t n,
                     motcl_err *err) {
  char temp[NAME_SIZE], name[NAME_SIZE];
  int num = 0;
  name_of(temp, number, "tmp");
  name_of(name, number, "pb");
  int fd = openat(f->results, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail_file(err, errno, "write", f, RESULTS "/", name);
  if (write_all(fd, bytes, n) != 0 || sync_fd(fd) != 0)
    num = errno;
  if (close(fd) != 0 && num == 0)
    num = errno;
  if (num == 0 && (renameat(f->results, temp, f->results, name) != 0 || sync_fd(f->results) != 0))
    num = errno;
  if (num == 0)
    return MOTCL_OK;
  unlinkat(f->results, temp,
           0); /* its room is wanted now; else it is swept when the journal is opened */
  return fail_file(err, num, "write", f, RESULTS "/", name);
}

static int read_all(int fd, uint8_t *bytes, size_t n) {
  while (n > 0) {
    ssize_t got = read(fd, bytes, n < 1 << 30 ? n : 1 << 30);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      errno = got == 0 ? EIO : errno; /* it is shorter than it was */
      return -1;
    }
    bytes += got;
    n -= (size_t)got;
  }
  return 0;
}

static int read_open(int fd, const mcl_state_folder *f, const char *name, uint8_t **bytes, size_t n,
                     motcl_err *err) {
  struct stat st;
  if (fstat(fd, &st) != 0)
    return fail_file(err, errno, "look at", f, RESULTS "/", name);
  int rc = check(&st, f, RESULTS "/", name, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!S_ISREG(st.st_mode) || (uintmax_t)st.st_size != n)
    return mcl_fail(err, MOTCL_EFORMAT, "it has %ju bytes, and had %zu", (uintmax_t)st.st_size, n);
  uint8_t *all = mcl_alloc(n, 1);
  if (!all)
    return mcl_fail_nomem(err, n);
  if (read_all(fd, all, n) != 0) {
    rc = fail_file(err, errno, "read", f, RESULTS "/", name);
    mcl_free(all);
    return rc;
  }
  *bytes = all;
  return MOTCL_OK;
}

int mcl_result_read(const mcl_state_folder *f, uint64_t number, uint8_t **bytes, size_t n,
                    motcl_err *err) {
  char name[NAME_SIZE];
  name_of(name, number, "pb");
  int fd = openat(f->results, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT || errno == ELOOP ? mcl_fail(err, MOTCL_EFORMAT, "its file is gone")
                                             : fail_file(err, errno, "open", f, RESULTS "/", name);
  int rc = read_open(fd, f, name, bytes, n, err);
  close(fd);
  return rc;
}

bool mcl_result_there(const mcl_state_folder *f, uint64_t number) {
  char name[NAME_SIZE];
  struct stat st;
  return fstatat(f->results, name_of(name, number, "pb"), &st, AT_SYMLINK_NOFOLLOW) == 0;
}

void mcl_result_remove(const mcl_state_folder *f, uint64_t number) {
  char name[NAME_SIZE];
  unlinkat(f->results, name_of(name, number, "pb"), 0);
}

typedef struct sweep {
  const mcl_state_folder *f;
  mcl_result_fn wanted;
  void *user;
} sweep;

static int sweep_one(void *user, const char *name, const struct stat *st, motcl_err *err) {
  const sweep *s = user;
  uint64_t number;
  bool whole, keep = false;
  if (!S_ISREG(st->st_mode) || !number_of(name, &number, &whole))
    return MOTCL_OK;
  int rc = whole ? s->wanted(s->user, number, &keep, err) : MOTCL_OK;
  if (rc == MOTCL_OK && !keep && unlinkat(s->f->results, name, 0) != 0)
    rc = fail_file(err, errno, "remove", s->f, RESULTS "/", name);
  return rc;
}

int mcl_result_sweep(const mcl_state_folder *f, mcl_result_fn wanted, void *user, motcl_err *err) {
  sweep s = {.f = f, .wanted = wanted, .user = user};
  return list(f, f->results, RESULTS "/", sweep_one, &s, err);
}
