/* job_budgets.c - tasks and memory: the number that is needed is enough, no budget is exceeded, who
 * does not fit now waits for a turn that comes, and rows go by priority. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mini.h"

static bool is_set(void *user) {
  return *(const bool *)user;
}

/* By the number that was needed and not a byte less; the budget is never exceeded. */
static void the_number_needed_is_enough(void **state) {
  (void)state;
  for (unsigned kind = 0; kind < MINI_KINDS; kind++) {
    const motcl_request r = mini_request(kind);
    const uint64_t need = mini_memory(&r, 1);
    mcl_task *t = NULL;
    motcl_err err = {0};
    mcl_worker *w = mini_open(need - 1, NULL);
    assert_int_equal(mcl_task_submit(&t, w, &r, NULL, NULL, NULL, &err), MOTCL_EFIT);
    assert_non_null(strstr(err.text, "counting"));
    mini_close(w);
    counting_reset(&mini_device);
    w = mini_open(need, NULL);
    for (int again = 0; again < 2; again++) {
      t = mini_task(w, kind, 0);
      mini_steps(w);
      mini_is_done(t, 0, kind);
      mcl_task_close(t);
    }
    assert_true(mini_device.peak <= need);
    mini_close(w);
  }
}

/* Any budget that each of them fits in has all of them done, in turn or together. */
static void any_budget_does(void **state) {
  (void)state;
  motcl_request r[MINI_KINDS];
  uint64_t least = 0, most;
  for (unsigned i = 0; i < MINI_KINDS; i++) {
    r[i] = mini_request(i);
    most = mini_memory(&r[i], 1);
    least = most > least ? most : least;
  }
  most = mini_memory(r, MINI_KINDS);
  assert_true(most > least);
  for (unsigned n = 0; n <= 6; n++) {
    const uint64_t budget = least + (most - least) * n / 5;
    mcl_worker *w = mini_open(budget, NULL);
    mcl_task *t[MINI_KINDS];
    counting_reset(&mini_device);
    for (unsigned i = 0; i < MINI_KINDS; i++)
      t[i] = mini_task(w, i, i);
    mini_steps(w);
    for (unsigned i = 0; i < MINI_KINDS; i++) {
      mini_is_done(t[i], i, i);
      mcl_task_close(t[i]);
    }
    assert_true(mini_device.peak <= budget);
    mini_close(w);
  }
}

/* What one had that has ended is no reason to refuse the next, closed or not. */
static void one_after_another_by_just_enough(void **state) {
  (void)state;
  uint64_t need[3];
  for (unsigned i = 0; i < 3; i++) {
    const motcl_request r = mini_request(i);
    need[i] = mini_memory(&r, 1);
  }
  for (unsigned first = 0; first < 3; first++)
    for (unsigned second = 0; second < 3; second++)
      for (int closed = 0; closed < 3; closed++) {
        const uint64_t budget = need[first] > need[second] ? need[first] : need[second];
        mcl_worker *w = mini_open(budget, NULL);
        mcl_task *a = mini_task(w, first, 0), *b = NULL;
        if (closed == 2) /* it waits from the beginning */
          b = mini_task(w, second, 1);
        while (mcl_task_status(a, NULL) == 1)
          mini_step(w);
        mini_is_done(a, 0, first);
        if (closed == 1)
          mcl_task_close(a);
        if (!b)
          b = mini_task(w, second, 1);
        mini_steps(w);
        mini_is_done(b, 1, second);
        mcl_task_close(b);
        if (closed != 1)
          mcl_task_close(a);
        mini_close(w);
      }
}

/* Among those that wait, the highest priority goes first; each has its turn by itself here. */
static void who_waits_goes_by_priority(void **state) {
  (void)state;
  motcl_request r = mini_request(0);
  const int32_t priority[] = {0, -3, 5, 5, 2};
  static const size_t order[] = {2, 3, 4, 0, 1};
  mcl_worker *w = mini_open(mini_memory(&r, 1), NULL);
  mcl_task *t[5];
  size_t at = 0;
  memset(mini_hears, 0, sizeof mini_hears);
  for (int i = 0; i < 5; i++) {
    r.priority = priority[i];
    t[i] = mini_submit(w, &r, &mini_hears[i], NULL, NULL);
  }
  for (bool busy = true; busy;) {
    busy = mini_step(w);
    for (size_t k = at + 1; k < 5; k++) { /* the others have not even begun */
      assert_int_equal(mcl_task_status(t[order[k]], NULL), 1);
      assert_int_equal(mini_hears[order[k]].steps, 0);
    }
    if (mcl_task_status(t[order[at]], NULL) != 1)
      mini_is_done(t[order[at]], order[at], 0), at++;
  }
  assert_int_equal(at, 5);
  for (int i = 0; i < 5; i++)
    mcl_task_close(t[i]);
  mini_close(w);
}

/* One that waits can be cancelled, and those behind it can then go. */
/* Two workers on a device that has room for one at a time: the second task waits for the first,
 * whoever of them is stepped, and is what it is alone. A run cannot wait for what others have to
 * do, and says so. */
static void who_waits_for_another_worker_gets_its_turn(void **state) {
  (void)state;
  const motcl_request r = mini_request(0);
  const uint64_t need = mini_memory(&r, 1);
  for (int first = 0; first < 2; first++) {
    mcl_worker *w[2];
    mcl_task *t[2];
    bool busy = true;
    motcl_err err = {0};
    counting_reset(&mini_device);
    w[0] = mini_open(need, NULL);
    w[1] = mini_open(0, w[0]);
    t[first] = mini_task(w[first], 0, (unsigned)first);
    assert_int_equal(mcl_worker_step(w[first], &busy, &err), MOTCL_OK);
    mcl_worker *other = w[!first];
    t[!first] = mini_task(other, 0, (unsigned)!first);
    for (int i = 0; i < 3; i++) {
      assert_int_equal(mcl_worker_step(other, &busy, &err), MOTCL_OK);
      assert_true(busy);
      assert_int_equal(mcl_task_status(t[!first], &err), 1);
    }
    assert_int_equal(mcl_worker_run(other, &r, NULL, 1, NULL, NULL, &err), MOTCL_EFIT);
    assert_int_equal(mcl_task_status(t[!first], &err), 1);
    mini_steps(w[first]);
    mini_is_done(t[first], (unsigned)first, 0);
    mini_steps(other);
    mini_is_done(t[!first], (unsigned)!first, 0);
    for (int i = 0; i < 2; i++)
      mcl_task_close(t[i]);
    assert_true(mini_device.peak <= need);
    mcl_worker_close(w[1]);
    mini_close(w[0]);
  }
}

static void who_waits_can_be_cancelled(void **state) {
  (void)state;
  const motcl_request r = mini_request(0);
  bool stop = false;
  mcl_worker *w = mini_open(mini_memory(&r, 1), NULL);
  memset(mini_hears, 0, sizeof mini_hears);
  mcl_task *a = mini_submit(w, &r, &mini_hears[0], NULL, NULL);
  mcl_task *b = mini_submit(w, &r, &mini_hears[1], is_set, &stop);
  mcl_task *c = mini_submit(w, &r, &mini_hears[2], NULL, NULL);
  mini_step(w);
  mini_step(w);
  assert_int_equal(mcl_task_status(b, NULL), 1);
  stop = true;
  mini_step(w);
  mini_has_failed(b, 1, MOTCL_ECANCELLED, "cancelled");
  assert_int_equal(mini_hears[1].steps, 0);
  mini_steps(w);
  mini_is_done(a, 0, 0);
  mini_is_done(c, 2, 0);
  mcl_task_close(c);
  mcl_task_close(b);
  mcl_task_close(a);
  mini_close(w);
}

/* Tasks that are in now, not waiting. */
static unsigned are_in(const mcl_worker *w) {
  unsigned n = 0;
  for (const mcl_run *r = w->scheduler.first; r; r = r->next)
    n += r->state == MCL_RUN_IN;
  return n;
}

/* Where memory takes two and a pass does not, rows go to the higher priority, and to equals in turn.
 * Both happen at some of these budgets. */
static void rows_go_by_priority_and_in_turn(void **state) {
  (void)state;
  motcl_request r[2];
  unsigned in_turn = 0, yielded = 0;
  static mini_heard good;
  for (int i = 0; i < 2; i++) {
    r[i] = mini_request(0);
    r[i].settings.timesteps = 5;
    r[i].settings.width = r[i].settings.height = 64;
  }
  memset(&good, 0, sizeof good);
  mini_alone(&r[0], &good);
  const uint64_t least = mini_memory(r, 1), most = mini_memory(r, 2);
  for (unsigned n = 0; n <= 6; n++)
    for (int32_t higher = 0; higher < 2; higher++) {
      mcl_worker *w = mini_open(least + (most - least) * n / 6, NULL);
      mcl_task *t[2];
      r[1].priority = higher;
      memset(mini_hears, 0, sizeof mini_hears);
      for (int i = 0; i < 2; i++)
        t[i] = mini_submit(w, &r[i], &mini_hears[i], NULL, NULL);
      for (bool busy = true; busy;) {
        const unsigned was[] = {mini_hears[0].steps, mini_hears[1].steps};
        busy = mini_step(w);
        const unsigned one = mini_hears[0].steps - was[0], other = mini_hears[1].steps - was[1];
        if (are_in(w) < 2)
          continue;
        if (higher) {
          assert_true(mini_hears[0].steps <= mini_hears[1].steps);
          yielded += !one && other;
        } else {
          assert_in_range(mini_hears[0].steps + 1 - mini_hears[1].steps, 0, 2);
          in_turn += !one != !other;
        }
      }
      for (int i = 0; i < 2; i++) {
        assert_int_equal(mcl_task_status(t[i], NULL), MOTCL_OK);
        assert_true(mini_same(&mini_hears[i], &good));
        mcl_task_close(t[i]);
      }
      mini_close(w);
    }
  assert_true(in_turn > 0 && yielded > 0);
}

/* A device that has less than it says, how often it refused, and what keys took. */
static uint64_t limit, keys;
static unsigned refused;

static int is_small(void *user, counting_act act, size_t bytes, const mcl_call *call,
                    motcl_err *err) {
  (void)user;
  (void)call;
  if (act != COUNTING_CREATE || mini_device.live + bytes <= limit)
    return MOTCL_OK;
  refused++;
  return mcl_fail(err, MOTCL_EDEVMEM, "the device is full");
}

/* n of the same on a device of `limit` bytes; how many of them are done. */
static unsigned done_by_limit(const motcl_request *r, size_t n, const mini_heard *good) {
  mcl_worker *w = mini_open(0, NULL);
  mcl_task *t[3];
  unsigned done = 0;
  memset(mini_hears, 0, sizeof mini_hears);
  mini_device.refuse = is_small;
  for (size_t i = 0; i < n; i++)
    t[i] = mini_submit(w, r, &mini_hears[i], NULL, NULL);
  refused = 0;
  mini_steps(w);
  keys = mcl_kv_cache_bytes(&w->engine.kv, w->engine.kv.pool.capacity);
  for (size_t i = 0; i < n; i++) {
    if (mcl_task_status(t[i], NULL) == MOTCL_OK)
      assert_true(mini_same(&mini_hears[i], good));
    else
      mini_has_failed(t[i], i, MOTCL_EDEVMEM, "full");
    done += mcl_task_status(t[i], NULL) == MOTCL_OK;
    mcl_task_close(t[i]);
  }
  mini_device.refuse = NULL;
  mini_close(w);
  return done;
}

/* Passes of three do not fit on what just has room for a pass of one beside what all three keep. */
static void passes_that_find_no_memory_are_tried_alone(void **state) {
  (void)state;
  motcl_request r = mini_request(1);
  static mini_heard good;
  char words[600];
  const motcl_part text = {.kind = MOTCL_PART_TEXT, .data = words, .size = sizeof words};
  uint64_t low = 0, high = mini_device.entry.info.memory;
  memset(words, 'x', sizeof words);
  r.part = &text;
  memset(&good, 0, sizeof good);
  mini_alone(&r, &good);
  while (high - low > 1024) {
    limit = low + (high - low) / 2;
    if (done_by_limit(&r, 1, &good) == 1)
      high = limit;
    else
      low = limit;
  }
  limit = high;
  assert_int_equal(done_by_limit(&r, 1, &good), 1);
  limit = high + 3 * keys; /* of two more, and the copy while they grow */
  assert_int_equal(done_by_limit(&r, 3, &good), 3);
  assert_true(refused > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(the_number_needed_is_enough, mini_fresh),
      cmocka_unit_test_setup(any_budget_does, mini_fresh),
      cmocka_unit_test_setup(one_after_another_by_just_enough, mini_fresh),
      cmocka_unit_test_setup(who_waits_goes_by_priority, mini_fresh),
      cmocka_unit_test_setup(who_waits_for_another_worker_gets_its_turn, mini_fresh),
      cmocka_unit_test_setup(who_waits_can_be_cancelled, mini_fresh),
      cmocka_unit_test_setup(rows_go_by_priority_and_in_turn, mini_fresh),
      cmocka_unit_test_setup(passes_that_find_no_memory_are_tried_alone, mini_fresh),
  };
  return cmocka_run_group_tests(tests, mini_tasks_set_up, mini_tear_down);
}
