/* peer.c - credentials of a socket's peer, as Linux has them. */
#include "daemon/peer.h"

#include <asm/socket.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The kernel's struct ucred, which headers have for programs of GNU only. */
typedef struct credentials {
  pid_t pid;
  uid_t uid;
  gid_t gid;
} credentials;

bool mcl_peer_user(int fd, uint32_t *user) {
  credentials who;
  socklen_t n = sizeof who;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) != 0 || n != sizeof who)
    return false;
  *user = who.uid;
  return true;
}
