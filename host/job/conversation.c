/* conversation.c - a session by hand: one call, one step, which is done or was never there. */
#include "job/conversation.h"

#include <string.h>

#include "base/mem.h"
#include "io/picture.h"
#include "job/state.h"

/* Snapshots with contexts, counted from the last one: those of older ones are made anew when
 * somebody goes back so far. */
enum { KEPT_CONTEXTS = 8 };

/*
 * holder    of the worker's
 * snapshot  [snapshots] where each step began
 * runs      an output is being made
 */
struct mcl_conversation {
  mcl_page_holder holder;
  mcl_worker *worker;
  mcl_session session;
  mcl_snapshot *snapshot;
  size_t snapshots, snapshot_cap;
  motcl_output last_output;
  bool runs;
};

/* What is taken in goes, unless an output is being made; what is kept for going back goes too. */
static void evict(mcl_page_holder *self) {
  mcl_conversation *t = (mcl_conversation *)self;
  if (!t->runs)
    mcl_session_evict(&t->session);
  for (size_t i = 0; i < t->snapshots; i++)
    mcl_snapshot_evict(&t->snapshot[i]);
}

static void join_worker(mcl_conversation *t, mcl_worker *w) {
  t->worker = w;
  t->holder = (mcl_page_holder){w->holders, evict};
  w->holders = &t->holder;
}

static void leave_worker(mcl_conversation *t) {
  mcl_page_holder **p = &t->worker->holders;
  while (*p != &t->holder)
    p = &(*p)->next;
  *p = t->holder.next;
  mcl_scheduler_trim(&t->worker->scheduler);
}

int mcl_conversation_open(mcl_conversation **out, mcl_worker *w, const motcl_settings *settings,
                          uint64_t seed, const motcl_sink *sink, motcl_err *err) {
  mcl_conversation *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  int rc = mcl_worker_session(&t->session, w, settings, seed, sink, err);
  if (rc != MOTCL_OK) {
    mcl_session_finish(&t->session);
    mcl_free(t);
    return rc;
  }
  join_worker(t, w);
  *out = t;
  return MOTCL_OK;
}

void mcl_conversation_close(mcl_conversation *t) {
  if (!t || mcl_worker_out_of_reach(t->worker))
    return;
  for (size_t i = 0; i < t->snapshots; i++)
    mcl_snapshot_finish(&t->snapshot[i]);
  mcl_free(t->snapshot);
  mcl_session_finish(&t->session);
  leave_worker(t);
  mcl_free(t);
}

motcl_settings *mcl_conversation_settings(mcl_conversation *t) {
  return &t->session.settings;
}

uint64_t *mcl_conversation_seed(mcl_conversation *t) {
  return &t->session.seed;
}

static int push_snapshot(mcl_conversation *t, bool contexts, motcl_err *err) {
  void *p = t->snapshot;
  if (!mcl_grow(&p, &t->snapshot_cap, t->snapshots, sizeof *t->snapshot))
    return mcl_fail_nomem(err, sizeof *t->snapshot);
  t->snapshot = p;
  int rc = mcl_session_snapshot(&t->session, &t->snapshot[t->snapshots], contexts, err);
  t->snapshots += rc == MOTCL_OK;
  return rc;
}

static void restore(mcl_conversation *t) {
  mcl_session_rollback(&t->session, &t->snapshot[--t->snapshots]);
}

static void thin_snapshots(mcl_conversation *t) {
  size_t kept = 0;
  for (size_t i = t->snapshots; i > 0; i--) {
    kept += t->snapshot[i - 1].kept;
    if (kept > KEPT_CONTEXTS)
      mcl_snapshot_evict(&t->snapshot[i - 1]);
  }
}

/* List the phases of an output and what they take. */
static int list(mcl_conversation *t, mcl_run *run, motcl_output output, bool last, motcl_err *err) {
  mcl_session *s = &t->session;
  *run = (mcl_run){.session = s};
  int rc = mcl_session_ask(s, output, last, true, &run->footprint, err);
  return rc == MOTCL_OK ? mcl_session_prepare(s, &run->beside, err) : rc;
}

/* Beside what is taken in already; else with nothing taken in. */
static int list_what_fits(mcl_conversation *t, mcl_run *run, const mcl_plan **plan,
                          motcl_output output, motcl_err *err) {
  mcl_scheduler *s = &t->worker->scheduler;
  int rc = list(t, run, output, false, err);
  if (rc == MOTCL_OK)
    rc = mcl_scheduler_check(s, run, plan, err);
  if (rc != MOTCL_EFIT)
    return rc;
  mcl_session_rewind(&t->session, &t->snapshot[t->snapshots - 1]);
  rc = list(t, run, output, false, err);
  return rc == MOTCL_OK ? mcl_scheduler_check(s, run, plan, err) : rc;
}

static int run_it(mcl_conversation *t, mcl_run *run, const mcl_plan *plan, mcl_cancel_fn cancel,
                  void *user, motcl_err *err) {
  mcl_worker *w = t->worker;
  mcl_session *s = &t->session;
  mcl_worker_update_fingerprint(w, plan, &s, 1);
  run->cancel = cancel;
  run->most = t->worker->limits.seconds;
  run->user = user;
  t->runs = true;
  mcl_scheduler_add(&w->scheduler, run);
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && run->state != MCL_RUN_ENDED)
    rc = mcl_worker_go_on(w, err);
  t->runs = false;
  if (run->state != MCL_RUN_ENDED) {
    mcl_scheduler_remove(&w->scheduler, run);
    return rc;
  }
  if (run->rc != MOTCL_OK && err)
    *err = run->err;
  return run->rc;
}

int mcl_conversation_ask(mcl_conversation *t, motcl_output output, mcl_cancel_fn cancel, void *user,
                         motcl_err *err) {
  const mcl_plan *plan;
  mcl_run run;
  int rc = mcl_worker_enter(t->worker, "an output asked for", err);
  if (rc == MOTCL_OK)
    rc = push_snapshot(t, true, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = list_what_fits(t, &run, &plan, output, err);
  if (rc == MOTCL_OK)
    rc = run_it(t, &run, plan, cancel, user, err);
  if (rc != MOTCL_OK) {
    restore(t);
    return rc;
  }
  mcl_session_clear(&t->session);
  thin_snapshots(t);
  t->last_output = output;
  return MOTCL_OK;
}

/* Whether there is room to take in what was said and to write a word after it. */
static int check_capacity(mcl_conversation *t, motcl_err *err) {
  mcl_session *s = &t->session;
  motcl_settings was = s->settings;
  const mcl_plan *plan;
  uint64_t bytes;
  mcl_run run, *runs = &run;
  int rc = push_snapshot(t, true, err);
  if (rc != MOTCL_OK)
    return rc;
  s->settings = motcl_request_default(false).settings;
  s->settings.protocol = was.protocol;
  s->settings.max_tokens = 1;
  mcl_session_evict(s);
  rc = list(t, &run, MOTCL_OUTPUT_TEXT, true, err);
  if (rc == MOTCL_OK)
    rc = mcl_scheduler_memory(&t->worker->scheduler, &runs, 1, &bytes, &plan, err);
  s->settings = was;
  restore(t);
  return rc;
}

int mcl_conversation_say(mcl_conversation *t, const motcl_part *part, motcl_err *err) {
  int rc = mcl_part_check(part, err);
  if (rc == MOTCL_OK)
    rc = push_snapshot(t, false, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_session_say(&t->session, part, true, err);
  if (rc == MOTCL_OK)
    rc = check_capacity(t, err);
  if (rc != MOTCL_OK)
    restore(t);
  return rc;
}

int mcl_conversation_undo(mcl_conversation *t, motcl_err *err) {
  if (!t->snapshots)
    return mcl_fail(err, MOTCL_EINVAL, "there is nothing to undo");
  restore(t);
  return MOTCL_OK;
}

int mcl_conversation_fork(mcl_conversation **out, const mcl_conversation *t, const motcl_sink *sink,
                          motcl_err *err) {
  mcl_conversation *f = mcl_zalloc(1, sizeof *f);
  if (!f)
    return mcl_fail_nomem(err, sizeof *f);
  int rc = mcl_session_fork(&f->session, &t->session, sink, err);
  if (rc != MOTCL_OK) {
    mcl_free(f);
    return rc;
  }
  f->last_output = t->last_output;
  join_worker(f, t->worker);
  *out = f;
  return MOTCL_OK;
}

void mcl_conversation_parts_finish(mcl_conversation_parts *p) {
  for (size_t i = 0; p->owned && i < p->count; i++)
    mcl_free(p->owned[i]);
  mcl_free((void *)p->owned);
  mcl_free(p->part);
  mcl_free(p->item);
  memset(p, 0, sizeof *p);
}

static int to_png(const mcl_image *im, motcl_part *part, void **owned, motcl_err *err) {
  uint8_t *png;
  int rc = mcl_picture_write_png(&png, &part->size, im, NULL, 0, err);
  if (rc == MOTCL_OK)
    part->data = *owned = png;
  return rc;
}

/* What was drawn becomes a file; a file that was read by another setting becomes one that is read
 * alike by any. */
static int save_picture(const mcl_history_item *s, bool no_orient, motcl_part *part, void **owned,
                        motcl_err *err) {
  mcl_image im = {0};
  if (s->drawn_width) {
    im = (mcl_image){s->drawn_width, s->drawn_height, 3, (uint8_t *)s->bytes};
    return to_png(&im, part, owned, err);
  }
  if (s->no_orient == no_orient)
    return MOTCL_OK;
  int rc = mcl_picture_read(&im, s->bytes, s->size, NULL, !s->no_orient, NULL, err);
  if (rc == MOTCL_OK)
    rc = mcl_image_to_rgb(&im, err);
  if (rc == MOTCL_OK)
    rc = to_png(&im, part, owned, err);
  mcl_image_finish(&im);
  return rc;
}

/* A piece and those after it that are of the same output; a piece that went in is alone. */
static size_t run_at(const mcl_session *s, size_t i) {
  size_t n = 1;
  while (s->history[i]->request && i + n < s->history_count &&
         s->history[i + n]->request == s->history[i]->request)
    n++;
  return n;
}

static size_t outputs_of(const mcl_session *s) {
  size_t outputs = 0;
  for (size_t i = 0; i < s->history_count; i += run_at(s, i))
    outputs += s->history[i]->request != NULL;
  return outputs;
}

static motcl_item item_at(const mcl_session *s, const motcl_part *part, size_t i, size_t n) {
  const mcl_output_request *a = s->history[i]->request;
  return (motcl_item){.kind = MOTCL_ITEM_OUTPUT,
                      .output = a->output,
                      .settings = &a->settings,
                      .seeded = true,
                      .seed = a->seed,
                      .made = &part[i],
                      .mades = n};
}

/* The conversation in order, into room for an item more than there are pieces. The first outputs
 * are parts, if there are more than a request has. */
static size_t list_items(const mcl_conversation *t, const mcl_conversation_parts *p) {
  const mcl_session *s = &t->session;
  bool open = !s->history[s->history_count - 1]->request;
  size_t n = 0, left = outputs_of(s), most = MOTCL_MAX_OUTPUTS - (open ? 1 : 0);
  for (size_t i = 0; i < s->history_count;) {
    size_t run = run_at(s, i);
    bool output = s->history[i]->request && left <= most;
    left -= s->history[i]->request != NULL;
    if (output)
      p->item[n++] = item_at(s, p->part, i, run);
    for (size_t k = 0; k < run && !output; k++)
      p->item[n++] = (motcl_item){.kind = MOTCL_ITEM_INPUT, .part = p->part[i + k]};
    i += run;
  }
  if (open)
    p->item[n++] = (motcl_item){
        .kind = MOTCL_ITEM_OUTPUT, .output = t->last_output, .seeded = true, .seed = s->seed};
  return n;
}

int mcl_conversation_request(const mcl_conversation *t, motcl_request *r, mcl_conversation_parts *p,
                             motcl_err *err) {
  const mcl_session *s = &t->session;
  mcl_conversation_parts parts = {.count = s->history_count, .output = t->last_output};
  int rc = MOTCL_OK;
  if (!s->history_count)
    return mcl_fail(err, MOTCL_EINVAL, "nothing was said yet");
  parts.part = mcl_zalloc(s->history_count, sizeof *parts.part);
  parts.item = mcl_zalloc(s->history_count + 1, sizeof *parts.item);
  parts.owned = (void **)mcl_zalloc(s->history_count, sizeof(void *));
  if (!parts.part || !parts.item || !parts.owned)
    rc = mcl_fail_nomem(err, s->history_count * sizeof *parts.item);
  for (size_t i = 0; i < s->history_count && rc == MOTCL_OK; i++) {
    const mcl_history_item *one = s->history[i];
    parts.part[i] = (motcl_part){.kind = one->kind, .data = one->bytes, .size = one->size};
    if (one->kind == MOTCL_PART_PICTURE)
      rc = save_picture(one, s->settings.no_orient, &parts.part[i], &parts.owned[i], err);
  }
  if (rc != MOTCL_OK) {
    mcl_conversation_parts_finish(&parts);
    return rc;
  }
  *p = parts;
  *r = (motcl_request){.part = p->part,
                       .parts = p->count,
                       .output = &p->output,
                       .outputs = 1,
                       .seed = s->seed,
                       .settings = s->settings,
                       .item = p->item,
                       .items = outputs_of(s) ? list_items(t, p) : 0};
  if (!r->settings.protocol)
    r->settings.protocol = mcl_worker_protocol(t->worker);
  return MOTCL_OK;
}
