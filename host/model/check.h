/* check.h - looking through a model's weights for numbers that cannot be right. */
#ifndef MCL_MODEL_CHECK_H
#define MCL_MODEL_CHECK_H

#include "base/tally.h"
#include "model/model.h"

#define MCL_FAULT_TEXT 160

/** What may be wrong with a weight's numbers. */
typedef enum mcl_fault {
  MCL_FAULT_NONE,
  MCL_FAULT_ODD,  /* NaN or infinity: whatever they touch is lost */
  MCL_FAULT_DEAD, /* a matrix of one number, or a norm of zeros: nothing that was learned */
  MCL_FAULT_PLAIN /* another vector of one number: so begins a bias or a norm, and may have stayed */
} mcl_fault;

/**
 * What is wrong with a weight.
 *
 * tally  of all its numbers
 * text   out: "holds 2 NaN and 1 infinity, the first at [0, 5]"; "" where nothing is wrong
 */
mcl_fault mcl_weight_fault(const mcl_weight *w, const mcl_tally *tally, char text[MCL_FAULT_TEXT]);

typedef enum mcl_verdict {
  MCL_WEIGHTS_GOOD,   /* none is odd or dead */
  MCL_WEIGHTS_BAD,    /* one is */
  MCL_WEIGHTS_UNKNOWN /* time was over before it was known */
} mcl_verdict;

/**
 * Look for the first weight that is odd or dead.
 *
 * seconds  most to take, about
 * bad      out, where one is: it; text: what is wrong with it
 */
mcl_verdict mcl_model_look(const mcl_model *m, double seconds, const mcl_weight **bad,
                           char text[MCL_FAULT_TEXT]);

#endif
