/* read.c - reading files. */
#include "cli/jobs/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/jobs/interrupt.h"
#include "cli/memory.h"

enum { FIRST = 1 << 16 };

/* Bytes read so far; `cap` has room for them, one more and a NUL. */
typedef struct buffer {
  char *p;
  size_t size, cap;
} buffer;

const char *mcl_read_name(const char *name) {
  return strcmp(name, "-") ? name : "stdin";
}

static int fail(const char *name, motcl_err *err) {
  int why = errno;
  const char *quote = strcmp(name, "-") ? "'" : "";
  return motcl_fail(err, MOTCL_EIO, "%s%.300s%s cannot be read: %s", quote, mcl_read_name(name),
                    quote, strerror(why));
}

static int fail_long(const char *name, size_t most, motcl_err *err) {
  const char *quote = strcmp(name, "-") ? "'" : "";
  return motcl_fail(err, MOTCL_EFORMAT, "%s%.300s%s is longer than the %zu bytes that are taken",
                    quote, mcl_read_name(name), quote, most);
}

static int reserve(buffer *b, motcl_err *err) {
  size_t want = 2 * b->cap;
  if (b->size + 1 < b->cap)
    return MOTCL_OK;
  char *q = want > b->cap ? realloc(b->p, want) : NULL;
  if (!q)
    return mcl_no_memory(err);
  b->p = q;
  b->cap = want;
  return MOTCL_OK;
}

/* Of a pipe or terminal, what is there is read; waiting for more ends with a signal. */
static int read_all(buffer *b, int fd, const char *name, size_t most, motcl_err *err) {
  ssize_t got = 1;
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && got != 0) {
    rc = reserve(b, err);
    if (rc == MOTCL_OK && !mcl_interrupt_await(fd))
      rc = motcl_fail(err, MOTCL_ECANCELLED, "cancelled");
    got = rc == MOTCL_OK ? read(fd, b->p + b->size, b->cap - 1 - b->size) : 0;
    if (got < 0 && errno != EINTR && errno != EAGAIN)
      rc = fail(name, err);
    b->size += got > 0 ? (size_t)got : 0;
    if (rc == MOTCL_OK && b->size > most)
      rc = fail_long(name, most, err);
  }
  return rc;
}

/* A stream that the shell has opened for us: as stdin is, and what bash makes of <(COMMAND). */
static bool is_stream(const char *name) {
  return !strcmp(name, "/dev/stdin") || !strncmp(name, "/dev/fd/", 8);
}

/* O_NONBLOCK: a pipe in a file's place is refused instead of waited for. */
static int open_file(int *fd, const char *name, motcl_err *err) {
  struct stat st;
  *fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (*fd < 0 && errno != ENXIO) /* which is what a socket gives */
    return fail(name, err);
  bool there = *fd >= 0 && fstat(*fd, &st) == 0;
  if (there && (S_ISREG(st.st_mode) || is_stream(name)))
    return MOTCL_OK;
  if (there && S_ISDIR(st.st_mode)) {
    errno = EISDIR;
    return fail(name, err);
  }
  return motcl_fail(err, MOTCL_EIO,
                    "'%.300s' is no regular file; name one, or - for what comes from stdin", name);
}

int mcl_read(char **data, size_t *n, const char *name, size_t most, motcl_err *err) {
  buffer b = {malloc(FIRST), 0, FIRST};
  if (!b.p)
    return mcl_no_memory(err);
  int fd = STDIN_FILENO;
  int rc = strcmp(name, "-") ? open_file(&fd, name, err) : MOTCL_OK;
  if (rc == MOTCL_OK)
    rc = read_all(&b, fd, name, most, err);
  if (fd > STDERR_FILENO)
    close(fd);
  if (rc != MOTCL_OK) {
    free(b.p);
    return rc;
  }
  b.p[b.size] = 0;
  *data = b.p;
  *n = b.size;
  return MOTCL_OK;
}
