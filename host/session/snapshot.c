/* snapshot.c - snapshots of where a session stood, restoring them, and a second session that goes
 * on from one.
 */
#include <string.h>

#include "base/mem.h"
#include "session/session.h"

static void empty(mcl_contexts *ctx) {
  mcl_sequence_finish(&ctx->cond);
  mcl_sequence_finish(&ctx->text_uncond);
  mcl_sequence_finish(&ctx->image_uncond);
  ctx->taken = 0;
  ctx->begun = ctx->think = ctx->after_text = ctx->sampled = false;
}

/* `to` is empty and becomes a second holder of all that `from` has; what it takes is counted for
 * `account`. */
static int copy_contexts(mcl_contexts *to, const mcl_contexts *from, mcl_page_account *account,
                         motcl_err *err) {
  memset(to, 0, sizeof *to);
  mcl_sequence_init(&to->cond, from->cond.pool, account);
  mcl_sequence_init(&to->text_uncond, from->cond.pool, account);
  mcl_sequence_init(&to->image_uncond, from->cond.pool, account);
  int rc = mcl_sequence_fork(&to->cond, &from->cond, err);
  if (rc == MOTCL_OK)
    rc = mcl_sequence_fork(&to->text_uncond, &from->text_uncond, err);
  if (rc == MOTCL_OK)
    rc = mcl_sequence_fork(&to->image_uncond, &from->image_uncond, err);
  if (rc != MOTCL_OK) {
    empty(to);
    return rc;
  }
  to->taken = from->taken;
  to->begun = from->begun;
  to->think = from->think;
  to->protocol = from->protocol;
  to->after_text = from->after_text;
  to->sampled = from->sampled;
  return MOTCL_OK;
}

void mcl_snapshot_evict(mcl_snapshot *m) {
  for (size_t i = 0; m->kept && i < 2; i++)
    empty(&m->contexts[i]);
  m->lost = m->lost || m->kept;
  m->kept = false;
}

void mcl_snapshot_finish(mcl_snapshot *m) {
  mcl_snapshot_evict(m);
  memset(m, 0, sizeof *m);
}

int mcl_session_snapshot(const mcl_session *s, mcl_snapshot *m, bool contexts, motcl_err *err) {
  memset(m, 0, sizeof *m);
  int rc = contexts
               ? copy_contexts(&m->contexts[0], &s->contexts[0], s->contexts[0].cond.account, err)
               : MOTCL_OK;
  if (rc != MOTCL_OK)
    return rc;
  rc = contexts ? copy_contexts(&m->contexts[1], &s->contexts[1], s->contexts[1].cond.account, err)
                : MOTCL_OK;
  if (rc != MOTCL_OK) {
    empty(&m->contexts[0]);
    return rc;
  }
  m->kept = contexts;
  m->history_count = s->history_count;
  m->seed = s->seed;
  m->outputs = s->outputs;
  m->texts = s->texts;
  m->pictures = s->pictures;
  return MOTCL_OK;
}

/* All but the contexts. */
static void restore(mcl_session *s, const mcl_snapshot *m) {
  mcl_session_clear(s);
  mcl_sequence_finish(&s->negative);
  while (s->history_count > m->history_count)
    mcl_history_unref(s->history[--s->history_count]);
  s->seed = m->seed;
  s->outputs = m->outputs;
  s->texts = m->texts;
  s->pictures = m->pictures;
}

void mcl_session_rollback(mcl_session *s, mcl_snapshot *m) {
  restore(s, m);
  for (size_t i = 0; i < 2; i++) {
    if (m->kept || m->lost)
      empty(&s->contexts[i]);
    if (m->kept)
      s->contexts[i] = m->contexts[i];
  }
  memset(m, 0, sizeof *m);
}

void mcl_session_evict(mcl_session *s) {
  empty(&s->contexts[0]);
  empty(&s->contexts[1]);
  mcl_sequence_finish(&s->negative);
}

void mcl_session_rewind(mcl_session *s, const mcl_snapshot *m) {
  restore(s, m);
  mcl_session_evict(s);
}

/* The second session refers to the same items. */
static int copy_history(mcl_session *to, const mcl_session *from, motcl_err *err) {
  to->history = (mcl_history_item **)mcl_alloc(from->history_count, sizeof(mcl_history_item *));
  if (!to->history)
    return mcl_fail_nomem(err, from->history_count * sizeof(mcl_history_item *));
  to->history_cap = from->history_count;
  for (; to->history_count < from->history_count; to->history_count++)
    to->history[to->history_count] = mcl_history_ref(from->history[to->history_count]);
  return MOTCL_OK;
}

int mcl_session_fork(mcl_session *to, const mcl_session *from, const motcl_sink *sink,
                     motcl_err *err) {
  memset(to, 0, sizeof *to);
  to->reader = from->reader;
  to->settings = from->settings;
  to->seed = from->seed;
  to->outputs = from->outputs;
  to->texts = from->texts;
  to->pictures = from->pictures;
  if (sink)
    to->sink = *sink;
  to->stages = from->stages;
  to->previews = from->previews;
  to->callbacks = from->callbacks;
  mcl_session_attach(to, from->engine);
  int rc = mcl_session_follow(to, err);
  if (rc == MOTCL_OK)
    rc = copy_history(to, from, err);
  for (size_t i = 0; i < 2 && rc == MOTCL_OK; i++)
    rc = copy_contexts(&to->contexts[i], &from->contexts[i], &to->account, err);
  if (rc != MOTCL_OK)
    mcl_session_finish(to);
  return rc;
}
