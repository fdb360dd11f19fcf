/* device.h - an open OpenCL device: its context, its in-order queues, its programs. */
#ifndef MCL_CL_DEVICE_H
#define MCL_CL_DEVICE_H

#include "cl/platform.h"

struct mcl_trace;
struct mcl_cl_program;
struct mcl_cl_pieces;

/** How to open a device. Zeroed is the default; texts are copied. */
typedef struct mcl_cl_settings {
  cl_context context;      /* to be shared; NULL: one is made */
  bool passing;            /* the device may be given back as soon as this is closed */
  const char *cache_dir;   /* programs are stored there and loaded from there (program.h); NULL */
  const char *kernel_dir;  /* kernels are read from here instead of the embedded ones; NULL */
  unsigned side;           /* MCL_SIDE of kernels, a power of two; the driver's choice; 0 is 1 */
  const char *options;     /* compiler options that every program gets; NULL: none */
  struct mcl_trace *trace; /* what is built is written here, and commands have times; NULL: none */
  bool move_queues;        /* have queues for uploads and downloads */
} mcl_cl_settings;

/** A span of commands on one queue; `first` and `last` may be the same. */
typedef struct mcl_cl_event {
  cl_event first, last;
} mcl_cl_event;

/**
 * An open device. Members are for reading; one thread at a time.
 *
 * queue     for computing, and where `upload` and `download` are NULL for moves too
 * open      an order is being given (order.h): its queue, and the events of its first and its last
 *           command so far
 * side      work-items along a side of a kernel's square group, as it was opened with. MCL_SIDE in
 *           kernels, less for one that takes only smaller groups; MCL_GROUP is its square
 * options   compiler options that every program gets, likewise
 * owners    of the context when it was opened, where close waits for that number again; 0: it does not
 * programs  what was built so far (program.h)
 * noting    launches are noted, not made; `pieces` is what they need (ready.h)
 */
typedef struct mcl_cl {
  cl_device_id id;
  cl_context context;
  cl_command_queue queue, upload, download;
  struct {
    cl_command_queue queue; /* NULL: none is being given */
    bool wants;
    mcl_cl_event made;
    cl_event next;
  } open;
  mcl_cl_caps caps;
  unsigned side;
  char *options, *cache_dir, *kernel_dir;
  bool noting;
  cl_uint owners;
  struct mcl_trace *trace;
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
int mcl_cl_open(mcl_cl **out, cl_device_id id, const mcl_cl_caps *caps,
                const mcl_cl_settings *settings, motcl_err *err);

/** Waits for the queue, keeps what was built and gives everything back; NULL is fine. Buffers go
 * before. */
void mcl_cl_close(mcl_cl *cl);

/** Start what is queued on any queue without waiting. */
int mcl_cl_flush(mcl_cl *cl, motcl_err *err);

/** Wait until the queues are empty. MOTCL_ELOST if the device failed meanwhile. */
int mcl_cl_finish(mcl_cl *cl, motcl_err *err);

#endif
