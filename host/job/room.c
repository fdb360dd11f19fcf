/* room.c - planning a worker's engine within its budget. */
#include "job/room.h"

#include <string.h>

#include "base/mem.h"

int mcl_room_count(mcl_room *r, mcl_worker *w, mcl_session *const *s, const mcl_session_need *need,
                   size_t n, motcl_err *err) {
  mcl_plan_options o = w->plan;
  int rc = MOTCL_OK;
  o.memory = 0;
  memset(r, 0, sizeof *r);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    uint64_t bytes = 0;
    mcl_session_need_add(&r->size, &r->segments, &need[i]);
    r->layers = r->layers || (s[i]->sink.array && s[i]->sink.layers);
    s[i]->previews = &w->previews;
    rc = mcl_session_prepare(s[i], w->device, &o, &bytes, err);
    r->beside += bytes;
  }
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

int mcl_room_plan(mcl_engine *e, const mcl_worker *w, const mcl_room *r, motcl_err *err) {
  mcl_plan_options o = w->plan;
  o.memory = 0;
  int rc = mcl_engine_plan(e, w->device, w->model, &r->size, r->segments, &o, r->layers, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = within_budget(w, e->plan->memory.total + r->beside, err);
  if (rc != MOTCL_OK)
    mcl_engine_finish(e);
  return rc;
}

static uint32_t larger(uint32_t a, uint32_t b) {
  return a > b ? a : b;
}

/* What the engine has and what is asked for, each as large as the larger of the two. */
static void join(mcl_room *r, const mcl_engine *e) {
  mcl_decoder_size_cover(&r->size, &e->most);
  r->segments = larger(r->segments, e->segments);
  r->layers = r->layers || e->layers;
}

static bool same_passes(const mcl_room *r, const mcl_engine *e) {
  return mcl_decoder_size_same(&r->size, &e->most) && r->segments == e->segments &&
         r->layers == e->layers;
}

static int start(mcl_worker *w, mcl_engine *next, motcl_err *err) {
  w->engine = *next;
  w->engine.meter = &w->meter;
  int rc = mcl_engine_start(&w->engine, err);
  if (rc != MOTCL_OK)
    mcl_engine_finish(&w->engine);
  return rc;
}

/* An engine that could not be had back has lost all keys. */
static int replace(mcl_worker *w, mcl_engine *next, motcl_err *err) {
  int rc = mcl_engine_replace(&w->engine, next, err);
  if (!w->engine.exec) {
    mcl_talks_forget(w, NULL);
    mcl_engine_finish(&w->engine);
  }
  return rc;
}

/* Pages half as many again, then just enough, then with passes no larger than asked for. */
static int plan_next(mcl_engine *next, const mcl_worker *w, const mcl_room *asked, motcl_err *err) {
  const mcl_engine *e = &w->engine;
  uint32_t held = e->pool.capacity, needed = e->pool.capacity - e->pool.spares;
  mcl_room roomy = *asked, tight;
  mcl_need_keys(&needed, asked->size.pages);
  join(&roomy, e);
  roomy.size.pages = larger(needed, held);
  tight = roomy;
  mcl_need_keys(&roomy.size.pages, w->talks ? roomy.size.pages / 2 : 0);
  int rc = mcl_room_plan(next, w, &roomy, err);
  if (rc == MOTCL_EFIT && w->talks)
    rc = mcl_room_plan(next, w, &tight, err);
  if (rc == MOTCL_EFIT && e->exec) {
    tight = *asked;
    tight.size.pages = larger(needed, held);
    rc = mcl_room_plan(next, w, &tight, err);
  }
  return rc;
}

/* Whether the engine can do it as it is. */
static bool enough(const mcl_worker *w, const mcl_room *asked) {
  mcl_room r = *asked;
  join(&r, &w->engine);
  return w->engine.exec && same_passes(&r, &w->engine) &&
         asked->size.pages <= w->engine.pool.spares &&
         within_budget(w, w->engine.plan->memory.total + asked->beside, NULL) == MOTCL_OK;
}

int mcl_room_make(mcl_worker *w, const mcl_room *r, motcl_err *err) {
  mcl_engine next;
  if (enough(w, r))
    return MOTCL_OK;
  int rc = plan_next(&next, w, r, err);
  if (rc != MOTCL_OK)
    return rc;
  return w->engine.exec ? replace(w, &next, err) : start(w, &next, err);
}

int mcl_room_anew(mcl_worker *w, const mcl_room *r, const struct mcl_talk *asker, motcl_err *err) {
  mcl_engine next;
  int rc = mcl_room_plan(&next, w, r, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_talks_forget(w, asker);
  mcl_engine_finish(&w->engine);
  return start(w, &next, err);
}

/* Kinds of plan that differ: more than there are graphs, unless classes came to depend on sizes. */
enum { KINDS = 16 };

typedef struct kinds {
  char name[KINDS][MCL_FINGERPRINT_ROOM];
  size_t count;
  mcl_fingerprint rest; /* of those that there was no room for */
} kinds;

/* Plans that were met before say nothing new: a picture's fingerprint is the same whether it was
 * drawn at once or after others. The names are kept in order, whatever order they come in. */
static void add_plan(void *user, const char *name, const mcl_plan *plan) {
  kinds *k = user;
  mcl_fingerprint f = {{0, 0}};
  char print[MCL_FINGERPRINT_ROOM];
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
void mcl_room_sign(mcl_worker *w, const mcl_engine *e, mcl_session *const *s, size_t n) {
  mcl_fingerprint f = mcl_fingerprint_of(w->device);
  kinds k = {.count = 0};
  if (w->kernel_dir)
    mcl_fingerprint_text(&f, w->kernel_dir);
  add_plan(&k, "decoder", e->plan);
  for (size_t i = 0; i < n; i++)
    mcl_session_plans(s[i], add_plan, &k);
  for (size_t i = 0; i < k.count; i++)
    mcl_fingerprint_text(&f, k.name[i]);
  if (k.count == KINDS) {
    mcl_fingerprint_print(&k.rest, k.name[0]);
    mcl_fingerprint_text(&f, k.name[0]);
  }
  mcl_fingerprint_print(&f, w->fingerprint);
}
