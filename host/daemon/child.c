/* child.c - starting a device's process, pipes to and from it, and its end. */
#include "daemon/child.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/device_process.h"

/* The first word behind the program's name that tells such a process. */
#define ROLE "--device-process"

/* ---- in the child ---- */

/* Libraries that print to stdout, or read stdin, are not to meet the frames there. */
static int move_away(int fd, int to) {
  int kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (kept >= 0)
    dup2(to, fd);
  return kept;
}

int mcl_child_main(int argc, char **argv) {
  mcl_device_process p = {0};
  int in, out, null;
  if (argc != 8 || strcmp(argv[1], ROLE) != 0)
    return -1;
  p.device = *argv[2] ? argv[2] : NULL;
  p.cache = *argv[3] ? argv[3] : NULL;
  p.memory = strtoull(argv[4], NULL, 10);
  p.save = strtod(argv[5], NULL);
  p.allow_slow = *argv[6] == '1';
  p.stall = strtod(argv[7], NULL);
  null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  in = move_away(STDIN_FILENO, null);
  out = move_away(STDOUT_FILENO, STDERR_FILENO);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN); /* of a terminal, for the daemon, which then says what is to happen */
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  return in < 0 || out < 0 || null < 0 ? 1 : mcl_device_process_run(&p, in, out);
}

/* ---- in the daemon ---- */

static void on_closed(uv_handle_t *h) {
  mcl_child *c = h->data;
  if (--c->closing > 0)
    return;
  mcl_frames_finish(&c->frames);
  c->state = MCL_CHILD_GONE;
  c->listener.gone(c->listener.user, c, c->how);
}

static void close_one(mcl_child *c, uv_handle_t *h) {
  if (!uv_is_closing(h)) {
    h->data = c;
    uv_close(h, on_closed);
  }
}

/* Its process has ended and its pipe too: nothing more comes. */
static void close_all(mcl_child *c) {
  close_one(c, (uv_handle_t *)&c->process);
  close_one(c, (uv_handle_t *)&c->in);
  close_one(c, (uv_handle_t *)&c->out);
}

static void on_exit(uv_process_t *process, int64_t status, int by) {
  mcl_child *c = process->data;
  if (by)
    snprintf(c->how, sizeof c->how, "it was ended by signal %d (%s)", by, strsignal(by));
  else
    snprintf(c->how, sizeof c->how, "it ended with status %" PRId64, status);
  process->pid = 0;
  if (!uv_is_readable((uv_stream_t *)&c->out) || uv_is_closing((uv_handle_t *)&c->out))
    close_all(c);
}

static int hear(mcl_child *c, const uint8_t *bytes, size_t n, motcl_err *err) {
  motcl_store *store = NULL;
  int rc = mcl_wire_read(&mcl_wire_report, &store, bytes, n, err);
  if (rc != MOTCL_OK)
    return rc;
  const Motcl__V1__Report *r = (const Motcl__V1__Report *)store->message;
  if (r->what_case == MOTCL__V1__REPORT__WHAT_READY) {
    snprintf(c->name, sizeof c->name, "%s", r->ready->device ? r->ready->device : "");
    snprintf(c->driver, sizeof c->driver, "%s", r->ready->driver ? r->ready->driver : "");
    snprintf(c->trouble, sizeof c->trouble, "%s",
             r->ready->failure && r->ready->failure->sentence ? r->ready->failure->sentence : "");
    if (!*c->trouble)
      c->state = MCL_CHILD_READY;
  }
  c->listener.report(c->listener.user, c, r);
  mcl_store_free(store);
  return MOTCL_OK;
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf) {
  static char piece[65536];
  (void)h;
  (void)hint;
  *buf = uv_buf_init(piece, sizeof piece);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf) {
  mcl_child *c = s->data;
  const uint8_t *at = (const uint8_t *)buf->base, *message;
  size_t left = n > 0 ? (size_t)n : 0, size;
  motcl_err err = {0};
  int rc = MOTCL_OK;
  while (left > 0 && rc == MOTCL_OK) {
    rc = mcl_frames_take(&c->frames, &at, &left, &message, &size, &err);
    if (rc == MOTCL_OK && message)
      rc = hear(c, message, size, &err);
  }
  if (rc != MOTCL_OK)
    mcl_child_kill(c);
  if (n < 0 || rc != MOTCL_OK) {
    uv_read_stop(s);
    if (!c->process.pid)
      close_all(c);
    else
      close_one(c, (uv_handle_t *)&c->out);
  }
}

/* Its arguments, which mcl_child_main reads. */
static int spawn(mcl_child *c, motcl_err *err) {
  /* the program that runs, also if its file has been replaced */
  char memory[24], save[24], stall[24], self[] = "/proc/self/exe";
  const mcl_daemon_config *o = c->config;
  char role[] = ROLE, slow[] = "0", none[] = "";
  snprintf(memory, sizeof memory, "%" PRIu64, o->memory);
  snprintf(save, sizeof save, "%" PRIu64, o->save);
  snprintf(stall, sizeof stall, "%" PRIu64, o->stall);
  slow[0] = o->allow_slow ? '1' : '0';
  char *argv[] = {self,
                  role,
                  c->option ? (char *)(uintptr_t)c->option : none,
                  o->cache ? o->cache : none,
                  memory,
                  save,
                  slow,
                  stall,
                  NULL};
  uv_stdio_container_t io[3] = {
      {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->in},
      {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->out},
      {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO}};
  uv_process_options_t how = {
      .exit_cb = on_exit, .file = self, .args = argv, .stdio = io, .stdio_count = 3};
  const int status = uv_spawn(c->loop, &c->process, &how);
  return status == 0 ? MOTCL_OK
                     : mcl_fail(err, MOTCL_EIO, "no process can be started for the device: %s",
                                uv_strerror(status));
}

int mcl_child_start(mcl_child *c, motcl_err *err) {
  c->state = MCL_CHILD_STARTED;
  c->frames = (mcl_frames){.most = MOTCL_MAX_MESSAGE};
  c->closing = 3;
  *c->how = *c->trouble = 0;
  uv_pipe_init(c->loop, &c->in, 0);
  uv_pipe_init(c->loop, &c->out, 0);
  c->process.data = c->in.data = c->out.data = c;
  int rc = spawn(c, err);
  if (rc != MOTCL_OK) {
    snprintf(c->how, sizeof c->how, "it could not be started");
    close_all(c);
    return rc;
  }
  uv_read_start((uv_stream_t *)&c->out, on_alloc, on_read);
  return MOTCL_OK;
}

static void on_written(uv_write_t *w, int status) {
  (void)status;
  mcl_free(w->data);
  mcl_free(w);
}

int mcl_child_order(mcl_child *c, const Motcl__V1__Order *order, motcl_err *err) {
  size_t n;
  motcl_err why = {0};
  uint8_t *frame = mcl_frame_of(&mcl_wire_order, &order->base, &n, &why);
  uv_write_t *w = frame ? mcl_zalloc(1, sizeof *w) : NULL;
  if (!w) {
    mcl_free(frame);
    return mcl_fail(err, frame ? MOTCL_ENOMEM : why.code, "%s", frame ? "out of memory" : why.text);
  }
  uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)n);
  w->data = frame;
  if (!uv_is_closing((uv_handle_t *)&c->in) &&
      uv_write(w, (uv_stream_t *)&c->in, &buf, 1, on_written) == 0)
    return MOTCL_OK;
  mcl_free(w);
  mcl_free(frame);
  mcl_child_kill(c);
  return MOTCL_OK;
}

void mcl_child_kill(mcl_child *c) {
  if (c->state != MCL_CHILD_GONE && c->process.pid)
    uv_process_kill(&c->process, SIGKILL);
}
