/* command.c - the list of commands, and reading the line of one. */
#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "cli/jobs/protocol.h"
#include "cli/memory.h"
#include "cli/picture_name.h"

#define ADDRESS(id, name) &mcl_command_##name,
const mcl_command *const mcl_commands[] = {MCL_COMMANDS(ADDRESS) NULL};
#undef ADDRESS

const char *const mcl_exit_about[MCL_EXITS] = {[MCL_EXIT_DONE] = "done",
                                               [MCL_EXIT_FAILED] = "failed",
                                               [MCL_EXIT_USAGE] = "wrong usage",
                                               [MCL_EXIT_UNFIT] = "cannot fit or no usable device",
                                               [MCL_EXIT_CANCELLED] = "cancelled"};

int mcl_exit_of(int rc) {
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

const mcl_command *mcl_command_find(const char *name) {
  for (const mcl_command *const *c = mcl_commands; *c; c++)
    if (!strcmp((*c)->name, name))
      return *c;
  return NULL;
}

static int count_words(const mcl_command *c, const mcl_options *o, motcl_err *err) {
  if (o->help || o->help_all || o->version)
    return MOTCL_OK;
  if (o->prompts && o->word_count >= c->most)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "%s: '%.80s' does not go with --prompts, whose lines are the texts; leave one "
        "of them out",
        c->name, o->words[c->most - 1]);
  if (o->word_count < c->least && !o->prompts)
    return motcl_fail(err, MOTCL_EINVAL, "%s: %s is missing; usage: motcl %s %s", c->name,
                      c->missing, c->name, c->words);
  if (o->word_count <= c->most)
    return MOTCL_OK;
  if (c->fill && c->most)
    return motcl_fail(err, MOTCL_EINVAL,
                      "%s: '%.80s' is one word too many; a text of several words goes in quotes",
                      c->name, o->words[c->most]);
  return motcl_fail(err, MOTCL_EINVAL,
                    "%s: '%.80s' is one word too many; usage: motcl %s [OPTION...]%s%s", c->name,
                    o->words[c->most], c->name, *c->words ? " " : "", c->words);
}

int mcl_command_parse(const mcl_command *c, mcl_options *o, unsigned extra, mcl_config *settings,
                      const char *const *word, size_t n, motcl_err *err) {
  unsigned takes = c->takes | extra;
  int rc = mcl_options_parse(o, c->bit == MCL_CMD_EDIT, takes, c->name, settings, word, n, err);
  if (rc == MOTCL_OK && c->bit == MCL_CMD_RUN && mcl_job_edits(o)) {
    mcl_options_finish(o);
    rc = mcl_options_parse(o, true, takes, c->name, settings, word, n, err);
  }
  return rc == MOTCL_OK ? count_words(c, o, err) : rc;
}

int mcl_typed_from_words(const mcl_command *c, mcl_options *o, motcl_output output,
                         motcl_err *err) {
  const char *text = o->prompts ? NULL : o->words[o->word_count - 1];
  int rc = MOTCL_OK;
  if (text && mcl_names_picture(text))
    return motcl_fail(err, MOTCL_EINVAL,
                      "%s: %s is missing: '%.200s' is a picture; usage: motcl %s %s", c->name,
                      c->missing, text, c->name, c->words);
  for (size_t i = 0; i < o->word_count && rc == MOTCL_OK; i++) {
    bool last = text && i + 1 == o->word_count;
    rc = mcl_options_add(
        o,
        &(mcl_typed_item){.part = last ? MOTCL_PART_TEXT : MOTCL_PART_PICTURE, .word = o->words[i]},
        err);
  }
  return rc == MOTCL_OK
             ? mcl_options_add(o, &(mcl_typed_item){.kind = MOTCL_ITEM_OUTPUT, .output = output},
                               err)
             : rc;
}

/* The job's name stands anywhere among options, so that it is known by being the same pointer. */
static int run_again(const mcl_command *job, unsigned extra,
                     int (*run)(const mcl_env *env, mcl_options *o, motcl_err *err),
                     const mcl_env *env, const mcl_options *outer, motcl_err *err) {
  const char **line = (const char **)calloc(outer->line_count, sizeof(char *));
  mcl_options o;
  size_t n = 0;
  if (!line)
    return mcl_no_memory(err);
  for (size_t i = 0; i < outer->line_count; i++)
    if (outer->line[i] != outer->words[0])
      line[n++] = outer->line[i];
  int rc = mcl_command_parse(job, &o, extra, outer->settings, line, n, err);
  o.outcome = outer->outcome;
  if (rc == MOTCL_OK)
    rc = job->fill(&o, err);
  if (rc == MOTCL_OK)
    rc = run(env, &o, err);
  mcl_options_finish(&o);
  free((void *)line);
  return rc;
}

int mcl_command_of_job(const mcl_command *c, unsigned extra,
                       int (*run)(const mcl_env *env, mcl_options *o, motcl_err *err),
                       const mcl_env *env, const mcl_options *outer, motcl_err *err) {
  const mcl_command *job = mcl_command_find(outer->words[0]);
  if (job && job->fill)
    return run_again(job, extra, run, env, outer, err);
  return motcl_fail(err, MOTCL_EINVAL,
                    "%s: '%.80s' is no job; %s draw, edit, ask or run, with what they take",
                    c->name, outer->words[0], c->name);
}
