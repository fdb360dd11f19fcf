/* plan.c - motcl plan: what a job would run where, and what it would take. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/jobs/items.h"
#include "cli/jobs/stored.h"
#include "cli/jobs/preview.h"
#include "cli/jobs/protocol.h"
#include "cli/jobs/run.h"
#include "cli/jobs/size.h"
#include "cli/library.h"
#include "cli/memory.h"
#include "cli/print.h"
#include "motcl/v1/plan.pb-c.h"

static void print_rows(const Motcl__V1__GraphPlan *g) {
  char flops[16], weights[16], moved[16];
  printf("  %-14s%-8s%-22s%-18s%6s%10s%12s%12s\n", "op", "expert", "variant", "class", "steps",
         "FLOPs", "weights", "moved");
  for (size_t i = 0; i < g->n_row; i++) {
    const Motcl__V1__PlanRow *r = g->row[i];
    printf("  %-14s%-8s%-22s%-18s%6" PRIu64 "%10s%12s%12s\n", r->op, r->expert, r->variant,
           r->numeric, r->steps, mcl_count_text(flops, r->flops),
           mcl_bytes_text(weights, (uint64_t)r->weight_bytes),
           mcl_bytes_text(moved, (uint64_t)r->moved_bytes));
  }
}

static void print_graph(const Motcl__V1__GraphPlan *g) {
  const Motcl__V1__Memory *m = g->memory;
  char total[16], state[16], arenas[16], copies[16], scratch[16], held[16], mapped[16];
  printf("\n%s: %" PRIu64 " steps, %" PRIu64 " of them fused, %" PRIu64 " groups run in chunks\n",
         g->name, g->steps, g->fused, g->chunked_groups);
  print_rows(g);
  printf("  memory %s: weights %s (%s more in place), copies %s, arenas %s, state %s, scratch %s\n",
         mcl_bytes_text(total, m->total), mcl_bytes_text(held, m->weights),
         mcl_bytes_text(mapped, m->mapped), mcl_bytes_text(copies, m->copies),
         mcl_bytes_text(arenas, m->arenas), mcl_bytes_text(state, m->state),
         mcl_bytes_text(scratch, m->scratch));
}

static void print_work(const char *name, const Motcl__V1__Work *w) {
  char flops[16], moved[16], time[16];
  printf("  %-14s%8" PRIu64 "%10s%12s%12s\n", name, w->runs, mcl_count_text(flops, w->flops),
         mcl_bytes_text(moved, (uint64_t)w->bytes),
         w->has_seconds ? mcl_time_text(time, w->seconds) : "not known");
}

static void print_estimate(const Motcl__V1__Estimate *estimate) {
  puts("\nphases, texts as long as they may get:");
  printf("  %-14s%8s%10s%12s%12s\n", "phase", "runs", "FLOPs", "moved", "time");
  for (size_t i = 0; i < estimate->n_phase; i++)
    print_work(estimate->phase[i]->phase, estimate->phase[i]->work);
  print_work("together", estimate->all);
}

/* What somebody who waits and pays wants to know. */
static void print_summary(const Motcl__V1__Plan *p, uint32_t count) {
  const Motcl__V1__Estimate *e = p->estimate;
  char memory[16], time[16], flops[16], moved[16], text[160];
  printf("device       %s, driver %s\n",
         mcl_device_text(text, p->device->name, p->device->platform), p->device->driver);
  printf("memory       at most %s of the device's\n", mcl_bytes_text(memory, e->memory));
  if (e->all->has_seconds)
    printf("time         at most about %s, by what earlier runs took",
           mcl_time_text(time, e->all->seconds));
  else
    fputs("time         not known: nothing of this model has run on this device yet", stdout);
  if (count > 1)
    printf("; %u pictures one after another", count);
  printf("\nwork         %s FLOPs in %" PRIu64 " runs, %s moved\n",
         mcl_count_text(flops, e->all->flops), e->all->runs,
         mcl_bytes_text(moved, (uint64_t)e->all->bytes));
  printf("fingerprint  %s\n", p->fingerprint);
}

static json_t *rows_json(const Motcl__V1__GraphPlan *g) {
  json_t *all = json_array();
  for (size_t i = 0; i < g->n_row; i++) {
    const Motcl__V1__PlanRow *r = g->row[i];
    json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:f, s:f}", "op", r->op,
                                         "expert", r->expert, "variant", r->variant, "class",
                                         r->numeric, "steps", (json_int_t)r->steps, "flops",
                                         r->flops, "weight_bytes", r->weight_bytes, "moved_bytes",
                                         r->moved_bytes));
  }
  return all;
}

static json_t *sizes_json(const Motcl__V1__GraphPlan *g) {
  json_t *all = json_object();
  for (size_t i = 0; i < g->n_largest_batch; i++)
    json_object_set_new(all, g->largest_batch[i]->name,
                        json_integer((json_int_t)g->largest_batch[i]->value));
  return all;
}

static json_t *graph_json(const Motcl__V1__GraphPlan *g) {
  const Motcl__V1__Memory *m = g->memory;
  return json_pack("{s:s, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:o}", "name",
                   g->name, "steps", (json_int_t)g->steps, "fused", (json_int_t)g->fused,
                   "chunked_groups", (json_int_t)g->chunked_groups, "largest_batch", sizes_json(g),
                   "memory", "total", (json_int_t)m->total, "weights", (json_int_t)m->weights,
                   "mapped", (json_int_t)m->mapped, "copies", (json_int_t)m->copies, "arenas",
                   (json_int_t)m->arenas, "state", (json_int_t)m->state, "scratch",
                   (json_int_t)m->scratch, "rows", rows_json(g));
}

static json_t *work_json(const Motcl__V1__Work *w) {
  return json_pack("{s:I, s:f, s:f, s:o}", "runs", (json_int_t)w->runs, "flops", w->flops, "bytes",
                   w->bytes, "seconds", w->has_seconds ? json_real(w->seconds) : json_null());
}

static json_t *estimate_json(const Motcl__V1__Estimate *estimate) {
  json_t *phases = json_object();
  for (size_t i = 0; i < estimate->n_phase; i++)
    json_object_set_new(phases, estimate->phase[i]->phase, work_json(estimate->phase[i]->work));
  return json_pack("{s:I, s:o, s:o}", "memory", (json_int_t)estimate->memory, "all",
                   work_json(estimate->all), "phases", phases);
}

static json_t *to_json(const Motcl__V1__Plan *p, uint32_t count) {
  json_t *graphs = json_array();
  for (size_t i = 0; i < p->n_graph; i++)
    json_array_append_new(graphs, graph_json(p->graph[i]));
  return json_pack("{s:o, s:I, s:o, s:o}", "fingerprint", mcl_json_text(p->fingerprint), "count",
                   (json_int_t)count, "plans", graphs, "estimate", estimate_json(p->estimate));
}

static void print_all(const Motcl__V1__Plan *p, uint32_t count, bool tables) {
  print_summary(p, count);
  if (!tables)
    return;
  print_estimate(p->estimate);
  puts("\nFLOPs and bytes below are those of one run over the largest batch, at most.");
  for (size_t i = 0; i < p->n_graph; i++)
    print_graph(p->graph[i]);
}

static void repeat_work(Motcl__V1__Work *w, uint32_t count) {
  w->runs *= count;
  w->flops *= count;
  w->bytes *= count;
  w->seconds *= count;
}

/* Pictures of -n are drawn one after another, as a job of its own each. */
static void repeat(Motcl__V1__Estimate *estimate, uint32_t count) {
  repeat_work(estimate->all, count);
  for (size_t i = 0; i < estimate->n_phase; i++)
    repeat_work(estimate->phase[i]->work, count);
}

/* The message is the library's own, so everything it may hold is there. */
static int show(motcl_worker *w, const mcl_options *o, motcl_err *err) {
  uint8_t *bytes;
  size_t n;
  int rc = motcl_worker_plan(w, &o->request, 1, &bytes, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  Motcl__V1__Plan *p = motcl__v1__plan__unpack(NULL, n, bytes);
  motcl_free(bytes);
  if (!p)
    return motcl_fail(err, MOTCL_ENOMEM, "out of memory: the plan cannot be shown");
  repeat(p->estimate, o->count);
  if (o->outcome)
    mcl_outcome_update(o->outcome, to_json(p, o->count));
  else
    print_all(p, o->count, o->verbose);
  motcl__v1__plan__free_unpacked(p, NULL);
  return rc;
}

/* Plan the job of `o`, whose parts are in order. */
static int plan_job(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_inputs in = {0};
  mcl_job_items items = {0};
  motcl_job asked = {0};
  mcl_terminal terminal;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  mcl_trace_file trace = {0};
  const char *model;
  if (o->prompts)
    return motcl_fail(err, MOTCL_EINVAL,
                      "plan is for one job at a time; give it one of the prompts");
  if (o->save_job)
    return motcl_fail(err, MOTCL_EINVAL, "plan writes nothing; leave --save-job out");
  if (mcl_option_from(o, "daemon") == MCL_GIVEN_TYPED)
    return motcl_fail(err, MOTCL_EINVAL, "plan is for the devices here; leave --daemon out");
  mcl_terminal_init(&terminal, env, o);
  int rc = mcl_model_folder(&model, env, o, err);
  if (rc == MOTCL_OK && !o->job && !o->like)
    rc = mcl_protocol_settle(o, env, mcl_job_edits(o), err);
  if (rc == MOTCL_OK)
    rc = mcl_until_done(o, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_gather(&asked, &in, o, err);
  if (rc == MOTCL_OK)
    rc = motcl_request_check(&asked.request, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_items_list(&items, o, &asked.request, mcl_preview_wanted(o, NULL), err);
  if (rc == MOTCL_OK)
    rc = mcl_job_count_check(o, err);
  if (rc == MOTCL_OK)
    rc = mcl_library_open_devices(&m, env, &terminal, err);
  if (rc == MOTCL_OK)
    rc = mcl_open_worker(&w, m, env, o, &trace, err);
  if (rc == MOTCL_OK) {
    mcl_job_tell(&terminal, env, o);
    mcl_size_tell(&terminal, w, &o->request);
    mcl_outcome_worker(o->outcome, w, env, o);
    rc = show(w, o, err);
  }
  rc = mcl_close_worker(w, &trace, rc, err);
  motcl_close(m);
  mcl_job_items_finish(&items);
  mcl_inputs_finish(&in);
  motcl_job_finish(&asked);
  return rc;
}

static int run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  static const char *const plain[] = {"a picture"};
  if (o->word_count)
    return mcl_command_of_job(&mcl_command_plan, MCL_CMD_PLAN, plan_job, env, o, err);
  o->words = (const char **)calloc(1, sizeof(char *));
  if (!o->words)
    return mcl_no_memory(err);
  o->words[0] = plain[0];
  o->word_count = 1;
  int rc = mcl_command_draw.fill(o, err);
  return rc == MOTCL_OK ? plan_job(env, o, err) : rc;
}

const mcl_command mcl_command_plan = {
    .name = "plan",
    .words = "[draw|edit|ask|run WORD...]",
    .about = "what a job would run where, and what it would take",
    .notes = "Takes a job's command line, or options alone for a picture from a short text.\n"
             "Nothing is run or written. With -v come the tables: phases, and the ops of each\n"
             "graph with what computes them.\n"
             "The options of all jobs, of which each takes its own:",
    .bit = MCL_CMD_PLAN,
    .takes = MCL_CMD_PLAN | MCL_CMD_JOBS,
    .least = 0,
    .most = 1000,
    .run = run,
    .examples = {{"motcl plan draw 'a red fox in the snow' --size 768x1024",
                  "show what a picture would take", false},
                 {"motcl plan --device cpu --json", "the same for a short prompt, in JSON", false}},
};
