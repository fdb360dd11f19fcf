/* device.h - an open OpenCL device: its context, its one in-order queue, its programs. */
#ifndef MCL_CL_DEVICE_H
#define MCL_CL_DEVICE_H

#include "cl/platform.h"

struct mcl_cl_program;
struct mcl_cl_pieces;

/** How to open a device. Zeroed is the default; texts are copied. */
typedef struct mcl_cl_settings {
  const char
      *cache_dir; /* where programs are kept that the platform does not keep; NULL: nowhere */
  const char *kernel_dir; /* kernels are read from here instead of the embedded ones; NULL */
} mcl_cl_settings;

/**
 * An open device. Members are for reading; one thread at a time.
 *
 * side      work-items along a side of a kernel's square group: 8, or less on a device whose
 *           groups are smaller. MCL_SIDE in kernels; MCL_GROUP is its square
 * options   compiler options that every program gets
 * cache_failed  it was told that programs cannot be kept
 * programs  what was built so far (program.h)
 * noting    launches are noted, not made; `pieces` is what they need (ready.h)
 */
typedef struct mcl_cl {
  cl_device_id id;
  cl_context context;
  cl_command_queue queue;
  mcl_cl_facts facts;
  unsigned side;
  char options[128];
  char *cache_dir, *kernel_dir;
  bool cache_failed, noting;
  struct mcl_cl_program *programs;
  struct mcl_cl_pieces *pieces;
} mcl_cl;

/**
 * Open a device that mcl_cl_enumerate showed. Builds nothing yet.
 *
 * out  gets the device; close it with mcl_cl_close
 *
 * Returns MOTCL_ENOMEM, MOTCL_EDEVMEM, MOTCL_ELOST.
 */
int mcl_cl_open(mcl_cl **out, cl_device_id id, const mcl_cl_facts *facts,
                const mcl_cl_settings *settings, motcl_err *err);

/** Waits for the queue, keeps what was built and gives everything back; NULL is fine. Buffers go
 * before. */
void mcl_cl_close(mcl_cl *cl);

/** Start what is queued without waiting. */
int mcl_cl_flush(mcl_cl *cl, motcl_err *err);

/** Wait until the queue is empty. MOTCL_ELOST if the device failed meanwhile. */
int mcl_cl_finish(mcl_cl *cl, motcl_err *err);

#endif
