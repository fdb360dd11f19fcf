/* notify.h - what a service manager of systemd's kind hands over and wants to hear. */
#ifndef MCL_DAEMON_NOTIFY_H
#define MCL_DAEMON_NOTIFY_H

#include <stdint.h>

/** The socket that was handed over to this process; -1 if there is none. */
int mcl_notify_socket(void);

/** Tell the manager, if there is one: "READY=1", "STOPPING=1", "WATCHDOG=1". */
void mcl_notify(const char *state);

/** How often it wants to hear WATCHDOG=1, in milliseconds, halved as it asks for; 0: never. */
uint64_t mcl_notify_watchdog(void);

#endif
