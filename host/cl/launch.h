/* launch.h - the one way to put a kernel on the queue. */
#ifndef MCL_CL_LAUNCH_H
#define MCL_CL_LAUNCH_H

#include "cl/device.h"

/** Kinds of kernel arguments, and what each is in OpenCL C. */
typedef enum mcl_arg_kind {
  MCL_ARG_BUFFER, /* __global T *base, ulong at: two arguments; `at` counts elements */
  MCL_ARG_UINT,   /* uint */
  MCL_ARG_INT,    /* int */
  MCL_ARG_FLOAT,  /* float */
  MCL_ARG_LOCAL   /* __local T *: so many bytes */
} mcl_arg_kind;

/** One argument; make it with the functions below. */
typedef struct mcl_arg {
  mcl_arg_kind kind;
  union {
    struct {
      cl_mem mem;
      cl_ulong at;
    } buffer;
    cl_uint u;
    cl_int i;
    cl_float f;
    size_t bytes;
  } v;
} mcl_arg;

/** A buffer from element `at` on; mem NULL gives the kernel a null pointer. */
static inline mcl_arg mcl_arg_buffer(cl_mem mem, uint64_t at) {
  return (mcl_arg){.kind = MCL_ARG_BUFFER, .v.buffer = {mem, at}};
}
static inline mcl_arg mcl_arg_uint(uint32_t u) {
  return (mcl_arg){.kind = MCL_ARG_UINT, .v.u = u};
}
static inline mcl_arg mcl_arg_int(int32_t i) {
  return (mcl_arg){.kind = MCL_ARG_INT, .v.i = i};
}
static inline mcl_arg mcl_arg_float(float f) {
  return (mcl_arg){.kind = MCL_ARG_FLOAT, .v.f = f};
}
static inline mcl_arg mcl_arg_local(size_t bytes) {
  return (mcl_arg){.kind = MCL_ARG_LOCAL, .v.bytes = bytes};
}

/**
 * Shape of a work-group, in two dimensions: items[d] * side^sides[d] work-items, where side is the
 * built kernel's MCL_SIDE.
 */
typedef struct mcl_group {
  size_t items[2];
  unsigned char sides[2];
} mcl_group;

/** Work-items of a group along both dimensions. */
static inline void mcl_group_items(size_t out[2], const mcl_group *group, unsigned side) {
  for (int d = 0; d < 2; d++) {
    out[d] = group->items[d];
    for (unsigned i = 0; i < group->sides[d]; i++)
      out[d] *= side;
  }
}

/**
 * What to run.
 *
 * source, options, kernel  as mcl_cl_kernel_get takes them
 * group   shape of a work-group; MOTCL_EUNSUPPORTED if the built kernel takes no such
 * groups  how many, in two dimensions; the first may be as large as any row count, the second is
 *         kept below 65536 by its users, since some devices take no more. Zero runs nothing
 */
typedef struct mcl_launch {
  const char *source, *options, *kernel;
  mcl_group group;
  size_t groups[2];
  const mcl_arg *args;
  size_t arg_count;
} mcl_launch;

/**
 * Set the arguments and queue the kernel.
 *
 * Returns MOTCL_EBUILD, MOTCL_EDEVMEM, MOTCL_ELOST, or MOTCL_EINTERNAL for arguments that do not
 * fit the kernel.
 */
int mcl_cl_launch(mcl_cl *cl, const mcl_launch *launch, motcl_err *err);

#endif
