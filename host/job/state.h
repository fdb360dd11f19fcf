/* state.h - a worker from inside. Private to job/. */
#ifndef MCL_JOB_STATE_H
#define MCL_JOB_STATE_H

#include <sys/types.h>

#include "job/throughput_store.h"
#include "job/worker.h"
#include "model/digest.h"
#include "session/scheduler.h"

/** Somebody who holds pages while nothing of his runs, in a list of the worker's; `evict` lets him
 * give up those that can be had again. */
typedef struct mcl_page_holder {
  struct mcl_page_holder *next;
  void (*evict)(struct mcl_page_holder *self);
} mcl_page_holder;

/**
 * Who outlives whom, from the first to the last: residency (the device), weights, engine (keys and
 * values) and stages, and plans and executors in these; tasks and sessions come and go.
 *
 * process        that opened it; devices do not live on in a child of it
 * digest         of the model, and its beginning as text, once somebody asked
 * holders        who holds pages between runs: the open sessions by hand
 * callbacks      above 0 while a sink or a job's listener is being called
 * throughput     what runs took since `store` learned; throughput_store.h. `learned`: they are to
 *                be kept
 * previews       what previews of pictures in the making share
 */
struct mcl_worker {
  mcl_model *model;
  mcl_tok *tok;
  mcl_residency *residency;
  mcl_weights *weights;
  mcl_stages stages;
  mcl_engine engine;
  mcl_scheduler scheduler;
  mcl_plan_options plan;
  motcl_limits limits;
  const char *kernel_dir, *cache_dir;
  char fingerprint[MCL_FINGERPRINT_SIZE];
  pid_t process;
  mcl_digest digest;
  char name[MCL_MODEL_NAME], short_digest[MCL_DIGEST_SHORT];
  bool digested;
  mcl_page_holder *holders;
  unsigned callbacks;
  mcl_throughput throughput;
  mcl_throughput_store store;
  bool learned;
  mcl_previews previews;
};

/** Begin a session of the worker's: its model, stages and engine. As mcl_session_init. */
int mcl_worker_session(mcl_session *s, mcl_worker *w, const motcl_settings *settings, uint64_t seed,
                       const motcl_sink *sink, motcl_err *err);

/** Set the fingerprint to that of the decoder's plan and of the sessions' plans. */
void mcl_worker_update_fingerprint(mcl_worker *w, const mcl_plan *decoder, mcl_session *const *s,
                                   size_t n);

/** The model's digest, made when first asked for. */
int mcl_worker_digest(mcl_worker *w, mcl_digest *out, motcl_err *err);

/** A step for who does nothing else until a run has ended; others that are in go on meanwhile.
 * MOTCL_EFIT if that would be for ever: another worker on the device has to step first. */
int mcl_worker_go_on(mcl_worker *w, motcl_err *err);

/** Whether the library may be called: MOTCL_EINVAL from inside a sink. `what` names the call. */
int mcl_worker_enter(const mcl_worker *w, const char *what, motcl_err *err);

#endif
