/* inputs.h - what a job takes in: texts, pictures, noise, from words, files and stdin. */
#ifndef MCL_CLI_JOBS_INPUTS_H
#define MCL_CLI_JOBS_INPUTS_H

#include "cli/options/options.h"

/** The parts of a request, and what stands behind them; `recipe` only with --like. */
typedef struct mcl_inputs {
  motcl_part *part;
  char **owned; /* of each part, or NULL */
  size_t count;
  float *noise;
  motcl_recipe *recipe;
} mcl_inputs;

/**
 * Read the typed parts and the noise of `o`, and let its request point to them.
 *
 * in  cleared before; the caller finishes it, also on failure, after the request
 *
 * Returns MOTCL_EINVAL for an empty text or stdin used twice, MOTCL_EFORMAT for a text that is no
 * UTF-8 or a bad noise file, MOTCL_EIO, MOTCL_ENOMEM.
 */
int mcl_inputs_read(mcl_inputs *in, mcl_options *o, motcl_err *err);
void mcl_inputs_finish(mcl_inputs *in);

/** All of stdin, with a NUL behind it, which the caller frees with mcl_free; MOTCL_EFORMAT if it is
 * longer than max_bytes. */
int mcl_stdin_read(char **data, size_t *n, size_t max_bytes, motcl_err *err);

/** Refuse text that is no UTF-8 with MOTCL_EFORMAT; `what` names it. */
int mcl_check_utf8(const char *text, size_t n, const char *what, motcl_err *err);

#endif
