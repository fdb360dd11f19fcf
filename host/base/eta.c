/* eta.c - rates of a phase's steps. */
#include "base/eta.h"

double mcl_eta_step(mcl_eta *p, int phase, uint32_t step, uint32_t of, double now) {
  if (!p->begun || phase != p->phase || step <= p->step)
    *p = (mcl_eta){.begun = true, .phase = phase, .first = step, .at = now};
  p->step = step;
  if (step >= of)
    return 0;
  if (step == p->first)
    return -1;
  double took = now > p->at ? now - p->at : 0;
  return took / (step - p->first) * (of - step);
}
