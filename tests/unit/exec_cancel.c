/* exec_cancel.c - how soon a cancel is heard, on a slow device that queues: its time and ours are
 * a clock that this test moves. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <time.h>

#include "base/trace.h"
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
static mcl_times last; /* of the call queued last */

/* Its clock is another one than ours, and a little fast. */
static uint64_t on_device(double seconds) {
  return (uint64_t)((seconds + 5000) * 1.0001e9);
}

static int slow_enqueue(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  mcl_cost cost = mcl_call_cost(call);
  double took = (cost.flops + cost.weight_bytes + cost.activation_bytes) / speed;
  busy = busy > now ? busy : now;
  last = (mcl_times){on_device(now), on_device(now), on_device(busy), on_device(busy + took)};
  busy += took;
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

static int slow_wait(mcl_device *dev, mcl_event *event, double seconds, bool *done,
                     motcl_err *err) {
  (void)event;
  now = busy > now + seconds ? now + seconds : busy > now ? busy : now;
  *done = now >= busy;
  return *done ? slow_finish(dev, err) : MOTCL_OK;
}

struct mcl_event {
  mcl_times times;
};

static int slow_begin(mcl_device *dev, const mcl_order *order, motcl_err *err) {
  uint64_t free = on_device(busy > now ? busy : now);
  (void)dev;
  (void)err;
  assert_true(order->wants);
  last = (mcl_times){free, free, free, free};
  return MOTCL_OK;
}

static int slow_end(mcl_device *dev, mcl_event **event, motcl_err *err) {
  (void)dev;
  (void)err;
  *event = mcl_zalloc(1, sizeof **event);
  assert_non_null(*event);
  (*event)->times = last;
  return MOTCL_OK;
}

static int slow_times(mcl_device *dev, mcl_event *event, mcl_times *out, motcl_err *err) {
  (void)dev;
  (void)err;
  *out = event->times;
  return MOTCL_OK;
}

static void slow_release(mcl_device *dev, mcl_event *event) {
  (void)dev;
  mcl_free(event);
}

enum { COLS = 64, MARKERS = 2, LATENTS = 1024, LAYERS = 4 };
enum { SIDE = 16, CHANNELS = 8, PIXELS = SIDE * SIDE };

#define FLOPS (2.0 * LATENTS * COLS * COLS * 3 * LAYERS)
#define PICTURE_FLOPS (2.0 * 9 * CHANNELS * CHANNELS * 5 * PIXELS)

/* What runs: layers that begin with an op of two rows, as the decoder's do; the same without layers;
 * or a picture through two convolutions, of which the second doubles it. */
typedef enum shape { IN_LAYERS, NO_LAYERS, PICTURE } shape;

/* dims: of the graph; rows, of b->out, which has cols */
typedef struct bench {
  toy_device t;
  toy_weight *w, *bias;
  mcl_graph *g;
  mcl_tid in, out;
  uint32_t dims[6], in_rows, rows, cols;
  mcl_plan *p;
  mcl_exec *x;
} bench;

static void add_linears(bench *b, bool layers) {
  static const uint32_t dims[] = {MARKERS, LATENTS};
  b->w = toy_weight_make("square", MCL_F32, COLS, COLS, 1, 0, 1);
  mcl_dim few = mcl_graph_dim(b->g, "markers"), many = mcl_graph_dim(b->g, "latents");
  mcl_tid m = mcl_graph_tensor(b->g, MCL_INPUT, MCL_F32, few, COLS, "markers");
  mcl_tid y = b->in = mcl_graph_tensor(b->g, MCL_INPUT, MCL_F32, many, COLS, "latents");
  for (int i = 0; i < LAYERS; i++) {
    mcl_graph_scope(b->g, MCL_SHARED, layers ? i : -1);
    m = mcl_graph_linear(b->g, m, &b->w->w, NULL, "of markers");
    for (int k = 0; k < 3; k++)
      y = mcl_graph_linear(b->g, y, &b->w->w, NULL, "of latents");
  }
  mcl_graph_want(b->g, m);
  memcpy(b->dims, dims, sizeof dims);
  b->out = y;
  b->in_rows = b->rows = LATENTS;
  b->cols = COLS;
}

static mcl_tid add_conv(bench *b, mcl_tid x, mcl_dim height, mcl_dim pixels) {
  mcl_tid y = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, pixels, CHANNELS, "convolved");
  mcl_graph_node(b->g, MCL_OP_CONV, y, &x, (const mcl_weight *[]){&b->w->w, &b->bias->w},
                 &(mcl_attr){.conv = {3, 1, 1, 1, height, (mcl_dim)(height + 1)}});
  return y;
}

static void add_picture(bench *b) {
  static const uint32_t dims[] = {SIDE, SIDE, PIXELS, 2 * SIDE, 2 * SIDE, 4 * PIXELS};
  b->w = toy_weight_make("window", MCL_F32, CHANNELS, 9 * CHANNELS, 3, 0, 1);
  b->bias = toy_weight_make("bias", MCL_F32, 1, CHANNELS, 1, 0, 2);
  mcl_dim d[6];
  for (int i = 0; i < 6; i++)
    d[i] = mcl_graph_dim(b->g, "side or pixels");
  b->in = mcl_graph_tensor(b->g, MCL_INPUT, MCL_F32, d[2], CHANNELS, "picture");
  mcl_tid x = add_conv(b, b->in, d[0], d[2]);
  mcl_tid twice = mcl_graph_tensor(b->g, MCL_TEMP, MCL_F32, d[5], CHANNELS, "doubled");
  mcl_graph_node(b->g, MCL_OP_UPSAMPLE, twice, &x, NULL,
                 &(mcl_attr){.conv = {.h = d[0], .w = d[1]}});
  memcpy(b->dims, dims, sizeof dims);
  b->out = add_conv(b, twice, d[3], d[5]);
  b->in_rows = PIXELS;
  b->rows = 4 * PIXELS;
  b->cols = CHANNELS;
}

static void bench_init(bench *b, shape what, double flops) {
  toy_init(&b->t, 64 * MIB, true, MCL_OP_COUNT);
  b->t.driver.finish = slow_finish;
  b->t.driver.wait = slow_wait;
  b->t.driver.begin = slow_begin;
  b->t.driver.end = slow_end;
  b->t.driver.times = slow_times;
  b->t.driver.release = slow_release;
  b->t.dev.info.units = 1;
  for (size_t i = 0; i < b->t.driver.variant_count; i++)
    b->t.variant[i].enqueue = slow_enqueue;
  speed = flops;
  now = 1000;
  busy = longest = 0;
  started = whole_rows = waits = 0;
  b->bias = NULL;
  b->g = mcl_graph_create("bench");
  if (what == PICTURE)
    add_picture(b);
  else
    add_linears(b, what == IN_LAYERS);
  mcl_graph_want(b->g, b->out);
  assert_int_equal(mcl_plan_make(&b->p, &b->t.dev, b->g, b->dims,
                                 &(mcl_plan_options){.chunk_rows = UINT32_MAX}, NULL),
                   MOTCL_OK);
  assert_int_equal(toy_exec_make(&b->x, &b->t.dev, b->p, NULL), MOTCL_OK);
}

static void bench_finish(bench *b) {
  toy_exec_free(b->x);
  mcl_plan_destroy(b->p);
  mcl_graph_destroy(b->g);
  toy_weight_free(b->w);
  if (b->bias)
    toy_weight_free(b->bias);
}

static int bench_run(bench *b, mcl_cancel_fn cancel, void *user, float *out) {
  static float x[LATENTS * COLS];
  toy_fill(x, (size_t)b->in_rows * b->cols, 3);
  assert_int_equal(mcl_exec_write(b->x, b->in, 0, b->in_rows, x, NULL), MOTCL_OK);
  int rc = mcl_exec_run(b->x, b->dims, cancel, user, NULL);
  if (rc == MOTCL_OK && out)
    assert_int_equal(mcl_exec_read(b->x, b->out, 0, b->rows, out, NULL), MOTCL_OK);
  return rc;
}

/* From a moment on; when that was known. */
static bool at_time(void *user) {
  return now >= *(double *)user;
}

/* A run of `layers` that takes `seconds`: cancelled at any time it ends soon after. */
static void ends_soon(shape what, double seconds) {
  bench b;
  double flops = what == PICTURE ? PICTURE_FLOPS : FLOPS;
  for (int tenth = 0; tenth < 10; tenth++) {
    bench_init(&b, what, flops / seconds);
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
  ends_soon(IN_LAYERS, 2); /* layers of half a second */
  ends_soon(IN_LAYERS, 60);
  ends_soon(IN_LAYERS, 300); /* calls of 25 seconds */
}

static void ops_without_layers_are_left_one_by_one(void **state) {
  (void)state;
  ends_soon(NO_LAYERS, 2);
  ends_soon(NO_LAYERS, 60);
}

/* Convolutions are cut too, though each row of theirs looks at others: those of the input. */
static void a_picture_is_left_in_the_midst_of_a_convolution(void **state) {
  (void)state;
  ends_soon(PICTURE, 10);
  ends_soon(PICTURE, 30);
}

/* Where nothing takes long, calls are whole and the queue is not drained for nothing. */
static void a_quick_pass_is_not_held_up(void **state) {
  (void)state;
  bench b;
  bench_init(&b, IN_LAYERS, 1e12);
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(started, 4 * LAYERS);
  waits = 0;
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(waits, 1);
  bench_finish(&b);
}

static void cut_to_the_same_bytes(shape what, int calls, double flops) {
  static float whole[LATENTS * COLS], cut[LATENTS * COLS];
  bench b;
  bench_init(&b, what, 1e12);
  assert_int_equal(bench_run(&b, NULL, NULL, whole), MOTCL_OK);
  const int rows = whole_rows;
  assert_int_equal(started, calls);
  bench_finish(&b);
  bench_init(&b, what, flops);
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK); /* learns the device's speed */
  started = whole_rows = 0;
  assert_int_equal(bench_run(&b, NULL, NULL, cut), MOTCL_OK);
  assert_true(started > 2 * calls);
  assert_int_equal(whole_rows, rows);
  assert_memory_equal(cut, whole, (size_t)b.rows * b.cols * sizeof *whole);
  bench_finish(&b);
}

static void cut_calls_give_the_same_bytes(void **state) {
  (void)state;
  cut_to_the_same_bytes(IN_LAYERS, 4 * LAYERS, 1e6);
  cut_to_the_same_bytes(PICTURE, 2, 1e5);
}

/* A variant whose rows look at each other is left whole. */
static void mixed_rows_are_not_cut(void **state) {
  (void)state;
  bench b;
  bench_init(&b, IN_LAYERS, 1e6);
  for (size_t i = 0; i < b.t.driver.variant_count; i++)
    b.t.variant[i].mixes = true;
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(started, 4 * LAYERS);
  bench_finish(&b);
}

/* Device times are placed on our clock, whatever the device's shows: the last command of a run that
 * was cancelled ends when the run does, and what ran after the cancel is less than a layer. */
static void the_trace_shows_what_ran_after_a_cancel(void **state) {
  (void)state;
  bench b;
  double end = 0, kernels = 0, when;
  const double opened = 1000;
  bench_init(&b, IN_LAYERS, FLOPS / 60);
  mcl_trace *trace = mcl_trace_create(1 << 20); /* at 1000 s */
  assert_int_equal(bench_run(&b, NULL, NULL, NULL), MOTCL_OK);
  b.t.dev.track = mcl_trace_track(trace, "slow");
  when = now + 30;
  b.t.dev.trace = trace;
  const int before = started;
  assert_int_equal(bench_run(&b, at_time, &when, NULL), MOTCL_ECANCELLED);
  b.t.dev.trace = NULL;
  size_t n, i;
  const char *text = mcl_trace_text(trace, &n);
  json_t *j = json_loadb(text, n, 0, NULL), *e;
  assert_non_null(j);
  json_array_foreach(json_object_get(j, "traceEvents"), i, e) {
    const char *cat = json_string_value(json_object_get(e, "cat"));
    if (!cat || strcmp(cat, "kernel") != 0)
      continue;
    double began = opened + 1e-6 * json_number_value(json_object_get(e, "ts"));
    double ended = began + 1e-6 * json_number_value(json_object_get(e, "dur"));
    assert_true(ended > began && ended - began < 1.2);
    end = ended > end ? ended : end;
    kernels++;
  }
  assert_true(kernels == started - before);
  assert_true(end > now - 0.001 && end < now + 0.001);
  assert_true(end - when < 1.2);
  json_decref(j);
  mcl_trace_destroy(trace);
  bench_finish(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slow_pass_is_left_within_a_layer),
      cmocka_unit_test(ops_without_layers_are_left_one_by_one),
      cmocka_unit_test(a_picture_is_left_in_the_midst_of_a_convolution),
      cmocka_unit_test(a_quick_pass_is_not_held_up),
      cmocka_unit_test(cut_calls_give_the_same_bytes),
      cmocka_unit_test(mixed_rows_are_not_cut),
      cmocka_unit_test(the_trace_shows_what_ran_after_a_cancel),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
