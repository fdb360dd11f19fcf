/* api_job_task.c - jobs as tasks of a worker: side by side, cancelled one by one, saved at every border
 * between two steps and resumed by another worker with the result and the events of the undisturbed
 * job; and messages that are damaged, foreign or contradict themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "motcl/v1/checkpoint.pb-c.h"
#include "saved_requests.h"
#include "tmpdir.h"

enum { MOST_BYTES = 1 << 18, MOST_STEPS = 1000 };

static motcl *library;
static motcl_worker *worker;

/* What a listener was told: words and files in order, how many events, of which kinds. */
typedef struct heard {
  uint8_t byte[MOST_BYTES];
  size_t n;
  uint64_t number;
  unsigned kinds[MOTCL_JOB_CANCELLED + 1];
  motcl_job_event_kind first, last;
  void (*then)(motcl_job_event_kind kind);
} heard;

static void put(heard *h, const void *p, size_t n) {
  assert_true(h->n + n <= sizeof h->byte);
  memcpy(h->byte + h->n, p, n);
  h->n += n;
}

static void hear(void *user, const uint8_t *bytes, size_t n) {
  heard *h = user;
  motcl_job_event e = {0};
  assert_int_equal(motcl_job_event_unpack(&e, bytes, n, NULL), MOTCL_OK);
  assert_string_equal(e.job, "job-1");
  assert_int_equal(e.number, ++h->number);
  if (e.kind == MOTCL_JOB_TEXT || e.kind == MOTCL_JOB_THOUGHT)
    put(h, e.text, strlen(e.text));
  if (e.kind == MOTCL_JOB_PICTURE)
    put(h, e.file, e.bytes);
  if (!h->first)
    h->first = e.kind;
  h->last = e.kind;
  h->kinds[e.kind]++;
  if (h->then)
    h->then(e.kind);
  motcl_job_event_finish(&e);
}

static motcl_worker *open_worker(bool unfused) {
  motcl_worker_options o = {.model = tmp_name, .device = "ref", .unfused = unfused};
  motcl_worker *w = NULL;
  motcl_err err = {0};
  if (motcl_worker_open(&w, library, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static motcl_job job_of(int i) {
  return (motcl_job){.request = saved_request(i), .id = "job-1", .priority = 5};
}

static motcl_job_task *submit(motcl_worker *w, const motcl_job *job, heard *h) {
  motcl_job_task *t = NULL;
  motcl_err err = {0};
  uint8_t *bytes;
  size_t n;
  memset(h, 0, sizeof *h);
  assert_int_equal(motcl_job_pack(job, &bytes, &n, NULL), MOTCL_OK);
  if (motcl_job_submit(w, bytes, n, hear, h, &t, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  motcl_free(bytes);
  return t;
}

/* Step a job to its end, or so many steps; whether it has ended. */
static bool go(motcl_worker *w, motcl_job_task *t, int steps) {
  bool busy;
  while (motcl_job_status(t, NULL) == 1 && steps-- > 0)
    assert_int_equal(motcl_worker_step(w, &busy, NULL), MOTCL_OK);
  return motcl_job_status(t, NULL) != 1;
}

/* A result without its seconds, as a message. */
typedef struct came {
  uint8_t *bytes;
  size_t n;
} came;

static motcl_result result_of(const motcl_job_task *t) {
  motcl_result r = {0};
  const uint8_t *bytes;
  size_t n;
  assert_int_equal(motcl_job_result(t, &bytes, &n, NULL), MOTCL_OK);
  assert_int_equal(motcl_result_unpack(&r, bytes, n, NULL), MOTCL_OK);
  assert_int_equal(r.code, motcl_job_status(t, NULL));
  assert_true(r.seconds >= 0);
  return r;
}

static came finish(motcl_job_task *t) {
  came c;
  motcl_result r = result_of(t);
  r.seconds = 0;
  assert_int_equal(motcl_result_pack(&r, &c.bytes, &c.n, NULL), MOTCL_OK);
  motcl_result_finish(&r);
  motcl_job_close(t);
  return c;
}

static void same(came *got, const came *want) {
  assert_int_equal(got->n, want->n);
  assert_memory_equal(got->bytes, want->bytes, want->n);
  motcl_free(got->bytes);
}

/* The events and the result of a job that nobody disturbs. */
static came undisturbed(motcl_worker *w, const motcl_job *job, heard *h) {
  motcl_job_task *t = submit(w, job, h);
  assert_true(go(w, t, MOST_STEPS));
  assert_int_equal(motcl_job_status(t, NULL), MOTCL_OK);
  assert_int_equal(h->first, MOTCL_JOB_ACCEPTED);
  assert_int_equal(h->last, MOTCL_JOB_DONE);
  assert_true(h->n > 0);
  return finish(t);
}

static void save(const motcl_job_task *t, came *c) {
  motcl_err err = {0};
  if (motcl_job_save(t, &c->bytes, &c->n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static int resume(motcl_worker *w, const came *c, bool exact, heard *h, motcl_job_task **t,
                  motcl_err *err) {
  return motcl_job_resume(w, c->bytes, c->n, exact, hear, h, t, err);
}

/* ---- saved and resumed ---- */

static heard whole, split;

/* Saved after `steps` steps and gone on with elsewhere, and there saved and gone on with again. */
static bool goes_on(motcl_worker *a, motcl_worker *b, const motcl_job *job, int steps,
                    const came *want) {
  motcl_job_task *t = submit(a, job, &split);
  motcl_worker *on[] = {b, a};
  came saved;
  if (go(a, t, steps)) {
    assert_int_equal(motcl_job_save(t, &saved.bytes, &saved.n, NULL), MOTCL_EINVAL);
    motcl_job_close(t);
    return false;
  }
  for (int again = 0; again < 2 && motcl_job_status(t, NULL) == 1; again++) {
    motcl_err err = {0};
    save(t, &saved);
    motcl_job_close(t);
    split.first = MOTCL_JOB_OTHER;
    if (resume(on[again], &saved, true, &split, &t, &err) != MOTCL_OK)
      fail_msg("after %d steps: %s", steps, err.text);
    motcl_free(saved.bytes);
    assert_int_equal(split.first, MOTCL_JOB_STARTED);
    go(on[again], t, again ? MOST_STEPS : 3); /* on its way to where it was, or a little beyond */
  }
  assert_int_equal(motcl_job_status(t, NULL), MOTCL_OK);
  came got = finish(t);
  same(&got, want);
  assert_int_equal(split.n, whole.n);
  assert_memory_equal(split.byte, whole.byte, whole.n);
  assert_int_equal(split.kinds[MOTCL_JOB_ACCEPTED], 1);
  assert_int_equal(split.kinds[MOTCL_JOB_PICTURE], whole.kinds[MOTCL_JOB_PICTURE]);
  assert_int_equal(split.last, MOTCL_JOB_DONE);
  return true;
}

static void at_every_step(void **state) {
  (void)state;
  motcl_worker *a = open_worker(false), *b = open_worker(false);
  for (int i = 0; i < SAVED_CASES; i++) {
    motcl_job job = job_of(i);
    came want = undisturbed(a, &job, &whole);
    int steps = 0;
    while (goes_on(a, b, &job, steps, &want))
      steps++;
    assert_true(steps >= 3);
    motcl_free(want.bytes);
  }
  motcl_worker_close(a);
  motcl_worker_close(b);
}

/* The seed that was drawn for it is the one it goes on with, and its seconds add up. */
static void without_a_seed(void **state) {
  (void)state;
  motcl_job job = job_of(4);
  job.unseeded = true;
  motcl_job_task *t = submit(worker, &job, &whole), *u;
  came saved;
  save(t, &saved);
  assert_true(go(worker, t, MOST_STEPS));
  came want = finish(t);
  split = (heard){.number = 2};
  assert_int_equal(resume(worker, &saved, true, &split, &u, NULL), MOTCL_OK);
  assert_true(go(worker, u, MOST_STEPS));
  came got = finish(u);
  same(&got, &want);
  motcl_free(want.bytes);
  motcl_free(saved.bytes);
}

/* Cancelled after it was resumed, it has what was whole before. */
static void what_was_whole_is_not_lost(void **state) {
  (void)state;
  motcl_job job = job_of(6);
  motcl_job_task *t = submit(worker, &job, &split);
  came saved;
  while (!split.kinds[MOTCL_JOB_PICTURE])
    go(worker, t, 1);
  save(t, &saved);
  motcl_job_close(t);
  split.kinds[MOTCL_JOB_PICTURE] = 0;
  assert_int_equal(resume(worker, &saved, true, &split, &t, NULL), MOTCL_OK);
  motcl_job_cancel(t);
  assert_true(go(worker, t, 3));
  motcl_result r = result_of(t);
  assert_int_equal(r.code, MOTCL_ECANCELLED);
  assert_int_equal(r.answers, 1);
  assert_int_equal(r.answer->width, 32);
  assert_int_equal(split.kinds[MOTCL_JOB_PICTURE], 0);
  assert_int_equal(split.last, MOTCL_JOB_CANCELLED);
  motcl_result_finish(&r);
  motcl_job_close(t);
  motcl_free(saved.bytes);
}

static void another_fingerprint(void **state) {
  (void)state;
  motcl_worker *other = open_worker(true);
  motcl_job job = job_of(0);
  motcl_job_task *t = submit(worker, &job, &split), *u = NULL;
  motcl_err err = {0};
  came saved;
  go(worker, t, 3);
  save(t, &saved);
  motcl_job_close(t);
  uint64_t told = split.number;
  assert_int_equal(resume(other, &saved, true, &split, &u, &err), MOTCL_EUNSUPPORTED);
  assert_non_null(strstr(err.text, "another device, driver or version"));
  assert_null(u);
  assert_int_equal(split.number, told);
  assert_int_equal(resume(other, &saved, false, &split, &u, &err), MOTCL_OK);
  assert_true(go(other, u, MOST_STEPS));
  assert_int_equal(motcl_job_status(u, NULL), MOTCL_OK);
  motcl_job_close(u);
  motcl_free(saved.bytes);
  motcl_worker_close(other);
}

/* ---- side by side ---- */

/* One is wrong, one is cancelled, one is given up, one is saved and goes on: the others' bytes are
 * those that they have alone. */
static void each_by_itself(void **state) {
  (void)state;
  enum { JOBS = SAVED_CASES, CANCELLED = 1, CLOSED = 3, SAVED = 5 };
  heard *h = calloc(JOBS + 1, sizeof *h);
  motcl_job_task *t[JOBS + 1];
  motcl_job job;
  came want[JOBS], saved;
  bool busy = true;
  assert_non_null(h);
  for (int i = 0; i < JOBS; i++) {
    job = job_of(i);
    want[i] = undisturbed(worker, &job, &whole);
  }
  for (int i = 0; i < JOBS; i++) {
    job = job_of(i);
    t[i] = submit(worker, &job, &h[i]);
  }
  job.request.settings.max_tokens = 0;
  t[JOBS] = submit(worker, &job, &h[JOBS]);
  assert_int_equal(motcl_job_status(t[JOBS], NULL), MOTCL_EINVAL);
  go(worker, t[0], 2);
  motcl_job_cancel(t[CANCELLED]);
  motcl_job_close(t[CLOSED]);
  go(worker, t[0], 2);
  save(t[SAVED], &saved);
  motcl_job_close(t[SAVED]);
  go(worker, t[0], 1);
  assert_int_equal(resume(worker, &saved, true, &h[SAVED], &t[SAVED], NULL), MOTCL_OK);
  motcl_free(saved.bytes);
  while (busy)
    assert_int_equal(motcl_worker_step(worker, &busy, NULL), MOTCL_OK);
  assert_int_equal(motcl_job_status(t[CANCELLED], NULL), MOTCL_ECANCELLED);
  assert_int_equal(h[CANCELLED].last, MOTCL_JOB_CANCELLED);
  assert_true(h[CLOSED].last < MOTCL_JOB_DONE);
  for (int i = 0; i < JOBS; i++) {
    came got = {0};
    if (i == CANCELLED)
      motcl_job_close(t[i]);
    else if (i != CLOSED)
      got = finish(t[i]);
    if (got.bytes)
      same(&got, &want[i]);
    motcl_free(want[i].bytes);
  }
  motcl_job_close(t[JOBS]);
  free(h);
}

/* As motcl_job_run has it: an ended job with a result. */
static void a_job_that_cannot_begin(void **state) {
  (void)state;
  motcl_job job = job_of(0);
  motcl_err err = {0};
  job.request.settings.timesteps = 1;
  motcl_job_task *t = submit(worker, &job, &split);
  assert_int_equal(motcl_job_status(t, &err), MOTCL_EINVAL);
  assert_int_equal(split.number, 1);
  assert_int_equal(split.last, MOTCL_JOB_FAILED);
  motcl_result r = result_of(t);
  assert_string_equal(r.sentence, err.text);
  assert_null(r.fingerprint);
  motcl_result_finish(&r);
  motcl_job_close(t);

  job = job_of(0);
  job.request.settings.width = 17;
  t = submit(worker, &job, &split);
  assert_int_equal(motcl_job_status(t, &err), MOTCL_EINVAL);
  assert_int_equal(split.number, 3);
  assert_int_equal(split.first, MOTCL_JOB_ACCEPTED);
  assert_int_equal(split.last, MOTCL_JOB_FAILED);
  motcl_job_close(t);

  assert_int_equal(motcl_job_submit(worker, (const uint8_t *)"nonsense", 8, hear, &split, &t, &err),
                   MOTCL_EFORMAT);
  assert_null(t);
  assert_int_equal(split.number, 3);
}

static motcl_job_task *inside;
static unsigned tried;

/* All that a listener may not do, and what it may. */
static void try_everything(motcl_job_event_kind kind) {
  const uint8_t *bytes;
  uint8_t *own;
  size_t n;
  motcl_job_task *t = NULL;
  bool busy;
  tried++;
  assert_int_equal(motcl_job_submit(worker, NULL, 0, NULL, NULL, &t, NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_job_resume(worker, NULL, 0, true, NULL, NULL, &t, NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_job_run(worker, NULL, 0, NULL, NULL, &own, &n, NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_worker_step(worker, &busy, NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_job_save(inside, &own, &n, NULL), MOTCL_EINVAL);
  motcl_job_close(inside);
  assert_int_equal(motcl_job_status(inside, NULL), kind == MOTCL_JOB_DONE ? MOTCL_OK : 1);
  assert_int_equal(motcl_job_result(inside, &bytes, &n, NULL),
                   kind == MOTCL_JOB_DONE ? MOTCL_OK : MOTCL_EINVAL);
}

static void hear_first(void *user, const uint8_t *bytes, size_t n) {
  hear(user, bytes, n);
  motcl_job_cancel(inside);
}

static void inside_a_listener(void **state) {
  (void)state;
  motcl_job job = job_of(2);
  uint8_t *bytes;
  size_t n;
  tried = 0;
  memset(&split, 0, sizeof split);
  split.then = try_everything;
  assert_int_equal(motcl_job_pack(&job, &bytes, &n, NULL), MOTCL_OK);
  assert_int_equal(motcl_job_submit(worker, bytes, n, hear, &split, &inside, NULL), MOTCL_OK);
  assert_true(go(worker, inside, MOST_STEPS));
  assert_int_equal(motcl_job_status(inside, NULL), MOTCL_OK);
  assert_true(tried > 4);
  motcl_job_close(inside);

  memset(&split, 0, sizeof split); /* cancelled before the call has returned */
  assert_int_equal(motcl_job_submit(worker, bytes, n, hear_first, &split, &inside, NULL), MOTCL_OK);
  assert_true(go(worker, inside, 2));
  assert_int_equal(motcl_job_status(inside, NULL), MOTCL_ECANCELLED);
  motcl_job_close(inside);
  motcl_free(bytes);
}

/* ---- messages that are anybody's ---- */

/* The saved message of a job in the middle. */
static came save_one(int i, int steps) {
  motcl_job job = job_of(i);
  motcl_job_task *t = submit(worker, &job, &split);
  came saved;
  assert_false(go(worker, t, steps));
  save(t, &saved);
  motcl_job_close(t);
  return saved;
}

static void refused(const came *c, int code, const char *says) {
  motcl_job_task *t = NULL;
  motcl_err err = {0};
  uint64_t told = split.number;
  assert_int_equal(resume(worker, c, false, &split, &t, &err), code);
  if (!strstr(err.text, says))
    fail_msg("'%s' does not say '%s'", err.text, says);
  assert_null(t);
  assert_int_equal(split.number, told);
}

static void damaged_ones_are_refused(void **state) {
  (void)state;
  uint64_t seed = 1;
  for (int i = 0; i < SAVED_CASES; i += 3) {
    came good = save_one(i, 4), bad = {malloc(good.n), 0};
    for (int round = 0; round < 400; round++) {
      motcl_job_task *t = NULL;
      motcl_err err = {0};
      memcpy(bad.bytes, good.bytes, good.n);
      bad.n = good.n;
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      if (round % 4 == 0)
        bad.n = (size_t)(seed >> 20) % good.n;
      else
        bad.bytes[(seed >> 20) % good.n] ^= (uint8_t)(1u << (seed >> 60) % 8);
      int rc = motcl_job_resume(worker, bad.bytes, bad.n, false, NULL, NULL, &t, &err);
      if (rc == MOTCL_OK) { /* a bit of a latent, say: another picture, but a job */
        go(worker, t, 2);
        motcl_job_close(t);
        continue;
      }
      assert_null(t);
      assert_true(strlen(err.text) > 10);
      assert_true(rc == MOTCL_EFORMAT || rc == MOTCL_EMODEL || rc == MOTCL_EINVAL ||
                  rc == MOTCL_EFIT || rc == MOTCL_EUNSUPPORTED);
    }
    free(bad.bytes);
    motcl_free(good.bytes);
  }
}

static Motcl__V1__SavedJob *open_saved(const came *c) {
  Motcl__V1__SavedJob *m = motcl__v1__saved_job__unpack(NULL, c->n, c->bytes);
  assert_non_null(m);
  return m;
}

static came pack_saved(const Motcl__V1__SavedJob *m) {
  came c = {malloc(motcl__v1__saved_job__get_packed_size(m)), 0};
  c.n = motcl__v1__saved_job__pack(m, c.bytes);
  return c;
}

static void refused_saved(const Motcl__V1__SavedJob *m, const char *says) {
  came c = pack_saved(m);
  refused(&c, MOTCL_EFORMAT, says);
  free(c.bytes);
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  came good = save_one(0, 3);
  Motcl__V1__SavedJob *m = open_saved(&good);
  refused(&(came){(uint8_t *)"nonsense", 8}, MOTCL_EFORMAT, "motcl.v1.SavedJob");
  refused(&(came){NULL, 0}, MOTCL_EFORMAT, "another version");
  m->format = 2;
  refused_saved(m, "another version");
  m->format = 1;
  m->events = 1;
  refused_saved(m, "how many events");
  m->events = UINT64_MAX;
  refused_saved(m, "how many events");
  m->events = 2;
  m->seconds = -1;
  refused_saved(m, "less than no time");
  m->seconds = 0;
  size_t n = m->task.len;
  m->task.len = 0;
  refused_saved(m, "lacks its task");
  m->task.len = n - 1;
  refused_saved(m, "saved task");
  m->task.len = n;
  n = m->n_output;
  m->n_output = 0;
  refused_saved(m, "which output is at work");
  m->n_output = n;
  m->output[0]->has_words = true;
  m->output[0]->words = (ProtobufCBinaryData){1, (uint8_t *)"\xff"};
  refused_saved(m, "no UTF-8");
  m->output[0]->words.data = (uint8_t *)"a"; /* of a picture without a thought */
  refused_saved(m, "not what its task has made");
  m->output[0]->has_words = false;
  m->output[0]->words = (ProtobufCBinaryData){0, NULL};
  motcl__v1__saved_job__free_unpacked(m, NULL);
  motcl_free(good.bytes);
}

/* Job 6 is a picture, another and a text: saved at the second. */
static void what_contradicts_its_task_is_refused(void **state) {
  (void)state;
  motcl_job job = job_of(6);
  came good, other = save_one(2, 3);
  motcl_job_task *t = submit(worker, &job, &split);
  while (!split.kinds[MOTCL_JOB_PICTURE])
    go(worker, t, 1);
  go(worker, t, 2);
  save(t, &good);
  motcl_job_close(t);
  Motcl__V1__SavedJob *m = open_saved(&good), *o = open_saved(&other);
  assert_int_equal(m->n_output, 2);
  Motcl__V1__SavedOutput *second = m->output[1];
  Motcl__V1__Picture *picture = m->output[0]->picture;
  assert_non_null(picture);
  m->n_output = 1;
  refused_saved(m, "not what its task has made");
  m->output[0]->picture = NULL; /* as if the first was at work */
  refused_saved(m, "not what its task has made");
  m->n_output = 2;
  refused_saved(m, "not what its task has made");
  m->output[0]->picture = picture;
  second->picture = picture;
  refused_saved(m, "not what its task has made");
  second->picture = NULL;
  picture->width++;
  refused_saved(m, "a picture that is none");
  picture->width--;
  size_t n = picture->file.len;
  picture->file.len = 9;
  refused_saved(m, "a picture that is none");
  picture->file.len = 0;
  refused_saved(m, "without a file");
  picture->file.len = n;
  ProtobufCBinaryData task = m->task;
  m->task = o->task;
  refused_saved(m, "not what its task has made");
  m->task = task;
  split.number = m->events;
  came again = pack_saved(m);
  assert_int_equal(resume(worker, &again, true, &split, &t, NULL), MOTCL_OK);
  motcl_job_close(t);
  free(again.bytes);
  motcl__v1__saved_job__free_unpacked(m, NULL);
  motcl__v1__saved_job__free_unpacked(o, NULL);
  motcl_free(good.bytes);
  motcl_free(other.bytes);
}

/* Words that no result holds: the job fails, and its result says so; the one beside it is done. */
static void what_no_message_holds_ends_its_job(void **state) {
  (void)state;
  enum { MANY = 8 << 20 };
  motcl_job job = job_of(0);
  came good = save_one(2, 3), want = undisturbed(worker, &job, &whole), bad;
  Motcl__V1__SavedJob *m = open_saved(&good);
  motcl_job_task *beside, *t;
  motcl_err err = {0};
  free(m->output[0]->words.data);
  m->output[0]->has_words = true;
  m->output[0]->words = (ProtobufCBinaryData){MANY, calloc(1, MANY)};
  bad = pack_saved(m);
  beside = submit(worker, &job, &whole);
  split.number = m->events;
  assert_int_equal(resume(worker, &bad, true, &split, &t, NULL), MOTCL_OK);
  assert_true(go(worker, t, MOST_STEPS));
  assert_true(go(worker, beside, MOST_STEPS));
  assert_int_equal(motcl_job_status(t, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "text is"));
  assert_int_equal(split.last, MOTCL_JOB_FAILED);
  motcl_result r = result_of(t);
  assert_int_equal(r.answers, 0);
  assert_string_equal(r.sentence, err.text);
  motcl_result_finish(&r);
  motcl_job_close(t);
  came got = finish(beside);
  same(&got, &want);
  motcl_free(want.bytes);
  motcl_free(good.bytes);
  free(bad.bytes);
  motcl__v1__saved_job__free_unpacked(m, NULL);
}

/* What it goes on with is in the message, so that nobody has to keep the job beside it. */
static void the_job_is_in_the_message(void **state) {
  (void)state;
  came saved = save_one(0, 3);
  Motcl__V1__SavedJob *m = open_saved(&saved);
  Motcl__V1__Checkpoint *c = motcl__v1__checkpoint__unpack(NULL, m->task.len, m->task.data);
  motcl_job job = {0};
  assert_non_null(c);
  assert_string_equal(m->id, "job-1");
  assert_int_equal(m->events, split.number);
  assert_int_equal(motcl_job_unpack(&job, c->job.data, c->job.len, NULL), MOTCL_OK);
  assert_int_equal(job.priority, 5);
  assert_false(job.unseeded);
  motcl_job_finish(&job);
  motcl__v1__checkpoint__free_unpacked(c, NULL);
  motcl__v1__saved_job__free_unpacked(m, NULL);
  motcl_free(saved.bytes);
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0 || motcl_open(&library, NULL, NULL) != MOTCL_OK ||
      saved_picture() != MOTCL_OK)
    return -1;
  worker = open_worker(false);
  return 0;
}

static int tear_down(void **state) {
  motcl_worker_close(worker);
  motcl_free(saved_png);
  motcl_close(library);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(at_every_step),
      cmocka_unit_test(without_a_seed),
      cmocka_unit_test(what_was_whole_is_not_lost),
      cmocka_unit_test(another_fingerprint),
      cmocka_unit_test(each_by_itself),
      cmocka_unit_test(a_job_that_cannot_begin),
      cmocka_unit_test(inside_a_listener),
      cmocka_unit_test(damaged_ones_are_refused),
      cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(what_contradicts_its_task_is_refused),
      cmocka_unit_test(what_no_message_holds_ends_its_job),
      cmocka_unit_test(the_job_is_in_the_message),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
