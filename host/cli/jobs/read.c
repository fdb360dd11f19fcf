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

/* Bytes read so far; `room` is for them, one more and a NUL. */
typedef struct pile {
  char *p;
  size_t have, room;
} pile;

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

static int make_room(pile *b, motcl_err *err) {
  size_t want = 2 * b->room;
  if (b->have + 1 < b->room)
    return MOTCL_OK;
  char *q = want > b->room ? realloc(b->p, want) : NULL;
  if (!q)
    return mcl_no_memory(err);
  b->p = q;
  b->room = want;
  return MOTCL_OK;
}

static int read_all(pile *b, int fd, const char *name, size_t most, motcl_err *err) {
  ssize_t got = 1;
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && got != 0) {
    rc = make_room(b, err);
    got = rc == MOTCL_OK ? read(fd, b->p + b->have, b->room - 1 - b->have) : 0;
    if (got < 0 && (errno != EINTR || mcl_interrupted()))
      rc = fail(name, err);
    b->have += got > 0 ? (size_t)got : 0;
    if (rc == MOTCL_OK && b->have > most)
      rc = motcl_fail(err, MOTCL_EFORMAT, "%.300s is longer than the %zu bytes that are taken",
                      mcl_read_name(name), most);
  }
  return rc;
}

int mcl_read(char **data, size_t *n, const char *name, size_t most, motcl_err *err) {
  pile b = {malloc(FIRST), 0, FIRST};
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
  b.p[b.have] = 0;
  *data = b.p;
  *n = b.have;
  return MOTCL_OK;
}
