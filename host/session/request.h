/* request.h - defaults and ranges of what is asked for; its types are motcl.h's. */
#ifndef MCL_SESSION_REQUEST_H
#define MCL_SESSION_REQUEST_H

#include "flow/guidance.h"

/** A request for nothing yet, with the published defaults for drawing (no input picture) or
 * editing, and for writing. */
motcl_request mcl_request_default(bool edit);

/** Whether a picture is wanted. */
bool mcl_request_draws(const motcl_request *r);

/**
 * Whether a request is in range, apart from what only the model knows.
 *
 * Returns MOTCL_EINVAL with a sentence that names the setting.
 */
int mcl_request_check(const motcl_request *r, motcl_err *err);

/** The word for a phase, or "?"; a static string. */
const char *mcl_phase_name(motcl_phase p);

#endif
