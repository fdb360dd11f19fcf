/* opencl.h - what drivers of OpenCL devices share: device, buffers, queue, launching a kernel with
 * operands. It is no driver: it has no variants and lists nothing of its own. */
#ifndef MCL_DRIVERS_OPENCL_OPENCL_H
#define MCL_DRIVERS_OPENCL_OPENCL_H

#include "cl/buffer.h"
#include "cl/launch.h"
#include "drivers/driver.h"

/**
 * An open OpenCL device.
 *
 * part   of a device, where not all its units are to be used; NULL
 * staged memory that mcl_opencl_stage gave
 * all, parts, options  a driver with its kernels in one program says so when it opens the device: the
 *        program's file, the files in it (NULL ends them), and its compiler options. Kernels of
 *        those files that are used without options are taken from it. `all` NULL: each kernel from
 *        its own file
 * leave  set by who lets a library keep things of this device's context: called once when the
 *        device is closed, with an empty queue and before its context is released; NULL: nobody
 */
typedef struct mcl_opencl {
  mcl_device base;
  mcl_cl *cl;
  cl_device_id part;
  const char *all, *const *parts;
  char options[64];
  struct mcl_staged *staged;
  void (*leave)(void);
} mcl_opencl;

struct mcl_buffer {
  mcl_cl_buffer cl;
};

struct mcl_event {
  mcl_cl_event cl;
};

/** The OpenCL device under a device that mcl_opencl_open made. */
static inline mcl_cl *mcl_opencl_cl(mcl_device *dev) {
  return ((mcl_opencl *)dev)->cl;
}

/**
 * Add the devices that build kernels from source.
 *
 * kinds  of device: any of "cga" as in mcl_device_info
 */
int mcl_opencl_list(const mcl_driver *drv, struct mcl_device_list *list, const char *kinds,
                    motcl_err *err);

/* Members of a driver's table, see driver.h; they work for any driver whose entries
 * mcl_opencl_list made. */
int mcl_opencl_open(mcl_device **out, const mcl_device_entry *entry, const mcl_device_options *opt,
                    motcl_err *err);
void mcl_opencl_close(mcl_device *dev);
int mcl_opencl_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                      const void *host, motcl_err *err);
void mcl_opencl_destroy(mcl_device *dev, mcl_buffer *buf);
int mcl_opencl_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
                     motcl_err *err);
int mcl_opencl_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes,
                    motcl_err *err);
int mcl_opencl_copy(mcl_device *dev, mcl_buffer *from, size_t from_at, mcl_buffer *to, size_t to_at,
                    size_t bytes, motcl_err *err);
int mcl_opencl_flush(mcl_device *dev, motcl_err *err);
int mcl_opencl_finish(mcl_device *dev, motcl_err *err);
int mcl_opencl_note(mcl_device *dev, const mcl_variant *v, const mcl_call *c, motcl_err *err);
size_t mcl_opencl_unbuilt(const mcl_device *dev);
int mcl_opencl_build(mcl_device *dev, double from, motcl_err *err);
int mcl_opencl_store(mcl_device *dev, motcl_err *err);
int mcl_opencl_begin(mcl_device *dev, const mcl_order *order, motcl_err *err);
int mcl_opencl_end(mcl_device *dev, mcl_event **event, motcl_err *err);
int mcl_opencl_wait(mcl_device *dev, mcl_event *event, double seconds, bool *done, motcl_err *err);
int mcl_opencl_times(mcl_device *dev, mcl_event *event, mcl_times *out, motcl_err *err);
void mcl_opencl_release(mcl_device *dev, mcl_event *event);
int mcl_opencl_stage(mcl_device *dev, void **host, size_t bytes, motcl_err *err);
void mcl_opencl_unstage(mcl_device *dev, void *host);

/** All but `open`, for the initialiser of a driver's table. */
#define MCL_OPENCL_MEMBERS                                                                         \
  .close = mcl_opencl_close, .create = mcl_opencl_create, .destroy = mcl_opencl_destroy,           \
  .write = mcl_opencl_write, .read = mcl_opencl_read, .copy = mcl_opencl_copy,                     \
  .flush = mcl_opencl_flush, .finish = mcl_opencl_finish, .note = mcl_opencl_note,                 \
  .unbuilt = mcl_opencl_unbuilt, .build = mcl_opencl_build, .store = mcl_opencl_store,             \
  .begin = mcl_opencl_begin, .end = mcl_opencl_end, .wait = mcl_opencl_wait,                       \
  .times = mcl_opencl_times, .release = mcl_opencl_release, .stage = mcl_opencl_stage,             \
  .unstage = mcl_opencl_unstage

/** An operand as a kernel's (base, at) pair; an absent one is a null pointer. */
static inline mcl_arg mcl_operand_arg(const mcl_operand *o) {
  return mcl_arg_buffer(o->buf ? o->buf->cl.mem : NULL, o->offset);
}

/* Arguments that go together, for lists of mcl_arg: an operand and its row stride in elements; a
 * vector weight and its type. */
#define MCL_STRIDED(o) mcl_operand_arg(o), mcl_arg_uint((o)->stride)
#define MCL_TYPED(o) mcl_operand_arg(o), mcl_arg_uint((uint32_t)(o)->type)

/* Shapes of work-groups that the kernels here are written for; MCL_SIDE is 8, or less on a device
 * whose groups are smaller. Another driver may give any numbers. */
#define MCL_GROUP_LINE ((mcl_group){{1, 1}, {2, 0}})   /* side * side x 1 */
#define MCL_GROUP_SQUARE ((mcl_group){{1, 1}, {1, 1}}) /* side x side */
#define MCL_GROUP_ONE ((mcl_group){{1, 1}, {0, 0}})    /* a single work-item */

/** A kernel and its shape; its arguments come beside it. A group left out is MCL_GROUP_LINE. */
typedef struct mcl_kernel_use {
  const char *source, *options, *kernel;
  mcl_group group;
  size_t groups[2];
} mcl_kernel_use;

/** Queue a kernel with these arguments; while the device is noting (mcl_opencl_note), note it. An
 * enqueue that does anything else but launch looks at mcl_opencl_cl(dev)->noting. */
int mcl_opencl_launch(mcl_device *dev, const mcl_kernel_use *use, const mcl_arg *args, size_t count,
                      motcl_err *err);

/** The same for an array of arguments. */
#define MCL_LAUNCH(dev, use, args, err)                                                            \
  mcl_opencl_launch((dev), (use), (args), sizeof(args) / sizeof *(args), (err))

/** "-DWT=MCL_BF16" for a matrix weight's type. */
const char *mcl_opencl_wt(mcl_type type);

/** Byte of its buffer at which an operand begins. */
static inline size_t mcl_opencl_byte_offset(const mcl_operand *o) {
  return (size_t)o->offset * mcl_type_size(o->type);
}

/** n / d, rounded up; d > 0. */
static inline size_t mcl_blocks(size_t n, size_t d) {
  return n / d + (n % d != 0);
}

#endif
