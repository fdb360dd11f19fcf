/* items.h - the request of a job in its one form: items, each output with all its settings. */
#ifndef MCL_CLI_JOBS_ITEMS_H
#define MCL_CLI_JOBS_ITEMS_H

#include "cli/options/options.h"

/** Items of a request at work; finished with mcl_job_items_finish. */
typedef struct mcl_job_items {
  motcl_item *item;
  motcl_settings *settings; /* of each item, of outputs alone in use */
} mcl_job_items;

/**
 * Let the request of `o` be that of a job in this form, for work: with the line's rows of a pass,
 * with previews every so many steps if `previews`, and where there is one output, with that
 * output's seed as its own.
 *
 * items  cleared before
 *
 * Returns MOTCL_ENOMEM.
 */
int mcl_job_items_list(mcl_job_items *items, mcl_options *o, const motcl_request *asked,
                       bool previews, motcl_err *err);
void mcl_job_items_finish(mcl_job_items *items);

/** Of a request in this form: how many outputs there are, the k-th, and its seed; how many of them
 * are pictures. */
size_t mcl_outputs(const motcl_request *r);
const motcl_item *mcl_output_at(const motcl_request *r, size_t k);
uint64_t mcl_output_seed(const motcl_request *r, size_t k);
size_t mcl_outputs_drawn(const motcl_request *r);

/** Whether no seed changes the results of one in this form: then it is not worth telling. */
bool mcl_request_certain(const motcl_request *r);

#endif
