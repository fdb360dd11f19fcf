/* worker.c - opening what requests need, planning them, running them. */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "job/estimate.h"
#include "job/state.h"
#include "session/build.h"

/* A device of its own, or that of the worker it stands beside. */
static int open_device(mcl_worker *w, const mcl_worker_options *o, motcl_err *err) {
  const mcl_device_entry *entry;
  mcl_device *dev = NULL;
  if (o->beside) {
    w->residency = mcl_residency_ref(o->beside->residency);
    w->plan.allow_slow = w->plan.allow_slow || o->beside->plan.allow_slow;
    return MOTCL_OK;
  }
  mcl_device_list own = {.own = NULL};
  int rc = o->own ? mcl_devices_init_own(&own, o->own, err) : MOTCL_OK;
  if (rc == MOTCL_OK)
    rc = mcl_devices_pick(o->own ? &own : o->devices, o->device, &entry, err);
  if (rc == MOTCL_OK)
    rc = mcl_device_open(&dev, entry, &o->open, err);
  mcl_devices_finish(&own);
  if (rc == MOTCL_OK)
    rc = mcl_residency_create(&w->residency, dev, o->plan.memory, err);
  if (rc != MOTCL_OK) {
    mcl_device_close(dev);
    return rc;
  }
  if (o->device && *o->device && entry->info.slow)
    w->plan.allow_slow = true;
  return MOTCL_OK;
}

/* What a device's rates are kept under. */
static void device_name(const mcl_worker *w, char name[MCL_FINGERPRINT_SIZE]) {
  mcl_fingerprint f = mcl_fingerprint_of(mcl_worker_device(w));
  mcl_fingerprint_print(&f, name);
}

static void learn(mcl_worker *w) {
  w->learned = w->learned || w->throughput.count;
  mcl_throughput_store_learn(&w->store, &w->throughput);
  mcl_throughput_finish(&w->throughput);
}

/* Rates of a run that measured something are kept. */
static void save_throughput(mcl_worker *w) {
  char name[MCL_FINGERPRINT_SIZE];
  learn(w);
  if (w->learned) {
    device_name(w, name);
    mcl_throughput_store_save(&w->store, w->cache_dir, name);
  }
  mcl_throughput_store_finish(&w->store);
}

static bool evict_contexts(void *user);

/* What lives as long as the worker does. */
static int init_parts(mcl_worker *w, motcl_err *err) {
  int rc = mcl_weights_create(&w->weights, w->residency, err);
  if (rc == MOTCL_OK)
    rc = mcl_engine_init(&w->engine, w->model, w->weights, &w->plan, err);
  w->engine.throughput = &w->throughput;
  w->stages = (mcl_stages){.model = w->model, .weights = w->weights, .options = w->plan};
  w->stages.options.memory = 0;
  w->scheduler = (mcl_scheduler){.engine = &w->engine, .reclaim = evict_contexts, .user = w};
  return rc;
}

int mcl_worker_open(mcl_worker **out, const mcl_worker_options *o, motcl_err *err) {
  char name[MCL_FINGERPRINT_SIZE];
  mcl_worker *w = mcl_zalloc(1, sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, sizeof *w);
  w->plan = o->plan;
  w->limits = o->limits;
  w->kernel_dir = o->open.kernel_dir;
  w->cache_dir = o->open.cache_dir;
  w->previews.cache_dir = o->open.cache_dir;
  w->process = getpid();
  int rc = mcl_model_open(&w->model, o->model, err);
  if (rc == MOTCL_OK) {
    mcl_model_name(w->name, w->model, o->model);
    rc = mcl_tok_open(&w->tok, o->model, err);
  }
  if (rc == MOTCL_OK)
    rc = open_device(w, o, err);
  if (rc == MOTCL_OK)
    rc = init_parts(w, err);
  if (rc != MOTCL_OK) {
    mcl_worker_close(w);
    return rc;
  }
  device_name(w, name);
  mcl_throughput_store_load(&w->store, w->cache_dir, name);
  *out = w;
  return MOTCL_OK;
}

void mcl_worker_close(mcl_worker *w) {
  if (!w || mcl_worker_out_of_reach(w))
    return;
  if (w->residency)
    save_throughput(w);
  mcl_previews_finish(&w->previews);
  mcl_scheduler_finish(&w->scheduler);
  mcl_stages_finish(&w->stages);
  mcl_engine_finish(&w->engine);
  mcl_weights_destroy(w->weights);
  mcl_device_close(mcl_residency_unref(w->residency));
  mcl_tok_close(w->tok);
  mcl_model_close(w->model);
  mcl_free(w);
}

const mcl_model *mcl_worker_model(const mcl_worker *w) {
  return w->model;
}

const mcl_device *mcl_worker_device(const mcl_worker *w) {
  return mcl_residency_device(w->residency);
}

const char *mcl_worker_fingerprint(const mcl_worker *w) {
  return w->fingerprint;
}

int mcl_worker_session(mcl_session *s, mcl_worker *w, const motcl_settings *settings, uint64_t seed,
                       const motcl_sink *sink, motcl_err *err) {
  int rc = mcl_session_init(s, w->model, w->tok, settings, seed, sink, err);
  if (rc != MOTCL_OK)
    return rc;
  s->reader.limits = &w->limits;
  s->stages = &w->stages;
  s->previews = &w->previews;
  s->callbacks = &w->callbacks;
  mcl_session_attach(s, &w->engine);
  return MOTCL_OK;
}

int mcl_worker_digest(mcl_worker *w, mcl_digest *out, motcl_err *err) {
  if (!w->digested) {
    int rc = mcl_model_digest(&w->digest, w->model, err);
    if (rc != MOTCL_OK)
      return rc;
    mcl_digest_short(w->short_digest, &w->digest);
    w->digested = true;
  }
  *out = w->digest;
  return MOTCL_OK;
}

int mcl_worker_model_name(mcl_worker *w, const char **name, const char **digest, motcl_err *err) {
  mcl_digest whole;
  int rc = mcl_worker_digest(w, &whole, err);
  if (rc != MOTCL_OK)
    return rc;
  *name = w->name;
  *digest = w->short_digest;
  return MOTCL_OK;
}

const char *mcl_worker_protocol(const mcl_worker *w) {
  const char *text = w->model->protocol->text;
  return strcmp(text, "bagel") ? text : NULL;
}

bool mcl_worker_in_sink(const mcl_worker *w) {
  return w->callbacks > 0;
}

bool mcl_worker_forked(const mcl_worker *w) {
  return w->process != getpid();
}

bool mcl_worker_out_of_reach(const mcl_worker *w) {
  return mcl_worker_forked(w) || (w->residency && mcl_worker_device(w)->hangs);
}

/* Whether its device can still be asked for anything. */
static int reach(const mcl_worker *w, const char *what, motcl_err *err) {
  if (mcl_worker_forked(w))
    return mcl_fail(
        err, MOTCL_EINVAL,
        "%s after a fork: the worker is the parent's, and its device does not work here; "
        "open library and worker in the child, before OpenCL is used in the parent",
        what);
  if (mcl_worker_device(w)->hangs)
    return mcl_fail(
        err, MOTCL_ELOST,
        "%s, but %s hangs in what it was given before; begin again in another process, or "
        "on another device",
        what, mcl_worker_device(w)->info.name);
  return MOTCL_OK;
}

int mcl_worker_enter(const mcl_worker *w, const char *what, motcl_err *err) {
  int rc = reach(w, what, err);
  if (rc != MOTCL_OK || !w->callbacks)
    return rc;
  return mcl_fail(err, MOTCL_EINVAL,
                  "%s from inside a sink: let the sink return, and do it after the step", what);
}

/* Sessions by hand that do not run give up their contexts, and all what they keep for going back.
 */
static bool evict_contexts(void *user) {
  mcl_worker *w = user;
  const mcl_kv_pool *pool = &w->engine.kv.pool;
  uint32_t before = pool->free_count;
  for (mcl_page_holder *h = w->holders; h; h = h->next)
    h->evict(h);
  return pool->free_count > before;
}

/* ---- fingerprint ---- */

/* Kinds of plan that differ: more than there are graphs, unless classes came to depend on sizes. */
enum { KINDS = 16 };

typedef struct kinds {
  char name[KINDS][MCL_FINGERPRINT_SIZE];
  size_t count;
  mcl_fingerprint rest; /* of those that there was no room for */
} kinds;

/* Plans that were met before say nothing new: a picture's fingerprint is the same whether it was
 * drawn at once or after others. The names are kept in order, whatever order they come in. */
static void add_kind(void *user, const char *name, const mcl_plan *plan) {
  kinds *k = user;
  mcl_fingerprint f = {{0, 0}};
  char print[MCL_FINGERPRINT_SIZE];
  size_t at = 0;
  if (strncmp(name, MCL_PREVIEW_PLAN, strlen(MCL_PREVIEW_PLAN)) == 0)
    return;
  mcl_fingerprint_plan(&f, plan);
  mcl_fingerprint_print(&f, print);
  while (at < k->count && strcmp(k->name[at], print) < 0)
    at++;
  if (at < k->count && !strcmp(k->name[at], print))
    return;
  if (k->count == KINDS) {
    mcl_fingerprint_text(&k->rest, print);
    return;
  }
  memmove(k->name[at + 1], k->name[at], (k->count - at) * sizeof *k->name);
  memcpy(k->name[at], print, sizeof print);
  k->count++;
}

/* Kernels out of a folder are whatever they are now: their results share no name with others'. */
void mcl_worker_update_fingerprint(mcl_worker *w, const mcl_plan *decoder, mcl_session *const *s,
                                   size_t n) {
  mcl_fingerprint f = mcl_fingerprint_of(mcl_worker_device(w));
  kinds k = {.count = 0};
  if (w->kernel_dir)
    mcl_fingerprint_text(&f, w->kernel_dir);
  add_kind(&k, "decoder", decoder);
  for (size_t i = 0; i < n; i++)
    mcl_session_plans(s[i], add_kind, &k);
  for (size_t i = 0; i < k.count; i++)
    mcl_fingerprint_text(&f, k.name[i]);
  if (k.count == KINDS) {
    mcl_fingerprint_print(&k.rest, k.name[0]);
    mcl_fingerprint_text(&f, k.name[0]);
  }
  mcl_fingerprint_print(&f, w->fingerprint);
}

/* ---- running ---- */

int mcl_worker_step(mcl_worker *w, bool *busy, motcl_err *err) {
  int rc = mcl_worker_enter(w, "a step taken", err);
  if (rc != MOTCL_OK)
    return rc;
  w->scheduler.ample = w->holders != NULL;
  return mcl_scheduler_step(&w->scheduler, busy, err);
}

int mcl_worker_go_on(mcl_worker *w, motcl_err *err) {
  bool busy;
  (void)mcl_worker_step(w, &busy, NULL); /* a lost device ends the runs too */
  if (!mcl_scheduler_waits(&w->scheduler))
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFIT,
                  "the memory that this needs is held by tasks of another worker on the device; "
                  "submit it as a task, and step both");
}

/* ---- planning and building without running ---- */

/* Requests made ready: sessions, and what they take. */
typedef struct dry_run {
  mcl_session *session;
  mcl_session **list;
  mcl_run *run;
  mcl_run **runs;
  size_t count;
  mcl_worker_plan *plan;
  size_t plans, cap;
  bool no_memory;
} dry_run;

static void dry_run_finish(dry_run *d) {
  for (size_t i = 0; i < d->count; i++)
    mcl_session_finish(&d->session[i]);
  mcl_free(d->session);
  mcl_free((void *)d->list);
  mcl_free(d->run);
  mcl_free((void *)d->runs);
  mcl_free(d->plan);
}

static int dry_run_init(dry_run *d, mcl_worker *w, const motcl_request *r, size_t n,
                        const motcl_sink *sink, motcl_err *err) {
  int rc = MOTCL_OK;
  d->session = mcl_zalloc(n, sizeof *d->session);
  d->list = (mcl_session **)mcl_zalloc(n, sizeof(mcl_session *));
  d->run = mcl_zalloc(n, sizeof *d->run);
  d->runs = (mcl_run **)mcl_zalloc(n, sizeof(mcl_run *));
  if (!d->session || !d->list || !d->run || !d->runs)
    return mcl_fail_nomem(err, n * sizeof *d->session);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    mcl_session *s = d->run[i].session = d->list[i] = &d->session[i];
    d->runs[i] = &d->run[i];
    rc = motcl_request_check(&r[i], err);
    if (rc == MOTCL_OK)
      rc = mcl_worker_session(s, w, &r[i].settings, r[i].seed, sink, err);
    d->count += rc == MOTCL_OK;
    /* What is worth a remark in what goes in, the run says, which reads it again. */
    const mcl_logger *logger = mcl_log_enter(NULL);
    if (rc == MOTCL_OK)
      rc = mcl_session_request(s, &r[i], &d->run[i].footprint, err);
    mcl_log_leave(logger);
    if (rc == MOTCL_OK)
      rc = mcl_session_prepare(s, &d->run[i].beside, err);
    if (rc != MOTCL_OK && n > 1)
      mcl_err_prefix(err, rc, "request %zu of %zu", i + 1, n);
  }
  return rc;
}

static void append_plan(void *user, const char *name, const mcl_plan *plan) {
  dry_run *d = user;
  void *p = d->plan;
  if (!mcl_grow(&p, &d->cap, d->plans, sizeof *d->plan)) {
    d->no_memory = true;
    return;
  }
  d->plan = p;
  d->plan[d->plans++] = (mcl_worker_plan){name, plan};
}

/* The work that the requests take by this plan of the decoder. */
static int work_of(motcl_estimate *estimate, mcl_worker *w, const dry_run *d,
                   const mcl_plan *decoder, motcl_err *err) {
  mcl_workload y = {0};
  int rc = MOTCL_OK;
  for (size_t i = 0; i < d->count && rc == MOTCL_OK; i++)
    rc = mcl_session_workload(&d->session[i], &y, err);
  learn(w);
  if (rc == MOTCL_OK)
    rc = mcl_estimate_sum(estimate, &w->engine.graph[0], decoder, &y, &w->store, err);
  mcl_workload_finish(&y);
  return rc;
}

static int show(mcl_worker *w, dry_run *d, mcl_worker_visitor visit, void *user, motcl_err *err) {
  const mcl_plan *decoder;
  motcl_estimate estimate = {0};
  int rc = mcl_scheduler_memory(&w->scheduler, d->runs, d->count, &estimate.memory, &decoder, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_worker_update_fingerprint(w, decoder, d->list, d->count);
  append_plan(d, "decoder", decoder);
  for (size_t i = 0; i < d->count; i++)
    mcl_session_plans(d->list[i], append_plan, d);
  rc = d->no_memory ? mcl_fail_nomem(err, sizeof *d->plan) : work_of(&estimate, w, d, decoder, err);
  return rc == MOTCL_OK ? visit(user, d->plan, d->plans, &estimate, err) : rc;
}

/* Who begins elsewhere than at the first kernel helps another process, and perhaps not alone. What they
 * all take at their worst is not seen yet, and whoever is helped has nothing from being killed. */
static int build(mcl_worker *w, const dry_run *d, double from, mcl_cancel_fn cancel, void *user,
                 motcl_err *err) {
  static const uint64_t others = (uint64_t)480 << 20;
  mcl_device *dev = w->engine.device;
  const mcl_plan *decoder;
  mcl_residency_leave(w->residency, from > 0 ? others : 0);
  int rc = mcl_scheduler_check(&w->scheduler, d->run, &decoder, err);
  mcl_residency_leave(w->residency, 0);
  if (rc != MOTCL_OK || !dev->driver->note)
    return rc;
  mcl_session_note(d->session, &w->engine, decoder);
  const uint32_t of = (uint32_t)dev->driver->unbuilt(dev);
  for (uint32_t step = 1; step <= of && rc == MOTCL_OK; step++) {
    if (cancel && cancel(user))
      return mcl_fail(err, MOTCL_ECANCELLED, "cancelled");
    rc = dev->driver->build(dev, from, err);
    if (rc == MOTCL_OK)
      mcl_session_step(d->session, MOTCL_PHASE_BUILD, step, of);
  }
  return rc;
}

int mcl_worker_build(mcl_worker *w, const motcl_request *request, double from,
                     const motcl_sink *sink, mcl_cancel_fn cancel, void *user, motcl_err *err) {
  dry_run d = {0};
  int rc = mcl_worker_enter(w, "kernels built", err);
  if (rc == MOTCL_OK)
    rc = dry_run_init(&d, w, request, 1, sink, err);
  if (rc == MOTCL_OK)
    rc = build(w, &d, from, cancel, user, err);
  dry_run_finish(&d);
  return rc;
}

int mcl_worker_store_kernels(mcl_worker *w, motcl_err *err) {
  int rc = mcl_worker_enter(w, "kernels stored", err);
  mcl_device *dev = mcl_residency_device(w->residency);
  return rc == MOTCL_OK && dev->driver->store ? dev->driver->store(dev, err) : rc;
}

int mcl_worker_dry_run(mcl_worker *w, const motcl_request *request, size_t n,
                       mcl_worker_visitor visit, void *user, motcl_err *err) {
  dry_run d = {0};
  char of_results[sizeof w->fingerprint];
  memcpy(of_results, w->fingerprint, sizeof of_results);
  *w->fingerprint = 0;
  int rc = reach(w, "a plan asked for", err);
  if (rc == MOTCL_OK)
    rc = dry_run_init(&d, w, request, n, NULL, err);
  if (rc == MOTCL_OK)
    rc = show(w, &d, visit, user, err);
  dry_run_finish(&d);
  memcpy(w->fingerprint, of_results, sizeof of_results);
  return rc;
}
