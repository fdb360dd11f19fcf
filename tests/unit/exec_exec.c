/* exec_exec.c - tests of host/exec: what a plan computes does not depend on where its tensors and
 * weights lie, how rows are cut or what is fused; state, cancel and failures. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/trace.h"
#include "tests/unit/toy_exec.h"
#include "tests/unit/toy_graph.h"

#define MIB ((uint64_t)1 << 20)
#define MOST_ROWS 64

typedef float block[2][MOST_ROWS * TOY_COLS];

/* Run a toy graph once for a and b rows and read its results. */
static void run_toy(mcl_exec *x, const toy_graph *g, uint32_t a, uint32_t b, block out) {
  uint32_t dims[TOY_DIMS], rows[] = {a, b};
  block in;
  toy_graph_bind(dims, a, b);
  for (int i = 0; i < 2; i++) {
    toy_fill(in[i], (size_t)rows[i] * TOY_COLS, (uint64_t)i + 7);
    assert_int_equal(mcl_exec_write(x, g->in[i], 0, rows[i], in[i], NULL), MOTCL_OK);
  }
  assert_int_equal(mcl_exec_run(x, dims, NULL, NULL, NULL), MOTCL_OK);
  for (int i = 0; i < 2; i++)
    assert_int_equal(mcl_exec_read(x, g->out[i], 0, rows[i], out[i], NULL), MOTCL_OK);
}

/* Plan for the largest batch, run for a and b rows. */
static void compute(toy_device *t, const toy_graph *g, const mcl_plan_options *o, uint32_t a,
                    uint32_t b, block out) {
  uint32_t most[TOY_DIMS];
  mcl_plan *p;
  mcl_exec *x;
  toy_graph_bind(most, MOST_ROWS, MOST_ROWS);
  assert_int_equal(mcl_plan_make(&p, &t->dev, g->g, most, o, NULL), MOTCL_OK);
  assert_int_equal(toy_exec_make(&x, &t->dev, p, NULL), MOTCL_OK);
  assert_ptr_equal(mcl_exec_plan(x), p);
  run_toy(x, g, a, b, out);
  toy_exec_free(x);
  mcl_plan_destroy(p);
  assert_int_equal(t->buffers, 0);
}

static void random_graphs_give_the_same_bytes_anyhow(void **state) {
  (void)state;
  uint64_t seed = 5;
  for (uint64_t round = 0; round < 25; round++) {
    uint32_t a = toy_next(&seed) % MOST_ROWS, b = 1 + toy_next(&seed) % MOST_ROWS;
    block want, got;
    toy_device t;
    toy_graph g;
    toy_init(&t, 4 * MIB, true, MCL_OP_COUNT);
    toy_graph_init(&g, round, 5 + (int)round, true); /* no memory is shared, nothing is fused */
    compute(&t, &g, &(mcl_plan_options){.unfused = true, .chunk_rows = UINT32_MAX}, a, b, want);
    toy_graph_finish(&g);
    toy_graph_init(&g, round, 5 + (int)round, false);
    for (uint32_t k = 0; k < 4; k++) {
      toy_init(&t, 4 * MIB, k % 2, MCL_OP_COUNT);
      t.dev.info.max_buffer = MIB >> (k * 2); /* down to 16 KiB */
      mcl_plan_options o = {.chunk_rows = k * 5, .unfused = k == 3};
      compute(&t, &g, &o, a, b, got);
      assert_memory_equal(got[0], want[0], a * TOY_COLS * sizeof(float));
      assert_memory_equal(got[1], want[1], b * TOY_COLS * sizeof(float));
    }
    toy_graph_finish(&g);
  }
}

/* One exec serves batches of any size, in any order, and repeats itself. */
static void lists_are_made_anew_when_sizes_change(void **state) {
  (void)state;
  static const uint32_t sizes[][2] = {{9, 4}, {64, 64}, {9, 4}, {9, 4}, {0, 1}, {1, 0}, {9, 4}};
  toy_device t;
  toy_graph g;
  uint32_t most[TOY_DIMS];
  mcl_plan *p;
  mcl_exec *x;
  block first, other;
  toy_init(&t, 4 * MIB, true, MCL_OP_COUNT);
  toy_graph_init(&g, 11, 20, false);
  toy_graph_bind(most, MOST_ROWS, MOST_ROWS);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, most, &(mcl_plan_options){.chunk_rows = 5}, NULL),
                   MOTCL_OK);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  run_toy(x, &g, 9, 4, first);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    run_toy(x, &g, sizes[i][0], sizes[i][1], other);
    /* rows do not depend on how many follow them */
    uint32_t a = sizes[i][0] < 9 ? sizes[i][0] : 9, b = sizes[i][1] < 4 ? sizes[i][1] : 4;
    assert_memory_equal(other[0], first[0], a * TOY_COLS * sizeof(float));
    assert_memory_equal(other[1], first[1], b * TOY_COLS * sizeof(float));
  }
  toy_exec_free(x);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

/* --- Weights in several parts. --- */

typedef struct layer {
  mcl_graph *g;
  mcl_tid ids, x, residual, linear, sum, rows;
} layer;

/* A look-up, a linear layer and one with a residual, all from one weight [rows, cols]. */
static void layer_init(layer *l, const mcl_weight *w, const mcl_weight *bias) {
  l->g = mcl_graph_create("layer");
  mcl_dim n = mcl_graph_dim(l->g, "rows");
  l->ids = mcl_graph_tensor(l->g, MCL_INPUT, MCL_I32, n, 1, "ids");
  l->x = mcl_graph_tensor(l->g, MCL_INPUT, MCL_F32, n, w->cols, "x");
  l->residual = mcl_graph_tensor(l->g, MCL_INPUT, MCL_F32, n, w->rows, "residual");
  l->rows = mcl_graph_tensor(l->g, MCL_OUTPUT, MCL_F32, n, w->cols, "looked up");
  mcl_graph_node(l->g, MCL_OP_EMBED, l->rows, &l->ids, (const mcl_weight *[]){w}, NULL);
  l->linear = mcl_graph_linear(l->g, l->x, w, bias, "linear");
  mcl_graph_want(l->g, l->linear);
  mcl_tid y = mcl_graph_linear(l->g, l->rows, w, bias, "inner");
  l->sum = mcl_graph_binary(l->g, MCL_OP_ADD, y, l->residual, "sum");
  mcl_graph_want(l->g, l->sum);
}

enum { ROWS = 300, COLS = 40, BATCH = 3 };

static size_t run_layer(const layer *l, uint64_t max_buffer, float *out) {
  static const int32_t ids[BATCH] = {0, ROWS - 1, 137};
  const uint32_t n = BATCH;
  static float x[BATCH * COLS], residual[BATCH * ROWS];
  mcl_device *dev = toy_ref(max_buffer);
  mcl_plan *p;
  mcl_exec *e;
  toy_fill(x, BATCH * COLS, 1);
  toy_fill(residual, BATCH * ROWS, 2);
  assert_int_equal(mcl_plan_make(&p, dev, l->g, &n, &(mcl_plan_options){.allow_slow = true}, NULL),
                   MOTCL_OK);
  assert_int_equal(p->fused, 1);
  assert_int_equal(toy_exec_make(&e, dev, p, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_write(e, l->ids, 0, n, ids, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_write(e, l->x, 0, n, x, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_write(e, l->residual, 0, n, residual, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_run(e, &n, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_read(e, l->rows, 0, n, out, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_read(e, l->linear, 0, n, out + BATCH * COLS, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_read(e, l->sum, 0, n, out + BATCH * (COLS + ROWS), NULL), MOTCL_OK);
  toy_exec_free(e);
  mcl_plan_destroy(p);
  mcl_device_close(dev);
  return (size_t)BATCH * (COLS + 2 * ROWS) * sizeof(float);
}

static void a_weight_in_parts_gives_the_same_bytes(void **state) {
  (void)state;
  static float whole[BATCH * (COLS + 2 * ROWS)], parts[BATCH * (COLS + 2 * ROWS)];
  static const mcl_type types[] = {MCL_F32, MCL_BF16};
  for (size_t k = 0; k < 2; k++)
    for (size_t shift = 0; shift < 4; shift++) {
      toy_weight *w = toy_weight_make("table", types[k], ROWS, COLS, 1, shift, 3);
      toy_weight *b = toy_weight_make("bias", MCL_F32, 1, ROWS, 1, shift, 4);
      layer l;
      layer_init(&l, &w->w, &b->w);
      size_t bytes = run_layer(&l, 0, whole);
      assert_int_not_equal(whole[0] == 0 && whole[1] == 0, 1);
      float first;
      mcl_widen(&first, w->w.data, types[k], 1);
      assert_true(whole[0] == first);
      /* parts of 200, 100, 17 and 7 rows of 160 bytes or so, after a page for alignment */
      for (uint64_t room = 32000; room >= 1200; room /= 3) {
        memset(parts, 0, sizeof parts);
        assert_int_equal(run_layer(&l, 4096 + room, parts), bytes);
        assert_memory_equal(parts, whole, bytes);
      }
      mcl_graph_destroy(l.g);
      toy_weight_free(w);
      toy_weight_free(b);
    }
}

static void a_row_larger_than_any_buffer_is_refused(void **state) {
  (void)state;
  toy_weight *w = toy_weight_make("table", MCL_F32, 4, COLS, 1, 0, 3);
  toy_device t;
  mcl_plan *p;
  mcl_exec *x = NULL;
  motcl_err err;
  mcl_graph *g = mcl_graph_create("look-up");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid ids = mcl_graph_tensor(g, MCL_INPUT, MCL_I32, n, 1, "ids");
  mcl_tid y = mcl_graph_tensor(g, MCL_OUTPUT, MCL_F32, n, COLS, "y");
  mcl_graph_node(g, MCL_OP_EMBED, y, &ids, (const mcl_weight *[]){&w->w}, NULL);
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  for (uint64_t most = 1024; most <= 4096 + 100; most += 3172) {
    t.dev.info.max_buffer = most;
    assert_int_equal(mcl_plan_make(&p, &t.dev, g, &(uint32_t){1}, NULL, NULL), MOTCL_OK);
    assert_int_equal(toy_exec_make(&x, &t.dev, p, &err), MOTCL_EFIT);
    assert_non_null(strstr(err.text, "'table'"));
    assert_int_equal(t.buffers, 0);
    assert_null(x);
    mcl_plan_destroy(p);
  }
  mcl_graph_destroy(g);
  toy_weight_free(w);
}

/* Weights of one file that are used in place lie in few buffers; copies in one each, which goes when
 * nobody needs it. */
static void neighbours_share_a_window(void **state) {
  (void)state;
  enum { N = 20 };
  static unsigned char file[N * 64 * 4 + 4096];
  unsigned char *data = file + (4096 - (uintptr_t)file % 4096) % 4096;
  mcl_mapping mapping = {.name = "file", .data = data, .bytes = N * 64 * 4 / 2};
  mcl_weight w[N];
  toy_device t;
  mcl_plan *p;
  mcl_exec *x;
  mcl_graph *g = mcl_graph_create("many");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid v = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, 8, "x");
  for (int i = 0; i < N; i++) {
    w[i] = (mcl_weight){"w", MCL_F32, 1, 8, 1, data + 32 * (N - 1 - i), &mapping};
    v = mcl_graph_rms_norm(g, v, &w[i], 8, 1, "norm");
  }
  mcl_graph_want(g, v);
  for (int zero_copy = 0; zero_copy < 2; zero_copy++) {
    toy_init(&t, MIB, zero_copy, MCL_OP_COUNT);
    assert_int_equal(mcl_plan_make(&p, &t.dev, g, &(uint32_t){1}, NULL, NULL), MOTCL_OK);
    assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
    assert_int_equal(t.buffers, 1 + (zero_copy ? 1 : N)); /* the arena and the windows */
    toy_exec_free(x);
    mcl_plan_destroy(p);
    assert_int_equal(t.buffers, 0);
  }
  mcl_graph_destroy(g);
}

/* --- State, what may be moved, and what goes wrong. --- */

typedef struct kept {
  mcl_graph *g;
  mcl_tid pairs, pages, y;
} kept;

enum { PAGE_COLS = 16 * MCL_PAGE };

/* Pages that stay, copied among themselves; a temporary that nobody may read. */
static void kept_init(kept *k) {
  k->g = mcl_graph_create("kept");
  mcl_dim n = mcl_graph_dim(k->g, "pairs"), pages = mcl_graph_dim(k->g, "pages");
  k->pairs = mcl_graph_tensor(k->g, MCL_INPUT, MCL_I32, n, 2, "pairs");
  k->pages = mcl_graph_tensor(k->g, MCL_STATE, MCL_F32, pages, PAGE_COLS, "pages");
  k->y = mcl_graph_tensor(k->g, MCL_TEMP, MCL_F32, pages, PAGE_COLS, "temporary");
  mcl_graph_node(k->g, MCL_OP_KV_COPY, k->pages, &k->pairs, NULL,
                 &(mcl_attr){.attention = {0, 1, 16, 1, 1}});
  mcl_graph_node(k->g, MCL_OP_SILU, k->y, &k->pages, NULL, NULL);
}

static void state_stays_between_runs(void **state) {
  (void)state;
  static float page[PAGE_COLS], back[PAGE_COLS];
  toy_device t;
  kept k;
  mcl_plan *p;
  mcl_exec *x;
  mcl_buffer *pages, *more;
  motcl_err err;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  kept_init(&k);
  toy_fill(page, PAGE_COLS, 1);
  assert_int_equal(mcl_plan_make(&p, &t.dev, k.g, (uint32_t[]){2, 4}, NULL, NULL), MOTCL_OK);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_run(x, (uint32_t[]){1, 4}, NULL, NULL, &err), MOTCL_EINTERNAL);
  assert_non_null(strstr(err.text, "'pages'")); /* nothing is bound yet */
  assert_int_equal(toy_create(&t.dev, &pages, 4 * sizeof page, MCL_READ_WRITE, NULL, NULL),
                   MOTCL_OK);
  mcl_exec_bind(x, k.pages, pages, 4);
  assert_int_equal(mcl_exec_write(x, k.pages, 1, 1, page, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_write(x, k.pairs, 0, 1, (int32_t[]){1, 3}, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_run(x, (uint32_t[]){1, 4}, NULL, NULL, NULL), MOTCL_OK);
  int calls = t.calls;
  assert_int_equal(calls, 2);
  assert_int_equal(mcl_exec_read(x, k.pages, 3, 1, back, NULL), MOTCL_OK);
  assert_memory_equal(back, page, sizeof page);
  assert_int_equal(mcl_exec_write(x, k.pairs, 0, 1, (int32_t[]){3, 0}, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_run(x, (uint32_t[]){1, 4}, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_read(x, k.pages, 0, 1, back, NULL), MOTCL_OK);
  assert_memory_equal(back, page, sizeof page);
  /* no pairs: the copy is no call at all */
  calls = t.calls;
  assert_int_equal(mcl_exec_run(x, (uint32_t[]){0, 4}, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(t.calls, calls + 1);

  assert_int_equal(mcl_exec_write(x, k.pages, 4, 1, page, &err), MOTCL_EINTERNAL);
  assert_int_equal(mcl_exec_read(x, k.pages, 5, 0, page, &err), MOTCL_EINTERNAL);
  assert_int_equal(mcl_exec_read(x, k.pages, UINT32_MAX, 2, page, &err), MOTCL_EINTERNAL);
  assert_int_equal(mcl_exec_read(x, k.y, 0, 1, page, &err), MOTCL_EINTERNAL);
  assert_non_null(strstr(err.text, "'temporary'"));
  assert_int_equal(mcl_exec_read(x, k.pages, 4, 0, page, &err), MOTCL_OK);
  assert_int_equal(mcl_exec_run(x, (uint32_t[]){3, 4}, NULL, NULL, &err), MOTCL_EINTERNAL);
  assert_non_null(strstr(err.text, "'pairs'"));

  /* what is bound outlives the executor, and another one goes on with it */
  toy_exec_free(x);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  mcl_exec_bind(x, k.pages, pages, 4);
  assert_int_equal(mcl_exec_read(x, k.pages, 3, 1, back, NULL), MOTCL_OK);
  assert_memory_equal(back, page, sizeof page);
  /* another buffer counts from the next run on */
  assert_int_equal(toy_create(&t.dev, &more, 4 * sizeof page, MCL_READ_WRITE, NULL, NULL),
                   MOTCL_OK);
  mcl_exec_bind(x, k.pages, more, 4);
  toy_fill(page, PAGE_COLS, 2);
  assert_int_equal(mcl_exec_write(x, k.pages, 2, 1, page, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_write(x, k.pairs, 0, 1, (int32_t[]){2, 0}, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_run(x, (uint32_t[]){1, 4}, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_read(x, k.pages, 0, 1, back, NULL), MOTCL_OK);
  assert_memory_equal(back, page, sizeof page);
  toy_exec_free(x);
  mcl_exec_destroy(NULL);
  toy_destroy(&t.dev, pages);
  toy_destroy(&t.dev, more);
  mcl_plan_destroy(p);
  mcl_graph_destroy(k.g);
}

static bool after_some(void *user) {
  return --*(int *)user < 0;
}

static void cancel_is_heard_between_layers(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t dims[TOY_DIMS];
  mcl_plan *p;
  mcl_exec *x;
  block first, again;
  toy_init(&t, 4 * MIB, true, MCL_OP_COUNT);
  toy_graph_init(&g, 21, 30, false);
  toy_graph_bind(dims, 3, 5);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_OK);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  run_toy(x, &g, 3, 5, first);
  const int whole = t.calls;
  int last = -1;
  for (int go_on = 0; go_on < 4; go_on++) {
    int left = go_on;
    motcl_err err;
    t.calls = 0;
    assert_int_equal(mcl_exec_run(x, dims, after_some, &left, &err), MOTCL_ECANCELLED);
    assert_true(t.calls > last && t.calls < whole); /* each layer lets more calls through */
    last = t.calls;
  }
  assert_true(t.waits > 0);
  run_toy(x, &g, 3, 5, again);
  assert_memory_equal(again[0], first[0], 3 * TOY_COLS * sizeof(float));
  assert_memory_equal(again[1], first[1], 5 * TOY_COLS * sizeof(float));
  toy_exec_free(x);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

static void failures_of_the_device_come_through(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t dims[TOY_DIMS];
  mcl_plan *p;
  motcl_err err;
  toy_init(&t, 4 * MIB, false, MCL_OP_COUNT);
  t.dev.info.max_buffer = 20000;
  t.scratch = 100;
  toy_graph_init(&g, 21, 30, false);
  toy_graph_bind(dims, MOST_ROWS, MOST_ROWS);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_OK);
  assert_int_equal(p->memory.scratch, 100);
  int given = 0;
  for (int rc = MOTCL_EDEVMEM; rc != MOTCL_OK; given++) {
    mcl_exec *x = NULL;
    t.fail_create = given;
    rc = toy_exec_make(&x, &t.dev, p, &err);
    if (rc != MOTCL_OK) {
      assert_int_equal(rc, MOTCL_EDEVMEM);
      assert_null(x);
      assert_int_equal(t.buffers, 0);
    }
    toy_exec_free(x);
  }
  assert_in_range(given, 5, 100);
  t.fail_create = -1;
  mcl_exec *x;
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  t.fail_enqueue = 3;
  t.waits = 0;
  assert_int_equal(mcl_exec_run(x, dims, NULL, NULL, &err), MOTCL_ELOST);
  assert_non_null(strstr(err.text, ": the toy broke"));
  assert_true(t.waits > 0); /* nothing is left on the queue */
  assert_int_equal(t.calls, 3);
  toy_exec_free(x);
  assert_int_equal(t.buffers, 0);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

/* One layer of two experts, and a part without a layer. */
static void errors_name_the_command(void **state) {
  (void)state;
  static const char *const want[] = {"linear of stack, in: the toy broke",
                                     "linear of layer 12, gate, gen: the toy broke",
                                     "gelu of layer 12, act, und: the toy broke"};
  toy_weight *w = toy_weight_make("square", MCL_F32, TOY_COLS, TOY_COLS, 1, 0, 1);
  toy_device t;
  mcl_plan *p;
  mcl_exec *x;
  motcl_err err;
  mcl_graph *g = mcl_graph_create("stack");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid v = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, TOY_COLS, "x");
  v = mcl_graph_linear(g, v, &w->w, NULL, "in");
  mcl_graph_scope(g, MCL_GEN, 12);
  v = mcl_graph_linear(g, v, &w->w, NULL, "gate");
  mcl_graph_scope(g, MCL_UND, 12);
  v = mcl_graph_unary(g, MCL_OP_GELU, v, "act");
  mcl_graph_want(g, v);
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g, &(uint32_t){3}, NULL, NULL), MOTCL_OK);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  for (int i = 0; i < 3; i++) {
    t.fail_enqueue = i;
    assert_int_equal(mcl_exec_run(x, &(uint32_t){3}, NULL, NULL, &err), MOTCL_ELOST);
    assert_string_equal(err.text, want[i]);
    assert_string_equal(err.where, "toy_enqueue");
  }
  /* a wait cannot tell which of those that were queued it was */
  t.fail_enqueue = -1;
  t.fail_finish = 0;
  assert_int_equal(mcl_exec_run(x, &(uint32_t){3}, NULL, NULL, &err), MOTCL_ELOST);
  assert_string_equal(err.text, "linear of stack, in, or what follows up to gelu of layer 12, act, "
                                "und: the toy is gone");
  toy_exec_free(x);
  mcl_plan_destroy(p);
  mcl_graph_destroy(g);
  toy_weight_free(w);
}

/* The inputs of a run go up in one transfer, of the rows that it has. */
static void inputs_go_up_together(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t most[TOY_DIMS];
  mcl_plan *p;
  mcl_exec *x;
  block out;
  toy_init(&t, 4 * MIB, true, MCL_OP_COUNT);
  toy_graph_init(&g, 11, 20, false);
  toy_graph_bind(most, MOST_ROWS, MOST_ROWS);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, most, NULL, NULL), MOTCL_OK);
  assert_true(p->together[g.in[0]] && p->together[g.in[1]]);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  t.writes = 0;
  run_toy(x, &g, MOST_ROWS, MOST_ROWS, out);
  assert_int_equal(t.writes, 1);
  assert_int_equal(t.written, 2 * MOST_ROWS * TOY_COLS * sizeof(float));
  run_toy(x, &g, 3, 5, out);
  assert_int_equal(t.writes, 2);
  assert_in_range(t.written, 8 * TOY_COLS * sizeof(float), 8 * TOY_COLS * sizeof(float) + 64);
  run_toy(x, &g, 0, 5, out);
  assert_int_equal(t.written, 5 * TOY_COLS * sizeof(float));
  toy_exec_free(x);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

/* With a trace every command is in it by name, and the results are the same. */
static void a_trace_has_every_command(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t dims[TOY_DIMS];
  mcl_plan *p;
  mcl_exec *x;
  block first, again;
  toy_init(&t, 4 * MIB, true, MCL_OP_COUNT);
  toy_graph_init(&g, 21, 30, false);
  toy_graph_bind(dims, 3, 5);
  mcl_trace *trace = mcl_trace_create(1 << 20);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_OK);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  run_toy(x, &g, 3, 5, first);
  const int calls = t.calls;
  t.dev.trace = trace;
  run_toy(x, &g, 3, 5, again);
  t.dev.trace = NULL;
  assert_int_equal(t.calls, 2 * calls);
  assert_memory_equal(again[0], first[0], 3 * TOY_COLS * sizeof(float));
  assert_memory_equal(again[1], first[1], 5 * TOY_COLS * sizeof(float));
  size_t n, kernels = 0;
  const char *text = mcl_trace_text(trace, &n);
  for (const char *at = text; (at = strstr(at, "\"cat\":\"kernel\"")); at++)
    kernels++;
  assert_int_equal(kernels, calls);
  assert_non_null(strstr(text, "\"cat\":\"pass\",\"name\":\"toy\""));
  assert_non_null(strstr(text, "\"tensor\":\"result\",\"kernel\":\"ref.gelu\",\"rows\":3,"));
  assert_non_null(strstr(text, "\"cat\":\"transfer\",\"name\":\"inputs\""));
  assert_non_null(strstr(text, "\"direction\":\"down\""));
  assert_non_null(strstr(text, "\"cat\":\"wait\""));
  mcl_trace_destroy(trace);
  toy_exec_free(x);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_graphs_give_the_same_bytes_anyhow),
      cmocka_unit_test(lists_are_made_anew_when_sizes_change),
      cmocka_unit_test(a_weight_in_parts_gives_the_same_bytes),
      cmocka_unit_test(a_row_larger_than_any_buffer_is_refused),
      cmocka_unit_test(neighbours_share_a_window),
      cmocka_unit_test(state_stays_between_runs),
      cmocka_unit_test(cancel_is_heard_between_layers),
      cmocka_unit_test(failures_of_the_device_come_through),
      cmocka_unit_test(errors_name_the_command),
      cmocka_unit_test(inputs_go_up_together),
      cmocka_unit_test(a_trace_has_every_command),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
