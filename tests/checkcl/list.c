/* list.c - the checks by op, and cases made from numbers. */
#include "list.h"

#include <string.h>

const check_op *check_get(mcl_op op) {
  static const check_op *const all[] = {
#define ENTRY(id, name, in, weights, out, flags) &check_op_##id,
      MCL_OPS(ENTRY)
#undef ENTRY
  };
  return all[op];
}

static uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t state = a * 0xD1342543DE82EF95u + b;
  check_below(&state, 2);
  return state ^ state >> 29;
}

bool check_make(check_case *c, const check_run *run, mcl_op op, unsigned index, unsigned form) {
  const check_op *k = check_get(op);
  uint64_t seed = mix(mix(run->seed, (uint64_t)op), index);
  check_gen g = {mix(seed, 1), mix(seed, 2 + form), index, form, run->quick};
  memset(c, 0, sizeof *c);
  c->call.op = op;
  c->nrms = k->nrms;
  c->worst = k->worst;
  k->make(c, &g);
  return !c->failed;
}
