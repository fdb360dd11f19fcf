/* fused.c - the fused ops, each computed as the composition that defines it. */
#include "drivers/ref/ref.h"

/* The same call as another op that writes the temporary. */
static mcl_call part(const mcl_call *call, mcl_op op, const mcl_operand *out) {
  mcl_call c = *call;
  c.op = op;
  c.out = *out;
  return c;
}

int mcl_ref_LINEAR_ADD(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  mcl_ref_temp t;
  int rc = mcl_ref_temp_init(&t, call->out.rows, call->out.cols, err);
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_LINEAR, &t.op);
    rc = mcl_ref_LINEAR(dev, &c, err);
  }
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_ADD, &call->out);
    c.in[0] = call->in[1];
    c.in[1] = t.op;
    rc = mcl_ref_ADD(dev, &c, err);
  }
  mcl_ref_temp_finish(&t);
  return rc;
}

int mcl_ref_SILU_MUL(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  mcl_ref_temp t;
  int rc = mcl_ref_temp_init(&t, call->out.rows, call->out.cols, err);
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_SILU, &t.op);
    rc = mcl_ref_SILU(dev, &c, err);
  }
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_MUL, &call->out);
    c.in[0] = t.op;
    rc = mcl_ref_MUL(dev, &c, err);
  }
  mcl_ref_temp_finish(&t);
  return rc;
}

int mcl_ref_NORM_ROPE(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  mcl_ref_temp t;
  int rc = mcl_ref_temp_init(&t, call->out.rows, call->out.cols, err);
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_RMS_NORM, &t.op);
    rc = mcl_ref_RMS_NORM(dev, &c, err);
  }
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_ROPE, &call->out);
    c.in[0] = t.op;
    c.attr.rope.head = call->attr.norm.width;
    rc = mcl_ref_ROPE(dev, &c, err);
  }
  mcl_ref_temp_finish(&t);
  return rc;
}

int mcl_ref_UP_CONV(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_require(&k, call->in[0].rows <= UINT32_MAX / 4, "the picture is too large");
  if (k.rc != MOTCL_OK)
    return k.rc;
  mcl_ref_temp t;
  int rc = mcl_ref_temp_init(&t, 4 * call->in[0].rows, call->in[0].cols, err);
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_UPSAMPLE, &t.op);
    rc = mcl_ref_UPSAMPLE(dev, &c, err);
  }
  if (rc == MOTCL_OK) {
    mcl_call c = part(call, MCL_OP_CONV, &call->out);
    c.in[0] = t.op;
    c.h = 2 * call->h;
    c.w = 2 * call->w;
    rc = mcl_ref_CONV(dev, &c, err);
  }
  mcl_ref_temp_finish(&t);
  return rc;
}
