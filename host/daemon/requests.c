/* requests.c - what clients ask for, and what they are told of jobs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/version.h"
#include "daemon/client.h"

#define MOST_LISTED 1000u
#define MOST_LABELS 64u
#define MOST_WATCHES 4096u

/* ---- watches ---- */

void mcl_watch_drop(mcl_watch *w) {
  mcl_watch **at = &w->job->watches;
  while (*at != w)
    at = &(*at)->next;
  *at = w->next;
  at = &w->client->watches;
  while (*at != w)
    at = &(*at)->next_of_client;
  *at = w->next_of_client;
  w->client->watching--;
  mcl_free(w);
}

/* ---- responses ---- */

void mcl_client_refuse(mcl_client *c, uint32_t number, mcl_refusal why, const motcl_err *err,
                       bool hang_up) {
  char user[16];
  snprintf(user, sizeof user, "%u", (unsigned)c->who.user);
  mcl_daemon_detail(&c->server->daemon->log, "refused", "user", user, "why", err->text, NULL);
  Motcl__V1__Response r = MOTCL__V1__RESPONSE__INIT;
  Motcl__V1__Refused f = MOTCL__V1__REFUSED__INIT;
  size_t n = 0;
  f.has_why = f.has_code = r.has_number = r.has_last = true;
  f.why = why;
  f.code = err->code < 0 ? (Motcl__V1__Code)-err->code : MOTCL__V1__CODE__CODE_EINTERNAL;
  f.sentence = mcl_wire_string(err->text);
  r.number = number;
  r.last = true;
  r.what_case = MOTCL__V1__RESPONSE__WHAT_REFUSED;
  r.refused = &f;
  uint8_t *frame = mcl_frame_of(&mcl_wire_response, &r.base, &n, NULL);
  mcl_client_send(c, frame, n, hang_up);
}

static void answer(mcl_client *c, uint32_t number, Motcl__V1__Response *r, bool last) {
  size_t n = 0;
  r->has_number = r->has_last = true;
  r->number = number;
  r->last = last;
  motcl_err err = {0};
  uint8_t *frame = mcl_frame_of(&mcl_wire_response, &r->base, &n, &err);
  if (frame)
    mcl_client_send(c, frame, n, false);
  else
    mcl_client_refuse(c, number, MOTCL__V1__REFUSAL__REFUSED_WRONG, &err, false);
}

/* ---- jobs as they are told ---- */

static size_t put_labels(const mcl_journal_job *row, Motcl__V1__JobLabel *label,
                         Motcl__V1__JobLabel **list) {
  const char *at = row->labels_bytes ? row->labels : "", *end = at + row->labels_bytes;
  size_t n = 0;
  for (; at < end && n < MOST_LABELS; n++) {
    motcl__v1__job_label__init(&label[n]);
    label[n].key = mcl_wire_string(at);
    at += strlen(at) + 1;
    label[n].value = mcl_wire_string(at < end ? at : "");
    at += at < end ? strlen(at) + 1 : 0;
    list[n] = &label[n];
  }
  return n;
}

static void put_status(Motcl__V1__JobStatus *out, const mcl_daemon_job *job,
                       Motcl__V1__JobLabel *label, Motcl__V1__JobLabel **list) {
  const mcl_journal_job *r = &job->row;
  motcl__v1__job_status__init(out);
  out->has_state = out->has_number = out->has_user = out->has_submitted_ms = out->has_changed_ms =
      true;
  out->has_attempts = true;
  out->id = mcl_wire_string(r->id);
  out->state = r->state;
  out->number = r->number;
  out->what = mcl_wire_string(r->what);
  out->model = mcl_wire_string(r->model);
  out->user = r->user;
  out->has_priority = true;
  out->priority = r->priority;
  out->has_deadline_ms = r->deadline_ms != 0;
  out->deadline_ms = r->deadline_ms;
  out->submitted_ms = r->submitted_ms;
  out->changed_ms = r->changed_ms;
  out->attempts = r->attempts;
  out->has_place = job->place && r->state == MOTCL__V1__JOB_STATE__JOB_WAITING;
  out->place = job->place;
  out->device = *r->device ? mcl_wire_string(r->device) : NULL;
  if (job->on) {
    out->phase = job->phase ? mcl_wire_string(job->phase) : NULL;
    out->has_done = out->has_of = job->phase != NULL;
    out->done = job->done;
    out->of = job->of;
    out->has_left = job->left >= 0;
    out->left = job->left;
    out->has_beside = true;
    out->beside = (uint32_t)(job->on->jobs - 1);
  }
  if (*r->sentence) {
    out->has_code = r->code < 0;
    out->code = r->code < 0 ? (Motcl__V1__Code)-r->code : MOTCL__V1__CODE__CODE_EINTERNAL;
    out->sentence = mcl_wire_string(r->sentence);
  }
  out->has_result_bytes = r->result_bytes > 0;
  out->result_bytes = r->result_bytes;
  out->n_label = put_labels(r, label, list);
  out->label = out->n_label ? list : NULL;
}

/* Where a job stands among those that wait, before it is told. */
static void place(const mcl_server *s, const mcl_daemon_job *job) {
  mcl_daemon *d = s->daemon;
  if (job->row.state == MOTCL__V1__JOB_STATE__JOB_WAITING)
    mcl_jobs_place(&d->jobs, mcl_daemon_now(), d->config->aging * 1000);
}

static void tell_job(mcl_client *c, uint32_t number, const mcl_daemon_job *job, bool known,
                     bool last) {
  Motcl__V1__Response r = MOTCL__V1__RESPONSE__INIT;
  Motcl__V1__JobStatus status;
  Motcl__V1__JobLabel label[MOST_LABELS], *list[MOST_LABELS];
  put_status(&status, job, label, list);
  status.has_known = known;
  status.known = known;
  r.what_case = MOTCL__V1__RESPONSE__WHAT_JOB;
  r.job = &status;
  answer(c, number, &r, last);
}

/* ---- what clients ask for ---- */

static void submit(mcl_client *c, uint32_t number, const Motcl__V1__Submit *s) {
  motcl_err err = {0};
  mcl_daemon_job *job;
  bool known = false;
  mcl_refusal why = mcl_daemon_submit(c->server->daemon, &c->who, s->job.data, s->job.len, s->hold,
                                      &job, &known, &err);
  if (why)
    mcl_client_refuse(c, number, why, &err, false);
  else {
    place(c->server, job);
    tell_job(c, number, job, known, true);
  }
}

/* One more for each client who has the memory for what it wants to hear. */
static void watch(mcl_client *c, uint32_t number, mcl_daemon_job *job) {
  motcl_err err = {0};
  const bool ended = mcl_job_ended(job->row.state);
  mcl_watch *w = ended ? NULL : c->watching < MOST_WATCHES ? mcl_zalloc(1, sizeof *w) : NULL;
  if (!ended && !w) {
    mcl_fail(&err, MOTCL_ENOMEM, "this connection watches as many jobs as one can; open another");
    mcl_client_refuse(c, number, MOTCL__V1__REFUSAL__REFUSED_BUSY, &err, false);
    return;
  }
  if (w) {
    *w = (mcl_watch){job->watches, c->watches, c, job, number};
    job->watches = c->watches = w;
    c->watching++;
  }
  place(c->server, job);
  tell_job(c, number, job, false, ended);
}

static void fetch(mcl_client *c, uint32_t number, const mcl_daemon_job *job) {
  Motcl__V1__Response r = MOTCL__V1__RESPONSE__INIT;
  uint8_t *bytes = NULL;
  size_t n = 0;
  motcl_err err = {0};
  mcl_refusal why = mcl_daemon_fetch(c->server->daemon, job, &bytes, &n, &err);
  if (why) {
    mcl_client_refuse(c, number, why, &err, false);
    return;
  }
  r.what_case = MOTCL__V1__RESPONSE__WHAT_RESULT;
  r.result = (ProtobufCBinaryData){n, bytes};
  answer(c, number, &r, true);
  mcl_free(bytes);
}

static void forget(mcl_client *c, uint32_t number, mcl_daemon_job *job) {
  motcl_err err = {0};
  size_t n = 0;
  Motcl__V1__Response r = MOTCL__V1__RESPONSE__INIT;
  Motcl__V1__JobStatus status;
  Motcl__V1__JobLabel label[MOST_LABELS], *list[MOST_LABELS];
  put_status(&status, job, label, list);
  r.has_number = r.has_last = r.last = true;
  r.number = number;
  r.what_case = MOTCL__V1__RESPONSE__WHAT_JOB;
  r.job = &status;
  uint8_t *frame = mcl_frame_of(&mcl_wire_response, &r.base, &n,
                                &err); /* while there still is a job to tell of */
  mcl_refusal why = mcl_daemon_forget(c->server->daemon, job, &err);
  if (!why) {
    mcl_client_send(c, frame, n, false);
    return;
  }
  mcl_free(frame);
  mcl_client_refuse(c, number, why, &err, false);
}

static void change(mcl_client *c, uint32_t number, mcl_daemon_job *job,
                   mcl_refusal (*how)(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err)) {
  motcl_err err = {0};
  mcl_refusal why = how(c->server->daemon, job, &err);
  if (why)
    mcl_client_refuse(c, number, why, &err, false);
  else {
    place(c->server, job);
    tell_job(c, number, job, false, true);
  }
}

static void one_job(mcl_client *c, const Motcl__V1__Request *q, const Motcl__V1__WhichJob *which) {
  motcl_err err = {0};
  mcl_daemon_job *job;
  mcl_refusal why = mcl_daemon_find(c->server->daemon, &c->who, which->id, &job, &err);
  if (why) {
    mcl_client_refuse(c, q->number, why, &err, false);
    return;
  }
  switch (q->what_case) {
  case MOTCL__V1__REQUEST__WHAT_WATCH:
    watch(c, q->number, job);
    break;
  case MOTCL__V1__REQUEST__WHAT_CANCEL:
    change(c, q->number, job, mcl_daemon_cancel);
    break;
  case MOTCL__V1__REQUEST__WHAT_HOLD:
    change(c, q->number, job, mcl_daemon_hold);
    break;
  case MOTCL__V1__REQUEST__WHAT_RELEASE:
    change(c, q->number, job, mcl_daemon_release);
    break;
  case MOTCL__V1__REQUEST__WHAT_FETCH:
    fetch(c, q->number, job);
    break;
  default:
    forget(c, q->number, job);
    break;
  }
}

/* A page of jobs as messages, in memory of its own. */
typedef struct page {
  Motcl__V1__JobStatus status[MOST_LISTED], *list[MOST_LISTED];
  Motcl__V1__JobLabel label[MOST_LISTED][MOST_LABELS], *labels[MOST_LISTED][MOST_LABELS];
} page;

static void list(mcl_client *c, uint32_t number, const Motcl__V1__ListJobs *l) {
  Motcl__V1__Response r = MOTCL__V1__RESPONSE__INIT;
  Motcl__V1__JobList jobs = MOTCL__V1__JOB_LIST__INIT;
  mcl_daemon *d = c->server->daemon;
  const size_t most = l->most && l->most < MOST_LISTED ? l->most : MOST_LISTED;
  page *p = mcl_alloc(1, sizeof *p);
  motcl_err err = {0};
  size_t n = 0;
  if (!p) {
    mcl_fail_nomem(&err, sizeof *p);
    mcl_client_refuse(c, number, MOTCL__V1__REFUSAL__REFUSED_BUSY, &err, false);
    return;
  }
  mcl_jobs_place(&d->jobs, mcl_daemon_now(), d->config->aging * 1000);
  for (size_t i = d->jobs.count; i-- > 0;) {
    const mcl_daemon_job *job = d->jobs.list[i];
    if ((l->before && job->row.number >= l->before) || (l->open && mcl_job_ended(job->row.state)) ||
        (!c->who.all && job->row.user != c->who.user))
      continue;
    if (n == most) {
      jobs.has_more = jobs.more = true;
      break;
    }
    put_status(&p->status[n], job, p->label[n], p->labels[n]);
    p->list[n] = &p->status[n];
    n++;
  }
  jobs.n_job = n;
  jobs.job = p->list;
  r.what_case = MOTCL__V1__RESPONSE__WHAT_JOBS;
  r.jobs = &jobs;
  answer(c, number, &r, true);
  mcl_free(p);
}

static void put_device(Motcl__V1__DaemonDevice *m, mcl_child *c) {
  motcl__v1__daemon_device__init(m);
  m->option = c->option ? mcl_wire_string(c->option) : NULL;
  m->name = *c->name ? c->name : NULL;
  m->driver = *c->driver ? c->driver : NULL;
  m->has_process = m->has_crashes = m->has_jobs = true;
  m->process = c->state == MCL_CHILD_GONE ? 0 : (uint32_t)c->process.pid;
  m->crashes = c->crashes;
  m->jobs = (uint32_t)c->jobs;
  m->trouble = *c->trouble ? c->trouble : NULL;
}

static void count(const mcl_daemon *d, Motcl__V1__DaemonStatus *m) {
  m->has_waiting = m->has_held = m->has_running = m->has_ended = true;
  for (size_t i = 0; i < d->jobs.count; i++) {
    const mcl_job_state state = d->jobs.list[i]->row.state;
    m->waiting += state == MOTCL__V1__JOB_STATE__JOB_WAITING;
    m->held += state == MOTCL__V1__JOB_STATE__JOB_HELD;
    m->running += state == MOTCL__V1__JOB_STATE__JOB_RUNNING;
    m->ended += mcl_job_ended(state);
  }
}

static void daemon_status(mcl_client *c, uint32_t number) {
  enum { MOST_MODELS = 256, MOST_DEVICES = 64 };
  Motcl__V1__Response r = MOTCL__V1__RESPONSE__INIT;
  Motcl__V1__DaemonStatus m = MOTCL__V1__DAEMON_STATUS__INIT;
  Motcl__V1__DaemonDevice device[MOST_DEVICES], *devices[MOST_DEVICES];
  char *model[MOST_MODELS];
  const mcl_daemon *d = c->server->daemon;
  m.version = mcl_wire_string(mcl_version);
  count(d, &m);
  for (m.n_model = 0; m.n_model < d->config->models && m.n_model < MOST_MODELS; m.n_model++)
    model[m.n_model] = d->config->model[m.n_model].name;
  m.model = model;
  for (m.n_device = 0; m.n_device < d->children && m.n_device < MOST_DEVICES; m.n_device++) {
    put_device(&device[m.n_device], &d->child[m.n_device]);
    devices[m.n_device] = &device[m.n_device];
  }
  m.device = devices;
  m.trouble = d->trouble ? mcl_wire_string(d->trouble) : NULL;
  r.what_case = MOTCL__V1__RESPONSE__WHAT_DAEMON;
  r.daemon = &m;
  answer(c, number, &r, true);
}

void mcl_client_obey(mcl_client *c, const Motcl__V1__Request *q) {
  motcl_err err = {0};
  c->who.all =
      mcl_client_operates(c->server->daemon->config, c->who.user); /* which may have changed */
  switch (q->what_case) {
  case MOTCL__V1__REQUEST__WHAT_SUBMIT:
    submit(c, q->number, q->submit);
    break;
  case MOTCL__V1__REQUEST__WHAT_LIST:
    list(c, q->number, q->list);
    break;
  case MOTCL__V1__REQUEST__WHAT_DAEMON:
    daemon_status(c, q->number);
    break;
  case MOTCL__V1__REQUEST__WHAT_WATCH:
    one_job(c, q, q->watch);
    break;
  case MOTCL__V1__REQUEST__WHAT_CANCEL:
    one_job(c, q, q->cancel);
    break;
  case MOTCL__V1__REQUEST__WHAT_HOLD:
    one_job(c, q, q->hold);
    break;
  case MOTCL__V1__REQUEST__WHAT_RELEASE:
    one_job(c, q, q->release);
    break;
  case MOTCL__V1__REQUEST__WHAT_FETCH:
    one_job(c, q, q->fetch);
    break;
  case MOTCL__V1__REQUEST__WHAT_FORGET:
    one_job(c, q, q->forget);
    break;
  default:
    mcl_fail(&err, MOTCL_EINVAL, "this daemon, of version %s, does not know what is asked for",
             mcl_version);
    mcl_client_refuse(c, q->number, MOTCL__V1__REFUSAL__REFUSED_WRONG, &err, false);
    break;
  }
}

/* ---- what happens to jobs ---- */

static void on_event(void *user, mcl_daemon_job *job, const uint8_t *bytes, size_t n,
                     bool may_miss) {
  (void)user;
  mcl_watch *next;
  for (mcl_watch *w = job->watches; w; w = next) {
    Motcl__V1__Response r = MOTCL__V1__RESPONSE__INIT;
    next = w->next;
    w->client->lost = w->client->lost || mcl_client_queued(w->client) >= QUEUE_DEAF;
    if (w->client->lost || (may_miss && mcl_client_queued(w->client) >= QUEUE_MISS))
      continue;
    r.what_case = MOTCL__V1__RESPONSE__WHAT_EVENT;
    r.event = mcl_wire_bytes(bytes, n);
    answer(w->client, w->number, &r, false);
  }
}

static void on_state(void *user, mcl_daemon_job *job) {
  const bool ended = mcl_job_ended(job->row.state);
  mcl_watch *next;
  if (job->watches)
    place(user, job);
  for (mcl_watch *w = job->watches; w; w = next) {
    mcl_client *c = w->client;
    const uint32_t number = w->number;
    next = w->next;
    if (ended)
      mcl_watch_drop(w);
    c->lost = c->lost || mcl_client_queued(c) >= QUEUE_DEAF;
    tell_job(c, number, job, false, ended);
  }
}

mcl_daemon_listener mcl_server_listener(mcl_server *s, void (*ended)(void *user)) {
  return (mcl_daemon_listener){s, on_event, on_state, ended};
}
