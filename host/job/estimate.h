/* estimate.h - estimates: what requests take, before any of it is done. */
#ifndef MCL_JOB_ESTIMATE_H
#define MCL_JOB_ESTIMATE_H

#include "job/throughput_store.h"
#include "session/workload.h"

/**
 * Add up counted runs.
 *
 * estimate  out, but for its memory
 * d, decoder   the decoder's graph and its plan
 * store     of its device
 *
 * Returns MOTCL_ENOMEM.
 */
int mcl_estimate_sum(motcl_estimate *estimate, const mcl_decoder_graph *d, const mcl_plan *decoder,
                     const mcl_workload *y, const mcl_throughput_store *store, motcl_err *err);

#endif
