/* change.c - motcl cancel, hold, release and forget: what becomes of jobs of a daemon. */
#include "cli/command.h"
#include "cli/queue/queue.h"

/* What has become of a job, or is about to. */
static const char *becomes(Motcl__V1__Request__WhatCase what, const Motcl__V1__JobStatus *job) {
  switch (what) {
  case MOTCL__V1__REQUEST__WHAT_CANCEL:
    return job->state == MOTCL__V1__JOB_STATE__JOB_CANCELLED ? "is cancelled"
                                                             : "is being cancelled";
  case MOTCL__V1__REQUEST__WHAT_HOLD:
    return job->state == MOTCL__V1__JOB_STATE__JOB_HELD ? "is held" : "is being saved, to be held";
  case MOTCL__V1__REQUEST__WHAT_RELEASE:
    return "goes on";
  default:
    return "is forgotten";
  }
}

/* Every job that is named, whatever came of those before; the first failure counts. */
static int change(const mcl_env *env, mcl_options *o, Motcl__V1__Request__WhatCase what,
                  motcl_err *err) {
  mcl_queue q;
  motcl_err other;
  int first = mcl_queue_open(&q, env, o, err);
  const size_t n = first == MOTCL_OK ? o->word_count : 0;
  for (size_t i = 0; i < n && !q.daemon.lost; i++) {
    Motcl__V1__Response *r;
    int rc = mcl_queue_ask(&q, what, o->words[i], MOTCL__V1__RESPONSE__WHAT_JOB, &r,
                           first == MOTCL_OK ? err : &other);
    if (rc == MOTCL_OK) {
      mcl_queue_tell(&q, r->job);
      mcl_terminal_say(&q.terminal, false, "job '%.128s' %s", o->words[i], becomes(what, r->job));
      mcl_daemon_free(r);
    } else if (first != MOTCL_OK) {
      mcl_terminal_say(&q.terminal, false, "%s", other.text);
    }
    first = first == MOTCL_OK ? rc : first;
  }
  mcl_queue_close(&q);
  return first;
}

static int cancel(const mcl_env *env, mcl_options *o, motcl_err *err) {
  return change(env, o, MOTCL__V1__REQUEST__WHAT_CANCEL, err);
}

static int hold(const mcl_env *env, mcl_options *o, motcl_err *err) {
  return change(env, o, MOTCL__V1__REQUEST__WHAT_HOLD, err);
}

static int release(const mcl_env *env, mcl_options *o, motcl_err *err) {
  return change(env, o, MOTCL__V1__REQUEST__WHAT_RELEASE, err);
}

static int forget(const mcl_env *env, mcl_options *o, motcl_err *err) {
  return change(env, o, MOTCL__V1__REQUEST__WHAT_FORGET, err);
}

const mcl_command mcl_command_cancel = {
    .name = "cancel",
    .words = "ID...",
    .missing = "the id of a job",
    .about = "give up jobs of a daemon",
    .notes = "One that waits is given up at once, one that runs within a layer.",
    .bit = MCL_CMD_CANCEL,
    .takes = MCL_CMD_CANCEL,
    .least = 1,
    .most = 10000,
    .run = cancel,
    .examples = {{"motcl cancel star-2", "give up a job", false}},
};

const mcl_command mcl_command_hold = {
    .name = "hold",
    .words = "ID...",
    .missing = "the id of a job",
    .about = "let jobs of a daemon wait until they are released",
    .notes = "One that runs is saved first, and goes on from there later.",
    .bit = MCL_CMD_HOLD,
    .takes = MCL_CMD_HOLD,
    .least = 1,
    .most = 10000,
    .run = hold,
    .examples = {{"motcl hold star-3", "let a job wait", false}},
};

const mcl_command mcl_command_release = {
    .name = "release",
    .words = "ID...",
    .missing = "the id of a job",
    .about = "let jobs that are held go on",
    .bit = MCL_CMD_RELEASE,
    .takes = MCL_CMD_RELEASE,
    .least = 1,
    .most = 10000,
    .run = release,
    .examples = {{"motcl release star-3", "let it go on", false}},
};

const mcl_command mcl_command_forget = {
    .name = "forget",
    .words = "ID...",
    .missing = "the id of a job",
    .about = "lose jobs of a daemon that have ended, and what came of them",
    .bit = MCL_CMD_FORGET,
    .takes = MCL_CMD_FORGET,
    .least = 1,
    .most = 10000,
    .run = forget,
    .examples = {{"motcl forget star-1", "lose a job and its picture", false}},
};
