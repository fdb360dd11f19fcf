/* session.h - one request on its way: contexts, and the tasks that fill them. */
#ifndef MCL_SESSION_SESSION_H
#define MCL_SESSION_SESSION_H

#include "base/pace.h"
#include "base/rng.h"
#include "session/engine.h"
#include "session/request.h"
#include "text/tokenizer.h"

typedef struct mcl_task mcl_task;
typedef struct mcl_session mcl_session;
typedef struct mcl_session_need mcl_session_need;

/** Ids that the model's tokenizer must have. */
typedef struct mcl_markers {
  uint32_t text_begin, text_end, picture_begin, picture_end;
} mcl_markers;

/** Look the markers up by name. */
int mcl_markers_find(mcl_markers *m, const mcl_tok *tok, motcl_err *err);

/** What tasks wait for. */
typedef enum mcl_waits {
  MCL_WAITS_ROWS, /* a place in the next batch */
  MCL_WAITS_WORK, /* a run of another graph: encoding or decoding a picture */
  MCL_WAITS_NONE  /* done */
} mcl_waits;

/** Gets a plan of a session's task; borrowed for the call. */
typedef void (*mcl_plan_visitor)(void *user, const char *name, const mcl_plan *plan);

/**
 * One kind of task: a state machine that the loop drives. Between calls a task holds no device
 * memory but pages, rows of the latent state, and what its session shares.
 *
 * offer    add pieces to the batch, at most what the task's need said
 * take     read results of the pass its pieces were in
 * prepare  plan the graphs that `work` runs; *bytes becomes what the largest takes, if that is more
 * plans    show the plans that prepare made
 * work     one run of another graph
 * destroy  give everything back
 *
 * prepare, plans and work are NULL for tasks that never wait for work.
 */
typedef struct mcl_task_kind {
  const char *name;
  int (*offer)(mcl_task *t, mcl_batch *b, motcl_err *err);
  int (*take)(mcl_task *t, const mcl_batch *b, motcl_err *err);
  int (*prepare)(mcl_task *t, mcl_device *dev, const mcl_plan_options *options, uint64_t *bytes,
                 motcl_err *err);
  void (*plans)(const mcl_task *t, mcl_plan_visitor visit, void *user);
  int (*work)(mcl_task *t, mcl_cancel_fn cancel, void *user, motcl_err *err);
  void (*destroy)(mcl_task *t);
} mcl_task_kind;

/** First member of every task. */
struct mcl_task {
  const mcl_task_kind *kind;
  mcl_session *session;
  mcl_waits waits;
};

/**
 * A session. Contexts that would be equal are equal (mcl_context_equal): a pass of one then stands
 * for both.
 *
 * main      everything so far
 * text      text-dropped: main as it was before the user's last text
 * image     image-dropped: all text, no picture
 * rng       draws noise, in the reference's order; rng_text draws tokens
 * task      [tasks] in the order they run; `at` is the current one
 * texts, pictures   segments so far: they number dumped arrays
 * pace      of the phase under way
 */
struct mcl_session {
  mcl_engine *engine;
  const mcl_model *model;
  const mcl_tok *tok;
  const motcl_request *request;
  motcl_sink sink;
  mcl_markers marker;
  mcl_rng rng, rng_text;
  mcl_context main, text, image;
  mcl_task **task;
  size_t tasks, cap, at;
  uint32_t texts, pictures;
  mcl_pace pace;
};

/**
 * What a request takes at most.
 *
 * pass      rows of one pass, by sort
 * segments  pieces of one pass
 * main, image, text, copy   keys of the contexts, and of the copy that text is written on
 * forks     how often a context was forked: each may cost a page
 */
struct mcl_session_need {
  mcl_decoder_size pass;
  uint32_t segments, main, image, text, copy, forks;
};

/**
 * Read a request: tokenize its texts, decode and resize its pictures, list its tasks, count what
 * they need.
 *
 * s        out; mcl_session_finish gives it back
 * model, tok, request, sink   borrowed while the session lives (sink is copied)
 * need     out
 *
 * Returns MOTCL_EINVAL or MOTCL_EFORMAT for what cannot be read or drawn, MOTCL_EUNSUPPORTED where
 * the model lacks a part.
 */
int mcl_session_init(mcl_session *s, const mcl_model *model, const mcl_tok *tok,
                     const motcl_request *request, const motcl_sink *sink, mcl_session_need *need,
                     motcl_err *err);
void mcl_session_finish(mcl_session *s);

/** Add what one session needs to what an engine must have room for. */
void mcl_session_need_add(mcl_decoder_size *size, uint32_t *segments, const mcl_session_need *need);

/** Let the session run on an engine that has room for its need. */
void mcl_session_attach(mcl_session *s, mcl_engine *e);

/**
 * Plan the graphs that the session's tasks run beside the decoder.
 *
 * bytes  out: device memory of the largest of them
 */
int mcl_session_prepare(mcl_session *s, mcl_device *dev, const mcl_plan_options *options,
                        uint64_t *bytes, motcl_err *err);

/** Show every plan that mcl_session_prepare made. */
void mcl_session_plans(const mcl_session *s, mcl_plan_visitor visit, void *user);

/**
 * The loop: drive sessions until all are done or one fails. Sessions that wait for rows share
 * passes.
 *
 * s       [n] attached to e
 * cancel  may be NULL
 */
int mcl_loop_run(mcl_engine *e, mcl_session *const *s, size_t n, mcl_cancel_fn cancel, void *user,
                 motcl_err *err);

/** Put a task behind all others, or right behind the current one; the session owns it, also on
 * failure. */
int mcl_session_append(mcl_session *s, mcl_task *t, motcl_err *err);
int mcl_session_insert(mcl_session *s, mcl_task *t, motcl_err *err);

/** Send an event or an array to the session's sink; nothing happens where there is none. */
void mcl_session_event(const mcl_session *s, const motcl_event *e);
int mcl_session_array(const mcl_session *s, const char *name, motcl_array_type type, int rank,
                      const size_t *dim, const void *data, motcl_err *err);

/** Send the event that `phase` has now done `step` of `of`. */
void mcl_session_step(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of);

#endif
