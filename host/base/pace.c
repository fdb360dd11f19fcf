/* pace.c - rates of a phase's steps. */
#include "base/pace.h"

double mcl_pace_step(mcl_pace *p, int phase, uint32_t step, uint32_t of, double now) {
  if (!p->begun || phase != p->phase || step <= p->step)
    *p = (mcl_pace){.begun = true, .phase = phase, .first = step, .at = now};
  p->step = step;
  if (step >= of)
    return 0;
  if (step == p->first)
    return -1;
  double took = now > p->at ? now - p->at : 0;
  return took / (step - p->first) * (of - step);
}
