/* finite.c - what to say where results are not finite. */
#include "session/finite.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "model/check.h"

/* Who failed waits for it, and so do all others on the device. */
static const double patience = 3;

int mcl_fail_not_finite(const mcl_model *m, motcl_err *err, const char *fmt, ...) {
  char what[512], fault[MCL_FAULT_TEXT];
  const mcl_weight *bad;
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(what, sizeof what, fmt, ap);
  va_end(ap);
  switch (mcl_model_look(m, patience, &bad, fault)) {
  case MCL_WEIGHTS_BAD:
    return mcl_fail(err, MOTCL_ENUMERIC,
                    "%s: the weight '%.150s' %s; the model is damaged: download it again", what,
                    bad->name, fault);
  case MCL_WEIGHTS_GOOD:
    return mcl_fail(
        err, MOTCL_ENUMERIC,
        "%s; every weight of the model is finite, so numbers grew too large on the way, "
        "or the device computes wrongly: try another device",
        what);
  default:
    return mcl_fail(err, MOTCL_ENUMERIC,
                    "%s: the model's weights are damaged, or the device computes wrongly: look at "
                    "all of them to know which",
                    what);
  }
}

int mcl_finite_check(const mcl_model *m, const float *x, size_t n, const char *what,
                     motcl_err *err) {
  mcl_tally t = {0};
  mcl_tally_add(&t, x, MCL_F32, n);
  if (mcl_tally_finite(&t))
    return MOTCL_OK;
  return mcl_fail_not_finite(m, err, "%s: %" PRIu64 " of %zu numbers are not finite", what,
                             t.nans + t.infinite, n);
}
