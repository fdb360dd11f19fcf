/* dump.h - inner arrays of a job as .npy files in a folder. */
#ifndef MCL_CLI_JOBS_DUMP_H
#define MCL_CLI_JOBS_DUMP_H

#include "base/err.h"
#include "base/num.h"

/** Make the folder if it is missing (not its parents), and see that it can be written to. */
int mcl_dump_open(const char *dir, motcl_err *err);

/** Write an array as dir/name.npy; a name may have one slash, whose folder is made. */
int mcl_dump_array(const char *dir, const char *name, mcl_type type, int rank, const size_t *dim,
                   const void *data, motcl_err *err);

#endif
