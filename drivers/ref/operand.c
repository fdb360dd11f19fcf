/* operand.c - checked access to the operands of a call. Every definition begins with these checks:
 * what passes them cannot read or write outside its buffers. */
#include "drivers/ref/ref.h"

mcl_ref_check mcl_ref_check_begin(const mcl_call *call, motcl_err *err) {
  mcl_ref_check k = {call, err, MOTCL_OK};
  return k;
}

void mcl_ref_require(mcl_ref_check *k, bool holds, const char *what) {
  if (k->rc == MOTCL_OK && !holds)
    k->rc = mcl_fail(k->err, MOTCL_EINTERNAL, "%s: %s", mcl_op_get(k->call->op)->name, what);
}

/* Elements from the buffer's begin to the operand's end; false if that overflows. */
static bool extent(const mcl_operand *o, size_t *end) {
  size_t last = 0;
  *end = 0;
  if (!o->rows)
    return true;
  if (o->offset > SIZE_MAX)
    return false;
  return mcl_mul_ok(o->rows - 1u, o->stride, &last) && mcl_add_ok(last, o->cols, &last) &&
         mcl_add_ok(last, (size_t)o->offset, end);
}

static void shape(mcl_ref_check *k, const char *what, const mcl_operand *o, uint32_t rows,
                  uint32_t cols) {
  if (k->rc != MOTCL_OK)
    return;
  const char *op = mcl_op_get(k->call->op)->name;
  size_t end = 0;
  if (!o->buf)
    k->rc = mcl_fail(k->err, MOTCL_EINTERNAL, "%s: %s is absent", op, what);
  else if (o->rows != rows || o->cols != cols || !cols)
    k->rc = mcl_fail(k->err, MOTCL_EINTERNAL, "%s: %s is %u x %u where %u x %u is needed", op, what,
                     o->rows, o->cols, rows, cols);
  else if (rows > 1 && o->stride < cols)
    k->rc = mcl_fail(k->err, MOTCL_EINTERNAL, "%s: rows of %s overlap", op, what);
  else if (!extent(o, &end) || end > o->buf->bytes / mcl_type_size(o->type))
    k->rc = mcl_fail(k->err, MOTCL_EINTERNAL, "%s: %s passes the end of its buffer", op, what);
}

/* Which operand of its call it is; MCL_OP_OPERANDS if it is none that the list of ops speaks of. */
static unsigned number_of(const mcl_call *call, const mcl_operand *o) {
  if (o == &call->out)
    return MCL_OP_OUT;
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    if (o == &call->in[i])
      return i;
  return MCL_OP_OPERANDS;
}

static const mcl_operand *operand_at(const mcl_call *call, unsigned i) {
  return i == MCL_OP_OUT ? &call->out : &call->in[i];
}

/* Whether two operands have bytes in common; gaps between rows count as theirs. */
static bool overlap(const mcl_operand *a, const mcl_operand *b) {
  size_t x = mcl_type_size(a->type), y = mcl_type_size(b->type), end_a, end_b;
  if (a->buf != b->buf || !a->rows || !b->rows || !extent(a, &end_a) || !extent(b, &end_b))
    return false;
  return a->offset * x < end_b * y && b->offset * y < end_a * x;
}

/* What an op writes is the driver's to write, and nobody else's. */
static void check_written(mcl_ref_check *k, const mcl_operand *o) {
  unsigned at = number_of(k->call, o);
  if (k->rc != MOTCL_OK || !o->buf || !mcl_op_writes(k->call->op, at))
    return;
  mcl_ref_require(k, !o->buf->borrowed, "an operand that it writes is read-only memory");
  for (unsigned i = 0; i < MCL_OP_OPERANDS; i++)
    mcl_ref_require(k, i == at || !overlap(o, operand_at(k->call, i)),
                    "an operand that it writes overlaps another");
}

void mcl_ref_operand(mcl_ref_check *k, const char *what, const mcl_operand *o, mcl_type type,
                     uint32_t rows, uint32_t cols) {
  mcl_ref_require(k, !o->buf || o->type == type, "an operand has the wrong number type");
  shape(k, what, o, rows, cols);
  mcl_ref_require(k, !o->buf || (uintptr_t)o->buf->data % mcl_type_size(type) == 0,
                  "an operand is not aligned to its type");
  check_written(k, o);
}

void mcl_ref_weight(mcl_ref_check *k, const char *what, const mcl_operand *o, uint32_t rows,
                    uint32_t cols) {
  mcl_ref_require(k, !o->buf || o->type == MCL_F32 || o->type == MCL_BF16 || o->type == MCL_F16,
                  "a weight is neither F32 nor BF16 nor F16");
  shape(k, what, o, rows, cols);
}

void mcl_ref_widen_row(float *dst, const mcl_operand *o, size_t r) {
  const unsigned char *base = o->buf->data;
  mcl_widen(dst, base + (o->offset + r * o->stride) * mcl_type_size(o->type), o->type, o->cols);
}

int mcl_ref_temp_init(mcl_ref_temp *t, uint32_t rows, uint32_t cols, motcl_err *err) {
  size_t bytes;
  memset(t, 0, sizeof *t);
  if (!mcl_mul_ok(rows, cols, &bytes) || !mcl_mul_ok(bytes, sizeof(float), &bytes))
    return mcl_fail_nomem(err, SIZE_MAX);
  t->buf.data = mcl_zalloc(bytes, 1);
  if (!t->buf.data)
    return mcl_fail_nomem(err, bytes);
  t->buf.bytes = bytes;
  t->op.buf = &t->buf;
  t->op.rows = rows;
  t->op.cols = t->op.stride = cols;
  t->op.type = MCL_F32;
  return MOTCL_OK;
}

void mcl_ref_temp_finish(mcl_ref_temp *t) {
  mcl_free(t->buf.data);
}
