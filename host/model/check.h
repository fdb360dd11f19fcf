/* check.h - looking through a model's weights for numbers that cannot be right. */
#ifndef MCL_MODEL_CHECK_H
#define MCL_MODEL_CHECK_H

#include "base/tally.h"
#include "model/model.h"

#define MCL_FAULT_TEXT 160

/** What may be wrong with a weight's numbers. */
typedef enum mcl_fault {
  MCL_FAULT_NONE,
  MCL_FAULT_ODD,   /* NaN or infinity: whatever they touch is lost */
  MCL_FAULT_DEAD,  /* one number only, which is nothing that was learned */
  MCL_FAULT_PLAIN, /* a bias of 0 or a norm of 1: so they begin, and may have stayed */
  MCL_FAULT_OFF /* a matrix of zeros in a block of the autoencoder, which may be switched off so */
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
 * Look for the first weight that is odd, or if none is, that is dead.
 *
 * seconds  most to take, about
 * bad      out, where one is: it; text: what is wrong with it
 */
mcl_verdict mcl_model_look(const mcl_model *m, double seconds, const mcl_weight **bad,
                           char text[MCL_FAULT_TEXT]);

/** Hears how far a check is: bytes done, of all. False: it is to end with MOTCL_ECANCELLED. */
typedef bool (*mcl_progress_fn)(void *user, uint64_t done, uint64_t of);

/** A file that was read whole. */
typedef struct mcl_checked_file {
  const char *path; /* the model's */
  uint64_t bytes;
  char sha256[65]; /* of all its bytes, in hexadecimal digits */
} mcl_checked_file;

/** What was read: file [files], and how many tensors in them, used or not. mcl_check_finish gives it
 * back. */
typedef struct mcl_check {
  mcl_checked_file *file;
  size_t files, tensors;
  uint64_t bytes;
} mcl_check;

/**
 * Read every byte of a model's files with weights. What cannot be right becomes findings of the
 * model: errors for weights that are odd or dead, for blocks that are switched off in part, and for
 * tables of places that are not those of the format; remarks for how many vectors may have stayed as
 * they began, for matrices that are switched off, and for tensors that are not used.
 *
 * out       what was read
 * progress  asked every few MiB; may be NULL
 *
 * Returns MOTCL_ECANCELLED, MOTCL_ENOMEM.
 */
int mcl_model_check(mcl_check *out, mcl_model *m, mcl_progress_fn progress, void *user,
                    motcl_err *err);
void mcl_check_finish(mcl_check *c);

#endif
