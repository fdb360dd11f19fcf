/* status.h - OpenCL's status numbers as ours: name, code, sentence. */
#ifndef MCL_CL_STATUS_H
#define MCL_CL_STATUS_H

#include "base/err.h"
#include "cl/opencl.h"

/** "CL_OUT_OF_RESOURCES", or "an unknown OpenCL status". Static; any thread. */
const char *mcl_cl_name(cl_int status);

/** The motcl_status that an OpenCL status stands for; MOTCL_OK for CL_SUCCESS. */
int mcl_cl_code(cl_int status);

/**
 * Fail with an OpenCL status: "could not <doing>: <name>; <what to do>".
 *
 * fmt  what was being done, as in "allocate %zu bytes on %s"
 *
 * Returns mcl_cl_code(status), which is never MOTCL_OK here.
 */
int mcl_cl_fail(motcl_err *err, cl_int status, const char *fmt, ...) MOTCL_PRINTF(3, 4);

#endif
