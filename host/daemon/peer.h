/* peer.h - who is at the other end of a Unix socket, by the kernel's word. */
#ifndef MCL_DAEMON_PEER_H
#define MCL_DAEMON_PEER_H

#include <stdbool.h>
#include <stdint.h>

/** The number of the user who connected; false if the kernel does not say. */
bool mcl_peer_user(int fd, uint32_t *user);

#endif
