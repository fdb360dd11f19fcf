/* session.h - what is said and answered in turn: texts and pictures, the contexts that have taken
 * them in, and the phases that do it.
 *
 * What an output becomes depends on all that was said before it, on the settings and on its seed,
 * and on nothing else: it is what the official code gives for these. The contexts only keep what
 * was taken in already; without them it is taken in again, with the same result. */
#ifndef MCL_SESSION_SESSION_H
#define MCL_SESSION_SESSION_H

#include "base/eta.h"
#include "base/rng.h"
#include "session/engine.h"
#include "session/request.h"
#include "session/history.h"
#include "session/stages.h"

typedef struct mcl_phase mcl_phase;
typedef struct mcl_session mcl_session;
typedef struct mcl_footprint mcl_footprint;
struct mcl_workload;
struct mcl_checkpoint;
struct mcl_saved;

/** What a phase needs next. */
typedef enum mcl_phase_state {
  MCL_PHASE_NEEDS_BATCH, /* rows in the next batch */
  MCL_PHASE_NEEDS_RUN,   /* a run of another graph: encoding or decoding a picture */
  MCL_PHASE_DONE         /* done */
} mcl_phase_state;

/** Gets a plan of a session's phase; borrowed for the call. No result depends on plans whose name
 * begins with MCL_PREVIEW_PLAN. */
typedef void (*mcl_plan_visitor)(void *user, const char *name, const mcl_plan *plan);
#define MCL_PREVIEW_PLAN "preview"

/** What sessions of one device and model share for previews of pictures in the making: the map,
 * once one was asked for, and the folder that keeps it, or NULL. Ended by mcl_previews_finish,
 * before device and model are closed. */
typedef struct mcl_previews {
  struct mcl_preview *map;
  const char *cache_dir;
} mcl_previews;
void mcl_previews_finish(mcl_previews *p);

/**
 * One kind of phase: a state machine that the loop drives. Between calls a phase holds no device
 * memory but pages, rows of the latent state, and what its session shares.
 *
 * schedule    add segments to the batch, at most what the phase's footprint said
 * complete    read results of the pass its segments were in
 * prepare     plan the graphs that `run` runs; *bytes becomes what the largest takes, if that is
 *             more
 * plans       show the plans that prepare made
 * workload    count the runs it is going to make (session/workload.h); NULL: it makes none
 * run         one run of another graph
 * save        add to a checkpoint what the phase at work has come to, between two steps
 * restore     before it has run: go on from what was saved of such a phase; MOTCL_EFORMAT for what
 *             cannot have been
 * has_output  whether what the phase makes is there already: then it need not run
 * destroy     give everything back
 *
 * prepare, plans and work are NULL for phases that never wait for work; save, restore and
 * has_output for those that are simply done again (session/checkpoint.h).
 */
typedef struct mcl_phase_kind {
  const char *name;
  int (*schedule)(mcl_phase *t, mcl_batch *b, motcl_err *err);
  int (*complete)(mcl_phase *t, const mcl_batch *b, motcl_err *err);
  int (*prepare)(mcl_phase *t, uint64_t *bytes, motcl_err *err);
  void (*plans)(const mcl_phase *t, mcl_plan_visitor visit, void *user);
  void (*workload)(const mcl_phase *t, struct mcl_workload *y);
  int (*run)(mcl_phase *t, mcl_cancel_fn cancel, void *user, motcl_err *err);
  int (*save)(const mcl_phase *t, struct mcl_checkpoint *c, motcl_err *err);
  int (*restore)(mcl_phase *t, const struct mcl_saved *saved, mcl_footprint *footprint,
                 motcl_err *err);
  bool (*has_output)(const mcl_phase *t);
  void (*destroy)(mcl_phase *t);
} mcl_phase_kind;

/** First member of every phase. `settings` are those it was listed with: the session's may be
 * another output's by the time it runs. `output` it belongs to. */
struct mcl_phase {
  const mcl_phase_kind *kind;
  mcl_session *session;
  mcl_phase_state state;
  motcl_settings settings;
  uint32_t output;
};

/**
 * The contexts of one kind of output. Those that would be equal are equal (mcl_sequence_equal): a
 * pass of one then stands for both.
 *
 * An answer is written from pictures as the vision encoder sees them; a picture is drawn from their
 * latents too, and from three contexts; and when it is thought first, each begins with another
 * system text.
 *
 * cond          everything so far
 * text_uncond   text-unconditional: cond as it was before the user's last text; of pictures only
 * image_uncond  image-unconditional: all texts of the user, no picture; of pictures only
 * taken         how many items of the history are in, once the phases that were listed are done
 * begun         whether anything is, or will be
 * think         whether the system text is
 * protocol      by which what is in was taken in: a hash of its text
 * after_text    whether text_uncond lacks a text, and no picture came since
 * sampled       whether the latents of a picture were sampled: another output has others
 */
typedef struct mcl_contexts {
  mcl_sequence cond, text_uncond, image_uncond;
  size_t taken;
  uint64_t protocol;
  bool begun, think, after_text, sampled;
} mcl_contexts;

/**
 * A session.
 *
 * settings   of the next output, copied by its phases; what they point to is borrowed until those
 *            are done
 * protocol   that holds: the model's, or of the settings, which is the session's `own`
 * seed       of the next output; each output takes one more
 * rng        draws noise, in the reference's order; rng_text draws tokens; both begin anew with
 *            each output
 * history    [history_count] referred to
 * contexts   by motcl_output
 * negative   the text_uncond context with the negative text, while a picture is drawn
 * phase      [phases] in the order they run; `at` is the current one
 * done       what is listed behind the phase at hand is not made: nothing asked for it
 * outputs    listed so far; `output` is the one at work
 * texts, pictures   segments so far: they number dumped arrays
 * eta        of the phase under way
 * stages     borrowed: where phases get the graphs they run beside the decoder
 * previews   borrowed; NULL: there are none. Both are set before mcl_session_prepare
 * account    pages that its contexts took
 * sampled    latents that were drawn by lot, for checkpoints; NULL: there are none
 * resume     where it goes on from, while it is not there yet: the sink hears nothing until then
 * callbacks  counts up while a sink is called; NULL: nobody asks
 */
struct mcl_session {
  mcl_engine *engine;
  mcl_reader reader;
  motcl_settings settings;
  const mcl_protocol *protocol;
  mcl_protocol *own;
  uint64_t seed;
  motcl_sink sink;
  mcl_rng rng, rng_text;
  mcl_history_item **history;
  size_t history_count, history_cap;
  mcl_contexts contexts[2];
  mcl_sequence negative;
  mcl_phase **phase;
  size_t phases, cap, at;
  bool done;
  uint32_t outputs, output, texts, pictures;
  mcl_eta eta;
  double stepped; /* when the last step ended, for the trace; `track` there, 0 before the first */
  uint32_t track;
  mcl_stages *stages;
  mcl_previews *previews;
  mcl_page_account account;
  struct mcl_checkpoint *sampled, *resume;
  unsigned *callbacks;
};

/**
 * Footprint: what the listed phases take at most.
 *
 * pass       rows of one pass, by sort
 * segments   segments of one pass
 * cond, image_uncond   keys that the contexts grow by, by kind of output
 * temporary  keys of the largest context that is dropped again: that a text is written on, or one
 *            with a negative text
 * cow_pages  how often a sequence grows that may share its last page: each may cost a page
 */
struct mcl_footprint {
  mcl_decoder_size pass;
  uint32_t segments, cond[2], image_uncond, temporary, cow_pages;
};

/**
 * A session in which nothing was said.
 *
 * s           out; mcl_session_finish gives it back
 * model, tok  borrowed while the session lives
 * sink        copied; may be NULL
 *
 * Returns MOTCL_EMODEL where tokenizer and model do not fit together.
 */
int mcl_session_init(mcl_session *s, const mcl_model *model, const mcl_tok *tok,
                     const motcl_settings *settings, uint64_t seed, const motcl_sink *sink,
                     motcl_err *err);
void mcl_session_finish(mcl_session *s);

/** Let the protocol that the settings name hold from here on. Returns what mcl_protocol_open and
 * mcl_protocol_rules return; the one before then holds. */
int mcl_session_follow(mcl_session *s, motcl_err *err);

/**
 * Say a text or show a picture. It is read now, and taken in when an output needs it.
 *
 * keep  keep its bytes, for saving
 *
 * Returns what mcl_history_read returns; nothing was said then.
 */
int mcl_session_say(mcl_session *s, const motcl_part *part, bool keep, motcl_err *err);

/**
 * List the phases that make an output: taking in what was said and is not in yet, thinking, writing
 * or drawing. The output is then said.
 *
 * last       it will not be asked what was said, this output included
 * keep       keep the output's bytes and how it was asked for, for saving
 * footprint  what the phases take is added to it
 *
 * Returns MOTCL_EINVAL for settings out of range, MOTCL_EUNSUPPORTED where the model lacks a part.
 * On failure the session may be finished or go back to a snapshot.
 */
int mcl_session_ask(mcl_session *s, motcl_output output, bool last, bool keep,
                    mcl_footprint *footprint, motcl_err *err);

/** Say what goes into a request that motcl_request_check lets pass, and list the phases of its
 * outputs, in the order they have there. */
int mcl_session_request(mcl_session *s, const motcl_request *request, mcl_footprint *footprint,
                        motcl_err *err);

/** Add keys or pages to a count; it ends at UINT32_MAX, which nothing has room for. */
void mcl_footprint_keys(uint32_t *keys, uint32_t more);

/** For phases: a pass of theirs may take as much. */
void mcl_footprint_pass(mcl_footprint *footprint, const mcl_decoder_size *pass, uint32_t segments);

/** Add one session's footprint to what an engine must have room for. */
void mcl_footprint_add(mcl_decoder_size *size, uint32_t *segments, const mcl_footprint *footprint);

/** Let the session run on an engine, which is to have room for its footprint before it does. */
void mcl_session_attach(mcl_session *s, mcl_engine *e);

/**
 * Plan the graphs that the session's phases run beside the decoder.
 *
 * bytes  out: device memory of the largest of them
 */
int mcl_session_prepare(mcl_session *s, uint64_t *bytes, motcl_err *err);

/** Show every plan that mcl_session_prepare made. */
void mcl_session_plans(const mcl_session *s, mcl_plan_visitor visit, void *user);

/** The phase at work; NULL when all are done. */
mcl_phase *mcl_session_current(const mcl_session *s);

/** The output that the phase at work belongs to, or the phase that the session goes on from; there is
 * one. */
uint32_t mcl_session_output(const mcl_session *s);

/** Let phases that are done give back what they hold; returns whether any is left. */
bool mcl_session_advance(mcl_session *s);

/** Pages that its contexts hold, those they share counted once. MOTCL_ENOMEM is UINT32_MAX. */
uint32_t mcl_session_pages(const mcl_session *s);

/** A snapshot of where a session stood: how long its history was, and the contexts, if they are
 * kept; `lost` are those that were. */
typedef struct mcl_snapshot {
  size_t history_count;
  uint64_t seed;
  uint32_t outputs, texts, pictures;
  bool kept, lost;
  mcl_contexts contexts[2];
} mcl_snapshot;

/** Remember where an attached session stands. `contexts`: keep its contexts too, which costs no
 * more than the pages they will not share. mcl_snapshot_finish gives it back. */
int mcl_session_snapshot(const mcl_session *s, mcl_snapshot *m, bool contexts, motcl_err *err);
void mcl_snapshot_finish(mcl_snapshot *m);

/** Give up the kept contexts of a snapshot, for the sake of their pages. */
void mcl_snapshot_evict(mcl_snapshot *m);

/** Go back to where the session stood; the snapshot is finished. Phases are dropped. A snapshot
 * that never kept contexts is for going back where nothing was asked since; where they were lost,
 * the session's are emptied. */
void mcl_session_rollback(mcl_session *s, mcl_snapshot *m);

/** The same with empty contexts; the snapshot stays as it is. */
void mcl_session_rewind(mcl_session *s, const mcl_snapshot *m);

/** Drop the listed phases, done or not. */
void mcl_session_clear(mcl_session *s);

/** Empty the contexts; what was said is taken in again when it is needed. */
void mcl_session_evict(mcl_session *s);

/**
 * A second session that was told and has answered the same, whose contexts share all pages.
 *
 * to    out; mcl_session_finish gives it back
 * sink  its own; may be NULL
 */
int mcl_session_fork(mcl_session *to, const mcl_session *from, const motcl_sink *sink,
                     motcl_err *err);

/** The first member of a new phase of that kind: the session's, by its settings. */
mcl_phase mcl_session_task(mcl_session *s, const mcl_phase_kind *kind, mcl_phase_state waits);

/** Put a phase behind all others; the session owns it, also on failure. */
int mcl_session_append(mcl_session *s, mcl_phase *t, motcl_err *err);

/** Send an event or an array to the session's sink; nothing happens where there is none. */
void mcl_session_event(const mcl_session *s, const motcl_event *e);
int mcl_session_array(const mcl_session *s, const char *name, motcl_array_type type, int rank,
                      const size_t *dim, const void *data, motcl_err *err);

/** Send the event that `phase` has now done `step` of `of`. */
void mcl_session_step(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of);

/** The same of a step that is a token of words; cut_off as motcl_event has it. */
void mcl_session_token(mcl_session *s, motcl_phase phase, uint32_t step, uint32_t of, bool cut_off);

#endif
