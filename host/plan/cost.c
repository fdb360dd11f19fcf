/* cost.c - adding up the costs of steps. */
#include "plan/cost.h"

#include <string.h>

/* Keys in the pages that an attention reads: cached ones and this pass's own. */
static double keys_of(const mcl_plan *p, const uint32_t *dims) {
  double keys = 0;
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++) {
    const char *name = mcl_graph_dim_name(p->graph, (mcl_dim)d);
    if (!strcmp(name, "pages") || !strcmp(name, "scratch"))
      keys += (double)dims[d] * MCL_PAGE;
  }
  return keys;
}

mcl_cost mcl_plan_step_cost(const mcl_plan *plan, const mcl_step *step, const uint32_t *dims,
                            double keys) {
  if (step->node.op == MCL_OP_ATTENTION && keys < 0)
    keys = keys_of(plan, dims);
  return mcl_graph_cost(plan->graph, &step->node, dims, keys);
}

mcl_cost mcl_plan_cost(const mcl_plan *plan, const uint32_t *dims, double keys) {
  mcl_cost sum = {0, 0, 0};
  if (keys < 0)
    keys = keys_of(plan, dims);
  for (size_t i = 0; i < plan->steps; i++) {
    mcl_cost c = mcl_plan_step_cost(plan, &plan->step[i], dims, keys);
    sum.flops += c.flops;
    sum.weight_bytes += c.weight_bytes;
    sum.activation_bytes += c.activation_bytes;
  }
  return sum;
}
