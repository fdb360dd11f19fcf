/* exec_residency.c - a device's budget: what is counted, what gives way and in which order, and what
 * never does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counting.h"
#include "exec/residency.h"
#include "exec/weights.h"
#include "toy_graph.h"

enum { MEMORY = 1 << 20, BUDGET = 1000 };

static counting c;
static mcl_device *dev;
static mcl_residency *r;

static int open_all(void **state) {
  (void)state;
  counting_init(&c, MEMORY);
  dev = counting_device(&c);
  return mcl_residency_create(&r, dev, BUDGET, NULL);
}

static int close_all(void **state) {
  (void)state;
  mcl_device *last = mcl_residency_unref(r);
  int leaks = c.buffers != 0 || last != dev;
  mcl_device_close(last);
  counting_drop(&c);
  return leaks;
}

/* Something that can go, and when it went. */
typedef struct thing {
  mcl_evictable idle;
  mcl_buffer *buf;
  size_t bytes;
  int gone;
} thing;

static int gone;

static void evict(mcl_evictable *self) {
  thing *t = (thing *)self;
  mcl_residency_busy(r, self);
  mcl_residency_give_back(r, t->buf, t->bytes);
  t->buf = NULL;
  t->gone = ++gone;
}

static int take(thing *t, size_t bytes, motcl_err *err) {
  *t = (thing){.idle = {.evict = evict}, .bytes = bytes};
  return mcl_residency_take(r, &t->buf, bytes, MCL_READ_WRITE, NULL, bytes, err);
}

static void give_back(thing *t) {
  mcl_residency_busy(r, &t->idle);
  mcl_residency_give_back(r, t->buf, t->bytes);
  t->buf = NULL;
}

static void the_budget_is_kept(void **state) {
  (void)state;
  motcl_err err = {0};
  thing a, b;
  mcl_residency *all;
  assert_int_equal(mcl_residency_budget(r), BUDGET);
  assert_int_equal(take(&a, BUDGET + 1, &err), MOTCL_EFIT);
  assert_int_equal(take(&a, BUDGET, &err), MOTCL_OK);
  assert_int_equal(mcl_residency_used(r), BUDGET);
  assert_int_equal(take(&b, 1, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "counting"));
  assert_int_equal(c.made.times, 1);
  give_back(&a);
  assert_int_equal(mcl_residency_used(r), 0);
  /* what is used in place counts for nothing */
  assert_int_equal(mcl_residency_take(r, &b.buf, 5000, MCL_READ_WRITE, NULL, 0, NULL), MOTCL_OK);
  assert_int_equal(mcl_residency_used(r), 0);
  mcl_residency_give_back(r, b.buf, 0);
  mcl_residency_give_back(r, NULL, 77);
  assert_int_equal(mcl_residency_used(r), 0);
  assert_int_equal(mcl_residency_create(&all, dev, 0, NULL), MOTCL_OK);
  assert_int_equal(mcl_residency_budget(all), MEMORY);
  assert_ptr_equal(mcl_residency_unref(all), dev);
}

static void the_least_recently_used_goes_first(void **state) {
  (void)state;
  thing t[5], more;
  gone = 0;
  for (int i = 0; i < 5; i++)
    assert_int_equal(take(&t[i], 200, NULL), MOTCL_OK);
  for (int i = 0; i < 4; i++) /* the last is at work */
    mcl_residency_idle(r, &t[i].idle);
  mcl_residency_busy(r, &t[0].idle); /* used once more: now behind the others */
  mcl_residency_idle(r, &t[0].idle);
  assert_int_equal(take(&more, 200, NULL), MOTCL_OK);
  assert_int_equal(t[1].gone, 1);
  give_back(&more);
  assert_int_equal(take(&more, 400, NULL), MOTCL_OK); /* 200 are free, 200 come from the next */
  assert_int_equal(t[2].gone, 2);
  assert_int_equal(t[3].gone, 0);
  give_back(&more);
  assert_true(mcl_residency_evict_one(r));
  assert_int_equal(t[3].gone, 3);
  assert_true(mcl_residency_evict_one(r));
  assert_int_equal(t[0].gone, 4);
  assert_false(mcl_residency_evict_one(r));
  assert_int_equal(take(&more, BUDGET - 199, NULL), MOTCL_EFIT);
  assert_int_equal(t[4].gone, 0); /* what is at work never */
  assert_int_equal(mcl_residency_used(r), 200);
  give_back(&t[4]);
}

static void idle_and_busy_twice_are_fine(void **state) {
  (void)state;
  thing a, b;
  gone = 0;
  assert_int_equal(take(&a, 10, NULL), MOTCL_OK);
  assert_int_equal(take(&b, 10, NULL), MOTCL_OK);
  mcl_residency_busy(r, &a.idle);
  mcl_residency_idle(r, &a.idle);
  mcl_residency_idle(r, &b.idle);
  mcl_residency_idle(r, &a.idle); /* again: now behind b */
  assert_true(mcl_residency_evict_one(r));
  assert_int_equal(b.gone, 1);
  mcl_residency_busy(r, &a.idle);
  mcl_residency_busy(r, &a.idle);
  assert_false(mcl_residency_evict_one(r));
  give_back(&a);
}

/* A device that has less than it says. */
static int holds_500(void *user, counting_act act, size_t bytes, const mcl_call *call,
                     motcl_err *err) {
  const counting *me = user;
  (void)call;
  return act == COUNTING_CREATE && me->live + bytes > 500
             ? mcl_fail(err, MOTCL_EDEVMEM, "no memory")
             : MOTCL_OK;
}

static void idle_things_go_for_a_device_that_lies(void **state) {
  (void)state;
  thing a, b, d;
  gone = 0;
  c.refuse = holds_500;
  c.user = &c;
  assert_int_equal(take(&a, 300, NULL), MOTCL_OK);
  mcl_residency_idle(r, &a.idle);
  assert_int_equal(take(&b, 400, NULL), MOTCL_OK);
  assert_int_equal(a.gone, 1);
  assert_int_equal(take(&d, 200, NULL), MOTCL_EDEVMEM);
  assert_int_equal(mcl_residency_used(r), 400);
  give_back(&b);
  assert_int_equal(mcl_residency_used(r), 0);
}

static void pinned_bytes_are_those_of_all_owners(void **state) {
  (void)state;
  assert_ptr_equal(mcl_residency_ref(r), r);
  mcl_residency_pin(r, 300, 0);
  mcl_residency_pin(r, 200, 100);
  assert_int_equal(mcl_residency_pinned(r), 400);
  mcl_residency_pin(r, 0, 400);
  assert_int_equal(mcl_residency_pinned(r), 0);
  assert_int_equal(mcl_residency_used(r), 0); /* they are told, not taken */
  assert_null(mcl_residency_unref(r));
}

/* ---- weights: those of a lease stay, others go, and nothing is put twice while it is there ---- */

static mcl_plan *plan_of(mcl_graph *g) {
  uint32_t dims[TOY_DIMS];
  mcl_plan *p = NULL;
  motcl_err err = {0};
  toy_graph_bind(dims, 5, 3);
  if (mcl_plan_make(&p, dev, g, dims, &(mcl_plan_options){0}, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return p;
}

static mcl_graph *graph_of(const mcl_weight *w) {
  mcl_graph *g = mcl_graph_create("one");
  for (int i = 0; i < TOY_DIMS; i++)
    mcl_graph_dim(g, "dim");
  mcl_tid x = mcl_graph_tensor(g, MCL_INPUT, MCL_F32, TOY_A, w->cols, "in");
  mcl_graph_want(g, mcl_graph_linear(g, x, w, NULL, "out"));
  return g;
}

static bool is_resident(const mcl_weights *t, const mcl_weight *w) {
  uint32_t row = 0;
  return mcl_weights_get(t, w, MCL_LAYOUT_FILE, &row).buf != NULL;
}

static void leased_weights_never_go(void **state) {
  (void)state;
  toy_weight *w[2] = {toy_weight_make("a", MCL_F32, 10, 10, 1, 0, 1), /* 400 bytes each */
                      toy_weight_make("b", MCL_F32, 10, 10, 1, 0, 2)};
  mcl_graph *g[2];
  mcl_plan *p[2];
  mcl_weights_lease *a, *again, *b;
  mcl_weights *t;
  thing x;
  motcl_err err = {0};
  for (int i = 0; i < 2; i++) {
    g[i] = graph_of(&w[i]->w);
    p[i] = plan_of(g[i]);
  }
  assert_int_equal(mcl_weights_create(&t, r, NULL), MOTCL_OK);
  assert_int_equal(mcl_weights_acquire(&a, t, p[0], NULL), MOTCL_OK);
  assert_int_equal(mcl_weights_acquire(&again, t, p[0], NULL), MOTCL_OK);
  assert_int_equal(mcl_weights_put(t).parts, 1); /* two plans, one copy */
  assert_int_equal(mcl_weights_put(t).bytes, 400);
  assert_int_equal(c.given.bytes, 400);
  mcl_weights_release(a);
  assert_int_equal(take(&x, 601, &err), MOTCL_EFIT); /* the other still needs it */
  assert_true(is_resident(t, &w[0]->w));
  assert_int_equal(mcl_weights_acquire(&b, t, p[1], NULL), MOTCL_OK);
  assert_int_equal(take(&x, 201, &err), MOTCL_EFIT);
  mcl_weights_release(again);
  assert_true(is_resident(t, &w[0]->w)); /* idle, and still there */
  assert_int_equal(mcl_weights_acquire(&a, t, p[0], NULL), MOTCL_OK);
  assert_int_equal(mcl_weights_put(t).parts, 2); /* a and b, and nothing again */
  mcl_weights_release(a);
  assert_int_equal(take(&x, 201, NULL), MOTCL_OK);
  assert_false(is_resident(t, &w[0]->w));
  assert_true(is_resident(t, &w[1]->w));
  assert_int_equal(mcl_weights_acquire(&a, t, p[0], &err), MOTCL_EFIT); /* no room: none needed */
  mcl_weights_release(b);
  assert_int_equal(mcl_weights_acquire(&a, t, p[0], NULL), MOTCL_OK); /* in exchange for b */
  assert_false(is_resident(t, &w[1]->w));
  assert_int_equal(mcl_weights_put(t).parts, 3);
  mcl_weights_release(a);
  mcl_weights_release(NULL);
  give_back(&x);
  mcl_weights_destroy(t);
  assert_int_equal(mcl_residency_used(r), 0);
  for (int i = 0; i < 2; i++) {
    mcl_plan_destroy(p[i]);
    mcl_graph_destroy(g[i]);
    toy_weight_free(w[i]);
  }
}

/* Random plans that come and go over the same weights, on a budget that does not have them all:
 * what is put and what is resident is always what the leases say at least. */
static void random_plans_share_what_there_is(void **state) {
  (void)state;
  enum { PLANS = 6 };
  toy_graph g;
  mcl_weights *t;
  mcl_graph *one[PLANS];
  mcl_plan *p[PLANS];
  mcl_weights_lease *lease[PLANS] = {0};
  uint64_t seed = 99, alive = 0;
  size_t refused = 0;
  toy_graph_init(&g, 1, 1, false);
  const mcl_weight *w[PLANS] = {&g.square->w, &g.up->w,   &g.gate->w,
                                &g.down->w,   &g.down->w, &g.up->w};
  assert_int_equal(mcl_weights_create(&t, r, NULL), MOTCL_OK);
  for (int i = 0; i < PLANS; i++) {
    one[i] = graph_of(w[i]);
    p[i] = plan_of(one[i]);
  }
  for (int n = 0; n < 2000; n++) {
    size_t i = toy_next(&seed) % PLANS;
    if (lease[i]) {
      mcl_weights_release(lease[i]);
      lease[i] = NULL;
    } else if (mcl_weights_acquire(&lease[i], t, p[i], NULL) != MOTCL_OK) {
      lease[i] = NULL;
      refused++;
    }
    for (int k = 0; k < PLANS; k++)
      if (lease[k])
        assert_true(is_resident(t, w[k]));
    assert_true(mcl_residency_used(r) <= BUDGET);
    assert_int_equal(mcl_residency_used(r), c.live);
  }
  assert_true(refused > 0);
  assert_int_equal(c.given.bytes, mcl_weights_put(t).bytes);
  for (int i = 0; i < PLANS; i++) {
    alive += lease[i] != NULL;
    mcl_weights_release(lease[i]);
    mcl_plan_destroy(p[i]);
    mcl_graph_destroy(one[i]);
  }
  assert_true(alive < PLANS);
  mcl_weights_destroy(t);
  assert_int_equal(c.live, 0);
  toy_graph_finish(&g);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
  const struct CMUnitTest tests[] = {
      TEST(the_budget_is_kept),
      TEST(the_least_recently_used_goes_first),
      TEST(idle_and_busy_twice_are_fine),
      TEST(idle_things_go_for_a_device_that_lies),
      TEST(pinned_bytes_are_those_of_all_owners),
      TEST(leased_weights_never_go),
      TEST(random_plans_share_what_there_is),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
