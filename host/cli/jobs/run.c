/* run.c - a job from its options to its results. */
#include "cli/jobs/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/ended.h"
#include "cli/jobs/prompts_run.h"
#include "cli/jobs/dump.h"
#include "cli/jobs/inputs.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/items.h"
#include "cli/jobs/output.h"
#include "cli/jobs/results.h"
#include "cli/jobs/size.h"
#include "cli/jobs/stored.h"
#include "cli/jobs/target.h"
#include "cli/jobs/preview.h"
#include "cli/jobs/protocol.h"
#include "cli/library.h"
#include "cli/picture_name.h"
#include "cli/print.h"
#include "cli/queue/queue.h"

/* Whether something is what it was; a picture need not say what that was. */
typedef enum same { UNKNOWN, SAME, OTHER } same;

/*
 * A job at work.
 *
 * progress  of the request that is run
 * builders  that help with a first start
 * rates     of what was run last
 * answer    with --json: what was made so far; began: when the first of it was, in seconds
 * like      how the picture that --like names was made, or NULL; same_model: by which model
 */
typedef struct job {
  mcl_options *o;
  motcl_worker *worker;
  mcl_terminal terminal;
  mcl_progress progress;
  mcl_builders builders;
  mcl_rates rates;
  mcl_answer answer;
  double began;
  const motcl_recipe *like;
  same same_model;
} job;

/* With no result: nothing is written, and no file is looked at that a result would go to. */
static bool builds_only(const mcl_options *o) {
  return mcl_option_given(o, "build-only");
}

static bool traces(const mcl_options *o) {
  return o->trace && !builds_only(o);
}

static bool draws(const motcl_request *r) {
  return mcl_outputs_drawn(r) > 0;
}

int mcl_model_folder(const char **dir, const mcl_env *env, const mcl_options *o, motcl_err *err) {
  *dir = o->model ? o->model : env->model;
  if (!*dir && *env->small)
    *dir = env->small;
  if (*dir)
    return MOTCL_OK;
  return motcl_fail(
      err, MOTCL_EINVAL,
      "no model was named, and the small one, nano, is not in '%.300s'; give a "
      "model's folder with -m DIR or in MOTCL_MODEL: that of nano, examples/nano/model "
      "of the source, or of the published one, ByteDance-Seed/BAGEL-7B-MoT on Hugging "
      "Face",
      env->data);
}

void mcl_model_tell(mcl_terminal *terminal, const mcl_env *env, const mcl_options *o) {
  const char *dir;
  if (mcl_model_folder(&dir, env, o, NULL) == MOTCL_OK && dir == env->small)
    mcl_terminal_say(terminal, false,
                     "no model was named: this is nano, which knows coloured shapes and nothing "
                     "else (%s); -m DIR or MOTCL_MODEL names another",
                     dir);
}

void mcl_text_tell(mcl_terminal *terminal, const mcl_options *o) {
  const char *text = o->word_count ? o->words[o->word_count - 1] : "";
  if (mcl_names_no_picture(text))
    mcl_terminal_say(terminal, false, "there is no file '%.200s', so that is taken as the text",
                     text);
}

/* Options at the end of a line mean all of it elsewhere. Where no other answer has any, that may have been
 * meant. */
static void tell_own(mcl_terminal *terminal, const mcl_options *o) {
  const size_t last = o->typed_count - 1;
  if (o->wants < 2 || !o->own_count)
    return;
  for (size_t i = 0; i < o->own_count; i++)
    if (o->owns[i].item != last)
      return;
  mcl_terminal_say(
      terminal, false,
      "--%s%s at the end %s for the last answer alone; what stands before the first is "
      "for all",
      o->owns[0].row->name, o->own_count > 1 ? " and what follows it" : "",
      o->own_count > 1 ? "are" : "is");
}

void mcl_job_tell(mcl_terminal *terminal, const mcl_env *env, const mcl_options *o) {
  mcl_model_tell(terminal, env, o);
  mcl_text_tell(terminal, o);
  tell_own(terminal, o);
}

void mcl_outcome_worker(mcl_outcome *outcome, const motcl_worker *w, const mcl_env *env,
                        const mcl_options *o) {
  const motcl_device *d = motcl_worker_device(w);
  const char *dir;
  if (mcl_model_folder(&dir, env, o, NULL) == MOTCL_OK)
    mcl_outcome_put(outcome, "model", mcl_json_text(dir));
  mcl_outcome_put(outcome, "device", mcl_json_text(d->name));
  mcl_outcome_put(outcome, "platform", mcl_json_text(d->platform));
  mcl_outcome_put(outcome, "driver", mcl_json_text(d->driver));
}

static void write_trace(void *user, const char *json, size_t n) {
  mcl_trace_file *f = user;
  f->rc = mcl_target_write(f->path, json, n, f->force, &f->err);
}

int mcl_open_worker(motcl_worker **w, motcl *m, const mcl_env *env, const mcl_options *o,
                    mcl_trace_file *file, motcl_err *err) {
  motcl_worker_options wo = {.device = o->device,
                             .memory = o->memory,
                             .allow_slow = o->allow_slow,
                             .max_buffer = o->max_buffer,
                             .chunk_rows = o->chunk_rows,
                             .use = o->use,
                             .unfused = o->unfused,
                             .trace = traces(o) ? write_trace : NULL,
                             .trace_user = file};
  int rc = mcl_model_folder(&wo.model, env, o, err);
  file->path = o->trace;
  file->force = o->force;
  if (rc == MOTCL_OK && traces(o))
    rc = mcl_target_check(o->trace, o->force, err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(w, m, &wo, err);
  mcl_ended_watch_abort();
  if (rc == MOTCL_OK)
    mcl_interrupt_target(*w);
  return rc;
}

int mcl_close_worker(motcl_worker *w, const mcl_trace_file *file, int rc, motcl_err *err) {
  mcl_interrupt_target(NULL);
  motcl_worker_close(w);
  if (rc != MOTCL_OK || file->rc == MOTCL_OK)
    return rc;
  *err = file->err;
  return file->rc;
}

int mcl_job_seed(motcl_job *asked, motcl_err *err) {
  if (!asked->unseeded)
    return MOTCL_OK;
  asked->unseeded = false;
  return motcl_seed(&asked->request.seed, err);
}

static int on_array(void *user, const motcl_array *a, motcl_err *err) {
  const mcl_results *r = user;
  return mcl_dump_array(r->o->dump, a, err);
}

static same compare(const char *was, const char *is) {
  return !*was ? UNKNOWN : !strcmp(was, is) ? SAME : OTHER;
}

static json_t *same_json(same is) {
  return is == UNKNOWN ? json_null() : json_boolean(is == SAME);
}

static json_t *said_json(const char *text) {
  return *text ? mcl_json_text(text) : json_null();
}

/* What the picture that --like names says of what made it, and whether that is at work again. */
static void put_like(job *j, same fingerprint) {
  if (j->o->outcome)
    mcl_outcome_put(
        j->o->outcome, "like",
        json_pack("{s:o, s:o, s:o, s:o}", "model", said_json(motcl_recipe_model(j->like)), "digest",
                  said_json(motcl_recipe_digest(j->like)), "same_model", same_json(j->same_model),
                  "same_fingerprint", same_json(fingerprint)));
}

/* As sentences have names. */
static const char *like_name(char out[MCL_NAME_TEXT], const job *j) {
  if (!strcmp(j->o->like, "-"))
    return "the picture";
  snprintf(out, MCL_NAME_TEXT, "'%s'", j->o->like);
  return out;
}

/* Before the work: what pictures will say of their model is known, and whoever makes one again hears
 * that another model made it. */
static int compare_models(job *j, motcl_err *err) {
  const char *name, *digest;
  char like[MCL_NAME_TEXT];
  if (!j->like && (!draws(&j->o->request) || j->o->no_metadata))
    return MOTCL_OK;
  int rc = motcl_worker_model(j->worker, &name, &digest, err);
  if (rc != MOTCL_OK || !j->like)
    return rc;
  j->same_model = compare(motcl_recipe_digest(j->like), digest);
  put_like(j, UNKNOWN);
  if (j->same_model == OTHER)
    mcl_terminal_say(
        &j->terminal, false,
        "%s was made by another model, %s (%s), not by %s (%s); expect another picture",
        like_name(like, j), motcl_recipe_model(j->like), motcl_recipe_digest(j->like), name,
        digest);
  return MOTCL_OK;
}

/* A picture that is made again is promised to be the same bytes by an equal fingerprint only. */
static void compare_fingerprints(job *j) {
  char like[MCL_NAME_TEXT];
  if (!j->like)
    return;
  same maker = compare(motcl_recipe_fingerprint(j->like), motcl_worker_fingerprint(j->worker));
  put_like(j, maker);
  if (maker != SAME && j->same_model != OTHER)
    mcl_terminal_say(
        &j->terminal, false,
        "%s was made with another version, device or plan; this picture may differ from "
        "it in rounding",
        like_name(like, j));
}

static void sum_up(job *j, const motcl_request *r, const mcl_results *results, double seconds) {
  char rates[64];
  mcl_rates_text(rates, &results->rates);
  if (mcl_outputs(r) == 1 && draws(r))
    mcl_terminal_say(&j->terminal, false, "seed %" PRIu64 ", %ux%u, %.1f s%s", r->seed,
                     results->width, results->height, seconds, rates);
  else
    mcl_terminal_say(&j->terminal, mcl_request_certain(r), "seed %" PRIu64 ", %.1f s%s", r->seed,
                     seconds, rates);
}

static void on_build_step(void *user, const motcl_event *e) {
  if (e->kind == MOTCL_EVENT_STEP)
    mcl_progress_step(user, e);
}

int mcl_job_build(motcl_worker *w, const mcl_env *env, const mcl_options *o, mcl_terminal *terminal,
                  motcl_err *err) {
  mcl_progress progress = {.terminal = terminal};
  const motcl_sink sink = {.user = &progress, .event = on_build_step};
  int rc = o->store_kernels ? mcl_builders_enter_background(env, err) : MOTCL_OK;
  mcl_interrupt_at_once(true);
  if (rc == MOTCL_OK)
    rc = motcl_worker_build(w, &o->request, o->build_only, &sink, err);
  return rc == MOTCL_OK && o->store_kernels ? motcl_worker_store_kernels(w, err) : rc;
}

/* `again`: as many will follow that take as long as this one, which is NULL if that is not known. */
static int run_one(job *j, const motcl_request *r, const motcl_estimate *estimate, uint32_t again,
                   motcl_err *err) {
  mcl_results results;
  motcl_sink sink = {.user = &results,
                     .event = mcl_results_event,
                     .array = j->o->dump ? on_array : NULL,
                     .layers = j->o->dump_layers};
  double began = mcl_seconds();
  mcl_progress_init(&j->progress, &j->terminal, r, estimate, again);
  int rc = mcl_results_init(&results, j->o, &j->progress, j->worker, &j->builders, r,
                            j->o->outcome ? &j->answer : NULL, err);
  if (rc != MOTCL_OK)
    return rc;
  if (j->terminal.bar) /* what comes before the first event can take a second */
    mcl_progress_begin(&j->progress, "preparing");
  mcl_interrupt_at_once(!j->o->trace); /* until the first event says what it is at */
  rc = mcl_results_end(&results, motcl_worker_run(j->worker, r, &sink, 1, err), err);
  mcl_interrupt_at_once(false);
  mcl_terminal_say(&j->terminal, true, "fingerprint %s", motcl_worker_fingerprint(j->worker));
  if (rc == MOTCL_OK) {
    compare_fingerprints(j);
    sum_up(j, r, &results, mcl_seconds() - began);
  }
  j->rates = results.rates;
  mcl_results_finish(&results);
  return rc;
}

static json_t *rate_json(const mcl_rate *r) {
  const double rate = mcl_rate_of(r);
  return rate > 0 ? json_real(rate) : json_null();
}

/* What was done counts, also where what came after it fails. */
static void put_answer(job *j) {
  mcl_outcome *outcome = j->o->outcome;
  const char *fingerprint = motcl_worker_fingerprint(j->worker);
  mcl_outcome_put(outcome, "fingerprint", mcl_json_text(fingerprint));
  mcl_outcome_put(outcome, "seconds", json_real(mcl_seconds() - j->began));
  mcl_outcome_put(outcome, "steps_per_second", rate_json(&j->rates.steps));
  mcl_outcome_put(outcome, "tokens_per_second", rate_json(&j->rates.tokens));
  mcl_outcome_put(outcome, "answer", mcl_answer_items(&j->answer));
  mcl_outcome_prepare(outcome);
}

/* What is not known, or cannot be, shows by itself. */
static bool estimate(job *j, const motcl_request *r, motcl_estimate *estimate) {
  return motcl_worker_estimate(j->worker, r, 1, estimate, NULL) == MOTCL_OK;
}

/* Work of a minute and more is announced. */
static void announce(job *j, const motcl_estimate *one) {
  const double seconds = one->all.seconds * j->o->count;
  char time[16];
  if (one->all.seconds > 0)
    mcl_terminal_say(&j->terminal, seconds < 60,
                     "this takes at most about %s, by what earlier runs took",
                     mcl_time_text(time, seconds));
}

static int run_count(job *j, const mcl_env *env, motcl_err *err) {
  motcl_request r = j->o->request;
  motcl_estimate one;
  int rc = MOTCL_OK;
  mcl_job_tell(&j->terminal, env, j->o);
  mcl_size_tell(&j->terminal, j->worker, &r);
  bool known = !j->terminal.quiet && estimate(j, &r, &one);
  if (known)
    announce(j, &one);
  for (uint32_t i = 0; i < j->o->count && rc == MOTCL_OK; i++) {
    if (i > 0) /* those before it know better */
      known = (j->terminal.bar || j->terminal.verbose) && estimate(j, &r, &one);
    rc = mcl_interrupted() ? motcl_fail(err, MOTCL_ECANCELLED, "cancelled")
                           : run_one(j, &r, known ? &one : NULL, j->o->count - 1 - i, err);
    put_answer(j);
    r.seed++;
  }
  return rc;
}

static int run_all(job *j, const mcl_env *env, motcl_err *err) {
  motcl *m = NULL;
  mcl_trace_file trace = {0};
  j->began = mcl_seconds();
  mcl_answer_init(&j->answer);
  int rc = mcl_library_open_devices(&m, env, &j->terminal, err);
  if (rc == MOTCL_OK)
    rc = mcl_open_worker(&j->worker, m, env, j->o, &trace, err);
  if (rc == MOTCL_OK) {
    mcl_outcome_worker(j->o->outcome, j->worker, env, j->o);
    put_answer(j);
  }
  if (rc == MOTCL_OK && !builds_only(j->o))
    rc = compare_models(j, err);
  if (rc == MOTCL_OK)
    rc = builds_only(j->o) ? mcl_job_build(j->worker, env, j->o, &j->terminal, err)
                           : run_count(j, env, err);
  mcl_answer_finish(&j->answer);
  rc = mcl_close_worker(j->worker, &trace, rc, err);
  mcl_builders_finish(&j->builders);
  if (rc == MOTCL_OK)
    mcl_builders_store(&j->builders, j->o, env);
  motcl_close(m);
  return rc;
}

int mcl_job_count_check(const mcl_options *o, motcl_err *err) {
  size_t outputs = mcl_outputs(&o->request);
  uint64_t seed = o->request.seed;
  if (o->count > 1 && outputs > 1)
    return motcl_fail(err, MOTCL_EINVAL, "-n %u goes with one result, not %zu", o->count, outputs);
  if (seed > UINT64_MAX - (o->count - 1))
    return motcl_fail(err, MOTCL_EINVAL,
                      "--seed %" PRIu64 " is too large for -n %u: each picture takes one more, and "
                      "the largest is %" PRIu64,
                      seed, o->count, UINT64_MAX);
  return MOTCL_OK;
}

int mcl_job_check(mcl_options *o, motcl_err *err) {
  const char *dir = o->dump;
  int rc = mcl_job_count_check(o, err);
  if (rc == MOTCL_OK && dir && (o->count > 1 || mcl_outputs(&o->request) > 1))
    rc = motcl_fail(err, MOTCL_EINVAL, "--dump records one picture or text, not several");
  if (rc == MOTCL_OK && o->dump_layers && !dir)
    rc = motcl_fail(err, MOTCL_EINVAL, "--dump-layers goes with --dump DIR");
  if (rc == MOTCL_OK && draws(&o->request))
    rc = mcl_output_check(o, err);
  if (rc == MOTCL_OK && mcl_option_from(o, "quality") == MCL_GIVEN_TYPED &&
      !(draws(&o->request) && mcl_output_format(o) != MOTCL_PNG))
    rc = motcl_fail(
        err, MOTCL_EINVAL,
        "--quality is that of a JPEG or WebP, and none is written; name a picture file that "
        "ends in .jpg or .webp with -o, or leave it out");
  if (rc == MOTCL_OK && draws(&o->request))
    rc = mcl_preview_check(o, err);
  return rc == MOTCL_OK && dir ? mcl_dump_open(dir, err) : rc;
}

static int save(job *j, const motcl_job *asked, motcl_err *err) {
  const motcl_request *r = &j->o->request;
  int rc = mcl_job_save(asked, j->o, err);
  if (rc == MOTCL_OK)
    mcl_terminal_say(&j->terminal, mcl_request_certain(r), "seed %" PRIu64, r->seed);
  return rc;
}

int mcl_run_job(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_inputs in = {0};
  mcl_job_items items = {0};
  motcl_job asked = {0};
  job j = {.o = o};
  const char *model;
  if (o->daemon)
    return mcl_queue_submit(env, o, err);
  if (mcl_option_from(o, "socket") == MCL_GIVEN_TYPED)
    return motcl_fail(err, MOTCL_EINVAL, "--socket is where a daemon listens; add --daemon");
  int rc = o->job || o->like ? MOTCL_OK : mcl_protocol_settle(o, env, mcl_job_edits(o), err);
  if (rc == MOTCL_OK)
    rc = mcl_until_done(o, err);
  if (rc != MOTCL_OK)
    return rc;
  if (o->prompts)
    return mcl_prompts_run(env, o, err);
  if (mcl_option_from(o, "skip-existing") == MCL_GIVEN_TYPED)
    return motcl_fail(err, MOTCL_EINVAL, "--skip-existing goes with --prompts FILE");
  mcl_terminal_init(&j.terminal, env, o);
  rc = o->save_job ? MOTCL_OK : mcl_model_folder(&model, env, o, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_gather(&asked, &in, o, err);
  j.like = in.recipe;
  if (rc == MOTCL_OK)
    rc = mcl_job_seed(&asked, err);
  if (rc == MOTCL_OK)
    rc = motcl_request_check(&asked.request, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_items_list(&items, o, &asked.request,
                            !o->save_job && mcl_preview_wanted(o, &j.terminal), err);
  if (rc == MOTCL_OK && o->save_job)
    rc = save(&j, &asked, err);
  else if (rc == MOTCL_OK && !builds_only(o))
    rc = mcl_job_check(o, err);
  if (rc == MOTCL_OK && !o->save_job)
    rc = run_all(&j, env, err);
  mcl_terminal_clear(&j.terminal);
  mcl_job_items_finish(&items);
  mcl_inputs_finish(&in);
  motcl_job_finish(&asked);
  return rc;
}
