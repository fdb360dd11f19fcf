/* config.h - the configuration: a file of options that hold where nothing else is typed, and of
 * presets, groups of them that are asked for by name. */
#ifndef MCL_CLI_OPTIONS_CONFIG_H
#define MCL_CLI_OPTIONS_CONFIG_H

#include "cli/env.h"
#include "motcl.h"

struct mcl_option;
struct mcl_options;

/** An option of the file. `preset`: that it is part of, or NULL; `path`: its argument, if it had to be made. */
typedef struct mcl_config_line {
  const struct mcl_option *row;
  const char *argument, *preset;
  char *path;
} mcl_config_line;

/**
 * The configuration, read once and used for each reading of the command line. Zeroed but for `env`
 * when it begins.
 *
 * settled  whether there is a file was looked for
 * file     its name, NULL if none was read; borrowed from the command line or `env`
 * text     what it says, which lines and names borrow from
 * line     [lines] options in order
 * preset   [presets] names of presets in order, then NULL
 */
typedef struct mcl_config {
  const mcl_env *env;
  bool settled;
  const char *file;
  char *text;
  mcl_config_line *line;
  size_t lines, line_cap;
  const char **preset;
  size_t presets, preset_cap;
} mcl_config;

void mcl_config_finish(mcl_config *c);

/**
 * Set what the line of `o`, which has been read, leaves open: by the configuration of `o` and, over
 * that, the presets that the line names. MOTCL_MODEL goes over the file's model, but not over a
 * preset's. What these commands do not take is passed over, and everything where only help is wanted.
 *
 * over  presets only
 *
 * Returns MOTCL_EINVAL, MOTCL_EIO or MOTCL_EFORMAT with a sentence that names file and line: for
 * what is wrong anywhere in the file, and for a preset that is not there.
 */
int mcl_config_apply(struct mcl_options *o, unsigned commands, bool over, motcl_err *err);

#endif
