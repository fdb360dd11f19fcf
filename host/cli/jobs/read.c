/* read.c - reading files. */
#include "cli/jobs/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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
  if (mcl_interrupted())
    return motcl_fail(err, MOTCL_ECANCELLED, "cancelled");
  return motcl_fail(err, MOTCL_EIO, "%s%.300s%s cannot be read: %s", quote, mcl_read_name(name),
                    quote, strerror(why));
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

static int read_all(buffer *b, int fd, const char *name, size_t most, motcl_err *err) {
  ssize_t got = 1;
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && got != 0) {
    rc = reserve(b, err);
    got = rc == MOTCL_OK ? read(fd, b->p + b->size, b->cap - 1 - b->size) : 0;
    if (got < 0 && (errno != EINTR || mcl_interrupted()))
      rc = fail(name, err);
    b->size += got > 0 ? (size_t)got : 0;
    if (rc == MOTCL_OK && b->size > most)
      rc = motcl_fail(err, MOTCL_EFORMAT, "%.300s is longer than the %zu bytes that are taken",
                      mcl_read_name(name), most);
  }
  return rc;
}

int mcl_read(char **data, size_t *n, const char *name, size_t most, motcl_err *err) {
  buffer b = {malloc(FIRST), 0, FIRST};
  if (!b.p)
    return mcl_no_memory(err);
  int fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
  int rc = fd < 0 ? fail(name, err) : read_all(&b, fd, name, most, err);
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
