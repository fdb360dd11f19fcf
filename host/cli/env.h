/* env.h - the environment variables that motcl reads: one table, and nowhere else. */
#ifndef MCL_CLI_ENV_H
#define MCL_CLI_ENV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * What the environment says; strings are borrowed from it, or NULL.
 *
 * data       folder of what is installed
 * small      folder of the small model that is installed there, "" if none is
 * cache      folder for built programs, "" if the environment names none
 * state      folder for what is kept between runs, "" if the environment names none
 * config     the configuration file, "" if the environment names none
 * home       the user's folder
 * pocl       folder that PoCL keeps kernels in, "" if the environment names none
 * temporary  folder for temporary files
 * socket     where the daemon listens
 * no_background  no process goes on after the command has ended
 * no_color   texts without colour
 * dumb       a terminal that cannot move back in a line
 * colours    that the terminal has, as far as is known: 1 << 24, 256, or 0 for fewer or none
 * utf8       texts are UTF-8
 */
typedef struct mcl_env {
  const char *model, *kernel_dir, *temporary, *data, *home;
  char small[4096], cache[4096], state[4096], config[4096], pocl[4096], socket[4096];
  bool no_background, no_color, dumb, utf8;
  uint32_t colours;
} mcl_env;

/** Folder of what is installed with this build. The build makes installed.c for it. */
extern const char mcl_data_dir[];

/** Read the environment. */
void mcl_env_read(mcl_env *env);

/** The variables, and what each is for. */
typedef struct mcl_env_variable {
  const char *name, *about;
} mcl_env_variable;

extern const mcl_env_variable mcl_env_table[];
extern const size_t mcl_env_count;

/** Print the table. */
void mcl_env_help(FILE *f);

#endif
