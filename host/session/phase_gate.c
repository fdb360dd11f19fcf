/* phase_gate.c - between a text and a picture that is drawn if the text asks for it: where it does not,
 * the session is done, and all phases behind are dropped. */
#include "base/mem.h"
#include "session/checkpoint.h"
#include "session/phases.h"

/* item: the text */
typedef struct gate_phase {
  mcl_phase base;
  mcl_history_item *item;
} gate_phase;

/* Markers are no part of the text. */
static int asks(const mcl_session *s, const mcl_history_item *item, bool *yes, motcl_err *err) {
  char *text;
  size_t n;
  int rc = mcl_tok_decode(s->reader.tok, item->ids + 1, item->count - 2, &text, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  *yes = mcl_protocol_asks(s->protocol, text, n);
  mcl_free(text);
  return MOTCL_OK;
}

static int run(mcl_phase *base, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  const gate_phase *t = (const gate_phase *)base;
  mcl_session *s = base->session;
  bool yes = false;
  (void)cancel;
  (void)user;
  int rc = asks(s, t->item, &yes, err);
  if (rc == MOTCL_OK && !yes && s->resume && s->at < s->resume->at)
    rc = mcl_fail(err, MOTCL_EFORMAT, "the saved task goes on behind its own end; submit it again");
  if (rc != MOTCL_OK)
    return rc;
  base->state = MCL_PHASE_DONE;
  if (yes)
    return MOTCL_OK;
  mcl_session_event(s, &(motcl_event){.kind = MOTCL_EVENT_DONE});
  s->done = true;
  return MOTCL_OK;
}

static void destroy(mcl_phase *base) {
  mcl_history_unref(((gate_phase *)base)->item);
  mcl_free(base);
}

static const mcl_phase_kind kind = {.name = "gate", .run = run, .destroy = destroy};

int mcl_phase_gate(mcl_phase **out, mcl_session *s, mcl_history_item *item, motcl_err *err) {
  gate_phase *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  *t = (gate_phase){.base = mcl_session_task(s, &kind, MCL_PHASE_NEEDS_RUN),
                    .item = mcl_history_ref(item)};
  t->base.output--; /* the text's, which is not over before it is known what it asks for */
  *out = &t->base;
  return MOTCL_OK;
}
