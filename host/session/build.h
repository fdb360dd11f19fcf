/* build.h - kernels that a session's phases will launch, noted so that they are built before. */
#ifndef MCL_SESSION_BUILD_H
#define MCL_SESSION_BUILD_H

#include "session/session.h"

/**
 * Note what the listed phases of a session will launch and the device has not built yet; the
 * driver's `build` then builds it, segment by segment (drivers/driver.h). What cannot be noted, and
 * what only shows during the work, is built when it is launched: so nothing here fails.
 *
 * e     what the session is attached to
 * plan  the decoder's, for a shape that the phases fit in
 */
void mcl_session_note(const mcl_session *s, const mcl_engine *e, const mcl_plan *plan);

#endif
