/* daemon.c - jobs on their way: taken, put on devices, saved, ended. */
#include "daemon/daemon.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/seed.h"
#include "base/utf8.h"

#define WAITING MOTCL__V1__JOB_STATE__JOB_WAITING
#define HELD MOTCL__V1__JOB_STATE__JOB_HELD
#define RUNNING MOTCL__V1__JOB_STATE__JOB_RUNNING
#define DONE MOTCL__V1__JOB_STATE__JOB_DONE
#define FAILED MOTCL__V1__JOB_STATE__JOB_FAILED
#define CANCELLED MOTCL__V1__JOB_STATE__JOB_CANCELLED

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

static void dispatch(mcl_daemon *d);

/* ---- the journal ---- */

static void order(mcl_daemon_job *job, Motcl__V1__Order__WhatCase what) {
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
      order(d->jobs.list[i], MOTCL__V1__ORDER__WHAT_PART);
}

/* Whether the journal has kept something; if not, why is told once. */
static bool kept(mcl_daemon *d, int rc, const motcl_err *err) {
  const char *trouble = mcl_journal_trouble(d->journal);
  if (rc == MOTCL_OK)
    return true;
  if (trouble)
    stop_all(d, trouble);
  else
    mcl_daemon_tell(&d->log, "the journal refused", "why", err->text, NULL);
  return false;
}

static void to(mcl_daemon *d, mcl_daemon_job *job, mcl_job_state state, const char *reason) {
  motcl_err err = {0};
  mcl_job_to(&d->jobs, job, state, mcl_daemon_now());
  if (!d->trouble)
    (void)kept(d, mcl_journal_change(d->journal, &job->row, reason, &err), &err);
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

/* The one end of a job. If it cannot be kept, the job goes on from where it was saved, once that can. */
static void finish(mcl_daemon *d, mcl_daemon_job *job, mcl_job_state state, int code,
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
  if (d->trouble || !kept(d, rc, &err)) {
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
    finish(d, job, FAILED, MOTCL_EINVAL, "the daemon has no model of this name any more", NULL, 0);
    return false;
  }
  int rc = mcl_journal_message(d->journal, job->row.number, &bytes, &n, &err);
  if (rc == MOTCL_EFORMAT)
    finish(d, job, FAILED, rc, err.text, NULL, 0);
  else if (rc != MOTCL_OK)
    (void)kept(d, rc, &err);
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
    (void)kept(d, rc, &err);
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
    to(d, job, RUNNING, NULL);
    if (d->trouble) { /* it is not known to run, so it does not */
      take_off(d, job);
      mcl_job_to(&d->jobs, job, WAITING, mcl_daemon_now());
    } else {
      o.what_case = MOTCL__V1__ORDER__WHAT_RUN;
      o.run = &run;
      if (mcl_child_order(c, &o, &err) != MOTCL_OK) {
        take_off(d, job);
        finish(d, job, FAILED, err.code, err.text, NULL, 0);
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

static void dispatch(mcl_daemon *d) {
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
    finish(d, job, CANCELLED, MOTCL_ECANCELLED, "cancelled", NULL, 0);
    return;
  }
  const bool hold = job->row.hold;
  job->row.hold = false;
  to(d, job, hold ? HELD : WAITING, reason);
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
  finish(d, job,
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
    finish(d, job, FAILED, code, sentence, NULL, 0);
}

static void on_saved(mcl_daemon *d, mcl_daemon_job *job, const ProtobufCBinaryData *bytes) {
  motcl_err err = {0};
  if (!d->trouble)
    (void)kept(d,
               mcl_journal_save(d->journal, job->row.number, bytes->data, bytes->len,
                                mcl_daemon_now(), &err),
               &err);
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
    dispatch(d);
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
  dispatch(d);
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
    finish(d, job, FAILED, MOTCL_ELOST, sentence, NULL, 0);
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
  dispatch(d);
}

/* ---- what clients ask for ---- */

static mcl_refusal refuse(mcl_refusal why, motcl_err *err, const char *sentence) {
  mcl_fail(err, MOTCL_EINVAL, "%s", sentence);
  return why;
}

static mcl_refusal of_journal(mcl_daemon *d, int rc, motcl_err *err) {
  if (kept(d, rc, err))
    return 0;
  return MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
}

/* What a request is, in a few words. */
static void describe(char out[65], const motcl_request *r) {
  size_t pictures = 0, drawn = 0, written = 0;
  motcl_item *item = NULL;
  size_t n = 0;
  if (motcl_request_items(&item, &n, r, NULL) != MOTCL_OK)
    n = 0;
  for (size_t i = 0; i < n; i++) {
    pictures += item[i].kind == MOTCL_ITEM_INPUT && item[i].part.kind == MOTCL_PART_PICTURE;
    if (item[i].kind == MOTCL_ITEM_OUTPUT)
      *(item[i].output == MOTCL_OUTPUT_PICTURE ? &drawn : &written) += 1;
  }
  motcl_free(item);
  if (drawn + written > 1)
    snprintf(out, 65, "run, %zu pictures, %zu texts", drawn, written);
  else if (!drawn)
    snprintf(out, 65, "ask");
  else if (r->settings.width)
    snprintf(out, 65, "%s %ux%u", pictures ? "edit" : "draw", (unsigned)r->settings.width,
             (unsigned)r->settings.height);
  else
    snprintf(out, 65, "%s", pictures ? "edit" : "draw");
  if (!drawn && written > 1)
    snprintf(out, 65, "ask, %zu answers", written);
}

/* Ids stand in lines and file names. */
static bool good_id(const char *id) {
  for (const char *c = id; *c; c++)
    if (*c < '!' || *c > '~' || *c == '/')
      return false;
  return *id != 0 && *id != '.';
}

static int make_id(char out[33], motcl_err *err) {
  uint64_t a, b;
  int rc = motcl_seed(&a, err);
  if (rc == MOTCL_OK)
    rc = motcl_seed(&b, err);
  if (rc == MOTCL_OK)
    snprintf(out, 33, "%08" PRIx64 "%08" PRIx64, a, b);
  return rc;
}

/* Keys and values, each with a NUL behind it; NULL if there are none or no memory. */
static char *pack_labels(const motcl_job *job, size_t *n) {
  *n = 0;
  for (size_t i = 0; i < job->labels; i++)
    *n += strlen(job->label[i].key) + strlen(job->label[i].value) + 2;
  char *out = *n ? mcl_alloc(*n, 1) : NULL, *at = out;
  if (!out)
    *n = 0;
  for (size_t i = 0; out && i < job->labels; i++) {
    at = stpcpy(at, job->label[i].key) + 1;
    at = stpcpy(at, job->label[i].value) + 1;
  }
  return out;
}

static mcl_refusal room(mcl_daemon *d, const mcl_asker *who, motcl_err *err) {
  const mcl_daemon_user *user = mcl_jobs_user(&d->jobs, who->user);
  if (d->ends)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_ENDING, err,
                  "the daemon is ending; try again when it has come back");
  if (d->trouble) {
    mcl_fail(err, MOTCL_EIO, "no job can be kept at the moment: %s", d->trouble);
    return MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
  }
  if (d->jobs.open >= d->config->queue)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_BUSY, err, "the queue is full; try again later");
  if (!user || user->open >= d->config->user_queue)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_BUSY, err,
                  "you have as many jobs in the queue as you may have; try again later");
  return 0;
}

/* From a message that was read to a row. */
static mcl_refusal take_in(mcl_daemon *d, const motcl_job *job, mcl_journal_job row,
                           const void *message, size_t n, mcl_daemon_job **out, bool *known,
                           motcl_err *err) {
  char what[65], id[33];
  mcl_acceptance how;
  int rc = MOTCL_OK;
  mcl_daemon_job *before = job->id ? mcl_jobs_by_id(&d->jobs, job->id) : NULL;
  row.id = job->id;
  if (!job->id && (rc = make_id(id, err)) == MOTCL_OK)
    row.id = id;
  describe(what, &job->request);
  row.what = what;
  if (rc == MOTCL_OK)
    rc = mcl_journal_accept(d->journal, &row, message, n, &how, err);
  if (rc != MOTCL_OK)
    return of_journal(d, rc, err);
  *known = how == MCL_ACCEPTED_BEFORE;
  if (how == MCL_ACCEPTED_OTHER)
    return refuse(MOTCL__V1__REFUSAL__REFUSED_OTHER_CONTENT, err,
                  "there is another job of that id; choose another one");
  if (*known) {
    *out = before;
    return before ? 0
                  : refuse(MOTCL__V1__REFUSAL__REFUSED_BUSY, err,
                           "there was no memory for this job; start the daemon again");
  }
  return mcl_jobs_add(&d->jobs, &row, out, err) == MOTCL_OK ? 0 : MOTCL__V1__REFUSAL__REFUSED_BUSY;
}

static mcl_refusal check(mcl_daemon *d, const motcl_job *job, motcl_err *err) {
  if (job->id && !good_id(job->id))
    return refuse(MOTCL__V1__REFUSAL__REFUSED_WRONG, err,
                  "an id is of the letters, digits and signs of ASCII, without slashes, and does "
                  "not begin with a dot");
  if (job->model && !(job->id && mcl_jobs_by_id(&d->jobs, job->id)) &&
      !mcl_daemon_config_model_dir(d->config, job->model)) {
    mcl_fail(err, MOTCL_EINVAL,
             "there is no model '%.200s' here; 'motcl jobs -v' lists those there are", job->model);
    return MOTCL__V1__REFUSAL__REFUSED_NO_SUCH_MODEL;
  }
  return motcl_request_check(&job->request, err) == MOTCL_OK ? 0
                                                             : MOTCL__V1__REFUSAL__REFUSED_WRONG;
}

mcl_refusal mcl_daemon_submit(mcl_daemon *d, const mcl_asker *who, const void *message, size_t n,
                              bool hold, mcl_daemon_job **out, bool *known, motcl_err *err) {
  motcl_job job = {0};
  mcl_journal_job row = {.user = who->user};
  char *labels = NULL;
  if (motcl_job_unpack(&job, message, n, err) != MOTCL_OK)
    return MOTCL__V1__REFUSAL__REFUSED_WRONG;
  mcl_refusal why = check(d, &job, err);
  if (!why && !(job.id && mcl_jobs_by_id(&d->jobs, job.id))) /* what is there needs no room */
    why = room(d, who, err);
  else if (!why && d->trouble)
    why = room(d, who, err);
  if (!why) {
    row.state = hold ? HELD : WAITING;
    row.model = job.model ? job.model : d->config->model[0].name;
    row.priority = job.priority;
    row.deadline_ms = job.deadline;
    row.submitted_ms = row.changed_ms = mcl_daemon_now();
    row.labels = labels = pack_labels(&job, &row.labels_bytes);
    why = take_in(d, &job, row, message, n, out, known, err);
  }
  if (!why && !*known) {
    mcl_daemon_tell(&d->log, "accepted", "job", (*out)->row.id, "what", (*out)->row.what, "model",
                    (*out)->row.model, NULL);
    dispatch(d);
  }
  mcl_free(labels);
  motcl_job_finish(&job);
  return why;
}

mcl_refusal mcl_daemon_find(mcl_daemon *d, const mcl_asker *who, const char *id,
                            mcl_daemon_job **out, motcl_err *err) {
  *out = id ? mcl_jobs_by_id(&d->jobs, id) : NULL;
  if (*out && (who->all || (*out)->row.user == who->user))
    return 0;
  mcl_fail(err, MOTCL_EINVAL, "there is no job '%.128s' of yours", id ? id : "");
  return MOTCL__V1__REFUSAL__REFUSED_NO_SUCH_JOB;
}

static mcl_refusal in_trouble(const mcl_daemon *d, motcl_err *err) {
  if (!d->trouble)
    return 0;
  mcl_fail(err, MOTCL_EIO, "nothing can be kept at the moment: %s", d->trouble);
  return MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
}

static mcl_refusal has_ended(const mcl_daemon_job *job, motcl_err *err) {
  return mcl_job_ended(job->row.state)
             ? refuse(MOTCL__V1__REFUSAL__REFUSED_STATE, err, "the job has ended")
             : 0;
}

mcl_refusal mcl_daemon_cancel(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  mcl_refusal why = has_ended(job, err);
  if (!why)
    why = in_trouble(d, err);
  if (why || job->row.cancel)
    return why;
  if (!job->on) {
    finish(d, job, CANCELLED, MOTCL_ECANCELLED, "cancelled before it ran", NULL, 0);
    return in_trouble(d, err);
  }
  job->row.cancel = true;
  why = of_journal(d, mcl_journal_change(d->journal, &job->row, NULL, err), err);
  if (!why)
    order(job, MOTCL__V1__ORDER__WHAT_CANCEL);
  return why;
}

mcl_refusal mcl_daemon_hold(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  mcl_refusal why = has_ended(job, err);
  if (!why)
    why = in_trouble(d, err);
  if (why || job->row.state == HELD || job->row.hold)
    return why;
  if (!job->on) {
    to(d, job, HELD, NULL);
    return in_trouble(d, err);
  }
  job->row.hold = true;
  why = of_journal(d, mcl_journal_change(d->journal, &job->row, NULL, err), err);
  if (!why && !job->parting)
    order(job, MOTCL__V1__ORDER__WHAT_PART);
  return why;
}

mcl_refusal mcl_daemon_release(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  mcl_refusal why = has_ended(job, err);
  if (!why)
    why = in_trouble(d, err);
  if (why)
    return why;
  if (job->row.hold) { /* it is still on its way to being held */
    job->row.hold = false;
    return of_journal(d, mcl_journal_change(d->journal, &job->row, NULL, err), err);
  }
  if (job->row.state == HELD) {
    to(d, job, WAITING, NULL);
    dispatch(d);
  }
  return in_trouble(d, err);
}

mcl_refusal mcl_daemon_fetch(mcl_daemon *d, const mcl_daemon_job *job, uint8_t **bytes, size_t *n,
                             motcl_err *err) {
  if (!mcl_job_ended(job->row.state))
    return refuse(MOTCL__V1__REFUSAL__REFUSED_STATE, err,
                  "the job has not ended; 'motcl wait' waits for it");
  return mcl_journal_result(d->journal, job->row.number, bytes, n, err) == MOTCL_OK
             ? 0
             : MOTCL__V1__REFUSAL__REFUSED_JOURNAL;
}

mcl_refusal mcl_daemon_may_forget(const mcl_daemon_job *job, motcl_err *err) {
  return mcl_job_ended(job->row.state) ? 0
                                       : refuse(MOTCL__V1__REFUSAL__REFUSED_STATE, err,
                                                "the job has not ended; cancel it first");
}

mcl_refusal mcl_daemon_forget(mcl_daemon *d, mcl_daemon_job *job, motcl_err *err) {
  mcl_refusal why = mcl_daemon_may_forget(job, err);
  if (!why)
    why = of_journal(d, mcl_journal_forget(d->journal, job->row.number, err), err);
  if (!why)
    mcl_jobs_remove(&d->jobs, job);
  return why;
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
      finish(d, d->jobs.list[i], CANCELLED, MOTCL_ECANCELLED, "cancelled", NULL, 0);
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
  (void)kept(d, mcl_journal_retain(d->journal, &keep, mcl_daemon_now(), on_forgotten, d, &err),
             &err);
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
      finish(d, job, CANCELLED, MOTCL_ECANCELLED, late, NULL, 0);
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
  dispatch(d);
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
  dispatch(d);
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
