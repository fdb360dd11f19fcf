/* stored.h - the job of a command: out of a file, or made of the command line and perhaps put into
 * one. */
#ifndef MCL_CLI_JOBS_STORED_H
#define MCL_CLI_JOBS_STORED_H

#include "cli/jobs/inputs.h"

/**
 * The job that `o` stands for: the message that --job names, or the picture that --like names, with what
 * the line says over it, or the line alone. What came of outputs of a message is forgotten where the line
 * changes them. The request of `o` becomes the job's.
 *
 * job, in  cleared before; the caller ends both, also on failure, after `o`'s request
 *
 * Returns MOTCL_EINVAL for an option that does not go with --job, --like or --save-job, and what
 * motcl_job_unpack, motcl_recipe_read and mcl_inputs_read return.
 */
int mcl_job_gather(motcl_job *job, mcl_inputs *in, mcl_options *o, motcl_err *err);

/** Write the job to where --save-job says, over a file with --force only; print the file's name. */
int mcl_job_save(const motcl_job *job, const mcl_options *o, motcl_err *err);

#endif
