/* conversation.h - a session by hand on a worker: texts and pictures said, outputs asked for, each
 * when it is called for. A request is the same thing said at once, and gets the same bytes. */
#ifndef MCL_JOB_CONVERSATION_H
#define MCL_JOB_CONVERSATION_H

#include "job/worker.h"

typedef struct mcl_conversation mcl_conversation;

/**
 * Open a session. It and all others of the worker are used by one thread at a time.
 *
 * out       closed with mcl_conversation_close, before the worker
 * settings  copied; what they point to is borrowed while it is set
 * sink      copied; may be NULL. Gets `output` numbers that count from the session's beginning
 */
int mcl_conversation_open(mcl_conversation **out, mcl_worker *w, const motcl_settings *settings,
                          uint64_t seed, const motcl_sink *sink, motcl_err *err);
void mcl_conversation_close(mcl_conversation *t);

/** What it is to be drawn and written by from now on; may be changed between calls. */
motcl_settings *mcl_conversation_settings(mcl_conversation *t);

/** Seed of the next output, which takes one more each time. */
uint64_t *mcl_conversation_seed(mcl_conversation *t);

/**
 * Say a text, show a picture, or let an answer have been given.
 *
 * Returns what mcl_session_say returns, MOTCL_EINVAL for an empty text, MOTCL_EFIT if there is no
 * room to take it in; nothing was said then.
 */
int mcl_conversation_say(mcl_conversation *t, const motcl_part *part, motcl_err *err);

/**
 * Write an answer or draw a picture, from all that was said; what is made is said then. Everything
 * is planned, and refused if it cannot fit, before anything runs.
 *
 * cancel  may be NULL; asked between layers
 *
 * On failure, MOTCL_ECANCELLED included, it is as if nothing had been asked.
 */
int mcl_conversation_ask(mcl_conversation *t, motcl_output output, mcl_cancel_fn cancel, void *user,
                         motcl_err *err);

/** Take back the last mcl_conversation_say or mcl_conversation_ask that succeeded, the seed with
 * it; MOTCL_EINVAL if there is none. Settings stay. */
int mcl_conversation_undo(mcl_conversation *t, motcl_err *err);

/**
 * A second session that was told the same and has given the same answers. It cannot be undone
 * further than this.
 *
 * sink  its own; may be NULL
 */
int mcl_conversation_fork(mcl_conversation **out, const mcl_conversation *t, const motcl_sink *sink,
                          motcl_err *err);

/** Parts and items for a request; mcl_conversation_parts_finish gives them back. */
typedef struct mcl_conversation_parts {
  motcl_part *part;
  void **owned; /* [count] files made for pictures, or NULL */
  size_t count;
  motcl_item *item;
  motcl_output output;
} mcl_conversation_parts;

/**
 * All that was said as a request, in order, as motcl_session_job has it. A session that is told the
 * parts, with its settings and seed, goes on as this one does.
 *
 * r  points into p and the session, until either changes
 *
 * Returns MOTCL_EINVAL if nothing was said.
 */
int mcl_conversation_request(const mcl_conversation *t, motcl_request *r, mcl_conversation_parts *p,
                             motcl_err *err);
void mcl_conversation_parts_finish(mcl_conversation_parts *p);

#endif
