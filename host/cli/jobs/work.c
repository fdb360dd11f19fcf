/* work.c - a job from its options to its results. */
#include "cli/jobs/work.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/jobs/dump.h"
#include "cli/jobs/inputs.h"
#include "cli/jobs/interrupt.h"
#include "cli/jobs/output.h"
#include "cli/jobs/answer.h"
#include "cli/jobs/screen.h"
#include "cli/jobs/stored.h"
#include "cli/library.h"
#include "cli/memory.h"

/*
 * A job at work.
 *
 * rgb      the last picture given out, of width and height; NULL before
 * made_by  fingerprint of the picture that --like names, or NULL
 * answer   with --json: what is printed at the end
 * rc       a failure of ours inside a callback; the work is then cancelled
 * spoken   text went to stdout; `midline`: and its line has not ended
 */
typedef struct job {
  mcl_options *o;
  motcl_worker *worker;
  mcl_screen screen;
  uint8_t *rgb;
  uint32_t width, height;
  mcl_answer answer;
  const char *made_by;
  int rc;
  motcl_err err;
  bool spoken, midline;
} job;

static bool draws(const motcl_request *r) {
  for (size_t i = 0; i < r->outputs; i++)
    if (r->output[i] == MOTCL_OUTPUT_PICTURE)
      return true;
  return false;
}

int mcl_work_model(const char **dir, const mcl_env *env, const mcl_options *o, motcl_err *err) {
  *dir = o->model ? o->model : env->model;
  if (!*dir && *env->small)
    *dir = env->small;
  if (*dir)
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EINVAL,
                    "no model was named: give its folder with -m DIR or in MOTCL_MODEL; the "
                    "published one is ByteDance-Seed/BAGEL-7B-MoT on Hugging Face, and "
                    "examples/quickstart.sh makes a small one for trying things out");
}

int mcl_work_open(motcl_worker **w, motcl *m, const mcl_env *env, const mcl_options *o,
                  motcl_err *err) {
  motcl_worker_options wo = {.device = o->device,
                             .memory = o->memory,
                             .allow_slow = o->allow_slow,
                             .max_buffer = o->max_buffer,
                             .chunk_rows = o->chunk_rows,
                             .use = o->use,
                             .unfused = o->unfused};
  int rc = mcl_work_model(&wo.model, env, o, err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_open(w, m, &wo, err);
  if (rc == MOTCL_OK)
    mcl_interrupt_target(*w);
  return rc;
}

void mcl_work_close(motcl_worker *w) {
  mcl_interrupt_target(NULL);
  motcl_worker_close(w);
}

/* Let the job have a seed: its own, or one that is drawn. */
static int seed_job(motcl_job *asked, mcl_options *o, motcl_err *err) {
  if (!asked->unseeded)
    return MOTCL_OK;
  asked->unseeded = false;
  int rc = motcl_seed(&asked->request.seed, err);
  o->request.seed = asked->request.seed;
  return rc;
}

/* Something of ours failed inside a callback: nothing more is wanted. */
static void give_up(job *j, int rc) {
  j->rc = rc;
  if (rc != MOTCL_OK)
    motcl_worker_cancel(j->worker);
}

static void say_text(job *j, const char *text, size_t n) {
  mcl_screen_clear(&j->screen);
  if (fwrite(text, 1, n, stdout) != n || fflush(stdout) != 0)
    give_up(j, motcl_fail(&j->err, MOTCL_EIO, "the answer cannot be written to stdout: %s",
                          strerror(errno)));
  j->spoken = true;
  j->midline = text[n - 1] != '\n';
}

static void keep_picture(job *j, const motcl_event *e) {
  size_t bytes = (size_t)e->width * e->height * 3;
  free(j->rgb);
  j->rgb = malloc(bytes);
  if (!j->rgb) {
    give_up(j, mcl_no_memory(&j->err));
    return;
  }
  memcpy(j->rgb, e->rgb, bytes);
  j->width = e->width;
  j->height = e->height;
}

/* Words that stream to the terminal show by themselves how far they are. */
static bool worth_a_bar(const job *j, motcl_phase phase) {
  return !j->screen.bar || (phase != MOTCL_PHASE_WRITING && phase != MOTCL_PHASE_THINKING);
}

static void on_event(void *user, const motcl_event *e) {
  job *j = user;
  if (j->rc != MOTCL_OK)
    return;
  if (j->o->json)
    mcl_answer_event(&j->answer, e);
  if (e->kind == MOTCL_EVENT_STEP && worth_a_bar(j, e->phase))
    mcl_screen_step(&j->screen, motcl_phase_name(e->phase), e->step, e->of, e->left);
  else if (e->kind == MOTCL_EVENT_THOUGHT)
    mcl_screen_text(&j->screen, e->text, e->size);
  else if (e->kind == MOTCL_EVENT_TEXT && e->size && !j->o->json)
    say_text(j, e->text, e->size);
  else if (e->kind == MOTCL_EVENT_PICTURE)
    keep_picture(j, e);
}

static int on_array(void *user, const motcl_array *a, motcl_err *err) {
  const job *j = user;
  return mcl_dump_array(j->o->dump, a, err);
}

/* A text ends its line, also one that is empty or was broken off. */
static void end_text(job *j, int rc) {
  if (!j->o->json && !draws(&j->o->request) && (j->midline || (rc == MOTCL_OK && !j->spoken)))
    putchar('\n');
  j->midline = false;
}

/* A picture that is made again is promised to be the same bytes by an equal fingerprint only. */
static void compare_fingerprints(job *j) {
  if (j->made_by && strcmp(j->made_by, motcl_worker_fingerprint(j->worker)) != 0)
    mcl_screen_say(&j->screen, false,
                   "%s was made with another version, device or plan; this picture may differ from "
                   "it in rounding",
                   strcmp(j->o->like, "-") ? j->o->like : "the picture");
}

/* Write the picture to its file, and tell of it. */
static int give_picture(job *j, const motcl_request *r, motcl_err *err) {
  char name[MCL_NAME_ROOM];
  int rc = mcl_output_write(j->o, r, j->rgb, j->width, j->height,
                            motcl_worker_fingerprint(j->worker), err);
  if (rc == MOTCL_OK && j->o->json)
    rc = mcl_output_name(name, j->o, r->seed, err);
  if (rc == MOTCL_OK && j->o->json)
    mcl_answer_picture(&j->answer, name, j->width, j->height);
  return rc;
}

static int run_one(job *j, const motcl_request *r, motcl_err *err) {
  motcl_sink sink = {.user = j,
                     .event = on_event,
                     .array = j->o->dump ? on_array : NULL,
                     .layers = j->o->dump_layers};
  motcl_worker *w = j->worker;
  double began = mcl_seconds();
  if (j->screen.bar) /* building kernels for the first time can take a minute */
    mcl_screen_step(&j->screen, "preparing", 0, 1, -1);
  mcl_answer_begin(&j->answer, r->seed);
  int rc = motcl_worker_run(w, r, &sink, 1, err);
  mcl_screen_clear(&j->screen);
  end_text(j, rc);
  mcl_screen_say(&j->screen, true, "fingerprint %s", motcl_worker_fingerprint(w));
  if (j->rc != MOTCL_OK) {
    if (err)
      *err = j->err;
    return j->rc;
  }
  if (rc == MOTCL_OK && draws(r))
    rc = give_picture(j, r, err);
  mcl_answer_end(&j->answer, rc == MOTCL_OK && !draws(r));
  if (rc == MOTCL_OK)
    compare_fingerprints(j);
  if (rc == MOTCL_OK && draws(r))
    mcl_screen_say(&j->screen, false, "seed %" PRIu64 ", %ux%u, %.1f s", r->seed, j->width,
                   j->height, mcl_seconds() - began);
  else if (rc == MOTCL_OK)
    mcl_screen_say(&j->screen, r->settings.temperature == 0, "seed %" PRIu64 ", %.1f s", r->seed,
                   mcl_seconds() - began);
  return rc;
}

/* What was done counts, also where what came after it failed. */
static int print_answer(job *j, int rc, motcl_err *err) {
  motcl_err other;
  if (!j->o->json || !json_array_size(j->answer.items))
    return rc;
  const motcl_device *d = motcl_worker_device(j->worker);
  int printed =
      mcl_answer_print(&j->answer, d->name, d->driver, motcl_worker_fingerprint(j->worker),
                       rc == MOTCL_OK ? err : &other);
  return rc == MOTCL_OK ? printed : rc;
}

static int run_all(job *j, const mcl_env *env, motcl_err *err) {
  motcl *m = NULL;
  motcl_request r = j->o->request;
  mcl_answer_init(&j->answer);
  int rc = mcl_library_open(&m, env, &j->screen, err);
  if (rc == MOTCL_OK)
    rc = mcl_work_open(&j->worker, m, env, j->o, err);
  for (uint32_t i = 0; i < j->o->count && rc == MOTCL_OK; i++) {
    rc = mcl_interrupted() ? motcl_fail(err, MOTCL_ECANCELLED, "cancelled") : run_one(j, &r, err);
    r.seed++;
  }
  rc = print_answer(j, rc, err);
  mcl_answer_finish(&j->answer);
  mcl_work_close(j->worker);
  motcl_close(m);
  return rc;
}

/* Everything that can be found wrong before the work is. */
static int check(mcl_options *o, motcl_err *err) {
  const char *dir = o->dump;
  int rc = motcl_request_check(&o->request, err);
  if (rc == MOTCL_OK && dir && o->count > 1)
    rc = motcl_fail(err, MOTCL_EINVAL, "--dump records one picture, not %u", o->count);
  if (rc == MOTCL_OK && o->dump_layers && !dir)
    rc = motcl_fail(err, MOTCL_EINVAL, "--dump-layers goes with --dump DIR");
  if (rc == MOTCL_OK && draws(&o->request))
    rc = mcl_output_check(o, err);
  return rc == MOTCL_OK && dir ? mcl_dump_open(dir, err) : rc;
}

static int save(job *j, const motcl_job *asked, motcl_err *err) {
  const motcl_request *r = &asked->request;
  int rc = motcl_request_check(r, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_save(asked, j->o, err);
  if (rc == MOTCL_OK)
    mcl_screen_say(&j->screen, !draws(r) && r->settings.temperature == 0, "seed %" PRIu64, r->seed);
  return rc;
}

int mcl_work(const mcl_env *env, mcl_options *o, motcl_err *err) {
  mcl_inputs in = {0};
  motcl_job asked = {0};
  job j = {.o = o};
  const char *model;
  mcl_screen_init(&j.screen, env, o);
  int rc = o->save_job ? MOTCL_OK : mcl_work_model(&model, env, o, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_gather(&asked, &in, o, err);
  j.made_by = in.recipe ? motcl_recipe_fingerprint(in.recipe) : NULL;
  if (rc == MOTCL_OK)
    rc = seed_job(&asked, o, err);
  if (rc == MOTCL_OK && o->save_job)
    rc = save(&j, &asked, err);
  else if (rc == MOTCL_OK)
    rc = check(o, err);
  if (rc == MOTCL_OK && !o->save_job)
    rc = run_all(&j, env, err);
  mcl_screen_clear(&j.screen);
  free(j.rgb);
  mcl_inputs_finish(&in);
  motcl_job_finish(&asked);
  return rc;
}
