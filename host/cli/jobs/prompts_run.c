/* prompts_run.c - lines of prompts as tasks of one worker: estimated, submitted, stepped, given out. */
#include "cli/jobs/prompts_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/interrupt.h"
#include "cli/jobs/results.h"
#include "cli/jobs/run.h"
#include "cli/jobs/size.h"
#include "cli/jobs/units.h"
#include "cli/library.h"
#include "cli/memory.h"
#include "cli/print.h"

/* More at a time do not share passes better, and all that are under way are lost if it ends. */
enum { PLACES = 8 };
_Static_assert((int)PLACES <= (int)MCL_INTERRUPT_TASKS, "signals cancel all that are under way");

/* Where a unit is made. `share` of its work is done. */
typedef struct place {
  struct series *series;
  size_t unit;
  mcl_unit_job job;
  mcl_answer answer;
  mcl_results results;
  motcl_task *task;
  double began, share;
} place;

/* What came of a unit: `over` is also what was skipped or has failed; items of an answer that is still to be
 * printed. */
typedef struct result {
  bool over;
  json_t *items;
} result;

/*
 * All of them.
 *
 * made      [units.count], of which those before `next` were begun, and `printed` are printed
 * silent    a terminal for what would be said of one alone; `still` is its progress
 * work      [units.prompts.count] of one unit of each line, in operations; all, done: of all units
 * began     when the first step was done, in seconds; phase: what the bar says
 * rc        what ended all of them, with `err`
 */
typedef struct series {
  const mcl_env *env;
  mcl_options *o;
  mcl_units units;
  result *made;
  size_t next, printed, good, failed;
  double *work, all, done, began;
  motcl_worker *worker;
  mcl_terminal terminal, silent;
  mcl_progress still;
  mcl_builders builders;
  char phase[40];
  place place[PLACES];
  int rc;
  motcl_err err;
} series;

static bool draws(const series *s) {
  return mcl_units_draw(&s->units);
}

static const mcl_prompt *prompt_of(const series *s, size_t unit) {
  return mcl_unit_prompt(&s->units, unit);
}

static double *work_of(const series *s, size_t unit) {
  return &s->work[s->units.unit[unit].prompt];
}

/* ---- before the work ---- */

static int check_line(mcl_options *o, motcl_err *err) {
  static const char *const others[] = {"save-job", "preview", "preview-file", "dump",
                                       "dump-layers"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (mcl_option_from(o, others[i]) == MCL_GIVEN_TYPED)
      return motcl_fail(
          err, MOTCL_EINVAL,
          "--%s is for one job, and does not go with --prompts; leave one of them out", others[i]);
  mcl_given force = mcl_option_from(o, "force"), skip = mcl_option_from(o, "skip-existing");
  if (force != skip) /* what is nearer holds */
    o->skip_existing = o->skip_existing && skip > force;
  if (o->skip_existing && o->force && skip == force)
    return motcl_fail(
        err, MOTCL_EINVAL,
        "--force replaces files that are there, and --skip-existing leaves them; give "
        "one of the two");
  return MOTCL_OK;
}

/* Of one unit of a line; refused if the model cannot do it. */
static int estimate(series *s, size_t unit, motcl_estimate *one, motcl_err *err) {
  mcl_unit_job j = {.in = {0}};
  int rc = mcl_unit_begin(&j, &s->units, unit, err);
  if (rc == MOTCL_OK) {
    mcl_size_tell(&s->terminal, s->worker, &j.o.request);
    rc = motcl_worker_estimate(s->worker, &j.o.request, 1, one, err);
  }
  mcl_unit_end(&j);
  return rc == MOTCL_OK ? rc : mcl_prompts_fail(&s->units.prompts, prompt_of(s, unit), rc, err);
}

/* Work of a minute and more is announced. */
static int estimate_all(series *s, motcl_err *err) {
  motcl_estimate one = {0};
  double seconds = 0;
  bool known = s->units.todo > 0;
  char time[16];
  for (size_t i = 0; i < s->units.count; i++) {
    double *work = work_of(s, i);
    if (s->units.unit[i].skipped)
      continue;
    if (mcl_interrupted())
      return motcl_fail(err, MOTCL_ECANCELLED, "cancelled");
    int rc = *work == 0 ? estimate(s, i, &one, err) : MOTCL_OK;
    if (rc != MOTCL_OK)
      return rc;
    known = known && one.all.seconds > 0;
    *work = one.all.flops;
    s->all += *work;
    seconds += one.all.seconds;
  }
  if (known)
    mcl_terminal_say(&s->terminal, seconds < 60,
                     "this takes at most about %s, by what earlier runs took",
                     mcl_time_text(time, seconds));
  return MOTCL_OK;
}

/* ---- the work ---- */

/* All that is left, at the pace so far. */
static mcl_left time_left(const series *s) {
  double done = s->done;
  for (size_t i = 0; i < PLACES; i++)
    if (s->place[i].task)
      done += s->place[i].share * *work_of(s, s->place[i].unit);
  if (!(done > 0))
    return (mcl_left){MCL_LEFT_UNKNOWN, 0};
  return (mcl_left){draws(s) ? MCL_LEFT_ABOUT : MCL_LEFT_MOST,
                    (mcl_seconds() - s->began) * (s->all - done) / done};
}

/* How many are made, and the first line that is not. */
static void show(series *s) {
  size_t first = s->units.count;
  for (size_t i = 0; i < PLACES; i++)
    if (s->place[i].task && s->place[i].unit < first)
      first = s->place[i].unit;
  if (first == s->units.count)
    return;
  snprintf(s->phase, sizeof s->phase, "%s line %zu", draws(s) ? "drawing" : "answering",
           prompt_of(s, first)->line);
  mcl_terminal_step(&s->terminal, s->phase, (uint32_t)(s->good + s->failed),
                    (uint32_t)s->units.todo, time_left(s));
}

static void on_event(void *user, const motcl_event *e) {
  place *p = user;
  series *s = p->series;
  if (e->kind == MOTCL_EVENT_PICTURE)
    mcl_terminal_clear(&s->terminal); /* its name is printed */
  mcl_results_event(&p->results, e);
  if (e->kind != MOTCL_EVENT_STEP)
    return;
  if (e->phase == MOTCL_PHASE_BUILD) {
    mcl_terminal_step(&s->terminal, mcl_progress_word(e->phase), e->step, e->of,
                      (mcl_left){MCL_LEFT_UNKNOWN, 0});
    return;
  }
  if (s->began == 0)
    s->began = mcl_seconds();
  if (e->phase == MOTCL_PHASE_DENOISE)
    p->share = (double)e->step / e->of;
  if (s->terminal.bar)
    show(s);
}

/* Words of which something was cut off are told to be. */
static void tell_cut(series *s, const place *p) {
  size_t i;
  json_t *item;
  json_array_foreach(p->answer.items, i, item) {
    if (json_is_true(json_object_get(item, "cut_off")))
      mcl_terminal_say(
          &s->terminal, false, "the %s of line %zu was cut off after %" PRIu64 " tokens",
          json_object_get(item, "thought") ? "thought" : "answer", prompt_of(s, p->unit)->line,
          (uint64_t)json_integer_value(json_object_get(item, "tokens")));
  }
}

/* In a line of its own, whatever it ends with. */
static int print_text(series *s, const char *text, motcl_err *err) {
  size_t n = strlen(text);
  bool ended = n && text[n - 1] == '\n';
  int rc = n ? mcl_terminal_answer(&s->terminal, text, n, err) : MOTCL_OK;
  return rc == MOTCL_OK && !ended ? mcl_terminal_answer(&s->terminal, "\n", 1, err) : rc;
}

/* Texts go to stdout in the order of the lines: as far as they are over, or in the end all. */
static int print_texts(series *s, bool all, motcl_err *err) {
  size_t i;
  json_t *item;
  for (; s->printed < s->units.count && (all || s->made[s->printed].over); s->printed++) {
    json_array_foreach(s->made[s->printed].items, i, item) {
      const char *text = json_string_value(json_object_get(item, "text"));
      int rc = text ? print_text(s, text, err) : MOTCL_OK;
      if (rc != MOTCL_OK)
        return rc;
    }
  }
  return MOTCL_OK;
}

/* With --json, an object for each. */
static void print_line(series *s, const place *p, int rc, motcl_err *err) {
  mcl_outcome line;
  mcl_outcome_init(&line, "line", json_integer((json_int_t)prompt_of(s, p->unit)->line));
  line.by_line = true;
  if (p->task) {
    mcl_outcome_put(&line, "fingerprint", mcl_json_text(motcl_task_fingerprint(p->task)));
    mcl_outcome_put(&line, "seconds", json_real(mcl_seconds() - p->began));
    mcl_outcome_put(&line, "answer", mcl_answer_items(&p->answer));
  }
  mcl_outcome_print(&line, rc, err);
  mcl_outcome_finish(&line);
  mcl_outcome_prepare(s->o->outcome);
  fflush(stdout);
}

/* Whether nothing after it would fare better. */
static bool ends_all(const place *p, int rc) {
  return rc == MOTCL_ECANCELLED || rc == MOTCL_ELOST || rc == MOTCL_ENOMEM ||
         (rc == MOTCL_EIO && p->results.rc == rc);
}

static void end_all(series *s, int rc, const motcl_err *err) {
  if (s->rc != MOTCL_OK)
    return;
  s->rc = rc;
  s->err = *err;
  for (size_t i = 0; i < PLACES; i++)
    if (s->place[i].task)
      motcl_task_cancel(s->place[i].task);
}

/* A unit is over; what its line did wrong is told. */
static void conclude(series *s, place *p, int rc, motcl_err *err) {
  const mcl_prompt *q = prompt_of(s, p->unit);
  result *made = &s->made[p->unit];
  made->over = true;
  s->done += *work_of(s, p->unit);
  s->good += rc == MOTCL_OK;
  s->failed += rc != MOTCL_OK && rc != MOTCL_ECANCELLED;
  if (s->o->outcome && rc != MOTCL_ECANCELLED)
    print_line(s, p, rc, err);
  if (rc == MOTCL_OK) {
    tell_cut(s, p);
    mcl_terminal_say(&s->terminal, true, "line %zu: seed %" PRIu64 ", %.1f s", q->line,
                     p->job.o.request.seed, mcl_seconds() - p->began);
    made->items = draws(s) || s->o->outcome ? NULL : mcl_answer_items(&p->answer);
    rc = print_texts(s, false, err);
    if (rc != MOTCL_OK)
      end_all(s, rc, err);
    return;
  }
  if (rc != MOTCL_ECANCELLED)
    mcl_prompts_fail(&s->units.prompts, q, rc, err);
  if (ends_all(p, rc)) {
    end_all(s, rc, err);
    return;
  }
  mcl_terminal_clear(&s->terminal);
  mcl_terminal_complain(s->env, err);
}

/* Let a unit be under way. */
static int submit(series *s, size_t at, size_t unit, motcl_err *err) {
  place *p = &s->place[at];
  motcl_sink sink = {.user = p, .event = on_event};
  *p = (place){.series = s, .unit = unit, .began = mcl_seconds()};
  mcl_answer_init(&p->answer);
  int rc = mcl_unit_begin(&p->job, &s->units, unit, err);
  if (rc == MOTCL_OK)
    rc = mcl_results_init(&p->results, &p->job.o, &s->still, s->worker, &s->builders,
                          &p->job.o.request, &p->answer, err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_submit(s->worker, &p->job.o.request, &sink, &p->task, err);
  if (rc != MOTCL_OK)
    return rc;
  p->results.task = p->task;
  mcl_interrupt_task(at, p->task);
  return rc;
}

static void vacate(place *p) {
  motcl_task_close(p->task);
  p->task = NULL;
  mcl_results_finish(&p->results);
  mcl_answer_finish(&p->answer);
  mcl_unit_end(&p->job);
}

/* Places that are free get the next units. */
static void fill_places(series *s) {
  motcl_err err = {0};
  for (size_t at = 0; at < PLACES; at++) {
    place *p = &s->place[at];
    while (!p->task && s->rc == MOTCL_OK && s->next < s->units.count) {
      size_t unit = s->next++;
      s->made[unit].over = s->units.unit[unit].skipped;
      int rc = s->made[unit].over ? MOTCL_OK : submit(s, at, unit, &err);
      if (rc == MOTCL_OK)
        continue;
      conclude(s, p, rc, &err);
      vacate(p);
    }
  }
}

/* Places whose tasks have ended are given out, and free. Returns how many are not. */
static size_t empty_places(series *s) {
  motcl_err err = {0};
  size_t busy = 0;
  for (size_t at = 0; at < PLACES; at++) {
    place *p = &s->place[at];
    int rc = p->task ? motcl_task_status(p->task, &err) : 1;
    busy += p->task && rc == 1;
    if (rc == 1)
      continue;
    mcl_interrupt_task(at, NULL);
    rc = mcl_results_end(&p->results, rc, &err);
    conclude(s, p, rc, &err);
    vacate(p);
  }
  return busy;
}

static void work(series *s) {
  motcl_err err = {0};
  size_t busy = 1;
  mcl_interrupt_at_once(!s->o->trace); /* until the first event says what it is at */
  while (busy) {
    bool more;
    if (mcl_interrupted())
      end_all(s, motcl_fail(&err, MOTCL_ECANCELLED, "cancelled"), &err);
    fill_places(s);
    int rc = motcl_worker_step(s->worker, &more, &err);
    busy = empty_places(s);
    if (rc != MOTCL_OK)
      end_all(s, rc, &err);
    busy += s->rc == MOTCL_OK && s->next < s->units.count;
  }
  mcl_interrupt_at_once(false);
  int rc = print_texts(s, true, &err);
  if (rc != MOTCL_OK)
    end_all(s, rc, &err);
}

static void sum_up(series *s, double seconds) {
  const mcl_units *u = &s->units;
  mcl_outcome *outcome = s->o->outcome;
  size_t skipped = u->count - u->todo;
  char there[40] = "", seeds[40] = "";
  if (skipped)
    snprintf(there, sizeof there, ", %zu were there", skipped);
  if (draws(s) || s->o->request.settings.temperature != 0)
    snprintf(seeds, sizeof seeds, ", seeds from %" PRIu64, u->seed);
  mcl_terminal_say(&s->terminal, false, "%zu of %zu %s%s%s, %.1f s", s->good, u->todo,
                   draws(s) ? "pictures" : "answers", there, seeds, seconds);
  mcl_outcome_put(outcome, "done", json_integer((json_int_t)s->good));
  mcl_outcome_put(outcome, "failed", json_integer((json_int_t)s->failed));
  mcl_outcome_put(outcome, "skipped", json_integer((json_int_t)skipped));
  mcl_outcome_put(outcome, "seed", mcl_json_u64(u->seed));
  mcl_outcome_put(outcome, "seconds", json_real(seconds));
}

/* What pictures will say of their model is known before they are drawn. */
static int prepare(series *s, motcl_err *err) {
  const char *name, *digest;
  s->made = calloc(s->units.count, sizeof *s->made);
  s->work = calloc(s->units.prompts.count, sizeof *s->work);
  if (!s->made || !s->work)
    return mcl_no_memory(err);
  int rc = draws(s) && !s->o->no_metadata ? motcl_worker_model(s->worker, &name, &digest, err)
                                          : MOTCL_OK;
  return rc == MOTCL_OK ? estimate_all(s, err) : rc;
}

static int do_all(series *s, motcl_err *err) {
  double began = mcl_seconds();
  mcl_model_tell(&s->terminal, s->env, s->o);
  int rc = prepare(s, err);
  if (rc != MOTCL_OK)
    return rc;
  work(s);
  mcl_terminal_clear(&s->terminal);
  sum_up(s, mcl_seconds() - began);
  if (s->rc != MOTCL_OK) {
    *err = s->err;
    return s->rc;
  }
  if (s->failed)
    return motcl_fail(err, MOTCL_EIO, "%zu of %zu %s failed", s->failed, s->units.todo,
                      draws(s) ? "pictures" : "answers");
  return MOTCL_OK;
}

/* A builder knows the kernels of the first. */
static int build(series *s, motcl_err *err) {
  mcl_unit_job j = {.in = {0}};
  int rc = mcl_unit_begin(&j, &s->units, 0, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_build(s->worker, s->env, &j.o, &s->terminal, err);
  mcl_unit_end(&j);
  return rc;
}

static int open_and_do(series *s, motcl_err *err) {
  motcl *m = NULL;
  mcl_trace_file trace = {0};
  int rc = mcl_library_open_devices(&m, s->env, &s->terminal, err);
  if (rc == MOTCL_OK)
    rc = mcl_open_worker(&s->worker, m, s->env, s->o, &trace, err);
  if (rc == MOTCL_OK) {
    mcl_outcome_worker(s->o->outcome, s->worker, s->env, s->o);
    mcl_outcome_prepare(s->o->outcome);
    rc = mcl_option_given(s->o, "build-only") ? build(s, err) : do_all(s, err);
  }
  rc = mcl_close_worker(s->worker, &trace, rc, err);
  mcl_builders_finish(&s->builders);
  if (rc == MOTCL_OK)
    mcl_builders_store(&s->builders, s->o, s->env);
  motcl_close(m);
  return rc;
}

int mcl_prompts_run(const mcl_env *env, mcl_options *o, motcl_err *err) {
  series *s = calloc(1, sizeof *s);
  const char *model;
  if (!s)
    return mcl_no_memory(err);
  s->env = env;
  s->o = o;
  s->silent.quiet = true;
  s->still.terminal = &s->silent;
  if (o->outcome)
    o->outcome->by_line = true;
  mcl_terminal_init(&s->terminal, env, o);
  int rc = check_line(o, err);
  if (rc == MOTCL_OK)
    rc = mcl_model_folder(&model, env, o, err);
  if (rc == MOTCL_OK)
    rc = mcl_units_read(&s->units, o, err);
  if (rc == MOTCL_OK && !mcl_option_given(o, "build-only"))
    rc = mcl_units_check(&s->units, err);
  if (rc == MOTCL_OK)
    rc = open_and_do(s, err);
  mcl_terminal_clear(&s->terminal);
  for (size_t i = 0; s->made && i < s->units.count; i++)
    json_decref(s->made[i].items);
  free(s->made);
  free(s->work);
  mcl_units_finish(&s->units);
  free(s);
  return rc;
}
