/* server.c - the socket, connections, and frames that come and go on them. */
#include "daemon/client.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/peer.h"

/* Seconds that a client has for reading why its connection ends. */
#define LAST_WORD 5.0

/* Frames that are not whole, of all clients together. */
#define HELD_MOST ((size_t)1 << 30)

static void read_on(mcl_client *c);
static void handle(mcl_client *c, const uint8_t *at, size_t left);

/* ---- connections ---- */

static void on_client_closed(uv_handle_t *h) {
  mcl_client *c = h->data;
  mcl_frames_finish(&c->frames);
  mcl_free(c->rest);
  mcl_free(c);
}

static void drop(mcl_client *c) {
  if (c->closing)
    return;
  c->closing = true;
  while (c->watches)
    mcl_watch_drop(c->watches);
  c->server->held -= mcl_frames_held(&c->frames);
  *c->at = c->next;
  if (c->next)
    c->next->at = c->at;
  c->server->count--;
  uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

size_t mcl_client_queued(const mcl_client *c) {
  return uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe);
}

/* A response on its way, and whether it is the last that the client gets. */
typedef struct sending {
  uv_write_t write;
  mcl_client *client;
  uint8_t *frame;
  bool last;
} sending;

static void on_sent(uv_write_t *w, int status) {
  sending *s = (sending *)(void *)w;
  mcl_client *c = s->client;
  const bool over = status < 0 || s->last;
  mcl_free(s->frame);
  mcl_free(s);
  if (c->closing)
    return;
  if (over)
    drop(c);
  else if (c->paused && mcl_client_queued(c) < QUEUE_PAUSE)
    read_on(c);
}

void mcl_client_send(mcl_client *c, uint8_t *frame, size_t n, bool last) {
  sending *s = frame && !c->closing && !c->lost ? mcl_zalloc(1, sizeof *s) : NULL;
  uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)n);
  if (s)
    *s = (sending){.client = c, .frame = frame, .last = last};
  if (last)
    c->ends = mcl_clock();
  if (s && uv_write(&s->write, (uv_stream_t *)&c->pipe, &buf, 1, on_sent) == 0)
    return;
  mcl_free(s);
  mcl_free(frame);
  c->lost = true; /* whoever called may be walking its watches */
}

/* ---- reading ---- */

static int hear(mcl_client *c, const uint8_t *bytes, size_t n, motcl_err *err) {
  motcl_store *store = NULL;
  int rc = mcl_wire_read(&mcl_wire_request, &store, bytes, n, err);
  if (rc == MOTCL_OK)
    mcl_client_obey(c, (const Motcl__V1__Request *)store->message);
  mcl_store_free(store);
  return rc;
}

/* What came is no frame of ours, or too much: said, and then the connection ends. */
static void hang_up(mcl_client *c, const motcl_err *err) {
  uv_read_stop((uv_stream_t *)&c->pipe);
  c->paused = false;
  c->since = 0;
  mcl_client_refuse(c, 0, MOTCL__V1__REFUSAL__REFUSED_WRONG, err, true);
}

/* The client does not read what it was sent: what it says waits. */
static void pause_reading(mcl_client *c, const uint8_t *at, size_t left) {
  uint8_t *rest = left ? mcl_alloc(left, 1) : NULL;
  uv_read_stop((uv_stream_t *)&c->pipe);
  if (left && !rest) {
    drop(c);
    return;
  }
  if (left)
    memcpy(rest, at, left);
  mcl_free(c->rest);
  c->rest = rest;
  c->rest_n = left;
  c->paused = true;
}

static void handle(mcl_client *c, const uint8_t *at, size_t left) {
  motcl_err err = {0};
  int rc = MOTCL_OK;
  mcl_server *s = c->server;
  while (left > 0 && rc == MOTCL_OK && !c->closing && !c->lost) {
    const uint8_t *message;
    size_t n;
    if (mcl_client_queued(c) >= QUEUE_PAUSE) {
      pause_reading(c, at, left);
      return;
    }
    s->held -= mcl_frames_held(&c->frames);
    rc = mcl_frames_take(&c->frames, &at, &left, &message, &n, &err);
    s->held += mcl_frames_held(&c->frames);
    if (rc == MOTCL_OK && message) {
      rc = hear(c, message, n, &err);
      c->since = 0;
    } else if (rc == MOTCL_OK && c->since <= 0) {
      c->since = mcl_clock();
    }
    if (rc == MOTCL_OK && s->held > HELD_MOST)
      rc = mcl_fail(&err, MOTCL_ENOMEM, "too much is being sent at the moment; try again later");
  }
  if (rc != MOTCL_OK && !c->closing)
    hang_up(c, &err);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf) {
  static char piece[65536];
  (void)h;
  (void)hint;
  *buf = uv_buf_init(piece, sizeof piece);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
  mcl_client *c = stream->data;
  if (n < 0)
    drop(c);
  else
    handle(c, (const uint8_t *)buf->base, (size_t)n);
}

static void read_on(mcl_client *c) {
  uint8_t *rest = c->rest;
  c->paused = false;
  c->rest = NULL;
  if (rest)
    handle(c, rest, c->rest_n);
  mcl_free(rest);
  if (!c->paused && !c->closing)
    uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
}

/* A message that does not come whole in its time. */
static void on_tick(uv_timer_t *timer) {
  mcl_server *s = timer->data;
  const double idle = (double)s->daemon->config->idle;
  mcl_client *next;
  for (mcl_client *c = s->clients; c; c = next) {
    motcl_err err = {0};
    next = c->next;
    if (c->lost || (c->ends > 0 && mcl_clock_since(c->ends) > LAST_WORD)) {
      drop(c);
      continue;
    }
    if (c->since > 0 && mcl_clock_since(c->since) > idle && !c->paused) {
      mcl_fail(&err, MOTCL_EFORMAT, "a message did not come whole within %.0f s", idle);
      hang_up(c, &err);
    }
  }
}

/* ---- who connects ---- */

bool mcl_client_operates(const mcl_daemon_config *config, uint32_t user) {
  bool yes = user == 0 || user == (uint32_t)geteuid();
  for (size_t i = 0; i < config->operators; i++)
    yes = yes || config->operator_id[i] == user;
  return yes;
}

static bool is_let_in(mcl_client *c) {
  uv_os_fd_t fd;
  if (uv_fileno((uv_handle_t *)&c->pipe, &fd) != 0 || !mcl_peer_user(fd, &c->who.user))
    return false;
  c->who.all = mcl_client_operates(c->server->daemon->config, c->who.user);
  return true;
}

/* One user has half of the connections at most, so that the others are let in too. */
static bool has_room(const mcl_server *s, const mcl_client *c) {
  const uint64_t most = s->daemon->config->clients;
  size_t of_user = 0;
  for (const mcl_client *other = s->clients; other; other = other->next)
    of_user += other->who.user == c->who.user;
  return s->count <= most && (c->who.all || of_user <= (most + 1) / 2);
}

static void on_connection(uv_stream_t *listener, int status) {
  mcl_server *s = listener->data;
  mcl_client *c = status == 0 ? mcl_zalloc(1, sizeof *c) : NULL;
  motcl_err err = {0};
  if (!c)
    return;
  c->server = s;
  c->frames.most = (size_t)s->daemon->config->message;
  uv_pipe_init(s->loop, &c->pipe, 0);
  c->pipe.data = c;
  c->next = s->clients;
  c->at = &s->clients;
  if (c->next)
    c->next->at = &c->next;
  s->clients = c;
  s->count++;
  if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0 || !is_let_in(c)) {
    drop(c);
  } else if (!has_room(s, c)) {
    mcl_fail(
        &err, MOTCL_EFIT,
        "there are as many connections as there may be, of all or of this user; try again later");
    mcl_client_refuse(c, 0, MOTCL__V1__REFUSAL__REFUSED_BUSY, &err, true);
  } else {
    uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
  }
}

/* ---- beginning and end ---- */

/* A socket that nobody listens on is of a daemon that was killed. */
static int make_way(const char *path, motcl_err *err) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  struct stat st;
  if (strlen(path) >= sizeof at.sun_path)
    return mcl_fail(err, MOTCL_EINVAL,
                    "'%.200s' is too long for a socket's path; choose one of at most %zu bytes",
                    path, sizeof at.sun_path - 1);
  if (lstat(path, &st) != 0)
    return MOTCL_OK;
  if (!S_ISSOCK(st.st_mode))
    return mcl_fail(err, MOTCL_EINVAL,
                    "'%.200s' is there and no socket; choose another path with --socket", path);
  memcpy(at.sun_path, path, strlen(path) + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool alive = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
  if (fd >= 0)
    close(fd);
  if (alive)
    return mcl_fail(err, MOTCL_EINVAL,
                    "another daemon listens on '%.200s'; choose another path with --socket", path);
  return unlink(path) == 0
             ? MOTCL_OK
             : mcl_fail(err, MOTCL_EIO, "'%.200s' cannot be removed: %s", path, strerror(errno));
}

static int give_to_group(const char *path, const char *name, motcl_err *err) {
  const struct group *g = name ? getgrnam(name) : NULL;
  if (name && !g)
    return mcl_fail(err, MOTCL_EINVAL, "there is no group '%.100s'", name);
  struct stat st;
  const bool theirs = g && stat(path, &st) == 0 && st.st_gid == g->gr_gid;
  if ((g && !theirs && chown(path, (uid_t)-1, g->gr_gid) != 0) || chmod(path, g ? 0660 : 0600) != 0)
    return mcl_fail(err, MOTCL_EIO, "'%.200s' cannot be given to the group: %s", path,
                    strerror(errno));
  return MOTCL_OK;
}

static int bind_to(mcl_server *s, const char *path, motcl_err *err) {
  int rc = make_way(path, err);
  if (rc != MOTCL_OK)
    return rc;
  const mode_t before = umask(0177);
  const int status = uv_pipe_bind(&s->listener, path);
  umask(before);
  if (status != 0)
    return mcl_fail(err, MOTCL_EIO,
                    "the socket '%.200s' cannot be made: %s; choose another path with --socket",
                    path, uv_strerror(status));
  s->path = mcl_strdup(path);
  return give_to_group(path, s->daemon->config->group, err);
}

int mcl_server_open(mcl_server *s, const char *path, int fd, motcl_err *err) {
  int rc = MOTCL_OK;
  uv_pipe_init(s->loop, &s->listener, 0);
  uv_timer_init(s->loop, &s->tick);
  s->listener.data = s->tick.data = s;
  s->open = true;
  if (fd < 0)
    rc = bind_to(s, path, err);
  else if (uv_pipe_open(&s->listener, fd) != 0)
    rc = mcl_fail(err, MOTCL_EIO, "the socket that was handed over is none");
  if (rc == MOTCL_OK) {
    const int status = uv_listen((uv_stream_t *)&s->listener, 511, on_connection);
    if (status != 0)
      rc = mcl_fail(err, MOTCL_EIO, "nobody can be heard on the socket: %s", uv_strerror(status));
  }
  if (rc == MOTCL_OK)
    uv_timer_start(&s->tick, on_tick, 1000, 1000);
  return rc;
}

void mcl_server_close(mcl_server *s) {
  if (!s->open)
    return;
  s->open = false;
  if (s->path)
    unlink(s->path);
  mcl_free(s->path);
  s->path = NULL;
  while (s->clients)
    drop(s->clients);
  uv_close((uv_handle_t *)&s->listener, NULL);
  uv_close((uv_handle_t *)&s->tick, NULL);
}
