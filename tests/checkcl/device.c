/* device.c - a case on a device: buffers, the call, and what came back. */
#include "device.h"

#include "base/mem.h"

#define SCRATCH_TAIL 64 /* bytes of canaries after the scratch */

const check_tensor *check_operand(const check_case *c, int i) {
  if (i < MCL_OP_INPUTS)
    return &c->in[i];
  return i < MCL_OP_INPUTS + MCL_OP_WEIGHTS ? &c->wt[i - MCL_OP_INPUTS] : &c->out;
}

static mcl_operand *call_operand(mcl_call *call, int i) {
  if (i < MCL_OP_INPUTS)
    return &call->in[i];
  return i < MCL_OP_INPUTS + MCL_OP_WEIGHTS ? &call->wt[i - MCL_OP_INPUTS] : &call->out;
}

static bool is_weight(int i) {
  return i >= MCL_OP_INPUTS && i < MCL_OP_INPUTS + MCL_OP_WEIGHTS;
}

bool check_writes(const check_case *c, int i) {
  unsigned operand = i < MCL_OP_INPUTS ? (unsigned)i : MCL_OP_OUT;
  return !is_weight(i) && mcl_op_writes(c->call.op, operand);
}

bool check_reads(const check_case *c, int i) {
  unsigned operand = i < MCL_OP_INPUTS ? (unsigned)i : MCL_OP_OUT;
  return is_weight(i) || mcl_op_reads(c->call.op, operand);
}

static size_t bytes_of(const check_tensor *t) {
  return t->count * mcl_type_size(t->op.type);
}

void check_image_finish(check_image *image) {
  for (int i = 0; i < CHECK_OPERANDS; i++)
    mcl_free(image->data[i]);
  memset(image, 0, sizeof *image);
}

/* The call without buffers; a kept copy of the first weight is float32 without margins. */
static mcl_call describe(const mcl_variant *v, const check_case *c) {
  mcl_call call = c->call;
  for (int i = 0; i < CHECK_OPERANDS; i++)
    if (check_operand(c, i)->data)
      *call_operand(&call, i) = check_operand(c, i)->op;
  if (v->layout != MCL_LAYOUT_FILE) {
    call.wt[0].type = MCL_F32;
    call.wt[0].offset = 0;
  }
  return call;
}

bool check_accepts(mcl_device *dev, const mcl_variant *v, const check_case *c) {
  mcl_call call = describe(v, c);
  return !v->accepts || v->accepts(dev, &call);
}

/* [out, in, k, k] to [out, k, k, in], as floats. */
static float *to_ohwi(const check_case *c) {
  const check_tensor *w = &c->wt[0];
  uint32_t area = c->call.attr.conv.kernel * c->call.attr.conv.kernel, in = w->op.cols / area;
  float *out = mcl_alloc(w->op.rows, w->op.cols * sizeof *out);
  size_t size = mcl_type_size(w->op.type);
  for (size_t i = 0; out && i < (size_t)w->op.rows * w->op.cols; i++) {
    size_t at = i % w->op.cols, from = i - at + at % in * area + at / in;
    mcl_widen(&out[i], w->data + ((size_t)w->op.offset + from) * size, w->op.type, 1);
  }
  return out;
}

static int bind_ohwi(check_bound *b, motcl_err *err) {
  const check_tensor *w = &b->c->wt[0];
  float *copy = to_ohwi(b->c);
  if (!copy)
    return mcl_fail_nomem(err, w->count * sizeof *copy);
  size_t bytes = (size_t)w->op.rows * w->op.cols * sizeof *copy;
  mcl_buffer **buf = &b->buf[MCL_OP_INPUTS];
  int rc = b->dev->driver->create(b->dev, buf, bytes, MCL_READ_WRITE, NULL, err);
  if (rc == MOTCL_OK)
    rc = b->dev->driver->write(b->dev, *buf, 0, copy, bytes, err);
  mcl_free(copy);
  return rc;
}

size_t check_scratch(mcl_device *dev, const mcl_variant *v, const check_case *c) {
  mcl_call call = describe(v, c);
  return v->scratch ? v->scratch(dev, &call) : 0;
}

static int bind_scratch(check_bound *b, motcl_err *err) {
  const mcl_driver *drv = b->dev->driver;
  b->scratch_bytes = check_scratch(b->dev, b->variant, b->c);
  if (!b->scratch_bytes)
    return MOTCL_OK;
  size_t bytes = b->scratch_bytes + SCRATCH_TAIL;
  unsigned char *rubbish = mcl_alloc(bytes, 1);
  if (!rubbish)
    return mcl_fail_nomem(err, bytes);
  memset(rubbish, 0xFF, bytes);
  int rc = drv->create(b->dev, &b->scratch, bytes, MCL_READ_WRITE, NULL, err);
  if (rc == MOTCL_OK)
    rc = drv->write(b->dev, b->scratch, 0, rubbish, bytes, err);
  mcl_free(rubbish);
  uint32_t cols = b->scratch_bytes < UINT32_MAX ? (uint32_t)b->scratch_bytes : UINT32_MAX;
  b->call.scratch = (mcl_operand){b->scratch, 0, 1, cols, cols, MCL_U8};
  return rc;
}

int check_bind(check_bound *b, mcl_device *dev, const mcl_variant *v, const check_case *c,
               motcl_err *err) {
  memset(b, 0, sizeof *b);
  b->dev = dev;
  b->variant = v;
  b->c = c;
  b->call = describe(v, c);
  int rc = bind_scratch(b, err);
  for (int i = 0; i < CHECK_OPERANDS && rc == MOTCL_OK; i++) {
    const check_tensor *t = check_operand(c, i);
    if (!t->data)
      continue;
    if (i == MCL_OP_INPUTS && v->layout != MCL_LAYOUT_FILE)
      rc = bind_ohwi(b, err);
    else
      rc = dev->driver->create(dev, &b->buf[i], bytes_of(t),
                               is_weight(i) ? MCL_READ_ONLY : MCL_READ_WRITE, t->data, err);
    call_operand(&b->call, i)->buf = b->buf[i];
  }
  return rc;
}

void check_unbind(check_bound *b) {
  for (int i = 0; i < CHECK_OPERANDS; i++)
    b->dev->driver->destroy(b->dev, b->buf[i]);
  b->dev->driver->destroy(b->dev, b->scratch);
}

int check_call(check_bound *b, motcl_err *err) {
  int rc = b->variant->enqueue(b->dev, &b->call, err);
  return rc == MOTCL_OK ? b->dev->driver->finish(b->dev, err) : rc;
}

static int check_tail(check_bound *b, motcl_err *err) {
  unsigned char tail[SCRATCH_TAIL];
  if (!b->scratch)
    return MOTCL_OK;
  int rc = b->dev->driver->read(b->dev, b->scratch, b->scratch_bytes, tail, sizeof tail, err);
  for (size_t i = 0; i < sizeof tail && rc == MOTCL_OK; i++)
    if (tail[i] != 0xFF)
      rc = mcl_fail(err, MOTCL_EINTERNAL, "it writes past the %zu bytes of scratch it asked for",
                    b->scratch_bytes);
  return rc;
}

/* Operands come back: into the image, or to see that they are as they were. */
static int fetch(check_bound *b, check_image *image, motcl_err *err) {
  int rc = check_tail(b, err);
  for (int i = 0; i < CHECK_OPERANDS && rc == MOTCL_OK; i++) {
    const check_tensor *t = check_operand(b->c, i);
    if (!t->data || is_weight(i))
      continue;
    unsigned char *data = mcl_alloc(bytes_of(t), 1);
    if (!data)
      return mcl_fail_nomem(err, bytes_of(t));
    rc = b->dev->driver->read(b->dev, b->buf[i], 0, data, bytes_of(t), err);
    if (check_writes(b->c, i))
      image->data[i] = data;
    else {
      if (rc == MOTCL_OK && memcmp(data, t->data, bytes_of(t)) != 0)
        rc = mcl_fail(err, MOTCL_EINTERNAL, "it changes input %d", i);
      mcl_free(data);
    }
  }
  return rc;
}

bool check_finish(check_bound *b, int rc, check_image *image, motcl_err *err, char *why, size_t n) {
  if (rc == MOTCL_OK)
    rc = fetch(b, image, err);
  check_unbind(b);
  if (rc == MOTCL_OK)
    return true;
  snprintf(why, n, "%s: %s", motcl_status_name(rc), err->text);
  check_image_finish(image);
  return false;
}

bool check_compute(check_image *image, mcl_device *dev, const mcl_variant *v, const check_case *c,
                   char *why, size_t n) {
  motcl_err err;
  check_bound b;
  memset(image, 0, sizeof *image);
  int rc = check_bind(&b, dev, v, c, &err);
  if (rc == MOTCL_OK && v->accepts && v->accepts(dev, &b.call) != check_accepts(dev, v, c))
    rc =
        mcl_fail(&err, MOTCL_EINTERNAL, "whether it accepts a call depends on buffers being there");
  if (rc == MOTCL_OK)
    rc = check_call(&b, &err);
  return check_finish(&b, rc, image, &err, why, n);
}
