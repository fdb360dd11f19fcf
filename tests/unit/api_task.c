/* api_task.c - tasks by the public calls: submitted, stepped, cancelled from another thread, closed;
 * the request is copied; two models share a device; memory that runs out is one task's, or nobody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "motcl.h"
#include "purse.h"
#include "tmpdir.h"

enum { BYTES = 1 << 14, SOME = 40 };

static purse memory;
static const motcl_allocator scarce = PURSE_ALLOCATOR(memory);
static motcl *library;

/* What a sink heard. */
typedef struct heard {
  uint8_t byte[BYTES];
  size_t n;
  int ends, status;
  char why[200];
} heard;

static void put(heard *h, const void *p, size_t n) {
  assert_true(h->n + n <= sizeof h->byte);
  if (n)
    memcpy(h->byte + h->n, p, n);
  h->n += n;
}

static void hear(void *user, const motcl_event *e) {
  heard *h = user;
  assert_int_equal(h->ends, 0);
  if (e->kind == MOTCL_EVENT_TEXT || e->kind == MOTCL_EVENT_THOUGHT)
    put(h, e->text, e->size);
  if (e->kind == MOTCL_EVENT_PICTURE)
    put(h, e->rgb, (size_t)3 * e->width * e->height);
}

static void end(void *user, int status, const motcl_err *why) {
  heard *h = user;
  h->ends++;
  h->status = status;
  assert_int_equal(why == NULL, status == MOTCL_OK);
  snprintf(h->why, sizeof h->why, "%.199s", why ? why->text : "");
}

/* A drawing with a thought and a negative text. */
static const motcl_output drawing = MOTCL_OUTPUT_PICTURE, answer = MOTCL_OUTPUT_TEXT;

static motcl_request request(const motcl_part *part, const motcl_output *output) {
  motcl_request r = motcl_request_default(false);
  r.part = part;
  r.parts = 1;
  r.output = output;
  r.outputs = 1;
  r.seed = 9;
  r.settings.think = *output == MOTCL_OUTPUT_PICTURE;
  r.settings.timesteps = 3;
  r.settings.width = r.settings.height = r.settings.think ? 32 : 0;
  r.settings.max_tokens = r.settings.max_think = 4;
  r.settings.negative = r.settings.think ? "dogs" : NULL;
  return r;
}

static const motcl_part cat = {.kind = MOTCL_PART_TEXT, .data = "a red cat", .size = 9};

static motcl_worker *open_worker(const char *model, uint64_t most, const motcl_worker *beside) {
  motcl_worker *w = NULL;
  motcl_err err = {0};
  const motcl_worker_options o = {
      .model = model, .device = "ref", .memory = most, .beside = beside};
  if (motcl_worker_open(&w, library, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static motcl_task *submit(motcl_worker *w, const motcl_output *output, heard *h) {
  const motcl_request r = request(&cat, output);
  const motcl_sink sink = {.user = h, .event = hear, .end = end};
  motcl_task *t = NULL;
  motcl_err err = {0};
  memset(h, 0, sizeof *h);
  if (motcl_worker_submit(w, &r, &sink, &t, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return t;
}

static void step_all(motcl_worker *w) {
  motcl_err err = {0};
  for (bool busy = true; busy;)
    if (motcl_worker_step(w, &busy, &err) != MOTCL_OK)
      fail_msg("%s", err.text);
}

static heard good[2], got[2];

static bool same(const heard *a, const heard *b) {
  return a->n == b->n && !memcmp(a->byte, b->byte, a->n);
}

static const motcl_output *kind_of(int i) {
  return i ? &answer : &drawing;
}

/* ---- */

static void a_task_goes_from_submit_to_its_end(void **state) {
  (void)state;
  motcl_worker *w = open_worker(tmp_name, 0, NULL);
  bool busy = true;
  assert_int_equal(motcl_worker_step(w, &busy, NULL), MOTCL_OK);
  assert_false(busy); /* nothing to do */
  motcl_task *t = submit(w, &drawing, &got[0]);
  assert_int_equal(motcl_task_status(t, NULL), 1);
  assert_int_equal(strlen(motcl_task_fingerprint(t)), strlen(motcl_worker_fingerprint(w)));
  assert_true(strlen(motcl_task_fingerprint(t)) > 8);
  while (busy || motcl_task_status(t, NULL) == 1) {
    assert_int_equal(motcl_worker_step(w, &busy, NULL), MOTCL_OK);
    assert_int_equal(got[0].ends, motcl_task_status(t, NULL) != 1);
  }
  assert_int_equal(motcl_task_status(t, NULL), MOTCL_OK);
  assert_int_equal(got[0].ends, 1);
  assert_true(same(&got[0], &good[0]));
  motcl_task_cancel(t); /* too late */
  step_all(w);
  assert_int_equal(motcl_task_status(t, NULL), MOTCL_OK);
  assert_int_equal(got[0].ends, 1);
  motcl_task_close(t);
  motcl_task_close(NULL);
  motcl_worker_close(w);
}

/* Everything that submit was given is gone after it. */
static void the_request_is_copied(void **state) {
  (void)state;
  motcl_worker *w = open_worker(tmp_name, 0, NULL);
  for (int listed = 0; listed < 2; listed++) {
    motcl_request *r = malloc(sizeof *r);
    motcl_part *part = malloc(sizeof *part);
    motcl_output *output = malloc(sizeof *output);
    motcl_item *item = calloc(2, sizeof *item);
    motcl_settings *own = malloc(sizeof *own);
    motcl_sink *sink = malloc(sizeof *sink);
    char *text = malloc(9), *negative = malloc(5);
    motcl_task *t;
    assert_true(r && part && output && item && own && sink && text && negative);
    memcpy(text, cat.data, 9);
    memcpy(negative, "dogs", 5);
    *part = (motcl_part){.kind = MOTCL_PART_TEXT, .data = text, .size = 9};
    *output = drawing;
    *r = request(part, output);
    r->settings.negative = negative;
    if (listed) { /* the same as items, the settings the output's own */
      *own = r->settings;
      r->settings = motcl_request_default(false).settings;
      item[0].kind = MOTCL_ITEM_INPUT;
      item[0].part = *part;
      item[1].kind = MOTCL_ITEM_OUTPUT;
      item[1].output = drawing;
      item[1].settings = own;
      r->item = item;
      r->items = 2;
    }
    memset(&got[0], 0, sizeof got[0]);
    *sink = (motcl_sink){.user = &got[0], .event = hear, .end = end};
    assert_int_equal(motcl_worker_submit(w, r, sink, &t, NULL), MOTCL_OK);
    memset(text, '?', 9);
    memset(negative, '?', 4);
    memset(own, 0x55, sizeof *own);
    memset(item, 0x55, 2 * sizeof *item);
    memset(r, 0x55, sizeof *r);
    memset(sink, 0x55, sizeof *sink);
    free(r);
    free(part);
    free(output);
    free(item);
    free(own);
    free(sink);
    free(text);
    free(negative);
    step_all(w);
    assert_int_equal(motcl_task_status(t, NULL), MOTCL_OK);
    assert_true(same(&got[0], &good[0]));
    motcl_task_close(t);
  }
  motcl_worker_close(w);
}

static void what_is_closed_is_not_heard_of(void **state) {
  (void)state;
  motcl_worker *w = open_worker(tmp_name, 0, NULL);
  for (int steps = 0; steps < 12; steps += 3) {
    motcl_task *t = submit(w, &drawing, &got[0]), *other = submit(w, &answer, &got[1]);
    bool busy;
    for (int i = 0; i < steps; i++)
      assert_int_equal(motcl_worker_step(w, &busy, NULL), MOTCL_OK);
    int ends = got[0].ends;
    size_t n = got[0].n;
    motcl_task_close(t);
    step_all(w);
    assert_int_equal(got[0].ends, ends);
    assert_int_equal(got[0].n, n);
    assert_int_equal(motcl_task_status(other, NULL), MOTCL_OK);
    assert_true(same(&got[1], &good[1]));
    motcl_task_close(other);
  }
  motcl_worker_close(w);
}

/* ---- another thread ---- */

static atomic_int steps_done;

static void *cancel_after_three(void *task) {
  const struct timespec a_while = {.tv_nsec = 100000};
  while (atomic_load(&steps_done) < 3)
    nanosleep(&a_while, NULL);
  motcl_task_cancel(task);
  return NULL;
}

static void any_thread_may_cancel(void **state) {
  (void)state;
  motcl_worker *w = open_worker(tmp_name, 0, NULL);
  const motcl_sink sink = {.user = &got[0], .event = hear, .end = end};
  motcl_request r = request(&cat, &drawing);
  motcl_task *t = NULL, *other = submit(w, &answer, &got[1]);
  pthread_t thread;
  motcl_err err = {0};
  r.settings.timesteps = 10000; /* as good as for ever */
  memset(&got[0], 0, sizeof got[0]);
  atomic_store(&steps_done, 0);
  assert_int_equal(motcl_worker_submit(w, &r, &sink, &t, &err), MOTCL_OK);
  assert_int_equal(pthread_create(&thread, NULL, cancel_after_three, t), 0);
  for (bool busy = true; busy;) {
    assert_int_equal(motcl_worker_step(w, &busy, NULL), MOTCL_OK);
    atomic_fetch_add(&steps_done, 1);
  }
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(motcl_task_status(t, &err), MOTCL_ECANCELLED);
  assert_string_equal(err.text, got[0].why);
  assert_int_equal(got[0].ends, 1);
  assert_int_equal(got[0].status, MOTCL_ECANCELLED);
  assert_int_equal(motcl_task_status(other, NULL), MOTCL_OK);
  assert_true(same(&got[1], &good[1]));
  motcl_task_close(t);
  motcl_task_close(other);
  motcl_worker_close(w);
}

/* ---- two models on one device ---- */

static void other_model(char *name, size_t room) {
  char command[800];
  snprintf(name, room, "%s/other", tmp_name);
  snprintf(command, sizeof command,
           "mkdir -p %s && tests/golden/make_hashed --seed 7 %s >/dev/null", name, name);
  assert_int_equal(system(command), 0);
}

/* Either is closed first; both are given what they have alone. */
static void two_models_share_a_device(void **state) {
  (void)state;
  char other[300], command[400];
  static heard theirs;
  other_model(other, sizeof other);
  motcl_worker *w = open_worker(other, 0, NULL);
  motcl_task *t = submit(w, &drawing, &theirs);
  step_all(w);
  motcl_task_close(t);
  motcl_worker_close(w);
  assert_false(same(&theirs, &good[0]));
  for (int first = 0; first < 2; first++) {
    motcl_worker *two[2];
    motcl_task *task[2];
    bool busy[2] = {true, true};
    two[0] = open_worker(tmp_name, 0, NULL);
    two[1] = open_worker(other, 1, two[0]); /* its memory says nothing */
    assert_string_equal(motcl_worker_device(two[0])->name, motcl_worker_device(two[1])->name);
    for (int i = 0; i < 2; i++)
      task[i] = submit(two[i], &drawing, &got[i]);
    while (busy[0] || busy[1]) /* turn and turn about */
      for (int i = 0; i < 2; i++)
        assert_int_equal(motcl_worker_step(two[i], &busy[i], NULL), MOTCL_OK);
    assert_true(same(&got[0], &good[0]));
    assert_true(same(&got[1], &theirs));
    motcl_task_close(task[first]);
    motcl_worker_close(two[first]);
    motcl_task_close(task[!first]);
    task[0] = submit(two[!first], &drawing, &got[0]); /* the one that is left goes on */
    step_all(two[!first]);
    assert_true(same(&got[0], first ? &good[0] : &theirs));
    motcl_task_close(task[0]);
    motcl_worker_close(two[!first]);
  }
  snprintf(command, sizeof command, "rm -r %s", other);
  assert_int_equal(system(command), 0);
}

/* ---- memory that runs out ---- */

/* Submit a task beside one that is at work, step both to their ends, close them; an allocation that
 * fails meanwhile ends what needed it, and nothing else. Returns how the new one did. */
static int join(motcl_worker *w, size_t bad, bool for_good, size_t *calls, motcl_err *err) {
  const motcl_sink sink = {.user = &got[0], .event = hear, .end = end};
  const motcl_request r = request(&cat, &drawing);
  motcl_task *t = NULL, *old = submit(w, &answer, &got[1]);
  bool busy = true;
  assert_int_equal(motcl_worker_step(w, &busy, NULL), MOTCL_OK);
  memset(&got[0], 0, sizeof got[0]);
  purse_fill(&memory, bad, for_good);
  int rc = motcl_worker_submit(w, &r, &sink, &t, err);
  while (busy) {
    int step = motcl_worker_step(w, &busy, err);
    if (step != MOTCL_OK)
      fail_msg("a step: %s", err->text);
  }
  *calls = memory.calls;
  if (rc == MOTCL_OK)
    rc = motcl_task_status(t, err);
  else
    assert_int_equal(got[0].ends, 0); /* it never was one */
  int others = motcl_task_status(old, NULL);
  motcl_task_close(t);
  motcl_task_close(old);
  purse_fill(&memory, 0, false);
  if (rc == MOTCL_OK) {
    assert_true(same(&got[0], &good[0]));
  }
  if (others == MOTCL_OK)
    assert_true(same(&got[1], &good[1]));
  else
    assert_int_equal(others, MOTCL_ENOMEM);
  return rc;
}

static void memory_that_runs_out_is_told(void **state) {
  (void)state;
  for (int for_good = 0; for_good < 2; for_good++) {
    size_t calls, none;
    motcl_err err = {0};
    motcl_worker *w = open_worker(tmp_name, 0, NULL);
    assert_int_equal(join(w, 0, false, &calls, &err), MOTCL_OK);
    assert_int_equal(join(w, 0, false, &calls, &err), MOTCL_OK);
    const size_t alive = memory.alive;
    const size_t stride = 1 + calls / SOME, first = 1 + (size_t)time(NULL) / 86400 % stride;
    for (size_t bad = first; bad <= calls; bad += stride) {
      int rc = join(w, bad, for_good, &none, &err);
      if (rc != MOTCL_OK && rc != MOTCL_ENOMEM)
        fail_msg("allocation %zu of %zu: %s, %s", bad, calls, motcl_status_name(rc), err.text);
      if (memory.alive > alive)
        fail_msg("allocation %zu of %zu: %zu blocks are lost", bad, calls, memory.alive - alive);
    }
    assert_int_equal(join(w, 0, false, &calls, &err), MOTCL_OK);
    assert_int_equal(memory.alive, alive);
    motcl_worker_close(w);
  }
}

static int set_up(void **state) {
  const motcl_options o = {.allocator = &scarce};
  if (tmpdir_model(state) != 0 || motcl_open(&library, &o, NULL) != MOTCL_OK)
    return -1;
  for (int i = 0; i < 2; i++) {
    motcl_worker *w = open_worker(tmp_name, 0, NULL);
    motcl_task *t = submit(w, kind_of(i), &good[i]);
    step_all(w);
    assert_int_equal(motcl_task_status(t, NULL), MOTCL_OK);
    assert_true(good[i].n > 0);
    motcl_task_close(t);
    motcl_worker_close(w);
  }
  return 0;
}

static int tear_down(void **state) {
  motcl_close(library);
  return memory.alive != 0 || tmpdir_drop(state) != 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_task_goes_from_submit_to_its_end),
      cmocka_unit_test(the_request_is_copied),
      cmocka_unit_test(what_is_closed_is_not_heard_of),
      cmocka_unit_test(any_thread_may_cancel),
      cmocka_unit_test(two_models_share_a_device),
      cmocka_unit_test(memory_that_runs_out_is_told),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
