/* builders.c - starting this program again to build or to store kernels, and ending it. */
#include "cli/jobs/builders.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char self[] = "/proc/self/exe"; /* where there is no such file nothing is started */

/* A builder takes a fifth of a second to start: as long as a kernel takes to build. */
static const uint32_t fewest = 3;

/* What our caller holds open, locks and pipes, is held by us and not by who goes on after us. */
static void keep_files(void) {
  DIR *d = opendir("/proc/self/fd");
  for (struct dirent *e; d && (e = readdir(d));) {
    int fd = atoi(e->d_name), flags = fd > STDERR_FILENO ? fcntl(fd, F_GETFD) : -1;
    if (flags >= 0)
      (void)fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
  }
  if (d)
    closedir(d);
}

static bool spawn(pid_t *pid, char *const *argv) {
  posix_spawn_file_actions_t files;
  keep_files();
  if (posix_spawn_file_actions_init(&files) != 0)
    return false;
  bool ok = true;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    ok = ok && posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0) == 0;
  ok = ok && posix_spawn(pid, self, &files, NULL, argv, environ) == 0;
  posix_spawn_file_actions_destroy(&files);
  return ok;
}

/* motcl COMMAND --build-only SHARE [FURTHER], and the rest of the line. */
static bool start_one(pid_t *pid, const mcl_options *o, double share, const char *further) {
  const char **argv = calloc(o->line_count + 6, sizeof *argv);
  char text[16];
  size_t n = 0;
  if (!argv)
    return false;
  snprintf(text, sizeof text, "%.2f", share);
  argv[n++] = "motcl";
  argv[n++] = o->command;
  argv[n++] = "--build-only";
  argv[n++] = text;
  if (further)
    argv[n++] = further;
  for (size_t i = 0; i < o->line_count; i++)
    argv[n++] = o->line[i];
  bool ok = spawn(pid, (char *const *)argv);
  free(argv);
  return ok;
}

void mcl_builders_start(mcl_builders *b, const mcl_options *o, const motcl_device *device,
                        uint32_t left) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  size_t most = cores > 1 ? (size_t)cores - 1 : 0;
  if (b->tried || !device->keeps || mcl_option_given(o, "build-only")) /* a builder starts none */
    return;
  b->tried = true;
  most = most < left / fewest ? most : left / fewest;
  most = most < MCL_BUILDERS ? most : MCL_BUILDERS;
  while (b->count < most &&
         start_one(&b->pid[b->count], o, (double)(b->count + 1) / (double)(most + 1), NULL))
    b->count++;
}

void mcl_builders_stop(const mcl_builders *b) {
  for (size_t i = 0; i < b->count; i++)
    kill(b->pid[i], SIGTERM);
}

void mcl_builders_finish(mcl_builders *b) {
  mcl_builders_stop(b);
  for (size_t i = 0; i < b->count; i++)
    waitpid(b->pid[i], NULL, 0);
  b->count = 0;
}

void mcl_builders_store(const mcl_builders *b, const mcl_options *o, const mcl_env *env) {
  pid_t pid;
  if (b->tried && *env->cache && !env->no_background)
    (void)start_one(&pid, o, 0, "--store-kernels");
}

/* The lock is held until the process ends: of several first starts at once, one stores. */
static bool lock(const mcl_env *env) {
  char path[sizeof env->cache + 16];
  snprintf(path, sizeof path, "%s/storing.lock", env->cache);
  int fd = *env->cache ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
  return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

int mcl_builders_enter_background(const mcl_env *env, motcl_err *err) {
  (void)setsid();
  (void)setpriority(PRIO_PROCESS, 0, 19);
  if (lock(env))
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EINVAL,
                    "kernels are stored by one process at a time, in a folder that can be written "
                    "to: %s",
                    env->cache);
}
