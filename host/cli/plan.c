/* plan.c - motcl plan: what a job would run where, and what it would take. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/worker.h"
#include "cli/command.h"
#include "cli/jobs/stored.h"
#include "cli/jobs/work.h"
#include "cli/library.h"
#include "cli/memory.h"
#include "cli/plan_rows.h"

/* What the plans are shown with. */
typedef struct show {
  const mcl_options *o;
  const mcl_worker *worker;
} show;

static void print_plan(const mcl_worker_plan *p, const mcl_plan_rows *rows) {
  const mcl_plan_memory *m = &p->plan->memory;
  char flops[16], weights[16], moved[16], total[16], state[16], arenas[16], copies[16], scratch[16],
      held[16], mapped[16];
  printf("\n%s: %zu steps, %" PRIu64 " of them fused, %u groups run in chunks\n", p->name,
         p->plan->steps, p->plan->fused, p->plan->groups);
  printf("  %-14s%-8s%-22s%-18s%6s%10s%12s%12s\n", "op", "expert", "variant", "class", "steps",
         "FLOPs", "weights", "moved");
  for (size_t i = 0; i < rows->count; i++) {
    const mcl_plan_row *r = &rows->row[i];
    printf("  %-14s%-8s%-22s%-18s%6zu%10s%12s%12s\n", r->op, r->expert, r->variant, r->numeric,
           r->steps, mcl_count_text(flops, r->flops), mcl_bytes_text(weights, (uint64_t)r->weights),
           mcl_bytes_text(moved, (uint64_t)r->moved));
  }
  printf("  memory %s: weights %s (%s more in place), copies %s, arenas %s, state %s, scratch %s\n",
         mcl_bytes_text(total, m->total), mcl_bytes_text(held, m->weights),
         mcl_bytes_text(mapped, m->mapped), mcl_bytes_text(copies, m->copies),
         mcl_bytes_text(arenas, m->arenas), mcl_bytes_text(state, m->state),
         mcl_bytes_text(scratch, m->scratch));
}

static json_t *rows_json(const mcl_plan_rows *rows) {
  json_t *all = json_array();
  for (size_t i = 0; i < rows->count; i++) {
    const mcl_plan_row *r = &rows->row[i];
    json_array_append_new(
        all, json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:f, s:f}", "op", r->op, "expert", r->expert,
                       "variant", r->variant, "class", r->numeric, "steps", (json_int_t)r->steps,
                       "flops", r->flops, "weight_bytes", r->weights, "moved_bytes", r->moved));
  }
  return all;
}

static json_t *dims_json(const mcl_plan *p) {
  json_t *all = json_object();
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++)
    json_object_set_new(all, mcl_graph_dim_name(p->graph, (mcl_dim)d), json_integer(p->dims[d]));
  return all;
}

static json_t *plan_json(const mcl_worker_plan *p, const mcl_plan_rows *rows) {
  const mcl_plan_memory *m = &p->plan->memory;
  return json_pack(
      "{s:s, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:o}", "name", p->name,
      "steps", (json_int_t)p->plan->steps, "fused", (json_int_t)p->plan->fused, "chunked_groups",
      (json_int_t)p->plan->groups, "largest_batch", dims_json(p->plan), "memory", "total",
      (json_int_t)m->total, "weights", (json_int_t)m->weights, "mapped", (json_int_t)m->mapped,
      "copies", (json_int_t)m->copies, "arenas", (json_int_t)m->arenas, "state",
      (json_int_t)m->state, "scratch", (json_int_t)m->scratch, "rows", rows_json(rows));
}

static int show_plans(void *user, const mcl_worker_plan *plan, size_t n, motcl_err *err) {
  const show *s = user;
  const mcl_device *d = mcl_worker_device(s->worker);
  const char *fingerprint = mcl_worker_fingerprint(s->worker);
  json_t *plans = json_array();
  int rc = MOTCL_OK;
  if (!s->o->json)
    printf("on %s (%s) by the driver %s\n", d->info.name, d->info.platform, d->driver->name);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    mcl_plan_rows rows = {0};
    rc = mcl_plan_rows_init(&rows, plan[i].plan, err);
    if (rc == MOTCL_OK && s->o->json)
      json_array_append_new(plans, plan_json(&plan[i], &rows));
    else if (rc == MOTCL_OK)
      print_plan(&plan[i], &rows);
    mcl_plan_rows_finish(&rows);
  }
  if (rc == MOTCL_OK && s->o->json)
    return mcl_print_json(json_pack("{s:s, s:s, s:s, s:s, s:o}", "device", d->info.name, "platform",
                                    d->info.platform, "driver", d->driver->name, "fingerprint",
                                    fingerprint, "plans", plans),
                          err);
  json_decref(plans);
  if (rc == MOTCL_OK)
    printf("\nFLOPs and bytes are those of one run over the largest batch, at most.\n"
           "fingerprint %s\n",
           fingerprint);
  return rc;
}

/* Plan the job of `o`, whose parts are in order. */
static int plan_job(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_inputs in = {0};
  motcl_job asked = {0};
  mcl_screen screen;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  const char *model;
  if (o->save_job)
    return motcl_fail(err, MOTCL_EINVAL, "plan writes nothing; leave --save-job out");
  mcl_screen_init(&screen, env, o);
  int rc = mcl_work_model(&model, env, o, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_gather(&asked, &in, o, err);
  if (rc == MOTCL_OK)
    rc = motcl_request_check(&o->request, err);
  if (rc == MOTCL_OK)
    rc = mcl_library_open(&m, env, &screen, err);
  if (rc == MOTCL_OK)
    rc = mcl_work_open(&w, m, env, o, err);
  show s = {o, w ? w->worker : NULL};
  if (rc == MOTCL_OK)
    rc = mcl_worker_look(w->worker, &o->request, 1, show_plans, &s, err);
  mcl_work_close(w);
  motcl_close(m);
  mcl_inputs_finish(&in);
  motcl_job_finish(&asked);
  return rc;
}

/* Read the line again as that of the job's command, whose name stands among the words. */
static int plan_command(const mcl_env *env, const mcl_options *outer, const mcl_command *c,
                        motcl_err *err) {
  const char **line = (const char **)calloc(outer->line_count, sizeof(char *));
  mcl_options o;
  size_t n = 0;
  if (!line)
    return mcl_no_memory(err);
  for (size_t i = 0; i < outer->line_count; i++)
    if (outer->line[i] != outer->words[0])
      line[n++] = outer->line[i];
  int rc = mcl_command_parse(c, &o, MCL_CMD_PLAN, line, n, err);
  if (rc == MOTCL_OK)
    rc = c->fill(&o, err);
  if (rc == MOTCL_OK)
    rc = plan_job(env, &o, err);
  mcl_options_finish(&o);
  free((void *)line);
  return rc;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  static const char *const plain[] = {"a picture"};
  const mcl_command *c = o->word_count ? mcl_command_find(o->words[0]) : &mcl_command_draw;
  if (!c || !c->fill)
    return motcl_fail(err, MOTCL_EINVAL,
                      "plan: '%.80s' is no job; plan draw, edit, ask or run, with what they take",
                      o->words[0]);
  if (o->word_count)
    return plan_command(env, o, c, err);
  o->words = (const char **)calloc(1, sizeof(char *));
  if (!o->words)
    return mcl_no_memory(err);
  o->words[0] = plain[0];
  o->word_count = 1;
  int rc = c->fill(o, err);
  return rc == MOTCL_OK ? plan_job(env, o, err) : rc;
}

const mcl_command mcl_command_plan = {
    .name = "plan",
    .words = "[draw|edit|ask|run WORD...]",
    .about = "what a job would run where, and what it would take",
    .notes = "Takes a job's command line, or options alone for a picture from a short text.\n"
             "Nothing is run or written. The options of all jobs, of which each takes its own:",
    .bit = MCL_CMD_PLAN,
    .takes = MCL_CMD_PLAN | MCL_CMD_JOBS,
    .least = 0,
    .most = 1000,
    .run = run,
    .examples = {{"motcl plan draw 'a red fox in the snow' --size 768x1024",
                  "show what a picture would take"},
                 {"motcl plan --device cpu --json", "the same for a short prompt, in JSON"}},
};
