/* jobs.h - the jobs that the daemon knows, in memory: found by number and id, and put in order. What is kept
 * of them is the journal's. */
#ifndef MCL_DAEMON_JOBS_H
#define MCL_DAEMON_JOBS_H

#include "daemon/child.h"
#include "daemon/journal.h"

struct mcl_watch;

/**
 * A job.
 *
 * row      as the journal has it; its texts are the job's
 * draws    whether it wants a picture
 * on       the device that it is on; NULL: none
 * parting  it was told to leave it
 * late     it was cancelled as its deadline came
 * phase, done, of, left  what it was heard to be at
 * began    when it came there, and `asked` when it was told to leave or end, by mcl_clock; 0: it was not
 * place    as mcl_jobs_place has last set it
 * faults   how often a device has failed it
 * watches  who wants to hear of it; the server's
 */
typedef struct mcl_daemon_job {
  mcl_journal_job row;
  bool draws;
  mcl_child *on;
  bool parting, late;
  const char *phase;
  uint32_t done, of;
  double left;
  double began, asked;
  uint32_t place, faults;
  struct mcl_watch *watches;
} mcl_daemon_job;

/** What a user has had of the devices, in seconds, and has in the queue. */
typedef struct mcl_daemon_user {
  uint32_t id;
  double served;
  size_t open;
} mcl_daemon_user;

/** All of them. Zeroed is empty. list: [count], by number. */
typedef struct mcl_jobs {
  mcl_daemon_job **list;
  size_t count, cap;
  void *by_id;
  mcl_daemon_user *user;
  size_t users;
  size_t open; /* that have not ended */
} mcl_jobs;

/** A copy of the row, behind all others. MOTCL_ENOMEM. */
int mcl_jobs_add(mcl_jobs *jobs, const mcl_journal_job *row, mcl_daemon_job **out, motcl_err *err);

/** Lose a job; nobody watches it. */
void mcl_jobs_remove(mcl_jobs *jobs, mcl_daemon_job *job);

void mcl_jobs_finish(mcl_jobs *jobs);

/** NULL if there is none. */
mcl_daemon_job *mcl_jobs_by_id(const mcl_jobs *jobs, const char *id);
mcl_daemon_job *mcl_jobs_by_number(const mcl_jobs *jobs, uint64_t number);

/** Set one of a row's texts; what it cannot copy becomes "". */
void mcl_job_text(const char **text, const char *value);

/** A user's account; NULL if there is no memory for one. */
mcl_daemon_user *mcl_jobs_user(mcl_jobs *jobs, uint32_t id);

/** Note that a job has come to another state. */
void mcl_job_to(mcl_jobs *jobs, mcl_daemon_job *job, mcl_job_state state, uint64_t now_ms);

/* Of those that wait, one goes before another by priority, which grows by one with each `aging_ms` of
 * waiting; then whose user has had less; then who came first. */

/** Set the place of all that wait, from 1; of others it is 0. */
void mcl_jobs_place(mcl_jobs *jobs, uint64_t now_ms, uint64_t aging_ms);

/** The one that goes first of those that wait and of which `may` says so; NULL if there is none. */
mcl_daemon_job *mcl_jobs_first(mcl_jobs *jobs, uint64_t now_ms, uint64_t aging_ms,
                               bool (*may)(void *user, const mcl_daemon_job *job), void *user);

#endif
