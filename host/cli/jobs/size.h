/* size.h - pictures that come out in another size than they went in. */
#ifndef MCL_CLI_JOBS_SIZE_H
#define MCL_CLI_JOBS_SIZE_H

#include "cli/jobs/terminal.h"

/** Before the work on a request of items: say of each picture that will be drawn in another size than
 * the picture before it why that is. A picture that cannot be read is left to who reads it. */
void mcl_size_tell(mcl_terminal *terminal, const motcl_worker *w, const motcl_request *r);

/**
 * The same of one that is drawn after a picture of so many pixels.
 *
 * width, height  become those of the picture that will be drawn
 * name           of the picture before it, or NULL
 */
void mcl_size_tell_fit(mcl_terminal *terminal, const motcl_worker *w, const char *protocol,
                       uint32_t *width, uint32_t *height, const char *name);

#endif
