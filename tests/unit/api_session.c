/* api_session.c - a session by hand from outside, through motcl.h alone: saved and resumed as a
 * job, cancelled from another thread, and with memory that runs out at every allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "purse.h"
#include "tmpdir.h"

static purse ours;
static const motcl_allocator scarce = PURSE_ALLOCATOR(ours);

/* Everything a sink was told but for the steps; at step `at` it waits for another thread. */
typedef struct heard {
  uint8_t byte[1 << 16];
  size_t n;
  unsigned steps, at;
  pthread_t thread;
  motcl_session *session;
} heard;

static void put(heard *h, const void *p, size_t n) {
  assert_true(h->n + n <= sizeof h->byte);
  if (n)
    memcpy(h->byte + h->n, p, n);
  h->n += n;
}

static void *cancel(void *session) {
  motcl_session_cancel(session);
  return NULL;
}

static void hear(void *user, const motcl_event *e) {
  heard *h = user;
  if (e->kind == MOTCL_EVENT_TEXT || e->kind == MOTCL_EVENT_THOUGHT)
    put(h, e->text, e->size);
  if (e->kind == MOTCL_EVENT_PICTURE)
    put(h, e->rgb, (size_t)3 * e->width * e->height);
  if (e->kind == MOTCL_EVENT_STEP && ++h->steps == h->at) {
    assert_int_equal(pthread_create(&h->thread, NULL, cancel, h->session), 0);
    assert_int_equal(pthread_join(h->thread, NULL), 0);
  }
}

static heard one, two;

static motcl_settings brief(void) {
  motcl_settings s = motcl_request_default(false).settings;
  s.timesteps = 3;
  s.max_tokens = 5;
  s.width = s.height = 32;
  return s;
}

static motcl_worker *open_worker(motcl **m, const motcl_allocator *allocator) {
  motcl_options o = {.allocator = allocator};
  motcl_worker_options wo = {.model = tmp_name, .device = "ref"};
  motcl_worker *w = NULL;
  assert_int_equal(motcl_open(m, &o, NULL), MOTCL_OK);
  assert_int_equal(motcl_worker_open(&w, *m, &wo, NULL), MOTCL_OK);
  return w;
}

static motcl_session *open_session(motcl_worker *w, heard *h) {
  motcl_settings settings = brief();
  motcl_sink sink = {.user = h, .event = hear};
  motcl_session *s = NULL;
  memset(h, 0, sizeof *h);
  assert_int_equal(motcl_session_open(&s, w, &settings, 8, &sink, NULL), MOTCL_OK);
  h->session = s;
  return s;
}

static int say(motcl_session *s, const char *text, motcl_err *err) {
  return motcl_session_text(s, text, strlen(text), err);
}

/* A session that is told a job's parts, as it was saved. */
static motcl_session *resume(motcl_worker *w, const uint8_t *bytes, size_t n, heard *h) {
  motcl_job job;
  motcl_sink sink = {.user = h, .event = hear};
  motcl_session *s = NULL;
  memset(h, 0, sizeof *h);
  assert_int_equal(motcl_job_unpack(&job, bytes, n, NULL), MOTCL_OK);
  const motcl_request *r = &job.request;
  assert_int_equal(motcl_session_open(&s, w, &r->settings, r->seed, &sink, NULL), MOTCL_OK);
  for (size_t i = 0; i < r->parts; i++)
    assert_int_equal(motcl_session_add(s, &r->part[i], NULL), MOTCL_OK);
  motcl_job_finish(&job);
  return s;
}

static void saved_as_a_job_it_goes_on(void **state) {
  (void)state;
  motcl *m;
  motcl_job job;
  uint8_t *bytes;
  size_t n;
  motcl_worker *w = open_worker(&m, NULL);
  motcl_session *s = open_session(w, &one);
  assert_int_equal(motcl_session_job(s, &job, NULL), MOTCL_EINVAL);
  assert_int_equal(say(s, "a cat", NULL), MOTCL_OK);
  assert_int_equal(motcl_session_write(s, NULL), MOTCL_OK);
  assert_int_equal(motcl_session_draw(s, NULL), MOTCL_OK);
  assert_int_equal(*motcl_session_seed(s), 10);
  assert_int_equal(motcl_session_job(s, &job, NULL), MOTCL_OK);
  assert_int_equal(job.request.parts, 3);
  assert_int_equal(job.request.part[1].kind, MOTCL_PART_ANSWER);
  assert_int_equal(job.request.part[2].kind, MOTCL_PART_PICTURE);
  assert_int_equal(job.request.output[0], MOTCL_OUTPUT_PICTURE);
  assert_int_equal(motcl_job_pack(&job, &bytes, &n, NULL), MOTCL_OK);
  motcl_session *t = resume(w, bytes, n, &two);
  one.n = 0;
  assert_int_equal(motcl_session_write(s, NULL), MOTCL_OK);
  assert_int_equal(motcl_session_draw(s, NULL), MOTCL_OK);
  assert_int_equal(motcl_session_write(t, NULL), MOTCL_OK);
  assert_int_equal(motcl_session_draw(t, NULL), MOTCL_OK);
  assert_true(one.n > 3000);
  assert_int_equal(one.n, two.n);
  assert_memory_equal(one.byte, two.byte, one.n);
  motcl_free(bytes);
  motcl_session_close(s);
  motcl_session_close(t);
  motcl_worker_close(w);
  motcl_close(m);
}

static void another_thread_cancels(void **state) {
  (void)state;
  motcl *m;
  motcl_err err = {0};
  motcl_worker *w = open_worker(&m, NULL);
  motcl_session *s = open_session(w, &one);
  assert_int_equal(say(s, "a cat", NULL), MOTCL_OK);
  one.at = 2;
  assert_int_equal(motcl_session_draw(s, &err), MOTCL_ECANCELLED);
  assert_int_equal(one.steps, 2);
  assert_int_equal(*motcl_session_seed(s), 8);
  motcl_session_cancel(s);
  assert_int_equal(motcl_session_write(s, &err), MOTCL_ECANCELLED);
  motcl_worker_cancel(w);
  assert_int_equal(motcl_session_write(s, &err), MOTCL_ECANCELLED);
  assert_int_equal(one.n, 0);
  assert_int_equal(motcl_session_draw(s, &err), MOTCL_OK);
  motcl_session_close(s);
  s = open_session(w, &two);
  assert_int_equal(say(s, "a cat", NULL), MOTCL_OK);
  assert_int_equal(motcl_session_draw(s, NULL), MOTCL_OK);
  assert_int_equal(one.n, two.n);
  assert_memory_equal(one.byte, two.byte, one.n);
  motcl_session_close(s);
  motcl_worker_close(w);
  motcl_close(m);
}

/* One step of three; what it tells is forgotten unless it works. */
static int step(motcl_session *s, int i, motcl_err *err) {
  size_t before = one.n;
  int rc = i == 0   ? say(s, "a cat", err)
           : i == 1 ? motcl_session_write(s, err)
                    : motcl_session_draw(s, err);
  if (rc != MOTCL_OK)
    one.n = before;
  return rc;
}

/* Let memory run out at every allocation of a step, until it works. */
static void starve(motcl_session *s, int i) {
  motcl_err err = {0};
  size_t k = 0;
  int rc = MOTCL_ENOMEM;
  while (rc != MOTCL_OK) {
    purse_fill(&ours, k + 1, true);
    rc = step(s, i, &err);
    purse_fill(&ours, 0, false);
    if (rc != MOTCL_OK && rc != MOTCL_ENOMEM)
      fail_msg("step %d, allocation %zu: %s", i, k, err.text);
    k += k < 300 ? 1 : 1 + k / 40;
  }
  assert_true(k > 10);
}

static void no_allocation_is_needed_to_fail(void **state) {
  (void)state;
  motcl *m, *plain;
  motcl_worker *w = open_worker(&m, &scarce), *other = open_worker(&plain, NULL);
  motcl_session *s = open_session(w, &one), *t = open_session(other, &two);
  for (int i = 0; i < 3; i++)
    starve(s, i);
  assert_int_equal(motcl_session_undo(s, NULL), MOTCL_OK);
  starve(s, 2);
  assert_int_equal(say(t, "a cat", NULL), MOTCL_OK);
  assert_int_equal(motcl_session_write(t, NULL), MOTCL_OK);
  assert_int_equal(motcl_session_draw(t, NULL), MOTCL_OK);
  assert_int_equal(one.n, 2 * two.n - (two.n - 3072));
  assert_memory_equal(one.byte, two.byte, two.n);
  assert_memory_equal(one.byte + two.n, two.byte + two.n - 3072, 3072);
  motcl_session_close(s);
  motcl_session_close(t);
  motcl_worker_close(w);
  motcl_worker_close(other);
  motcl_close(m);
  motcl_close(plain);
  assert_int_equal(ours.alive, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(saved_as_a_job_it_goes_on),
      cmocka_unit_test(another_thread_cancels),
      cmocka_unit_test(no_allocation_is_needed_to_fail),
  };
  return cmocka_run_group_tests(tests, tmpdir_model, tmpdir_drop);
}
