/* report.h - a model looked at: what it holds by part and expert, and what is missing or
 * odd.
 */
#ifndef MCL_MODEL_REPORT_H
#define MCL_MODEL_REPORT_H

#include <jansson.h>

#include "model/check.h"
#include "model/digest.h"

/** What weights belong to; `both` are those that the experts share. */
typedef enum mcl_model_part {
  MCL_PART_UND,
  MCL_PART_GEN,
  MCL_PART_BOTH,
  MCL_PART_BRIDGES,
  MCL_PART_VISION,
  MCL_PART_VAE,
  MCL_PART_COUNT
} mcl_model_part;

/** Tensors of one sort. `types` bit i: some are of type i. */
typedef struct mcl_part_sum {
  size_t tensors;
  uint64_t parameters, bytes;
  unsigned types;
} mcl_part_sum;

/**
 * What was found.
 *
 * model    for looking at only
 * finding  [findings] of the model; the tokenizer's stands in tok_err, whose code is else MOTCL_OK
 * sum      what the files hold, by part; `computed`: what is made of it, and tables that they lack
 * tokens   0 if there is no tokenizer
 * note     what the model's maker says of it, or NULL
 * usable   nothing is wrong
 * digest   of the model; "" where it cannot be opened
 * check    what was read whole; no files: nothing was
 * own      what `note` lives in
 */
typedef struct mcl_report {
  mcl_model *model;
  const mcl_finding *finding;
  size_t findings;
  mcl_part_sum sum[MCL_PART_COUNT], computed;
  uint32_t tokens;
  motcl_err tok_err;
  const char *note;
  bool usable;
  char digest[MCL_DIGEST_SHORT];
  mcl_check check;
  json_t *own;
} mcl_report;

/**
 * Look at a model, as mcl_model_open opens it. What is wrong with it is no error but in the report.
 *
 * r  given back with mcl_report_finish
 *
 * Returns MOTCL_EIO, MOTCL_EMODEL or MOTCL_EFORMAT where there is nothing to look at; MOTCL_ENOMEM.
 */
int mcl_report_init(mcl_report *r, const char *path, motcl_err *err);

/** Read the model's weights whole: findings, `usable` and `check` are then those of that. As
 * mcl_model_check. */
int mcl_report_check(mcl_report *r, mcl_progress_fn progress, void *user, motcl_err *err);

void mcl_report_finish(mcl_report *r);

#endif
