/* driver.h - the contract between the planner and a class of devices.
 *
 * A driver is a const table. Plan and exec see devices, buffers, queues and variants through this
 * header only. Calls on one device come from one thread at a time. drivers/README.md walks through
 * adding a driver; drivers/ref is the one to copy. */
#ifndef MCL_DRIVERS_DRIVER_H
#define MCL_DRIVERS_DRIVER_H

#include "base/err.h"
#include "base/num.h"
#include "graph/graph.h"

typedef struct mcl_driver mcl_driver;
typedef struct mcl_device mcl_device;
typedef struct mcl_buffer mcl_buffer;
typedef struct mcl_event mcl_event; /* something on a queue that ends */
struct mcl_trace;                   /* base/trace.h */
struct mcl_device_list;             /* drivers/registry.h */

/** Limits and manners of an open device, filled in by its driver. */
typedef struct mcl_device_info {
  char name[128];     /* as the platform gives it, made printable */
  char platform[128]; /* name and version of the OpenCL platform; "none" for ref */
  char version[128];  /* of the device's own driver, part of the fingerprint */
  char kind;          /* 'c' CPU, 'g' GPU, 'a' accelerator, 'r' ref */
  int platform_index; /* -1 for ref */
  int device_index;
  uint32_t units;      /* compute units */
  uint64_t memory;     /* bytes, global */
  uint64_t max_buffer; /* bytes, largest allocation */
  uint64_t local;      /* bytes of local memory */
  uint32_t max_group;  /* largest work-group */
  uint32_t align;      /* bytes: base address alignment of buffers */
  bool zero_copy;      /* host memory is used in place */
  bool host_memory;    /* its memory is the host's: limits of the process are limits of it */
  bool move_queues;    /* it has upload and download queues of its own */
  bool keeps;          /* its platform keeps built kernels, for other processes as well */
  bool slow;           /* a definition, not a runtime: plans need --allow-slow or its name */
} mcl_device_info;

/** A device as listed, not opened yet. */
typedef struct mcl_device_entry {
  const mcl_driver *driver; /* the best that recognises it */
  void *handle;             /* the driver's; valid while the list lives */
  mcl_device_info info;
} mcl_device_entry;

/**
 * One operand of a call: rows x cols elements, row r at buf[offset + r * stride]. Absent operands
 * have buf NULL and 0 columns. An operand that the op writes overlaps no other.
 */
typedef struct mcl_operand {
  mcl_buffer *buf;
  uint64_t offset; /* elements */
  uint32_t rows, cols, stride;
  mcl_type type;
} mcl_operand;

#define MCL_NORM_BLOCK 512 /* pixels */

/** What a call of GROUP_NORM is asked for. */
typedef enum mcl_norm_part { MCL_NORM_WHOLE, MCL_NORM_GATHER, MCL_NORM_APPLY } mcl_norm_part;

/**
 * One op with everything resolved to numbers: what a variant gets.
 *
 * attr     dims inside are meaningless here; h and w below hold their values
 * h, w     CONV, UPSAMPLE, UP_CONV: pixels of the input
 * base     EMBED: the table may be split; this part has the rows [base, base + wt[0].rows) of it,
 *          and ids of other parts are left alone
 * scratch  bytes of the size that the variant asked for, or absent; contents are rubbish
 * part     GROUP_NORM: a picture may lie in several buffers, a band of pixel rows in each. Then the
 *          bands are gathered in order, one call each, and after that normalised in order, and the
 *          scratch keeps its contents between these calls. in[0] and out are the band, which begins
 *          at pixel `first` of `pixels`; a multiple of MCL_NORM_BLOCK, so that sums over blocks of
 *          pixels are the same in any bands
 * first    CONV, UP_CONV: out has the pixels of the result from this one on, as many as it has rows
 */
typedef struct mcl_call {
  mcl_op op;
  mcl_attr attr;
  uint32_t h, w, base;
  mcl_norm_part part;
  uint32_t first, pixels;
  mcl_operand in[MCL_OP_INPUTS], wt[MCL_OP_WEIGHTS], out, scratch;
} mcl_call;

/** Pixels that a call of GROUP_NORM takes its sums over. */
static inline uint32_t mcl_norm_pixels(const mcl_call *c) {
  return c->part == MCL_NORM_WHOLE ? c->out.rows : c->pixels;
}

/**
 * One way to compute an op.
 *
 * name     "linear.tiled": unique within the driver, shown by plans, named by tuning
 * numeric  the numeric class: variants with equal class give equal bytes on one device
 * mixes    a row's bytes may change with the other rows of the call, so that exec cuts no call of
 *          it to hear a cancel sooner
 * layout   of the op's first weight
 * accepts  whether it can do this call (shapes, types, limits of the built kernel); NULL: always.
 *          Plans ask before there are buffers, as for scratch: absence shows in the columns
 * scratch  bytes wanted for this call; NULL: none. More rows never want less, and a call that the
 *          variant does not accept has an answer too: plans ask once, for the largest batch
 * enqueue  put the call on the device's queue, in order after all before it; may block; a call
 *          with zero output rows, or (ops that update it) zero rows of its first input, is never
 *          made
 */
typedef struct mcl_variant {
  const char *name;
  mcl_op op;
  const char *numeric;
  bool mixes;
  mcl_layout layout;
  bool (*accepts)(const mcl_device *dev, const mcl_call *call);
  size_t (*scratch)(const mcl_device *dev, const mcl_call *call);
  int (*enqueue)(mcl_device *dev, const mcl_call *call, motcl_err *err);
} mcl_variant;

/** Queues of a device. Commands of one queue begin in the order they were queued. Where a device has
 * no queues for moves (info.move_queues), they are the compute queue. */
typedef enum mcl_queue { MCL_QUEUE_COMPUTE, MCL_QUEUE_UPLOAD, MCL_QUEUE_DOWNLOAD } mcl_queue;

/**
 * Where the commands between `begin` and `end` go, and when they start.
 *
 * after  [count] events of the same device that happen before the first of them starts
 * wants  whether `end` shall give an event
 */
typedef struct mcl_order {
  mcl_queue queue;
  mcl_event *const *after;
  size_t count;
  bool wants;
} mcl_order;

/** When an order's first command was queued, handed to the device and started, and its last one
 * ended: nanoseconds of the device's own clock, which begins anywhere. */
typedef struct mcl_times {
  uint64_t queued, submit, start, end;
} mcl_times;

/** How a buffer will be used. */
typedef enum mcl_access {
  MCL_READ_WRITE,
  MCL_READ_ONLY /* with `host`: the driver may use it in place; it then outlives the buffer */
} mcl_access;

/** Settings for opening a device. Zeroed is the default. */
typedef struct mcl_device_options {
  const char *cache_dir; /* where built programs are kept; NULL: nowhere */
  const char
      *kernel_dir;     /* kernels are read from here instead of the embedded ones; NULL: embedded */
  void *context;       /* a cl_context with the device, to be shared; NULL: one of its own */
  uint32_t units;      /* compute units to use, the others are left; 0: all */
  uint64_t max_buffer; /* pretend that the largest allocation is this; 0: ask the device */
  struct mcl_trace *trace; /* what happens is written here, and events have times; NULL: nowhere */
  bool move_queues;        /* have queues for moves even where they are of no use; for tests */
  double stall; /* seconds after which what a wait is for hangs; 0: it may take any time */
} mcl_device_options;

/** A driver. All members are required unless said otherwise. */
struct mcl_driver {
  uint32_t version; /* MCL_DRIVER_VERSION */
  const char *name, *about;

  /** For a device that several drivers list: the highest wins when the user names no driver. */
  int rank;

  /** Called once for each driver when devices are enumerated: adds an entry for each device it can
   * use, by mcl_device_list_add. */
  int (*list)(const mcl_driver *drv, struct mcl_device_list *list, motcl_err *err);

  /** Make the device ready; the entry and its list may go afterwards. */
  int (*open)(mcl_device **out, const mcl_device_entry *entry, const mcl_device_options *opt,
              motcl_err *err);
  void (*close)(mcl_device *dev);

  /** A buffer of `bytes` (> 0, <= max_buffer); `host` (may be NULL) is its first content. */
  int (*create)(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                const void *host, motcl_err *err);
  void (*destroy)(mcl_device *dev, mcl_buffer *buf);

  /** Host to buffer, and back. Outside an order: done when it returns, in order with the compute
   * queue; may block. Inside one: queued, and what is moved must stay until its event happens. */
  int (*write)(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
               motcl_err *err);
  int (*read)(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes, motcl_err *err);

  /** Buffer to buffer on the device; the ranges do not overlap. Outside an order it is queued on the
   * compute queue. */
  int (*copy)(mcl_device *dev, mcl_buffer *from, size_t from_at, mcl_buffer *to, size_t to_at,
              size_t bytes, motcl_err *err);

  /** Start what is queued without waiting. Optional: NULL when enqueue starts at once. */
  int (*flush)(mcl_device *dev, motcl_err *err);

  /** Wait until the queue is empty; reports a lost device. */
  int (*finish)(mcl_device *dev, motcl_err *err);

  /**
   * Building before the work; all are NULL where calls need nothing built.
   *
   * note     remember what `call` of the variant will launch and is not ready yet. Buffers of the
   *          operands stand for others: nothing is read or written
   * unbuilt  pieces of what was noted that are still to be built
   * build    build one of them, which takes about a second at most; what a call launches without
   *          having been noted, enqueue builds. `from`, 0 to below 1: where in the list to begin
   * store    keep what was built in the cache_dir it was opened with, where close does not do that:
   *          it may take longer than building
   */
  int (*note)(mcl_device *dev, const mcl_variant *v, const mcl_call *call, motcl_err *err);
  size_t (*unbuilt)(const mcl_device *dev);
  int (*build)(mcl_device *dev, double from, motcl_err *err);
  int (*store)(mcl_device *dev, motcl_err *err);

  /**
   * Commands from here to `end` are an order: they go to its queue, behind its events. Orders do not
   * nest; enqueue is for the compute queue only. Called by exec; does not block.
   */
  int (*begin)(mcl_device *dev, const mcl_order *order, motcl_err *err);

  /**
   * End of the order, also after a command of it failed.
   *
   * event  out, if the order wants one, else NULL. It happens when the order's commands are done; an
   *        order without commands marks the end of all that was on its queue. NULL on failure
   */
  int (*end)(mcl_device *dev, mcl_event **event, motcl_err *err);

  /**
   * Wait for an event at most so many seconds; 0: only look. *done: whether it has happened.
   * Called by exec, which asks for cancel in between. MOTCL_ELOST if its commands failed.
   */
  int (*wait)(mcl_device *dev, mcl_event *event, double seconds, bool *done, motcl_err *err);

  /** Times of an event that has happened. Only for devices opened with a trace. */
  int (*times)(mcl_device *dev, mcl_event *event, mcl_times *out, motcl_err *err);

  /** Give an event back, which need not have happened; NULL is fine. */
  void (*release)(mcl_device *dev, mcl_event *event);

  /**
   * Host memory that moves to and from the device fastest, for write and read. Give back with
   * unstage. Optional: NULL, both, where any memory does as well; see mcl_device_stage.
   */
  int (*stage)(mcl_device *dev, void **host, size_t bytes, motcl_err *err);
  void (*unstage)(mcl_device *dev, void *host);

  /** The ops it computes, best first; may list several for one op. */
  const mcl_variant *variants;
  size_t variant_count;

  /** Driver whose variants are used for ops this one does not list; NULL: none. */
  const mcl_driver *base;
};

#define MCL_DRIVER_VERSION 2u

/** First member of every driver's device. `trace` and `stall`, as it was opened with, and the `track`
 * of what the device does are set by mcl_device_open. `hangs`: what it was given did not end in that
 * time; nothing that it may still use is given back, as nobody can wait for it. */
struct mcl_device {
  const mcl_driver *driver;
  mcl_device_info info;
  struct mcl_trace *trace;
  uint32_t track;
  double stall;
  bool hangs;
};

#endif
