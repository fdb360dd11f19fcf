/* command.h - what a command of motcl is. */
#ifndef MCL_CLI_COMMAND_H
#define MCL_CLI_COMMAND_H

#include "cli/env.h"
#include "cli/options/options.h"

enum { MCL_EXAMPLES = 5 };

/** A line as one would type it, what it is for, and whether that takes the published model; the
 * others do with the small one. tests/cli/shown.sh types them all. */
typedef struct mcl_example {
  const char *line, *about;
  bool published;
} mcl_example;

/**
 * A command.
 *
 * words        the words it takes besides options, for help texts; least and most of them
 * missing      what is missing where there are fewer
 * about        one line; `notes` a paragraph, or NULL
 * bit          its own; `takes` is a sum of bits: options of any of these are its options
 * fill         of a job: put the typed items in order and say what is wanted; NULL for others
 * run          do it. Results go to stdout, everything else to stderr
 * examples     for help texts and the manual; as many as have a line
 */
typedef struct mcl_command {
  const char *name, *words, *missing, *about, *notes;
  unsigned bit, takes;
  size_t least, most;
  int (*fill)(mcl_options *o, motcl_err *err);
  int (*run)(const mcl_env *env, mcl_options *o, motcl_err *err);
  mcl_example examples[MCL_EXAMPLES];
} mcl_command;

#define MCL_COMMAND_DECLARE(id, name) extern const mcl_command mcl_command_##name;
MCL_COMMANDS(MCL_COMMAND_DECLARE)
#undef MCL_COMMAND_DECLARE

/** All of them, then NULL. */
extern const mcl_command *const mcl_commands[];

/** What --prompts does, for the notes of commands that take it. */
#define MCL_PROMPTS_NOTES                                                                          \
  "With --prompts FILE each line of the file is done as if it was typed alone, but\n"              \
  "by one opening of the model, and several at a time. A line is the text, or a\n"                 \
  "JSON object that has options too, by their long names:\n"                                       \
  "  {\"prompt\": \"a red star\", \"seed\": 7, \"think\": true}\n"                                 \
  "All lines are read before the work. One that fails does not end the others.\n"                  \
  "Seeds count up from line to line.\n"

/** The same, of pictures. */
#define MCL_PROMPTS_NOTES_PICTURE                                                                  \
  MCL_PROMPTS_NOTES                                                                                \
  "\"output\" is its own -o. Each picture is in its file as soon as it is whole.\n"                \
  "After an interruption --skip-existing draws those that are missing, if --seed\n"                \
  "or %n in -o gives them the same names again."

/** What motcl is for, in a sentence. */
#define MCL_ABOUT "Draws, edits and understands pictures with a BAGEL model, on any OpenCL device."

/** Exit statuses, and what each says. */
enum {
  MCL_EXIT_DONE,
  MCL_EXIT_FAILED,
  MCL_EXIT_USAGE,
  MCL_EXIT_UNFIT,
  MCL_EXIT_CANCELLED,
  MCL_EXITS
};
extern const char *const mcl_exit_about[MCL_EXITS];

/** The exit status for a motcl_status. */
int mcl_exit_of(int rc);

/** The command of that name, or NULL. */
const mcl_command *mcl_command_find(const char *name);

/**
 * Read a command's line into options, with the defaults of an edit where the job is one, and count
 * its words.
 *
 * o      the caller finishes it, also on failure
 * extra  bits of commands whose options are taken too
 * settings  the configuration; NULL: there is none
 *
 * Returns MOTCL_EINVAL for wrong usage, but not for a wrong number of words where help or version
 * was asked for.
 */
int mcl_command_parse(const mcl_command *c, mcl_options *o, unsigned extra, mcl_config *settings,
                      const char *const *word, size_t n, motcl_err *err);

/**
 * Take the words of a command as items, after those that are there: pictures, then a text, unless
 * --prompts has that, and an output. MOTCL_EINVAL if the text is the name of a picture that is there:
 * what was to be said about it is missing.
 */
int mcl_typed_from_words(const mcl_command *c, mcl_options *o, motcl_output output, motcl_err *err);

/**
 * Read the line of `outer` again as that of the job's command that is its first word, with the options of `extra`
 * beside that one's, and do it: its typed items are then in order. MOTCL_EINVAL for another word, in the name of
 * the command `c`.
 */
int mcl_command_of_job(const mcl_command *c, unsigned extra,
                       int (*run)(const mcl_env *env, mcl_options *o, motcl_err *err),
                       const mcl_env *env, const mcl_options *outer, motcl_err *err);

/** Print what `motcl --version` says, or put it into an outcome, where there is one. */
int mcl_version_print(const mcl_env *env, mcl_outcome *outcome, motcl_err *err);

#endif
