/* check.c - faults of weights. */
#include "model/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define PIECE ((size_t)1 << 22) /* numbers between two looks at the clock */

static bool ends_with(const char *s, const char *end) {
  size_t n = strlen(s), m = strlen(end);
  return n >= m && !strcmp(s + n - m, end);
}

static bool is_vector(const mcl_weight *w) {
  return w->rows == 1 && w->kernel == 1;
}

static void say_odd(const mcl_weight *w, const mcl_tally *t, char text[MCL_FAULT_TEXT]) {
  char place[64], nans[32] = "", infinite[40] = "";
  if (t->nans)
    snprintf(nans, sizeof nans, "%" PRIu64 " NaN", t->nans);
  if (t->infinite)
    snprintf(infinite, sizeof infinite, "%s%" PRIu64 " infinit%s", t->nans ? " and " : "",
             t->infinite, t->infinite == 1 ? "y" : "ies");
  if (is_vector(w))
    snprintf(place, sizeof place, "[%" PRIu64 "]", t->first);
  else
    snprintf(place, sizeof place, "[%" PRIu64 ", %" PRIu64 "]", t->first / w->cols,
             t->first % w->cols);
  snprintf(text, MCL_FAULT_TEXT, "holds %s%s, %s %s", nans, infinite,
           t->nans + t->infinite > 1 ? "the first at" : "at", place);
}

mcl_fault mcl_weight_fault(const mcl_weight *w, const mcl_tally *tally, char text[MCL_FAULT_TEXT]) {
  *text = 0;
  if (!mcl_tally_finite(tally)) {
    say_odd(w, tally, text);
    return MCL_FAULT_ODD;
  }
  if (!mcl_tally_constant(tally))
    return MCL_FAULT_NONE;
  if (mcl_tally_zero(tally)) {
    snprintf(text, MCL_FAULT_TEXT, "is all zero");
  } else {
    float one;
    mcl_widen(&one, w->data, w->type, 1);
    snprintf(text, MCL_FAULT_TEXT, "holds one number only, %g", (double)one);
  }
  bool dead = !is_vector(w) || (mcl_tally_zero(tally) && !ends_with(w->name, ".bias"));
  return dead ? MCL_FAULT_DEAD : MCL_FAULT_PLAIN;
}

/* Its numbers, or false if that would take longer than until `end`. */
static bool tally_of(const mcl_weight *w, double end, mcl_tally *tally) {
  const unsigned char *p = w->data;
  size_t n = mcl_weight_count(w);
  memset(tally, 0, sizeof *tally);
  for (size_t at = 0; at < n; at += PIECE) {
    if (mcl_clock() > end)
      return false;
    mcl_tally_add(tally, p + mcl_type_bytes(w->type, at), w->type, n - at < PIECE ? n - at : PIECE);
  }
  return true;
}

mcl_verdict mcl_model_look(const mcl_model *m, double seconds, const mcl_weight **bad,
                           char text[MCL_FAULT_TEXT]) {
  const double end = mcl_clock() + seconds;
  for (size_t i = 0; i < mcl_model_weights(m); i++) {
    const mcl_weight *w = mcl_model_weight_at(m, i);
    mcl_tally tally;
    if (!tally_of(w, end, &tally))
      return MCL_WEIGHTS_UNKNOWN;
    mcl_fault fault = mcl_weight_fault(w, &tally, text);
    if (fault == MCL_FAULT_ODD || fault == MCL_FAULT_DEAD) {
      *bad = w;
      return MCL_WEIGHTS_BAD;
    }
  }
  return MCL_WEIGHTS_GOOD;
}
