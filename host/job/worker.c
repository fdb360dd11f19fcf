/* worker.c - opening what requests need, planning them, running them. */
#include "job/room.h"

#include <string.h>

#include "base/mem.h"
#include "job/need.h"

/* Requests made ready: sessions, and what they need. */
typedef struct crew {
  mcl_session *session;
  mcl_session **list;
  mcl_session_need *need;
  size_t count;
  mcl_room room;
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

/* What a device's rates are kept under. */
static void device_name(const mcl_worker *w, char name[MCL_FINGERPRINT_ROOM]) {
  mcl_fingerprint f = mcl_fingerprint_of(w->device);
  mcl_fingerprint_print(&f, name);
}

static void learn(mcl_worker *w) {
  w->learned = w->learned || w->meter.count;
  mcl_rates_learn(&w->rates, &w->meter);
  mcl_meter_finish(&w->meter);
}

/* Rates of a run that measured something are kept. */
static void keep_rates(mcl_worker *w) {
  char name[MCL_FINGERPRINT_ROOM];
  learn(w);
  if (w->learned) {
    device_name(w, name);
    mcl_rates_save(&w->rates, w->cache_dir, name);
  }
  mcl_rates_finish(&w->rates);
}

int mcl_worker_open(mcl_worker **out, const mcl_worker_options *o, motcl_err *err) {
  char name[MCL_FINGERPRINT_ROOM];
  mcl_worker *w = mcl_zalloc(1, sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, sizeof *w);
  w->plan = o->plan;
  w->kernel_dir = o->open.kernel_dir;
  w->cache_dir = o->open.cache_dir;
  w->previews.cache_dir = o->open.cache_dir;
  int rc = mcl_model_open(&w->model, o->model, err);
  if (rc == MOTCL_OK)
    rc = mcl_tok_open(&w->tok, o->model, err);
  if (rc == MOTCL_OK)
    rc = open_device(w, o, err);
  if (rc != MOTCL_OK) {
    mcl_worker_close(w);
    return rc;
  }
  device_name(w, name);
  mcl_rates_load(&w->rates, w->cache_dir, name);
  *out = w;
  return MOTCL_OK;
}

void mcl_worker_close(mcl_worker *w) {
  if (!w)
    return;
  keep_rates(w);
  mcl_previews_finish(&w->previews);
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
  mcl_free(c->need);
  mcl_free((void *)c->list);
}

static int read_request(crew *c, const mcl_worker *w, const motcl_request *r,
                        const motcl_sink *sink, motcl_err *err) {
  mcl_session *s = &c->session[c->count];
  int rc = mcl_session_init(s, w->model, w->tok, &r->settings, r->seed, sink, err);
  if (rc != MOTCL_OK)
    return rc;
  c->list[c->count] = s;
  return mcl_session_request(s, r, &c->need[c->count++], err);
}

/* Sessions for all requests, their tasks listed, counted and planned. */
static int crew_init(crew *c, mcl_worker *w, const motcl_request *request, const motcl_sink *sink,
                     size_t n, motcl_err *err) {
  int rc = MOTCL_OK;
  memset(c, 0, sizeof *c);
  *w->fingerprint = 0;
  c->session = mcl_zalloc(n, sizeof *c->session);
  c->need = mcl_zalloc(n, sizeof *c->need);
  c->list = (mcl_session **)mcl_zalloc(n, sizeof(mcl_session *));
  if (!c->session || !c->list || !c->need)
    return mcl_fail_nomem(err, n * sizeof *c->session);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = read_request(c, w, &request[i], sink ? &sink[i] : NULL, err);
  return rc == MOTCL_OK ? mcl_room_count(&c->room, w, c->list, c->need, n, err) : rc;
}

int mcl_worker_run(mcl_worker *w, const motcl_request *request, const motcl_sink *sink, size_t n,
                   mcl_cancel_fn cancel, void *user, motcl_err *err) {
  crew c;
  int rc = crew_init(&c, w, request, sink, n, err);
  if (rc == MOTCL_OK)
    rc = mcl_room_make(w, &c.room, err);
  if (rc == MOTCL_EFIT && w->talks)
    rc = mcl_room_anew(w, &c.room, NULL, err);
  if (rc == MOTCL_OK) {
    mcl_room_sign(w, &w->engine, c.list, n);
    for (size_t i = 0; i < n; i++)
      mcl_session_attach(&c.session[i], &w->engine);
    rc = mcl_loop_run(&w->engine, c.list, n, cancel, user, err);
  }
  crew_finish(&c);
  if (!w->talks)
    mcl_engine_finish(&w->engine);
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

/* What the crew's requests take on an engine that is planned for them. */
static int need_of(motcl_need *need, mcl_worker *w, const crew *c, const mcl_engine *e,
                   motcl_err *err) {
  mcl_tally y = {0};
  int rc = MOTCL_OK;
  need->memory = e->plan->memory.total + c->room.beside;
  for (size_t i = 0; i < c->count && rc == MOTCL_OK; i++)
    rc = mcl_session_tally(&c->session[i], &y, err);
  learn(w);
  if (rc == MOTCL_OK)
    rc = mcl_need_sum(need, e, &y, &w->rates, err);
  mcl_tally_finish(&y);
  return rc;
}

int mcl_worker_look(mcl_worker *w, const motcl_request *request, size_t n, mcl_worker_visitor visit,
                    void *user, motcl_err *err) {
  crew c;
  mcl_engine e = {0};
  gallery g = {0};
  motcl_need need;
  int rc = crew_init(&c, w, request, NULL, n, err);
  if (rc == MOTCL_OK)
    rc = mcl_room_plan(&e, w, &c.room, err);
  if (rc == MOTCL_OK) {
    mcl_room_sign(w, &e, c.list, n);
    hang(&g, "decoder", e.plan);
    for (size_t i = 0; i < n; i++)
      mcl_session_plans(c.list[i], hang, &g);
    rc = g.no_memory ? mcl_fail_nomem(err, sizeof *g.plan) : need_of(&need, w, &c, &e, err);
    if (rc == MOTCL_OK)
      rc = visit(user, g.plan, g.count, &need, err);
  }
  mcl_free(g.plan);
  crew_finish(&c);
  mcl_engine_finish(&e);
  return rc;
}
