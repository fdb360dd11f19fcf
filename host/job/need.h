/* need.h - what requests take, before any of it is done. */
#ifndef MCL_JOB_NEED_H
#define MCL_JOB_NEED_H

#include "job/rates.h"
#include "session/tally.h"

/**
 * Add up counted runs.
 *
 * need   out, but for its memory
 * d, decoder  the decoder's graph and its plan
 * rates  of its device
 *
 * Returns MOTCL_ENOMEM.
 */
int mcl_need_sum(motcl_need *need, const mcl_decoder_graph *d, const mcl_plan *decoder,
                 const mcl_tally *y, const mcl_rates *rates, motcl_err *err);

#endif
