/* queue.c - what the commands about a daemon's jobs share. */
#include "cli/queue/queue.h"

#include <string.h>

#include "cli/memory.h"
#include "cli/print.h"

int mcl_queue_open(mcl_queue *q, const mcl_env *env, mcl_options *o, motcl_err *err) {
  *q = (mcl_queue){.env = env, .o = o, .daemon = {.fd = -1}, .jobs = json_array()};
  mcl_terminal_init(&q->terminal, env, o);
  return mcl_daemon_open(&q->daemon, env, o, err);
}

void mcl_queue_close(mcl_queue *q) {
  mcl_terminal_clear(&q->terminal);
  mcl_daemon_close(&q->daemon);
  mcl_outcome_put(q->o->outcome, "jobs", q->jobs);
  q->jobs = NULL;
}

int mcl_queue_ask(mcl_queue *q, Motcl__V1__Request__WhatCase what, const char *id,
                  Motcl__V1__Response__WhatCase kind, Motcl__V1__Response **out, motcl_err *err) {
  char copy[1024]; /* the daemon says what is wrong with a long one */
  Motcl__V1__WhichJob which = MOTCL__V1__WHICH_JOB__INIT;
  Motcl__V1__Request r = MOTCL__V1__REQUEST__INIT;
  snprintf(copy, sizeof copy, "%s", id);
  which.id = copy;
  r.what_case = what;
  r.watch = &which; /* all of the union's are one */
  return mcl_daemon_ask(&q->daemon, &r, kind, out, err);
}

const char *mcl_queue_state(Motcl__V1__JobState state) {
  static const char *const words[] = {
      [MOTCL__V1__JOB_STATE__JOB_WAITING] = "waiting",
      [MOTCL__V1__JOB_STATE__JOB_HELD] = "held",
      [MOTCL__V1__JOB_STATE__JOB_RUNNING] = "running",
      [MOTCL__V1__JOB_STATE__JOB_DONE] = "done",
      [MOTCL__V1__JOB_STATE__JOB_FAILED] = "failed",
      [MOTCL__V1__JOB_STATE__JOB_CANCELLED] = "cancelled",
  };
  return state >= MOTCL__V1__JOB_STATE__JOB_WAITING && state <= MOTCL__V1__JOB_STATE__JOB_CANCELLED
             ? words[state]
             : "unknown";
}

/* A member that is there. */
static void put(json_t *job, bool there, const char *key, json_t *value) {
  if (there)
    json_object_set_new(job, key, value);
  else
    json_decref(value);
}

static json_t *text(const char *s) {
  return mcl_json_text(s ? s : "");
}

static json_t *labels(const Motcl__V1__JobStatus *s) {
  json_t *list = json_array();
  for (size_t i = 0; i < s->n_label; i++)
    json_array_append_new(list, json_pack("{s:o, s:o}", "key", text(s->label[i]->key), "value",
                                          text(s->label[i]->value)));
  return list;
}

/* As JSON: what is known of a job. */
static json_t *job_of(const Motcl__V1__JobStatus *s) {
  json_t *job = json_object();
  put(job, true, "id", text(s->id));
  put(job, true, "state", json_string(mcl_queue_state(s->state)));
  put(job, s->has_number, "number", mcl_json_u64(s->number));
  put(job, s->has_place, "place", json_integer(s->place));
  put(job, s->what, "what", text(s->what));
  put(job, s->model, "model", text(s->model));
  put(job, s->has_user, "user", json_integer(s->user));
  put(job, s->has_priority, "priority", json_integer(s->priority));
  put(job, s->has_deadline_ms, "deadline_ms", json_integer((json_int_t)s->deadline_ms));
  put(job, s->has_submitted_ms, "submitted_ms", json_integer((json_int_t)s->submitted_ms));
  put(job, s->has_changed_ms, "changed_ms", json_integer((json_int_t)s->changed_ms));
  put(job, s->phase, "phase", text(s->phase));
  put(job, s->has_done, "done", json_integer(s->done));
  put(job, s->has_of, "of", json_integer(s->of));
  put(job, s->has_left && s->left >= 0, "left", json_real(s->left >= 0 ? s->left : 0));
  put(job, s->device, "device", text(s->device));
  put(job, s->has_beside, "beside", json_integer(s->beside));
  put(job, s->has_attempts, "attempts", json_integer(s->attempts));
  put(job, s->has_code, "code", json_string(motcl_status_name(mcl_daemon_status_of(s->code))));
  put(job, s->sentence, "sentence", text(s->sentence));
  put(job, s->has_result_bytes, "result_bytes", json_integer((json_int_t)s->result_bytes));
  put(job, s->known, "known", json_true());
  put(job, s->n_label, "label", labels(s));
  return job;
}

json_t *mcl_queue_tell(mcl_queue *q, const Motcl__V1__JobStatus *s) {
  json_t *job = q->o->outcome ? job_of(s) : NULL;
  if (job && json_array_append_new(q->jobs, job) == 0)
    return job;
  if (q->o->outcome) {
    json_decref(q->jobs);
    q->jobs = NULL;
  }
  return NULL;
}
