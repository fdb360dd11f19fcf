/* linear.c - x w^T + bias, and the panel product that convolution shares. */
#include "drivers/ref/ref.h"

int mcl_ref_panel_init(mcl_ref_panel *p, size_t k, motcl_err *err) {
  memset(p, 0, sizeof *p);
  p->k = k;
  p->x = mcl_zalloc(k, MCL_REF_PANEL * sizeof *p->x);
  p->w = mcl_alloc(k, sizeof *p->w);
  return p->x && p->w ? MOTCL_OK : mcl_fail_nomem(err, k * MCL_REF_PANEL * sizeof *p->x);
}

void mcl_ref_panel_finish(mcl_ref_panel *p) {
  mcl_free(p->x);
  mcl_free(p->w);
}

/* Products of floats are exact in double, so only the sums round. */
static void dots(double sum[MCL_REF_LANES], const double *x, const float *w, size_t k) {
  for (size_t i = 0; i < k; i++)
    for (size_t l = 0; l < MCL_REF_LANES; l++)
      sum[l] += x[i * MCL_REF_LANES + l] * (double)w[i];
}

void mcl_ref_panel_multiply(mcl_ref_panel *p, const mcl_call *call, size_t first, size_t rows) {
  const mcl_operand *w = &call->wt[0], *bias = &call->wt[1];
  for (uint32_t n = 0; n < w->rows; n++) {
    float b = 0;
    if (bias->buf) {
      mcl_operand one = *bias;
      one.offset += n;
      one.cols = 1;
      mcl_ref_widen_row(&b, &one, 0);
    }
    mcl_ref_widen_row(p->w, w, n);
    for (size_t r = 0; r < rows; r += MCL_REF_LANES) {
      double sum[MCL_REF_LANES] = {0};
      dots(sum, mcl_ref_panel_at(p, r, 0), p->w, p->k);
      for (size_t l = 0; l < MCL_REF_LANES && r + l < rows; l++)
        mcl_ref_row(&call->out, first + r + l)[n] = (float)(sum[l] + (double)b);
    }
  }
}

int mcl_ref_LINEAR(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *w = &call->wt[0], *bias = &call->wt[1], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "x", x, MCL_F32, out->rows, x->cols);
  mcl_ref_weight(&k, "the weight", w, out->cols, x->cols);
  if (bias->buf)
    mcl_ref_weight(&k, "the bias", bias, 1, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  if (k.rc != MOTCL_OK)
    return k.rc;
  mcl_ref_panel p;
  int rc = mcl_ref_panel_init(&p, x->cols, err);
  for (size_t r = 0; rc == MOTCL_OK && r < out->rows; r += MCL_REF_PANEL) {
    size_t rows = out->rows - r < MCL_REF_PANEL ? out->rows - r : MCL_REF_PANEL;
    for (size_t i = 0; i < rows; i++) {
      const float *from = mcl_ref_row(x, r + i);
      for (size_t c = 0; c < x->cols; c++)
        *mcl_ref_panel_at(&p, i, c) = (double)from[c];
    }
    mcl_ref_panel_multiply(&p, call, r, rows);
  }
  mcl_ref_panel_finish(&p);
  return rc;
}
