/* output_request.h - the request of one output of a session, for those who want to ask for it
 * again. */
#ifndef MCL_SESSION_OUTPUT_REQUEST_H
#define MCL_SESSION_OUTPUT_REQUEST_H

#include "base/err.h"

/** How an output was asked for; counted and shared, as mcl_history_item, and as constant. What its
 * settings point to is its own. */
typedef struct mcl_output_request {
  uint32_t refs;
  motcl_output output;
  uint64_t seed;
  motcl_settings settings;
} mcl_output_request;

/** Has one reference, the caller's; MOTCL_ENOMEM. */
int mcl_output_request_make(mcl_output_request **out, motcl_output output, uint64_t seed,
                            const motcl_settings *settings, motcl_err *err);

/** One reference more; returns a. */
mcl_output_request *mcl_output_request_ref(mcl_output_request *a);

/** One reference less; the last one frees the item. NULL is fine. */
void mcl_output_request_unref(mcl_output_request *a);

#endif
