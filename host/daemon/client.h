/* client.h - a connection, for server.c, which has it, and requests.c, which answers. */
#ifndef MCL_DAEMON_CLIENT_H
#define MCL_DAEMON_CLIENT_H

#include "daemon/server.h"

/* What is queued for a client: from the first on it is not read from, as it does not read itself; from the
 * second on it misses steps and previews; from the third on it is told nothing any more. */
#define QUEUE_PAUSE ((size_t)1 << 20)
#define QUEUE_MISS ((size_t)4 << 20)
#define QUEUE_DEAF ((size_t)64 << 20)

/** Somebody who wants to hear of a job; in the job's list and in the client's. */
typedef struct mcl_watch {
  struct mcl_watch *next, *next_of_client;
  mcl_client *client;
  mcl_daemon_job *job;
  uint32_t number;
} mcl_watch;

/**
 * A connection.
 *
 * who      asks
 * frames   coming in; `since` is when the one under way began, 0: none is
 * watches  of it, `watching` of them
 * paused   it is not read from; what had come by then is kept in `rest`
 * ends     when it was sent the last that it gets, 0: not yet. lost: it can be sent nothing. Either goes soon
 */
struct mcl_client {
  uv_pipe_t pipe;
  mcl_client *next, **at;
  mcl_server *server;
  mcl_asker who;
  mcl_frames frames;
  double since;
  mcl_watch *watches;
  size_t watching;
  bool paused, lost, closing;
  double ends;
  uint8_t *rest;
  size_t rest_n;
};

/** Bytes that are on their way to it. */
size_t mcl_client_queued(const mcl_client *c);

/** Send a frame, which is taken; NULL loses the client. `last`: the connection ends when it is sent. The client
 * itself stays until the loop comes by, whatever happens. */
void mcl_client_send(mcl_client *c, uint8_t *frame, size_t n, bool last);

/** Say why a request comes to nothing; hang_up: and that is the last. */
void mcl_client_refuse(mcl_client *c, uint32_t number, mcl_refusal why, const motcl_err *err,
                       bool hang_up);

/** Do what it asks for. */
void mcl_client_obey(mcl_client *c, const Motcl__V1__Request *q);

/** Whether a user may see and change everybody's jobs. */
bool mcl_client_operates(const mcl_daemon_config *config, uint32_t user);

/** It does not want to hear of that job any more. */
void mcl_watch_drop(mcl_watch *w);

#endif
