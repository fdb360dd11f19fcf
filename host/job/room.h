/* room.h - a worker from inside: its one engine, and how it comes to have room for what is asked.
 * Private to job/. */
#ifndef MCL_JOB_ROOM_H
#define MCL_JOB_ROOM_H

#include "job/rates.h"
#include "job/worker.h"

/**
 * engine  started while sessions are open or requests are at work; zeroed else
 * talks   the open sessions
 * meter   what runs took since `rates` learned; rates.h. `learned`: they are to be kept
 * previews glimpses of pictures in the making
 */
struct mcl_worker {
  mcl_model *model;
  mcl_tok *tok;
  mcl_device *device;
  mcl_plan_options plan;
  const char *kernel_dir, *cache_dir;
  char fingerprint[MCL_FINGERPRINT_ROOM];
  mcl_engine engine;
  struct mcl_talk *talks;
  mcl_meter meter;
  mcl_rates rates;
  bool learned;
  mcl_previews previews;
};

/**
 * What tasks take together.
 *
 * size      rows of a pass, and pages beyond those in use
 * segments  pieces of a pass
 * layers    hidden rows are recorded
 * beside    bytes of the graphs beside the decoder, of those that exist at the same time
 */
typedef struct mcl_room {
  mcl_decoder_size size;
  uint32_t segments;
  bool layers;
  uint64_t beside;
} mcl_room;

/** Count what the sessions' listed tasks take, and plan their graphs beside the decoder. */
int mcl_room_count(mcl_room *r, mcl_worker *w, mcl_session *const *s, const mcl_session_need *need,
                   size_t n, motcl_err *err);

/**
 * Plan an engine that has room for this and nothing else, within the worker's budget.
 *
 * e  out, not started; mcl_engine_finish gives it back
 *
 * Returns MOTCL_EFIT with the memory that is needed, and others of mcl_engine_plan.
 */
int mcl_room_plan(mcl_engine *e, const mcl_worker *w, const mcl_room *r, motcl_err *err);

/**
 * Let the worker's engine have room for this beside the pages in use, whose keys stay. While
 * sessions are open it gets more than asked for, where the budget allows it, so that it need not
 * be done again soon.
 *
 * Returns MOTCL_EFIT, the engine is then as before; or what mcl_engine_replace returns.
 */
int mcl_room_make(mcl_worker *w, const mcl_room *r, motcl_err *err);

/**
 * The same with an engine from scratch: the open sessions' contexts are emptied, unless it cannot
 * fit even so.
 *
 * asker  the session it is for, whose contexts are empty already; or NULL
 */
int mcl_room_anew(mcl_worker *w, const mcl_room *r, const struct mcl_talk *asker, motcl_err *err);

/** Let the fingerprint be that of the engine and of the sessions' plans. */
void mcl_room_sign(mcl_worker *w, const mcl_engine *e, mcl_session *const *s, size_t n);

/** Empty the contexts of all open sessions but the asker's own, and all that are kept for going
 * back (talk.c). */
void mcl_talks_forget(mcl_worker *w, const struct mcl_talk *asker);

#endif
