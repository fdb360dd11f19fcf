/* daemon.c - frames to and from motcld. */
#include "cli/queue/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/jobs/interrupt.h"
#include "cli/jobs/terminal.h"
#include "cli/memory.h"

/* Of a frame: its length in front, and all of it. What is unpacked may be larger than its frame, as an empty
 * message is a byte or two there, but not by more than ROOM. */
enum { HEAD = 5, FIRST = 1 << 16, GLANCE = 100 };
#define MOST (MOTCL_MAX_MESSAGE + ((size_t)1 << 20))
#define ROOM ((size_t)64 << 20)
static const double patience = 20; /* seconds */

static int fail_lost(mcl_daemon *d, motcl_err *err, const char *why) {
  d->lost = true;
  return motcl_fail(err, MOTCL_EIO, "the daemon at '%.200s' %s", d->path, why);
}

static const char ended[] = "has ended the connection; look into its log, and try again";
static const char senseless[] =
    "says what makes no sense; see that it is a motcld, and of this version";

static int fail_absent(const mcl_daemon *d, int why, motcl_err *err) {
  if (why != ENOENT && why != ECONNREFUSED && why != ENOTDIR)
    return motcl_fail(err, MOTCL_EIO, "the daemon at '%.200s' cannot be reached: %s", d->path,
                      strerror(why));
  return motcl_fail(err, MOTCL_EIO,
                    "no daemon listens at '%.200s'; 'motcld --socket %.200s --state DIR --model "
                    "NAME=DIR' starts one, and --socket or MOTCL_SOCKET name another",
                    d->path, d->path);
}

int mcl_daemon_open(mcl_daemon *d, const mcl_env *env, const mcl_options *o, motcl_err *err) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  *d = (mcl_daemon){.fd = -1, .path = o->socket ? o->socket : env->socket, .outcome = o->outcome};
  size_t n = strlen(d->path);
  if (!n || n >= sizeof name.sun_path)
    return motcl_fail(err, MOTCL_EINVAL,
                      "'%.200s' cannot be a socket: its name may have 1 to %zu bytes; name another "
                      "with --socket",
                      d->path, sizeof name.sun_path - 1);
  memcpy(name.sun_path, d->path, n);
  d->fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (d->fd < 0)
    return fail_absent(d, errno, err);
  (void)fcntl(d->fd, F_SETFD, FD_CLOEXEC);
  if (connect(d->fd, (const struct sockaddr *)&name, sizeof name) != 0)
    return fail_absent(d, errno, err);
  (void)fcntl(d->fd, F_SETFL, O_NONBLOCK);
  return MOTCL_OK;
}

void mcl_daemon_close(mcl_daemon *d) {
  if (d->fd >= 0)
    close(d->fd);
  free(d->in);
  *d = (mcl_daemon){.fd = -1};
}

/* Until the socket is ready for `events`, or `until`, in seconds; 0: for ever. A signal may come just before
 * the wait, so it is looked for now and then. */
static int await(mcl_daemon *d, short events, double until, motcl_err *err) {
  struct pollfd p = {.fd = d->fd, .events = events};
  for (;;) {
    if (mcl_interrupted())
      return motcl_fail(err, MOTCL_ECANCELLED, "cancelled");
    int ready = poll(&p, 1, GLANCE);
    if (ready > 0)
      return MOTCL_OK;
    if (ready < 0 && errno != EINTR)
      return fail_lost(d, err, "cannot be waited for; try again");
    if (until > 0 && mcl_seconds() > until)
      return fail_lost(d, err, "does not answer; look into its log, or start it anew");
  }
}

static int send_bytes(mcl_daemon *d, const uint8_t *bytes, size_t n, motcl_err *err) {
  size_t sent = 0;
  int rc = MOTCL_OK;
  while (sent < n && rc == MOTCL_OK) {
    ssize_t got = send(d->fd, bytes + sent, n - sent, MSG_NOSIGNAL);
    if (got >= 0)
      sent += (size_t)got;
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      rc = await(d, POLLOUT, mcl_seconds() + patience, err);
    else if (errno != EINTR)
      rc = fail_lost(d, err, ended);
  }
  return rc;
}

static size_t put_head(uint8_t *head, size_t n) {
  size_t used = 0;
  for (; n >= 128; n >>= 7)
    head[used++] = (uint8_t)(n | 128);
  head[used++] = (uint8_t)n;
  return used;
}

int mcl_daemon_send(mcl_daemon *d, Motcl__V1__Request *r, motcl_err *err) {
  r->has_number = true;
  r->number = ++d->number;
  size_t n = motcl__v1__request__get_packed_size(r);
  if (n > MOST)
    return motcl_fail(err, MOTCL_EINVAL, "the job is larger than a message may be, %zu bytes",
                      MOST);
  uint8_t *frame = malloc(HEAD + n);
  if (!frame)
    return mcl_no_memory(err);
  size_t head = put_head(frame, n);
  motcl__v1__request__pack(r, frame + head);
  int rc = send_bytes(d, frame, head + n, err);
  free(frame);
  return rc;
}

/* More bytes behind those that were not looked at. No more is allocated than twice what has come, whatever a
 * length says. */
static int receive(mcl_daemon *d, double until, motcl_err *err) {
  if (d->at) {
    memmove(d->in, d->in + d->at, d->have);
    d->at = 0;
  }
  if (d->have == d->cap) {
    size_t cap = d->cap ? 2 * d->cap : FIRST;
    uint8_t *in = realloc(d->in, cap);
    if (!in)
      return mcl_no_memory(err);
    d->in = in;
    d->cap = cap;
  }
  int rc = await(d, POLLIN, until, err);
  if (rc != MOTCL_OK)
    return rc;
  ssize_t got = recv(d->fd, d->in + d->have, d->cap - d->have, 0);
  if (got > 0)
    d->have += (size_t)got;
  else if (got == 0 || (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK))
    return fail_lost(d, err, ended);
  return MOTCL_OK;
}

/* The length in front of what has come: 0 bytes of it, if it is not whole. False if it is none. */
static bool read_head(const mcl_daemon *d, size_t *head, size_t *length) {
  uint64_t n = 0;
  *head = 0;
  for (size_t i = 0; i < d->have; i++) {
    if (i == HEAD)
      return false;
    n |= (uint64_t)(d->in[d->at + i] & 127) << (7 * i);
    if (d->in[d->at + i] < 128) {
      *head = i + 1;
      *length = (size_t)n;
      return n <= MOST;
    }
  }
  return true;
}

/* A frame, which stays where it is until more is received. */
static int next_frame(mcl_daemon *d, double until, const uint8_t **frame, size_t *n,
                      motcl_err *err) {
  size_t head, before = d->have;
  for (;;) {
    if (!read_head(d, &head, n))
      return fail_lost(d, err, senseless);
    if (head && d->have - head >= *n)
      break;
    if (d->have && (until <= 0 || d->have > before)) /* it has begun, and goes on */
      until = mcl_seconds() + patience;
    before = d->have;
    int rc = receive(d, until, err);
    if (rc != MOTCL_OK)
      return rc;
  }
  *frame = d->in + d->at + head;
  d->at += head + *n;
  d->have -= head + *n;
  return MOTCL_OK;
}

static void *take(void *data, size_t n) {
  mcl_daemon *d = data;
  if (n > d->budget)
    return NULL;
  d->budget -= n;
  return malloc(n);
}

static void give_back(void *data, void *p) {
  (void)data;
  free(p);
}

void mcl_daemon_free(Motcl__V1__Response *r) {
  ProtobufCAllocator plain = {take, give_back, NULL};
  if (r)
    motcl__v1__response__free_unpacked(r, &plain);
}

static int next_response(mcl_daemon *d, double until, Motcl__V1__Response **out, motcl_err *err) {
  ProtobufCAllocator bounded = {take, give_back, d};
  const uint8_t *frame = NULL;
  size_t n = 0;
  int rc = next_frame(d, until, &frame, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  d->budget = 2 * n + ROOM;
  *out = motcl__v1__response__unpack(&bounded, n, frame);
  return *out ? MOTCL_OK : fail_lost(d, err, senseless);
}

int mcl_daemon_status_of(Motcl__V1__Code code) {
#define OF(name)                                                                                   \
  case MOTCL__V1__CODE__CODE_##name:                                                               \
    return MOTCL_##name;
  switch (code) {
    OF(EINVAL)
    OF(EIO)
    OF(EFORMAT)
    OF(EMODEL)
    OF(ENOMEM)
    OF(EDEVMEM)
    OF(EFIT)
    OF(ENODEVICE)
    OF(ELOST)
    OF(EBUILD)
    OF(EUNSUPPORTED)
    OF(ECANCELLED)
    OF(EEXIST)
    OF(ENUMERIC)
  default:
    return MOTCL_EINTERNAL;
  }
#undef OF
}

static const char *word_of(Motcl__V1__Refusal why) {
  switch (why) {
  case MOTCL__V1__REFUSAL__REFUSED_WRONG:
    return "wrong";
  case MOTCL__V1__REFUSAL__REFUSED_NO_SUCH_JOB:
    return "no such job";
  case MOTCL__V1__REFUSAL__REFUSED_OTHER_CONTENT:
    return "other content";
  case MOTCL__V1__REFUSAL__REFUSED_BUSY:
    return "busy";
  case MOTCL__V1__REFUSAL__REFUSED_STATE:
    return "state";
  case MOTCL__V1__REFUSAL__REFUSED_JOURNAL:
    return "journal";
  case MOTCL__V1__REFUSAL__REFUSED_ENDING:
    return "ending";
  case MOTCL__V1__REFUSAL__REFUSED_NO_SUCH_MODEL:
    return "no such model";
  default:
    return "other";
  }
}

static int fail_refused(mcl_daemon *d, const Motcl__V1__Refused *r, motcl_err *err) {
  int code = MOTCL_EIO;
  if (r->why == MOTCL__V1__REFUSAL__REFUSED_WRONG)
    code = r->has_code ? mcl_daemon_status_of(r->code) : MOTCL_EINVAL;
  else if (r->why == MOTCL__V1__REFUSAL__REFUSED_OTHER_CONTENT)
    code = MOTCL_EEXIST;
  mcl_outcome_put(d->outcome, "refused", json_string(word_of(r->why)));
  if (r->sentence && *r->sentence)
    return motcl_fail(err, code, "%s", r->sentence);
  return motcl_fail(err, code, "the daemon refuses this: %s", word_of(r->why));
}

/* What stands alone without a number ends the connection. */
int mcl_daemon_hear(mcl_daemon *d, bool patient, Motcl__V1__Response **out, motcl_err *err) {
  const double until = patient ? 0 : mcl_seconds() + patience;
  Motcl__V1__Response *r;
  for (;;) {
    int rc = next_response(d, until, &r, err);
    if (rc != MOTCL_OK)
      return rc;
    const bool refused = r->what_case == MOTCL__V1__RESPONSE__WHAT_REFUSED && r->refused;
    if (refused && (!r->has_number || r->number == d->number))
      rc = fail_refused(d, r->refused, err);
    else if (r->has_number && r->number == d->number)
      break;
    mcl_daemon_free(r);
    if (rc != MOTCL_OK)
      return rc;
  }
  *out = r;
  return MOTCL_OK;
}

/* What ended the connection while a request was on its way may have been said before. */
static int hear_why(mcl_daemon *d, int rc, motcl_err *err) {
  Motcl__V1__Response *r;
  motcl_err said;
  d->lost = false;
  int heard = mcl_daemon_hear(d, false, &r, &said);
  if (heard == MOTCL_OK)
    mcl_daemon_free(r);
  const bool refused = heard != MOTCL_OK && !d->lost;
  d->lost = true;
  if (refused && err)
    *err = said;
  return refused ? heard : rc;
}

int mcl_daemon_ask(mcl_daemon *d, Motcl__V1__Request *r, Motcl__V1__Response__WhatCase kind,
                   Motcl__V1__Response **out, motcl_err *err) {
  int rc = mcl_daemon_send(d, r, err);
  if (rc != MOTCL_OK)
    return d->lost ? hear_why(d, rc, err) : rc;
  rc = mcl_daemon_hear(d, false, out, err);
  if (rc != MOTCL_OK || (*out)->what_case == kind)
    return rc;
  mcl_daemon_free(*out);
  return fail_lost(d, err, senseless);
}
