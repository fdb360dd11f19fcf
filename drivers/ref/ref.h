/* ref.h - what the files of the ref driver share: its buffer, checked access to operands, and the
 * panel of inputs that linear and convolution multiply. */
#ifndef MCL_DRIVERS_REF_REF_H
#define MCL_DRIVERS_REF_REF_H

#include <assert.h>

#include "base/mem.h"
#include "drivers/driver.h"

/** A buffer is host memory: its own, or (borrowed) the caller's, which is then never written. */
struct mcl_buffer {
  unsigned char *data;
  size_t bytes;
  bool borrowed;
};

/** An open device, and the order that is being given to it. */
typedef struct mcl_ref {
  mcl_device base;
  bool wants;
  uint64_t began;
} mcl_ref;

/* event.c: orders and events; driver.h says what each does. */
int mcl_ref_begin(mcl_device *dev, const mcl_order *order, motcl_err *err);
int mcl_ref_end(mcl_device *dev, mcl_event **event, motcl_err *err);
int mcl_ref_wait(mcl_device *dev, mcl_event *event, double seconds, bool *done, motcl_err *err);
int mcl_ref_times(mcl_device *dev, mcl_event *event, mcl_times *out, motcl_err *err);
void mcl_ref_release(mcl_device *dev, mcl_event *event);

/* buffer.c: the memory half of the driver's table; driver.h says what each does. */
int mcl_ref_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                   const void *host, motcl_err *err);
void mcl_ref_destroy(mcl_device *dev, mcl_buffer *buf);
int mcl_ref_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
                  motcl_err *err);
int mcl_ref_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes,
                 motcl_err *err);
int mcl_ref_copy(mcl_device *dev, mcl_buffer *from, size_t from_at, mcl_buffer *to, size_t to_at,
                 size_t bytes, motcl_err *err);

/** Preconditions of one call: the first that does not hold sticks in rc and err. */
typedef struct mcl_ref_check {
  const mcl_call *call;
  motcl_err *err;
  int rc;
} mcl_ref_check;

mcl_ref_check mcl_ref_check_begin(const mcl_call *call, motcl_err *err);

/** `holds`, or the call fails with "OP: what". */
void mcl_ref_require(mcl_ref_check *k, bool holds, const char *what);

/** Operand `o` (called `what`) is a rows x cols matrix of `type` and lies inside its buffer; if the
 * op writes it, it is not read-only and overlaps no other operand. */
void mcl_ref_operand(mcl_ref_check *k, const char *what, const mcl_operand *o, mcl_type type,
                     uint32_t rows, uint32_t cols);

/** As mcl_ref_operand for a weight: F32, BF16 or F16, at any byte address. */
void mcl_ref_weight(mcl_ref_check *k, const char *what, const mcl_operand *o, uint32_t rows,
                    uint32_t cols);

/** Row r of an activation or an index table; the caller has checked the operand. */
static inline float *mcl_ref_row(const mcl_operand *o, size_t r) {
  assert(o->buf);
  return (float *)(void *)o->buf->data + o->offset + r * o->stride;
}
static inline int32_t *mcl_ref_ids(const mcl_operand *o, size_t r) {
  assert(o->buf);
  return (int32_t *)(void *)o->buf->data + o->offset + r * o->stride;
}

/** Row r of a weight, widened to floats in dst[o->cols]. */
void mcl_ref_widen_row(float *dst, const mcl_operand *o, size_t r);

/**
 * A float32 matrix [rows, cols] of the driver's own, for what lies between the parts of a fused
 * op. *op is filled in; give back with mcl_ref_temp_finish (also after a failure).
 */
typedef struct mcl_ref_temp {
  mcl_buffer buf;
  mcl_operand op;
} mcl_ref_temp;
int mcl_ref_temp_init(mcl_ref_temp *t, uint32_t rows, uint32_t cols, motcl_err *err);
void mcl_ref_temp_finish(mcl_ref_temp *t);

/**
 * Up to MCL_REF_PANEL rows of k inputs, stored so that the sums of MCL_REF_LANES rows advance side
 * by side. Each sum runs over k in order, whatever its neighbours are.
 */
#define MCL_REF_PANEL 64
#define MCL_REF_LANES 8
typedef struct mcl_ref_panel {
  double *x; /* [PANEL / LANES][k][LANES] */
  float *w;  /* [k] */
  size_t k;
} mcl_ref_panel;
int mcl_ref_panel_init(mcl_ref_panel *p, size_t k, motcl_err *err);
void mcl_ref_panel_finish(mcl_ref_panel *p);

/** Where input i of panel row r stands. */
static inline double *mcl_ref_panel_at(mcl_ref_panel *p, size_t r, size_t i) {
  return p->x + ((r / MCL_REF_LANES * p->k + i) * MCL_REF_LANES + r % MCL_REF_LANES);
}

/** Rows [first, first + rows) of the call's output: panel row r times weight 0, plus weight 1. */
void mcl_ref_panel_multiply(mcl_ref_panel *p, const mcl_call *call, size_t first, size_t rows);

/** Bytes that an op keeps from call to call: GROUP_NORM's sums. */
size_t mcl_ref_scratch(const mcl_device *dev, const mcl_call *call);

/* One definition for each op of the list: an op without one does not link. */
#define MCL_REF_DECLARE(id, name, in, weights, out, flags)                                         \
  int mcl_ref_##id(mcl_device *dev, const mcl_call *call, motcl_err *err);
MCL_OPS(MCL_REF_DECLARE)
#undef MCL_REF_DECLARE

#endif
