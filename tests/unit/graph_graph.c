/* graph_graph.c - tests of host/graph/graph.h and ops.h: building, reading, what fits an op, the
 * first error, costs. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "graph/graph.h"

static const mcl_weight vec4 = {.name = "vec4", .type = MCL_F32, .rows = 1, .cols = 4, .kernel = 1};
static const mcl_weight vec6 = {.name = "vec6", .type = MCL_F32, .rows = 1, .cols = 6, .kernel = 1};
static const mcl_weight vec32 = {.name = "vec32", .rows = 1, .cols = 32, .kernel = 1};
static const mcl_weight mat6x4 = {
    .name = "mat6x4", .type = MCL_BF16, .rows = 6, .cols = 4, .kernel = 1};
static const mcl_weight conv6x4 = {
    .name = "conv6x4", .type = MCL_F32, .rows = 6, .cols = 36, .kernel = 3};

static void op_list(void **state) {
  (void)state;
  for (int i = 0; i < MCL_OP_COUNT; i++) {
    const mcl_op_info *a = mcl_op_get((mcl_op)i);
    assert_true(a->inputs >= 1 && a->inputs <= MCL_OP_INPUTS && a->weights <= MCL_OP_WEIGHTS);
    for (int k = 0; k < i; k++)
      assert_string_not_equal(a->name, mcl_op_get((mcl_op)k)->name);
  }
  assert_string_equal(mcl_op_get(MCL_OP_EMBED)->name, "embed");
  assert_string_equal(mcl_op_get(MCL_OP_UP_CONV)->name, "up_conv");
}

static void what_is_built_is_read(void **state) {
  (void)state;
  char name[] = "x";
  mcl_graph *g = mcl_graph_create("test");
  mcl_dim n = mcl_graph_dim(g, "rows"), first = mcl_graph_dim(g, "first");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, 4, name);
  name[0] = '?';
  mcl_graph_scope(g, MCL_GEN, 3);
  mcl_tid y = mcl_graph_linear(g, x, &mat6x4, &vec6, "y");
  mcl_tid v = mcl_graph_view(g, y, first, n, "v");
  mcl_tid z = mcl_graph_unary(g, MCL_OP_GELU, v, "z");
  mcl_graph_want(g, z);
  assert_int_equal(mcl_graph_check(g, NULL), MOTCL_OK);
  assert_string_equal(mcl_graph_name(g), "test");
  assert_int_equal(mcl_graph_dims(g), 2);
  assert_string_equal(mcl_graph_dim_name(g, first), "first");
  assert_int_equal(mcl_graph_tensors(g), 4);
  assert_string_equal(mcl_graph_tensor_at(g, x)->name, "x");
  assert_int_equal(mcl_graph_tensor_at(g, y)->role, MCL_TEMP);
  assert_int_equal(mcl_graph_tensor_at(g, y)->cols, 6);
  const mcl_tensor *t = mcl_graph_tensor_at(g, v);
  assert_int_equal(t->role, MCL_VIEW);
  assert_int_equal(t->parent, y);
  assert_int_equal(t->first, first);
  assert_int_equal(mcl_graph_root(g, v), y);
  assert_int_equal(mcl_graph_root(g, x), x);
  assert_int_equal(mcl_graph_tensor_at(g, z)->role, MCL_OUTPUT);
  assert_int_equal(mcl_graph_nodes(g), 2);
  const mcl_node *l = mcl_graph_node_at(g, 0);
  assert_int_equal(l->op, MCL_OP_LINEAR);
  assert_int_equal(l->expert, MCL_GEN);
  assert_int_equal(l->layer, 3);
  assert_int_equal(l->in[0], x);
  assert_int_equal(l->in[1], MCL_NO_TENSOR);
  assert_int_equal(l->out, y);
  assert_ptr_equal(l->w[0], &mat6x4);
  assert_ptr_equal(l->w[1], &vec6);
  assert_int_equal(mcl_graph_node_at(g, 1)->op, MCL_OP_GELU);
  mcl_graph_destroy(g);
  mcl_graph_destroy(NULL);
}

/* Only temporaries become outputs: what the host writes stays what it is. */
static void wanting_changes_temporaries_only(void **state) {
  (void)state;
  mcl_graph *g = mcl_graph_create("test");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid in = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, 4, "in");
  mcl_tid st = mcl_graph_tensor(g, MCL_STATE, MCL_F32, n, 4, "state");
  mcl_graph_want(g, in);
  mcl_graph_want(g, st);
  assert_int_equal(mcl_graph_tensor_at(g, in)->role, MCL_INPUT);
  assert_int_equal(mcl_graph_tensor_at(g, st)->role, MCL_STATE);
  mcl_graph_destroy(g);
}

static void the_first_error_sticks(void **state) {
  (void)state;
  motcl_err err = {0};
  mcl_graph *g = mcl_graph_create("tower");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, 6, "x");
  mcl_tid y = mcl_graph_linear(g, x, &mat6x4, NULL, "heights");
  mcl_tid z = mcl_graph_layer_norm(g, y, &vec4, &vec4, 1, "later");
  assert_int_equal(z, MCL_NO_TENSOR);
  assert_int_equal(mcl_graph_view(g, z, n, n, "view"), MCL_NO_TENSOR);
  mcl_graph_want(g, z);
  assert_int_equal(mcl_graph_nodes(g), 0);
  assert_int_equal(mcl_graph_check(g, &err), MOTCL_EMODEL);
  assert_non_null(strstr(err.text, "tower"));
  assert_non_null(strstr(err.text, "'heights'"));
  assert_non_null(strstr(err.text, "'mat6x4'"));
  mcl_graph_destroy(g);
}

static void views_of_views_are_refused(void **state) {
  (void)state;
  mcl_graph *g = mcl_graph_create("test");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid x = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, n, 4, "x");
  mcl_tid v = mcl_graph_view(g, x, n, n, "v");
  assert_int_equal(mcl_graph_view(g, v, n, n, "w"), MCL_NO_TENSOR);
  assert_int_equal(mcl_graph_check(g, NULL), MOTCL_EINTERNAL);
  mcl_graph_destroy(g);
}

/* One node: the columns of its inputs (0: absent) and its output, weights, attr, and whether it
 * fits. */
typedef struct try {
  mcl_op op;
  uint32_t in[MCL_OP_INPUTS], out;
  const mcl_weight *w[MCL_OP_WEIGHTS];
  mcl_attr attr;
  bool fits;
}
try;

#define KV(heads, kv, head)                                                                        \
  {                                                                                                \
    .attention = { heads, kv, head, 1, 0 }                                                         \
  }
#define PAGES (2 * 16 * MCL_PAGE)

static const try tries[] = {
    {MCL_OP_EMBED, {1}, 4, {&mat6x4}, {{0}}, true},
    {MCL_OP_EMBED, {2}, 4, {&mat6x4}, {{0}}, false},
    {MCL_OP_EMBED, {1}, 6, {&mat6x4}, {{0}}, false},
    {MCL_OP_EMBED, {1}, 4, {NULL}, {{0}}, false},
    {MCL_OP_GATHER, {4, 1}, 4, {NULL}, {{0}}, true},
    {MCL_OP_GATHER, {4, 2}, 4, {NULL}, {{0}}, false},
    {MCL_OP_GATHER, {4, 1}, 5, {NULL}, {{0}}, false},
    {MCL_OP_LINEAR, {4}, 6, {&mat6x4}, {{0}}, true},
    {MCL_OP_LINEAR, {4}, 6, {&mat6x4, &vec4}, {{0}}, false},
    {MCL_OP_LINEAR, {4}, 5, {&mat6x4}, {{0}}, false},
    {MCL_OP_LINEAR, {0}, 6, {&mat6x4}, {{0}}, false},
    {MCL_OP_LINEAR_ADD, {4, 6}, 6, {&mat6x4, &vec6}, {{0}}, true},
    {MCL_OP_LINEAR_ADD, {4, 4}, 6, {&mat6x4}, {{0}}, false},
    {MCL_OP_RMS_NORM, {8}, 8, {&vec4}, {.norm = {4, 1}}, true},
    {MCL_OP_RMS_NORM, {6}, 6, {&vec4}, {.norm = {4, 1}}, false},
    {MCL_OP_RMS_NORM, {8}, 8, {&vec4}, {.norm = {8, 1}}, false},
    {MCL_OP_RMS_NORM, {8}, 8, {&vec4}, {.norm = {0, 1}}, false},
    {MCL_OP_LAYER_NORM, {4}, 4, {&vec4, &vec4}, {.norm = {4, 1}}, true},
    {MCL_OP_LAYER_NORM, {4}, 4, {&vec4, &vec6}, {.norm = {4, 1}}, false},
    {MCL_OP_LAYER_NORM, {4}, 4, {&vec4, NULL}, {.norm = {4, 1}}, false},
    {MCL_OP_ROPE, {8, 4}, 8, {NULL}, {.rope = {4}}, true},
    {MCL_OP_ROPE, {8, 4}, 8, {NULL}, {.rope = {8}}, false},
    {MCL_OP_ROPE, {9, 3}, 9, {NULL}, {.rope = {3}}, false},
    {MCL_OP_NORM_ROPE, {8, 4}, 8, {&vec4}, {.norm = {4, 1}}, true},
    {MCL_OP_NORM_ROPE, {8, 4}, 8, {&vec6}, {.norm = {4, 1}}, false},
    {MCL_OP_SILU, {4}, 4, {NULL}, {{0}}, true},
    {MCL_OP_GELU, {4}, 5, {NULL}, {{0}}, false},
    {MCL_OP_ADD, {4, 4}, 4, {NULL}, {{0}}, true},
    {MCL_OP_MUL, {4, 5}, 4, {NULL}, {{0}}, false},
    {MCL_OP_SILU_MUL, {4, 0}, 4, {NULL}, {{0}}, false},
    {MCL_OP_KV_PUT, {32, 1, PAGES}, PAGES, {NULL}, KV(0, 2, 16), true},
    {MCL_OP_KV_PUT, {32, 1, 0}, PAGES, {NULL}, KV(0, 2, 16), true},
    {MCL_OP_KV_PUT, {32, 1, 64}, PAGES, {NULL}, KV(0, 2, 16), false},
    {MCL_OP_KV_PUT, {32, 1, 0}, 64, {NULL}, KV(0, 2, 16), false},
    {MCL_OP_KV_PUT, {16, 1, 0}, PAGES, {NULL}, KV(0, 2, 8), false},
    {MCL_OP_KV_COPY, {2}, PAGES, {NULL}, KV(0, 2, 16), true},
    {MCL_OP_KV_COPY, {3}, PAGES, {NULL}, KV(0, 2, 16), false},
    {MCL_OP_ATTENTION, {64, PAGES, PAGES, 0, 0, 1, 8}, 64, {NULL}, KV(4, 2, 16), true},
    {MCL_OP_ATTENTION, {64, 0, 0, PAGES, PAGES, 0, 8}, 64, {NULL}, KV(4, 2, 16), true},
    {MCL_OP_ATTENTION, {48, PAGES, PAGES, 0, 0, 1, 8}, 48, {NULL}, KV(3, 2, 16), false},
    {MCL_OP_ATTENTION, {64, PAGES, PAGES, 0, 0, 1, 8}, 32, {NULL}, KV(4, 2, 16), false},
    {MCL_OP_ATTENTION, {64, PAGES, PAGES, 0, 0, 1, 7}, 64, {NULL}, KV(4, 2, 16), false},
    {MCL_OP_ATTENTION, {64, PAGES, 64, 0, 0, 1, 8}, 64, {NULL}, KV(4, 2, 16), false},
    {MCL_OP_ATTENTION, {64, PAGES, PAGES, 0, 0, 1, 8}, 64, {NULL}, KV(4, 0, 16), false},
    {MCL_OP_ATTENTION, {1028, 0, 0, 0, 0, 1, 8}, 1028, {NULL}, KV(2, 2, 514), false},
    {MCL_OP_ATTENTION, {34, 0, 0, 0, 0, 1, 8}, 34, {NULL}, KV(2, 2, 17), false},
    {MCL_OP_CONV, {4}, 6, {&conv6x4, &vec6}, {.conv = {3, 1, 1, 1, 0, 0}}, true},
    {MCL_OP_CONV, {4}, 6, {&conv6x4, &vec6}, {.conv = {1, 1, 1, 1, 0, 0}}, false},
    {MCL_OP_CONV, {4}, 6, {&conv6x4, &vec4}, {.conv = {3, 1, 1, 1, 0, 0}}, false},
    {MCL_OP_UP_CONV, {5}, 6, {&conv6x4, &vec6}, {.conv = {3, 1, 1, 1, 0, 0}}, false},
    {MCL_OP_GROUP_NORM, {32}, 32, {&vec32, &vec32}, {.group = {8, 1}}, true},
    {MCL_OP_GROUP_NORM, {32}, 32, {&vec32, &vec32}, {.group = {5, 1}}, false},
    {MCL_OP_GROUP_NORM, {32}, 32, {&vec32, &vec32}, {.group = {0, 1}}, false},
    {MCL_OP_UPSAMPLE, {4}, 4, {NULL}, {.conv = {0, 0, 0, 0, 0, 0}}, true},
    {MCL_OP_UPSAMPLE, {4}, 5, {NULL}, {.conv = {0, 0, 0, 0, 0, 0}}, false},
    {MCL_OP_GUIDE, {4, 4, 8}, 4, {NULL}, {{0}}, true},
    {MCL_OP_GUIDE, {4, 4, 7}, 4, {NULL}, {{0}}, false},
    {MCL_OP_GUIDE_SCALE, {4, 4, 4, 8}, 1, {NULL}, {{0}}, true},
    {MCL_OP_GUIDE_SCALE, {4, 5, 4, 8}, 1, {NULL}, {{0}}, false},
    {MCL_OP_GUIDE_APPLY, {4, 1, 4}, 4, {NULL}, {{0}}, true},
    {MCL_OP_EULER, {4, 4, 8}, 4, {NULL}, {{0}}, true},
    {MCL_OP_EULER, {4, 4, 8}, 5, {NULL}, {{0}}, false},
    {MCL_OP_NOT_FINITE, {4}, 1, {NULL}, {{0}}, true},
    {MCL_OP_NOT_FINITE, {4}, 4, {NULL}, {{0}}, false},
};

static int try_one(const try *t) {
  mcl_graph *g = mcl_graph_create("try");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid in[MCL_OP_INPUTS];
  for (int i = 0; i < MCL_OP_INPUTS; i++)
    in[i] = t->in[i] ? mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, t->in[i], "in") : MCL_NO_TENSOR;
  mcl_tid out = mcl_graph_tensor(g, MCL_OUTPUT, MCL_F32, n, t->out, "out");
  mcl_graph_node(g, t->op, out, in, t->w, &t->attr);
  int rc = mcl_graph_check(g, NULL);
  assert_int_equal(mcl_graph_nodes(g), rc == MOTCL_OK);
  mcl_graph_destroy(g);
  return rc;
}

static void only_what_fits_an_op_is_taken(void **state) {
  (void)state;
  bool seen[MCL_OP_COUNT] = {false};
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    int rc = try_one(&tries[i]);
    if (rc != (tries[i].fits ? MOTCL_OK : MOTCL_EMODEL))
      fail_msg("try %zu of %s gives %d", i, mcl_op_get(tries[i].op)->name, rc);
    seen[tries[i].op] = true;
  }
  for (int i = 0; i < MCL_OP_COUNT; i++)
    assert_true(seen[i]);
}

static void costs(void **state) {
  (void)state;
  mcl_graph *g = mcl_graph_create("test");
  mcl_dim n = mcl_graph_dim(g, "rows"), p = mcl_graph_dim(g, "pages");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, 4, "x");
  mcl_graph_linear(g, x, &mat6x4, &vec6, "y");
  mcl_tid ids = mcl_graph_tensor(g, MCL_INPUT, MCL_I32, n, 1, "ids");
  mcl_tid e = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, n, 4, "e");
  mcl_graph_node(g, MCL_OP_EMBED, e, &ids, (const mcl_weight *[]){&mat6x4}, NULL);
  mcl_tid q = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, 64, "q");
  mcl_tid k = mcl_graph_tensor(g, MCL_STATE, MCL_F32, p, PAGES, "k");
  mcl_tid a = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, n, 64, "a");
  mcl_tid tiles = mcl_graph_tensor(g, MCL_INPUT, MCL_I32, p, 8, "tiles");
  mcl_graph_node(g, MCL_OP_ATTENTION, a,
                 (mcl_tid[]){q, k, k, MCL_NO_TENSOR, MCL_NO_TENSOR, MCL_NO_TENSOR, tiles}, NULL,
                 &(mcl_attr)KV(4, 2, 16));
  assert_int_equal(mcl_graph_check(g, NULL), MOTCL_OK);
  const uint32_t dims[] = {10, 2};
  mcl_cost c = mcl_graph_cost(g, mcl_graph_node_at(g, 0), dims, 0);
  assert_true(c.flops == 2 * 10 * 6 * 4);
  assert_true(c.weight_bytes == 6 * 4 * 2 + 6 * 4);
  assert_true(c.activation_bytes == 10 * (4 + 6) * 4);
  c = mcl_graph_cost(g, mcl_graph_node_at(g, 1), dims, 0);
  assert_true(c.flops == 0);
  assert_true(c.weight_bytes == 10 * 4 * 2); /* the rows looked up, not the table */
  c = mcl_graph_cost(g, mcl_graph_node_at(g, 2), dims, 100);
  assert_true(c.flops == 4 * 10 * 64 * 100);
  assert_true(c.activation_bytes == (10 * 64 * 2 + 2 * 8) * 4 + 8 * 100 * 32);
  mcl_graph_destroy(g);
}

/* Views count as the tensor that they lie in, and scratch pages are written as an input. */
static void who_reads_and_writes_what(void **state) {
  (void)state;
  mcl_graph *g = mcl_graph_create("test");
  mcl_dim n = mcl_graph_dim(g, "rows"), p = mcl_graph_dim(g, "pages");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, 32, "x");
  mcl_tid place = mcl_graph_tensor(g, MCL_INPUT, MCL_I32, n, 1, "place");
  mcl_tid part = mcl_graph_view(g, x, p, n, "part");
  mcl_tid scratch = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, p, PAGES, "scratch");
  mcl_tid pages = mcl_graph_tensor(g, MCL_STATE, MCL_F32, p, PAGES, "pages");
  mcl_graph_node(g, MCL_OP_KV_PUT, pages, (mcl_tid[]){part, place, scratch}, NULL,
                 &(mcl_attr)KV(4, 2, 16));
  mcl_tid y = mcl_graph_unary(g, MCL_OP_SILU, x, "y");
  assert_int_equal(mcl_graph_check(g, NULL), MOTCL_OK);
  const mcl_node *put = mcl_graph_node_at(g, 0), *silu = mcl_graph_node_at(g, 1);
  assert_true(mcl_node_reads(g, put, x) && !mcl_node_writes(g, put, x));
  assert_true(mcl_node_reads(g, put, place) && !mcl_node_writes(g, put, place));
  assert_true(mcl_node_reads(g, put, scratch) && mcl_node_writes(g, put, scratch));
  assert_true(mcl_node_reads(g, put, pages) && mcl_node_writes(g, put, pages));
  assert_true(!mcl_node_reads(g, silu, y) && mcl_node_writes(g, silu, y));
  assert_false(mcl_node_reads(g, silu, pages) || mcl_node_writes(g, silu, pages));
  assert_int_equal(mcl_node_operand(put, 2), scratch);
  assert_int_equal(mcl_node_operand(put, MCL_OP_OUT), pages);
  mcl_graph_destroy(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(op_list),
      cmocka_unit_test(what_is_built_is_read),
      cmocka_unit_test(wanting_changes_temporaries_only),
      cmocka_unit_test(the_first_error_sticks),
      cmocka_unit_test(views_of_views_are_refused),
      cmocka_unit_test(only_what_fits_an_op_is_taken),
      cmocka_unit_test(who_reads_and_writes_what),
      cmocka_unit_test(costs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
