/* worker.c - opening what requests need, planning them, running them. */
#include "job/worker.h"

#include <string.h>

#include "base/mem.h"

struct mcl_worker {
  mcl_model *model;
  mcl_tok *tok;
  mcl_device *device;
  mcl_plan_options plan;
  const char *kernel_dir;
  char fingerprint[MCL_FINGERPRINT_ROOM];
};

/* Requests made ready on an engine: sessions, and what they need together. */
typedef struct crew {
  mcl_session *session;
  mcl_session **list;
  size_t count;
  mcl_engine engine;
} crew;

static int open_device(mcl_worker *w, const mcl_worker_options *o, motcl_err *err) {
  const mcl_device_entry *entry;
  int rc = mcl_devices_pick(o->devices, o->device, &entry, err);
  if (rc == MOTCL_OK)
    rc = mcl_device_open(&w->device, entry, &o->open, err);
  if (rc == MOTCL_OK && o->device && *o->device && entry->info.slow)
    w->plan.allow_slow = true;
  return rc;
}

int mcl_worker_open(mcl_worker **out, const mcl_worker_options *o, motcl_err *err) {
  mcl_worker *w = mcl_zalloc(1, sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, sizeof *w);
  w->plan = o->plan;
  w->kernel_dir = o->open.kernel_dir;
  int rc = mcl_model_open(&w->model, o->model, err);
  if (rc == MOTCL_OK)
    rc = mcl_tok_open(&w->tok, o->model, err);
  if (rc == MOTCL_OK)
    rc = open_device(w, o, err);
  if (rc != MOTCL_OK) {
    mcl_worker_close(w);
    return rc;
  }
  *out = w;
  return MOTCL_OK;
}

void mcl_worker_close(mcl_worker *w) {
  if (!w)
    return;
  mcl_device_close(w->device);
  mcl_tok_close(w->tok);
  mcl_model_close(w->model);
  mcl_free(w);
}

const mcl_model *mcl_worker_model(const mcl_worker *w) {
  return w->model;
}

const mcl_device *mcl_worker_device(const mcl_worker *w) {
  return w->device;
}

const char *mcl_worker_fingerprint(const mcl_worker *w) {
  return w->fingerprint;
}

static void crew_finish(crew *c) {
  for (size_t i = 0; i < c->count; i++)
    mcl_session_finish(&c->session[i]);
  mcl_free(c->session);
  mcl_free((void *)c->list);
  mcl_engine_finish(&c->engine);
}

/* Sessions for all requests; *size becomes what their passes need together. */
static int read_requests(crew *c, const mcl_worker *w, const motcl_request *request,
                         const motcl_sink *sink, size_t n, mcl_decoder_size *size, motcl_err *err) {
  uint32_t segments = 0;
  int rc = MOTCL_OK;
  c->session = mcl_zalloc(n, sizeof *c->session);
  c->list = (mcl_session **)mcl_zalloc(n, sizeof(mcl_session *));
  if (!c->session || !c->list)
    return mcl_fail_nomem(err, n * sizeof *c->session);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    mcl_session_need need;
    rc = mcl_session_init(&c->session[i], w->model, w->tok, &request[i], sink ? &sink[i] : NULL,
                          &need, err);
    if (rc != MOTCL_OK)
      break;
    c->list[c->count++] = &c->session[i];
    mcl_session_need_add(size, &segments, &need);
  }
  mcl_engine_size(size, segments);
  return rc;
}

/* The budget is that of all plans together, so it is held against their sum and the number that is
 * needed can be told at once. */
static int within_budget(const mcl_worker *w, uint64_t total, motcl_err *err) {
  uint64_t most = w->device->info.memory;
  char need[24], have[24];
  most = w->plan.memory && w->plan.memory < most ? w->plan.memory : most;
  if (total <= most)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFIT,
                  "this needs %s of memory on %s and may take %s; use a smaller size, a larger "
                  "budget or another device",
                  mcl_amount(need, total, true), w->device->info.name,
                  mcl_amount(have, most, false));
}

/* Plan the decoder and every other graph. */
static int plan_all(crew *c, mcl_worker *w, const mcl_decoder_size *size, bool layers,
                    motcl_err *err) {
  mcl_plan_options o = w->plan;
  uint64_t bytes, total;
  o.memory = 0;
  int rc = mcl_engine_plan(&c->engine, w->device, w->model, size, &o, layers, err);
  if (rc != MOTCL_OK)
    return rc;
  total = c->engine.plan->memory.total;
  for (size_t i = 0; i < c->count && rc == MOTCL_OK; i++) {
    rc = mcl_session_prepare(&c->session[i], w->device, &o, &bytes, err);
    total += rc == MOTCL_OK ? bytes : 0;
  }
  return rc == MOTCL_OK ? within_budget(w, total, err) : rc;
}

static void add_plan(void *user, const char *name, const mcl_plan *plan) {
  (void)name;
  mcl_fingerprint_plan(user, plan);
}

/* Kernels out of a folder are whatever they are now: their results share no name with others'. */
static void take_fingerprint(const crew *c, mcl_worker *w) {
  mcl_fingerprint f = mcl_fingerprint_of(w->device);
  if (w->kernel_dir)
    mcl_fingerprint_text(&f, w->kernel_dir);
  add_plan(&f, "decoder", c->engine.plan);
  for (size_t i = 0; i < c->count; i++)
    mcl_session_plans(&c->session[i], add_plan, &f);
  mcl_fingerprint_print(&f, w->fingerprint);
}

static int crew_init(crew *c, mcl_worker *w, const motcl_request *request, const motcl_sink *sink,
                     size_t n, motcl_err *err) {
  mcl_decoder_size size = {0};
  bool layers = false;
  memset(c, 0, sizeof *c);
  *w->fingerprint = 0;
  int rc = read_requests(c, w, request, sink, n, &size, err);
  for (size_t i = 0; sink && i < n; i++)
    layers = layers || (sink[i].array && sink[i].layers);
  if (rc == MOTCL_OK)
    rc = plan_all(c, w, &size, layers, err);
  if (rc == MOTCL_OK)
    take_fingerprint(c, w);
  return rc;
}

int mcl_worker_run(mcl_worker *w, const motcl_request *request, const motcl_sink *sink, size_t n,
                   mcl_cancel_fn cancel, void *user, motcl_err *err) {
  crew c;
  int rc = crew_init(&c, w, request, sink, n, err);
  if (rc == MOTCL_OK)
    rc = mcl_engine_start(&c.engine, err);
  for (size_t i = 0; i < c.count && rc == MOTCL_OK; i++)
    mcl_session_attach(&c.session[i], &c.engine);
  if (rc == MOTCL_OK)
    rc = mcl_loop_run(&c.engine, c.list, c.count, cancel, user, err);
  crew_finish(&c);
  return rc;
}

/* The decoder's plan and those of the tasks, gathered for showing. */
typedef struct gallery {
  mcl_worker_plan *plan;
  size_t count, cap;
  bool no_memory;
} gallery;

static void hang(void *user, const char *name, const mcl_plan *plan) {
  gallery *g = user;
  void *p = g->plan;
  if (!mcl_grow(&p, &g->cap, g->count, sizeof *g->plan)) {
    g->no_memory = true;
    return;
  }
  g->plan = p;
  g->plan[g->count++] = (mcl_worker_plan){name, plan};
}

int mcl_worker_look(mcl_worker *w, const motcl_request *request, size_t n, mcl_worker_visitor visit,
                    void *user, motcl_err *err) {
  crew c;
  gallery g = {0};
  int rc = crew_init(&c, w, request, NULL, n, err);
  if (rc == MOTCL_OK) {
    hang(&g, "decoder", c.engine.plan);
    for (size_t i = 0; i < c.count; i++)
      mcl_session_plans(&c.session[i], hang, &g);
    rc = g.no_memory ? mcl_fail_nomem(err, sizeof *g.plan) : visit(user, g.plan, g.count, err);
  }
  mcl_free(g.plan);
  crew_finish(&c);
  return rc;
}
