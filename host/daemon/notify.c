/* notify.c - the manager's datagram socket and variables, as sd_notify(3) and sd_listen_fds(3) describe them. */
#include "daemon/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_SOCKET 3

int mcl_notify_socket(void) {
  const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
  if (!pid || !count || strtoll(pid, NULL, 10) != (long long)getpid() ||
      strtol(count, NULL, 10) != 1)
    return -1;
  return FIRST_SOCKET;
}

void mcl_notify(const char *state) {
  const char *path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  const size_t n = path ? strlen(path) : 0;
  if (!n || n >= sizeof to.sun_path || (*path != '/' && *path != '@'))
    return;
  memcpy(to.sun_path, path, n);
  if (*path == '@') /* a name that is in no file system */
    to.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (fd < 0)
    return;
  (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
  close(fd);
}

uint64_t mcl_notify_watchdog(void) {
  const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
  if (!usec || (pid && strtoll(pid, NULL, 10) != (long long)getpid()))
    return 0;
  return strtoull(usec, NULL, 10) / 2000;
}
