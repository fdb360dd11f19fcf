/* scheduler.c - admission, passes for many, and endings one by one. */
#include "session/scheduler.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "plan/budget.h"
#include "session/build.h"

static mcl_residency *residency_of(const mcl_scheduler *s) {
  return mcl_weights_residency(s->engine->weights);
}

static unsigned number_in(const mcl_scheduler *s) {
  unsigned n = 0;
  for (const mcl_run *r = s->first; r; r = r->next)
    n += r->state == MCL_RUN_IN;
  return n;
}

/* Let other engines on the device know how many runs are in here. */
static void count_runs(mcl_scheduler *s, unsigned n) {
  if (s->counted == n) /* also where there is no engine yet */
    return;
  mcl_residency_count_runs(residency_of(s), n, s->counted);
  s->counted = n;
}

void mcl_scheduler_finish(mcl_scheduler *s) {
  count_runs(s, 0);
  mcl_batch_finish(&s->batch);
  memset(s, 0, sizeof *s);
}

void mcl_scheduler_trim(mcl_scheduler *s) {
  if (s->first)
    return;
  mcl_kv_cache_trim(&s->engine->kv);
  mcl_latents_trim(&s->engine->latents);
}

static mcl_phase *current(const mcl_run *r) {
  return mcl_session_current(r->session);
}

/* ---- what runs take ---- */

static void add_footprint(mcl_shape *shape, const mcl_run *r) {
  uint32_t pages = shape->size.pages, latents = shape->size.latents;
  mcl_footprint_add(&shape->size, &shape->segments, &r->footprint);
  shape->size.pages = pages;
  shape->size.latents = latents;
  shape->layers = shape->layers || (r->session->sink.array && r->session->sink.layers);
}

static uint32_t pages_of(const mcl_footprint *footprint) {
  mcl_decoder_size size = {0};
  uint32_t segments = 0;
  mcl_footprint_add(&size, &segments, footprint);
  return size.pages;
}

/* Pages that were reserved for a run and that it has not taken yet. */
static uint32_t outstanding(const mcl_run *r) {
  uint32_t held = r->session->account.held, taken = held > r->base ? held - r->base : 0;
  return taken < r->pages ? r->pages - taken : 0;
}

static uint32_t latents_of(const mcl_scheduler *s) {
  uint32_t n = 0;
  for (const mcl_run *r = s->first; r; r = r->next)
    n += r->state == MCL_RUN_IN ? r->footprint.pass.latents : 0;
  return n;
}

static uint32_t pages_wanted(const mcl_scheduler *s) {
  const mcl_kv_pool *pool = &s->engine->kv.pool;
  uint32_t n = pool->capacity - pool->free_count;
  for (const mcl_run *r = s->first; r; r = r->next)
    if (r->state == MCL_RUN_IN)
      mcl_footprint_keys(&n, outstanding(r));
  return n;
}

static bool any_in(const mcl_scheduler *s) {
  return number_in(s) > 0;
}

/* Whether another engine on the device has runs in. */
static bool others_run(const mcl_scheduler *s) {
  return mcl_residency_runs(residency_of(s)) > s->counted;
}

static uint64_t beside_of(const mcl_scheduler *s) {
  uint64_t most = 0;
  for (const mcl_run *r = s->first; r; r = r->next)
    if (r->state == MCL_RUN_IN && r->beside > most)
      most = r->beside;
  return most;
}

/* Memory that this engine may take: the budget, but for what others on the device hold fast. */
static uint64_t available(const mcl_scheduler *s) {
  const mcl_engine *e = s->engine;
  const mcl_residency *r = residency_of(s);
  uint64_t ours = mcl_kv_cache_bytes(&e->kv, e->kv.pool.capacity) +
                  mcl_latents_bytes(&e->latents, e->latents.rows);
  uint64_t others = mcl_residency_pinned(r);
  others = others > ours ? others - ours : 0;
  return mcl_residency_budget(r) > others ? mcl_residency_budget(r) - others : 0;
}

/* The budget is that of all plans together, so it is held against their sum and the number that is
 * needed can be told at once. `most` of it. */
static int plan_within(const mcl_scheduler *s, const mcl_plan **plan, const mcl_shape *shape,
                       uint64_t beside, uint64_t most, motcl_err *err) {
  const mcl_engine *e = s->engine;
  int rc = mcl_engine_plan(s->engine, plan, shape, err);
  return rc == MOTCL_OK ? mcl_budget_check(e->device, "this", (*plan)->memory.total + beside, most,
                                           mcl_residency_limit(residency_of(s)), err)
                        : rc;
}

/* Alone, by what the host leaves now. Who is in keeps what it was let in by. */
static int plan_asked(const mcl_scheduler *s, const mcl_plan **plan, const mcl_shape *shape,
                      uint64_t beside, motcl_err *err) {
  mcl_residency *r = residency_of(s);
  const uint64_t before = mcl_residency_ask(r);
  int rc = plan_within(s, plan, shape, beside, mcl_residency_budget(r), err);
  if (any_in(s) || others_run(s))
    mcl_residency_keep(r, before);
  return rc;
}

/* Beside what others hold. */
static int fits(const mcl_scheduler *s, const mcl_shape *shape, uint64_t beside, motcl_err *err) {
  const mcl_plan *plan;
  return plan_within(s, &plan, shape, beside, available(s), err);
}

int mcl_scheduler_memory(mcl_scheduler *s, mcl_run *const *run, size_t n, uint64_t *bytes,
                         const mcl_plan **plan, motcl_err *err) {
  mcl_shape shape = {0};
  uint64_t beside = 0;
  for (size_t i = 0; i < n; i++) {
    add_footprint(&shape, run[i]);
    mcl_footprint_keys(&shape.size.pages, pages_of(&run[i]->footprint));
    shape.size.latents += run[i]->footprint.pass.latents;
    beside = run[i]->beside > beside ? run[i]->beside : beside;
  }
  int rc = plan_asked(s, plan, &shape, beside, err);
  if (rc == MOTCL_OK)
    *bytes = (*plan)->memory.total + beside;
  return rc;
}

int mcl_scheduler_check(mcl_scheduler *s, const mcl_run *run, const mcl_plan **plan,
                        motcl_err *err) {
  mcl_shape shape = {.size.pages = mcl_session_pages(run->session),
                     .size.latents = run->footprint.pass.latents};
  add_footprint(&shape, run);
  mcl_footprint_keys(&shape.size.pages, pages_of(&run->footprint));
  return plan_asked(s, plan, &shape, run->beside, err);
}

/* ---- coming and going ---- */

void mcl_scheduler_add(mcl_scheduler *s, mcl_run *run) {
  mcl_run **at = &s->first;
  while (*at)
    at = &(*at)->next;
  *at = run;
  run->next = NULL;
  run->state = MCL_RUN_WAITING;
  run->order = ++s->clock;
  run->served = 0;
  run->in_pass = false;
}

void mcl_scheduler_remove(mcl_scheduler *s, mcl_run *run) {
  for (mcl_run **at = &s->first; *at; at = &(*at)->next)
    if (*at == run) {
      *at = run->next;
      count_runs(s, number_in(s));
      return;
    }
}

/* The run has its ending; what it holds is its session's. */
static void end(mcl_run *r, int rc, const motcl_err *why) {
  r->state = MCL_RUN_ENDED;
  r->rc = rc;
  if (rc != MOTCL_OK && why)
    r->err = *why;
  if (r->ended)
    r->ended(r);
}

static bool late(const mcl_run *r) {
  return r->most > 0 && r->state == MCL_RUN_IN && mcl_clock_since(r->since) > r->most;
}

static void end_cancelled(mcl_run *r) {
  motcl_err err = {0};
  if (late(r))
    mcl_fail(&err, MOTCL_ECANCELLED,
             "cancelled: it took more than %.3g s, which is the most that is allowed here",
             r->most);
  else
    mcl_fail(&err, MOTCL_ECANCELLED, "cancelled");
  end(r, MOTCL_ECANCELLED, &err);
}

static bool cancelled(const mcl_run *r) {
  return late(r) || (r->cancel && r->cancel(r->user));
}

/* The same, for loops. */
static bool run_cancelled(void *user) {
  return cancelled(user);
}

static void end_all(mcl_scheduler *s, int rc, const motcl_err *err) {
  for (mcl_run *r = s->first; r; r = r->next)
    if (r->state != MCL_RUN_ENDED)
      end(r, rc, err);
}

/* What a session that is asked nothing more has on the device. */
static void give_back(const mcl_run *r) {
  mcl_session_clear(r->session);
  mcl_session_evict(r->session);
}

/* Runs that have ended leave the list; their owners know. A device that one of them found lost is
 * lost for all. */
static int sweep(mcl_scheduler *s, motcl_err *err) {
  motcl_err why = {0};
  int rc = MOTCL_OK;
  for (const mcl_run *r = s->first; r; r = r->next)
    if (r->state == MCL_RUN_ENDED && r->rc == MOTCL_ELOST) {
      rc = r->rc;
      why = r->err;
    }
  if (rc != MOTCL_OK) {
    end_all(s, rc, &why);
    if (err)
      *err = why;
  }
  for (mcl_run **at = &s->first; *at;) {
    mcl_run *r = *at;
    if (r->state != MCL_RUN_ENDED) {
      at = &r->next;
      continue;
    }
    *at = r->next;
    if (r->last)
      give_back(r);
  }
  return rc;
}

static void end_all_cancelled(mcl_scheduler *s) {
  for (mcl_run *r = s->first; r; r = r->next)
    if (r->state != MCL_RUN_ENDED && cancelled(r))
      end_cancelled(r);
}

/* ---- admission ---- */

/* Whether every run that is in, with this one, fits in passes of its own at least, beside pages for
 * all. On success the cache and the latents are as large as they have to be. */
static int ensure_capacity(mcl_scheduler *s, uint32_t pages, motcl_err *err) {
  mcl_engine *e = s->engine;
  uint32_t latents = latents_of(s);
  int rc = MOTCL_OK;
  pages = pages > e->kv.pool.capacity ? pages : e->kv.pool.capacity;
  latents = latents > e->latents.rows ? latents : e->latents.rows;
  for (const mcl_run *r = s->first; r && rc == MOTCL_OK; r = r->next) {
    mcl_shape shape = {.size.pages = pages, .size.latents = latents};
    if (r->state != MCL_RUN_IN)
      continue;
    add_footprint(&shape, r);
    rc = fits(s, &shape, beside_of(s), err);
  }
  if (rc == MOTCL_OK)
    rc = mcl_kv_cache_grow(&e->kv, pages, err);
  return rc == MOTCL_OK ? mcl_latents_grow(&e->latents, latents, err) : rc;
}

/* Pages half as many again where that is asked for and fits, else just enough. */
static int reserve(mcl_scheduler *s, motcl_err *err) {
  uint32_t pages = pages_wanted(s), ample = pages;
  if (s->ample && pages > s->engine->kv.pool.capacity) {
    mcl_footprint_keys(&ample, pages / 2);
    if (ensure_capacity(s, ample, NULL) == MOTCL_OK)
      return MOTCL_OK;
  }
  return ensure_capacity(s, pages, err);
}

static int try_admit(mcl_scheduler *s, mcl_run *r, motcl_err *err) {
  r->state = MCL_RUN_IN;
  r->since = mcl_clock();
  r->base = r->session->account.held;
  r->pages = pages_of(&r->footprint);
  int rc = reserve(s, err);
  if (rc != MOTCL_OK)
    r->state = MCL_RUN_WAITING;
  return rc;
}

/* Among those that wait: the highest priority, then who came first. */
static mcl_run *next_waiting(const mcl_scheduler *s) {
  mcl_run *best = NULL;
  for (mcl_run *r = s->first; r; r = r->next)
    if (r->state == MCL_RUN_WAITING && (!best || r->priority > best->priority))
      best = r;
  return best;
}

/* What it will launch is known by the plan it would have alone. */
static void note(const mcl_scheduler *s, mcl_run *r) {
  mcl_shape shape = {.size.pages = s->engine->kv.pool.capacity,
                     .size.latents = s->engine->latents.rows};
  const mcl_plan *plan;
  add_footprint(&shape, r);
  if (s->engine->device->driver->note &&
      mcl_engine_plan(s->engine, &plan, &shape, NULL) == MOTCL_OK)
    mcl_session_note(r->session, s->engine, plan);
  r->builds = true;
}

/* Room by what others had and nobody holds any more. */
static int admit_alone(mcl_scheduler *s, mcl_run *r, motcl_err *err) {
  mcl_kv_cache_shrink(&s->engine->kv);
  mcl_latents_trim(&s->engine->latents);
  return try_admit(s, r, err);
}

/* Who does not fit now waits, and everybody behind it too, so that nobody waits for ever. A run
 * that does not fit though nothing else is in here waits for what is in elsewhere on the device; if
 * that is nothing, it never will fit, and ends with the reason. */
static void admit(mcl_scheduler *s) {
  mcl_run *r;
  while ((r = next_waiting(s))) {
    motcl_err err = {0};
    if (!any_in(s) && !others_run(s)) /* who is in keeps what it was let in by */
      (void)mcl_residency_ask(residency_of(s));
    int rc = try_admit(s, r, &err);
    while (rc != MOTCL_OK && rc != MOTCL_ELOST && s->reclaim && s->reclaim(s->user))
      rc = try_admit(s, r, &err);
    if (rc != MOTCL_OK && rc != MOTCL_ELOST) {
      rc = any_in(s) ? MOTCL_EFIT : admit_alone(s, r, &err);
      if (rc == MOTCL_EFIT && (any_in(s) || others_run(s)))
        return;
    }
    if (rc == MOTCL_OK)
      note(s, r);
    else
      end(r, rc, &err);
    if (rc == MOTCL_ELOST)
      return;
  }
}

/* ---- kernels ---- */

/* Seconds of building that nobody needs to hear of: the platform had kept it all. */
static const double moment = 0.2;

/* Build one segment and tell who waits for it; false if there is none. A failure is the run's that
 * launches the segment, and is found again then. */
static bool build(mcl_scheduler *s) {
  mcl_device *dev = s->engine->device;
  size_t left = dev->driver->unbuilt ? dev->driver->unbuilt(dev) : 0;
  if (left == 0)
    return false;
  if (!s->built++)
    s->began = mcl_clock();
  (void)dev->driver->build(dev, 0, NULL);
  const bool tell = mcl_clock_since(s->began) > moment;
  const uint32_t step = s->built, of = step + (uint32_t)left - 1;
  if (left == 1)
    s->built = 0;
  for (mcl_run *r = s->first; r; r = r->next) {
    if (tell && r->state == MCL_RUN_IN && r->builds)
      mcl_session_step(r->session, MOTCL_PHASE_BUILD, step, of);
    r->builds = r->builds && left > 1;
  }
  return true;
}

/* ---- passes ---- */

/* Before whom a run gets rows: higher priority first, then who was served longest ago. */
static bool goes_before(const mcl_run *a, const mcl_run *b) {
  if (a->priority != b->priority)
    return a->priority > b->priority;
  return a->served != b->served ? a->served < b->served : a->order < b->order;
}

/* The next run after `last` in the order of serving, of those that are in. */
static mcl_run *next_served(const mcl_scheduler *s, const mcl_run *last) {
  mcl_run *best = NULL;
  for (mcl_run *r = s->first; r; r = r->next)
    if (r->state == MCL_RUN_IN && r != last && (!last || goes_before(last, r)) &&
        (!best || goes_before(r, best)))
      best = r;
  return best;
}

/* Let passes of this shape be possible: by the plan at hand, by one that serves both what it
 * served and this, so that plans do not follow every coming and going, or by one for just this. */
static int take_shape(mcl_scheduler *s, const mcl_shape *shape, motcl_err *err) {
  mcl_engine *e = s->engine;
  mcl_shape both = *shape;
  if (mcl_engine_serves(e, shape) && e->plan->memory.total + beside_of(s) <= available(s))
    return MOTCL_OK;
  if (e->plan && e->shape.layers == shape->layers) {
    mcl_decoder_size_cover(&both.size, &e->shape.size);
    both.segments = both.segments > e->shape.segments ? both.segments : e->shape.segments;
  }
  if (fits(s, &both, beside_of(s), NULL) == MOTCL_OK)
    return mcl_engine_use(e, &both, err);
  int rc = fits(s, shape, beside_of(s), err);
  return rc == MOTCL_OK ? mcl_engine_use(e, shape, err) : rc;
}

/* Choose who takes part in the next pass, and plan for them: as many as fit, in order. */
static int choose(mcl_scheduler *s, motcl_err *err) {
  const mcl_engine *e = s->engine;
  mcl_shape shape = {.size.pages = e->kv.pool.capacity, .size.latents = e->latents.rows};
  bool any = false;
  for (mcl_run *r = s->first; r; r = r->next)
    r->in_pass = false;
  for (mcl_run *r = next_served(s, NULL); r; r = next_served(s, r)) {
    mcl_shape more = shape;
    add_footprint(&more, r);
    int rc = take_shape(s, &more, any ? NULL : err);
    if (rc != MOTCL_OK && !any)
      return rc;
    if (rc != MOTCL_OK)
      continue;
    shape = more;
    any = r->in_pass = true;
  }
  return MOTCL_OK;
}

/* Their order among each other in the batch is that of their coming, whoever was served last. */
static void schedule(mcl_scheduler *s, mcl_run *only) {
  mcl_batch_clear(&s->batch);
  for (mcl_run *r = s->first; r; r = r->next) {
    motcl_err err = {0};
    mcl_phase *t = current(r);
    if (!r->in_pass || r->state != MCL_RUN_IN || (only && r != only) || !t)
      continue;
    r->snapshot = mcl_batch_take_snapshot(&s->batch);
    int rc = t->kind->schedule(t, &s->batch, &err);
    if (rc != MOTCL_OK) {
      mcl_batch_restore(&s->batch, &r->snapshot);
      end(r, rc, &err);
    }
  }
}

/* Between layers: who is cancelled has its ending at once; the pass goes on for the others, and
 * ends when there are none. */
static bool stop(void *user) {
  mcl_scheduler *s = user;
  bool any = false;
  for (mcl_run *r = s->first; r; r = r->next) {
    if (r->state != MCL_RUN_ENDED && cancelled(r))
      end_cancelled(r);
    any = any || (r->in_pass && r->state == MCL_RUN_IN);
  }
  return !any;
}

static void complete(mcl_scheduler *s, const mcl_run *only) {
  for (mcl_run *r = s->first; r; r = r->next) {
    motcl_err err = {0};
    mcl_phase *t = current(r);
    if (!r->in_pass || r->state != MCL_RUN_IN || (only && r != only) || !t)
      continue;
    r->served = ++s->clock;
    int rc = t->kind->complete(t, &s->batch, &err);
    if (rc != MOTCL_OK)
      end(r, rc, &err);
    else if (!mcl_session_advance(r->session))
      end(r, MOTCL_OK, NULL);
  }
}

static unsigned taking_part(const mcl_scheduler *s) {
  unsigned n = 0;
  for (const mcl_run *r = s->first; r; r = r->next)
    n += r->in_pass && r->state == MCL_RUN_IN;
  return n;
}

static int run_batch(mcl_scheduler *s, motcl_err *err) {
  return s->batch.segments ? mcl_engine_run(s->engine, &s->batch, stop, s, err) : MOTCL_OK;
}

/* Passes of one run only, by a plan for it only: memory may be what many had not enough of. */
static int use_alone(mcl_scheduler *s, const mcl_run *r, motcl_err *err) {
  mcl_shape shape = {.size.pages = s->engine->kv.pool.capacity,
                     .size.latents = s->engine->latents.rows};
  add_footprint(&shape, r);
  return mcl_engine_use(s->engine, &shape, err);
}

/* A pass of many failed: each is tried alone, and who cannot ends with the device's sentence. */
static void one_by_one(mcl_scheduler *s) {
  int rc = MOTCL_OK;
  for (mcl_run *r = s->first; r && rc != MOTCL_ELOST; r = r->next) {
    motcl_err why = {0};
    if (!r->in_pass || r->state != MCL_RUN_IN)
      continue;
    rc = use_alone(s, r, &why);
    if (rc == MOTCL_OK) {
      schedule(s, r);
      rc = r->state == MCL_RUN_IN ? run_batch(s, &why) : MOTCL_OK;
    }
    if (rc == MOTCL_OK)
      complete(s, r);
    else if (r->state == MCL_RUN_IN)
      end(r, rc, &why);
  }
}

static void pass(mcl_scheduler *s) {
  motcl_err why = {0};
  int rc = choose(s, &why);
  if (rc != MOTCL_OK) { /* the first in order does not even fit alone any more */
    end(next_served(s, NULL), rc, &why);
    return;
  }
  schedule(s, NULL);
  rc = run_batch(s, &why);
  if (rc == MOTCL_OK)
    complete(s, NULL);
  else if (rc != MOTCL_ELOST && rc != MOTCL_ECANCELLED && taking_part(s) > 1)
    one_by_one(s);
  else
    for (mcl_run *r = s->first; r; r = r->next)
      if (r->in_pass && r->state == MCL_RUN_IN)
        end(r, rc, &why);
}

/* ---- other graphs ---- */

static bool needs_run(const mcl_run *r) {
  const mcl_phase *t = current(r);
  return r->state == MCL_RUN_IN && t && t->state == MCL_PHASE_NEEDS_RUN;
}

/* One run of another graph for everybody who waits for one; whether anybody did. */
static bool work(mcl_scheduler *s) {
  bool any = false;
  int rc = MOTCL_OK;
  for (mcl_run *r = s->first; r && rc != MOTCL_ELOST; r = r->next) {
    motcl_err why = {0};
    if (!needs_run(r))
      continue;
    any = true;
    mcl_phase *t = current(r);
    rc = t->kind->run(t, run_cancelled, r, &why);
    if (rc == MOTCL_ECANCELLED)
      end_cancelled(r);
    else if (rc != MOTCL_OK)
      end(r, rc, &why);
    else if (!mcl_session_advance(r->session))
      end(r, MOTCL_OK, NULL);
  }
  return any;
}

/* A session of which nothing is left to do is done. */
static void end_done(mcl_scheduler *s) {
  for (mcl_run *r = s->first; r; r = r->next)
    if (r->state == MCL_RUN_IN && !mcl_session_advance(r->session))
      end(r, MOTCL_OK, NULL);
}

bool mcl_scheduler_waits(const mcl_scheduler *s) {
  return s->first && !any_in(s) && others_run(s);
}

int mcl_scheduler_step(mcl_scheduler *s, bool *busy, motcl_err *err) {
  end_all_cancelled(s);
  (void)sweep(s, NULL); /* what they hold may let others in */
  admit(s);
  int rc = sweep(s, err);
  end_done(s);
  s->built = any_in(s) ? s->built : 0; /* nobody waits for it any more */
  if (any_in(s) && !build(s) && !work(s))
    pass(s);
  if (rc == MOTCL_OK)
    rc = sweep(s, err);
  count_runs(s, number_in(s));
  if (mcl_residency_shared(residency_of(s)))
    mcl_scheduler_trim(s); /* others may wait for it */
  *busy = s->first != NULL;
  return rc;
}
