/* prompts_run.h - draw, edit and ask for each line of a file. */
#ifndef MCL_CLI_JOBS_PROMPTS_RUN_H
#define MCL_CLI_JOBS_PROMPTS_RUN_H

#include "cli/env.h"
#include "cli/options/options.h"

/**
 * Do what the lines of the file that --prompts names ask for, by one opening of the model, several at
 * a time in shared passes; each becomes what it is alone, and is given out as soon as it is whole.
 *
 * Returns what is wrong with a line, or with `o`, before any work; MOTCL_EIO if some did not work, of
 * which each was told; MOTCL_ECANCELLED, MOTCL_ELOST, MOTCL_ENOMEM, which end them all.
 */
int mcl_prompts_run(const mcl_env *env, mcl_options *o, motcl_err *err);

#endif
