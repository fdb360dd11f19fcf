/* norm.c - RMS norm over groups of columns, and layer norm over rows. */
#include "drivers/ref/ref.h"

#include <math.h>

static double mean(const float *x, uint32_t n) {
  double s = 0;
  for (uint32_t c = 0; c < n; c++)
    s += (double)x[c];
  return s / n;
}

/* Mean of (x - about)^2. */
static double spread(const float *x, uint32_t n, double about) {
  double s = 0;
  for (uint32_t c = 0; c < n; c++)
    s += ((double)x[c] - about) * ((double)x[c] - about);
  return s / n;
}

static void rms_row(float *y, const float *x, const float *w, uint32_t width, double eps) {
  double scale = 1 / sqrt(spread(x, width, 0) + eps);
  for (uint32_t c = 0; c < width; c++)
    y[c] = (float)((double)x[c] * scale * (double)w[c]);
}

int mcl_ref_RMS_NORM(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *out = &call->out;
  uint32_t width = call->attr.norm.width;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_require(&k, width && out->cols % width == 0, "the width does not divide the columns");
  mcl_ref_operand(&k, "x", x, MCL_F32, out->rows, out->cols);
  mcl_ref_weight(&k, "the weight", &call->wt[0], 1, width);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  if (k.rc != MOTCL_OK)
    return k.rc;
  float *w = mcl_alloc(width, sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, width * sizeof *w);
  mcl_ref_widen_row(w, &call->wt[0], 0);
  for (uint32_t r = 0; r < out->rows; r++)
    for (uint32_t c = 0; c < out->cols; c += width)
      rms_row(mcl_ref_row(out, r) + c, mcl_ref_row(x, r) + c, w, width,
              (double)call->attr.norm.eps);
  mcl_free(w);
  return MOTCL_OK;
}

static void layer_row(float *y, const float *x, const float *w, const float *b, uint32_t n,
                      double eps) {
  double m = mean(x, n), scale = 1 / sqrt(spread(x, n, m) + eps);
  for (uint32_t c = 0; c < n; c++)
    y[c] = (float)(((double)x[c] - m) * scale * (double)w[c] + (double)b[c]);
}

int mcl_ref_LAYER_NORM(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "x", x, MCL_F32, out->rows, out->cols);
  mcl_ref_weight(&k, "the weight", &call->wt[0], 1, out->cols);
  mcl_ref_weight(&k, "the bias", &call->wt[1], 1, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  if (k.rc != MOTCL_OK)
    return k.rc;
  float *w = mcl_alloc(out->cols, 2 * sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, (size_t)out->cols * 2 * sizeof *w);
  float *b = w + out->cols;
  mcl_ref_widen_row(w, &call->wt[0], 0);
  mcl_ref_widen_row(b, &call->wt[1], 0);
  for (uint32_t r = 0; r < out->rows; r++)
    layer_row(mcl_ref_row(out, r), mcl_ref_row(x, r), w, b, out->cols, (double)call->attr.norm.eps);
  mcl_free(w);
  return MOTCL_OK;
}
