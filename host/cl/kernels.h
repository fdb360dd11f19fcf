/* kernels.h - the files of kernels/ as they were when the library was built. The table is made by
 * build-aux/embed.awk; the program cache hands its lines to clCreateProgramWithSource. */
#ifndef MCL_CL_KERNELS_H
#define MCL_CL_KERNELS_H

#include <stddef.h>

/**
 * One file.
 *
 * name   path below kernels/: "linear.cl", "common/types.clh", "tune/cpu.csv"
 * lines  its lines in order, each ending with a newline
 * count  of lines; 0 for an empty file
 */
typedef struct mcl_kernel_source {
  const char *name;
  const char *const *lines;
  size_t count;
} mcl_kernel_source;

/** All files, in the order of kernels/Makefile.inc. Constant; any thread. */
extern const mcl_kernel_source mcl_kernel_sources[];

/** Number of files in mcl_kernel_sources. */
extern const size_t mcl_kernel_source_count;

#endif
