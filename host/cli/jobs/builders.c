/* builders.c - starting this program again to build kernels, and ending it. */
#include "cli/jobs/builders.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char self[] = "/proc/self/exe"; /* where there is no such file nothing is started */

/* A builder takes a fifth of a second to start: as long as a kernel takes to build. */
static const uint32_t fewest = 3;

static bool spawn(pid_t *pid, char *const *argv) {
  posix_spawn_file_actions_t files;
  if (posix_spawn_file_actions_init(&files) != 0)
    return false;
  bool ok = true;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    ok = ok && posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0) == 0;
  ok = ok && posix_spawn(pid, self, &files, NULL, argv, environ) == 0;
  posix_spawn_file_actions_destroy(&files);
  return ok;
}

/* motcl COMMAND --build-only SHARE, and the rest of the line. */
static bool start_one(pid_t *pid, const mcl_options *o, double share) {
  const char **argv = calloc(o->line_count + 5, sizeof *argv);
  char text[16];
  if (!argv)
    return false;
  snprintf(text, sizeof text, "%.2f", share);
  argv[0] = "motcl";
  argv[1] = o->command;
  argv[2] = "--build-only";
  argv[3] = text;
  for (size_t i = 0; i < o->line_count; i++)
    argv[4 + i] = o->line[i];
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
         start_one(&b->pid[b->count], o, (double)(b->count + 1) / (double)(most + 1)))
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
