/* rope.c - rotary position: each head's two halves rotated by the row's angles. */
#include "drivers/ref/ref.h"

static void turn(float *y, const float *x, const float *table, uint32_t head) {
  uint32_t half = head / 2;
  for (uint32_t j = 0; j < half; j++) {
    double a = (double)x[j], b = (double)x[half + j];
    double c = (double)table[j], s = (double)table[half + j];
    y[j] = (float)(a * c - b * s);
    y[half + j] = (float)(b * c + a * s);
  }
}

int mcl_ref_ROPE(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *x = &call->in[0], *table = &call->in[1], *out = &call->out;
  uint32_t head = call->attr.rope.head;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_require(&k, head && head % 2 == 0 && out->cols % head == 0,
                  "the head is odd or does not divide the columns");
  mcl_ref_operand(&k, "x", x, MCL_F32, out->rows, out->cols);
  mcl_ref_operand(&k, "the table", table, MCL_F32, out->rows, head);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < out->rows; r++)
    for (uint32_t c = 0; c < out->cols; c += head)
      turn(mcl_ref_row(out, r) + c, mcl_ref_row(x, r) + c, mcl_ref_row(table, r), head);
  return MOTCL_OK;
}
