/* program.h - kernels built on first use from the embedded sources, and kept: in memory by the
 * device, on disk by its platform or by cache.h. */
#ifndef MCL_CL_PROGRAM_H
#define MCL_CL_PROGRAM_H

#include "cl/device.h"

/**
 * A kernel ready to be launched; the device owns it.
 *
 * side       its MCL_SIDE: the device's, or less if the built kernel takes only smaller groups
 * max_group  work-items that the built kernel takes in a group
 * args       number of its arguments
 */
typedef struct mcl_cl_kernel {
  cl_kernel kernel;
  unsigned side;
  size_t max_group;
  unsigned args;
} mcl_cl_kernel;

/**
 * The kernel of that name, built if this is its first use.
 *
 * source   file below kernels/, "linear.cl"; every common/ file is put before it
 * options  compiler options beside the device's, "" for none
 * name     "mcl_linear_tiled"
 * out      borrowed until the device is closed
 *
 * Returns MOTCL_EBUILD with the head of the compiler's log; MOTCL_EINTERNAL for an unknown source.
 */
int mcl_cl_kernel_get(mcl_cl *cl, const mcl_cl_kernel **out, const char *source,
                      const char *options, const char *name, motcl_err *err);

/** Build a program, if it is not yet. Takes and returns what mcl_cl_kernel_get does. */
int mcl_cl_program_get(mcl_cl *cl, const char *source, const char *options, motcl_err *err);

/**
 * Store the binaries of what was built from source in the device's cache_dir, if it has one. A later
 * start that finds them loads them, also where the platform keeps what it has built by itself: it
 * finds that only when it has read the source again. To hand out binaries takes some platforms longer
 * than to build (manners in platform.c). mcl_cl_close does it elsewhere.
 *
 * Returns MOTCL_EIO if they cannot be written there.
 */
int mcl_cl_programs_store(mcl_cl *cl, motcl_err *err);

/** For mcl_cl_close. */
void mcl_cl_programs_destroy(struct mcl_cl_program *list);

#endif
