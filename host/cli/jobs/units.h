/* units.h - what --prompts asks for, one picture or answer after the other. */
#ifndef MCL_CLI_JOBS_UNITS_H
#define MCL_CLI_JOBS_UNITS_H

#include "cli/jobs/inputs.h"
#include "cli/jobs/items.h"
#include "cli/jobs/prompts.h"

/** A picture or an answer: of which line, and its number there, from 0. `skipped`: its file is there, and
 * --skip-existing leaves it. */
typedef struct mcl_unit {
  uint32_t prompt, k;
  bool skipped;
} mcl_unit;

/**
 * All of them.
 *
 * unit  [count], in the order of the lines; `todo` of them are not skipped
 * seed  of the first; each takes one more, but where its line has one
 */
typedef struct mcl_units {
  const mcl_options *o;
  mcl_prompts prompts;
  mcl_unit *unit;
  size_t count, todo;
  uint64_t seed;
} mcl_units;

/** Options of one alone, and the request that is in them, with what it points to. */
typedef struct mcl_unit_job {
  mcl_options o;
  mcl_inputs in;
  mcl_job_items items;
} mcl_unit_job;

/**
 * Read the file that --prompts names, and list what its lines ask for.
 *
 * u  cleared before; the caller finishes it, also on failure, before `o`
 *
 * Returns what mcl_prompts_read does; MOTCL_EINVAL for too many, or a seed too large for all.
 */
int mcl_units_read(mcl_units *u, const mcl_options *o, motcl_err *err);
void mcl_units_finish(mcl_units *u);

/** Look for all that can be found wrong before the work, two files of one name too, and for files to
 * skip. Errors tell the line. */
int mcl_units_check(mcl_units *u, motcl_err *err);

/** Whether they are pictures; else answers. */
bool mcl_units_draw(const mcl_units *u);

/** Unit i's line. */
mcl_prompt *mcl_unit_prompt(const mcl_units *u, size_t i);

/**
 * Read what unit i is made from, and let its request be one of items. Earlier ones have a higher
 * priority.
 *
 * j  zeroed before; ended by mcl_unit_end, also on failure
 *
 * Returns what mcl_inputs_read and motcl_request_check do; errors do not tell the line.
 */
int mcl_unit_begin(mcl_unit_job *j, const mcl_units *u, size_t i, motcl_err *err);
void mcl_unit_end(mcl_unit_job *j);

#endif
