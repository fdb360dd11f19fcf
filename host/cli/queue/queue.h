/* queue.h - what the commands about a daemon's jobs share: its connection, the jobs that are told, waiting
 * for one, and what came of it. */
#ifndef MCL_CLI_QUEUE_QUEUE_H
#define MCL_CLI_QUEUE_QUEUE_H

#include "cli/jobs/progress.h"
#include "cli/jobs/thought.h"
#include "cli/queue/daemon.h"

/**
 * A command at work with a daemon.
 *
 * jobs  that it is about, for --json; NULL: memory is out
 */
typedef struct mcl_queue {
  const mcl_env *env;
  mcl_options *o;
  mcl_terminal terminal;
  mcl_daemon daemon;
  json_t *jobs;
} mcl_queue;

/**
 * What was heard of a job that is waited for.
 *
 * streams   words are told as they come: they have been heard from the first on
 * said      n bytes of words that went to stdout so, room for `cap`; midline: and their line has not ended
 * thought   tells thoughts, which go to stderr, from answers, by the protocol's `words`; `thoughts`: there were some
 * output    that the words are of; starts: how often the job began
 * status    the last that the daemon said, which is kept in `held`; NULL: none
 * rc        a failure of ours, with `err`
 */
typedef struct mcl_heard {
  mcl_queue *queue;
  mcl_progress progress;
  bool streams, midline, thoughts;
  char *said;
  size_t n, cap;
  mcl_thought_words words;
  mcl_thought thought;
  uint32_t output;
  unsigned starts;
  Motcl__V1__Response *held;
  const Motcl__V1__JobStatus *status;
  int rc;
  motcl_err err;
} mcl_heard;

/** Begin, with a connection; end it, which puts the jobs into the outcome. Ended also where it failed. */
int mcl_queue_open(mcl_queue *q, const mcl_env *env, mcl_options *o, motcl_err *err);
void mcl_queue_close(mcl_queue *q);

/** Ask for something about a job by its id; the Response is of that kind, and freed with mcl_daemon_free. */
int mcl_queue_ask(mcl_queue *q, Motcl__V1__Request__WhatCase what, const char *id,
                  Motcl__V1__Response__WhatCase kind, Motcl__V1__Response **out, motcl_err *err);

/** One more job to be told; the element, borrowed, or NULL where memory is out. */
json_t *mcl_queue_tell(mcl_queue *q, const Motcl__V1__JobStatus *s);

/** A state in a word. */
const char *mcl_queue_state(Motcl__V1__JobState state);

/**
 * Follow a job until it has ended, over restarts of the daemon too.
 *
 * h  gets what was heard; ended with mcl_heard_finish, also on failure
 *
 * Returns MOTCL_ECANCELLED after a signal, with what becomes of the job.
 */
int mcl_queue_wait(mcl_queue *q, mcl_heard *h, const char *id, motcl_err *err);
void mcl_heard_finish(mcl_heard *h);

/** The text of an output is over: its line ends. */
void mcl_heard_end_words(mcl_heard *h);

/**
 * Give out what came of a job that has ended: texts to stdout, but for what was heard of them, pictures to files;
 * with --json both to the job that is told.
 *
 * h       of the job; NULL: nothing was heard
 * job     as it is told, or NULL
 * at      which job of the line it is, whose request is known; negative: only the result tells
 * writes  pictures are wanted
 *
 * Returns why the job failed, or what else did.
 */
int mcl_queue_give(mcl_queue *q, const char *id, mcl_heard *h, json_t *job, long at, bool writes,
                   motcl_err *err);

/** Wait for each of these jobs in turn and give out what came of it, then forget them if `forget`. Returns the
 * first failure. `known`: they are the jobs of the line. */
int mcl_queue_wait_all(mcl_queue *q, const char *const *id, size_t n, bool known, bool writes,
                       bool forget, motcl_err *err);

/** Do the job of `o`, whose typed parts are in order, at a daemon: `motcl submit` and draw --daemon. */
int mcl_queue_submit(const mcl_env *env, mcl_options *o, motcl_err *err);

#endif
