/* daemon.h - what happens to jobs, between clients, the journal and the devices. One thread, the loop's. */
#ifndef MCL_DAEMON_DAEMON_H
#define MCL_DAEMON_DAEMON_H

#include "daemon/jobs.h"
#include "daemon/log.h"

typedef struct mcl_daemon mcl_daemon;

/** Who asks: a user, and whether that one may see and change everybody's jobs. */
typedef struct mcl_asker {
  uint32_t user;
  bool all;
} mcl_asker;

/** Who speaks with clients hears of jobs: of an event, as bytes that are borrowed for the call, and if it is
 * one that may be left out; and of another state. The daemon may lose the job when the call returns. */
typedef struct mcl_daemon_listener {
  void *user;
  void (*event)(void *user, mcl_daemon_job *job, const uint8_t *bytes, size_t n, bool may_miss);
  void (*state)(void *user, mcl_daemon_job *job);
  void (*ended)(
      void *user); /* no process of a device is left, and nothing is to be done any more */
} mcl_daemon_listener;

/**
 * A daemon.
 *
 * child    [children], one for each device
 * trouble  why nothing is taken: the journal's; NULL
 * ends     it was told to end
 */
struct mcl_daemon {
  uv_loop_t *loop;
  mcl_daemon_config *config;
  mcl_daemon_log log;
  mcl_daemon_listener listener;
  mcl_journal *journal;
  mcl_jobs jobs;
  mcl_child *child;
  uv_timer_t *restart; /* [children] */
  size_t children;
  uv_timer_t tick;
  uint64_t ticks;
  const char *trouble;
  bool ends;
};

/** Open the journal, and start the devices. `d` has loop, config, log and listener. */
int mcl_daemon_open(mcl_daemon *d, motcl_err *err);

/** Let what runs be saved, and end the devices; `ended` is told when that is done; after `grace`
 * seconds the processes are killed. Once only. */
void mcl_daemon_end(mcl_daemon *d);

/** After `ended`, or where nothing was opened. */
void mcl_daemon_finish(mcl_daemon *d);

/** Read the configuration again; of what cannot change while it runs the old holds, which is told. */
void mcl_daemon_configure(mcl_daemon *d, mcl_daemon_config *config);

/* What clients ask for. Each returns 0, or why not, as a Refusal, with the sentence in `err` and in err->code
 * what the library said of it. */

typedef Motcl__V1__Refusal mcl_refusal;

/** known: it was there before. */
mcl_refusal mcl_daemon_submit(mcl_daemon *d, const mcl_asker *who, const void *message, size_t n,
                              bool hold, mcl_daemon_job **out, bool *known, motcl_err *err);

/** The job with that id, if it is one that the asker may see. */
mcl_refusal mcl_daemon_find(mcl_daemon *d, const mcl_asker *who, const char *id,
                            mcl_daemon_job **out, motcl_err *err);

mcl_refusal mcl_daemon_cancel(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err);
mcl_refusal mcl_daemon_hold(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err);
mcl_refusal mcl_daemon_release(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err);

/** The job's Result; freed with mcl_free. */
mcl_refusal mcl_daemon_fetch(mcl_daemon *d, const mcl_daemon_job *job, uint8_t **bytes, size_t *n,
                             motcl_err *err);

/** Lose a job that has ended; it is gone when this returns 0. */
mcl_refusal mcl_daemon_forget(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err);

/** Milliseconds since 1970. */
uint64_t mcl_daemon_now(void);

#endif
