/* generic.h - the driver for any OpenCL 1.2 device, and what drivers built on it share: device,
 * buffers, queue, launching with operands. */
#ifndef MCL_DRIVERS_GENERIC_GENERIC_H
#define MCL_DRIVERS_GENERIC_GENERIC_H

#include "cl/buffer.h"
#include "cl/launch.h"
#include "drivers/driver.h"

extern const mcl_driver mcl_driver_generic;

/** An open OpenCL device of this driver or one that is built on it. */
typedef struct mcl_generic {
  mcl_device base;
  mcl_cl *cl;
  bool used_clblast; /* CLBlast then keeps programs of the context */
} mcl_generic;

struct mcl_buffer {
  mcl_cl_buffer cl;
};

/** The OpenCL device under a device that mcl_generic_open made. */
static inline mcl_cl *mcl_generic_cl(mcl_device *dev) {
  return ((mcl_generic *)dev)->cl;
}

/**
 * Add the devices that build kernels from source.
 *
 * kinds  of device: any of "cga" as in mcl_device_info
 */
int mcl_generic_list(const mcl_driver *drv, struct mcl_device_list *list, const char *kinds,
                     motcl_err *err);

/* Members of a driver's table, see driver.h; they work for any driver whose entries
 * mcl_generic_list made. */
int mcl_generic_open(mcl_device **out, const mcl_device_entry *entry, const mcl_device_options *opt,
                     motcl_err *err);
void mcl_generic_close(mcl_device *dev);
int mcl_generic_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                       const void *host, motcl_err *err);
void mcl_generic_destroy(mcl_device *dev, mcl_buffer *buf);
int mcl_generic_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
                      motcl_err *err);
int mcl_generic_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes,
                     motcl_err *err);
int mcl_generic_copy(mcl_device *dev, mcl_buffer *from, size_t from_at, mcl_buffer *to,
                     size_t to_at, size_t bytes, motcl_err *err);
int mcl_generic_flush(mcl_device *dev, motcl_err *err);
int mcl_generic_finish(mcl_device *dev, motcl_err *err);

/** An operand as a kernel's (base, at) pair; an absent one is a null pointer. */
static inline mcl_arg mcl_operand_arg(const mcl_operand *o) {
  return mcl_arg_buffer(o->buf ? o->buf->cl.mem : NULL, o->offset);
}

/* Arguments that go together, for lists of mcl_arg: an operand and its row stride in elements; a
 * vector weight and its type. */
#define MCL_STRIDED(o) mcl_operand_arg(o), mcl_arg_uint((o)->stride)
#define MCL_TYPED(o) mcl_operand_arg(o), mcl_arg_uint((uint32_t)(o)->type)

/** A kernel and its shape; its arguments come beside it. */
typedef struct mcl_kernel_use {
  const char *source, *options, *kernel;
  mcl_group group;
  size_t groups[2];
} mcl_kernel_use;

/** Queue a kernel with these arguments. */
int mcl_generic_launch(mcl_device *dev, const mcl_kernel_use *use, const mcl_arg *args,
                       size_t count, motcl_err *err);

/** The same for an array of arguments. */
#define MCL_LAUNCH(dev, use, args, err)                                                            \
  mcl_generic_launch((dev), (use), (args), sizeof(args) / sizeof *(args), (err))

/** "-DWT=MCL_BF16" for a matrix weight's type. */
const char *mcl_generic_wt(mcl_type type);

/** Byte of its buffer at which an operand begins. */
static inline size_t mcl_generic_byte_offset(const mcl_operand *o) {
  return (size_t)o->offset * mcl_type_size(o->type);
}

/** n / d, rounded up; d > 0. */
static inline size_t mcl_blocks(size_t n, size_t d) {
  return n / d + (n % d != 0);
}

/* The variants' functions, which drivers built on this one may list as theirs; accepts, scratch and
 * enqueue as in mcl_variant. */
bool mcl_generic_few_rows(const mcl_device *dev, const mcl_call *c);
bool mcl_generic_clblast_accepts(const mcl_device *dev, const mcl_call *c);
size_t mcl_generic_clblast_scratch(const mcl_device *dev, const mcl_call *c);
size_t mcl_generic_group_norm_scratch(const mcl_device *dev, const mcl_call *c);

#define MCL_GENERIC_FUNCTIONS(X)                                                                   \
  X(embed)                                                                                         \
  X(gather)                                                                                        \
  X(linear_rows)                                                                                   \
  X(linear_tiled)                                                                                  \
  X(linear_clblast)                                                                                \
  X(rms_norm)                                                                                      \
  X(layer_norm)                                                                                    \
  X(norm_rope)                                                                                     \
  X(rope)                                                                                          \
  X(unary)                                                                                         \
  X(binary)                                                                                        \
  X(kv_put)                                                                                        \
  X(kv_copy)                                                                                       \
  X(attention)                                                                                     \
  X(conv)                                                                                          \
  X(upsample)                                                                                      \
  X(group_norm)                                                                                    \
  X(guide)                                                                                         \
  X(guide_scale)                                                                                   \
  X(guide_apply)                                                                                   \
  X(euler)

#define MCL_GENERIC_DECLARE(name)                                                                  \
  int mcl_generic_##name(mcl_device *dev, const mcl_call *c, motcl_err *err);
MCL_GENERIC_FUNCTIONS(MCL_GENERIC_DECLARE)
#undef MCL_GENERIC_DECLARE

/** Drop what CLBlast keeps of all contexts; it makes it again when it is needed. */
void mcl_generic_clblast_forget(void);

#endif
