/* options.h - what a command line asks for: one table of options, from which parsing, help, man
 * pages and completion are made, and the values they set. */
#ifndef MCL_CLI_OPTIONS_OPTIONS_H
#define MCL_CLI_OPTIONS_OPTIONS_H

#include "cli/options/config.h"
#include "cli/outcome.h"
#include "motcl.h"

/** Every command, in the order they are listed. Each is a const mcl_command, mcl_command_NAME. */
#define MCL_COMMANDS(X)                                                                            \
  X(DRAW, draw)                                                                                    \
  X(EDIT, edit)                                                                                    \
  X(ASK, ask)                                                                                      \
  X(RUN, run)                                                                                      \
  X(CHAT, chat)                                                                                    \
  X(PLAN, plan)                                                                                    \
  X(INSPECT, inspect)                                                                              \
  X(TOKENIZE, tokenize)                                                                            \
  X(DEVICES, devices)                                                                              \
  X(SUBMIT, submit)                                                                                \
  X(LIST, jobs)                                                                                    \
  X(WAIT, wait)                                                                                    \
  X(CANCEL, cancel)                                                                                \
  X(HOLD, hold)                                                                                    \
  X(RELEASE, release)                                                                              \
  X(FETCH, fetch)                                                                                  \
  X(FORGET, forget)

#define MCL_COMMAND_INDEX(id, name) MCL_INDEX_##id,
enum { MCL_COMMANDS(MCL_COMMAND_INDEX) MCL_COMMAND_COUNT };
#undef MCL_COMMAND_INDEX

/** Commands that options are for, as bits. */
#define MCL_COMMAND_BIT(id, name) MCL_CMD_##id = 1 << MCL_INDEX_##id,
typedef enum mcl_command_bit { MCL_COMMANDS(MCL_COMMAND_BIT) } mcl_command_bit;
#undef MCL_COMMAND_BIT

#define MCL_CMD_DRAWING (MCL_CMD_DRAW | MCL_CMD_EDIT | MCL_CMD_RUN)
#define MCL_CMD_WRITING (MCL_CMD_ASK | MCL_CMD_RUN)
#define MCL_CMD_JOBS (MCL_CMD_DRAWING | MCL_CMD_WRITING)
#define MCL_CMD_QUEUE                                                                              \
  (MCL_CMD_SUBMIT | MCL_CMD_LIST | MCL_CMD_WAIT | MCL_CMD_CANCEL | MCL_CMD_HOLD |                  \
   MCL_CMD_RELEASE | MCL_CMD_FETCH | MCL_CMD_FORGET)
#define MCL_CMD_ALL ((1 << MCL_COMMAND_COUNT) - 1)

/** No command: a job's line behind `submit`, whose own options are taken beside the job's. */
#define MCL_CMD_SUBMITTED (1 << MCL_COMMAND_COUNT)

/** Most options that there can be. */
enum { MCL_MOST_OPTIONS = 128 };

/**
 * An item of a job as it was typed.
 *
 * part, word  of an input: a text, or the name of a picture file; "-" is stdin
 * output      of an output; if it has options of its `own`: settings, all of them, and perhaps the
 *             name of a file of noise, and a seed; stop: its stop texts' list, or NULL. `until_done`: it is
 *             the first of an answer with pictures
 */
typedef struct mcl_typed_item {
  motcl_item_kind kind;
  motcl_part_kind part;
  const char *word;
  motcl_output output;
  bool own, seeded, until_done;
  motcl_settings settings;
  const char *noise;
  const char **stop;
  uint64_t seed;
} mcl_typed_item;

/** Where an option has its value from: each goes over those before it. */
typedef enum mcl_given {
  MCL_GIVEN_NOT,
  MCL_GIVEN_CONFIG,
  MCL_GIVEN_PRESET,
  MCL_GIVEN_TYPED
} mcl_given;

/** An option that stands behind an output: which item that is, and what it was given. */
typedef struct mcl_own_option {
  size_t item;
  const struct mcl_option *row;
  const char *argument;
} mcl_own_option;

/**
 * The values of a command line. Strings are borrowed from argv and the configuration.
 *
 * request   settings of the job, without its items and its noise
 * protocol_text   the protocol that the settings name, if it is not one that ships; system_text: that it
 *           says first; the options' own
 * stop      the list of stop texts that the line has, or NULL; MOTCL_MAX_STOPS long
 * typed     inputs and outputs in order, of which `wants` are outputs
 * owns      [own_count] options that stand behind outputs, where there are several
 * words     what stands without an option
 * given     [i] where option i of the table has its value from, for all outputs
 * preset    [presets] names of presets
 * settings  the configuration, borrowed, or NULL for none
 * label     [labels] "KEY=VALUE"
 * deadline  milliseconds since 1970-01-01 00:00 UTC
 * output_is_folder  that pictures go into; known once their names are checked
 * several   the picture is one of several jobs' that the name holds for; number: how many are before it
 * outcome   with --json: what is answered goes there, and not to stdout; else NULL. main.c sets it
 * command   the command's name; line: all words that were read behind it, borrowed
 */
typedef struct mcl_options {
  motcl_request request;
  const char *prompts, *model, *device, *output, *dump, *noise, *job, *save_job, *like,
      *preview_file, *trace, *protocol;
  const char **stop;
  char *protocol_text, *system_text;
  const char *socket, *id;
  const char **label;
  size_t labels, label_cap;
  uint64_t deadline;
  int32_t priority;
  bool daemon, hold, wait, watch, open;
  uint64_t memory, max_buffer;
  const char *use;
  uint32_t max_pictures;
  uint32_t count, chunk_rows, quality;
  double build_only;
  bool store_kernels;
  bool preview, dump_layers, allow_slow, unfused, no_metadata, force;
  bool skip_existing, output_is_folder, several;
  uint64_t number;
  bool json, decode, check, quiet, verbose, help, help_all, version;
  mcl_typed_item *typed;
  size_t typed_count, typed_cap, wants;
  mcl_own_option *owns;
  size_t own_count, own_cap;
  const char **words;
  size_t word_count, word_cap;
  mcl_given given[MCL_MOST_OPTIONS];
  const char *config;
  bool no_config;
  const char **preset;
  size_t presets, preset_cap;
  mcl_config *settings;
  mcl_outcome *outcome;
  const char *command;
  const char *const *line;
  size_t line_count;
} mcl_options;

/** How an option's argument is read, and what it sets. */
typedef enum mcl_option_kind {
  MCL_OPT_FLAG,     /* bool; no argument, or on or off behind "=" */
  MCL_OPT_TEXT,     /* const char * */
  MCL_OPT_U32,      /* uint32_t, min..max */
  MCL_OPT_I32,      /* int32_t, min..max */
  MCL_OPT_U64,      /* uint64_t */
  MCL_OPT_F64,      /* double, min..max */
  MCL_OPT_BYTES,    /* uint64_t; a number and K, M, G or T, as 512M or 1.5GiB */
  MCL_OPT_SIZE,     /* request.settings.width, .height: WxH, as 64x64, 64X64 */
  MCL_OPT_INTERVAL, /* request.settings.guidance.lo, .hi: LO:HI */
  MCL_OPT_RENORM,   /* request.settings.guidance.renorm, by name */
  MCL_OPT_STOP,     /* request.settings.stop, one more */
  MCL_OPT_LABEL,    /* label, one more: KEY=VALUE */
  MCL_OPT_MOMENT,   /* uint64_t, milliseconds since 1970: 90s, 10m, 2h from now, or a time of UTC */
  MCL_OPT_PART_TEXT,
  MCL_OPT_PART_PICTURE,
  MCL_OPT_PART_SYSTEM,
  MCL_OPT_PRESET, /* preset, one more */
  MCL_OPT_DRAW,   /* one output more */
  MCL_OPT_WRITE,
  MCL_OPT_UNTIL_DONE
} mcl_option_kind;

/** Headings of help texts. */
typedef enum mcl_option_section {
  MCL_SECTION_PARTS,
  MCL_SECTION_PICTURE,
  MCL_SECTION_TEXT,
  MCL_SECTION_MODEL,
  MCL_SECTION_RESULT,
  MCL_SECTION_DAEMON,
  MCL_SECTION_OTHER,
  MCL_SECTION_TESTS, /* shown by --help-all only */
  MCL_SECTION_COUNT
} mcl_option_section;

/**
 * An option.
 *
 * name      long, without the hyphens; `letter` is the short form or 0
 * argument  the word for its argument in help texts, or NULL. Completion goes by it: a|b|c is one
 *           of these words, DIR a folder, DEVICE a device, PRESET a preset, FILE.pb a file of that
 *           ending, FILE.a|b of one of these, FILE a picture's; anything else is the user's own
 * other     its default in words, or NULL if there is none to tell
 * about     one sentence without a stop
 * commands  a sum of mcl_command_bit
 * offset    of what it sets in mcl_options
 * min, max  of numbers
 */
typedef struct mcl_option {
  const char *name;
  char letter;
  const char *argument, *other, *about;
  unsigned commands;
  mcl_option_section section;
  mcl_option_kind kind;
  size_t offset;
  double min, max;
} mcl_option;

/** The table. */
extern const mcl_option mcl_option_table[];
extern const size_t mcl_option_count;

/** The row of that name, without hyphens; NULL: there is none. */
const mcl_option *mcl_option_find(const char *name);

/** Where an option has its value from; and whether that is the line, or a preset that it names. The
 * option must exist. */
mcl_given mcl_option_from(const mcl_options *o, const char *name);
bool mcl_option_given(const mcl_options *o, const char *name);

/**
 * Read the words behind a command's name, and below them presets and the configuration. Options may
 * stand anywhere before "--"; letters may be joined, and an argument may follow its option directly, after "=" or as the next word. Where
 * there are several outputs, a setting that stands between one and the next item is that output's
 * own.
 *
 * o         filled in; the caller finishes it, also on failure
 * edit      whether the defaults are those of an edit
 * commands  options of any of these are taken
 * name      of the command, for messages
 * settings  the configuration, which is read with the first line; NULL: there is none
 *
 * Returns MOTCL_EINVAL with a sentence that names the word and has a hint; MOTCL_ENOMEM.
 */
int mcl_options_parse(mcl_options *o, bool edit, unsigned commands, const char *name,
                      mcl_config *settings, const char *const *word, size_t n, motcl_err *err);
void mcl_options_finish(mcl_options *o);

/** The same values as those of `from`, which keeps what they point to, but without items, words, presets and
 * labels; the caller finishes it. */
void mcl_options_copy(mcl_options *o, const mcl_options *from);

/** Read the line of `o` again, its presets too, on top of these settings and this seed: they become
 * those of its request, and of outputs that have their own, but for what the line says. The configuration
 * does not come over them. */
int mcl_options_over(mcl_options *o, const motcl_settings *settings, uint64_t seed, motcl_err *err);

/** The same of settings that are defaults: the configuration comes over them. */
int mcl_options_default(mcl_options *o, const motcl_settings *settings, motcl_err *err);

/** One item more, at the end; MOTCL_EINVAL for an output too many, MOTCL_ENOMEM. */
int mcl_options_add(mcl_options *o, const mcl_typed_item *item, motcl_err *err);

/** What `o` has for an option that says how to draw or write, as it can be typed: "50", "on", "64x64"; "" for
 * what is left to others, and what is no such option; stop texts with commas between them. Cut at 79 bytes; returns out. */
const char *mcl_option_text(char out[80], const mcl_options *o, const mcl_option *row);

/** Set an option that stands there: nothing happens where a higher place has set it. */
int mcl_option_take(mcl_options *o, const mcl_option *row, const char *argument, mcl_given from,
                    motcl_err *err);

/** Read one argument, NULL for none, into `o`; MOTCL_EINVAL says what the option takes. */
int mcl_option_set(mcl_options *o, const mcl_option *row, const char *argument, motcl_err *err);

/** The known word closest to `word`, or NULL if none is close; words end with NULL. */
const char *mcl_closest(const char *word, const char *const *known);

/** Refuse an option that the command does not take, with a hint. */
int mcl_option_unknown(const char *word, unsigned commands, const char *name, motcl_err *err);

#endif
