/* plan_bands.c - tests of host/plan/bands.h: pictures in bands of any height give the bytes of
 * whole ones, in buffers that no whole picture fits; what cannot be cut is refused or left whole.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/toy_exec.h"
#include "plan/bands.h"
#include "tests/unit/toy.h"

#define MIB ((uint64_t)1 << 20)

enum { C = 4, D = 6, HIGH = 32, WIDE = 32, TOP = 2 * HIGH };
enum { H1, W1, P1, H0, W0, P0, KEYS, DIMS }; /* dims: the small size, the large one, a vector */

/* Small picture -> conv -> up -> norm, silu, conv, + -> large picture -> down, conv -> small one.
 */
typedef struct net {
  mcl_graph *g;
  toy_weight *w[14];
  size_t weights;
  mcl_tid in, large, small;
} net;

static const mcl_weight *weight(net *n, uint32_t rows, uint32_t cols, uint32_t kernel) {
  toy_weight *w =
      toy_weight_make("w", MCL_F32, rows, cols * kernel * kernel, kernel, 0, n->weights + 1);
  n->w[n->weights++] = w;
  return &w->w;
}

static mcl_tid temp(net *n, mcl_dim rows, uint32_t cols) {
  return mcl_graph_tensor(n->g, MCL_TEMP, MCL_F32, rows, cols, "temp");
}

static mcl_tid conv(net *n, mcl_tid x, uint32_t in, uint32_t out, mcl_dim size, mcl_dim to,
                    uint32_t stride) {
  mcl_tid y = temp(n, to, out);
  const mcl_weight *w = weight(n, out, in, 3), *b = weight(n, 1, out, 1);
  uint32_t lo = stride == 1;
  mcl_graph_node(n->g, MCL_OP_CONV, y, &x, (const mcl_weight *[]){w, b},
                 &(mcl_attr){.conv = {3, stride, lo, 1, size, (mcl_dim)(size + 1)}});
  return y;
}

static mcl_tid norm(net *n, mcl_tid x, uint32_t cols, mcl_dim rows) {
  mcl_tid y = temp(n, rows, cols);
  const mcl_weight *w = weight(n, 1, cols, 1), *b = weight(n, 1, cols, 1);
  mcl_graph_node(n->g, MCL_OP_GROUP_NORM, y, &x, (const mcl_weight *[]){w, b},
                 &(mcl_attr){.group = {2, 1e-6f}});
  return y;
}

static void net_init(net *n) {
  static const char *const names[] = {"h1", "w1", "p1", "h0", "w0", "p0", "keys"};
  memset(n, 0, sizeof *n);
  n->g = mcl_graph_create("net");
  for (int i = 0; i < DIMS; i++)
    mcl_graph_dim(n->g, names[i]);
  n->in = mcl_graph_tensor(n->g, MCL_INPUT, MCL_F32, P1, C, "in");
  mcl_tid x = conv(n, n->in, C, D, H1, P1, 1);
  mcl_tid up = temp(n, P0, D);
  mcl_graph_node(n->g, MCL_OP_UPSAMPLE, up, &x, NULL, &(mcl_attr){.conv = {.h = H1, .w = W1}});
  x = conv(n, up, D, D, H0, P0, 1);
  mcl_tid h = mcl_graph_unary(n->g, MCL_OP_SILU, norm(n, x, D, P0), "silu");
  h = conv(n, h, D, D, H0, P0, 1);
  n->large = mcl_graph_binary(n->g, MCL_OP_ADD, x, h, "large");
  mcl_graph_want(n->g, n->large);
  x = conv(n, n->large, D, C, H0, P1, 2);
  n->small = mcl_graph_linear(n->g, norm(n, x, C, P1), weight(n, C, C, 1), NULL, "small");
  mcl_graph_want(n->g, n->small);
}

static void net_finish(net *n) {
  mcl_graph_destroy(n->g);
  for (size_t i = 0; i < n->weights; i++)
    toy_weight_free(n->w[i]);
}

static const uint32_t sizes[DIMS] = {HIGH, WIDE, HIGH *WIDE, TOP, 2 * WIDE, TOP * 2 * WIDE, 1};

typedef struct result {
  float large[TOP * 2 * WIDE * D], small[HIGH * WIDE * C];
} result;

/* Plan and run; says how many pieces the large picture lay in. */
static uint32_t compute(const net *n, uint64_t max_buffer, const mcl_plan_options *o, result *out) {
  static float in[HIGH * WIDE * C];
  toy_device t;
  mcl_plan *p;
  mcl_exec *x;
  toy_init(&t, 64 * MIB, true, MCL_OP_COUNT);
  t.dev.info.max_buffer = max_buffer;
  toy_fill(in, HIGH * WIDE * C, 1);
  assert_int_equal(mcl_plan_make(&p, &t.dev, n->g, sizes, o, NULL), MOTCL_OK);
  for (size_t i = 0; i < p->arenas; i++)
    assert_true(p->arena[i] <= max_buffer);
  uint32_t pieces = mcl_bands_count(p, n->large);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_write(x, n->in, 0, HIGH * WIDE, in, NULL), MOTCL_OK);
  motcl_err err = {0};
  if (mcl_exec_run(x, sizes, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(mcl_exec_read(x, n->large, 0, TOP * 2 * WIDE, out->large, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_read(x, n->small, 0, HIGH * WIDE, out->small, NULL), MOTCL_OK);
  toy_exec_free(x);
  mcl_plan_destroy(p);
  assert_int_equal(t.buffers, 0);
  return pieces;
}

static result whole, banded;

static void bands_of_any_height_give_the_same_bytes(void **state) {
  (void)state;
  net n;
  net_init(&n);
  assert_int_equal(compute(&n, 64 * MIB, NULL, &whole), 1);
  uint32_t seen = 0;
  for (uint32_t rows = 8; rows <= TOP + 8; rows += 8)
    for (int unfused = 0; unfused < 2; unfused++) {
      mcl_plan_options o = {.band_rows = rows, .unfused = unfused, .chunk_rows = rows};
      memset(&banded, 0, sizeof banded);
      uint32_t pieces = compute(&n, 64 * MIB, &o, &banded);
      assert_int_equal(pieces, rows < TOP ? (TOP + rows - 1) / rows : 1);
      assert_memory_equal(&banded, &whole, sizeof whole);
      seen |= 1u << pieces;
    }
  assert_int_equal(seen, 1u << 8 | 1u << 4 | 1u << 3 | 1u << 2 | 1u << 1);
  net_finish(&n);
}

/* The large picture has 98304 bytes, a row of it 1536; the small one has 24576. */
static void small_buffers_make_bands(void **state) {
  (void)state;
  net n;
  net_init(&n);
  assert_int_equal(compute(&n, 98304, NULL, &whole), 1);
  assert_int_equal(compute(&n, 98303, NULL, &banded), 2);
  assert_memory_equal(&banded, &whole, sizeof whole);
  assert_int_equal(compute(&n, 20 * 1536, NULL, &banded), 4);
  assert_memory_equal(&banded, &whole, sizeof whole);
  assert_int_equal(compute(&n, 20 * 1536 - 1, NULL, &banded), 8);
  assert_memory_equal(&banded, &whole, sizeof whole);
  net_finish(&n);
}

static void both_sizes_in_bands(void **state) {
  (void)state;
  net n;
  net_init(&n);
  toy_device t;
  mcl_plan *p;
  toy_init(&t, 64 * MIB, true, MCL_OP_COUNT);
  assert_int_equal(
      mcl_plan_make(&p, &t.dev, n.g, sizes, &(mcl_plan_options){.band_rows = 32}, NULL), MOTCL_OK);
  assert_int_equal(p->max_bands, 2);
  assert_int_equal(p->bands[P0].rows, 32);
  assert_int_equal(p->bands[P1].rows, 16);
  assert_int_equal(p->bands[KEYS].count, 1);
  mcl_plan_destroy(p);
  /* bands of 8 x 64 pixels are whole blocks of a norm's sums, those of 4 x 32 are not */
  assert_int_equal(mcl_plan_make(&p, &t.dev, n.g, sizes, &(mcl_plan_options){.band_rows = 9}, NULL),
                   MOTCL_OK);
  assert_int_equal(p->bands[P0].rows, 8);
  assert_int_equal(p->bands[P1].rows, 0);
  assert_int_equal(p->bands[P1].count, 1);
  mcl_plan_destroy(p);
  net_finish(&n);
}

static void what_no_bands_make_fit_is_refused(void **state) {
  (void)state;
  net n;
  toy_device t;
  mcl_plan *p = NULL;
  motcl_err err;
  net_init(&n);
  toy_init(&t, 64 * MIB, true, MCL_OP_COUNT);
  t.dev.info.max_buffer = 12000; /* eight rows of the large picture and margins: 18432 */
  assert_int_equal(mcl_plan_make(&p, &t.dev, n.g, sizes, NULL, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "in one piece"));
  assert_null(p);
  net_finish(&n);
}

/* A gathering op needs all rows at once: pictures that it reads stay whole, others do not. */
static void a_picture_that_others_need_whole_stays_whole(void **state) {
  (void)state;
  net n;
  toy_device t;
  mcl_plan *p;
  mcl_plan_options o = {.band_rows = 32};
  toy_init(&t, 64 * MIB, true, MCL_OP_COUNT);
  net_init(&n);
  mcl_tid index = mcl_graph_tensor(n.g, MCL_INPUT, MCL_I32, KEYS, 1, "index");
  mcl_tid picked = mcl_graph_tensor(n.g, MCL_OUTPUT, MCL_F32, KEYS, C, "picked");
  mcl_graph_node(n.g, MCL_OP_GATHER, picked, (mcl_tid[]){n.small, index}, NULL, NULL);
  assert_int_equal(mcl_plan_make(&p, &t.dev, n.g, sizes, &o, NULL), MOTCL_OK);
  assert_int_equal(p->bands[P1].count, 1);
  assert_int_equal(p->bands[P0].count, 2);
  mcl_plan_destroy(p);
  compute(&n, 64 * MIB, NULL, &whole);
  compute(&n, 64 * MIB, &o, &banded);
  assert_memory_equal(&banded, &whole, sizeof whole);
  /* and where the large one is needed whole, nothing is cut */
  picked = mcl_graph_tensor(n.g, MCL_OUTPUT, MCL_F32, KEYS, D, "picked too");
  mcl_graph_node(n.g, MCL_OP_GATHER, picked, (mcl_tid[]){n.large, index}, NULL, NULL);
  for (o.band_rows = 16; o.band_rows <= 32; o.band_rows += 16) {
    assert_int_equal(mcl_plan_make(&p, &t.dev, n.g, sizes, &o, NULL), MOTCL_OK);
    assert_int_equal(p->max_bands, 1);
    mcl_plan_destroy(p);
  }
  net_finish(&n);
}

static void rows_are_moved_across_pieces(void **state) {
  (void)state;
  net n;
  toy_device t;
  mcl_plan *p;
  mcl_exec *x;
  static float in[HIGH * WIDE * C], back[TOP * 2 * WIDE * D];
  toy_init(&t, 64 * MIB, true, MCL_OP_COUNT);
  net_init(&n);
  toy_fill(in, HIGH * WIDE * C, 1);
  compute(&n, 64 * MIB, NULL, &whole);
  assert_int_equal(
      mcl_plan_make(&p, &t.dev, n.g, sizes, &(mcl_plan_options){.band_rows = 32}, NULL), MOTCL_OK);
  assert_int_equal(toy_exec_make(&x, &t.dev, p, NULL), MOTCL_OK);
  for (uint32_t r = 0; r < HIGH * WIDE; r += 100) {
    uint32_t rows = HIGH * WIDE - r < 100 ? HIGH * WIDE - r : 100;
    assert_int_equal(mcl_exec_write(x, n.in, r, rows, in + (size_t)r * C, NULL), MOTCL_OK);
  }
  assert_int_equal(mcl_exec_run(x, sizes, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_exec_read(x, n.large, 2000, 100, back, NULL), MOTCL_OK);
  assert_memory_equal(back, whole.large + 2000 * D, 100 * D * sizeof(float));
  uint32_t other[DIMS];
  memcpy(other, sizes, sizeof other);
  other[KEYS] = 0;
  assert_int_equal(mcl_exec_run(x, other, NULL, NULL, NULL), MOTCL_EINTERNAL);
  toy_exec_free(x);
  mcl_plan_destroy(p);
  net_finish(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bands_of_any_height_give_the_same_bytes),
      cmocka_unit_test(small_buffers_make_bands),
      cmocka_unit_test(both_sizes_in_bands),
      cmocka_unit_test(what_no_bands_make_fit_is_refused),
      cmocka_unit_test(a_picture_that_others_need_whole_stays_whole),
      cmocka_unit_test(rows_are_moved_across_pieces),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
