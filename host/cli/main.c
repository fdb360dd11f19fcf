/* main.c - the motcl command: finds the subcommand, runs it, and turns errors into a sentence and
 * an exit status. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/ended.h"
#include "cli/options/help.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/terminal.h"
#include "cli/memory.h"

static void help_environment(FILE *f) {
  fputs("\nEnvironment variables:\n", f);
  mcl_env_help(f);
}

static void help(FILE *f, bool all) {
  fprintf(f, "usage: motcl COMMAND [OPTION...] [WORD...]\n\n%s\n\nCommands:\n", MCL_ABOUT);
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    fprintf(f, "  %-10s %s\n", (*c)->name, (*c)->about);
  fputs("\n'motcl help COMMAND' tells more, 'motcl version' what is there.\n", f);
  if (all)
    help_environment(f);
  for (int i = 0; i < MCL_EXITS; i++)
    fprintf(f, "%s%d %s", i ? ", " : "\nExit status: ", i, mcl_exit_about[i]);
  fputs(".\n", f);
}

/* Those for the published model, or the others. */
static void help_examples(FILE *f, const mcl_command *c, bool published) {
  bool headed = false;
  for (size_t i = 0; i < MCL_EXAMPLES && c->examples[i].line; i++) {
    if (c->examples[i].published != published)
      continue;
    if (!headed)
      fputs(published ? "\nWith the published model, named by -m or MOTCL_MODEL:\n"
                      : "\nExamples:\n",
            f);
    headed = true;
    fprintf(f, "  %s\n", c->examples[i].line);
  }
}

static void help_command(FILE *f, const mcl_command *c, bool all) {
  fprintf(f, "usage: motcl %s [OPTION...]%s%s\n\n%s\n", c->name, *c->words ? " " : "", c->words,
          c->about);
  if (c->notes)
    fprintf(f, "\n%s\n", c->notes);
  mcl_help_options(f, c->takes, all);
  help_examples(f, c, false);
  help_examples(f, c, true);
  if (all)
    help_environment(f);
}

/* The help text of a command, or of motcl if it is NULL: to stdout, or as a text of the outcome. */
static int give_help(const mcl_command *c, bool all, mcl_outcome *outcome, motcl_err *err) {
  char *text = NULL;
  size_t n = 0;
  FILE *f = outcome ? open_memstream(&text, &n) : stdout;
  if (!f)
    return mcl_no_memory(err);
  if (c)
    help_command(f, c, all);
  else
    help(f, all);
  if (!outcome)
    return MOTCL_OK;
  bool whole = fclose(f) == 0;
  mcl_outcome_put(outcome, "help", whole ? json_stringn(text, n) : NULL);
  free(text);
  return MOTCL_OK;
}

static void tell_config(const mcl_env *env, const mcl_options *o) {
  mcl_terminal terminal;
  mcl_terminal_init(&terminal, env, o);
  if (o->settings->file)
    mcl_terminal_say(&terminal, true, "settings are read from '%.300s'", o->settings->file);
}

static bool takes(const mcl_command *c, const char *option) {
  return mcl_option_find(option)->commands & c->takes;
}

/* The library speaks of devices, memory and models; how they are named here is the command's to say,
 * where it can be said on its line. At a daemon it cannot. */
static void advise(const mcl_command *c, const mcl_options *o, int rc, motcl_err *err) {
  static const struct {
    int code;
    const char *option, *how;
  } known[] = {
      {MOTCL_EMODEL, "model",
       "'motcl inspect' lists what is wrong with a folder, -m names another"},
      {MOTCL_ENODEVICE, "device", "-d names a device, 'motcl devices' lists them"},
      {MOTCL_ELOST, "device", "-d names another device"},
      {MOTCL_EBUILD, "device", "-d names another device"},
      {MOTCL_EDEVMEM, "memory", "--memory sets the budget"},
      {MOTCL_ENUMERIC, "model", "'motcl inspect --check' lists all that is wrong with a model"}};
  const size_t n = strlen(err->text);
  const bool here = !o->daemon && !(c->bit & MCL_CMD_QUEUE);
  for (size_t i = 0; here && i < sizeof known / sizeof *known; i++)
    if (known[i].code == rc && takes(c, known[i].option))
      snprintf(err->text + n, sizeof err->text - n, " (%s)", known[i].how);
}

static int run_command(const mcl_command *c, const mcl_env *env, mcl_outcome *outcome,
                       const char *const *word, size_t n, motcl_err *err) {
  mcl_config settings = {.env = env};
  mcl_options o;
  int rc = mcl_command_parse(c, &o, 0, &settings, word, n, err);
  if (rc == MOTCL_OK) {
    outcome->wanted = o.json;
    tell_config(env, &o);
  }
  o.outcome = outcome->wanted ? outcome : NULL;
  if (rc == MOTCL_OK && (o.help || o.help_all))
    rc = give_help(c, o.help_all, o.outcome, err);
  else if (rc == MOTCL_OK && o.version)
    rc = mcl_version_print(env, o.outcome, err);
  else {
    if (rc == MOTCL_OK && c->fill)
      rc = c->fill(&o, err);
    if (rc == MOTCL_OK)
      rc = c->run(env, &o, err);
  }
  advise(c, &o, rc, err);
  mcl_options_finish(&o);
  mcl_config_finish(&settings);
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
  if (*word == '-')
    return motcl_fail(err, MOTCL_EINVAL,
                      "there is no command '%.80s'; options stand behind the command, and "
                      "'motcl --help' lists commands",
                      word);
  return motcl_fail(err, MOTCL_EINVAL, "there is no command '%.80s'; 'motcl --help' lists them",
                    word);
}

/* motcl help [COMMAND], as people type it who know other commands. */
static int help_word(mcl_outcome *wanted, const char *const *word, size_t n, motcl_err *err) {
  const mcl_command *c = NULL;
  for (size_t i = 0; i < n; i++) {
    if (word[i][0] == '-') /* --json, which was seen to, and others that change nothing here */
      continue;
    if (c)
      return motcl_fail(err, MOTCL_EINVAL, "help is for one command at a time");
    if (!(c = mcl_command_find(word[i])))
      return unknown(word[i], err);
  }
  return give_help(c, false, wanted, err);
}

static int dispatch(const mcl_env *env, mcl_outcome *outcome, const char *const *word, size_t n,
                    motcl_err *err) {
  mcl_outcome *wanted = outcome->wanted ? outcome : NULL;
  const mcl_command *c = n ? mcl_command_find(word[0]) : NULL;
  if (!n)
    return motcl_fail(err, MOTCL_EINVAL, "say what to do; 'motcl --help' lists the commands");
  if (c)
    return run_command(c, env, outcome, word + 1, n - 1, err);
  bool all = !strcmp(word[0], "--help-all");
  if (all || !strcmp(word[0], "--help") || !strcmp(word[0], "-h"))
    return give_help(NULL, all, wanted, err);
  if (!strcmp(word[0], "--version"))
    return mcl_version_print(env, wanted, err);
  if (!strcmp(word[0], "help"))
    return help_word(wanted, word + 1, n - 1, err);
  if (!strcmp(word[0], "version"))
    return mcl_version_print(env, wanted, err);
  return unknown(word[0], err);
}

/* A line that cannot be understood is answered as it seems to ask for. */
static bool asks_json(const char *const *word, size_t n) {
  for (size_t i = 0; i < n && strcmp(word[i], "--") != 0; i++)
    if (!strcmp(word[i], "--json"))
      return true;
  return false;
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
  const char *const *word = (const char *const *)argv + 1;
  size_t n = argc > 0 ? (size_t)argc - 1 : 0;
  const mcl_command *c = n ? mcl_command_find(word[0]) : NULL;
  mcl_outcome outcome;
  mcl_outcome_init(&outcome, "command", c ? json_string(c->name) : json_null());
  outcome.wanted = asks_json(word, n);
  outcome.by_line = c && c->bit == MCL_CMD_CHAT;
  mcl_ended_watch(&env, &outcome);
  int rc = dispatch(&env, &outcome, word, n, &err);
  mcl_ended_by_main();
  if (outcome.wanted)
    rc = mcl_outcome_print(&outcome, rc, &err);
  mcl_outcome_finish(&outcome);
  rc = flush_results(rc, &err);
  if (rc != MOTCL_OK)
    mcl_terminal_complain(&env, &err);
  return mcl_exit_of(rc);
}
