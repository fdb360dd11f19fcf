/* library.h - the library as commands open it. */
#ifndef MCL_CLI_LIBRARY_H
#define MCL_CLI_LIBRARY_H

#include "cli/env.h"
#include "cli/jobs/terminal.h"

/**
 * Open the library with the folders that the environment names; its messages go to the screen.
 *
 * out     closed with motcl_close
 * screen  outlives it
 */
int mcl_library_open(motcl **out, const mcl_env *env, mcl_terminal *terminal, motcl_err *err);

/** The same for work on devices, with a folder for PoCL (pocl.h). */
int mcl_library_open_devices(motcl **out, const mcl_env *env, mcl_terminal *terminal,
                             motcl_err *err);

#endif
