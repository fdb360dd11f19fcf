/* prompts.h - --prompts: a file of which each line is a job. */
#ifndef MCL_CLI_JOBS_PROMPTS_H
#define MCL_CLI_JOBS_PROMPTS_H

#include "cli/options/options.h"

/**
 * A line that says something.
 *
 * line    its number, from 1
 * seeded  it names its seed
 * named   it names its file
 * o       the command's options with what the line says over them, its items typed
 * object  it, where it is JSON; texts of `o` are in there
 */
typedef struct mcl_prompt {
  size_t line;
  bool seeded, named;
  mcl_options o;
  json_t *object;
} mcl_prompt;

/** A file's lines; `name` is what messages call it, `text` holds it. Zeroed there are none. */
typedef struct mcl_prompts {
  const char *name;
  char *text;
  mcl_prompt *prompt;
  size_t count, cap;
} mcl_prompts;

/**
 * Read the file that --prompts names, and every line of it.
 *
 * p  cleared before; the caller finishes it, also on failure, before `o`
 *
 * Returns MOTCL_EINVAL or MOTCL_EFORMAT for a line that says nothing that can be done, with its number
 * and the column; what mcl_read and motcl_text_plain return.
 */
int mcl_prompts_read(mcl_prompts *p, const mcl_options *o, motcl_err *err);
void mcl_prompts_finish(mcl_prompts *p);

/** Put the line in front of an error's sentence, and return its code. */
int mcl_prompts_fail(const mcl_prompts *p, const mcl_prompt *prompt, int code, motcl_err *err);

#endif
