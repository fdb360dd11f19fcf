/* toy_exec.h - for tests: a residency and a table of weights of a device, and executors with a table
 * of their own. */
#ifndef MCL_TESTS_TOY_EXEC_H
#define MCL_TESTS_TOY_EXEC_H

#include "exec/exec.h"
#include "tests/unit/toy.h"

/** An empty table on a device, which stays the caller's. */
static inline mcl_weights *toy_weights_open(mcl_device *dev) {
  mcl_residency *r;
  mcl_weights *w;
  if (mcl_residency_create(&r, dev, 0, NULL) != MOTCL_OK ||
      mcl_weights_create(&w, r, NULL) != MOTCL_OK)
    abort();
  return w;
}

static inline void toy_weights_close(mcl_weights *w) {
  mcl_residency *r = mcl_weights_residency(w);
  mcl_weights_destroy(w);
  mcl_residency_unref(r);
}

/** Where toy_exec_free finds the table of an executor. */
typedef struct toy_exec_entry {
  mcl_exec *x;
  mcl_weights *weights;
} toy_exec_entry;

static inline toy_exec_entry *toy_exec_find(const mcl_exec *x) {
  static toy_exec_entry all[8];
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].x == x)
      return &all[i];
  abort();
}

/** An executor with a table of its own, both given back by toy_exec_free. */
static inline int toy_exec_make(mcl_exec **x, mcl_device *dev, const mcl_plan *plan,
                                motcl_err *err) {
  mcl_weights *weights = toy_weights_open(dev);
  int rc = mcl_exec_create(x, weights, plan, err);
  if (rc == MOTCL_OK)
    *toy_exec_find(NULL) = (toy_exec_entry){*x, weights};
  else
    toy_weights_close(weights);
  return rc;
}

static inline void toy_exec_free(mcl_exec *x) {
  if (!x)
    return;
  toy_exec_entry *e = toy_exec_find(x);
  mcl_exec_destroy(x);
  toy_weights_close(e->weights);
  *e = (toy_exec_entry){0};
}

#endif
