/* mark.c - where a session stood, going back there, and a second session that goes on from there.
 */
#include <string.h>

#include "base/mem.h"
#include "session/session.h"

static void empty(mcl_view *v) {
  mcl_context_finish(&v->main);
  mcl_context_finish(&v->text);
  mcl_context_finish(&v->image);
  v->seen = 0;
  v->begun = v->think = v->after_text = v->sampled = false;
}

/* `to` is empty and becomes a second holder of all that `from` has; what it takes is counted for
 * `account`. */
static int copy_view(mcl_view *to, const mcl_view *from, mcl_page_account *account,
                     motcl_err *err) {
  memset(to, 0, sizeof *to);
  mcl_context_init(&to->main, from->main.pool, account);
  mcl_context_init(&to->text, from->main.pool, account);
  mcl_context_init(&to->image, from->main.pool, account);
  int rc = mcl_context_fork(&to->main, &from->main, err);
  if (rc == MOTCL_OK)
    rc = mcl_context_fork(&to->text, &from->text, err);
  if (rc == MOTCL_OK)
    rc = mcl_context_fork(&to->image, &from->image, err);
  if (rc != MOTCL_OK) {
    empty(to);
    return rc;
  }
  to->seen = from->seen;
  to->begun = from->begun;
  to->think = from->think;
  to->after_text = from->after_text;
  to->sampled = from->sampled;
  return MOTCL_OK;
}

void mcl_mark_forget(mcl_mark *m) {
  for (size_t i = 0; m->kept && i < 2; i++)
    empty(&m->view[i]);
  m->lost = m->lost || m->kept;
  m->kept = false;
}

void mcl_mark_finish(mcl_mark *m) {
  mcl_mark_forget(m);
  memset(m, 0, sizeof *m);
}

int mcl_session_mark(const mcl_session *s, mcl_mark *m, bool views, motcl_err *err) {
  memset(m, 0, sizeof *m);
  int rc = views ? copy_view(&m->view[0], &s->view[0], s->view[0].main.account, err) : MOTCL_OK;
  if (rc != MOTCL_OK)
    return rc;
  rc = views ? copy_view(&m->view[1], &s->view[1], s->view[1].main.account, err) : MOTCL_OK;
  if (rc != MOTCL_OK) {
    empty(&m->view[0]);
    return rc;
  }
  m->kept = views;
  m->history_count = s->history_count;
  m->seed = s->seed;
  m->outputs = s->outputs;
  m->texts = s->texts;
  m->pictures = s->pictures;
  return MOTCL_OK;
}

/* All but the contexts. */
static void go_back(mcl_session *s, const mcl_mark *m) {
  mcl_session_clear(s);
  mcl_context_finish(&s->negative);
  while (s->history_count > m->history_count)
    mcl_history_unref(s->history[--s->history_count]);
  s->seed = m->seed;
  s->outputs = m->outputs;
  s->texts = m->texts;
  s->pictures = m->pictures;
}

void mcl_session_back(mcl_session *s, mcl_mark *m) {
  go_back(s, m);
  for (size_t i = 0; i < 2; i++) {
    if (m->kept || m->lost)
      empty(&s->view[i]);
    if (m->kept)
      s->view[i] = m->view[i];
  }
  memset(m, 0, sizeof *m);
}

void mcl_session_forget(mcl_session *s) {
  empty(&s->view[0]);
  empty(&s->view[1]);
  mcl_context_finish(&s->negative);
}

void mcl_session_rewind(mcl_session *s, const mcl_mark *m) {
  go_back(s, m);
  mcl_session_forget(s);
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
  int rc = copy_history(to, from, err);
  for (size_t i = 0; i < 2 && rc == MOTCL_OK; i++)
    rc = copy_view(&to->view[i], &from->view[i], &to->account, err);
  if (rc != MOTCL_OK)
    mcl_session_finish(to);
  return rc;
}
