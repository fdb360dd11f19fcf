/* rates.c - steps and tokens counted against the clock. */
#include "cli/jobs/rates.h"

#include <stdio.h>

#include "cli/jobs/terminal.h"

/* How long the first step of an output took is not known: what came before it is not a step's time. */
static void count(mcl_rate *r, uint32_t step) {
  const double now = mcl_seconds();
  if (r->step && step > r->step) {
    r->count += step - r->step;
    r->seconds += now - r->moment;
  }
  r->step = step;
  r->moment = now;
}

void mcl_rates_event(mcl_rates *r, const motcl_event *e) {
  if (e->kind != MOTCL_EVENT_STEP)
    return;
  const bool draws = e->phase == MOTCL_PHASE_DENOISE;
  const bool writes = e->phase == MOTCL_PHASE_DECODE || e->phase == MOTCL_PHASE_THINK;
  if (draws)
    count(&r->steps, e->step);
  else
    r->steps.step = 0;
  if (writes)
    count(&r->tokens, e->step);
  else
    r->tokens.step = 0;
}

double mcl_rate_of(const mcl_rate *r) {
  return r->seconds > 0 ? (double)r->count / r->seconds : 0;
}

const char *mcl_rates_text(char out[64], const mcl_rates *r) {
  const double steps = mcl_rate_of(&r->steps), tokens = mcl_rate_of(&r->tokens);
  int n = 0;
  *out = 0;
  if (steps > 0)
    n = snprintf(out, 64, ", %.3g steps/s", steps);
  if (tokens > 0 && n >= 0 && n < 64)
    snprintf(out + n, 64 - (size_t)n, ", %.3g tokens/s", tokens);
  return out;
}
