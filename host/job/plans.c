/* plans.c - plans with their steps added up by op, expert and variant, into a Plan message. */
#include "job/plans.h"

#include <string.h>

#include "job/message/codec.h"
#include "plan/cost.h"

const mcl_wire_kind mcl_wire_plan = {&motcl__v1__plan__descriptor, "plan"};

/* A message being put together, and the memory it takes. */
typedef struct draft {
  Motcl__V1__Plan plan;
  Motcl__V1__Device device;
  motcl_store memory;
  motcl_err *err;
} draft;

#define PUT(m, field, from) ((m)->has_##field = true, (m)->field = (from))

static int put_sizes(draft *d, Motcl__V1__GraphPlan *g, const mcl_plan *p) {
  size_t n = mcl_graph_dims(p->graph);
  void *all, *list;
  int rc = mcl_store_list(&d->memory, n, sizeof(Motcl__V1__Size), &all, &list, d->err);
  if (rc != MOTCL_OK)
    return rc;
  g->n_largest_batch = n;
  g->largest_batch = list;
  for (size_t i = 0; i < n; i++) {
    Motcl__V1__Size *s = (Motcl__V1__Size *)all + i;
    motcl__v1__size__init(s);
    s->name = mcl_wire_string(mcl_graph_dim_name(p->graph, (mcl_dim)i));
    PUT(s, value, p->dims[i]);
    g->largest_batch[i] = s;
  }
  return rc;
}

static int put_memory(draft *d, Motcl__V1__GraphPlan *g, const mcl_plan_memory *from) {
  Motcl__V1__Memory *m = mcl_store_take(&d->memory, 1, sizeof *m);
  if (!m)
    return mcl_fail_nomem(d->err, sizeof *m);
  motcl__v1__memory__init(m);
  PUT(m, total, from->total);
  PUT(m, weights, from->weights);
  PUT(m, mapped, from->mapped);
  PUT(m, copies, from->copies);
  PUT(m, arenas, from->arenas);
  PUT(m, state, from->state);
  PUT(m, scratch, from->scratch);
  g->memory = m;
  return MOTCL_OK;
}

static const char *expert_name(mcl_expert e) {
  static const char *const names[] = {[MCL_SHARED] = "", [MCL_UND] = "und", [MCL_GEN] = "gen"};
  return names[e];
}

/* The row of steps like this one: one that is there, or the next. */
static Motcl__V1__PlanRow *row_of(Motcl__V1__GraphPlan *g, Motcl__V1__PlanRow *all,
                                  const mcl_step *s) {
  const char *op = mcl_op_get(s->node.op)->name, *expert = expert_name(s->node.expert);
  size_t i = 0;
  while (i < g->n_row &&
         (strcmp(all[i].op, op) != 0 || strcmp(all[i].expert, expert) != 0 ||
          strcmp(all[i].variant, s->variant->name) != 0 || strcmp(all[i].numeric, s->numeric) != 0))
    i++;
  if (i < g->n_row)
    return &all[i];
  Motcl__V1__PlanRow *r = &all[i];
  motcl__v1__plan_row__init(r);
  r->op = mcl_wire_string(op);
  r->expert = mcl_wire_string(expert);
  r->variant = mcl_wire_string(s->variant->name);
  r->numeric = mcl_wire_string(s->numeric);
  r->has_steps = r->has_flops = r->has_weight_bytes = r->has_moved_bytes = true;
  g->row[g->n_row++] = r;
  return r;
}

static int put_rows(draft *d, Motcl__V1__GraphPlan *g, const mcl_plan *p) {
  void *all, *list;
  int rc = mcl_store_list(&d->memory, p->steps, sizeof(Motcl__V1__PlanRow), &all, &list, d->err);
  if (rc != MOTCL_OK)
    return rc;
  g->row = list;
  for (size_t i = 0; i < p->steps; i++) {
    Motcl__V1__PlanRow *r = row_of(g, all, &p->step[i]);
    mcl_cost c = mcl_plan_step_cost(p, &p->step[i], p->dims, -1);
    r->steps++;
    r->flops += c.flops;
    r->weight_bytes += c.weight_bytes;
    r->moved_bytes += c.activation_bytes;
  }
  return rc;
}

static int put_graph(draft *d, Motcl__V1__GraphPlan *g, const mcl_worker_plan *from) {
  const mcl_plan *p = from->plan;
  motcl__v1__graph_plan__init(g);
  g->name = mcl_wire_string(from->name);
  PUT(g, steps, p->steps);
  PUT(g, fused, p->fused);
  PUT(g, chunked_groups, p->groups);
  int rc = put_sizes(d, g, p);
  if (rc == MOTCL_OK)
    rc = put_memory(d, g, &p->memory);
  return rc == MOTCL_OK ? put_rows(d, g, p) : rc;
}

static void put_work(Motcl__V1__Work *m, const motcl_work *w) {
  motcl__v1__work__init(m);
  PUT(m, runs, w->runs);
  PUT(m, flops, w->flops);
  PUT(m, bytes, w->bytes);
  if (w->seconds > 0)
    PUT(m, seconds, w->seconds);
}

#undef PUT

/* A phase and its work, as one block. */
typedef struct phase {
  Motcl__V1__PhaseWork phase;
  Motcl__V1__Work work;
} phase;

static int put_estimate(draft *d, const motcl_estimate *estimate) {
  Motcl__V1__Estimate *m = mcl_store_take(&d->memory, 1, sizeof *m);
  Motcl__V1__Work *all = mcl_store_take(&d->memory, 1, sizeof *all);
  phase *p = mcl_store_take(&d->memory, MOTCL_PHASE_COUNT, sizeof *p);
  Motcl__V1__PhaseWork **list = mcl_store_take(&d->memory, MOTCL_PHASE_COUNT, sizeof(void *));
  if (!m || !all || !p || !list)
    return mcl_fail_nomem(d->err, sizeof *p);
  motcl__v1__estimate__init(m);
  m->has_memory = true;
  m->memory = estimate->memory;
  put_work(all, &estimate->all);
  m->all = all;
  m->phase = list;
  for (int i = 0; i < MOTCL_PHASE_COUNT; i++) {
    if (!estimate->phase[i].runs)
      continue;
    motcl__v1__phase_work__init(&p[i].phase);
    put_work(&p[i].work, &estimate->phase[i]);
    p[i].phase.phase = mcl_wire_string(motcl_phase_name((motcl_phase)i));
    p[i].phase.work = &p[i].work;
    list[m->n_phase++] = &p[i].phase;
  }
  d->plan.estimate = m;
  return MOTCL_OK;
}

static int put_graphs(draft *d, const mcl_worker_plan *plan, size_t n) {
  void *all, *list;
  int rc = mcl_store_list(&d->memory, n, sizeof(Motcl__V1__GraphPlan), &all, &list, d->err);
  if (rc != MOTCL_OK)
    return rc;
  d->plan.graph = list;
  d->plan.n_graph = n;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    d->plan.graph[i] = (Motcl__V1__GraphPlan *)all + i;
    rc = put_graph(d, d->plan.graph[i], &plan[i]);
  }
  return rc;
}

int mcl_plans_pack(const motcl_device *device, const char *fingerprint, const mcl_worker_plan *plan,
                   size_t n, const motcl_estimate *estimate, uint8_t **bytes, size_t *size,
                   motcl_err *err) {
  draft d = {.err = err};
  motcl__v1__plan__init(&d.plan);
  mcl_device_put(&d.device, device);
  d.plan.device = &d.device;
  d.plan.fingerprint = mcl_wire_string(fingerprint);
  int rc = put_graphs(&d, plan, n);
  if (rc == MOTCL_OK)
    rc = put_estimate(&d, estimate);
  if (rc == MOTCL_OK)
    rc = mcl_wire_write(&mcl_wire_plan, &d.plan.base, bytes, size, err);
  mcl_store_empty(&d.memory);
  return rc;
}
