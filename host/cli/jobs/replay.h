/* replay.h - --like: the job that a picture was drawn by. */
#ifndef MCL_CLI_JOBS_REPLAY_H
#define MCL_CLI_JOBS_REPLAY_H

#include "cli/jobs/inputs.h"

/**
 * Let the request of `o` be what the picture that --like names was drawn by, but for what the line
 * says besides; pictures it was drawn from are read from -i.
 *
 * in  cleared before; the caller finishes it, also on failure, after the request
 *
 * Returns MOTCL_EINVAL for options that do not go with --like and for pictures or noise that are
 * missing or others; what motcl_recipe_read and mcl_inputs_read return.
 */
int mcl_replay_read(mcl_inputs *in, mcl_options *o, motcl_err *err);

/** The lines of metadata of a picture file, "-" being stdin, in one block that the caller frees
 * with motcl_free; its bytes too, where `bytes` is not NULL. */
int mcl_replay_lines(motcl_line **line, size_t *lines, char **bytes, size_t *n, const char *name,
                     motcl_err *err);

#endif
