/* file.c - see file.h. POSIX calls only. */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

struct mcl_outfile {
  int fd;
  bool replace;
  char *path;
  char *temp; /* NULL: a device, written directly */
};

static int open_again(const char *path, int flags, mode_t mode) {
  int fd;
  do
    fd = open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

int mcl_map_open(mcl_map *m, const char *path, motcl_err *err) {
  struct stat st;
  int fd;
  int rc = mcl_file_open(&fd, &st, path, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_map got = {.data = "", .size = 0};
  if ((uintmax_t)st.st_size > SIZE_MAX / 2) {
    rc = mcl_fail(err, MOTCL_EIO, "'%s' is too large to be mapped on this system", path);
  } else if (st.st_size > 0) {
    void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED && errno == ENOMEM)
      rc = mcl_fail(err, MOTCL_EFIT,
                    "'%s' has %ju bytes, more than this process has addresses left for; raise its "
                    "limit of address space (ulimit -v)",
                    path, (uintmax_t)st.st_size);
    else if (p == MAP_FAILED)
      rc = mcl_fail_sys(err, errno, "map", path);
    else
      got = (mcl_map){.data = p, .size = (size_t)st.st_size};
  }
  close(fd);
  if (rc == MOTCL_OK)
    *m = got;
  return rc;
}

void mcl_map_close(mcl_map *m) {
  if (!m)
    return;
  if (m->size > 0) {
    void *p;
    memcpy(&p, &m->data, sizeof p);
    munmap(p, m->size);
  }
  *m = (mcl_map){0};
}

static void destroy(mcl_outfile *f) {
  if (f->fd >= 0)
    close(f->fd);
  mcl_free(f->path);
  mcl_free(f->temp);
  mcl_free(f);
}

/* Length of the folder part of a path, its last slash included; 0 for the folder we are in. */
static size_t folder_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Create a file of a free name in the folder of f->path. The name does not build on the target's,
 * which may already have the greatest length a file system takes. */
static int open_temp(mcl_outfile *f, motcl_err *err) {
  size_t dir = folder_length(f->path);
  size_t cap = dir + 64;
  f->temp = mcl_alloc(cap, 1);
  if (!f->temp)
    return mcl_fail_nomem(err, cap);
  memcpy(f->temp, f->path, dir);
  for (unsigned i = 0; i < 10000; i++) {
    snprintf(f->temp + dir, cap - dir, ".motcl-%jd-%u.tmp", (intmax_t)getpid(), i);
    f->fd = open_again(f->temp, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (f->fd >= 0)
      return MOTCL_OK;
    if (errno != EEXIST)
      return mcl_fail_sys(err, errno, "create a file beside", f->path);
  }
  return mcl_fail(err, MOTCL_EIO,
                  "cannot create a file beside '%s': remove the .motcl-*.tmp files there", f->path);
}

static int fail_exists_at(const char *where, motcl_err *err, const char *path) {
  return mcl_fail_at(err, MOTCL_EEXIST, 0, where, "'%s' exists already and is not replaced", path);
}
#define fail_exists(...) fail_exists_at(__func__, __VA_ARGS__)

/* A character device as /dev/null takes the bytes itself. A pipe does not: whether it can be written
 * is tried before the work, and its reader would take that for the end. O_NONBLOCK: a terminal line
 * may wait for a carrier; writing then waits as usual. */
static int open_device(mcl_outfile *f, mode_t mode, motcl_err *err) {
  if (!S_ISCHR(mode))
    return mcl_fail(err, MOTCL_EINVAL, "'%s' is %s, not a file; name another one", f->path,
                    mcl_file_kind(mode));
  f->fd = open_again(f->path, O_WRONLY | O_NONBLOCK | O_NOCTTY, 0);
  if (f->fd < 0)
    return mcl_fail_sys(err, errno, "open", f->path);
  int flags = fcntl(f->fd, F_GETFL);
  return flags >= 0 && fcntl(f->fd, F_SETFL, flags & ~O_NONBLOCK) == 0
             ? MOTCL_OK
             : mcl_fail_sys(err, errno, "open", f->path);
}

/* Open what f's bytes go to, by what stands at its path now. */
static int open_target(mcl_outfile *f, motcl_err *err) {
  struct stat st;
  if (!f->replace && lstat(f->path, &st) == 0)
    return fail_exists(err, f->path);
  if (stat(f->path, &st) != 0 || S_ISREG(st.st_mode))
    return open_temp(f, err);
  return open_device(f, st.st_mode, err);
}

int mcl_outfile_open(mcl_outfile **out, const char *path, bool replace, motcl_err *err) {
  if (path[folder_length(path)] == '\0')
    return mcl_fail(err, MOTCL_EINVAL, "'%s' is not the name of a file", path);
  mcl_outfile *f = mcl_zalloc(1, sizeof *f);
  if (!f)
    return mcl_fail_nomem(err, sizeof *f);
  f->fd = -1;
  f->replace = replace;
  f->path = mcl_strdup(path);
  int rc = f->path ? open_target(f, err) : mcl_fail_nomem(err, strlen(path) + 1);
  if (rc == MOTCL_OK)
    *out = f;
  else
    destroy(f);
  return rc;
}

int mcl_outfile_write(mcl_outfile *f, const void *data, size_t n, motcl_err *err) {
  const char *p = data;
  while (n > 0) {
    ssize_t done = write(f->fd, p, n < 1 << 30 ? n : 1 << 30);
    if (done < 0 && errno == EINTR)
      continue;
    if (done < 0)
      return mcl_fail_sys(err, errno, "write", f->path);
    p += done;
    n -= (size_t)done;
  }
  return MOTCL_OK;
}

/* All bytes of f to the disk, and its descriptor closed. Devices cannot sync: EINVAL. */
static int settle(mcl_outfile *f, motcl_err *err) {
  int rc;
  do
    rc = fsync(f->fd);
  while (rc != 0 && errno == EINTR);
  int num = rc != 0 && !(errno == EINVAL && !f->temp) ? errno : 0;
  if (close(f->fd) != 0 && errno != EINTR && num == 0)
    num = errno;
  f->fd = -1;
  return num == 0 ? MOTCL_OK : mcl_fail_sys(err, num, "write", f->path);
}

/* Give the temporary file its name where nothing may stand yet. File systems without hard links
 * get the name reserved by an empty file first. */
static int place_new(mcl_outfile *f, motcl_err *err) {
  if (link(f->temp, f->path) == 0) {
    unlink(f->temp);
    return MOTCL_OK;
  }
  if (errno == EEXIST)
    return fail_exists(err, f->path);
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
    return mcl_fail_sys(err, errno, "create", f->path);
  int fd = open_again(f->path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (fd < 0)
    return errno == EEXIST ? fail_exists(err, f->path)
                           : mcl_fail_sys(err, errno, "create", f->path);
  close(fd);
  if (rename(f->temp, f->path) == 0)
    return MOTCL_OK;
  int num = errno;
  unlink(f->path);
  return mcl_fail_sys(err, num, "create", f->path);
}

/* Make the new name itself survive a power cut, as far as the folder may be opened for that. */
static void sync_folder(const mcl_outfile *f) {
  size_t dir = folder_length(f->path);
  char *name = dir > 0 ? mcl_strndup(f->path, dir) : mcl_strdup(".");
  int fd = name ? open_again(name, O_RDONLY, 0) : -1;
  mcl_free(name);
  if (fd < 0)
    return;
  (void)fsync(fd);
  close(fd);
}

int mcl_outfile_commit(mcl_outfile *f, motcl_err *err) {
  int rc = settle(f, err);
  if (f->temp) {
    if (rc == MOTCL_OK && !f->replace)
      rc = place_new(f, err);
    else if (rc == MOTCL_OK && rename(f->temp, f->path) != 0)
      rc = mcl_fail_sys(err, errno, "replace", f->path);
    if (rc == MOTCL_OK)
      sync_folder(f);
    else
      unlink(f->temp);
  }
  destroy(f);
  return rc;
}

void mcl_outfile_abort(mcl_outfile *f) {
  if (!f)
    return;
  if (f->temp)
    unlink(f->temp);
  destroy(f);
}

int mcl_file_write(const char *path, const void *data, size_t n, bool replace, motcl_err *err) {
  mcl_outfile *f;
  int rc = mcl_outfile_open(&f, path, replace, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_outfile_write(f, data, n, err);
  if (rc == MOTCL_OK)
    return mcl_outfile_commit(f, err);
  mcl_outfile_abort(f);
  return rc;
}
