/* mini.h - for tests of tasks: the hash-made miniature on a counting device, requests of every sort
 * for it that take a few passes each, and what their sinks heard. */
#ifndef MCL_TESTS_MINI_H
#define MCL_TESTS_MINI_H

#include "counting.h"
#include "job/state.h"
#include "job/task.h"
#include "still.h"
#include "tmpdir.h"

enum { MINI_KINDS = 5, MINI_BYTES = 1 << 14 };

/** The device of the tests, and the picture that requests show. */
static counting mini_device;
static uint8_t *mini_png;
static size_t mini_png_bytes;

/** cmocka group setup and teardown: the model in its folder, the picture, the device. */
static inline int mini_set_up(void **state) {
  counting_init(&mini_device, (uint64_t)1 << 30);
  return tmpdir_model(state) != 0 ? -1 : still_png(&mini_png, &mini_png_bytes);
}

/** cmocka test setup: a device that nobody has used; what a failed test left there is forgotten. */
static inline int mini_fresh(void **state) {
  (void)state;
  counting_drop(&mini_device);
  counting_init(&mini_device, (uint64_t)1 << 30);
  return 0;
}

static inline int mini_tear_down(void **state) {
  mcl_free(mini_png);
  counting_drop(&mini_device);
  return tmpdir_drop(state);
}

/** A worker on the device. memory: its budget, 0 for all. beside: as mcl_worker_options has it. */
static inline mcl_worker *mini_open(uint64_t memory, const mcl_worker *beside) {
  mcl_worker *w = NULL;
  motcl_err err = {0};
  const mcl_worker_options o = {.model = tmp_name,
                                .devices = &mini_device.devices,
                                .beside = beside,
                                .plan = {.memory = memory}};
  if (mcl_worker_open(&w, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

/** Close it; nothing may be left on the device. */
static inline void mini_close(mcl_worker *w) {
  mcl_worker_close(w);
  assert_int_equal(mini_device.opened, 0);
  assert_int_equal(mini_device.buffers, 0);
  assert_int_equal(mini_device.live, 0);
}

/** What a sink heard: words and pixels, steps, its ending. `on_event` may do more. */
typedef struct mini_heard {
  uint8_t byte[MINI_BYTES];
  size_t n;
  unsigned steps, ends;
  int status;
  char why[1024];
  void (*on_event)(void *user);
  void *user;
} mini_heard;

static inline void mini_put(mini_heard *h, const void *p, size_t n) {
  assert_true(h->n + n <= sizeof h->byte);
  if (n)
    memcpy(h->byte + h->n, p, n);
  h->n += n;
}

static inline void mini_event(void *user, const motcl_event *e) {
  mini_heard *h = user;
  assert_int_equal(h->ends, 0);
  if (e->kind == MOTCL_EVENT_TEXT || e->kind == MOTCL_EVENT_THOUGHT)
    mini_put(h, e->text, e->size);
  if (e->kind == MOTCL_EVENT_PICTURE)
    mini_put(h, e->rgb, (size_t)3 * e->width * e->height);
  h->steps += e->kind == MOTCL_EVENT_STEP;
  if (h->on_event)
    h->on_event(h->user);
}

static inline void mini_end(void *user, int status, const motcl_err *why) {
  mini_heard *h = user;
  h->ends++;
  h->status = status;
  assert_int_equal(status == MOTCL_OK, why == NULL);
  snprintf(h->why, sizeof h->why, "%.1023s", why ? why->text : "");
}

static inline motcl_sink mini_sink(mini_heard *h) {
  return (motcl_sink){.user = h, .event = mini_event, .end = mini_end};
}

static inline bool mini_same(const mini_heard *a, const mini_heard *b) {
  return a->n == b->n && !memcmp(a->byte, b->byte, a->n);
}

static inline motcl_part mini_text(const char *s) {
  return (motcl_part){.kind = MOTCL_PART_TEXT, .data = s, .size = strlen(s)};
}

static inline motcl_part mini_picture(void) {
  return (motcl_part){.kind = MOTCL_PART_PICTURE, .data = mini_png, .size = mini_png_bytes};
}

/** A request of kind 0: a drawing, 1: an answer, 2: an edit, 3: a thought and a drawing with a
 * negative text, 4: an answer by lot about a picture. Points to static memory. */
static inline motcl_request mini_request(unsigned kind) {
  static motcl_part part[MINI_KINDS][2];
  static const motcl_output output[2] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE};
  const bool shows = kind == 2 || kind == 4;
  motcl_request r = motcl_request_default(kind == 2);
  part[kind][0] = shows ? mini_picture() : mini_text("a red square on a wall");
  part[kind][1] = mini_text("and then? make it blue");
  r.part = part[kind];
  r.parts = shows ? 2 : 1;
  r.output = &output[kind != 1 && kind != 4];
  r.outputs = 1;
  r.seed = 40 + kind;
  r.settings.timesteps = 3;
  r.settings.width = r.settings.height = kind == 0 || kind == 3 ? 32 : 0;
  r.settings.max_tokens = 6;
  r.settings.max_think = 4;
  r.settings.think = kind == 3;
  r.settings.negative = kind == 3 ? "dogs" : NULL;
  r.settings.vae_sample = kind == 2;
  r.settings.temperature = kind == 4 ? 0.9 : 0;
  return r;
}

/** A task of a request, heard by h. */
static inline mcl_task *mini_submit(mcl_worker *w, const motcl_request *r, mini_heard *h,
                                    mcl_cancel_fn cancel, void *user) {
  const motcl_sink sink = mini_sink(h);
  mcl_task *t = NULL;
  motcl_err err = {0};
  if (mcl_task_submit(&t, w, r, &sink, cancel, user, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return t;
}

/** One step; whether any task has not ended. */
static inline bool mini_step(mcl_worker *w) {
  bool busy = false;
  motcl_err err = {0};
  if (mcl_worker_step(w, &busy, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return busy;
}

/** What a request gets alone, on a worker of its own. */
static inline void mini_alone(const motcl_request *r, mini_heard *h) {
  mcl_worker *w = mini_open(0, NULL);
  mcl_task *t = mini_submit(w, r, h, NULL, NULL);
  while (mini_step(w))
    ;
  assert_int_equal(mcl_task_status(t, NULL), MOTCL_OK);
  assert_int_equal(h->ends, 1);
  assert_true(h->n > 0);
  mcl_task_close(t);
  mini_close(w);
}

static inline int mini_keep_estimate(void *user, const mcl_worker_plan *plan, size_t n,
                                     const motcl_estimate *estimate, motcl_err *err) {
  (void)plan;
  (void)n;
  (void)err;
  *(motcl_estimate *)user = *estimate;
  return MOTCL_OK;
}

/** Device memory that requests take together. */
static inline uint64_t mini_memory(const motcl_request *r, size_t n) {
  mcl_worker *w = mini_open(0, NULL);
  motcl_estimate e = {0};
  motcl_err err = {0};
  if (mcl_worker_dry_run(w, r, n, mini_keep_estimate, &e, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  mini_close(w);
  return e.memory;
}

/** What each kind of request gets alone, and what the tasks of a test hear. */
enum { MINI_MANY = 8 };
static mini_heard mini_good[MINI_KINDS], mini_hears[MINI_MANY];

/** mini_set_up, and every kind done alone. */
static inline int mini_tasks_set_up(void **state) {
  if (mini_set_up(state) != 0)
    return -1;
  for (unsigned i = 0; i < MINI_KINDS; i++) {
    const motcl_request r = mini_request(i);
    mini_alone(&r, &mini_good[i]);
  }
  return 0;
}

/** A task of that kind, whose sink is mini_hears[i]. */
static inline mcl_task *mini_task(mcl_worker *w, unsigned kind, size_t i) {
  const motcl_request r = mini_request(kind);
  memset(&mini_hears[i], 0, sizeof mini_hears[i]);
  return mini_submit(w, &r, &mini_hears[i], NULL, NULL);
}

/** Step until nothing is left to do. */
static inline void mini_steps(mcl_worker *w) {
  while (mini_step(w))
    ;
}

/** It is done as if it had been alone. */
static inline void mini_is_done(const mcl_task *t, size_t i, unsigned kind) {
  motcl_err err = {0};
  if (mcl_task_status(t, &err) != MOTCL_OK)
    fail_msg("kind %u: %s", kind, err.text);
  assert_int_equal(mini_hears[i].ends, 1);
  assert_int_equal(mini_hears[i].status, MOTCL_OK);
  if (!mini_same(&mini_hears[i], &mini_good[kind]))
    fail_msg("kind %u is given other bytes", kind);
}

/** It ended so, with these words in its sentence. */
static inline void mini_has_failed(const mcl_task *t, size_t i, int status, const char *why) {
  motcl_err err = {0};
  assert_int_equal(mcl_task_status(t, &err), status);
  assert_int_equal(mini_hears[i].ends, 1);
  assert_int_equal(mini_hears[i].status, status);
  assert_non_null(strstr(mini_hears[i].why, why));
  assert_non_null(strstr(err.text, why));
}

#endif
