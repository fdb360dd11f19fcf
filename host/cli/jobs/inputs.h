/* inputs.h - what a job takes in: texts, pictures, noise, from words, files and stdin. */
#ifndef MCL_CLI_JOBS_INPUTS_H
#define MCL_CLI_JOBS_INPUTS_H

#include "cli/options/options.h"

/** Most bytes of a picture file. */
#define MCL_MOST_PICTURE ((size_t)1 << 30)

/** The items of a request, and what stands behind them; `recipe` only with --like. `changed` are those
 * of a stored job, with `settings` of each, where the line changes it. */
typedef struct mcl_inputs {
  motcl_item *item;
  char **owned;  /* bytes of each item, and last the whole job's negative text; or NULL */
  float **noise; /* of each item, and the last that of the whole job; or NULL */
  size_t count;
  motcl_recipe *recipe;
  motcl_item *changed;
  motcl_settings *settings;
} mcl_inputs;

/**
 * Read the typed items and the noise of `o`, and let its request point to them.
 *
 * in  cleared before; the caller finishes it, also on failure, after the request
 *
 * Returns MOTCL_EINVAL for stdin used twice, MOTCL_EFORMAT for a bad noise file, MOTCL_EIO,
 * MOTCL_ENOMEM. The texts are not looked at: motcl_request_check does that.
 */
int mcl_inputs_read(mcl_inputs *in, mcl_options *o, motcl_err *err);
void mcl_inputs_finish(mcl_inputs *in);

#endif
