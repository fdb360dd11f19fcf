/* main.c - the motcl command: finds the subcommand, runs it, and turns errors into a sentence and
 * an exit status. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/options/help.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/terminal.h"

static int status_of(int rc) {
  switch (rc) {
  case MOTCL_OK:
    return MCL_EXIT_DONE;
  case MOTCL_EINVAL:
    return MCL_EXIT_USAGE;
  case MOTCL_EFIT:
  case MOTCL_EDEVMEM:
  case MOTCL_ENODEVICE:
    return MCL_EXIT_UNFIT;
  case MOTCL_ECANCELLED:
    return MCL_EXIT_CANCELLED;
  default:
    return MCL_EXIT_FAILED;
  }
}

static void help(bool all) {
  printf("usage: motcl COMMAND [OPTION...] [WORD...]\n\n%s\n\nCommands:\n", MCL_ABOUT);
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    printf("  %-10s %s\n", (*c)->name, (*c)->about);
  fputs("\n'motcl COMMAND --help' tells more, 'motcl --version' what is there.\n", stdout);
  if (all) {
    fputs("\nEnvironment variables:\n", stdout);
    mcl_env_help(stdout);
  }
  for (int i = 0; i < MCL_EXITS; i++)
    printf("%s%d %s", i ? ", " : "\nExit status: ", i, mcl_exit_about[i]);
  puts(".");
}

static void help_command(const mcl_command *c, bool all) {
  printf("usage: motcl %s [OPTION...]%s%s\n\n%s\n", c->name, *c->words ? " " : "", c->words,
         c->about);
  if (c->notes)
    printf("\n%s\n", c->notes);
  mcl_help_options(stdout, c->takes, all);
  if (c->examples[0].line)
    puts("\nExamples:");
  for (size_t i = 0; i < MCL_EXAMPLES && c->examples[i].line; i++)
    printf("  %s\n", c->examples[i].line);
  if (all) {
    fputs("\nEnvironment variables:\n", stdout);
    mcl_env_help(stdout);
  }
}

static int run_command(const mcl_command *c, const mcl_env *env, const char *const *word, size_t n,
                       motcl_err *err) {
  mcl_options o;
  int rc = mcl_command_parse(c, &o, 0, word, n, err);
  if (rc == MOTCL_OK && (o.help || o.help_all))
    help_command(c, o.help_all);
  else if (rc == MOTCL_OK && o.version)
    rc = mcl_version_print(o.json, err);
  else {
    if (rc == MOTCL_OK && c->fill)
      rc = c->fill(&o, err);
    if (rc == MOTCL_OK)
      rc = c->run(env, &o, err);
  }
  mcl_options_finish(&o);
  return rc;
}

static int unknown(const char *word, motcl_err *err) {
#define NAME(id, name) #name,
  static const char *const names[] = {MCL_COMMANDS(NAME) NULL};
#undef NAME
  const char *close = mcl_closest(word, names);
  if (close)
    return motcl_fail(err, MOTCL_EINVAL, "there is no command '%.80s'; did you mean '%s'?", word,
                      close);
  return motcl_fail(err, MOTCL_EINVAL, "there is no command '%.80s'; 'motcl --help' lists them",
                    word);
}

static int dispatch(const mcl_env *env, const char *const *word, size_t n, motcl_err *err) {
  if (!n)
    return motcl_fail(err, MOTCL_EINVAL, "say what to do; 'motcl --help' lists the commands");
  const mcl_command *c = mcl_command_find(word[0]);
  if (c)
    return run_command(c, env, word + 1, n - 1, err);
  bool all = !strcmp(word[0], "--help-all");
  if (all || !strcmp(word[0], "--help") || !strcmp(word[0], "-h")) {
    help(all);
    return MOTCL_OK;
  }
  if (!strcmp(word[0], "--version"))
    return mcl_version_print(n > 1 && !strcmp(word[1], "--json"), err);
  return unknown(word[0], err);
}

/* A file opened by us must not take the number of a standard stream that is closed. */
static void hold_streams(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) == -1 && errno == EBADF)
      (void)open("/dev/null", O_RDONLY);
}

/* A pipe that nobody reads any more says so at any time; errno tells only right after a write. */
static bool reader_gone(void) {
  struct pollfd out = {.fd = STDOUT_FILENO};
  return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

/* Who closed the pipe has read enough: no error. */
static int flush_results(int rc, motcl_err *err) {
  if (fflush(stdout) == 0 && !ferror(stdout))
    return rc;
  if ((rc == MOTCL_OK || rc == MOTCL_EIO) && reader_gone())
    return MOTCL_OK;
  if (rc == MOTCL_OK)
    return motcl_fail(err, MOTCL_EIO, "the result cannot be written to stdout: %s",
                      strerror(errno));
  return rc;
}

int main(int argc, char **argv) {
  mcl_env env;
  motcl_err err = {0};
  hold_streams();
  mcl_env_read(&env);
  mcl_interrupt_catch();
  int rc = dispatch(&env, (const char *const *)argv + 1, argc > 0 ? (size_t)argc - 1 : 0, &err);
  rc = flush_results(rc, &err);
  if (rc != MOTCL_OK)
    mcl_terminal_complain(&env, &err);
  return status_of(rc);
}
