/* ops.c - the facts of the op list as a table. */
#include "graph/ops.h"

const mcl_op_info *mcl_op_get(mcl_op op) {
  static const mcl_op_info info[] = {
#define ROW(id, name, inputs, weights, flags) {name, inputs, weights, flags},
      MCL_OPS(ROW)
#undef ROW
  };
  return &info[op];
}
