/* request.h - asking a request; its types, defaults and ranges are motcl.h's. */
#ifndef MCL_SESSION_REQUEST_H
#define MCL_SESSION_REQUEST_H

#include "base/sample.h"
#include "flow/guidance.h"

/** Whether settings are in range, apart from what only the model knows and their protocol; those that only a picture
 * takes are looked at if it `draws`. MOTCL_EINVAL with a sentence that names the setting. */
int mcl_settings_check(const motcl_settings *s, bool draws, motcl_err *err);

/** How tokens are chosen by settings; `recent` is empty. */
mcl_sampling mcl_settings_sampling(const motcl_settings *s);

/** Whether a part's text is one; MOTCL_EINVAL, MOTCL_EFORMAT. An answer may be empty. Pictures are
 * looked at when they are read. */
int mcl_part_check(const motcl_part *p, motcl_err *err);

/** The [n] reserved members of a structure: 0, or MOTCL_EINVAL. */
int mcl_reserved_check(const uint64_t *reserved, size_t n, motcl_err *err);

#endif
