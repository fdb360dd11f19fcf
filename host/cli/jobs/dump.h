/* dump.h - inner arrays of a job as .npy files in a folder. */
#ifndef MCL_CLI_JOBS_DUMP_H
#define MCL_CLI_JOBS_DUMP_H

#include "motcl.h"

/** Make the folder if it is missing (not its parents), and see that it can be written to. */
int mcl_dump_open(const char *dir, motcl_err *err);

/** Write an array as dir/NAME.npy; its name may have one slash, whose folder is made. */
int mcl_dump_array(const char *dir, const motcl_array *a, motcl_err *err);

#endif
