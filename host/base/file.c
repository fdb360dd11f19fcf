/* file.c - see file.h. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

int mcl_fail_sys_at(motcl_err *err, int num, const char *doing, const char *path,
                    const char *where) {
  char why[128];
  if (strerror_r(num, why, sizeof why) != 0)
    snprintf(why, sizeof why, "error %d", num);
  if (num == ENOSPC || num == EDQUOT)
    return mcl_fail_at(err, MOTCL_EIO, 0, where,
                       "cannot %s '%s': %s; make room or choose another folder", doing, path, why);
  return mcl_fail_at(err, MOTCL_EIO, 0, where, "cannot %s '%s': %s", doing, path, why);
}

const char *mcl_file_kind(mode_t mode) {
  return S_ISDIR(mode)    ? "a folder"
         : S_ISFIFO(mode) ? "a pipe"
         : S_ISSOCK(mode) ? "a socket"
         : S_ISCHR(mode)  ? "a device"
         : S_ISBLK(mode)  ? "a disk"
         : S_ISLNK(mode)  ? "a link"
                          : "a file";
}

static int refuse(motcl_err *err, const char *path, mode_t mode) {
  return mcl_fail(err, MOTCL_EIO, "'%s' is %s, not a regular file; name a file", path,
                  mcl_file_kind(mode));
}

/* As mcl_file_open, of a path from the folder `at`. O_NONBLOCK: opening a pipe does not wait for who
 * writes it. A socket cannot be opened at all, for which the system has only "No such device or
 * address". */
static int open_at(int *fd, struct stat *st, int at, const char *path, int flags, motcl_err *err) {
  struct stat is;
  int got, rc = MOTCL_OK;
  do
    got = openat(at, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
  while (got < 0 && errno == EINTR);
  if (got < 0) {
    int num = errno;
    return num == ENXIO && fstatat(at, path, &is, 0) == 0 ? refuse(err, path, is.st_mode)
                                                          : mcl_fail_sys(err, num, "open", path);
  }
  if (fstat(got, &is) != 0)
    rc = mcl_fail_sys(err, errno, "look at", path);
  else if (!S_ISREG(is.st_mode))
    rc = refuse(err, path, is.st_mode);
  if (rc != MOTCL_OK) {
    close(got);
    return rc;
  }
  *fd = got;
  *st = is;
  return MOTCL_OK;
}

int mcl_file_open(int *fd, struct stat *st, const char *path, motcl_err *err) {
  return open_at(fd, st, AT_FDCWD, path, 0, err);
}

static bool is_own(const struct stat *st) {
  return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

int mcl_folder_open_own(int *fd, const char *dir, motcl_err *err) {
  struct stat st;
  int got = open(dir, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC), rc = MOTCL_OK;
  if (got < 0)
    return mcl_fail_sys(err, errno, "open", dir);
  if (fstat(got, &st) != 0)
    rc = mcl_fail_sys(err, errno, "look at", dir);
  else if (!is_own(&st))
    rc = mcl_fail(
        err, MOTCL_EINVAL,
        "'%s' is not used, as others than you can have put into it what is there; remove it, and "
        "it is made anew for you alone",
        dir);
  if (rc == MOTCL_OK)
    *fd = got;
  else
    close(got);
  return rc;
}

/* Read fd to its end. The buffer starts at `hint` bytes, what the system says the file has; files of
 * /proc have more than they say. A regular file's read waits for the disk at most, so going on after
 * a signal keeps nobody. */
static int read_all(char **data, size_t *n, int fd, size_t hint, const char *path, size_t max,
                    motcl_err *err) {
  size_t len = 0;
  size_t cap = hint < max ? hint : max;
  char *buf = mcl_alloc(cap + 1, 1);
  if (!buf)
    return mcl_fail_nomem(err, cap + 1);
  for (;;) {
    ssize_t got = read(fd, buf + len, cap + 1 - len);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0) {
      int num = errno;
      mcl_free(buf);
      return mcl_fail_sys(err, num, "read", path);
    }
    if (got == 0)
      break;
    len += (size_t)got;
    if (len <= cap)
      continue;
    if (len > max) {
      mcl_free(buf);
      return mcl_fail(err, MOTCL_EFORMAT, "'%s' is larger than the %zu bytes allowed here", path,
                      max);
    }
    size_t more = cap < 4096 ? 4096 : cap;
    cap = more < max - cap ? cap + more : max;
    char *bigger = mcl_realloc(buf, cap + 1, 1);
    if (!bigger) {
      mcl_free(buf);
      return mcl_fail_nomem(err, cap + 1);
    }
    buf = bigger;
  }
  buf[len] = '\0';
  *data = buf;
  *n = len;
  return MOTCL_OK;
}

/* All of an opened file, which is then closed. */
static int read_whole(char **data, size_t *n, int fd, const struct stat *st, const char *path,
                      size_t max_bytes, motcl_err *err) {
  int rc;
  size_t max = max_bytes < SIZE_MAX / 2 ? max_bytes : SIZE_MAX / 2;
  if ((uintmax_t)st->st_size > max)
    rc = mcl_fail(err, MOTCL_EFORMAT, "'%s' has %ju bytes, more than the %zu allowed here", path,
                  (uintmax_t)st->st_size, max);
  else
    rc = read_all(data, n, fd, (size_t)st->st_size, path, max, err);
  close(fd);
  return rc;
}

int mcl_file_read(char **data, size_t *n, const char *path, size_t max_bytes, motcl_err *err) {
  struct stat st;
  int fd;
  int rc = mcl_file_open(&fd, &st, path, err);
  return rc == MOTCL_OK ? read_whole(data, n, fd, &st, path, max_bytes, err) : rc;
}

int mcl_file_read_own(char **data, size_t *n, const char *dir, const char *name, bool secret,
                      size_t max_bytes, motcl_err *err) {
  struct stat st;
  int fd, at;
  int rc = mcl_folder_open_own(&at, dir, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = open_at(&fd, &st, at, name, O_NOFOLLOW, err);
  close(at);
  if (rc != MOTCL_OK)
    return rc;
  if (is_own(&st) && !(secret && st.st_mode & (S_IRWXG | S_IRWXO)))
    return read_whole(data, n, fd, &st, name, max_bytes, err);
  close(fd);
  return mcl_fail(err, MOTCL_EINVAL,
                  "'%s/%s' is not used, as others than you can have %s it; it is made anew", dir,
                  name, is_own(&st) ? "read" : "written");
}

char *mcl_folder_of(const char *path) {
  struct stat st;
  const char *slash = strrchr(path, '/');
  if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
    return mcl_strdup(path);
  if (!slash)
    return mcl_strdup(".");
  return slash == path ? mcl_strdup("/") : mcl_strndup(path, (size_t)(slash - path));
}
