/* clblast.c - matrix products by CLBlast; every call of it is here.
 *
 * Its results are not promised to be the same for a row whatever the other rows are, so it is a
 * numeric class of its own that tuning must choose. It reads F32; other weights are widened a tile
 * of outputs at a time. Scratch: room to align, CLBlast's own, the widened tile. */
#include <stdatomic.h>

#include "cl/order.h"
#include "cl/status.h"
#include "drivers/generic/generic.h"

#include <clblast_c.h> /* after cl/opencl.h, which says which OpenCL is meant */

#define WIDE_BYTES ((size_t)16 << 20) /* of a widened tile, about */
#define SPAN 256                      /* columns of a group, as in simple.cl */

/* How a call is cut: outputs at a time, and the sizes of its scratch. */
typedef struct cut {
  size_t outs, temp, wide, align;
} cut;

static size_t round_up(size_t n, size_t to) {
  return mcl_blocks(n, to) * to;
}

static int fail_at(const char *where, motcl_err *err, CLBlastStatusCode status) {
  if (status > CLBlastInvalidMatrixA)
    return mcl_cl_fail_at(err, MCL_CL_ASKED, (cl_int)status, where,
                          "multiply matrices with CLBlast");
  return mcl_fail_at(err, MOTCL_EUNSUPPORTED, (int)status, where,
                     "CLBlast cannot multiply these matrices on this device (its status is %d); "
                     "choose another variant of linear",
                     (int)status);
}
#define fail(...) fail_at(__func__, __VA_ARGS__)

static int make_cut(cut *out, mcl_cl *cl, const mcl_call *c, motcl_err *err) {
  const size_t rows = c->out.rows, depth = c->in[0].cols;
  cut t = {.outs = c->out.cols, .align = cl->caps.align};
  if (t.align < sizeof(float))
    t.align = sizeof(float);
  if (c->wt[0].type != MCL_F32) {
    size_t fit = WIDE_BYTES / sizeof(float) / depth;
    fit = fit < 64 ? 64 : fit;
    t.outs = t.outs < fit ? t.outs : fit;
    t.wide = t.outs * depth * sizeof(float);
  }
  CLBlastStatusCode status = CLBlastSGemmTempBufferSize(
      CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeYes, rows, t.outs, depth, 0,
      c->in[0].stride, 0, depth, 0, c->out.stride, &cl->queue, &t.temp);
  if (status != CLBlastSuccess)
    return fail(err, status);
  t.temp = round_up(t.temp ? t.temp : 1, t.align);
  *out = t;
  return MOTCL_OK;
}

/* Its kernels need groups of 256, and where they do not fit CLBlast writes to stderr, which a
 * library must not. */
bool mcl_generic_clblast_accepts(const mcl_device *dev, const mcl_call *c) {
  cut t;
  return dev->info.max_group >= 256 && c->out.rows > 0 &&
         make_cut(&t, ((const mcl_opencl *)dev)->cl, c, NULL) == MOTCL_OK;
}

size_t mcl_generic_clblast_scratch(const mcl_device *dev, const mcl_call *c) {
  cut t;
  if (make_cut(&t, ((const mcl_opencl *)dev)->cl, c, NULL) != MOTCL_OK)
    return 0;
  return t.align + t.temp + t.wide;
}

/* Weight rows [first, first + n) as floats at float `at` of the scratch buffer. */
static int widen(mcl_device *dev, const mcl_call *c, size_t first, size_t n, uint64_t at,
                 motcl_err *err) {
  const mcl_operand *w = &c->wt[0];
  mcl_operand part = *w;
  part.offset += (uint64_t)first * w->stride;
  const mcl_arg args[] = {MCL_STRIDED(&part), mcl_arg_uint((uint32_t)w->type),
                          mcl_arg_buffer(c->scratch.buf->cl.mem, at), mcl_arg_uint(w->cols),
                          mcl_arg_uint(w->cols)};
  const mcl_kernel_use use = {.source = "simple.cl",
                              .kernel = "mcl_widen_simple",
                              .groups = {n, mcl_blocks(w->cols, SPAN)}};
  return MCL_LAUNCH(dev, &use, args, err);
}

static int add_bias(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_arg args[] = {MCL_TYPED(&c->wt[1]), MCL_STRIDED(&c->out), mcl_arg_uint(c->out.cols)};
  const mcl_kernel_use use = {.source = "simple.cl",
                              .kernel = "mcl_bias_simple",
                              .groups = {c->out.rows, mcl_blocks(c->out.cols, SPAN)}};
  return MCL_LAUNCH(dev, &use, args, err);
}

/* Outputs [first, first + n); `at`: byte of the scratch where CLBlast's part begins. */
static int multiply(mcl_device *dev, const mcl_call *c, const cut *t, size_t at, cl_mem temp,
                    size_t first, size_t n, motcl_err *err) {
  const mcl_operand *x = &c->in[0], *w = &c->wt[0], *out = &c->out;
  mcl_cl *cl = mcl_opencl_cl(dev);
  cl_mem from = w->buf->cl.mem;
  size_t from_at = w->offset + first * w->stride, from_stride = w->stride;
  if (t->wide) {
    from = c->scratch.buf->cl.mem;
    from_at = (at + t->temp) / sizeof(float);
    from_stride = w->cols;
    int rc = widen(dev, c, first, n, from_at, err);
    if (rc != MOTCL_OK)
      return rc;
  }
  CLBlastStatusCode status = CLBlastSgemmWithTempBuffer(
      CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeYes, out->rows, n, x->cols, 1.0f,
      x->buf->cl.mem, x->offset, x->stride, from, from_at, from_stride, 0.0f, out->buf->cl.mem,
      out->offset + first, out->stride, &cl->queue, mcl_cl_event_of_next(cl), temp);
  mcl_cl_queued(cl);
  return status == CLBlastSuccess ? MOTCL_OK : fail(err, status);
}

/* CLBlast keeps built programs, which hold their contexts, in one cache of the process, and can
 * only drop all of them at once; then every other device builds its own again. So the last device
 * to close that used it drops them. The count is the process's because the cache is: devices may be
 * opened by several libraries on several threads. A device that begins to use CLBlast while the
 * last one leaves loses nothing but time. */
static atomic_uint users;

static void leave(void) {
  if (atomic_fetch_sub(&users, 1) == 1)
    CLBlastClearCache();
}

static void join(mcl_opencl *dev) {
  if (!dev->leave)
    atomic_fetch_add(&users, 1);
  dev->leave = leave;
}

int mcl_generic_linear_clblast(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  mcl_cl *cl = mcl_opencl_cl(dev);
  cl_mem temp = NULL;
  cut t;
  if (cl->noting) /* CLBlast builds its kernels when it is called */
    return MOTCL_OK;
  join((mcl_opencl *)dev);
  int rc = make_cut(&t, cl, c, err);
  if (rc != MOTCL_OK)
    return rc;
  const size_t at = round_up(mcl_opencl_byte_offset(&c->scratch), t.align);
  rc = mcl_cl_buffer_view(&c->scratch.buf->cl, &temp, at, t.temp, err);
  for (size_t n0 = 0; rc == MOTCL_OK && n0 < c->out.cols; n0 += t.outs) {
    const size_t left = c->out.cols - n0;
    rc = multiply(dev, c, &t, at, temp, n0, left < t.outs ? left : t.outs, err);
  }
  if (temp)
    mcl_cl_buffer_view_release(temp);
  if (rc == MOTCL_OK && c->wt[1].buf)
    rc = add_bias(dev, c, err);
  return rc;
}
