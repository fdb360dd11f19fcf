/* daemon.c - jobs on their way: taken, put on devices, saved, ended. */
#include "daemon/daemon_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define TICK_MS 1000
#define MEND_TICKS 5
#define RETAIN_TICKS 60
#define LONGEST_RESTART_MS 30000

/* A job whose device's process has ended under it so often is tried alone, and once more is too often. */
#define SUSPECT 2

static const char late[] = "its deadline came before it was done";

uint64_t mcl_daemon_now(void) {
  return mcl_clock_utc();
}

/* ---- the journal ---- */

void mcl_daemon_order(mcl_daemon_job *job, Motcl__V1__Order__WhatCase what) {
  Motcl__V1__Order o = MOTCL__V1__ORDER__INIT;
  o.what_case = what;
  if (what == MOTCL__V1__ORDER__WHAT_CANCEL)
    o.cancel = job->row.number;
  else
    o.part = job->row.number;
  job->parting = job->parting || what == MOTCL__V1__ORDER__WHAT_PART;
  job->asked = job->asked > 0 ? job->asked : mcl_clock();
  (void)mcl_child_order(job->on, &o, NULL);
}

/* Nothing is taken and nothing goes on until the journal is well again. */
static void stop_all(mcl_daemon *d, const char *why) {
  if (d->trouble)
    return;
  d->trouble = why;
  mcl_daemon_tell(&d->log, "the journal cannot be written: no job is taken, and none goes on",
                  "why", why, NULL);
  for (size_t i = 0; i < d->jobs.count; i++)
    if (d->jobs.list[i]->on && !d->jobs.list[i]->parting)
      mcl_daemon_order(d->jobs.list[i], MOTCL__V1__ORDER__WHAT_PART);
}

bool mcl_daemon_kept(mcl_daemon *d, int rc, const motcl_err *err) {
  const char *trouble = mcl_journal_trouble(d->journal);
  if (rc == MOTCL_OK)
    return true;
  if (trouble)
    stop_all(d, trouble);
  else
    mcl_daemon_tell(&d->log, "the journal refused", "why", err->text, NULL);
  return false;
}

void mcl_daemon_to(mcl_daemon *d, mcl_daemon_job *job, mcl_job_state state, const char *reason) {
  motcl_err err = {0};
  mcl_job_to(&d->jobs, job, state, mcl_daemon_now());
  if (!d->trouble)
    (void)mcl_daemon_kept(d, mcl_journal_change(d->journal, &job->row, reason, &err), &err);
  d->listener.state(d->listener.user, job);
}

/* A Result for what never came to one. */
static void make_result(const mcl_daemon_job *job, int code, const char *sentence, uint8_t **bytes,
                        size_t *n) {
  const motcl_result r = {.job = job->row.id, .code = code, .sentence = sentence};
  if (motcl_result_pack(&r, bytes, n, NULL) != MOTCL_OK) {
    *bytes = NULL;
    *n = 0;
  }
}

void mcl_daemon_finish_job(mcl_daemon *d, mcl_daemon_job *job, mcl_job_state state, int code,
                           const char *sentence, const void *result, size_t n) {
  char number[24];
  uint8_t *made = NULL;
  motcl_err err = {0};
  if (!result)
    make_result(job, code, sentence, &made, &n);
  mcl_job_to(&d->jobs, job, state, mcl_daemon_now());
  job->row.code = code;
  mcl_job_text(&job->row.sentence, sentence);
  int rc = d->trouble ? MOTCL_EIO
                      : mcl_journal_finish(d->journal, &job->row, result ? result : made, n, &err);
  mcl_free(made);
  if (d->trouble || !mcl_daemon_kept(d, rc, &err)) {
    mcl_job_to(&d->jobs, job, WAITING, mcl_daemon_now());
    job->row.code = MOTCL_OK;
    mcl_job_text(&job->row.sentence, NULL);
    return;
  }
  snprintf(number, sizeof number, "%zu", n);
  mcl_daemon_tell(&d->log,
                  state == DONE     ? "done"
                  : state == FAILED ? "failed"
                                    : "cancelled",
                  "job", job->row.id, "why", state == DONE ? NULL : sentence, "bytes", number,
                  NULL);
  d->listener.state(d->listener.user, job);
}

/* ---- jobs on devices ---- */

/* Whether it is to be alone, as devices' processes have ended under it. */
static bool is_suspect(const mcl_daemon_job *job) {
  return job->row.crashes >= SUSPECT;
}

static void put_on(mcl_daemon_job *job, mcl_child *c) {
  job->on = c;
  job->parting = false;
  job->began = mcl_clock();
  job->asked = 0;
  c->jobs++;
  c->draws += job->draws;
  c->alone = c->alone || is_suspect(job);
}

static void take_off(mcl_daemon *d, mcl_daemon_job *job) {
  mcl_child *c = job->on;
  mcl_daemon_user *user = mcl_jobs_user(&d->jobs, job->row.user);
  if (user)
    user->served += mcl_clock_since(job->began);
  job->on = NULL;
  job->parting = false;
  job->phase = NULL;
  job->left = -1;
  c->jobs--;
  c->draws -= job->draws;
  c->alone = c->alone && c->jobs;
}

/* Its message, what it goes on from, and its model's folder; false if it cannot begin: it has ended, or it is
 * tried again at the next tick. */
static bool load(mcl_daemon *d, mcl_daemon_job *job, Motcl__V1__RunJob *run) {
  motcl_err err = {0};
  const char *dir = mcl_daemon_config_model_dir(d->config, job->row.model);
  uint8_t *bytes = NULL;
  size_t n = 0;
  if (!dir) {
    mcl_daemon_finish_job(d, job, FAILED, MOTCL_EINVAL,
                          "the daemon has no model of this name any more", NULL, 0);
    return false;
  }
  int rc = mcl_journal_message(d->journal, job->row.number, &bytes, &n, &err);
  if (rc == MOTCL_EFORMAT)
    mcl_daemon_finish_job(d, job, FAILED, rc, err.text, NULL, 0);
  else if (rc != MOTCL_OK)
    (void)mcl_daemon_kept(d, rc, &err);
  if (rc != MOTCL_OK)
    return false;
  run->job = (ProtobufCBinaryData){n, bytes};
  run->has_job = run->has_key = true;
  run->key = job->row.number;
  run->model = mcl_wire_string(dir);
  rc = mcl_journal_saved(d->journal, job->row.number, &bytes, &n, &err);
  if (rc == MOTCL_OK && n) {
    run->saved = (ProtobufCBinaryData){n, bytes};
    run->has_saved = true;
  } else if (rc == MOTCL_EFORMAT) {
    mcl_daemon_tell(&d->log, "begins anew", "job", job->row.id, "why", err.text, NULL);
  } else if (rc != MOTCL_OK) { /* it is there, and is not given up for that */
    (void)mcl_daemon_kept(d, rc, &err);
    return false;
  }
  return true;
}

/* Whether another can be put on the device now. */
static bool start(mcl_daemon *d, mcl_child *c, mcl_daemon_job *job) {
  Motcl__V1__Order o = MOTCL__V1__ORDER__INIT;
  Motcl__V1__RunJob run = MOTCL__V1__RUN_JOB__INIT;
  motcl_err err = {0};
  const bool loaded = load(d, job, &run);
  if (loaded) {
    job->row.attempts++;
    mcl_job_text(&job->row.device, c->name);
    put_on(job, c);
    mcl_daemon_to(d, job, RUNNING, NULL);
    if (d->trouble) { /* it is not known to run, so it does not */
      take_off(d, job);
      mcl_job_to(&d->jobs, job, WAITING, mcl_daemon_now());
    } else {
      o.what_case = MOTCL__V1__ORDER__WHAT_RUN;
      o.run = &run;
      if (mcl_child_order(c, &o, &err) != MOTCL_OK) {
        take_off(d, job);
        mcl_daemon_finish_job(d, job, FAILED, err.code, err.text, NULL, 0);
      }
    }
    if (job->on)
      mcl_daemon_tell(&d->log, run.has_saved ? "goes on" : "begins", "job", job->row.id, "device",
                      c->name, NULL);
  }
  mcl_free(run.job.data);
  mcl_free(run.saved.data);
  return loaded || mcl_job_ended(job->row.state);
}

/* Texts are quick and have room of their own, so that they need not wait for pictures to end. */
static bool may_be_on(void *user, const mcl_daemon_job *job) {
  const mcl_child *c = user;
  const size_t alike = job->draws ? c->draws : c->jobs - c->draws;
  return !c->alone && (is_suspect(job) || alike < c->config->share);
}

/* The device with the fewest jobs that another can be put on; `full` is true of those that none can. */
static mcl_child *freest(mcl_daemon *d, const bool *full) {
  mcl_child *best = NULL;
  for (size_t i = 0; i < d->children; i++) {
    mcl_child *c = &d->child[i];
    if (c->state == MCL_CHILD_READY && !full[i] && (!best || c->jobs < best->jobs))
      best = c;
  }
  return best;
}

void mcl_daemon_dispatch(mcl_daemon *d) {
  bool *full = d->trouble || d->ends ? NULL : mcl_zalloc(d->children, sizeof *full);
  mcl_child *c;
  while (full && !d->trouble && (c = freest(d, full))) {
    mcl_daemon_job *job =
        mcl_jobs_first(&d->jobs, mcl_daemon_now(), d->config->aging * 1000, may_be_on, c);
    /* a suspect waits until the others have gone */
    if (!job || (is_suspect(job) && c->jobs) || !start(d, c, job))
      full[c - d->child] = true;
  }
  mcl_free(full);
}

/* ---- what devices say ---- */

/* Back into the queue, as what it was told while it ran says. */
static void back(mcl_daemon *d, mcl_daemon_job *job, const char *reason) {
  if (job->row.cancel) {
    mcl_daemon_finish_job(d, job, CANCELLED, MOTCL_ECANCELLED, "cancelled", NULL, 0);
    return;
  }
  const bool hold = job->row.hold;
  job->row.hold = false;
  mcl_daemon_to(d, job, hold ? HELD : WAITING, reason);
}

/* What a device has failed goes on where it was saved, some times; what is wrong with a job stays so. */
static bool tried_again(mcl_daemon *d, mcl_daemon_job *job, int code, const char *why) {
  if ((code != MOTCL_ELOST && code != MOTCL_EDEVMEM) || ++job->faults >= d->config->tries ||
      job->row.cancel)
    return false;
  mcl_daemon_tell(&d->log, "is tried again", "job", job->row.id, "why", why, NULL);
  back(d, job, why);
  return true;
}

static void on_ended(mcl_daemon *d, mcl_daemon_job *job, const ProtobufCBinaryData *bytes) {
  motcl_result r = {0};
  motcl_err err = {0};
  char sentence[1024] = "";
  int code = motcl_result_unpack(&r, bytes->data, bytes->len, &err);
  mcl_child *c = job->on;
  if (code == MOTCL_OK) {
    code = r.code;
    snprintf(sentence, sizeof sentence, "%s", r.sentence ? r.sentence : "");
  } else {
    snprintf(sentence, sizeof sentence, "%s", err.text);
  }
  motcl_result_finish(&r);
  if (code == MOTCL_ELOST) /* its process ends: nothing is to be put on it */
    c->state = MCL_CHILD_STARTED;
  if (code == MOTCL_ECANCELLED && job->late)
    snprintf(sentence, sizeof sentence, "%s", late);
  take_off(d, job);
  if (tried_again(d, job, code, sentence))
    return;
  c->crashes = code == MOTCL_OK ? 0 : c->crashes;
  mcl_daemon_finish_job(d, job,
                        code == MOTCL_OK           ? DONE
                        : code == MOTCL_ECANCELLED ? CANCELLED
                                                   : FAILED,
                        code, sentence, bytes->data, bytes->len);
}

static void on_refused(mcl_daemon *d, mcl_daemon_job *job, const Motcl__V1__Failure *f) {
  const int code = f->has_code ? -(int)f->code : MOTCL_EINTERNAL;
  const char *sentence = f->sentence ? f->sentence : "the device's process refused it";
  if (code == MOTCL_ELOST)
    job->on->state = MCL_CHILD_STARTED;
  take_off(d, job);
  if (!tried_again(d, job, code, sentence))
    mcl_daemon_finish_job(d, job, FAILED, code, sentence, NULL, 0);
}

static void on_saved(mcl_daemon *d, mcl_daemon_job *job, const ProtobufCBinaryData *bytes) {
  char number[24];
  motcl_err err = {0};
  if (d->trouble || !mcl_daemon_kept(d,
                                     mcl_journal_save(d->journal, job->row.number, bytes->data,
                                                      bytes->len, mcl_daemon_now(), &err),
                                     &err))
    return;
  snprintf(number, sizeof number, "%zu", bytes->len);
  mcl_daemon_detail(&d->log, "saved", "job", job->row.id, "bytes", number, NULL);
}

static void on_event(mcl_daemon *d, mcl_daemon_job *job, const ProtobufCBinaryData *bytes) {
  motcl_job_event e = {0};
  if (motcl_job_event_unpack(&e, bytes->data, bytes->len, NULL) != MOTCL_OK)
    return;
  const motcl_job_event_kind kind = e.kind;
  if (kind == MOTCL_JOB_STEP) {
    job->phase = e.phase < MOTCL_PHASE_COUNT ? motcl_phase_name(e.phase) : NULL;
    job->done = e.step;
    job->of = e.of;
    job->left = e.left;
  }
  motcl_job_event_finish(&e);
  /* an end is one when it is kept, which the job's state then says */
  if (kind != MOTCL_JOB_DONE && kind != MOTCL_JOB_FAILED && kind != MOTCL_JOB_CANCELLED)
    d->listener.event(d->listener.user, job, bytes->data, bytes->len,
                      kind == MOTCL_JOB_STEP || kind == MOTCL_JOB_PREVIEW);
}

static void on_report(void *user, mcl_child *c, const Motcl__V1__Report *r) {
  mcl_daemon *d = user;
  mcl_daemon_job *job = r->key ? mcl_jobs_by_number(&d->jobs, r->key) : NULL;
  if (r->what_case == MOTCL__V1__REPORT__WHAT_READY) {
    mcl_daemon_tell(&d->log,
                    c->state == MCL_CHILD_READY ? "device is ready" : "device cannot be used",
                    "device", c->state == MCL_CHILD_READY ? c->name : c->option, "driver",
                    c->driver, "why", *c->trouble ? c->trouble : NULL, NULL);
    mcl_daemon_dispatch(d);
    return;
  }
  if (!job || job->on != c)
    return;
  switch (r->what_case) {
  case MOTCL__V1__REPORT__WHAT_EVENT:
    on_event(d, job, &r->event);
    return;
  case MOTCL__V1__REPORT__WHAT_SAVED:
    on_saved(d, job, &r->saved);
    return;
  case MOTCL__V1__REPORT__WHAT_ANEW:
    mcl_daemon_tell(&d->log, "begins anew", "job", job->row.id, "why", r->anew, NULL);
    return;
  case MOTCL__V1__REPORT__WHAT_ENDED:
    on_ended(d, job, &r->ended);
    break;
  case MOTCL__V1__REPORT__WHAT_REFUSED:
    on_refused(d, job, r->refused);
    break;
  case MOTCL__V1__REPORT__WHAT_PARTED:
    take_off(d, job);
    back(d, job, NULL);
    break;
  default:
    return;
  }
  mcl_daemon_dispatch(d);
}

/* Its jobs go on from where they were saved, but for one that it was not the first to end under. */
static void lose_jobs(mcl_daemon *d, mcl_child *c, const char *how) {
  char sentence[512];
  for (size_t i = 0; i < d->jobs.count; i++) {
    mcl_daemon_job *job = d->jobs.list[i];
    if (job->on != c)
      continue;
    take_off(d, job);
    job->row.crashes += !d->ends;
    if (job->row.crashes <= SUSPECT) {
      back(d, job, how);
      continue;
    }
    snprintf(sentence, sizeof sentence,
             "the device's process ended under it %" PRIu32
             " times, once with no other job on it (%s): it is not tried again",
             job->row.crashes, how);
    mcl_daemon_finish_job(d, job, FAILED, MOTCL_ELOST, sentence, NULL, 0);
  }
}

static size_t processes(const mcl_daemon *d) {
  size_t n = 0;
  for (size_t i = 0; i < d->children; i++)
    n += d->child[i].state != MCL_CHILD_GONE;
  return n;
}

static void start_child(uv_timer_t *timer) {
  mcl_child *c = timer->data;
  mcl_daemon *d = c->listener.user;
  motcl_err err = {0};
  if (!d->ends && mcl_child_start(c, &err) != MOTCL_OK)
    mcl_daemon_tell(&d->log, "no process for a device", "device", c->option, "why", err.text, NULL);
}

static void on_gone(void *user, mcl_child *c, const char *how) {
  mcl_daemon *d = user;
  uint64_t wait = 100;
  lose_jobs(d, c, how);
  if (d->ends) {
    if (!processes(d))
      d->listener.ended(d->listener.user);
    return;
  }
  c->crashes++;
  for (uint32_t i = 1; i < c->crashes && wait < LONGEST_RESTART_MS; i++)
    wait *= 2;
  if (wait > LONGEST_RESTART_MS || *c->trouble)
    wait = LONGEST_RESTART_MS;
  mcl_daemon_tell(&d->log, "a device's process has ended, and is started again", "device",
                  c->option ? c->option : c->name, "how", how, NULL);
  uv_timer_start(&d->restart[c - d->child], start_child, wait, 0);
  mcl_daemon_dispatch(d);
}

/* ---- beginning, ticking, end ---- */

/* A row as the journal has it: of a job that is known, or of one more. */
static void on_row(void *user, const mcl_journal_job *row) {
  mcl_daemon *d = user;
  mcl_daemon_job *job = mcl_jobs_by_number(&d->jobs, row->number);
  if (!job) {
    (void)mcl_jobs_add(&d->jobs, row, &job, NULL);
    return;
  }
  mcl_job_to(&d->jobs, job, row->state, row->changed_ms);
  job->row.hold = row->hold;
  job->row.cancel = row->cancel;
  job->row.attempts = row->attempts;
  job->row.crashes = row->crashes;
  job->row.code = row->code;
  job->row.result_bytes = row->result_bytes;
  mcl_job_text(&job->row.sentence, row->sentence);
  d->listener.state(d->listener.user, job);
}

/* A device that does not do what it is told hangs; what was on it goes on elsewhere. */
static void end_hanging(mcl_daemon *d) {
  const double patience = (double)(d->config->stall + d->config->grace);
  for (size_t i = 0; i < d->jobs.count; i++) {
    mcl_daemon_job *job = d->jobs.list[i];
    if (!job->on || job->asked <= 0 || mcl_clock_since(job->asked) < patience)
      continue;
    mcl_daemon_tell(&d->log, "a device does not answer, and its process is ended", "device",
                    job->on->name, NULL);
    job->asked = 0;
    mcl_child_kill(job->on);
  }
}

/* Those that were cancelled as the last daemon ended. */
static void end_cancelled(mcl_daemon *d) {
  for (size_t i = 0; i < d->jobs.count; i++)
    if (d->jobs.list[i]->row.cancel && !mcl_job_ended(d->jobs.list[i]->row.state))
      mcl_daemon_finish_job(d, d->jobs.list[i], CANCELLED, MOTCL_ECANCELLED, "cancelled", NULL, 0);
}

static void mend(mcl_daemon *d) {
  motcl_err err = {0};
  for (size_t i = 0; i < d->jobs.count; i++)
    if (d->jobs.list[i]->on)
      return; /* it is not quiet yet */
  if (mcl_journal_mend(d->journal, mcl_daemon_now(), &err) != MOTCL_OK ||
      mcl_journal_visit(d->journal, on_row, d, &err) != MOTCL_OK)
    return;
  d->trouble = NULL;
  mcl_daemon_tell(&d->log, "the journal is well again", NULL);
  end_cancelled(d);
}

static void on_forgotten(void *user, uint64_t number) {
  mcl_daemon *d = user;
  mcl_daemon_job *job = mcl_jobs_by_number(&d->jobs, number);
  if (job)
    mcl_jobs_remove(&d->jobs, job);
}

static void retain(mcl_daemon *d) {
  const mcl_daemon_config *c = d->config;
  const mcl_retention keep = {c->keep * 1000, c->keep_jobs, c->keep_bytes};
  motcl_err err = {0};
  (void)mcl_daemon_kept(
      d, mcl_journal_retain(d->journal, &keep, mcl_daemon_now(), on_forgotten, d, &err), &err);
}

static void end_late(mcl_daemon *d) {
  const uint64_t now = mcl_daemon_now();
  for (size_t i = 0; i < d->jobs.count && !d->trouble; i++) {
    mcl_daemon_job *job = d->jobs.list[i];
    if (!job->row.deadline_ms || job->row.deadline_ms > now || mcl_job_ended(job->row.state))
      continue;
    if (job->on && !job->row.cancel) {
      motcl_err err = {0};
      job->late = true;
      (void)mcl_daemon_cancel(d, job, &err);
    } else if (!job->on) {
      mcl_daemon_finish_job(d, job, CANCELLED, MOTCL_ECANCELLED, late, NULL, 0);
    }
  }
}

static void on_tick(uv_timer_t *timer) {
  mcl_daemon *d = timer->data;
  d->ticks++;
  end_hanging(d);
  if (d->trouble && d->ticks % MEND_TICKS == 0)
    mend(d);
  if (d->trouble || d->ends)
    return;
  end_late(d);
  if (d->ticks % RETAIN_TICKS == 1)
    retain(d);
  mcl_daemon_dispatch(d);
}

static int make_children(mcl_daemon *d, motcl_err *err) {
  const size_t n = d->config->devices ? d->config->devices : 1;
  d->child = mcl_zalloc(n, sizeof *d->child);
  d->restart = mcl_zalloc(n, sizeof *d->restart);
  if (!d->child || !d->restart)
    return mcl_fail_nomem(err, n * sizeof *d->child);
  d->children = n;
  for (size_t i = 0; i < n; i++) {
    mcl_child *c = &d->child[i];
    *c = (mcl_child){.loop = d->loop,
                     .config = d->config,
                     .option = d->config->devices ? d->config->device[i] : NULL,
                     .listener = {d, on_report, on_gone}};
    uv_timer_init(d->loop, &d->restart[i]);
    d->restart[i].data = c;
    start_child(&d->restart[i]);
  }
  return MOTCL_OK;
}

int mcl_daemon_open(mcl_daemon *d, motcl_err *err) {
  int rc = mcl_journal_open(&d->journal, d->config->state, mcl_daemon_now(), err);
  if (rc == MOTCL_OK)
    rc = mcl_journal_visit(d->journal, on_row, d, err);
  if (rc != MOTCL_OK)
    return rc;
  end_cancelled(d);
  uv_timer_init(d->loop, &d->tick);
  d->tick.data = d;
  uv_timer_start(&d->tick, on_tick, TICK_MS, TICK_MS);
  return make_children(d, err);
}

void mcl_daemon_configure(mcl_daemon *d, mcl_daemon_config *config) {
  mcl_daemon_config *c = d->config, old = *c;
  *c = *config;
  *config = old;
  /* what holds as long as the process: where it is, and its devices */
  char **keep[][2] = {
      {&c->socket, &config->socket}, {&c->state, &config->state}, {&c->cache, &config->cache}};
  for (size_t i = 0; i < sizeof keep / sizeof *keep; i++) {
    char *t = *keep[i][0];
    *keep[i][0] = *keep[i][1];
    *keep[i][1] = t;
  }
  char **device = c->device;
  const size_t devices = c->devices;
  c->device = config->device;
  c->devices = config->devices;
  config->device = device;
  config->devices = devices;
  d->log = (mcl_daemon_log){c->json, c->verbose};
  mcl_daemon_dispatch(d);
}

static void on_grace_over(uv_timer_t *timer) {
  mcl_daemon *d = timer->data;
  mcl_daemon_tell(&d->log, "not all could be saved in time", NULL);
  for (size_t i = 0; i < d->children; i++)
    mcl_child_kill(&d->child[i]);
}

void mcl_daemon_end(mcl_daemon *d) {
  Motcl__V1__Order o = MOTCL__V1__ORDER__INIT;
  o.what_case = MOTCL__V1__ORDER__WHAT_END;
  o.end = true;
  if (d->ends)
    return;
  d->ends = true;
  mcl_daemon_tell(&d->log, "ending", NULL);
  for (size_t i = 0; i < d->children; i++) {
    uv_timer_stop(&d->restart[i]);
    if (d->child[i].state != MCL_CHILD_GONE)
      (void)mcl_child_order(&d->child[i], &o, NULL);
  }
  uv_timer_stop(&d->tick);
  uv_timer_start(&d->tick, on_grace_over, d->config->grace * 1000, 0);
  if (!processes(d))
    d->listener.ended(d->listener.user);
}

void mcl_daemon_finish(mcl_daemon *d) {
  mcl_journal_close(d->journal);
  mcl_jobs_finish(&d->jobs);
  mcl_free(d->child);
  mcl_free(d->restart);
}
