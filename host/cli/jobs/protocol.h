/* protocol.h - the protocol of a job: --protocol, or the model's own. */
#ifndef MCL_CLI_JOBS_PROTOCOL_H
#define MCL_CLI_JOBS_PROTOCOL_H

#include "cli/env.h"
#include "cli/jobs/thought.h"
#include "cli/options/options.h"

/**
 * Let the settings of `o` be those that its protocol has for them, but for what the line says: of an edit
 * if the job is one. Nothing changes where that is BAGEL's, which nobody has to name. One that is given
 * as a file is read.
 *
 * Returns MOTCL_EINVAL for what is neither a name nor a file, MOTCL_EFORMAT for a file that cannot be
 * one, MOTCL_EIO, MOTCL_ENOMEM.
 */
int mcl_protocol_settle(mcl_options *o, const mcl_env *env, bool edit, motcl_err *err);

/** Where the line has --protocol: it holds in place of that of a recipe or a job, whose settings stay. */
int mcl_protocol_take(mcl_options *o, motcl_err *err);

/**
 * Let --until-done, where the line has it, be the outputs that it may come to, and the protocol's system
 * text be said first, unless the line has one of its own.
 *
 * Returns MOTCL_EINVAL where it does not stand last, there are too many outputs, or it is to think
 * first, which it does by itself; MOTCL_ENOMEM.
 */
int mcl_until_done(mcl_options *o, motcl_err *err);

/** The words between which a thought stands by a protocol, as in motcl_settings. */
void mcl_protocol_words(mcl_thought_words *words, const char *protocol);

/** Whether the job of `o` makes a picture from pictures. */
bool mcl_job_edits(const mcl_options *o);

#endif
