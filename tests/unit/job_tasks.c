/* job_tasks.c - tasks side by side on one worker: each is given the bytes it has alone, whoever comes,
 * goes, fails or is cancelled beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mini.h"
#include "toy.h"

/* A worker on which everything was done once, so that all weights are there. */
static mcl_worker *open_warm(void) {
  mcl_worker *w = mini_open(0, NULL);
  for (unsigned i = 0; i < MINI_KINDS; i++) {
    mcl_task *t = mini_task(w, i, 0);
    mini_steps(w);
    mini_is_done(t, 0, i);
    mcl_task_close(t);
  }
  counting_reset(&mini_device);
  return w;
}

/* Whatever happened, no weight went and came again, and all kinds are done as before. */
static void close_warm(mcl_worker *w) {
  mini_device.refuse = NULL;
  for (unsigned i = 0; i < MINI_KINDS; i++) {
    mcl_task *t = mini_task(w, i, 0);
    mini_steps(w);
    mini_is_done(t, 0, i);
    mcl_task_close(t);
  }
  assert_int_equal(mini_device.given.times, 0);
  mini_close(w);
}

/* ---- one that fails among others ---- */

static int no_array(void *user, const motcl_array *a, motcl_err *err) {
  int *left = user;
  (void)a;
  return --*left < 0 ? mcl_fail(err, MOTCL_EIO, "the disk is full") : MOTCL_OK;
}

static void a_sink_that_fails_ends_its_task(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  for (int n = 0; n < 12; n += 3) {
    int left = n;
    const motcl_request r = mini_request(2);
    const motcl_sink sink = {.user = &left, .array = no_array};
    mcl_task *t[3], *bad;
    motcl_err err = {0};
    t[0] = mini_task(w, 0, 0);
    assert_int_equal(mcl_task_submit(&bad, w, &r, &sink, NULL, NULL, &err), MOTCL_OK);
    t[1] = mini_task(w, 1, 1);
    t[2] = mini_task(w, 4, 2);
    mini_steps(w);
    assert_int_equal(mcl_task_status(bad, &err), MOTCL_EIO);
    assert_non_null(strstr(err.text, "the disk is full"));
    mini_is_done(t[0], 0, 0);
    mini_is_done(t[1], 1, 1);
    mini_is_done(t[2], 2, 4);
    mcl_task_close(bad);
    for (int i = 0; i < 3; i++)
      mcl_task_close(t[i]);
  }
  close_warm(w);
}

static void a_request_that_is_wrong_is_nobody_elses(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  mcl_task *t[2] = {mini_task(w, 0, 0), mini_task(w, 1, 1)}, *bad = NULL;
  const motcl_part wrong = {.kind = MOTCL_PART_TEXT, .data = "\xff", .size = 1};
  const motcl_part none = {.kind = MOTCL_PART_PICTURE, .data = "no picture", .size = 10};
  motcl_request r = mini_request(0);
  motcl_err err = {0};
  do {
    r = mini_request(0);
    r.part = &wrong;
    r.parts = 1;
    assert_int_equal(mcl_task_submit(&bad, w, &r, NULL, NULL, NULL, &err), MOTCL_EFORMAT);
    r.part = &none;
    assert_int_equal(mcl_task_submit(&bad, w, &r, NULL, NULL, NULL, &err), MOTCL_EFORMAT);
    r = mini_request(0);
    r.settings.timesteps = 1;
    assert_int_equal(mcl_task_submit(&bad, w, &r, NULL, NULL, NULL, &err), MOTCL_EINVAL);
    assert_null(bad);
  } while (mini_step(w));
  mini_is_done(t[0], 0, 0);
  mini_is_done(t[1], 1, 1);
  mcl_task_close(t[0]);
  mcl_task_close(t[1]);
  close_warm(w);
}

/* ---- a device that fails for one of them ---- */

/*
 * A device that cannot bear one task.
 *
 * token  of a text whose rows it refuses; negative: none
 * rows   of a picture whose step it refuses; late: when it is waited for, the step is then done
 * waits  such a step is to be waited for
 */
typedef struct spite {
  int32_t token;
  uint32_t rows;
  bool late, waits;
  int status;
  unsigned times;
} spite;

static const unsigned char *data_of(const mcl_operand *o) {
  return o->buf->data + mcl_type_bytes(o->type, o->offset);
}

static bool has_token(const mcl_call *c, int32_t token) {
  for (uint32_t i = 0; c->op == MCL_OP_EMBED && i < c->in[0].rows; i++) {
    int32_t id;
    memcpy(&id, data_of(&c->in[0]) + i * sizeof id, sizeof id);
    if (id == token)
      return true;
  }
  return false;
}

/* EULER's third input are the guide settings: [6] is the picture's rows. */
static bool has_picture(const mcl_call *c, uint32_t rows) {
  for (uint32_t i = 0; c->op == MCL_OP_EULER && i < c->in[2].rows; i++) {
    float set[8];
    memcpy(set, data_of(&c->in[2]) + i * sizeof set, sizeof set);
    if ((uint32_t)set[6] == rows)
      return true;
  }
  return false;
}

static int is_spiteful(void *user, counting_act act, size_t bytes, const mcl_call *call,
                       motcl_err *err) {
  spite *s = user;
  (void)bytes;
  bool now = act == COUNTING_FINISH && s->waits;
  if (now)
    s->waits = false;
  if (act == COUNTING_CALL && has_token(call, s->token))
    now = true;
  if (act == COUNTING_CALL && s->rows && has_picture(call, s->rows)) {
    s->waits = s->late;
    now = now || !s->late;
  }
  s->times += now;
  return now ? mcl_fail(err, s->status, "the device chokes") : MOTCL_OK;
}

/* The id of a character that no other text has. */
static int32_t token_of(const mcl_worker *w, const char *text) {
  uint32_t *ids = NULL;
  size_t n = 0;
  assert_int_equal(mcl_tok_encode(w->tok, text, strlen(text), &ids, &n, NULL), MOTCL_OK);
  assert_int_equal(n, 1);
  int32_t id = (int32_t)ids[0];
  mcl_free(ids);
  return id;
}

/* Three good ones and one that the device chokes on, which came first, last or between. */
static void chokes(mcl_worker *w, const motcl_request *r, spite *s) {
  static const unsigned kinds[] = {0, 1, 3};
  for (size_t place = 0; place < 4; place++) {
    mcl_task *good[3], *bad = NULL;
    s->times = 0;
    s->waits = false;
    memset(&mini_hears[3], 0, sizeof mini_hears[3]);
    for (size_t i = 0; i < 4; i++) {
      if (i == place)
        bad = mini_submit(w, r, &mini_hears[3], NULL, NULL);
      if (i < 3)
        good[i] = mini_task(w, kinds[i], i);
    }
    mini_device.refuse = is_spiteful;
    mini_device.user = s;
    mini_steps(w);
    mini_device.refuse = NULL;
    assert_int_equal(s->times, 2); /* in the pass of all, and in its own */
    mini_has_failed(bad, 3, s->status, "the device chokes");
    for (size_t i = 0; i < 3; i++) {
      mini_is_done(good[i], i, kinds[i]);
      mcl_task_close(good[i]);
    }
    mcl_task_close(bad);
  }
}

static void a_pass_that_fails_costs_one_task(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  motcl_request r = mini_request(1);
  const motcl_part odd = mini_text("~");
  spite s = {.token = token_of(w, "~"), .status = MOTCL_EDEVMEM};
  r.part = &odd;
  chokes(w, &r, &s);
  close_warm(w);
}

/* The step is refused, or done and then lost: the other pictures' latents are those before it. */
static void a_step_that_fails_costs_one_picture(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  motcl_request r = mini_request(0);
  spite s = {.token = -1, .rows = 6, .status = MOTCL_EDEVMEM};
  r.settings.width = 48;
  chokes(w, &r, &s);
  s.late = true;
  s.status = MOTCL_EBUILD;
  chokes(w, &r, &s);
  close_warm(w);
}

/* One failure somewhere, and none after it. */
typedef struct once {
  uint64_t at, seen;
  int status;
  bool on;
} once;

static int fails_once(void *user, counting_act act, size_t bytes, const mcl_call *call,
                      motcl_err *err) {
  once *o = user;
  (void)act;
  (void)bytes;
  (void)call;
  bool now = o->seen++ == o->at || (o->on && o->seen > o->at);
  return now ? mcl_fail(err, o->status, "for once") : MOTCL_OK;
}

/* Whatever the device is asked for fails once, at many places: those that do not end by it are given
 * what they have alone, and at most one ends. */
static void one_failure_costs_at_most_one_task(void **state) {
  (void)state;
  static const unsigned kinds[] = {0, 1, 2, 3};
  mcl_worker *w = open_warm();
  once o = {.at = UINT64_MAX, .status = MOTCL_EDEVMEM};
  size_t survived = 0, runs = 0;
  uint64_t all = 0;
  for (uint64_t at = UINT64_MAX; runs < 20; at = runs * all / 20 + runs % 7, runs++) {
    mcl_task *t[4];
    unsigned ended = 0;
    for (size_t i = 0; i < 4; i++)
      t[i] = mini_task(w, kinds[i], i);
    o.at = at;
    o.seen = 0;
    mini_device.refuse = fails_once;
    mini_device.user = &o;
    mini_steps(w);
    mini_device.refuse = NULL;
    all = all ? all : o.seen;
    for (size_t i = 0; i < 4; i++) {
      if (mcl_task_status(t[i], NULL) == MOTCL_OK)
        mini_is_done(t[i], i, kinds[i]);
      else
        mini_has_failed(t[i], i, MOTCL_EDEVMEM, "for once");
      ended += mcl_task_status(t[i], NULL) != MOTCL_OK;
      mcl_task_close(t[i]);
    }
    if (ended > 1)
      fail_msg("at %llu of %llu %u tasks ended", (unsigned long long)at, (unsigned long long)all,
               ended);
    survived += ended == 0;
  }
  assert_true(survived > runs / 4); /* a pass is tried again, a run of another graph is not */
  close_warm(w);
}

/* ---- a lost device ---- */

static void a_lost_device_ends_all(void **state) {
  (void)state;
  uint64_t all = 0;
  for (unsigned n = 0; n <= 8; n++) {
    mcl_worker *w = mini_open(0, NULL);
    once o = {.at = n ? (n - 1) * all / 8 : UINT64_MAX, .status = MOTCL_ELOST, .on = true};
    mcl_task *t[3] = {mini_task(w, 0, 0), mini_task(w, 1, 1), mini_task(w, 2, 2)};
    bool busy = true;
    int rc = MOTCL_OK;
    motcl_err err = {0};
    mini_device.refuse = fails_once;
    mini_device.user = &o;
    while (busy && rc == MOTCL_OK)
      rc = mcl_worker_step(w, &busy, &err);
    if (!n) {
      all = o.seen;
      assert_int_equal(rc, MOTCL_OK);
    } else {
      assert_int_equal(rc, MOTCL_ELOST);
      assert_non_null(strstr(err.text, "for once"));
      assert_false(busy);
    }
    for (size_t i = 0; n && i < 3; i++)
      if (mcl_task_status(t[i], NULL) == MOTCL_OK)
        mini_is_done(t[i], i, (unsigned)i);
      else
        mini_has_failed(t[i], i, MOTCL_ELOST, "for once");
    if (n) { /* whoever comes now is told too */
      mcl_task *late = mini_task(w, 0, 3);
      while ((rc = mcl_worker_step(w, &busy, &err)) == MOTCL_OK)
        assert_true(busy);
      assert_int_equal(rc, MOTCL_ELOST);
      mini_has_failed(late, 3, MOTCL_ELOST, "for once");
      mcl_task_close(late);
    }
    for (int i = 0; i < 3; i++)
      mcl_task_close(t[i]);
    mini_close(w);
    mini_device.refuse = NULL;
  }
}

/* What was saved before goes on on another device, to the same bytes. */
static void what_was_saved_outlives_the_device(void **state) {
  (void)state;
  mcl_worker *w = mini_open(0, NULL);
  once o = {.status = MOTCL_ELOST, .on = true};
  mcl_task *t = mini_task(w, 0, 0);
  const motcl_sink sink = mini_sink(&mini_hears[1]);
  uint8_t *bytes = NULL;
  size_t n = 0;
  bool busy;
  motcl_err err = {0};
  while (mini_hears[0].steps < 2)
    assert_true(mini_step(w));
  assert_int_equal(mcl_task_save(t, &bytes, &n, &err), MOTCL_OK);
  mini_device.refuse = fails_once;
  mini_device.user = &o;
  assert_int_equal(mcl_worker_step(w, &busy, &err), MOTCL_ELOST);
  mini_has_failed(t, 0, MOTCL_ELOST, "for once");
  mcl_task_close(t);
  mini_close(w);
  mini_device.refuse = NULL;
  w = mini_open(0, NULL);
  memset(&mini_hears[1], 0, sizeof mini_hears[1]);
  assert_int_equal(mcl_task_resume(&t, w, bytes, n, &sink, NULL, NULL, &err), MOTCL_OK);
  mini_steps(w);
  mini_is_done(t, 1, 0);
  mcl_task_close(t);
  mcl_free(bytes);
  mini_close(w);
}

/* ---- coming and going ---- */

/* Tasks join and leave between any two steps, some cancelled, some just closed. */
static void comers_and_goers(uint64_t seed, mcl_worker *w) {
  mcl_task *t[MINI_MANY] = {NULL};
  unsigned kind[MINI_MANY] = {0}, left = 12, done = 0;
  bool busy = true;
  while (left || busy) {
    for (size_t i = 0; i < MINI_MANY; i++) {
      uint32_t chance = toy_next(&seed) % 100;
      if (!t[i] && left && chance < 20) {
        kind[i] = toy_next(&seed) % MINI_KINDS;
        t[i] = mini_task(w, kind[i], i);
        left--;
      } else if (t[i] && mcl_task_status(t[i], NULL) != 1) {
        mini_is_done(t[i], i, kind[i]);
        done++;
      } else if (!t[i] || chance >= 1) {
        continue;
      } else {
        assert_int_equal(mini_hears[i].ends, 0);
      }
      if (t[i] && (mcl_task_status(t[i], NULL) != 1 || chance < 1)) {
        mini_heard was = mini_hears[i];
        mcl_task_close(t[i]);
        assert_memory_equal(&was, &mini_hears[i], sizeof was); /* it hears nothing more */
        t[i] = NULL;
      }
    }
    busy = mini_step(w);
  }
  for (size_t i = 0; i < MINI_MANY; i++)
    if (t[i]) {
      mini_is_done(t[i], i, kind[i]);
      mcl_task_close(t[i]);
      done++;
    }
  assert_true(done >= 6);
}

static void tasks_join_and_leave_at_any_time(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  for (uint64_t seed = 1; seed <= 4; seed++)
    comers_and_goers(seed, w);
  close_warm(w);
}

/* ---- cancel ---- */

static bool is_set(void *user) {
  return *(const bool *)user;
}

static void set(void *user) {
  *(bool *)user = true;
}

static void cancelled_ones_end_and_others_go_on(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  const motcl_request r = mini_request(0);
  for (int after = 0; after < 9; after++) {
    bool stop = false;
    mcl_task *t = mini_task(w, 3, 0);
    memset(&mini_hears[1], 0, sizeof mini_hears[1]);
    mcl_task *c = mini_submit(w, &r, &mini_hears[1], is_set, &stop);
    for (int i = 0; i < after && mcl_task_status(c, NULL) == 1; i++)
      mini_step(w);
    bool was_done = mcl_task_status(c, NULL) != 1;
    stop = true;
    mini_step(w);
    if (!was_done)
      mini_has_failed(c, 1, MOTCL_ECANCELLED, "cancelled");
    mini_steps(w);
    mini_is_done(t, 0, 3);
    mcl_task_close(t);
    mcl_task_close(c);
  }
  close_warm(w);
}

/* From its own sink and from another's, at the first event. */
static void sinks_may_cancel(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  const motcl_request r = mini_request(0);
  for (int other = 0; other < 2; other++) {
    bool stop = false;
    memset(mini_hears, 0, sizeof mini_hears);
    mini_hears[other].on_event = set;
    mini_hears[other].user = &stop;
    mcl_task *c = mini_submit(w, &r, &mini_hears[0], is_set, &stop);
    mcl_task *t = mini_submit(w, &r, &mini_hears[1], NULL, NULL);
    mini_steps(w);
    mini_has_failed(c, 0, MOTCL_ECANCELLED, "cancelled");
    mini_is_done(t, 1, 0);
    mcl_task_close(c);
    mcl_task_close(t);
  }
  close_warm(w);
}

/* ---- inside a sink ---- */

typedef struct inside {
  mcl_worker *worker;
  mcl_task *task, *other;
  unsigned times;
} inside;

static void misbehave(void *user) {
  inside *in = user;
  const motcl_request r = mini_request(1);
  mcl_task *t = NULL;
  motcl_err err = {0};
  bool busy;
  uint8_t *bytes;
  size_t n;
  in->times++;
  assert_true(mcl_worker_in_sink(in->worker));
  assert_int_equal(mcl_task_submit(&t, in->worker, &r, NULL, NULL, NULL, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "sink"));
  assert_int_equal(mcl_worker_step(in->worker, &busy, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_task_save(in->task, &bytes, &n, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_worker_run(in->worker, &r, NULL, 1, NULL, NULL, &err), MOTCL_EINVAL);
  mcl_task_close(in->task); /* neither itself nor another */
  mcl_task_close(in->other);
  assert_int_equal(mcl_task_status(in->task, NULL), 1);
}

static void a_sink_may_not_submit_step_or_close(void **state) {
  (void)state;
  mcl_worker *w = open_warm();
  const motcl_request r = mini_request(3);
  inside in = {.worker = w};
  memset(mini_hears, 0, sizeof mini_hears);
  mini_hears[1].on_event = misbehave;
  mini_hears[1].user = &in;
  in.other = mini_submit(w, &r, &mini_hears[0], NULL, NULL);
  in.task = mini_submit(w, &r, &mini_hears[1], NULL, NULL);
  mini_steps(w);
  assert_true(in.times > 5);
  assert_false(mcl_worker_in_sink(w));
  mini_is_done(in.other, 0, 3);
  mini_is_done(in.task, 1, 3);
  mcl_task_close(in.task);
  mcl_task_close(in.other);
  close_warm(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(a_sink_that_fails_ends_its_task, mini_fresh),
      cmocka_unit_test_setup(a_request_that_is_wrong_is_nobody_elses, mini_fresh),
      cmocka_unit_test_setup(a_pass_that_fails_costs_one_task, mini_fresh),
      cmocka_unit_test_setup(a_step_that_fails_costs_one_picture, mini_fresh),
      cmocka_unit_test_setup(one_failure_costs_at_most_one_task, mini_fresh),
      cmocka_unit_test_setup(a_lost_device_ends_all, mini_fresh),
      cmocka_unit_test_setup(what_was_saved_outlives_the_device, mini_fresh),
      cmocka_unit_test_setup(tasks_join_and_leave_at_any_time, mini_fresh),
      cmocka_unit_test_setup(cancelled_ones_end_and_others_go_on, mini_fresh),
      cmocka_unit_test_setup(sinks_may_cancel, mini_fresh),
      cmocka_unit_test_setup(a_sink_may_not_submit_step_or_close, mini_fresh),
  };
  return cmocka_run_group_tests(tests, mini_tasks_set_up, mini_tear_down);
}
