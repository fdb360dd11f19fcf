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

/** Keep on disk what was built from source, where the platform does not do that by itself. Some
 * platforms take long to hand out binaries, so mcl_cl_close asks when the work is done. */
void mcl_cl_programs_store(mcl_cl *cl);

/** For mcl_cl_close. */
void mcl_cl_programs_destroy(struct mcl_cl_program *list);

#endif
