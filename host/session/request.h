/* request.h - asking a request; its types, defaults and ranges are motcl.h's. */
#ifndef MCL_SESSION_REQUEST_H
#define MCL_SESSION_REQUEST_H

#include "flow/guidance.h"

/** Whether a picture is wanted. */
bool mcl_request_draws(const motcl_request *r);

#endif
