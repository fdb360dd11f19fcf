/* daemon.h - a connection with motcld: requests and responses as frames on its socket (daemon.proto). What
 * comes from there is not trusted more than what comes from anywhere. */
#ifndef MCL_CLI_QUEUE_DAEMON_H
#define MCL_CLI_QUEUE_DAEMON_H

#include "cli/env.h"
#include "cli/options/options.h"
#include "motcl/v1/daemon.pb-c.h"

/**
 * A connection.
 *
 * path     of the socket, borrowed
 * number   of the last request
 * outcome  is told why a request was refused; may be NULL
 * in       [cap] what has come, of which `have` bytes from `at` on were not looked at
 * lost     it has ended, or makes no sense any more
 * budget   bytes that the message being unpacked may still take
 */
typedef struct mcl_daemon {
  int fd;
  const char *path;
  uint32_t number;
  mcl_outcome *outcome;
  uint8_t *in;
  size_t at, have, cap, budget;
  bool lost;
} mcl_daemon;

/** Connect to the socket that the line or the environment names. The caller closes it, also on failure.
 * MOTCL_EIO, with how to start a daemon where there is none; MOTCL_EINVAL for a name that is too long. */
int mcl_daemon_open(mcl_daemon *d, const mcl_env *env, const mcl_options *o, motcl_err *err);
void mcl_daemon_close(mcl_daemon *d);

/** Send a request, which gets its number. */
int mcl_daemon_send(mcl_daemon *d, Motcl__V1__Request *r, motcl_err *err);

/**
 * The next response to the last request that was sent; freed with mcl_daemon_free.
 *
 * patient  wait as long as it takes, but for a frame that has begun; else the daemon is given some seconds
 *
 * Returns MOTCL_ECANCELLED after a signal; MOTCL_EIO, with `lost`, where the daemon ended, is silent or makes
 * no sense; and what a refusal says.
 */
int mcl_daemon_hear(mcl_daemon *d, bool patient, Motcl__V1__Response **out, motcl_err *err);
void mcl_daemon_free(Motcl__V1__Response *r);

/** Send a request and hear its one response, of that kind; both of the above. */
int mcl_daemon_ask(mcl_daemon *d, Motcl__V1__Request *r, Motcl__V1__Response__WhatCase kind,
                   Motcl__V1__Response **out, motcl_err *err);

/** The motcl_status that a message's code stands for. */
int mcl_daemon_status_of(Motcl__V1__Code code);

#endif
