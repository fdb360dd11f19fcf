/* loop.c - the one loop: it asks sessions for rows, runs the batch, hands out results. */
#include "base/mem.h"
#include "session/session.h"

static mcl_task *current(const mcl_session *s) {
  return s->at < s->tasks ? s->task[s->at] : NULL;
}

/* Tasks that are done give back what they hold. */
static void advance(mcl_session *s) {
  while (s->at < s->tasks && s->task[s->at]->waits == MCL_WAITS_NONE) {
    s->task[s->at]->kind->destroy(s->task[s->at]);
    s->task[s->at++] = NULL;
  }
}

/* Runs of other graphs, of every session that waits for one. */
static int do_work(mcl_session *const *s, size_t n, mcl_cancel_fn cancel, void *user,
                   motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    mcl_task *t;
    while (rc == MOTCL_OK && (t = current(s[i])) && t->waits == MCL_WAITS_WORK) {
      rc = t->kind->work(t, cancel, user, err);
      advance(s[i]);
    }
  }
  return rc;
}

static int do_pass(mcl_engine *e, mcl_session *const *s, size_t n, mcl_batch *b,
                   mcl_cancel_fn cancel, void *user, motcl_err *err) {
  int rc = MOTCL_OK;
  mcl_batch_clear(b);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    mcl_task *t = current(s[i]);
    if (t)
      rc = t->kind->offer(t, b, err);
  }
  if (rc == MOTCL_OK && b->pieces)
    rc = mcl_engine_run(e, b, cancel, user, err);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    mcl_task *t = current(s[i]);
    if (t)
      rc = t->kind->take(t, b, err);
    advance(s[i]);
  }
  return rc;
}

static bool busy(mcl_session *const *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (current(s[i]))
      return true;
  return false;
}

int mcl_loop_run(mcl_engine *e, mcl_session *const *s, size_t n, mcl_cancel_fn cancel, void *user,
                 motcl_err *err) {
  mcl_batch batch = {0};
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && busy(s, n)) {
    if (cancel && cancel(user))
      rc = mcl_fail(err, MOTCL_ECANCELLED, "cancelled");
    if (rc == MOTCL_OK)
      rc = do_work(s, n, cancel, user, err);
    if (rc == MOTCL_OK)
      rc = do_pass(e, s, n, &batch, cancel, user, err);
  }
  mcl_batch_finish(&batch);
  return rc;
}
