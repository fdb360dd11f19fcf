/* exec_cancel.c - how soon a cancel is heard, on a slow device that queues: its time and ours are
 * a clock that this test moves. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <time.h>

#include "exec/exec.h"
#include "plan/cost.h"
#include "tests/unit/toy_exec.h"

#define MIB ((uint64_t)1 << 20)

static double now;

/* In place of the system's. */
int clock_gettime(clockid_t id, struct timespec *t) {
  (void)id;
  *t = (struct timespec){(time_t)now, (long)((now - (double)(time_t)now) * 1e9)};
  return 0;
}

/* The device: FLOPs and bytes a second; when it has done all it was given; what it was given. */
static double speed, busy, longest;
static int started, whole_rows, waits;

static int slow_enqueue(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  mcl_cost cost = mcl_call_cost(call);
  double took = (cost.flops + cost.weight_bytes + cost.activation_bytes) / speed;
  busy = (busy > now ? busy : now) + took;
  longest = took > longest ? took : longest;
  started++;
  whole_rows += (int)call->out.rows;
  return toy_enqueue(dev, call, err);
}

static int slow_finish(mcl_device *dev, motcl_err *err) {
  (void)dev;
  (void)err;
  now = busy > now ? busy : now;
  waits++;
  return MOTCL_OK;
}

enum { COLS = 64, MARKERS = 2, LATENTS = 1024, LAYERS = 4 };

typedef struct bench {
  toy_device t;
  toy_weight *w;
  mcl_graph *g;
  mcl_tid in, out;
  mcl_plan *p;
  mcl_exec *x;
} bench;

/* Layers that begin with an op of two rows, as the decoder's do; or no layers. */
static void bench_init(bench *b, bool layers, double flops) {
  toy_init(&b->t, 64 * MIB, true, MCL_OP_COUNT);
  b->t.driver.finish = slow_finish;
  b->t.dev.info.units = 1;
  for (size_t i = 0; i < b->t.driver.variant_count; i++)
    b->t.variant[i].enqueue = slow_enqueue;
  speed = flops;
  now = 1000;
  busy = longest = 0;
  started = whole_rows = waits = 0;
  b->w = toy_weight_make("square", MCL_F32, COLS, COLS, 1, 0, 1);
  b->g = mcl_graph_create("bench");
  mcl_dim few = mcl_graph_dim(b->g, "markers"), many = mcl_graph_dim(b->g, "latents");
  mcl_tid m = mcl_graph_tensor(b->g, MCL_INPUT, MCL_F32, few, COLS, "markers");
  mcl_tid y = b->in = mcl_graph_tensor(b->g, MCL_INPUT, MCL_F32, many, COLS, "latents");
  for (int i = 0; i < LAYERS; i++) {
    mcl_graph_scope(b->g, MCL_SHARED, layers ? i : -1);
    m = mcl_graph_linear(b->g, m, &b->w->w, NULL, "of markers");
    for (int k = 0; k < 3; k++)
      y = mcl_graph_linear(b->g, y, &b->w->w, NULL, "of latents");
  }
  b->out = y;
  mcl_graph_want(b->g, y);
  mcl_graph_want(b->g, m);
  assert_int_equal(mcl_plan_make(&b->p, &b->t.dev, b->g, (uint32_t[]){MARKERS, LATENTS},
                                 &(mcl_plan_options){.chunk_rows = UINT32_MAX}, NULL),
                   MOTCL_OK);
  assert_int_equal(toy_exec_make(&b->x, &b->t.dev, b->p, NULL), MOTCL_OK);
}

static void bench_finish(bench *b) {
  toy_exec_free(b->x);
  mcl_plan_destroy(b->p);
  mcl_graph_destroy(b->g);
  toy_weight_free(b->w);
}

static int bench_run(bench *b, mcl_cancel_fn cancel, void *user, float *out) {
  static const uint32_t dims[] = {MARKERS, LATENTS};
  static float x[LATENTS * COLS];
  toy_fill(x, LATENTS * COLS, 3);
  assert_int_equal(mcl_exec_write(b->x, b->in, 0, LATENTS, x, NULL), MOTCL_OK);
  int rc = mcl_exec_run(b->x, dims, cancel, user, NULL);
  if (rc == MOTCL_OK && out)
    assert_int_equal(mcl_exec_read(b->x, b->out, 0, LATENTS, out, NULL), MOTCL_OK);
  return rc;
}

/* From a moment on; when that was known. */
static bool at_time(void *user) {
  return now >= *(double *)user;
}

/* A run of `layers` that takes `seconds`: cancelled at any time it ends soon after. */
static void ends_soon(bool layers, double seconds) {
  bench b;
  double flops = 2.0 * LATENTS * COLS * COLS * 3 * LAYERS;
  for (int tenth = 0; tenth < 10; tenth++) {
    bench_init(&b, layers, flops / seconds);
    assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK); /* learns the device's speed */
    const double took = now - 1000, one = took / LAYERS;
    assert_true(took > seconds);
    double when = now + took * tenth / 10;
    longest = 0;
    assert_int_equal(bench_run(&b, at_time, &when, NULL), MOTCL_ECANCELLED);
    /* what ran, and half a second that was queued behind it, or a layer */
    assert_true(now - when <= (one < 1.2 ? one : 1.2));
    assert_true(longest <= 1.2);
    bench_finish(&b);
  }
}

static void a_slow_pass_is_left_within_a_layer(void **state) {
  (void)state;
  ends_soon(true, 2); /* layers of half a second */
  ends_soon(true, 60);
  ends_soon(true, 300); /* calls of 25 seconds */
}

static void ops_without_layers_are_left_one_by_one(void **state) {
  (void)state;
  ends_soon(false, 2);
  ends_soon(false, 60);
}

/* Where nothing takes long, calls are whole and the queue is not drained for nothing. */
static void a_quick_pass_is_not_held_up(void **state) {
  (void)state;
  bench b;
  bench_init(&b, true, 1e12);
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(started, 4 * LAYERS);
  waits = 0;
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(waits, 1);
  bench_finish(&b);
}

static void cut_calls_give_the_same_bytes(void **state) {
  (void)state;
  static float whole[LATENTS * COLS], cut[LATENTS * COLS];
  bench b;
  bench_init(&b, true, 1e12);
  assert_int_equal(bench_run(&b, NULL, NULL, whole), MOTCL_OK);
  const int rows = whole_rows;
  bench_finish(&b);
  bench_init(&b, true, 1e6);
  assert_int_equal(bench_run(&b, NULL, NULL, cut), MOTCL_OK);
  assert_true(started > 8 * LAYERS);
  assert_int_equal(whole_rows, rows);
  assert_memory_equal(cut, whole, sizeof whole);
  bench_finish(&b);
}

/* A variant whose rows look at each other is left whole. */
static void mixed_rows_are_not_cut(void **state) {
  (void)state;
  bench b;
  bench_init(&b, true, 1e6);
  for (size_t i = 0; i < b.t.driver.variant_count; i++)
    b.t.variant[i].mixes = true;
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(started, 4 * LAYERS);
  bench_finish(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slow_pass_is_left_within_a_layer),
      cmocka_unit_test(ops_without_layers_are_left_one_by_one),
      cmocka_unit_test(a_quick_pass_is_not_held_up),
      cmocka_unit_test(cut_calls_give_the_same_bytes),
      cmocka_unit_test(mixed_rows_are_not_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
