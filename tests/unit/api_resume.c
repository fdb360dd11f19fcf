/* api_resume.c - tasks saved at every border between two steps and resumed by another worker: to
 * the bytes of the undisturbed task, without anything said twice; and messages that are damaged,
 * foreign or lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "saved_requests.h"
#include "tmpdir.h"

enum { MOST_BYTES = 1 << 16 };

/* Words and pixels that a sink was told, output by output. */
typedef struct heard {
  uint8_t byte[MOST_BYTES];
  size_t n;
  int ended, status;
} heard;

static void put(heard *h, const void *p, size_t n) {
  assert_true(h->n + n <= sizeof h->byte);
  if (n)
    memcpy(h->byte + h->n, p, n);
  h->n += n;
}

static void hear(void *user, const motcl_event *e) {
  heard *h = user;
  if (e->kind == MOTCL_EVENT_TEXT || e->kind == MOTCL_EVENT_THOUGHT)
    put(h, e->text, e->size);
  if (e->kind == MOTCL_EVENT_PICTURE)
    put(h, e->rgb, (size_t)3 * e->width * e->height);
}

static void end(void *user, int status, const motcl_err *why) {
  heard *h = user;
  (void)why;
  h->ended++;
  h->status = status;
}

static motcl *library;

static motcl_worker *open_worker(const char *model, const char *device) {
  motcl_worker_options o = {.model = model, .device = device};
  motcl_worker *w = NULL;
  motcl_err err = {0};
  if (motcl_worker_open(&w, library, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

/* Step a task to its end, or so many steps; whether it has ended. */
static bool go(motcl_worker *w, motcl_task *t, int steps) {
  motcl_err err = {0};
  bool busy;
  while (motcl_task_status(t, NULL) == 1 && steps-- > 0)
    if (motcl_worker_step(w, &busy, &err) != MOTCL_OK)
      fail_msg("%s", err.text);
  return motcl_task_status(t, NULL) != 1;
}

static void submit(motcl_worker *w, const motcl_request *r, heard *h, motcl_task **t) {
  motcl_sink sink = {.user = h, .event = hear, .end = end};
  motcl_err err = {0};
  memset(h, 0, sizeof *h);
  if (motcl_worker_submit(w, r, &sink, t, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static int resume(motcl_worker *w, const uint8_t *bytes, size_t n, heard *h, motcl_task **t,
                  motcl_err *err) {
  motcl_sink sink = {.user = h, .event = hear, .end = end};
  return motcl_task_resume(w, bytes, n, &sink, t, err);
}

static heard whole, split;

/* Saved after `steps` steps and gone on with elsewhere, and there saved and gone on with again. */
static bool goes_on(motcl_worker *a, motcl_worker *b, const motcl_request *r, int steps) {
  motcl_task *t;
  motcl_err err = {0};
  uint8_t *bytes;
  size_t n;
  submit(a, r, &split, &t);
  bool ended = go(a, t, steps);
  if (ended) {
    assert_int_equal(motcl_task_save(t, &bytes, &n, &err), MOTCL_EINVAL);
    motcl_task_close(t);
    return false;
  }
  for (int again = 0; again < 2; again++) {
    if (motcl_task_save(t, &bytes, &n, &err) != MOTCL_OK)
      fail_msg("after %d steps: %s", steps, err.text);
    motcl_task_close(t);
    if (resume(again ? a : b, bytes, n, &split, &t, &err) != MOTCL_OK)
      fail_msg("after %d steps: %s", steps, err.text);
    motcl_free(bytes);
    if (!again)
      go(b, t, 3); /* on its way to where it was, or a little beyond */
    if (motcl_task_status(t, NULL) != 1)
      break;
  }
  go(motcl_task_status(t, NULL) == 1 ? a : b, t, 1000);
  assert_int_equal(motcl_task_status(t, &err), MOTCL_OK);
  motcl_task_close(t);
  assert_int_equal(split.ended, 1);
  assert_int_equal(split.n, whole.n);
  assert_memory_equal(split.byte, whole.byte, whole.n);
  return true;
}

static void on(const char *device, int stride) {
  motcl_worker *a = open_worker(tmp_name, device), *b = open_worker(tmp_name, device);
  for (int i = 0; i < SAVED_CASES; i++) {
    motcl_request r = saved_request(i);
    motcl_task *t;
    int steps = 0;
    submit(a, &r, &whole, &t);
    assert_true(go(a, t, 1000));
    assert_int_equal(motcl_task_status(t, NULL), MOTCL_OK);
    motcl_task_close(t);
    assert_true(whole.n > 0);
    while (goes_on(a, b, &r, steps))
      steps += stride;
    assert_true(steps >= 3);
  }
  motcl_worker_close(a);
  motcl_worker_close(b);
}

static void at_every_step_on_ref(void **state) {
  (void)state;
  on("ref", 1);
}

static void at_many_steps_on_the_default(void **state) {
  (void)state;
  on(NULL, 3);
}

/* Two that share passes, one of them saved in between. */
static void among_others(void **state) {
  (void)state;
  motcl_worker *w = open_worker(tmp_name, "ref");
  motcl_request r = saved_request(0), other = saved_request(5);
  motcl_task *t, *o;
  motcl_err err;
  heard *h = calloc(1, sizeof *h);
  uint8_t *bytes;
  size_t n;
  submit(w, &r, &whole, &t);
  go(w, t, 1000);
  motcl_task_close(t);
  submit(w, &other, h, &o);
  submit(w, &r, &split, &t);
  go(w, t, 3);
  assert_int_equal(motcl_task_save(t, &bytes, &n, &err), MOTCL_OK);
  motcl_task_close(t);
  go(w, o, 2);
  assert_int_equal(resume(w, bytes, n, &split, &t, &err), MOTCL_OK);
  go(w, t, 1000);
  assert_int_equal(split.n, whole.n);
  assert_memory_equal(split.byte, whole.byte, whole.n);
  motcl_task_close(o); /* wherever it is */
  motcl_task_close(t);
  motcl_free(bytes);
  free(h);
  motcl_worker_close(w);
}

/* The saved message of a task in the middle. */
static uint8_t *save_one(motcl_worker *w, int i, int steps, size_t *n) {
  motcl_request r = saved_request(i);
  motcl_task *t;
  uint8_t *bytes = NULL;
  submit(w, &r, &split, &t);
  go(w, t, steps);
  assert_int_equal(motcl_task_save(t, &bytes, n, NULL), MOTCL_OK);
  motcl_task_close(t);
  return bytes;
}

static void damaged_ones_are_refused(void **state) {
  (void)state;
  motcl_worker *w = open_worker(tmp_name, "ref");
  uint64_t seed = 1;
  for (int i = 0; i < SAVED_CASES; i += 3) {
    size_t n;
    uint8_t *bytes = save_one(w, i, 5, &n), *copy = malloc(n);
    for (int round = 0; round < 400; round++) {
      motcl_task *t = NULL;
      motcl_err err = {0};
      size_t m = n;
      memcpy(copy, bytes, n);
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      if (round % 4 == 0)
        m = (size_t)(seed >> 20) % n;
      else
        copy[(seed >> 20) % n] ^= (uint8_t)(1u << (seed >> 60) % 8);
      int rc = resume(w, copy, m, &split, &t, &err);
      if (rc == MOTCL_OK) { /* a bit of a latent, say: another picture, but a task */
        go(w, t, 2);
        motcl_task_close(t);
        continue;
      }
      assert_null(t);
      assert_true(strlen(err.text) > 10);
      assert_true(rc == MOTCL_EFORMAT || rc == MOTCL_EMODEL || rc == MOTCL_EINVAL ||
                  rc == MOTCL_EFIT || rc == MOTCL_EUNSUPPORTED);
    }
    free(copy);
    motcl_free(bytes);
  }
  motcl_worker_close(w);
}

static void another_model_is_refused(void **state) {
  (void)state;
  char command[1200], other[300];
  motcl_worker *w = open_worker(tmp_name, "ref");
  motcl_task *t = NULL;
  motcl_err err = {0};
  size_t n;
  uint8_t *bytes = save_one(w, 0, 4, &n);
  snprintf(other, sizeof other, "%s/other", tmp_name);
  snprintf(command, sizeof command, "mkdir %s && tests/golden/make_hashed --seed 77 %s >/dev/null",
           other, other);
  assert_int_equal(system(command), 0);
  motcl_worker *o = open_worker(other, "ref");
  assert_int_equal(resume(o, bytes, n, &split, &t, &err), MOTCL_EMODEL);
  motcl_worker_close(o);
  /* the same folder under another name is the same model */
  snprintf(command, sizeof command, "rm -rf %s && mkdir %s && cp %s/*.* %s", other, other, tmp_name,
           other);
  assert_int_equal(system(command), 0);
  o = open_worker(other, "ref");
  assert_int_equal(resume(o, bytes, n, &split, &t, &err), MOTCL_OK);
  motcl_task_close(t);
  motcl_worker_close(o);
  motcl_free(bytes);
  motcl_worker_close(w);
  snprintf(command, sizeof command, "rm -rf %s", other);
  assert_int_equal(system(command), 0);
}

static int record(void *user, const motcl_array *a, motcl_err *err) {
  (void)user;
  (void)a;
  (void)err;
  return MOTCL_OK;
}

static void what_cannot_be_saved(void **state) {
  (void)state;
  motcl_worker *w = open_worker(tmp_name, "ref");
  motcl_request r = saved_request(0);
  motcl_sink sink = {.array = record};
  motcl_task *t;
  motcl_err err;
  uint8_t *bytes;
  size_t n;
  assert_int_equal(motcl_worker_submit(w, &r, &sink, &t, NULL), MOTCL_OK);
  assert_int_equal(motcl_task_save(t, &bytes, &n, &err), MOTCL_EINVAL);
  motcl_task_close(t);
  motcl_worker_close(w);
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0 || motcl_open(&library, NULL, NULL) != MOTCL_OK)
    return -1;
  return saved_picture();
}

static int tear_down(void **state) {
  motcl_free(saved_png);
  motcl_close(library);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(at_every_step_on_ref),
      cmocka_unit_test(at_many_steps_on_the_default),
      cmocka_unit_test(among_others),
      cmocka_unit_test(damaged_ones_are_refused),
      cmocka_unit_test(another_model_is_refused),
      cmocka_unit_test(what_cannot_be_saved),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
