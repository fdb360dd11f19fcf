/* run.c - a Job message worked on: requests and events of the worker become messages. */
#include "job/run.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/version.h"
#include "io/picture.h"
#include "job/output.h"
#include "job/recipe.h"
#include "session/items.h"

/*
 * A job at work.
 *
 * item     of its request, each output with its settings
 * output   [outputs] of them
 * results  [outputs]; `at` is the one under way
 * begun    the worker has it: its fingerprint is this job's
 * rc       a failure of ours inside a callback, with `err`; the work is then cancelled
 */
typedef struct run {
  mcl_worker *worker;
  const motcl_device *device;
  const mcl_listener *listener;
  mcl_cancel_fn cancel;
  void *user;
  motcl_job job;
  motcl_item *item, **output;
  mcl_output *results;
  size_t outputs, at;
  uint64_t number;
  double began;
  bool begun;
  int rc;
  motcl_err err;
} run;

/* Envelope and post of an event. */
static void say(run *j, motcl_job_event *e) {
  uint8_t *bytes;
  size_t n;
  if (!j->listener->event || j->rc != MOTCL_OK)
    return;
  e->job = j->job.id;
  e->number = ++j->number;
  e->time = mcl_clock_utc();
  j->rc = motcl_job_event_pack(e, &bytes, &n, &j->err);
  if (j->rc != MOTCL_OK)
    return;
  j->listener->event(j->listener->user, bytes, n);
  mcl_free(bytes);
}

static void on_words(run *j, const motcl_event *e, bool thought) {
  mcl_output *m = &j->results[j->at];
  const char *piece;
  j->rc = mcl_output_words(m, j->output[j->at]->output, thought, e->text, e->size, &piece, &j->err);
  if (j->rc == MOTCL_OK)
    say(j, &(motcl_job_event){.kind = thought ? MOTCL_JOB_THOUGHT : MOTCL_JOB_TEXT,
                              .text = piece,
                              .output = (uint32_t)j->at});
}

static int encode(uint8_t **file, size_t *bytes, const motcl_event *e, const motcl_line *line,
                  size_t lines, motcl_err *err) {
  mcl_image im = {e->width, e->height, 3, (uint8_t *)(uintptr_t)e->rgb}; /* not written to */
  return mcl_picture_write_png(file, bytes, &im, line, lines, err);
}

/* The file says how it was made. */
static int write_file(mcl_output *m, const run *j, const motcl_event *e, motcl_err *err) {
  motcl_request *alone = NULL;
  motcl_line *line = NULL;
  size_t lines = 0;
  int rc = motcl_request_alone(&alone, &j->job.request, j->at, err);
  motcl_recipe_source of = {.request = alone,
                            .width = e->width,
                            .height = e->height,
                            .fingerprint = mcl_worker_fingerprint(j->worker)};
  if (rc == MOTCL_OK)
    rc = mcl_worker_model_name(j->worker, &of.model, &of.digest, err);
  if (rc == MOTCL_OK)
    rc = mcl_recipe_lines(&line, &lines, &of, err);
  if (rc == MOTCL_OK)
    rc = encode(&m->file, &m->bytes, e, line, lines, err);
  mcl_free(line);
  mcl_free(alone);
  return rc;
}

static void on_picture(run *j, const motcl_event *e) {
  mcl_output *m = &j->results[j->at];
  if (m->file)
    return;
  j->rc = write_file(m, j, e, &j->err);
  if (j->rc != MOTCL_OK)
    return;
  m->width = e->width;
  m->height = e->height;
  say(j, &(motcl_job_event){.kind = MOTCL_JOB_PICTURE,
                            .file = m->file,
                            .bytes = m->bytes,
                            .width = m->width,
                            .height = m->height,
                            .output = (uint32_t)j->at});
}

static void on_preview(run *j, const motcl_event *e) {
  uint8_t *file = NULL;
  size_t bytes = 0;
  j->rc = encode(&file, &bytes, e, NULL, 0, &j->err);
  if (j->rc == MOTCL_OK)
    say(j, &(motcl_job_event){.kind = MOTCL_JOB_PREVIEW,
                              .file = file,
                              .bytes = bytes,
                              .width = e->width,
                              .height = e->height,
                              .output = (uint32_t)j->at});
  mcl_free(file);
}

static void on_event(void *user, const motcl_event *e) {
  run *j = user;
  if (j->rc != MOTCL_OK || e->output >= j->outputs)
    return;
  for (; j->at < e->output; j->at++)
    mcl_output_settle(&j->results[j->at], j->output[j->at]);
  switch (e->kind) {
  case MOTCL_EVENT_STEP:
    say(j, &(motcl_job_event){.kind = MOTCL_JOB_STEP,
                              .phase = e->phase,
                              .step = e->step,
                              .of = e->of,
                              .left = e->left});
    break;
  case MOTCL_EVENT_THOUGHT:
    on_words(j, e, true);
    break;
  case MOTCL_EVENT_TEXT:
    on_words(j, e, false);
    break;
  case MOTCL_EVENT_PICTURE:
    on_picture(j, e);
    break;
  case MOTCL_EVENT_PREVIEW:
    on_preview(j, e);
    break;
  }
}

static bool stopped(void *user) {
  run *j = user;
  return j->rc != MOTCL_OK || (j->cancel && j->cancel(j->user));
}

/* From what is asked to the last event but one. */
static int work(run *j, motcl_err *err) {
  motcl_request *r = &j->job.request;
  motcl_sink sink = {.user = j, .event = on_event};
  int rc = motcl_request_check(r, err);
  if (rc == MOTCL_OK && j->job.unseeded)
    rc = motcl_seed(&r->seed, err);
  if (rc != MOTCL_OK)
    return rc;
  r->priority = j->job.priority;
  if (mcl_request_draws(r)) { /* what a file has to say is known before the work is done */
    const char *name, *digest;
    if ((rc = mcl_worker_model_name(j->worker, &name, &digest, err)) != MOTCL_OK)
      return rc;
  }
  say(j, &(motcl_job_event){.kind = MOTCL_JOB_ACCEPTED});
  say(j, &(motcl_job_event){
             .kind = MOTCL_JOB_STARTED, .device = j->device->name, .driver = j->device->driver});
  j->begun = true;
  rc = mcl_worker_run(j->worker, r, &sink, 1, stopped, j, err);
  if (j->rc == MOTCL_OK)
    return rc;
  if (err)
    *err = j->err;
  return j->rc;
}

/* Outputs that are whole: all of them, or those before the one that failed, with it if it is a
 * picture that is there. */
static size_t whole(const run *j, int rc) {
  if (rc == MOTCL_OK)
    return j->outputs;
  return j->at + (j->results[j->at].file != NULL);
}

/* A picture has a file, a text may have nothing. */
static size_t gather(const run *j, int rc, motcl_answer *answer) {
  size_t n = whole(j, rc);
  for (size_t i = 0; i < n; i++) {
    const mcl_output *m = &j->results[i];
    answer[i] = (motcl_answer){.kind = j->output[i]->output, .thought = m->thought.text};
    if (answer[i].kind == MOTCL_OUTPUT_PICTURE && j->output[i]->settings->think && !m->thought.text)
      answer[i].thought = "";
    if (answer[i].kind == MOTCL_OUTPUT_TEXT) {
      answer[i].text = m->text.text ? m->text.text : "";
      continue;
    }
    answer[i].file = m->file;
    answer[i].bytes = m->bytes;
    answer[i].width = m->width;
    answer[i].height = m->height;
  }
  return n;
}

/* A sentence that a message holds: mcl_fail's are shorter than its limit and UTF-8. */
static int conclude(run *j, int rc, const motcl_err *why, uint8_t **result, size_t *n,
                    motcl_err *err) {
  const char *fingerprint = j->begun ? mcl_worker_fingerprint(j->worker) : "";
  motcl_answer *answer = mcl_zalloc(j->outputs, sizeof *answer);
  if (!answer)
    return mcl_fail_nomem(err, sizeof *answer);
  motcl_result r = {.job = j->job.id,
                    .answer = answer,
                    .answers = gather(j, rc, answer),
                    .code = rc,
                    .sentence = rc == MOTCL_OK ? NULL : why->text,
                    .seed = j->job.request.seed,
                    .fingerprint = *fingerprint ? fingerprint : NULL,
                    .seconds = mcl_clock_since(j->began),
                    .device = j->device->name,
                    .driver = j->device->driver,
                    .version = mcl_version};
  j->rc = MOTCL_OK;
  if (rc == MOTCL_OK)
    say(j, &(motcl_job_event){.kind = MOTCL_JOB_DONE, .seconds = r.seconds});
  else if (rc == MOTCL_ECANCELLED)
    say(j, &(motcl_job_event){.kind = MOTCL_JOB_CANCELLED});
  else
    say(j, &(motcl_job_event){.kind = MOTCL_JOB_FAILED, .code = rc, .text = why->text});
  rc = motcl_result_pack(&r, result, n, err);
  mcl_free(answer);
  return rc;
}

static void finish(run *j) {
  for (size_t i = 0; j->results && i < j->outputs; i++)
    mcl_output_finish(&j->results[i]);
  mcl_free(j->results);
  mcl_free((void *)j->output);
  mcl_free(j->item);
  motcl_job_finish(&j->job);
}

/* The request as items, of whose outputs nothing is made yet. */
static int list(run *j, motcl_err *err) {
  motcl_request *r = &j->job.request;
  size_t n;
  int rc = motcl_request_items(&j->item, &n, r, err);
  if (rc != MOTCL_OK)
    return rc;
  j->outputs = mcl_request_outputs(r);
  j->results = mcl_zalloc(j->outputs, sizeof *j->results);
  j->output = (motcl_item **)mcl_zalloc(j->outputs, sizeof(motcl_item *));
  if (!j->results || !j->output)
    return mcl_fail_nomem(err, j->outputs * sizeof *j->results);
  for (size_t i = 0, k = 0; i < n; i++) {
    j->item[i].mades = 0;
    if (j->item[i].kind == MOTCL_ITEM_OUTPUT)
      j->output[k++] = &j->item[i];
  }
  r->item = j->item;
  r->items = n;
  return MOTCL_OK;
}

int mcl_job_run(mcl_worker *w, const motcl_device *device, const uint8_t *job, size_t n,
                const mcl_listener *listener, mcl_cancel_fn cancel, void *user, uint8_t **result,
                size_t *result_n, motcl_err *err) {
  run j = {.worker = w,
           .device = device,
           .listener = listener,
           .cancel = cancel,
           .user = user,
           .began = mcl_clock()};
  motcl_err why = {0};
  int rc = motcl_job_unpack(&j.job, job, n, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = list(&j, err);
  if (rc == MOTCL_OK) {
    rc = work(&j, &why);
    rc = conclude(&j, rc, &why, result, result_n, err);
  }
  finish(&j);
  return rc;
}
