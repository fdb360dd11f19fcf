/* log.h - messages to whoever opened the library. They are for what is worth knowing and is no
 * error: rare, and each a sentence. */
#ifndef MCL_BASE_LOG_H
#define MCL_BASE_LOG_H

#include "motcl.h"

/** Where messages go, as given to motcl_open; `log` may be NULL. */
typedef struct mcl_logger {
  void (*log)(void *user, motcl_log_level level, const char *text);
  void *user;
} mcl_logger;

/**
 * Let this thread's messages go to `l` until mcl_log_leave; NULL: nowhere. For the duration of a
 * call of the public interface.
 *
 * Returns what was used before, for mcl_log_leave. Calls nest.
 */
const mcl_logger *mcl_log_enter(const mcl_logger *l);

/** End of what mcl_log_enter began; `previous` is what it returned. */
void mcl_log_leave(const mcl_logger *previous);

/** Log a message: a sentence without a stop, cut and cleaned as mcl_fail does. */
void mcl_log_message(motcl_log_level level, const char *fmt, ...) MOTCL_PRINTF(2, 3);

#endif
