/* motcld.c - the daemon: its settings, signals, and the loop that all else hangs on. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/version.h"
#include "daemon/notify.h"
#include "daemon/server.h"

/*
 * All that there is.
 *
 * argc, argv  read again on SIGHUP
 */
typedef struct motcld {
  int argc;
  char **argv;
  uv_loop_t loop;
  mcl_daemon_config config;
  mcl_daemon daemon;
  mcl_server server;
  uv_signal_t ending[2], reread;
  uv_timer_t watchdog;
} motcld;

static void help(void) {
  printf("usage: motcld --state DIR --model NAME=DIR [OPTION...]\n\n"
         "Keeps a queue of jobs and runs them, until SIGTERM or SIGINT; stays in the foreground. "
         "Clients are\n"
         "'motcl submit', 'motcl jobs' and their like, and whatever speaks daemon.proto. A job "
         "that was accepted\n"
         "is on disk, and goes on from where it was saved last, whatever happens in between.\n\n");
  mcl_daemon_config_help(stdout);
  printf("\nSIGHUP reads --config again. Exit status: 0 told to end, 1 failed, 2 wrong usage.\n");
}

/* Where clients look too. */
static int socket_path(char out[200], const mcl_daemon_config *c, motcl_err *err) {
  const char *named = c->socket ? c->socket : getenv("MOTCL_SOCKET"),
             *run = getenv("XDG_RUNTIME_DIR");
  const char *dir = run && *run ? run : "/run";
  int n;
  if (named && *named) {
    n = snprintf(out, 200, "%s", named);
  } else {
    n = snprintf(out, 200, "%s/motcl", dir);
    if (n < 200)
      if (mkdir(out, 0755) == 0) /* if it cannot be made, the socket says so */
        (void)chmod(out, 0755);
    n = snprintf(out, 200, "%s/motcl/socket", dir);
  }
  return n < 200 ? MOTCL_OK
                 : mcl_fail(err, MOTCL_EINVAL,
                            "the socket's path is too long; choose one with --socket");
}

static void on_ended(void *user) {
  mcl_server *s = user;
  uv_stop(s->loop);
}

static void on_end_signal(uv_signal_t *h, int number) {
  motcld *m = h->data;
  (void)number;
  mcl_notify("STOPPING=1");
  mcl_daemon_end(&m->daemon);
}

/* A model that is not there would fail each of its jobs. */
static int check_models(const mcl_daemon_config *c, motcl_err *err) {
  for (size_t i = 0; i < c->models; i++)
    if (access(c->model[i].dir, R_OK) != 0)
      return mcl_fail(err, MOTCL_EIO, "the model '%.100s' cannot be read: '%.300s': %s",
                      c->model[i].name, c->model[i].dir, strerror(errno));
  return MOTCL_OK;
}

static void on_reread(uv_signal_t *h, int number) {
  motcld *m = h->data;
  mcl_daemon_config read;
  motcl_err err = {0};
  (void)number;
  if (mcl_daemon_config_read(&read, m->argc, m->argv, &err) == MOTCL_OK &&
      check_models(&read, &err) == MOTCL_OK) {
    mcl_daemon_configure(&m->daemon, &read);
    mcl_daemon_tell(&m->daemon.log, "settings are read again", NULL);
  } else {
    mcl_daemon_tell(&m->daemon.log, "settings cannot be read, the old ones hold", "why", err.text,
                    NULL);
  }
  mcl_daemon_config_finish(&read);
}

static void on_watchdog(uv_timer_t *timer) {
  (void)timer;
  mcl_notify("WATCHDOG=1");
}

static void hear_signals(motcld *m) {
  const int ends[] = {SIGTERM, SIGINT};
  const uint64_t every = mcl_notify_watchdog();
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < 2; i++) {
    uv_signal_init(&m->loop, &m->ending[i]);
    m->ending[i].data = m;
    uv_signal_start(&m->ending[i], on_end_signal, ends[i]);
  }
  uv_signal_init(&m->loop, &m->reread);
  m->reread.data = m;
  uv_signal_start(&m->reread, on_reread, SIGHUP);
  uv_timer_init(&m->loop, &m->watchdog);
  if (every)
    uv_timer_start(&m->watchdog, on_watchdog, every, every);
}

/* A connection is a file. */
static void raise_files(void) {
  struct rlimit r;
  if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
    r.rlim_cur = r.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &r);
  }
}

/* Kernels and rates are kept beside the queue where no other folder is named. */
static int cache_path(mcl_daemon_config *c, motcl_err *err) {
  char path[4096];
  if (c->cache)
    return MOTCL_OK;
  if (snprintf(path, sizeof path, "%s/cache", c->state) >= (int)sizeof path)
    return mcl_fail(err, MOTCL_EINVAL, "the state folder's path is too long");
  c->cache = mcl_strdup(path);
  return c->cache ? MOTCL_OK : mcl_fail_nomem(err, sizeof path);
}

static int open_all(motcld *m, motcl_err *err) {
  char path[200];
  const int fd = mcl_notify_socket();
  m->daemon = (mcl_daemon){.loop = &m->loop,
                           .config = &m->config,
                           .log = {m->config.json, m->config.verbose},
                           .listener = mcl_server_listener(&m->server, on_ended)};
  m->server = (mcl_server){.loop = &m->loop, .daemon = &m->daemon};
  int rc = check_models(&m->config, err);
  if (rc == MOTCL_OK)
    rc = socket_path(path, &m->config, err);
  if (rc == MOTCL_OK)
    rc = cache_path(&m->config, err);
  if (rc == MOTCL_OK)
    rc = mcl_daemon_open(&m->daemon, err);
  if (rc == MOTCL_OK)
    rc = mcl_server_open(&m->server, path, fd, err);
  if (rc == MOTCL_OK)
    mcl_daemon_tell(&m->daemon.log, "ready", "version", mcl_version, "socket",
                    fd < 0 ? path : "handed over", NULL);
  return rc;
}

static void close_rest(uv_handle_t *h, void *user) {
  (void)user;
  if (!uv_is_closing(h))
    uv_close(h, NULL);
}

static int run(motcld *m, motcl_err *err) {
  int status = uv_loop_init(&m->loop);
  if (status != 0)
    return mcl_fail(err, MOTCL_EIO, "there is no loop to be had: %s", uv_strerror(status));
  raise_files();
  hear_signals(m);
  int rc = open_all(m, err);
  if (rc == MOTCL_OK)
    mcl_notify("READY=1");
  else if (m->daemon.children) /* devices were started */
    mcl_daemon_end(&m->daemon);
  if (rc == MOTCL_OK || m->daemon.children)
    uv_run(&m->loop, UV_RUN_DEFAULT);
  mcl_server_close(&m->server);
  uv_walk(&m->loop, close_rest, NULL);
  uv_run(&m->loop, UV_RUN_DEFAULT);
  mcl_daemon_finish(&m->daemon);
  uv_loop_close(&m->loop);
  return rc;
}

int main(int argc, char **argv) {
  motcld m = {.argc = argc, .argv = argv};
  motcl_err err = {0};
  const int child = mcl_child_main(argc, argv);
  if (child >= 0)
    return child;
  umask(077);
  int rc = mcl_daemon_config_read(&m.config, argc, argv, &err);
  const bool usage = rc != MOTCL_OK;
  if (rc == MOTCL_OK && m.config.help)
    help();
  else if (rc == MOTCL_OK && m.config.version)
    printf("motcld %s\n", mcl_version);
  else if (rc == MOTCL_OK && m.config.backup)
    rc = mcl_journal_backup(m.config.state, m.config.backup, &err);
  else if (rc == MOTCL_OK)
    rc = run(&m, &err);
  if (rc != MOTCL_OK)
    fprintf(stderr, "motcld: %s\n", err.text);
  mcl_daemon_config_finish(&m.config);
  return rc == MOTCL_OK ? 0 : usage ? 2 : 1;
}
