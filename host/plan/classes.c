/* classes.c - the numeric class of every step: the one that somebody chose, else the device's first
 * that takes it. */
#include <string.h>

#include "drivers/registry.h"
#include "plan/call.h"
#include "plan/passes.h"
#include "plan/tuning.h"

/* The first variant that takes the node's largest call, of one class if `n` is not 0. */
static const mcl_variant *first_of(const mcl_plan *p, const mcl_node *node, const char *class,
                                   size_t n) {
  const mcl_variant *v;
  for (size_t k = 0; (v = mcl_device_variant(p->device, node->op, k)); k++) {
    mcl_call call;
    if (n && (strlen(v->numeric) != n || memcmp(v->numeric, class, n) != 0))
      continue;
    mcl_plan_call(p, &(mcl_step){.node = *node, .variant = v}, p->dims, 0, &call);
    if (!call.out.rows || !v->accepts || v->accepts(p->device, &call))
      return v;
  }
  return NULL;
}

const mcl_variant *mcl_plan_best(const mcl_plan *p, const mcl_node *node) {
  const char *class;
  size_t n = mcl_tuning_class(p->device, node->op, p->use, &class);
  const mcl_variant *v = n ? first_of(p, node, class, n) : NULL;
  return v ? v : first_of(p, node, NULL, 0);
}

int mcl_plan_classes(mcl_plan *p, motcl_err *err) {
  for (size_t i = 0; i < p->steps; i++) {
    mcl_step *s = &p->step[i];
    const mcl_variant *v = mcl_plan_best(p, &s->node);
    if (!v)
      return mcl_fail(err, MOTCL_EUNSUPPORTED,
                      "%s has no way to compute %s for '%s'; choose another device",
                      p->device->info.name, mcl_op_get(s->node.op)->name,
                      mcl_graph_tensor_at(p->graph, s->node.out)->name);
    s->variant = v;
    s->numeric = v->numeric;
  }
  return MOTCL_OK;
}
