/* ops.c - the op list as a table. */
#include "graph/ops.h"

const mcl_op_info *mcl_op_get(mcl_op op) {
  static const mcl_op_info info[] = {
#define ROW(id, name, in, weights, out, flags) {name, in, sizeof(in) - 1, weights, flags, out},
      MCL_OPS(ROW)
#undef ROW
  };
  return &info[op];
}

/* What the list says of an operand; 0 if the op has no such input. */
static char letter(mcl_op op, unsigned i) {
  const mcl_op_info *info = mcl_op_get(op);
  if (i == MCL_OP_OUT)
    return info->out;
  return i < info->inputs ? info->in[i] : 0;
}

bool mcl_op_reads(mcl_op op, unsigned i) {
  char c = letter(op, i);
  return c == 'r' || c == 'u';
}

bool mcl_op_writes(mcl_op op, unsigned i) {
  char c = letter(op, i);
  return c == 'w' || c == 'u';
}
