/* rows.c - ops that move or combine single elements: embed, gather, add, mul, silu, gelu,
 * not_finite. */
#include "drivers/ref/ref.h"

#include <math.h>

int mcl_ref_EMBED(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *ids = &call->in[0], *table = &call->wt[0], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "the ids", ids, MCL_I32, out->rows, 1);
  mcl_ref_weight(&k, "the table", table, table->rows, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  for (uint32_t r = 0; k.rc == MOTCL_OK && r < out->rows; r++)
    mcl_ref_require(&k, *mcl_ref_ids(ids, r) >= 0, "an id is negative");
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < out->rows; r++) {
    uint32_t id = (uint32_t)*mcl_ref_ids(ids, r);
    if (id >= call->base && id - call->base < table->rows)
      mcl_ref_widen_row(mcl_ref_row(out, r), table, id - call->base);
  }
  return MOTCL_OK;
}

int mcl_ref_GATHER(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *index = &call->in[1], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "x", x, MCL_F32, x->rows, out->cols);
  mcl_ref_operand(&k, "the index", index, MCL_I32, out->rows, 1);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  for (uint32_t r = 0; k.rc == MOTCL_OK && r < out->rows; r++) {
    int32_t from = *mcl_ref_ids(index, r);
    mcl_ref_require(&k, from >= 0 && (uint32_t)from < x->rows, "an index is outside x");
  }
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < out->rows; r++)
    memcpy(mcl_ref_row(out, r), mcl_ref_row(x, (size_t)*mcl_ref_ids(index, r)),
           out->cols * sizeof(float));
  return MOTCL_OK;
}

int mcl_ref_NOT_FINITE(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "x", x, MCL_F32, out->rows, x->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, 1);
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < out->rows; r++) {
    uint32_t n = 0;
    for (uint32_t c = 0; c < x->cols; c++)
      n += isfinite(mcl_ref_row(x, r)[c]) ? 0 : 1;
    *mcl_ref_row(out, r) = (float)n;
  }
  return MOTCL_OK;
}

static int unary(const mcl_call *call, double (*f)(double), motcl_err *err) {
  const mcl_operand *x = &call->in[0], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "x", x, MCL_F32, out->rows, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < out->rows; r++) {
    const float *a = mcl_ref_row(x, r);
    float *y = mcl_ref_row(out, r);
    for (uint32_t c = 0; c < out->cols; c++)
      y[c] = (float)f(a[c]);
  }
  return MOTCL_OK;
}

static double silu(double x) {
  return x / (1 + exp(-x));
}

static double gelu(double x) {
  const double root = 0.79788456080286535588; /* sqrt(2 / pi) */
  return 0.5 * x * (1 + tanh(root * (x + 0.044715 * x * x * x)));
}

int mcl_ref_SILU(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  return unary(call, silu, err);
}

int mcl_ref_GELU(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  return unary(call, gelu, err);
}

static int binary(const mcl_call *call, double (*f)(double, double), motcl_err *err) {
  const mcl_operand *a = &call->in[0], *b = &call->in[1], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "a", a, MCL_F32, out->rows, out->cols);
  mcl_ref_operand(&k, "b", b, MCL_F32, out->rows, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < out->rows; r++) {
    const float *p = mcl_ref_row(a, r), *q = mcl_ref_row(b, r);
    float *y = mcl_ref_row(out, r);
    for (uint32_t c = 0; c < out->cols; c++)
      y[c] = (float)f(p[c], q[c]);
  }
  return MOTCL_OK;
}

static double sum(double a, double b) {
  return a + b;
}

static double product(double a, double b) {
  return a * b;
}

int mcl_ref_ADD(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  return binary(call, sum, err);
}

int mcl_ref_MUL(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  return binary(call, product, err);
}
