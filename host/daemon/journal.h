/* journal.h - what the daemon knows of its jobs, on disk: accepted once, finished once, whatever kills
 * the process in between. A folder, "the state folder":
 *
 *   journal.db       jobs, their messages, saved states and events: SQLite, with a write-ahead log that is
 *                    synced at every commit
 *   results/N.pb     what came of job N
 *   lock             held as long as the journal is open
 *
 * A job's row, its message, saved state and result have SHA-256 sums, which are looked at whenever they are
 * read. A row that is damaged is set aside: its bytes are kept in the table `damaged`, and the job is one
 * that failed for that reason. The rest serves on.
 *
 * Trouble: when something could not be written or synced, what the disk holds is no longer known. Every
 * later call that would write is then refused with the same sentence, until mcl_journal_mend succeeds;
 * reading goes on, of what was committed. What a failed call or transaction was to keep may turn out to
 * have been kept after all, if the process dies before it is mended; what was said to be kept is kept.
 *
 * Times are the caller's, milliseconds since 1970, and may jump. One thread; but mcl_journal_backup is
 * anybody's. Texts and bytes handed in are borrowed for the call. Errors: MOTCL_EINVAL where the call cannot
 * be, and nothing has changed; MOTCL_EFORMAT where what is read is damaged; MOTCL_EIO and MOTCL_ENOMEM. */
#ifndef MCL_DAEMON_JOURNAL_H
#define MCL_DAEMON_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"
#include "motcl/v1/daemon.pb-c.h"

typedef struct mcl_journal mcl_journal;

typedef Motcl__V1__JobState mcl_job_state;

/** Whether a job has ended: done, failed or cancelled. */
bool mcl_job_ended(mcl_job_state state);

/**
 * A job as the journal has it. Texts are never NULL in what a visitor gets, and good for that call; NULL
 * stands for "" in what is handed in. Times of 0 are none.
 *
 * As it was submitted, and does not change:
 * number         grows from job to job, and is never given again
 * id             at most 128 bytes, not empty; of one job only
 * user           who submitted it
 * message_bytes  of its message
 * digest         SHA-256 of its message
 * labels         key, NUL, value, NUL, one after the other; labels_bytes long, NULL where that is 0
 *
 * What mcl_journal_change writes:
 * hold, cancel   asked for while it runs, so that it is known after a crash. What ran then comes back as
 *                held or as waiting, with `cancel` as it was: the caller ends it
 * attempts, crashes  how often it was begun or gone on with, and how often its device's process ended under it
 * code, sentence why it failed or was cancelled
 * changed_ms     when it came into its state
 *
 * What the journal finds:
 * saved_ms       when its saved state was made
 * result_bytes   of what came of it
 */
typedef struct mcl_journal_job {
  uint64_t number;
  const char *id, *model, *what, *labels;
  size_t labels_bytes;
  uint64_t message_bytes, deadline_ms, submitted_ms;
  uint32_t user;
  int32_t priority;
  uint8_t digest[32];

  mcl_job_state state;
  bool hold, cancel;
  uint32_t attempts, crashes;
  int code;
  const char *device, *sentence;
  uint64_t changed_ms;

  uint64_t saved_ms, result_bytes;
} mcl_journal_job;

/**
 * Open the state folder `dir`, made with mode 0700 if it is not there; its parents are not. A journal of an
 * older version is converted. Jobs that were running are waiting, or held, afterwards; results that belong to
 * no job are removed.
 *
 * now_ms  for the events of what is changed
 *
 * MOTCL_EINVAL, with a sentence that names it, if another process has the folder, if it or something in it
 * is a link, another user's, or open to group or others, or if a newer motcl has made it. MOTCL_EFORMAT if the
 * database is damaged as a whole.
 */
int mcl_journal_open(mcl_journal **out, const char *dir, uint64_t now_ms, motcl_err *err);

/** NULL is fine. A transaction that was begun is given up. */
void mcl_journal_close(mcl_journal *j);

/** The sentence of the trouble that the journal is in, the journal's; NULL: it is well. */
const char *mcl_journal_trouble(const mcl_journal *j);

/**
 * Open the database again, look it over, and try whether all that is needed can be written. Success ends the
 * trouble; the caller then visits the jobs again, as what it knows of them may not be what was kept. A
 * transaction that was begun is given up. Jobs that were running are waiting, or held.
 */
int mcl_journal_mend(mcl_journal *j, uint64_t now_ms, motcl_err *err);

/**
 * Several changes as one, which costs one sync: what is called between the two is on disk when commit has
 * returned MOTCL_OK, all of it, and before that none of it need be. They do not nest. A call that is refused
 * with MOTCL_EINVAL has changed nothing, and the transaction goes on; after any other failure it is given up,
 * with all that was in it, and the journal is in trouble. A call outside of a transaction is one of its own.
 */
int mcl_journal_begin(mcl_journal *j, motcl_err *err);
int mcl_journal_commit(mcl_journal *j, motcl_err *err);

typedef void (*mcl_journal_job_fn)(void *user, const mcl_journal_job *job);

/** All jobs, by number; those that are found damaged now come last. The visitor does not call the journal.
 * No message is read for it. */
int mcl_journal_visit(mcl_journal *j, mcl_journal_job_fn each, void *user, motcl_err *err);

/** What became of a submission. */
typedef enum mcl_acceptance {
  MCL_ACCEPTED,
  MCL_ACCEPTED_BEFORE, /* the same user has submitted this id with the same message */
  MCL_ACCEPTED_OTHER   /* the id is that of a job with another message, or of another user's */
} mcl_acceptance;

/**
 * Take a job in.
 *
 * job  gets its number, digest and message_bytes; where it was there before or is another, the number of
 *      that one, and nothing else. Its state is waiting or held, changed_ms is submitted_ms
 * how  gets what became of it
 */
int mcl_journal_accept(mcl_journal *j, mcl_journal_job *job, const void *message, size_t n,
                       mcl_acceptance *how, motcl_err *err);

/** A job's message as it was submitted; the caller frees it with mcl_free. Of a job that has ended there is
 * none. MOTCL_EFORMAT: it is damaged, and the job cannot run. */
int mcl_journal_message(mcl_journal *j, uint64_t number, uint8_t **message, size_t *n,
                        motcl_err *err);

/** Keep a job's changing members, of one that has not ended and is not about to. `reason` is that of the
 * event if the state is another than before; NULL: none. */
int mcl_journal_change(mcl_journal *j, const mcl_journal_job *job, const char *reason,
                       motcl_err *err);

/** Keep what a job is gone on from, in place of what there was: a SavedJob. */
int mcl_journal_save(mcl_journal *j, uint64_t number, const void *saved, size_t n, uint64_t now_ms,
                     motcl_err *err);

/** What a job is gone on from; n is 0 and *saved NULL where there is nothing. The caller frees it with
 * mcl_free. MOTCL_EFORMAT: it is damaged, so that the job begins anew. */
int mcl_journal_saved(mcl_journal *j, uint64_t number, uint8_t **saved, size_t *n, motcl_err *err);

/** Lose what a job is gone on from, if there is anything. */
int mcl_journal_unsave(mcl_journal *j, uint64_t number, motcl_err *err);

/**
 * End a job: its changing members, with a state that is done, failed or cancelled, and what came of it, as
 * one. Its message and saved state go. MOTCL_EINVAL if it has ended before: nothing ends twice.
 *
 * job     result_bytes is set to n
 * result  a Result; n is 0 if there is none
 */
int mcl_journal_finish(mcl_journal *j, mcl_journal_job *job, const void *result, size_t n,
                       motcl_err *err);

/** What came of a job; the caller frees it with mcl_free. MOTCL_EINVAL if there is no result, MOTCL_EFORMAT
 * if it is damaged or gone. */
int mcl_journal_result(mcl_journal *j, uint64_t number, uint8_t **result, size_t *n,
                       motcl_err *err);

/** Lose a job that has ended, and all there is of it. MOTCL_EINVAL if it has not. */
int mcl_journal_forget(mcl_journal *j, uint64_t number, motcl_err *err);

/** How much is kept of jobs that have ended; 0: no limit. Age counts from their end, bytes are those of
 * results. */
typedef struct mcl_retention {
  uint64_t age_ms, count, bytes;
} mcl_retention;

typedef void (*mcl_journal_gone_fn)(void *user, uint64_t number);

/** Forget jobs that have ended, those that ended first, until the limits hold. `gone` hears of each when it
 * is committed, and does not call the journal. */
int mcl_journal_retain(mcl_journal *j, const mcl_retention *keep, uint64_t now_ms,
                       mcl_journal_gone_fn gone, void *user, motcl_err *err);

typedef void (*mcl_journal_event_fn)(void *user, uint64_t at_ms, mcl_job_state state,
                                     const char *reason);

/** The last 64 changes of a job's state, the first first. The visitor does not call the journal. */
int mcl_journal_events(mcl_journal *j, uint64_t number, mcl_journal_event_fn each, void *user,
                       motcl_err *err);

/**
 * Copy the state folder `dir` as it is at one moment to the folder `to`, which is made and must not be there.
 * The copy is a state folder, which another daemon may be started on. Any process and thread, whether a daemon
 * has `dir` open or not; it waits for nobody and holds nobody up. Jobs that are forgotten meanwhile may be
 * missing in it. What is left of a copy that failed is no state folder, and is refused as one.
 */
int mcl_journal_backup(const char *dir, const char *to, motcl_err *err);

#endif
