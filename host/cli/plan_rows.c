/* plan_rows.c - adding up a plan's steps. */
#include "cli/plan_rows.h"

#include <string.h>

#include "base/mem.h"

static const char *expert_name(mcl_expert e) {
  static const char *const names[] = {[MCL_SHARED] = "", [MCL_UND] = "und", [MCL_GEN] = "gen"};
  return names[e];
}

/* Keys in the pages that an attention reads: cached ones and this pass's own. */
static double keys_of(const mcl_plan *p, const mcl_node *n) {
  double keys = 0;
  if (n->op != MCL_OP_ATTENTION)
    return 0;
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++) {
    const char *name = mcl_graph_dim_name(p->graph, (mcl_dim)d);
    if (!strcmp(name, "pages") || !strcmp(name, "scratch"))
      keys += (double)p->dims[d] * MCL_PAGE;
  }
  return keys;
}

static mcl_plan_row *row_of(mcl_plan_rows *rows, const mcl_step *s, motcl_err *err) {
  mcl_plan_row key = {.op = mcl_op_get(s->node.op)->name,
                      .expert = expert_name(s->node.expert),
                      .variant = s->variant->name,
                      .numeric = s->numeric};
  for (size_t i = 0; i < rows->count; i++) {
    mcl_plan_row *r = &rows->row[i];
    if (r->op == key.op && r->expert == key.expert && !strcmp(r->variant, key.variant) &&
        !strcmp(r->numeric, key.numeric))
      return r;
  }
  void *p = rows->row;
  if (!mcl_grow(&p, &rows->cap, rows->count, sizeof *rows->row)) {
    mcl_fail_nomem(err, sizeof *rows->row);
    return NULL;
  }
  rows->row = p;
  rows->row[rows->count] = key;
  return &rows->row[rows->count++];
}

int mcl_plan_rows_init(mcl_plan_rows *rows, const mcl_plan *plan, motcl_err *err) {
  memset(rows, 0, sizeof *rows);
  for (size_t i = 0; i < plan->steps; i++) {
    const mcl_node *n = &plan->step[i].node;
    mcl_plan_row *r = row_of(rows, &plan->step[i], err);
    if (!r)
      return MOTCL_ENOMEM;
    mcl_cost c = mcl_graph_cost(plan->graph, n, plan->dims, keys_of(plan, n));
    r->steps++;
    r->flops += c.flops;
    r->weights += c.weight_bytes;
    r->moved += c.activation_bytes;
  }
  return MOTCL_OK;
}

void mcl_plan_rows_finish(mcl_plan_rows *rows) {
  mcl_free(rows->row);
  memset(rows, 0, sizeof *rows);
}
