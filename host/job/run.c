/* run.c - a Job message as a task: requests and events of the worker become messages. */
#include "job/run_state.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/version.h"
#include "io/picture.h"
#include "job/recipe.h"
#include "job/state.h"
#include "session/items.h"

/* Envelope and post of an event. */
static int say(mcl_job_task *j, motcl_job_event *e, motcl_err *err) {
  uint8_t *bytes;
  size_t n;
  e->job = j->job.id;
  e->number = ++j->told;
  e->time = mcl_clock_utc();
  if (!j->listener.event)
    return MOTCL_OK;
  int rc = motcl_job_event_pack(e, &bytes, &n, err);
  if (rc != MOTCL_OK)
    return rc;
  j->worker->callbacks++;
  j->listener.event(j->listener.user, bytes, n);
  j->worker->callbacks--;
  mcl_free(bytes);
  return MOTCL_OK;
}

int mcl_job_say_started(mcl_job_task *j, motcl_err *err) {
  return say(j,
             &(motcl_job_event){
                 .kind = MOTCL_JOB_STARTED, .device = j->device->name, .driver = j->device->driver},
             err);
}

static void on_words(mcl_job_task *j, const motcl_event *e, bool thought) {
  mcl_output *m = &j->results[j->at];
  const char *piece;
  j->rc = mcl_output_words(m, j->output[j->at]->output, thought, e->text, e->size, &piece, &j->err);
  if (j->rc == MOTCL_OK)
    j->rc = say(j,
                &(motcl_job_event){.kind = thought ? MOTCL_JOB_THOUGHT : MOTCL_JOB_TEXT,
                                   .text = piece,
                                   .output = (uint32_t)j->at},
                &j->err);
}

static int encode(uint8_t **file, size_t *bytes, const motcl_event *e, const motcl_line *line,
                  size_t lines, motcl_err *err) {
  mcl_image im = {e->width, e->height, 3, (uint8_t *)(uintptr_t)e->rgb}; /* not written to */
  return mcl_picture_write_png(file, bytes, &im, line, lines, err);
}

/* The file says how it was made. */
static int write_file(mcl_output *m, const mcl_job_task *j, const motcl_event *e, motcl_err *err) {
  motcl_request *alone = NULL;
  motcl_line *line = NULL;
  size_t lines = 0;
  int rc = motcl_request_alone(&alone, &j->job.request, j->at, err);
  motcl_recipe_source of = {.request = alone,
                            .width = e->width,
                            .height = e->height,
                            .fingerprint = mcl_task_fingerprint(j->task)};
  if (rc == MOTCL_OK && !alone->settings.protocol)
    alone->settings.protocol = mcl_worker_protocol(j->worker);
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

static void on_picture(mcl_job_task *j, const motcl_event *e) {
  mcl_output *m = &j->results[j->at];
  j->rc = write_file(m, j, e, &j->err);
  if (j->rc != MOTCL_OK)
    return;
  m->width = e->width;
  m->height = e->height;
  j->rc = say(j,
              &(motcl_job_event){.kind = MOTCL_JOB_PICTURE,
                                 .file = m->file,
                                 .bytes = m->bytes,
                                 .width = m->width,
                                 .height = m->height,
                                 .output = (uint32_t)j->at},
              &j->err);
}

static void on_preview(mcl_job_task *j, const motcl_event *e) {
  uint8_t *file = NULL;
  size_t bytes = 0;
  j->rc = encode(&file, &bytes, e, NULL, 0, &j->err);
  if (j->rc == MOTCL_OK)
    j->rc = say(j,
                &(motcl_job_event){.kind = MOTCL_JOB_PREVIEW,
                                   .file = file,
                                   .bytes = bytes,
                                   .width = e->width,
                                   .height = e->height,
                                   .output = (uint32_t)j->at},
                &j->err);
  mcl_free(file);
}

static void on_event(void *user, const motcl_event *e) {
  mcl_job_task *j = user;
  if (j->rc != MOTCL_OK || e->output >= j->outputs)
    return;
  for (; j->at < e->output; j->at++)
    mcl_output_settle(&j->results[j->at], j->output[j->at]);
  switch (e->kind) {
  case MOTCL_EVENT_STEP:
    j->rc = say(j,
                &(motcl_job_event){.kind = MOTCL_JOB_STEP,
                                   .phase = e->phase,
                                   .step = e->step,
                                   .of = e->of,
                                   .left = e->left},
                &j->err);
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
  case MOTCL_EVENT_DONE:
    j->done = true;
    break;
  }
}

/* Outputs that are whole: all of them, or those up to the text that asked for no picture, or those before
 * the one that failed, with it if it is a picture that is there. */
static size_t whole(const mcl_job_task *j) {
  if (j->rc == MOTCL_OK)
    return j->done ? j->at + 1 : j->outputs;
  return j->at + (j->results[j->at].file != NULL);
}

/* A picture has a file, a text may have nothing. */
static size_t gather(const mcl_job_task *j, motcl_answer *answer) {
  size_t n = whole(j);
  for (size_t i = 0; i < n; i++) {
    const mcl_output *m = &j->results[i];
    answer[i] =
        (motcl_answer){.kind = mcl_output_kind(j->output[i]->output), .thought = m->thought.text};
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
static int pack_result(mcl_job_task *j, double seconds, const motcl_answer *answer, size_t answers,
                       motcl_err *err) {
  motcl_result r = {.job = j->job.id,
                    .answer = answer,
                    .answers = answers,
                    .code = j->rc,
                    .sentence = j->rc == MOTCL_OK ? NULL : j->err.text,
                    .seed = j->job.request.seed,
                    .fingerprint = j->task ? mcl_task_fingerprint(j->task) : NULL,
                    .seconds = seconds,
                    .device = j->device->name,
                    .driver = j->device->driver,
                    .version = mcl_version};
  return motcl_result_pack(&r, &j->result, &j->result_bytes, err);
}

/* Answers that no message holds together are a failure, whose result has none. */
static void make_result(mcl_job_task *j, double seconds) {
  motcl_err why;
  motcl_answer *answer = mcl_zalloc(j->outputs, sizeof *answer);
  int rc = answer ? pack_result(j, seconds, answer, gather(j, answer), &why)
                  : mcl_fail_nomem(&why, j->outputs * sizeof *answer);
  mcl_free(answer);
  if (rc == MOTCL_OK)
    return;
  j->rc = rc;
  j->err = why;
  (void)pack_result(j, seconds, NULL, 0, NULL);
}

static motcl_job_event last_event(const mcl_job_task *j, double seconds) {
  if (j->rc == MOTCL_OK)
    return (motcl_job_event){.kind = MOTCL_JOB_DONE, .seconds = seconds};
  if (j->rc == MOTCL_ECANCELLED)
    return (motcl_job_event){.kind = MOTCL_JOB_CANCELLED};
  return (motcl_job_event){.kind = MOTCL_JOB_FAILED, .code = j->rc, .text = j->err.text};
}

double mcl_job_seconds(const mcl_job_task *j) {
  return j->before + mcl_clock_since(j->began);
}

/* A failure of ours is why the task was cancelled. */
static void conclude(void *user, int rc, const motcl_err *why) {
  mcl_job_task *j = user;
  double seconds = mcl_job_seconds(j);
  if (j->rc == MOTCL_OK && rc != MOTCL_OK) {
    j->rc = rc;
    j->err = *why;
  }
  make_result(j, seconds);
  j->ended = true;
  motcl_job_event e = last_event(j, seconds);
  (void)say(j, &e, NULL);
}

bool mcl_job_stopped(void *user) {
  mcl_job_task *j = user;
  return j->rc != MOTCL_OK || (j->cancel && j->cancel(j->user));
}

/* ---- beginning ---- */

int mcl_job_list(mcl_job_task *j, motcl_err *err) {
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

int mcl_job_make(mcl_job_task **out, mcl_worker *w, const motcl_device *device,
                 const mcl_listener *listener, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  int rc = mcl_worker_enter(w, "a job submitted", err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_job_task *j = mcl_zalloc(1, sizeof *j);
  if (!j)
    return mcl_fail_nomem(err, sizeof *j);
  j->worker = w;
  j->device = device;
  j->listener = *listener;
  j->cancel = cancel;
  j->user = user;
  j->began = mcl_clock();
  *out = j;
  return MOTCL_OK;
}

motcl_sink mcl_job_sink(mcl_job_task *j) {
  return (motcl_sink){.user = j, .event = on_event, .end = conclude};
}

/* From what is asked to a task at work. What a file has to say is known before the work is done. */
static int begin(mcl_job_task *j, motcl_err *err) {
  motcl_request *r = &j->job.request;
  const motcl_sink sink = mcl_job_sink(j);
  const char *name, *digest;
  int rc = motcl_request_check(r, err);
  if (rc == MOTCL_OK && j->job.unseeded)
    rc = motcl_seed(&r->seed, err);
  if (rc == MOTCL_OK && mcl_request_draws(r))
    rc = mcl_worker_model_name(j->worker, &name, &digest, err);
  if (rc == MOTCL_OK)
    rc = say(j, &(motcl_job_event){.kind = MOTCL_JOB_ACCEPTED}, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_say_started(j, err);
  r->priority = j->job.priority;
  if (rc == MOTCL_OK)
    rc = mcl_task_submit(&j->task, j->worker, r, &sink, mcl_job_stopped, j, err);
  return rc;
}

int mcl_job_task_submit(mcl_job_task **out, mcl_worker *w, const motcl_device *device,
                        const uint8_t *job, size_t n, const mcl_listener *listener,
                        mcl_cancel_fn cancel, void *user, motcl_err *err) {
  mcl_job_task *j;
  motcl_err why;
  int rc = mcl_job_make(&j, w, device, listener, cancel, user, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = motcl_job_unpack(&j->job, job, n, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_list(j, err);
  if (rc != MOTCL_OK) {
    mcl_job_task_close(j);
    return rc;
  }
  *out = j;
  rc = begin(j, &why);
  if (rc != MOTCL_OK)
    conclude(j, rc, &why);
  return MOTCL_OK;
}

/* ---- asking, closing ---- */

int mcl_job_task_status(const mcl_job_task *j, motcl_err *err) {
  if (!j->ended)
    return 1;
  if (j->rc != MOTCL_OK && err)
    *err = j->err;
  return j->rc;
}

int mcl_job_task_result(const mcl_job_task *j, const uint8_t **bytes, size_t *n, motcl_err *err) {
  if (!j->ended)
    return mcl_fail(err, MOTCL_EINVAL, "a job that has not ended has no result yet");
  if (!j->result)
    return mcl_fail_nomem(err, 1);
  *bytes = j->result;
  *n = j->result_bytes;
  return MOTCL_OK;
}

void mcl_job_task_close(mcl_job_task *j) {
  if (!j || j->worker->callbacks || mcl_worker_out_of_reach(j->worker))
    return;
  mcl_task_close(j->task);
  for (size_t i = 0; j->results && i < j->outputs; i++)
    mcl_output_finish(&j->results[i]);
  mcl_free(j->results);
  mcl_free((void *)j->output);
  mcl_free(j->item);
  mcl_free(j->id);
  mcl_free(j->result);
  motcl_job_finish(&j->job);
  mcl_free(j);
}

/* ---- jobs done at once ---- */

int mcl_job_run(mcl_worker *w, const motcl_device *device, const uint8_t *job, size_t n,
                const mcl_listener *listener, mcl_cancel_fn cancel, void *user, uint8_t **result,
                size_t *result_n, motcl_err *err) {
  mcl_job_task *j;
  motcl_err why;
  int rc = mcl_job_task_submit(&j, w, device, job, n, listener, cancel, user, err);
  if (rc != MOTCL_OK)
    return rc;
  while (!j->ended) {
    rc = mcl_worker_go_on(w, &why);
    if (rc != MOTCL_OK && !j->ended)
      conclude(j, rc, &why);
  }
  if (j->result) {
    *result = j->result;
    *result_n = j->result_bytes;
    j->result = NULL;
    rc = MOTCL_OK;
  } else {
    rc = mcl_fail_nomem(err, 1);
  }
  mcl_job_task_close(j);
  return rc;
}
