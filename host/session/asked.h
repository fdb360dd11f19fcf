/* asked.h - an output that was asked for in a session, for those who want to ask for it again. */
#ifndef MCL_SESSION_ASKED_H
#define MCL_SESSION_ASKED_H

#include "base/err.h"

/** How an output was asked for; shared, like mcl_history_item, and as constant. What its settings
 * point to is its own. */
typedef struct mcl_asked {
  uint32_t users;
  motcl_output output;
  uint64_t seed;
  motcl_settings settings;
} mcl_asked;

/** Has one user, the caller; MOTCL_ENOMEM. */
int mcl_asked_make(mcl_asked **out, motcl_output output, uint64_t seed,
                   const motcl_settings *settings, motcl_err *err);

/** One user more; returns a. */
mcl_asked *mcl_asked_hold(mcl_asked *a);

/** One reference less; the last one frees the item. NULL is fine. */
void mcl_asked_drop(mcl_asked *a);

#endif
