/* conv.c - ops over pictures [h * w, channels]: convolution, upsampling, group norm. */
#include "drivers/ref/ref.h"

#include <assert.h>
#include <math.h>

typedef struct window {
  uint32_t kernel, stride, pad, h, w; /* h, w: of the input */
  uint32_t out_w;
} window;

static uint64_t out_side(uint32_t side, const mcl_call *call) {
  uint64_t padded = (uint64_t)side + call->attr.conv.pad_lo + call->attr.conv.pad_hi;
  if (!call->attr.conv.stride || padded < call->attr.conv.kernel)
    return 0;
  return (padded - call->attr.conv.kernel) / call->attr.conv.stride + 1;
}

/* Panel row `row` becomes the inputs of output pixel `pixel` in the weight's order (channel, row,
 * column of the window); places outside the picture are 0. */
static void gather_window(mcl_ref_panel *p, size_t row, const mcl_operand *x, const window *s,
                          size_t pixel) {
  assert(s->out_w > 0);
  int64_t top = (int64_t)(pixel / s->out_w * s->stride) - s->pad;
  int64_t left = (int64_t)(pixel % s->out_w * s->stride) - s->pad;
  for (uint32_t i = 0; i < s->kernel; i++)
    for (uint32_t j = 0; j < s->kernel; j++) {
      int64_t y = top + i, z = left + j;
      bool inside = y >= 0 && z >= 0 && y < s->h && z < s->w;
      const float *from = inside ? mcl_ref_row(x, (size_t)y * s->w + (size_t)z) : NULL;
      size_t at = (size_t)i * s->kernel + j, area = (size_t)s->kernel * s->kernel;
      for (uint32_t c = 0; c < x->cols; c++, at += area)
        *mcl_ref_panel_at(p, row, at) = from ? (double)from[c] : 0;
    }
}

static int check_conv(const mcl_call *call, motcl_err *err) {
  const mcl_operand *x = &call->in[0], *w = &call->wt[0], *out = &call->out;
  uint64_t area = (uint64_t)call->attr.conv.kernel * call->attr.conv.kernel;
  uint64_t oh = out_side(call->h, call), ow = out_side(call->w, call);
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_require(&k, call->attr.conv.kernel && call->attr.conv.kernel <= 64, "no such kernel");
  mcl_ref_require(&k,
                  oh && ow && oh <= UINT32_MAX && ow <= UINT32_MAX &&
                      (uint64_t)call->first + out->rows <= oh * ow,
                  "the output has the wrong size");
  mcl_ref_require(&k, (uint64_t)call->h * call->w == x->rows, "h and w are not those of x");
  mcl_ref_require(&k, x->cols * area == w->cols, "the weight is for other channels");
  mcl_ref_operand(&k, "x", x, MCL_F32, x->rows, x->cols);
  mcl_ref_weight(&k, "the weight", w, out->cols, w->cols);
  if (call->wt[1].buf)
    mcl_ref_weight(&k, "the bias", &call->wt[1], 1, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  return k.rc;
}

int mcl_ref_CONV(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  int rc = check_conv(call, err);
  if (rc != MOTCL_OK)
    return rc;
  const mcl_operand *x = &call->in[0];
  window s = {call->attr.conv.kernel,
              call->attr.conv.stride,
              call->attr.conv.pad_lo,
              call->h,
              call->w,
              (uint32_t)out_side(call->w, call)};
  mcl_ref_panel p;
  rc = mcl_ref_panel_init(&p, call->wt[0].cols, err);
  for (size_t r = 0; rc == MOTCL_OK && r < call->out.rows; r += MCL_REF_PANEL) {
    size_t rows = call->out.rows - r < MCL_REF_PANEL ? call->out.rows - r : MCL_REF_PANEL;
    for (size_t i = 0; i < rows; i++)
      gather_window(&p, i, x, &s, call->first + r + i);
    mcl_ref_panel_multiply(&p, call, r, rows);
  }
  mcl_ref_panel_finish(&p);
  return rc;
}

int mcl_ref_UPSAMPLE(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_require(&k, (uint64_t)call->h * call->w == x->rows && x->rows <= UINT32_MAX / 4,
                  "h and w are not those of x");
  mcl_ref_operand(&k, "x", x, MCL_F32, x->rows, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, 4 * x->rows, out->cols);
  if (k.rc != MOTCL_OK)
    return k.rc;
  size_t wide = 2 * (size_t)call->w;
  for (size_t r = 0; r < out->rows; r++)
    memcpy(mcl_ref_row(out, r), mcl_ref_row(x, r / wide / 2 * call->w + r % wide / 2),
           out->cols * sizeof(float));
  return MOTCL_OK;
}

/* Sums over a group's numbers so far, of their distance from the first one: they go through the
 * pixels one by one, whatever bands the picture lies in. */
typedef struct sums {
  double origin, sum, square;
} sums;

static void gather(const mcl_call *call, sums *s, uint32_t first, uint32_t n) {
  const mcl_operand *x = &call->in[0];
  if (call->first == 0)
    *s = (sums){.origin = (double)mcl_ref_row(x, 0)[first]};
  for (uint32_t r = 0; r < x->rows; r++) {
    const float *row = mcl_ref_row(x, r) + first;
    for (uint32_t c = 0; c < n; c++) {
      double d = (double)row[c] - s->origin;
      s->sum += d;
      s->square += d * d;
    }
  }
}

static void normalise(const mcl_call *call, const sums *s, const float *w, const float *b,
                      uint32_t first, uint32_t n) {
  const mcl_operand *x = &call->in[0];
  double count = (double)mcl_norm_pixels(call) * n, off = s->sum / count;
  double var = s->square / count - off * off, mean = s->origin + off;
  double scale = 1 / sqrt((var > 0 ? var : 0) + (double)call->attr.group.eps);
  for (uint32_t r = 0; r < x->rows; r++) {
    const float *from = mcl_ref_row(x, r);
    float *to = mcl_ref_row(&call->out, r);
    for (uint32_t c = first; c < first + n; c++)
      to[c] = (float)(((double)from[c] - mean) * scale * (double)w[c] + (double)b[c]);
  }
}

size_t mcl_ref_scratch(const mcl_device *dev, const mcl_call *call) {
  (void)dev;
  return call->part != MCL_NORM_WHOLE ? call->attr.group.groups * sizeof(sums) : 0;
}

static int check_group_norm(const mcl_call *call, motcl_err *err) {
  const mcl_operand *x = &call->in[0], *out = &call->out;
  uint32_t groups = call->attr.group.groups;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_require(&k, groups && out->cols % groups == 0, "the groups do not divide the channels");
  mcl_ref_operand(&k, "x", x, MCL_F32, out->rows, out->cols);
  mcl_ref_weight(&k, "the weight", &call->wt[0], 1, out->cols);
  mcl_ref_weight(&k, "the bias", &call->wt[1], 1, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  mcl_ref_require(&k,
                  call->part == MCL_NORM_WHOLE ? call->first == 0
                                               : (uint64_t)call->first + out->rows <= call->pixels,
                  "the band is outside its picture");
  mcl_ref_require(&k, call->part == MCL_NORM_WHOLE || call->scratch.buf, "the scratch is absent");
  return k.rc;
}

int mcl_ref_GROUP_NORM(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  uint32_t cols = call->out.cols, groups = call->attr.group.groups;
  int rc = check_group_norm(call, err);
  if (rc != MOTCL_OK)
    return rc;
  float *w = mcl_alloc(cols, 2 * sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, (size_t)cols * 2 * sizeof *w);
  mcl_ref_widen_row(w, &call->wt[0], 0);
  mcl_ref_widen_row(w + cols, &call->wt[1], 0);
  uint32_t n = cols / groups;
  for (uint32_t g = 0; g < groups; g++) {
    sums own = {0}, *s = call->part == MCL_NORM_WHOLE
                             ? &own
                             : (sums *)(void *)(call->scratch.buf->data + call->scratch.offset) + g;
    if (call->part != MCL_NORM_APPLY)
      gather(call, s, g * n, n);
    if (call->part != MCL_NORM_GATHER)
      normalise(call, s, w, w + cols, g * n, n);
  }
  mcl_free(w);
  return MOTCL_OK;
}
