/* log.h - what the daemon tells whoever runs it: a fact a line, on stderr. Never a prompt or a picture. */
#ifndef MCL_DAEMON_LOG_H
#define MCL_DAEMON_LOG_H

#include <stdbool.h>

/** Form and detail; set once, before there is anything to tell. */
typedef struct mcl_daemon_log {
  bool json, verbose;
} mcl_daemon_log;

/**
 * Tell a fact: what, and pairs of a key and its value, as texts, until a key that is NULL. A value of NULL
 * leaves its pair out.
 */
void mcl_daemon_tell(const mcl_daemon_log *log, const char *what, ...);

/** The same, with verbose only. */
void mcl_daemon_detail(const mcl_daemon_log *log, const char *what, ...);

#endif
