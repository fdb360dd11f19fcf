/* run_save.c - a job saved between two steps, and gone on with. */
#include <string.h>

#include "base/mem.h"
#include "job/message/saved_job.h"
#include "job/run_state.h"
#include "job/state.h"
#include "session/items.h"

int mcl_job_task_save(const mcl_job_task *j, uint8_t **bytes, size_t *n, motcl_err *err) {
  mcl_saved_job saved = {.id = j->job.id, .events = j->told, .seconds = mcl_job_seconds(j)};
  uint8_t *task = NULL;
  int rc = mcl_worker_enter(j->worker, "a job saved", err);
  if (rc == MOTCL_OK && j->ended)
    rc = mcl_fail(err, MOTCL_EINVAL, "a job that has ended cannot be saved");
  if (rc != MOTCL_OK)
    return rc;
  if (j->rc != MOTCL_OK) {
    if (err)
      *err = j->err;
    return j->rc;
  }
  rc = mcl_task_save(j->task, &task, &saved.task_bytes, err);
  if (rc != MOTCL_OK)
    return rc;
  saved.task = task;
  saved.outputs = mcl_task_output(j->task) + 1;
  mcl_saved_output *output = mcl_zalloc(saved.outputs, sizeof *output);
  for (size_t i = 0; output && i < saved.outputs; i++) {
    const mcl_output *m = &j->results[i];
    output[i] = (mcl_saved_output){.words = m->words.text,
                                   .words_bytes = m->words.n,
                                   .file = m->file,
                                   .bytes = m->bytes,
                                   .width = m->width,
                                   .height = m->height};
  }
  saved.output = output;
  rc = output ? mcl_saved_job_pack(&saved, bytes, n, err)
              : mcl_fail_nomem(err, saved.outputs * sizeof *output);
  mcl_free(output);
  mcl_free(task);
  return rc;
}

static int foreign(motcl_err *err) {
  return mcl_fail(err, MOTCL_EFORMAT,
                  "what the saved job says was made is not what its task has made; submit the job "
                  "again");
}

/* An output before the one at work is whole, and that one has no picture yet. */
static int restore_output(mcl_job_task *j, size_t i, const mcl_saved_output *saved,
                          motcl_err *err) {
  const motcl_item *item = j->output[i];
  mcl_output *m = &j->results[i];
  bool picture = item->output != MOTCL_OUTPUT_TEXT, made = i < j->at;
  const char *at;
  if ((saved->file != NULL) != (picture && made) ||
      (picture && !item->settings->think && saved->words_bytes))
    return foreign(err);
  int rc = saved->words_bytes ? mcl_output_words(m, item->output, picture, saved->words,
                                                 saved->words_bytes, &at, err)
                              : MOTCL_OK;
  if (rc != MOTCL_OK || !saved->file)
    return rc;
  m->file = (uint8_t *)mcl_strndup(saved->file, saved->bytes);
  m->bytes = saved->bytes;
  m->width = saved->width;
  m->height = saved->height;
  return m->file ? MOTCL_OK : mcl_fail_nomem(err, saved->bytes);
}

static int restore(mcl_job_task *j, const mcl_saved_job *saved, motcl_err *err) {
  int rc = MOTCL_OK;
  if (saved->outputs > j->outputs)
    return foreign(err);
  j->told = saved->events;
  j->before = saved->seconds;
  j->at = saved->outputs - 1;
  for (size_t i = 0; i < saved->outputs && rc == MOTCL_OK; i++)
    rc = restore_output(j, i, &saved->output[i], err);
  for (size_t i = 0; i < j->at && rc == MOTCL_OK; i++)
    mcl_output_settle(&j->results[i], j->output[i]);
  if (rc == MOTCL_OK && saved->id && !(j->id = mcl_strdup(saved->id)))
    rc = mcl_fail_nomem(err, 1);
  j->job.id = j->id;
  return rc;
}

/* The task is that of the request, and at work on the output that the job says. */
static int go_on(mcl_job_task *j, const mcl_saved_job *saved, const mcl_saved_task *task,
                 bool exact, motcl_err *err) {
  const motcl_sink sink = mcl_job_sink(j);
  const char *name, *digest;
  int rc = motcl_job_unpack(&j->job, task->job, task->job_bytes, err);
  if (rc == MOTCL_OK)
    rc = mcl_job_list(j, err);
  if (rc == MOTCL_OK)
    rc = restore(j, saved, err);
  if (rc == MOTCL_OK && mcl_request_draws(&j->job.request))
    rc = mcl_worker_model_name(j->worker, &name, &digest, err);
  if (rc == MOTCL_OK)
    rc = mcl_task_go_on(&j->task, j->worker, task, &j->job, exact, &sink, mcl_job_stopped, j, err);
  if (rc == MOTCL_OK && mcl_task_output(j->task) != j->at)
    rc = foreign(err);
  return rc;
}

int mcl_job_task_resume(mcl_job_task **out, mcl_worker *w, const motcl_device *device,
                        const uint8_t *bytes, size_t n, bool exact, const mcl_listener *listener,
                        mcl_cancel_fn cancel, void *user, motcl_err *err) {
  mcl_job_task *j = NULL;
  mcl_saved_job saved = {0};
  mcl_saved_task task = {0};
  int rc = mcl_job_make(&j, w, device, listener, cancel, user, err);
  if (rc == MOTCL_OK)
    rc = mcl_saved_job_unpack(&saved, bytes, n, err);
  if (rc == MOTCL_OK)
    rc = mcl_saved_task_unpack(&task, saved.task, saved.task_bytes, err);
  if (rc == MOTCL_OK)
    rc = go_on(j, &saved, &task, exact, err);
  mcl_saved_task_finish(&task);
  mcl_saved_job_finish(&saved);
  if (rc != MOTCL_OK) {
    mcl_job_task_close(j);
    return rc;
  }
  *out = j;
  j->rc = mcl_job_say_started(j, &j->err);
  return MOTCL_OK;
}
