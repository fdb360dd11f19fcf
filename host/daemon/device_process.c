/* device_process.c - workers, one for each model in use, and the jobs that are on them. */
#include "daemon/device_process.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/library.h"
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/messages.h"
#include "daemon/order_queue.h"

/* A model in use. `used`: when a job of it last came or went, by counting. */
typedef struct model {
  struct model *next;
  char *dir;
  motcl_worker *worker;
  size_t jobs;
  uint64_t used;
} model;

typedef struct process process;

/* A job that is on. */
typedef struct job {
  struct job *next;
  process *p;
  uint64_t key;
  model *model;
  motcl_job_task *task;
} job;

/* jobs: changed with the queue's lock held, as the reading thread looks for whom to cancel. */
struct process {
  const mcl_device_process *o;
  motcl *library;
  int out;
  model *models;
  job *jobs;
  uint64_t uses;
  double saved;
  bool ends, lost, broken;
  mcl_order_queue orders;
};

/* ---- reports ---- */

static void write_all(process *p, const uint8_t *bytes, size_t n) {
  while (n > 0 && !p->broken) {
    ssize_t k = write(p->out, bytes, n);
    if (k < 0 && errno == EINTR)
      continue;
    p->broken = k <= 0;
    bytes += k > 0 ? k : 0;
    n -= k > 0 ? (size_t)k : 0;
  }
}

static void report(process *p, uint64_t key, Motcl__V1__Report *r) {
  motcl_err err = {0};
  size_t n;
  r->has_key = true;
  r->key = key;
  uint8_t *frame = mcl_frame_of(&mcl_wire_report, &r->base, &n, &err);
  if (frame)
    write_all(p, frame, n);
  else
    fprintf(stderr, "a report is lost: %s\n", err.text);
  p->broken = p->broken || !frame;
  mcl_free(frame);
}

static void report_bytes(process *p, uint64_t key, Motcl__V1__Report__WhatCase what,
                         const void *bytes, size_t n) {
  Motcl__V1__Report r = MOTCL__V1__REPORT__INIT;
  const ProtobufCBinaryData data = mcl_wire_bytes(bytes, n);
  r.what_case = what;
  if (what == MOTCL__V1__REPORT__WHAT_EVENT)
    r.event = data;
  else if (what == MOTCL__V1__REPORT__WHAT_SAVED)
    r.saved = data;
  else
    r.ended = data;
  report(p, key, &r);
}

static Motcl__V1__Failure failure_of(int code, const motcl_err *err) {
  Motcl__V1__Failure f = MOTCL__V1__FAILURE__INIT;
  f.has_code = true;
  f.code = (Motcl__V1__Code)-code;
  f.sentence = mcl_wire_string(err->text);
  return f;
}

static void report_refused(process *p, uint64_t key, int code, const motcl_err *err) {
  Motcl__V1__Report r = MOTCL__V1__REPORT__INIT;
  Motcl__V1__Failure f = failure_of(code, err);
  r.what_case = MOTCL__V1__REPORT__WHAT_REFUSED;
  r.refused = &f;
  report(p, key, &r);
}

static void report_anew(process *p, uint64_t key, const char *why) {
  Motcl__V1__Report r = MOTCL__V1__REPORT__INIT;
  r.what_case = MOTCL__V1__REPORT__WHAT_ANEW;
  r.anew = mcl_wire_string(why);
  report(p, key, &r);
}

static void report_parted(process *p, uint64_t key) {
  Motcl__V1__Report r = MOTCL__V1__REPORT__INIT;
  r.what_case = MOTCL__V1__REPORT__WHAT_PARTED;
  r.parted = true;
  report(p, key, &r);
}

/* ---- models ---- */

static void close_model(process *p, model *m) {
  model **at = &p->models;
  while (*at != m)
    at = &(*at)->next;
  *at = m->next;
  motcl_worker_close(m->worker);
  mcl_free(m->dir);
  mcl_free(m);
}

/* Close the model that no job has been on for longest; false if there is none. */
static bool close_idle(process *p) {
  model *oldest = NULL;
  for (model *m = p->models; m; m = m->next)
    if (!m->jobs && (!oldest || m->used < oldest->used))
      oldest = m;
  if (oldest)
    close_model(p, oldest);
  return oldest != NULL;
}

static int open_model(process *p, model **out, const char *dir, motcl_err *err) {
  model *m = mcl_zalloc(1, sizeof *m);
  int rc = MOTCL_OK;
  if (!m || !(m->dir = mcl_strdup(dir))) {
    mcl_free(m);
    return mcl_fail_nomem(err, sizeof *m);
  }
  do {
    const motcl_worker_options o = {.model = dir,
                                    .device = p->o->device,
                                    .memory = p->o->memory,
                                    .allow_slow = p->o->allow_slow,
                                    .beside = p->models ? p->models->worker : NULL,
                                    .limits = {.stall = p->o->stall},
                                    .size = sizeof o};
    rc = motcl_worker_open(&m->worker, p->library, &o, err);
  } while ((rc == MOTCL_EFIT || rc == MOTCL_EDEVMEM || rc == MOTCL_ENOMEM) && close_idle(p));
  if (rc != MOTCL_OK) {
    mcl_free(m->dir);
    mcl_free(m);
    return rc;
  }
  m->next = p->models;
  p->models = m;
  *out = m;
  return MOTCL_OK;
}

static int model_of(process *p, model **out, const char *dir, motcl_err *err) {
  for (model *m = p->models; m; m = m->next)
    if (!strcmp(m->dir, dir)) {
      *out = m;
      return MOTCL_OK;
    }
  return open_model(p, out, dir, err);
}

/* ---- jobs ---- */

static void on_event(void *user, const uint8_t *bytes, size_t n) {
  const job *j = user;
  report_bytes(j->p, j->key, MOTCL__V1__REPORT__WHAT_EVENT, bytes, n);
}

/* From the reading thread, with the queue's lock. */
static void cancel_now(void *user, uint64_t key) {
  const process *p = user;
  for (job *j = p->jobs; j; j = j->next)
    if (j->key == key)
      motcl_job_cancel(j->task);
}

static void add_job(process *p, job *j) {
  pthread_mutex_lock(&p->orders.lock);
  j->next = p->jobs;
  p->jobs = j;
  pthread_mutex_unlock(&p->orders.lock);
  j->model->jobs++;
  j->model->used = ++p->uses;
}

static void remove_job(process *p, job *j) {
  job **at = &p->jobs;
  pthread_mutex_lock(&p->orders.lock);
  while (*at != j)
    at = &(*at)->next;
  *at = j->next;
  pthread_mutex_unlock(&p->orders.lock);
  j->model->jobs--;
  j->model->used = ++p->uses;
  motcl_job_close(j->task);
  mcl_free(j);
}

static job *find_job(const process *p, uint64_t key) {
  job *j = p->jobs;
  while (j && j->key != key)
    j = j->next;
  return j;
}

/* Go on from what was saved, if there is something and it does; why it does not is said. */
static int resume(process *p, job *j, const Motcl__V1__RunJob *run, motcl_err *err) {
  motcl_err why = {0};
  if (!run->has_saved)
    return MOTCL_OK;
  int rc = motcl_job_resume(j->model->worker, run->saved.data, run->saved.len, true, on_event, j,
                            &j->task, &why);
  if (rc == MOTCL_EFORMAT || rc == MOTCL_EMODEL || rc == MOTCL_EUNSUPPORTED) {
    report_anew(p, j->key, why.text);
    return MOTCL_OK;
  }
  return rc == MOTCL_OK ? rc : mcl_fail(err, rc, "%s", why.text);
}

static int begin(process *p, job *j, const Motcl__V1__RunJob *run, motcl_err *err) {
  int rc = model_of(p, &j->model, run->model ? run->model : "", err);
  if (rc == MOTCL_OK)
    rc = resume(p, j, run, err);
  if (rc == MOTCL_OK && !j->task)
    rc =
        motcl_job_submit(j->model->worker, run->job.data, run->job.len, on_event, j, &j->task, err);
  return rc;
}

static void run_job(process *p, const Motcl__V1__RunJob *run) {
  motcl_err err = {0};
  job *j = mcl_zalloc(1, sizeof *j);
  int rc = j ? MOTCL_OK : mcl_fail_nomem(&err, sizeof *j);
  if (j) {
    j->p = p;
    j->key = run->key;
    rc = begin(p, j, run, &err);
  }
  if (j && rc == MOTCL_OK) {
    add_job(p, j);
    return;
  }
  report_refused(p, run->key, rc, &err);
  p->lost = p->lost || rc == MOTCL_ELOST;
  mcl_free(j);
}

/* Whether it could be saved: one that is about to end need not be. */
static bool save(process *p, const job *j) {
  uint8_t *bytes = NULL;
  size_t n;
  motcl_err err = {0};
  if (motcl_job_status(j->task, NULL) != 1 || motcl_job_save(j->task, &bytes, &n, &err) != MOTCL_OK)
    return false;
  report_bytes(p, j->key, MOTCL__V1__REPORT__WHAT_SAVED, bytes, n);
  motcl_free(bytes);
  return true;
}

static void save_all(process *p) {
  for (const job *j = p->jobs; j; j = j->next)
    (void)save(p, j);
  p->saved = mcl_clock();
}

static void end_job(process *p, job *j) {
  const uint8_t *bytes;
  size_t n;
  motcl_err err = {0};
  int rc = motcl_job_result(j->task, &bytes, &n, &err);
  if (rc == MOTCL_OK)
    report_bytes(p, j->key, MOTCL__V1__REPORT__WHAT_ENDED, bytes, n);
  else
    report_refused(p, j->key, rc, &err);
  p->lost = p->lost || motcl_job_status(j->task, NULL) == MOTCL_ELOST;
  remove_job(p, j);
}

static void end_jobs(process *p) {
  job *next;
  for (job *j = p->jobs; j; j = next) {
    next = j->next;
    if (motcl_job_status(j->task, NULL) != 1)
      end_job(p, j);
  }
}

/* ---- orders ---- */

static void part(process *p, uint64_t key) {
  job *j = find_job(p, key);
  if (!j)
    return;
  if (motcl_job_status(j->task, NULL) == 1) {
    (void)save(p, j);
    remove_job(p, j);
  } else {
    end_job(p, j);
  }
  report_parted(p, key);
}

static void obey(process *p, const Motcl__V1__Order *o) {
  switch (o->what_case) {
  case MOTCL__V1__ORDER__WHAT_RUN:
    run_job(p, o->run);
    break;
  case MOTCL__V1__ORDER__WHAT_CANCEL: /* what came before it may have begun since */
    cancel_now(p, o->cancel);
    break;
  case MOTCL__V1__ORDER__WHAT_PART:
    part(p, o->part);
    break;
  case MOTCL__V1__ORDER__WHAT_END:
    save_all(p);
    p->ends = true;
    break;
  default:
    break;
  }
}

static void obey_all(process *p) {
  mcl_order_item *item;
  while (!p->ends && (item = mcl_order_queue_take(&p->orders, !p->jobs))) {
    obey(p, item->order);
    mcl_order_item_free(item);
    end_jobs(p); /* one that could not begin has ended */
  }
}

static void step_all(process *p) {
  for (model *m = p->models; m; m = m->next) {
    bool busy;
    if (m->jobs && motcl_worker_step(m->worker, &busy, NULL) == MOTCL_ELOST)
      p->lost = true;
  }
}

static void work(process *p) {
  p->saved = mcl_clock();
  while (!p->ends && !p->lost && !p->broken) {
    obey_all(p);
    if (p->ends)
      break;
    step_all(p);
    end_jobs(p);
    if (p->jobs && mcl_clock_since(p->saved) >= p->o->save)
      save_all(p);
  }
}

/* ---- beginning and end ---- */

static void say(void *user, motcl_log_level level, const char *text) {
  (void)user;
  if (level == MOTCL_LOG_WARNING)
    fprintf(stderr, "%s\n", text);
}

/* Whether there is such a device: said before the first job comes. */
static int find_device(process *p, motcl_err *err) {
  const mcl_device_entry *entry = NULL;
  Motcl__V1__Report r = MOTCL__V1__REPORT__INIT;
  Motcl__V1__DeviceReady ready = MOTCL__V1__DEVICE_READY__INIT;
  Motcl__V1__Failure failure;
  int rc = mcl_library_find_devices(p->library, err);
  if (rc == MOTCL_OK)
    rc = mcl_devices_pick(&p->library->found, p->o->device, &entry, err);
  if (rc == MOTCL_OK) {
    ready.device = mcl_wire_string(entry->info.name);
    ready.driver = mcl_wire_string(entry->driver->name);
  } else {
    failure = failure_of(rc, err);
    ready.failure = &failure;
  }
  r.what_case = MOTCL__V1__REPORT__WHAT_READY;
  r.ready = &ready;
  report(p, 0, &r);
  return rc;
}

static void finish(process *p) {
  while (p->jobs)
    remove_job(p, p->jobs);
  while (p->models)
    close_model(p, p->models);
  motcl_close(p->library);
}

int mcl_device_process_run(const mcl_device_process *o, int in, int out) {
  process p = {.o = o, .out = out};
  const motcl_options library = {.log = say, .cache_dir = o->cache, .size = sizeof library};
  motcl_err err = {0};
  int rc = motcl_open(&p.library, &library, &err);
  if (rc == MOTCL_OK)
    rc = mcl_order_queue_open(&p.orders, in, cancel_now, &p, &err);
  if (rc != MOTCL_OK) {
    fprintf(stderr, "%s\n", err.text);
    motcl_close(p.library);
    return 1;
  }
  rc = find_device(&p, &err);
  if (rc == MOTCL_OK)
    work(&p);
  if (!p.lost) /* else the driver may not come back from being closed */
    finish(&p);
  /* at once: a driver's own endings may hang, and the reading thread still looks at what is here */
  _exit(p.ends ? 0 : rc != MOTCL_OK || p.lost ? 3 : 1);
}
