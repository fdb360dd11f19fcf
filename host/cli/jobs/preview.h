/* preview.h - --preview and --preview-file: previews of a picture in the making. */
#ifndef MCL_CLI_JOBS_PREVIEW_H
#define MCL_CLI_JOBS_PREVIEW_H

#include "cli/jobs/terminal.h"

/**
 * Before the work: whether the file can be written. It may replace a preview of an earlier run, by
 * which is meant a picture that says so, and nothing else.
 *
 * Returns MOTCL_EINVAL, MOTCL_EEXIST, MOTCL_EIO.
 */
int mcl_preview_check(const mcl_options *o, motcl_err *err);

/**
 * Whether previews are wanted.
 *
 * terminal  told where its terminal cannot show them, which is then not asked for; NULL: do not ask
 */
bool mcl_preview_wanted(const mcl_options *o, mcl_terminal *terminal);

/** Every how many steps: for some ten of them. */
uint32_t mcl_preview_every(uint32_t points);

/** Show one, and let the file be it. */
int mcl_preview_show(const mcl_options *o, mcl_terminal *terminal, const motcl_event *e,
                     motcl_err *err);

/** The finished picture takes the place of its previews in the terminal, if they were shown there. */
void mcl_preview_end(const mcl_options *o, mcl_terminal *terminal, const motcl_event *e);

#endif
