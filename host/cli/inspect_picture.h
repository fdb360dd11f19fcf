/* inspect_picture.h - motcl inspect, of a picture file. */
#ifndef MCL_CLI_INSPECT_PICTURE_H
#define MCL_CLI_INSPECT_PICTURE_H

#include <stdbool.h>

#include "cli/outcome.h"

/** Whether this is the name of a picture to look at, "-" for stdin, and not that of a folder or of
 * weights. */
bool mcl_is_picture(const char *name);

/** Print what a picture file says of its making, and whether it can be made again by that, or put it
 * into an outcome, where there is one. */
int mcl_inspect_picture(const char *name, mcl_outcome *outcome, motcl_err *err);

#endif
