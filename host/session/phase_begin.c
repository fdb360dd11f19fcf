/* phase_begin.c - the start of an output: its generators, and contexts made anew where those at
 * hand do not serve. */
#include "base/mem.h"
#include "session/phases.h"

typedef struct begin_phase {
  mcl_phase base;
  mcl_contexts *contexts;
  uint64_t seed;
  bool fresh;
} begin_phase;

static int run(mcl_phase *base, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  begin_phase *t = (begin_phase *)base;
  mcl_session *s = base->session;
  (void)cancel;
  (void)user;
  (void)err;
  s->output = base->output;
  mcl_rng_seed(&s->rng, t->seed);
  mcl_rng_seed(&s->rng_text, t->seed);
  if (t->fresh) {
    mcl_sequence_finish(&t->contexts->cond);
    mcl_sequence_finish(&t->contexts->text_uncond);
    mcl_sequence_finish(&t->contexts->image_uncond);
  }
  base->state = MCL_PHASE_DONE;
  return MOTCL_OK;
}

static void destroy(mcl_phase *base) {
  mcl_free(base);
}

static const mcl_phase_kind kind = {.name = "begin", .run = run, .destroy = destroy};

int mcl_phase_begin(mcl_phase **out, mcl_session *s, motcl_output output, uint64_t seed, bool fresh,
                    motcl_err *err) {
  begin_phase *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  *t = (begin_phase){.base = mcl_session_task(s, &kind, MCL_PHASE_NEEDS_RUN),
                     .contexts = &s->contexts[output],
                     .seed = seed,
                     .fresh = fresh};
  *out = &t->base;
  return MOTCL_OK;
}
