/* manual.h - the manual and shell completion, printed by a program of the build from the tables of
 * commands, options and environment variables. */
#ifndef MCL_CLI_MANUAL_MANUAL_H
#define MCL_CLI_MANUAL_MANUAL_H

#include <jansson.h>
#include <stdio.h>

#include "cli/command.h"

/** What can be completed. */
typedef enum mcl_takes_kind {
  MCL_TAKES_NOTHING, /* a text or a number: the user's own */
  MCL_TAKES_WORDS,   /* one of some words */
  MCL_TAKES_FILE,    /* a file of one of some endings */
  MCL_TAKES_FOLDER,
  MCL_TAKES_PRESET /* a name that stands in the configuration */
} mcl_takes_kind;

/** `words`: the words, or the endings without their stop; a blank between two. */
typedef struct mcl_takes {
  mcl_takes_kind kind;
  char words[128];
} mcl_takes;

/** What an option's argument may be. */
mcl_takes mcl_takes_of_option(const mcl_option *row);

/** What the words of a command may be. */
mcl_takes mcl_takes_of_command(const mcl_command *c);

/** Whether completion offers an option after a command: those for tests it does not. */
bool mcl_takes_offered(const mcl_command *c, const mcl_option *row);

/** The options of `motcl` itself, each of which is an option of every command too. */
bool mcl_takes_alone(const mcl_option *row);

/** A page of the manual, in roff: of a command, or with NULL of motcl itself. `date` is the day of
 * this version, `schema` doc/motcl.schema.json. */
void mcl_manual_page(FILE *f, const mcl_command *c, const char *date, const json_t *schema);

/** Its section on --json. */
void mcl_manual_json(FILE *f, const json_t *schema, const mcl_command *c);

/** A text in roff; and as a sentence, with a first letter in capitals and a stop. */
void mcl_roff_put(FILE *f, const char *s);
void mcl_roff_sentence(FILE *f, const char *s);

/** The tables that completion.bash goes by. */
void mcl_manual_bash(FILE *f);

/** Completion for zsh, as an autoloaded function, and for fish. */
void mcl_manual_zsh(FILE *f);
void mcl_manual_fish(FILE *f);

#endif
