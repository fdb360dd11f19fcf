/* server.h - clients on the Unix socket: who they are, what they ask, what they are told. */
#ifndef MCL_DAEMON_SERVER_H
#define MCL_DAEMON_SERVER_H

#include "daemon/daemon.h"

typedef struct mcl_client mcl_client;

/**
 * The socket and those who are connected to it. Zeroed but for loop and daemon.
 *
 * path     of the socket, removed at the end; NULL if it was handed to us
 * clients  [count]
 * held     bytes of frames that are not whole, of all of them
 */
typedef struct mcl_server {
  uv_loop_t *loop;
  mcl_daemon *daemon;
  uv_pipe_t listener;
  uv_timer_t tick;
  char *path;
  mcl_client *clients;
  size_t count;
  size_t held;
  bool open;
} mcl_server;

/** Listen, on `path` (mode 0600, or 0660 and the group's) or on a socket that was handed to this process, whose
 * number is `fd`; -1: none. MOTCL_EIO, MOTCL_EINVAL. */
int mcl_server_open(mcl_server *s, const char *path, int fd, motcl_err *err);

/** Listen no more, and end all connections. */
void mcl_server_close(mcl_server *s);

/** Who listens to the daemon for the server; user: the server. */
mcl_daemon_listener mcl_server_listener(mcl_server *s, void (*ended)(void *user));

#endif
