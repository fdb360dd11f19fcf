/* scheduler.h - who runs: sessions with listed phases are admitted when there is room for them, and
 * share passes until they are done; each ends by itself.
 *
 * A run is one session's listed phases from being added to its one ending. It waits until its pages
 * and the memory of its passes can be had beside those that are in; then its pages are reserved for
 * its whole stay, and rows of passes go by priority, in turn among equals. What one run does wrong
 * ends that run; a pass that fails leaves every context as it was and is tried again run by run, to
 * find who cannot. Results do not depend on who else is in.
 *
 * What a run that was admitted will launch is built before anything else is done. */
#ifndef MCL_SESSION_SCHEDULER_H
#define MCL_SESSION_SCHEDULER_H

#include "session/session.h"

typedef enum mcl_run_state { MCL_RUN_WAITING, MCL_RUN_IN, MCL_RUN_ENDED } mcl_run_state;

/**
 * A run. The owner sets the upper part and keeps the run where it is until it has ended or was
 * removed; the scheduler has the rest, which is for reading.
 *
 * session    with phases listed and prepared; borrowed
 * footprint  of these phases; beside: bytes of the largest graph they run beside the decoder
 * priority   higher ones go first
 * last       the session is asked nothing after it: its phases and contexts go when it has ended
 * cancel     asked between layers and steps, with `user`; may be NULL
 * most       seconds it may be in; 0: any
 * ended      told once, from mcl_scheduler_step, when `rc` and `err` say how it went. It may not
 *            call the scheduler; may be NULL
 *
 * rc, err    MOTCL_OK, or why it ended
 */
typedef struct mcl_run {
  mcl_session *session;
  mcl_footprint footprint;
  uint64_t beside;
  int32_t priority;
  bool last;
  mcl_cancel_fn cancel;
  void *user;
  double most;
  void (*ended)(const struct mcl_run *run);

  mcl_run_state state;
  int rc;
  motcl_err err;
  uint64_t order, served;
  double since;
  uint32_t pages, base;
  bool in_pass, builds;
  mcl_batch_snapshot snapshot;
  struct mcl_run *next;
} mcl_run;

/**
 * The runs of an engine. Zeroed with its engine set it has none. Not for several threads at once.
 *
 * first    in the order they were added
 * reclaim  asked to give up pages and memory that can be had again (contexts of sessions that do
 *          not run); returns whether it did. NULL: there are none
 * built, began   segments of kernels that were built since something was to be built, and since
 *          when
 * counted  runs that the device's residency knows of
 * ample    the cache grows by more than is needed, where the budget allows it, so that it need not
 *          again soon
 */
typedef struct mcl_scheduler {
  mcl_engine *engine;
  mcl_run *first;
  mcl_batch batch;
  uint64_t clock;
  uint32_t built;
  double began;
  bool (*reclaim)(void *user);
  void *user;
  bool ample;
  unsigned counted;
} mcl_scheduler;

void mcl_scheduler_finish(mcl_scheduler *s);

/**
 * Bytes of device memory that runs take together and nobody else: those of the decoder's plan and
 * of the largest graph beside it.
 *
 * Returns as mcl_scheduler_check.
 */
int mcl_scheduler_memory(mcl_scheduler *s, mcl_run *const *run, size_t n, uint64_t *bytes,
                         const mcl_plan **plan, motcl_err *err);

/**
 * Whether a run fits alone, with what its session's contexts hold; what other engines on the device
 * have is not looked at, as it may come free.
 *
 * plan  out: the decoder's, for the engine's next calls to forget
 *
 * Returns MOTCL_EFIT with the memory that is needed, and others of mcl_engine_plan.
 */
int mcl_scheduler_check(mcl_scheduler *s, const mcl_run *run, const mcl_plan **plan,
                        motcl_err *err);

/** Let a run that fits alone take part. */
void mcl_scheduler_add(mcl_scheduler *s, mcl_run *run);

/** Take a run out that has not ended; its `ended` is not called. Not between the calls of a pass.
 */
void mcl_scheduler_remove(mcl_scheduler *s, mcl_run *run);

/**
 * Admit who waits, then build one segment of what they will launch, or if there is none, run one
 * graph for each run that waits for one beside the decoder, or if there is none, one pass for all
 * that take part.
 *
 * busy  whether any run has not ended
 *
 * Returns MOTCL_OK, whatever became of the runs; MOTCL_ELOST if the device is lost: then all have
 * ended with that.
 */
int mcl_scheduler_step(mcl_scheduler *s, bool *busy, motcl_err *err);

/** After a step: whether nothing can go on here before runs of other engines on the device do. */
bool mcl_scheduler_waits(const mcl_scheduler *s);

/** Give back the memory of keys, values and latents if nothing is in or waits and nobody holds any.
 */
void mcl_scheduler_trim(mcl_scheduler *s);

#endif
