/* plan_plan.c - tests of host/plan/plan.h: fusion, classes, chunks, where tensors lie, what is
 * counted and what is refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "plan/plan.h"
#include "tests/unit/toy_graph.h"

#define MIB ((uint64_t)1 << 20)

/* A graph of one row count; weights of 4 and 8 columns. */
typedef struct small {
  mcl_graph *g;
  mcl_dim rows;
  mcl_tid x, y;
  toy_weight *square, *vec;
} small;

static void small_init(small *s) {
  s->square = toy_weight_make("square", MCL_F32, 8, 8, 1, 0, 1);
  s->vec = toy_weight_make("vec", MCL_F32, 1, 8, 1, 0, 2);
  s->g = mcl_graph_create("small");
  s->rows = mcl_graph_dim(s->g, "rows");
  s->x = mcl_graph_tensor(s->g, MCL_INPUT, MCL_F32, s->rows, 8, "x");
  s->y = mcl_graph_tensor(s->g, MCL_INPUT, MCL_F32, s->rows, 8, "y");
}

static void small_finish(small *s) {
  mcl_graph_destroy(s->g);
  toy_weight_free(s->square);
  toy_weight_free(s->vec);
}

/* Plan for `rows` and say how many steps there are and what the first is. */
static mcl_op first_step(const small *s, const toy_device *t, const mcl_plan_options *o,
                         size_t *steps) {
  mcl_plan *p;
  assert_int_equal(mcl_plan_make(&p, &t->dev, s->g, &(uint32_t){5}, o, NULL), MOTCL_OK);
  mcl_op op = p->step[0].node.op;
  *steps = p->steps;
  assert_int_equal(p->fused, mcl_graph_nodes(s->g) - p->steps);
  mcl_plan_destroy(p);
  return op;
}

/* ADD(y, LINEAR(x)), with the operands of ADD either way round. */
static void linear_add(small *s, bool swapped, bool wanted, bool shared) {
  small_init(s);
  mcl_tid l = mcl_graph_linear(s->g, s->x, &s->square->w, &s->vec->w, "linear");
  mcl_tid sum = mcl_graph_binary(s->g, MCL_OP_ADD, swapped ? l : s->y, swapped ? s->y : l, "sum");
  if (wanted)
    mcl_graph_want(s->g, l);
  if (shared)
    sum = mcl_graph_binary(s->g, MCL_OP_ADD, sum, l, "again");
  mcl_graph_want(s->g, sum);
}

static void linear_and_add_become_one(void **state) {
  (void)state;
  toy_device t;
  small s;
  size_t steps;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  linear_add(&s, true, false, false);
  assert_int_equal(first_step(&s, &t, NULL, &steps), MCL_OP_LINEAR_ADD);
  small_finish(&s);
  linear_add(&s, false, false, false);
  assert_int_equal(first_step(&s, &t, NULL, &steps), MCL_OP_LINEAR_ADD);
  assert_int_equal(steps, 1);
  mcl_plan *p;
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, &(uint32_t){5}, NULL, NULL), MOTCL_OK);
  const mcl_node *n = &p->step[0].node;
  assert_int_equal(n->in[0], s.x);
  assert_int_equal(n->in[1], s.y);
  assert_int_equal(n->out, mcl_graph_node_at(s.g, 1)->out);
  assert_ptr_equal(n->w[0], &s.square->w);
  assert_ptr_equal(n->w[1], &s.vec->w);
  assert_string_equal(p->step[0].variant->name, "ref.linear_add");
  assert_string_equal(p->step[0].numeric, "ref");
  mcl_plan_destroy(p);
  small_finish(&s);
}

static void nothing_is_fused_that_others_need(void **state) {
  (void)state;
  toy_device t;
  small s;
  size_t steps;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  for (int i = 0; i < 2; i++) {
    linear_add(&s, false, i == 0, i == 1);
    assert_int_equal(first_step(&s, &t, NULL, &steps), MCL_OP_LINEAR);
    small_finish(&s);
  }
  linear_add(&s, false, false, false); /* what lies between is written once more */
  mcl_graph_node(s.g, MCL_OP_SILU, mcl_graph_node_at(s.g, 0)->out, (mcl_tid[]){s.x}, NULL, NULL);
  assert_int_equal(first_step(&s, &t, NULL, &steps), MCL_OP_LINEAR);
  small_finish(&s);
  linear_add(&s, false, false, false);
  assert_int_equal(first_step(&s, &t, &(mcl_plan_options){.unfused = true}, &steps), MCL_OP_LINEAR);
  toy_init(&t, MIB, true, MCL_OP_LINEAR_ADD);
  assert_int_equal(first_step(&s, &t, NULL, &steps), MCL_OP_LINEAR);
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  t.refuses = MCL_OP_LINEAR_ADD;
  assert_int_equal(first_step(&s, &t, NULL, &steps), MCL_OP_LINEAR);
  assert_int_equal(steps, 2);
  small_finish(&s);
}

static void other_patterns(void **state) {
  (void)state;
  toy_device t;
  size_t steps;
  small s;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  small_init(&s);
  mcl_tid a = mcl_graph_unary(s.g, MCL_OP_SILU, s.x, "silu");
  mcl_graph_want(s.g, mcl_graph_binary(s.g, MCL_OP_MUL, a, s.y, "mul"));
  assert_int_equal(first_step(&s, &t, NULL, &steps), MCL_OP_SILU_MUL);
  small_finish(&s);
  for (uint32_t head = 4; head <= 8; head += 4) {
    small_init(&s);
    mcl_tid table = mcl_graph_tensor(s.g, MCL_INPUT, MCL_F32, s.rows, head, "table");
    mcl_tid n = mcl_graph_rms_norm(s.g, s.x, &s.vec->w, 8, 1e-6f, "norm");
    mcl_tid out = mcl_graph_tensor(s.g, MCL_OUTPUT, MCL_F32, s.rows, 8, "out");
    mcl_graph_node(s.g, MCL_OP_ROPE, out, (mcl_tid[]){n, table}, NULL, &(mcl_attr){.rope = {head}});
    assert_int_equal(first_step(&s, &t, NULL, &steps),
                     head == 8 ? MCL_OP_NORM_ROPE : MCL_OP_RMS_NORM);
    small_finish(&s);
  }
}

static void upsampling_goes_into_its_convolution(void **state) {
  (void)state;
  toy_device t;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  toy_weight *w = toy_weight_make("conv", MCL_F32, 2, 27, 3, 0, 1);
  toy_weight *b = toy_weight_make("bias", MCL_F32, 1, 2, 1, 0, 1);
  mcl_graph *g = mcl_graph_create("up");
  for (int i = 0; i < 6; i++)
    mcl_graph_dim(g, "size");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, 2, 3, "x");
  mcl_tid u = mcl_graph_tensor(g, MCL_TEMP, MCL_F32, 5, 3, "up");
  mcl_tid y = mcl_graph_tensor(g, MCL_OUTPUT, MCL_F32, 5, 2, "y");
  mcl_graph_node(g, MCL_OP_UPSAMPLE, u, &x, NULL, &(mcl_attr){.conv = {.h = 0, .w = 1}});
  mcl_graph_node(g, MCL_OP_CONV, y, &u, (const mcl_weight *[]){&w->w, &b->w},
                 &(mcl_attr){.conv = {3, 1, 1, 1, 3, 4}});
  const uint32_t dims[] = {3, 5, 15, 6, 10, 60};
  mcl_plan *p;
  assert_int_equal(mcl_plan_make(&p, &t.dev, g, dims, NULL, NULL), MOTCL_OK);
  assert_int_equal(p->steps, 1);
  assert_int_equal(p->step[0].node.op, MCL_OP_UP_CONV);
  assert_ptr_equal(p->step[0].node.w[0], &w->w);
  mcl_call c;
  mcl_plan_call(p, &p->step[0], dims, 0, &c);
  assert_int_equal(c.h, 3);
  assert_int_equal(c.w, 5);
  assert_int_equal(c.attr.conv.kernel, 3);
  assert_int_equal(c.in[0].rows, 15);
  assert_int_equal(c.out.rows, 60);
  mcl_plan_destroy(p);
  mcl_graph_destroy(g);
  toy_weight_free(w);
  toy_weight_free(b);
}

static void what_no_variant_takes_is_refused(void **state) {
  (void)state;
  toy_device t;
  small s;
  mcl_plan *p = NULL;
  motcl_err err;
  linear_add(&s, false, false, false);
  toy_init(&t, MIB, true, MCL_OP_ADD);
  assert_int_equal(
      mcl_plan_make(&p, &t.dev, s.g, &(uint32_t){5}, &(mcl_plan_options){.unfused = true}, &err),
      MOTCL_EUNSUPPORTED);
  assert_non_null(strstr(err.text, "toy"));
  assert_non_null(strstr(err.text, "'sum'"));
  t.dev.info.slow = true;
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, &(uint32_t){5}, NULL, &err), MOTCL_ENODEVICE);
  assert_non_null(strstr(err.text, "allow slow ones"));
  assert_int_equal(
      mcl_plan_make(&p, &t.dev, s.g, &(uint32_t){5}, &(mcl_plan_options){.allow_slow = true}, NULL),
      MOTCL_OK);
  mcl_plan_destroy(p);
  mcl_plan_destroy(NULL);
  small_finish(&s);
}

static void a_failed_graph_is_not_planned(void **state) {
  (void)state;
  toy_device t;
  small s;
  mcl_plan *p = NULL;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  small_init(&s);
  mcl_graph_linear(s.g, s.x, &s.vec->w, NULL, "wrong");
  mcl_graph_linear(s.g, s.x, &s.square->w, &s.square->w, "wrong");
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, &(uint32_t){5}, NULL, NULL), MOTCL_EMODEL);
  assert_null(p);
  small_finish(&s);
}

static void sizes_that_contradict_are_refused(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t dims[TOY_DIMS];
  mcl_plan *p = NULL;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  toy_graph_init(&g, 3, 30, false);
  toy_graph_bind(dims, 4, 6);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_OK);
  mcl_plan_destroy(p);
  dims[TOY_ALL] = 9;
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_EINTERNAL);
  toy_graph_finish(&g);
  small s;
  small_init(&s);
  mcl_dim other = mcl_graph_dim(s.g, "other");
  mcl_tid z = mcl_graph_tensor(s.g, MCL_INPUT, MCL_F32, other, 8, "z");
  mcl_graph_want(s.g, mcl_graph_binary(s.g, MCL_OP_ADD, s.x, z, "sum"));
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, (uint32_t[]){5, 4}, NULL, NULL), MOTCL_EINTERNAL);
  small_finish(&s);
}

static void what_cannot_fit_is_refused_with_numbers(void **state) {
  (void)state;
  const uint32_t rows = 1 << 18; /* 8 MiB a tensor */
  toy_device t;
  small s;
  mcl_plan *p = NULL;
  motcl_err err;
  linear_add(&s, false, true, false);
  toy_init(&t, 64 * MIB, false, MCL_OP_COUNT);
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, &rows, NULL, NULL), MOTCL_OK);
  assert_int_equal(p->memory.arenas, 24 * MIB); /* the sum lies where x was */
  assert_int_equal(p->memory.weights, 8 * 8 * 4 + 8 * 4);
  assert_int_equal(p->memory.total, 24 * MIB + 288);
  mcl_plan_destroy(p);
  p = NULL;
  t.dev.info.max_buffer = 8 * MIB - 1;
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, &rows, NULL, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "needs 8M in one piece and toy gives at most 8191K"));
  t.dev.info.max_buffer = 8 * MIB;
  assert_int_equal(
      mcl_plan_make(&p, &t.dev, s.g, &rows, &(mcl_plan_options){.memory = 20 * MIB}, &err),
      MOTCL_EFIT);
  assert_non_null(strstr(err.text, "needs 25M on toy and may take 20M"));
  t.dev.info.memory = 23 * MIB; /* a budget is no promise of the device */
  assert_int_equal(
      mcl_plan_make(&p, &t.dev, s.g, &rows, &(mcl_plan_options){.memory = 100 * MIB}, &err),
      MOTCL_EFIT);
  assert_non_null(strstr(err.text, "may take 23M"));
  t.dev.info.memory = 64 * MIB;
  t.scratch = 9 * MIB;
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, &rows, NULL, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "needs 9M of scratch"));
  assert_null(p);
  small_finish(&s);
}

static void state_and_counts_past_any_memory(void **state) {
  (void)state;
  toy_device t;
  small s;
  mcl_plan *p = NULL;
  motcl_err err;
  toy_init(&t, UINT64_MAX / 2, true, MCL_OP_COUNT);
  small_init(&s);
  mcl_dim pages = mcl_graph_dim(s.g, "pages");
  mcl_tid st = mcl_graph_tensor(s.g, MCL_STATE, MCL_F32, pages, 2 * 16 * MCL_PAGE, "pages");
  mcl_tid pairs = mcl_graph_tensor(s.g, MCL_INPUT, MCL_I32, s.rows, 2, "pairs");
  mcl_graph_node(s.g, MCL_OP_KV_COPY, st, &pairs, NULL, &(mcl_attr){.attention = {0, 2, 16, 1, 1}});
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, (uint32_t[]){1, 3}, NULL, NULL), MOTCL_OK);
  assert_int_equal(p->memory.state, 3 * 2 * 16 * 64 * 4);
  assert_true(p->allocation[st].used);
  mcl_plan_destroy(p);
  t.dev.info.max_buffer = MIB;
  assert_int_equal(mcl_plan_make(&p, &t.dev, s.g, (uint32_t[]){1, 129}, NULL, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "'pages'"));
  small_finish(&s);

  toy_init(&t, UINT64_MAX / 2, true, MCL_OP_COUNT);
  mcl_graph *g = mcl_graph_create("huge");
  mcl_dim n = mcl_graph_dim(g, "rows");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, n, UINT32_MAX, "x");
  mcl_graph_want(g, mcl_graph_unary(g, MCL_OP_SILU, x, "y"));
  assert_int_equal(mcl_plan_make(&p, &t.dev, g, &(uint32_t){UINT32_MAX}, NULL, NULL), MOTCL_EFIT);
  mcl_graph_destroy(g);
}

static void weights_are_counted_by_where_they_go(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t dims[TOY_DIMS];
  mcl_plan *p;
  toy_graph_init(&g, 7, 40, false); /* long enough to use every weight */
  toy_graph_bind(dims, 3, 3);
  /* gate, down and the wide bias stand at odd addresses and are copied anywhere */
  const uint64_t odd = 24 * 8 * 4 + 8 * 24 * 2 + 24 * 4, even = 8 * 8 * 4 + 24 * 8 * 2 + 8 * 4;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_OK);
  assert_int_equal(p->memory.copies, odd);
  assert_int_equal(p->memory.mapped, even);
  assert_int_equal(p->memory.weights, 0);
  assert_int_equal(p->memory.total, p->memory.arenas + odd);
  mcl_plan_destroy(p);
  toy_init(&t, MIB, false, MCL_OP_COUNT);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_OK);
  assert_int_equal(p->memory.copies, odd);
  assert_int_equal(p->memory.mapped, 0);
  assert_int_equal(p->memory.weights, even);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

/* --- Where tensors lie: what is alive at the same time never shares a byte. --- */

/* Steps at which a tensor is alive, found by reading the steps; a chunked group is one moment. */
typedef struct life {
  long first, last;
} life;

static long moment(const mcl_plan *p, size_t i) {
  while (i > 0 && p->step[i].group && p->step[i - 1].group == p->step[i].group)
    i--;
  return (long)i;
}

static bool touches(const mcl_plan *p, size_t step, mcl_tid t) {
  const mcl_node *n = &p->step[step].node;
  bool hit = mcl_graph_root(p->graph, n->out) == t;
  for (int k = 0; k < MCL_OP_INPUTS; k++)
    hit = hit || (n->in[k] != MCL_NO_TENSOR && mcl_graph_root(p->graph, n->in[k]) == t);
  return hit;
}

static life life_of(const mcl_plan *p, mcl_tid t) {
  life l = {(long)p->steps, -1};
  for (size_t i = 0; i < p->steps; i++)
    if (touches(p, i, t)) {
      long m = moment(p, i);
      l.first = m < l.first ? m : l.first;
      l.last = m > l.last ? m : l.last;
    }
  if (mcl_graph_tensor_at(p->graph, t)->role == MCL_INPUT)
    l.first = -1;
  if (mcl_graph_tensor_at(p->graph, t)->role == MCL_OUTPUT)
    l.last = (long)p->steps;
  return l;
}

static void check_places(const mcl_plan *p) {
  size_t n = mcl_graph_tensors(p->graph);
  for (size_t i = 0; i < n; i++) {
    const mcl_allocation *a = &p->allocation[i * p->max_bands];
    const mcl_tensor *x = mcl_graph_tensor_at(p->graph, (mcl_tid)i);
    life l = life_of(p, (mcl_tid)i);
    assert_int_equal(a->used, x->role != MCL_VIEW && l.first <= l.last && p->dims[x->rows] > 0);
    if (!a->used)
      continue;
    uint32_t rows = p->dims[x->rows], chunk = p->chunk_rows[p->inside[i]];
    rows = p->inside[i] && chunk < rows ? chunk : rows;
    assert_int_equal(a->bytes, (uint64_t)rows * x->cols * 4);
    assert_true(a->arena < p->arenas && a->offset + a->bytes <= p->arena[a->arena]);
    assert_int_equal(a->offset % 64, 0);
    for (size_t k = 0; k < i; k++) {
      const mcl_allocation *b = &p->allocation[k * p->max_bands];
      life m = life_of(p, (mcl_tid)k);
      bool apart = !b->used || a->arena != b->arena || a->offset + a->bytes <= b->offset ||
                   b->offset + b->bytes <= a->offset;
      assert_true(apart || l.last < m.first || m.last < l.first);
    }
  }
  for (size_t i = 0; i < p->arenas; i++)
    assert_true(p->arena[i] > 0 && p->arena[i] <= p->device->info.max_buffer);
}

/* What a group says must hold together: its temporaries are touched by its steps alone. */
static void check_groups(const mcl_plan *p) {
  for (size_t t = 0; t < mcl_graph_tensors(p->graph); t++)
    for (size_t i = 0; p->inside[t] && i < p->steps; i++)
      assert_true(!touches(p, i, (mcl_tid)t) || p->step[i].group == p->inside[t]);
  for (size_t i = 0; i < p->steps; i++)
    if (p->step[i].group)
      assert_true((mcl_op_get(p->step[i].node.op)->flags & MCL_OP_ROWS) &&
                  p->chunk_rows[p->step[i].group] > 0);
}

static void random_graphs_never_share_what_lives(void **state) {
  (void)state;
  uint64_t seed = 99;
  uint64_t saved = 0, arenas = 0, groups = 0;
  for (uint64_t round = 0; round < 40; round++) {
    toy_device t;
    toy_graph g;
    uint32_t dims[TOY_DIMS];
    mcl_plan *p;
    toy_init(&t, MIB, round % 2, MCL_OP_COUNT);
    toy_graph_init(&g, round, 5 + (int)round, false);
    toy_graph_bind(dims, round % 7 ? toy_next(&seed) % 50 : 0, 1 + toy_next(&seed) % 50);
    t.dev.info.max_buffer = 10240 + toy_next(&seed) % 20000;
    mcl_plan_options o = {.chunk_rows = round % 3 ? 1 + toy_next(&seed) % 20 : 0,
                          .unfused = round % 4 == 0};
    assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, &o, NULL), MOTCL_OK);
    check_places(p);
    check_groups(p);
    uint64_t sum = 0;
    for (size_t i = 0; i < mcl_graph_tensors(g.g); i++)
      sum += p->allocation[i * p->max_bands].bytes;
    saved += sum - p->memory.arenas;
    arenas += p->arenas;
    groups += p->groups;
    mcl_plan_destroy(p);
    toy_graph_finish(&g);
  }
  assert_true(saved > 0);   /* memory was used again */
  assert_true(arenas > 40); /* some needed more than one arena */
  assert_true(groups > 40); /* and there were chunks */
}

/* --- Row chunks. --- */

static void chunks_cut_rows_and_nothing_else(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t dims[TOY_DIMS];
  mcl_plan *p;
  toy_init(&t, MIB, true, MCL_OP_COUNT);
  toy_graph_init(&g, 0, 0, false);
  mcl_graph_scope(g.g, MCL_SHARED, 0);
  mcl_tid y = toy_mlp(&g, g.in[0]);
  mcl_graph_want(g.g, y);
  toy_graph_bind(dims, 20, 1);
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, &(mcl_plan_options){.chunk_rows = 8}, NULL),
                   MOTCL_OK);
  size_t i = 0;
  while (i < p->steps && p->step[i].node.op != MCL_OP_SILU_MUL)
    i++;
  assert_true(i < p->steps && p->step[i].group);
  assert_int_equal(mcl_plan_chunks(p, &p->step[i], dims), 3);
  mcl_call c;
  mcl_plan_call(p, &p->step[i], dims, 2, &c);
  assert_int_equal(c.out.rows, 4);
  assert_int_equal(c.in[0].rows, 4);
  assert_int_equal(c.out.offset, 0); /* its memory holds one chunk */
  const mcl_step *last = &p->step[i + 1];
  assert_int_equal(last->node.op, MCL_OP_LINEAR_ADD);
  mcl_plan_call(p, last, dims, 2, &c);
  assert_int_equal(c.in[0].offset, 0);
  assert_int_equal(c.in[1].offset, 16 * TOY_COLS); /* the residual is there as a whole */
  assert_int_equal(c.out.offset, 16 * TOY_COLS);
  assert_int_equal(c.out.rows, 4);
  toy_graph_bind(dims, 8, 1);
  assert_int_equal(mcl_plan_chunks(p, last, dims), 1);
  toy_graph_bind(dims, 0, 1);
  assert_int_equal(mcl_plan_chunks(p, last, dims), 1);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

/* Without a wish chunks come where temporaries would pass the device's largest buffer. */
static void chunks_make_large_temporaries_fit(void **state) {
  (void)state;
  toy_device t;
  toy_graph g;
  uint32_t dims[TOY_DIMS];
  mcl_plan *p;
  toy_init(&t, 64 * MIB, true, MCL_OP_COUNT);
  toy_graph_init(&g, 0, 0, false);
  mcl_graph_scope(g.g, MCL_SHARED, 0);
  mcl_graph_want(g.g, toy_mlp(&g, g.in[0]));
  toy_graph_bind(dims, 10000, 1);
  t.dev.info.max_buffer = 10000 * TOY_COLS * 4;
  assert_int_equal(mcl_plan_make(&p, &t.dev, g.g, dims, NULL, NULL), MOTCL_OK);
  check_places(p);
  check_groups(p);
  assert_int_equal(p->groups, 1);
  assert_int_equal(p->chunk_rows[1] % 64, 0);
  mcl_plan_destroy(p);
  toy_graph_finish(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_and_add_become_one),
      cmocka_unit_test(nothing_is_fused_that_others_need),
      cmocka_unit_test(other_patterns),
      cmocka_unit_test(upsampling_goes_into_its_convolution),
      cmocka_unit_test(what_no_variant_takes_is_refused),
      cmocka_unit_test(a_failed_graph_is_not_planned),
      cmocka_unit_test(sizes_that_contradict_are_refused),
      cmocka_unit_test(what_cannot_fit_is_refused_with_numbers),
      cmocka_unit_test(state_and_counts_past_any_memory),
      cmocka_unit_test(weights_are_counted_by_where_they_go),
      cmocka_unit_test(random_graphs_never_share_what_lives),
      cmocka_unit_test(chunks_cut_rows_and_nothing_else),
      cmocka_unit_test(chunks_make_large_temporaries_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
