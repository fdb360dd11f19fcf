/* status.h - OpenCL's status numbers as ours: name, code, sentence. */
#ifndef MCL_CL_STATUS_H
#define MCL_CL_STATUS_H

#include "base/err.h"
#include "cl/opencl.h"

/** "CL_OUT_OF_RESOURCES", or "an unknown OpenCL status". Static; any thread. */
const char *mcl_cl_name(cl_int status);

/** What was done when a status came: asking for something (memory, a command in the queue), or
 * waiting for commands to end. */
typedef enum mcl_cl_when { MCL_CL_ASKED, MCL_CL_WAITED } mcl_cl_when;

/**
 * The motcl_status that an OpenCL status stands for; MOTCL_OK for CL_SUCCESS.
 *
 * CL_OUT_OF_RESOURCES is too little memory where something is asked for. Out of a wait it is how
 * drivers say that a kernel failed, and with it the device: MOTCL_ELOST.
 */
int mcl_cl_code(cl_int status, mcl_cl_when when);

/**
 * Fail with an OpenCL status that came when something was asked for: "could not <doing>: <name>;
 * <what to do>".
 *
 * fmt  what was being done, as in "allocate %zu bytes on %s"
 *
 * Returns mcl_cl_code(status, MCL_CL_ASKED), which is never MOTCL_OK here.
 */
#define mcl_cl_fail(err, status, ...)                                                              \
  mcl_cl_fail_at((err), MCL_CL_ASKED, (status), __func__, __VA_ARGS__)

/** The same for a status that came out of a wait. */
#define mcl_cl_fail_wait(err, status, ...)                                                         \
  mcl_cl_fail_at((err), MCL_CL_WAITED, (status), __func__, __VA_ARGS__)

int mcl_cl_fail_at(motcl_err *err, mcl_cl_when when, cl_int status, const char *where,
                   const char *fmt, ...) MOTCL_PRINTF(5, 6);

#endif
