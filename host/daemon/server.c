/* server.c - requests from clients and responses to them. */
#include "daemon/server.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/version.h"
#include "daemon/peer.h"

#define MOST_LISTED 1000u
#define MOST_LABELS 64u
#define MOST_WATCHES 4096u

/* What is queued for a client: from the first on it is not read from, as it does not read itself; from the
 * second on it misses steps and previews; from the third on it is told nothing any more. */
#define QUEUE_PAUSE ((size_t)1 << 20)
#define QUEUE_MISS ((size_t)4 << 20)
#define QUEUE_DEAF ((size_t)64 << 20)

/* Seconds that a client has for reading why its connection ends. */
#define LAST_WORD 5.0

/* Frames that are not whole, of all clients together. */
#define HELD_MOST ((size_t)1 << 30)

/* Somebody who wants to hear of a job; in the job's list and in the client's. */
typedef struct mcl_watch {
  struct mcl_watch *next, *next_of_client;
  mcl_client *client;
  mcl_daemon_job *job;
  uint32_t number;
} mcl_watch;

/*
 * A connection.
 *
 * who      asks
 * frames   coming in; `since` is when the one under way began, 0: none is
 * watches  of it, `watching` of them
 * paused   it is not read from; what had come by then is kept in `rest`
 * ends     when it was sent the last that it gets, 0: not yet. lost: it can be sent nothing. Either goes soon
 */
struct mcl_client {
  uv_pipe_t pipe;
  mcl_client *next, **at;
  mcl_server *server;
  mcl_asker who;
  mcl_frames frames;
  double since;
  mcl_watch *watches;
  size_t watching;
  bool paused, lost, closing;
  double ends;
  uint8_t *rest;
  size_t rest_n;
};

static void read_on(mcl_client *c);
static void handle(mcl_client *c, const uint8_t *at, size_t left);

/* ---- watches ---- */

static void drop_watch(mcl_watch *w) {
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

/* ---- connections ---- */

static void on_client_closed(uv_handle_t *h) {
  mcl_client *c = h->data;
  mcl_frames_finish(&c->frames);
  mcl_free(c->rest);
  mcl_free(c);
}

static void drop(mcl_client *c) {
  if (c->closing)
    return;
  c->closing = true;
  while (c->watches)
    drop_watch(c->watches);
  c->server->held -= mcl_frames_held(&c->frames);
  *c->at = c->next;
  if (c->next)
    c->next->at = c->at;
  c->server->count--;
  uv_close((uv_handle_t *)&c->pipe, on_client_closed);
}

static size_t queued(const mcl_client *c) {
  return uv_stream_get_write_queue_size((const uv_stream_t *)&c->pipe);
}

/* A response on its way, and whether it is the last that the client gets. */
typedef struct sending {
  uv_write_t write;
  mcl_client *client;
  uint8_t *frame;
  bool last;
} sending;

static void on_sent(uv_write_t *w, int status) {
  sending *s = (sending *)(void *)w;
  mcl_client *c = s->client;
  const bool over = status < 0 || s->last;
  mcl_free(s->frame);
  mcl_free(s);
  if (c->closing)
    return;
  if (over)
    drop(c);
  else if (c->paused && queued(c) < QUEUE_PAUSE)
    read_on(c);
}

static void send_frame(mcl_client *c, uint8_t *frame, size_t n, bool last) {
  sending *s = frame && !c->closing && !c->lost ? mcl_zalloc(1, sizeof *s) : NULL;
  uv_buf_t buf = uv_buf_init((char *)frame, (unsigned)n);
  if (s)
    *s = (sending){.client = c, .frame = frame, .last = last};
  if (last)
    c->ends = mcl_clock();
  if (s && uv_write(&s->write, (uv_stream_t *)&c->pipe, &buf, 1, on_sent) == 0)
    return;
  mcl_free(s);
  mcl_free(frame);
  c->lost = true; /* whoever called may be walking its watches */
}

static void refused(mcl_client *c, uint32_t number, mcl_refusal why, const motcl_err *err,
                    bool hang_up) {
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
  send_frame(c, frame, n, hang_up);
}

static void answer(mcl_client *c, uint32_t number, Motcl__V1__Response *r, bool last) {
  size_t n = 0;
  r->has_number = r->has_last = true;
  r->number = number;
  r->last = last;
  motcl_err err = {0};
  uint8_t *frame = mcl_frame_of(&mcl_wire_response, &r->base, &n, &err);
  if (frame)
    send_frame(c, frame, n, false);
  else
    refused(c, number, MOTCL__V1__REFUSAL__REFUSED_WRONG, &err, false);
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

void mcl_server_status(Motcl__V1__JobStatus *out, const mcl_daemon_job *job,
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
  mcl_server_status(&status, job, label, list);
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
    refused(c, number, why, &err, false);
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
    refused(c, number, MOTCL__V1__REFUSAL__REFUSED_BUSY, &err, false);
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
    refused(c, number, why, &err, false);
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
  mcl_server_status(&status, job, label, list);
  r.has_number = r.has_last = r.last = true;
  r.number = number;
  r.what_case = MOTCL__V1__RESPONSE__WHAT_JOB;
  r.job = &status;
  uint8_t *frame = mcl_frame_of(&mcl_wire_response, &r.base, &n,
                                &err); /* while there still is a job to tell of */
  mcl_refusal why = mcl_daemon_forget(c->server->daemon, job, &err);
  if (!why) {
    send_frame(c, frame, n, false);
    return;
  }
  mcl_free(frame);
  refused(c, number, why, &err, false);
}

static void change(mcl_client *c, uint32_t number, mcl_daemon_job *job,
                   mcl_refusal (*how)(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err)) {
  motcl_err err = {0};
  mcl_refusal why = how(c->server->daemon, job, &err);
  if (why)
    refused(c, number, why, &err, false);
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
    refused(c, q->number, why, &err, false);
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
    refused(c, number, MOTCL__V1__REFUSAL__REFUSED_BUSY, &err, false);
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
    mcl_server_status(&p->status[n], job, p->label[n], p->labels[n]);
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

static bool operates(const mcl_daemon_config *config, uint32_t user) {
  bool yes = user == 0 || user == (uint32_t)geteuid();
  for (size_t i = 0; i < config->operators; i++)
    yes = yes || config->operator_id[i] == user;
  return yes;
}

static void obey(mcl_client *c, const Motcl__V1__Request *q) {
  motcl_err err = {0};
  c->who.all = operates(c->server->daemon->config, c->who.user); /* which may have changed */
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
    refused(c, q->number, MOTCL__V1__REFUSAL__REFUSED_WRONG, &err, false);
    break;
  }
}

/* ---- reading ---- */

static int hear(mcl_client *c, const uint8_t *bytes, size_t n, motcl_err *err) {
  motcl_store *store = NULL;
  int rc = mcl_wire_read(&mcl_wire_request, &store, bytes, n, err);
  if (rc == MOTCL_OK)
    obey(c, (const Motcl__V1__Request *)store->message);
  mcl_store_free(store);
  return rc;
}

/* What came is no frame of ours, or too much: said, and then the connection ends. */
static void hang_up(mcl_client *c, const motcl_err *err) {
  uv_read_stop((uv_stream_t *)&c->pipe);
  c->paused = false;
  c->since = 0;
  refused(c, 0, MOTCL__V1__REFUSAL__REFUSED_WRONG, err, true);
}

/* The client does not read what it was sent: what it says waits. */
static void pause_reading(mcl_client *c, const uint8_t *at, size_t left) {
  uint8_t *rest = left ? mcl_alloc(left, 1) : NULL;
  uv_read_stop((uv_stream_t *)&c->pipe);
  if (left && !rest) {
    drop(c);
    return;
  }
  if (left)
    memcpy(rest, at, left);
  mcl_free(c->rest);
  c->rest = rest;
  c->rest_n = left;
  c->paused = true;
}

static void handle(mcl_client *c, const uint8_t *at, size_t left) {
  motcl_err err = {0};
  int rc = MOTCL_OK;
  mcl_server *s = c->server;
  while (left > 0 && rc == MOTCL_OK && !c->closing && !c->lost) {
    const uint8_t *message;
    size_t n;
    if (queued(c) >= QUEUE_PAUSE) {
      pause_reading(c, at, left);
      return;
    }
    s->held -= mcl_frames_held(&c->frames);
    rc = mcl_frames_take(&c->frames, &at, &left, &message, &n, &err);
    s->held += mcl_frames_held(&c->frames);
    if (rc == MOTCL_OK && message) {
      rc = hear(c, message, n, &err);
      c->since = 0;
    } else if (rc == MOTCL_OK && c->since <= 0) {
      c->since = mcl_clock();
    }
    if (rc == MOTCL_OK && s->held > HELD_MOST)
      rc = mcl_fail(&err, MOTCL_ENOMEM, "too much is being sent at the moment; try again later");
  }
  if (rc != MOTCL_OK && !c->closing)
    hang_up(c, &err);
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf) {
  static char piece[65536];
  (void)h;
  (void)hint;
  *buf = uv_buf_init(piece, sizeof piece);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
  mcl_client *c = stream->data;
  if (n < 0)
    drop(c);
  else
    handle(c, (const uint8_t *)buf->base, (size_t)n);
}

static void read_on(mcl_client *c) {
  uint8_t *rest = c->rest;
  c->paused = false;
  c->rest = NULL;
  if (rest)
    handle(c, rest, c->rest_n);
  mcl_free(rest);
  if (!c->paused && !c->closing)
    uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
}

/* A message that does not come whole in its time. */
static void on_tick(uv_timer_t *timer) {
  mcl_server *s = timer->data;
  const double idle = (double)s->daemon->config->idle;
  mcl_client *next;
  for (mcl_client *c = s->clients; c; c = next) {
    motcl_err err = {0};
    next = c->next;
    if (c->lost || (c->ends > 0 && mcl_clock_since(c->ends) > LAST_WORD)) {
      drop(c);
      continue;
    }
    if (c->since > 0 && mcl_clock_since(c->since) > idle && !c->paused) {
      mcl_fail(&err, MOTCL_EFORMAT, "a message did not come whole within %.0f s", idle);
      hang_up(c, &err);
    }
  }
}

/* ---- who connects ---- */

static bool is_let_in(mcl_client *c) {
  uv_os_fd_t fd;
  if (uv_fileno((uv_handle_t *)&c->pipe, &fd) != 0 || !mcl_peer_user(fd, &c->who.user))
    return false;
  c->who.all = operates(c->server->daemon->config, c->who.user);
  return true;
}

/* One user has half of the connections at most, so that the others are let in too. */
static bool has_room(const mcl_server *s, const mcl_client *c) {
  const uint64_t most = s->daemon->config->clients;
  size_t of_user = 0;
  for (const mcl_client *other = s->clients; other; other = other->next)
    of_user += other->who.user == c->who.user;
  return s->count <= most && (c->who.all || of_user <= (most + 1) / 2);
}

static void on_connection(uv_stream_t *listener, int status) {
  mcl_server *s = listener->data;
  mcl_client *c = status == 0 ? mcl_zalloc(1, sizeof *c) : NULL;
  motcl_err err = {0};
  if (!c)
    return;
  c->server = s;
  c->frames.most = (size_t)s->daemon->config->message;
  uv_pipe_init(s->loop, &c->pipe, 0);
  c->pipe.data = c;
  c->next = s->clients;
  c->at = &s->clients;
  if (c->next)
    c->next->at = &c->next;
  s->clients = c;
  s->count++;
  if (uv_accept(listener, (uv_stream_t *)&c->pipe) != 0 || !is_let_in(c)) {
    drop(c);
  } else if (!has_room(s, c)) {
    mcl_fail(
        &err, MOTCL_EFIT,
        "there are as many connections as there may be, of all or of this user; try again later");
    refused(c, 0, MOTCL__V1__REFUSAL__REFUSED_BUSY, &err, true);
  } else {
    uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
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
    w->client->lost = w->client->lost || queued(w->client) >= QUEUE_DEAF;
    if (w->client->lost || (may_miss && queued(w->client) >= QUEUE_MISS))
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
      drop_watch(w);
    c->lost = c->lost || queued(c) >= QUEUE_DEAF;
    tell_job(c, number, job, false, ended);
  }
}

mcl_daemon_listener mcl_server_listener(mcl_server *s, void (*ended)(void *user)) {
  return (mcl_daemon_listener){s, on_event, on_state, ended};
}

/* ---- beginning and end ---- */

/* A socket that nobody listens on is of a daemon that was killed. */
static int make_way(const char *path, motcl_err *err) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  struct stat st;
  if (strlen(path) >= sizeof at.sun_path)
    return mcl_fail(err, MOTCL_EINVAL,
                    "'%.200s' is too long for a socket's path; choose one of at most %zu bytes",
                    path, sizeof at.sun_path - 1);
  if (lstat(path, &st) != 0)
    return MOTCL_OK;
  if (!S_ISSOCK(st.st_mode))
    return mcl_fail(err, MOTCL_EINVAL,
                    "'%.200s' is there and no socket; choose another path with --socket", path);
  memcpy(at.sun_path, path, strlen(path) + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool alive = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
  if (fd >= 0)
    close(fd);
  if (alive)
    return mcl_fail(err, MOTCL_EINVAL,
                    "another daemon listens on '%.200s'; choose another path with --socket", path);
  return unlink(path) == 0
             ? MOTCL_OK
             : mcl_fail(err, MOTCL_EIO, "'%.200s' cannot be removed: %s", path, strerror(errno));
}

static int give_to_group(const char *path, const char *name, motcl_err *err) {
  const struct group *g = name ? getgrnam(name) : NULL;
  if (name && !g)
    return mcl_fail(err, MOTCL_EINVAL, "there is no group '%.100s'", name);
  struct stat st;
  const bool theirs = g && stat(path, &st) == 0 && st.st_gid == g->gr_gid;
  if ((g && !theirs && chown(path, (uid_t)-1, g->gr_gid) != 0) || chmod(path, g ? 0660 : 0600) != 0)
    return mcl_fail(err, MOTCL_EIO, "'%.200s' cannot be given to the group: %s", path,
                    strerror(errno));
  return MOTCL_OK;
}

static int bind_to(mcl_server *s, const char *path, motcl_err *err) {
  int rc = make_way(path, err);
  if (rc != MOTCL_OK)
    return rc;
  const mode_t before = umask(0177);
  const int status = uv_pipe_bind(&s->listener, path);
  umask(before);
  if (status != 0)
    return mcl_fail(err, MOTCL_EIO,
                    "the socket '%.200s' cannot be made: %s; choose another path with --socket",
                    path, uv_strerror(status));
  s->path = mcl_strdup(path);
  return give_to_group(path, s->daemon->config->group, err);
}

int mcl_server_open(mcl_server *s, const char *path, int fd, motcl_err *err) {
  int rc = MOTCL_OK;
  uv_pipe_init(s->loop, &s->listener, 0);
  uv_timer_init(s->loop, &s->tick);
  s->listener.data = s->tick.data = s;
  s->open = true;
  if (fd < 0)
    rc = bind_to(s, path, err);
  else if (uv_pipe_open(&s->listener, fd) != 0)
    rc = mcl_fail(err, MOTCL_EIO, "the socket that was handed over is none");
  if (rc == MOTCL_OK) {
    const int status = uv_listen((uv_stream_t *)&s->listener, 511, on_connection);
    if (status != 0)
      rc = mcl_fail(err, MOTCL_EIO, "nobody can be heard on the socket: %s", uv_strerror(status));
  }
  if (rc == MOTCL_OK)
    uv_timer_start(&s->tick, on_tick, 1000, 1000);
  return rc;
}

void mcl_server_close(mcl_server *s) {
  if (!s->open)
    return;
  s->open = false;
  if (s->path)
    unlink(s->path);
  mcl_free(s->path);
  s->path = NULL;
  while (s->clients)
    drop(s->clients);
  uv_close((uv_handle_t *)&s->listener, NULL);
  uv_close((uv_handle_t *)&s->tick, NULL);
}
