/* api_threads.c - the library's rules for threads: workers side by side give what each gives alone,
 * and a cancel comes from anywhere. */
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

#include "motcl.h"
#include "tmpdir.h"

enum { WORKERS = 3, RUNS = 2 };

static motcl *library;
static atomic_uint messages;

/* A worker and its pictures' bytes added up. Asserts belong to the main thread, so that others
 * leave their results here. */
typedef struct hand {
  motcl_worker *worker;
  uint64_t seed, sum;
  unsigned pictures;
  int rc;
  motcl_err err;
} hand;

static void hear(void *user, const motcl_event *e) {
  hand *h = user;
  if (e->kind != MOTCL_EVENT_PICTURE)
    return;
  for (size_t i = 0; i < (size_t)e->width * e->height * 3; i++)
    h->sum = h->sum * 31 + e->rgb[i];
  h->pictures++;
}

static motcl_request request_of(const motcl_part *part, const motcl_output *output, uint64_t seed) {
  motcl_request r = motcl_request_default(false);
  r.part = part;
  r.parts = 1;
  r.output = output;
  r.outputs = 1;
  r.seed = seed;
  r.settings.timesteps = 4;
  r.settings.width = r.settings.height = 32;
  return r;
}

static const motcl_output picture = MOTCL_OUTPUT_PICTURE;

static void *work(void *user) {
  hand *h = user;
  motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  motcl_request r = request_of(&part, &picture, h->seed);
  motcl_sink sink = {.user = h, .event = hear};
  h->sum = h->pictures = 0;
  h->rc = MOTCL_OK;
  for (int i = 0; i < RUNS && h->rc == MOTCL_OK; i++)
    h->rc = motcl_worker_run(h->worker, &r, &sink, 1, &h->err);
  return NULL;
}

static void finished(const hand *h) {
  if (h->rc != MOTCL_OK)
    fail_msg("%s", h->err.text);
  assert_int_equal(h->pictures, RUNS);
}

static void workers_side_by_side(void **state) {
  static const char *const device[WORKERS] = {"ref", NULL, NULL};
  pthread_t thread[WORKERS];
  hand hands[WORKERS];
  uint64_t alone[WORKERS];
  motcl_err err = {0};
  (void)state;
  for (int i = 0; i < WORKERS; i++) {
    motcl_worker_options o = {.model = tmp_name, .device = device[i]};
    hands[i] = (hand){.seed = (uint64_t)i};
    if (motcl_worker_open(&hands[i].worker, library, &o, &err) != MOTCL_OK)
      fail_msg("%s", err.text);
    work(&hands[i]);
    finished(&hands[i]);
    alone[i] = hands[i].sum;
  }
  assert_int_not_equal(alone[1], alone[2]);
  for (int i = 0; i < WORKERS; i++)
    assert_int_equal(pthread_create(&thread[i], NULL, work, &hands[i]), 0);
  for (int i = 0; i < WORKERS; i++)
    assert_int_equal(pthread_join(thread[i], NULL), 0);
  for (int i = 0; i < WORKERS; i++) {
    finished(&hands[i]);
    assert_int_equal(hands[i].sum, alone[i]);
    motcl_worker_close(hands[i].worker);
  }
  assert_true(atomic_load(&messages) >= WORKERS);
}

static void *cancel(void *user) {
  motcl_worker_cancel(user);
  return NULL;
}

/* The other thread cancels while the work is under way: at its first step. */
static void cancel_elsewhere(void *user, const motcl_event *e) {
  pthread_t thread;
  if (e->kind == MOTCL_EVENT_STEP && pthread_create(&thread, NULL, cancel, user) == 0)
    pthread_join(thread, NULL);
}

static void cancel_from_another_thread(void **state) {
  motcl_worker *w = NULL;
  motcl_err err = {0};
  motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  motcl_request r = request_of(&part, &picture, 1);
  motcl_worker_options o = {.model = tmp_name, .device = "ref"};
  (void)state;
  assert_int_equal(motcl_worker_open(&w, library, &o, &err), MOTCL_OK);
  motcl_sink sink = {.user = w, .event = cancel_elsewhere};
  assert_int_equal(motcl_worker_run(w, &r, &sink, 1, &err), MOTCL_ECANCELLED);
  motcl_worker_close(w);
}

static void count_message(void *user, motcl_log_level level, const char *text) {
  (void)level;
  (void)text;
  atomic_fetch_add((atomic_uint *)user, 1);
}

static int set_up(void **state) {
  motcl_options o = {.log = count_message, .log_user = &messages};
  return tmpdir_model(state) != 0 || motcl_open(&library, &o, NULL) != MOTCL_OK ? -1 : 0;
}

static int tear_down(void **state) {
  motcl_close(library);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(workers_side_by_side),
      cmocka_unit_test(cancel_from_another_thread),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
