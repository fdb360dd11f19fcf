/* session_kv.c - what sessions keep on the device: pages that sequences share, copy when they part
 * and run out of; a cache and a latent state that grow there without losing anything, whichever step
 * of that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counting.h"
#include "session/kv_cache.h"
#include "session/latents.h"
#include "toy.h"

enum { LAYERS = 3, PARTS = 2 * LAYERS, FLOATS = 16, MEMORY = 1 << 20, COLS = 4 };

static counting c;
static mcl_residency *r;
static mcl_device *dev;

static int open_all(void **state) {
  (void)state;
  counting_init(&c, MEMORY);
  dev = counting_device(&c);
  return mcl_residency_create(&r, dev, 0, NULL);
}

static int close_all(void **state) {
  (void)state;
  int lost = c.live != 0 || mcl_residency_used(r) != 0 || mcl_residency_pinned(r) != 0;
  mcl_device_close(mcl_residency_unref(r));
  counting_drop(&c);
  return lost;
}

/* Refuse act number `at` of a kind, counted from 0, and if `on` all after it. */
typedef struct refusal {
  counting_act act;
  int at;
  bool on;
} refusal;

static int refuse(void *user, counting_act act, size_t bytes, const mcl_call *call,
                  motcl_err *err) {
  refusal *f = user;
  (void)bytes;
  (void)call;
  if (act != f->act || f->at-- != 0)
    return MOTCL_OK;
  if (f->on)
    f->at = 0;
  return mcl_fail(err, MOTCL_EDEVMEM, "refused");
}

static void refuse_at(refusal *f) {
  c.refuse = f ? refuse : NULL;
  c.user = f;
}

/* ---- sequences ---- */

static void grow(mcl_sequence *s, uint32_t keys, bool copies) {
  mcl_page_cow cow;
  bool got;
  motcl_err err = {0};
  if (mcl_sequence_grow(s, keys, keys, &cow, &got, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(got, copies);
  mcl_sequence_commit(s);
}

static void forks_share_and_part(void **state) {
  (void)state;
  mcl_kv_pool pool = {0};
  mcl_sequence a, f, e;
  mcl_page_cow cow;
  bool copies;
  assert_int_equal(mcl_kv_pool_grow(&pool, 8, NULL), MOTCL_OK);
  mcl_sequence_init(&a, &pool, NULL);
  mcl_sequence_init(&f, &pool, NULL);
  mcl_sequence_init(&e, &pool, NULL);
  grow(&a, MCL_PAGE + 1, false);
  assert_int_equal(mcl_sequence_fork(&f, &a, NULL), MOTCL_OK);
  assert_true(mcl_sequence_equal(&a, &f));
  assert_int_equal(pool.free_count, 6);                        /* for nothing */
  assert_int_equal(mcl_sequence_fork(&f, &e, NULL), MOTCL_OK); /* of an empty one: empty */
  assert_int_equal(f.keys + f.pages, 0);
  assert_int_equal(mcl_sequence_fork(&f, &a, NULL), MOTCL_OK);
  /* it grows into the page that is shared: that is copied, the full one before stays shared */
  assert_int_equal(mcl_sequence_grow(&f, 1, 1, &cow, &copies, NULL), MOTCL_OK);
  assert_true(copies);
  assert_int_equal(cow.from, a.page[1]);
  assert_int_equal(cow.to, f.page[1]);
  assert_int_equal(mcl_sequence_in_pass(&f), 2);
  assert_int_equal(mcl_sequence_grow(&f, 1, 1, &cow, &copies, NULL), MOTCL_EINTERNAL);
  mcl_sequence_revert(&f);
  assert_true(mcl_sequence_equal(&a, &f));
  assert_int_equal(pool.free_count, 6);
  grow(&f, 1, true);
  assert_false(mcl_sequence_equal(&a, &f));
  assert_int_equal(a.page[0], f.page[0]);
  assert_int_equal(pool.free_count, 5);
  grow(&a, 1, false); /* nobody else has its page now */
  assert_int_equal(a.keys, f.keys);
  assert_false(mcl_sequence_equal(&a, &f)); /* as many keys, but not the same */
  grow(&a, MCL_PAGE - 2, false);            /* up to the end of the page */
  assert_int_equal(mcl_sequence_fork(&f, &a, NULL), MOTCL_OK);
  grow(&f, 1, false); /* a full page needs no copy */
  assert_int_equal(f.pages, 3);
  grow(&f, 0, false);
  mcl_sequence_finish(&a);
  assert_int_equal(pool.free_count, 5); /* f holds all three by itself */
  mcl_sequence_finish(&f);
  mcl_sequence_finish(&e);
  assert_int_equal(pool.free_count, 8);
  mcl_kv_pool_finish(&pool);
}

static void exhaustion_leaves_all_as_it_was(void **state) {
  (void)state;
  mcl_kv_pool pool = {0};
  mcl_sequence a, f;
  mcl_page_cow cow;
  bool copies;
  motcl_err err = {0};
  assert_int_equal(mcl_kv_pool_grow(&pool, 3, NULL), MOTCL_OK);
  mcl_sequence_init(&a, &pool, NULL);
  mcl_sequence_init(&f, &pool, NULL);
  assert_int_equal(mcl_sequence_grow(&a, 3 * MCL_PAGE + 1, 1, &cow, &copies, &err), MOTCL_EFIT);
  assert_int_equal(mcl_sequence_grow(&a, UINT32_MAX, 1, &cow, &copies, &err), MOTCL_EFIT);
  assert_int_equal(a.pages + a.keys + a.growing, 0);
  assert_int_equal(pool.free_count, 3);
  grow(&a, MCL_PAGE + 1, false);
  assert_int_equal(mcl_sequence_fork(&f, &a, NULL), MOTCL_OK);
  /* one is free: the copy takes it, and nothing is left for the page behind */
  assert_int_equal(mcl_sequence_grow(&f, MCL_PAGE, 1, &cow, &copies, &err), MOTCL_EFIT);
  assert_true(mcl_sequence_equal(&a, &f));
  assert_int_equal(pool.free_count, 1);
  grow(&f, MCL_PAGE - 1, true);
  assert_int_equal(mcl_sequence_grow(&f, 1, 1, &cow, &copies, &err), MOTCL_EFIT);
  assert_int_equal(f.keys, 2 * MCL_PAGE);
  assert_int_equal(mcl_sequence_grow(&a, UINT32_MAX, 1, &cow, &copies, &err), MOTCL_EFIT);
  assert_int_equal(a.keys, MCL_PAGE + 1);
  mcl_sequence_finish(&a);
  grow(&f, 1, false);
  mcl_sequence_finish(&f);
  mcl_kv_pool_finish(&pool);
}

static void accounts_count_who_took_a_page(void **state) {
  (void)state;
  mcl_kv_pool pool = {0};
  mcl_page_account one = {0}, two = {0};
  mcl_sequence a, f;
  assert_int_equal(mcl_kv_pool_grow(&pool, 8, NULL), MOTCL_OK);
  mcl_sequence_init(&a, &pool, &one);
  mcl_sequence_init(&f, &pool, &two);
  grow(&a, MCL_PAGE + 1, false);
  assert_int_equal(one.held, 2);
  assert_int_equal(mcl_sequence_fork(&f, &a, NULL), MOTCL_OK);
  assert_int_equal(one.held, 2);
  assert_int_equal(two.held, 0);
  grow(&f, 1, true);
  assert_int_equal(two.held, 1); /* the copy */
  mcl_sequence_finish(&a);
  assert_int_equal(one.held, 1); /* the page that f still has */
  mcl_kv_pool_close(&pool, &one);
  one.held = 1000; /* nobody looks there any more */
  mcl_sequence_finish(&f);
  assert_int_equal(one.held, 1000);
  assert_int_equal(two.held, 0);
  mcl_kv_pool_finish(&pool);
}

/* Pages that exist keep their numbers, and free ones are given out from the lowest. */
static void pools_grow_while_they_are_used(void **state) {
  (void)state;
  mcl_kv_pool pool = {0};
  mcl_sequence a;
  assert_int_equal(mcl_kv_pool_top(&pool), 0);
  assert_int_equal(mcl_kv_pool_grow(&pool, 2, NULL), MOTCL_OK);
  mcl_sequence_init(&a, &pool, NULL);
  grow(&a, MCL_PAGE, false);
  uint32_t first = a.page[0];
  assert_int_equal(mcl_kv_pool_grow(&pool, 6, NULL), MOTCL_OK);
  assert_int_equal(pool.free_count, 5);
  assert_int_equal(mcl_kv_pool_top(&pool), first + 1);
  grow(&a, 5 * MCL_PAGE, false);
  assert_int_equal(mcl_kv_pool_top(&pool), 6);
  for (size_t i = 0; i < a.pages; i++)
    for (size_t k = 0; k < i; k++)
      assert_int_not_equal(a.page[i], a.page[k]);
  mcl_sequence_finish(&a);
  assert_int_equal(mcl_kv_pool_top(&pool), 0);
  mcl_kv_pool_finish(&pool);
}

/* ---- the cache ---- */

static float mark(size_t part, uint32_t page, size_t i) {
  return (float)(part * 10000 + page * 100 + i);
}

static void fill(mcl_kv_cache *k, uint32_t first, uint32_t pages) {
  float x[FLOATS];
  for (size_t p = 0; p < k->parts; p++)
    for (uint32_t n = first; n < first + pages; n++) {
      for (size_t i = 0; i < FLOATS; i++)
        x[i] = mark(p, n, i);
      assert_int_equal(c.driver.write(dev, k->part[p].buf, n * sizeof x, x, sizeof x, NULL),
                       MOTCL_OK);
    }
}

static void has(const mcl_kv_cache *k, uint32_t pages) {
  float x[FLOATS];
  for (size_t p = 0; p < k->parts; p++)
    for (uint32_t n = 0; n < pages; n++) {
      assert_int_equal(mcl_kv_cache_read(k, p, n, x, NULL), MOTCL_OK);
      for (size_t i = 0; i < FLOATS; i++)
        assert_true(x[i] == mark(p, n, i));
    }
}

static void is_counted(const mcl_kv_cache *k, uint32_t pages) {
  assert_int_equal(k->pool.capacity, pages);
  assert_int_equal(mcl_kv_cache_bytes(k, pages), PARTS * pages * FLOATS * sizeof(float));
  assert_int_equal(mcl_residency_used(r), mcl_kv_cache_bytes(k, pages));
  assert_int_equal(mcl_residency_pinned(r), mcl_kv_cache_bytes(k, pages));
  assert_int_equal(c.live, mcl_kv_cache_bytes(k, pages));
}

static void the_cache_grows_on_the_device(void **state) {
  (void)state;
  mcl_kv_cache k;
  mcl_sequence s;
  assert_int_equal(mcl_kv_cache_init(&k, r, LAYERS, FLOATS, NULL), MOTCL_OK);
  assert_int_equal(c.made.times, 0);
  assert_int_equal(mcl_kv_cache_grow(&k, 3, NULL), MOTCL_OK);
  is_counted(&k, 3);
  mcl_sequence_init(&s, &k.pool, NULL);
  grow(&s, 3 * MCL_PAGE, false);
  fill(&k, 0, 3);
  unsigned version = k.version;
  counting_reset(&c);
  assert_int_equal(mcl_kv_cache_grow(&k, 7, NULL), MOTCL_OK);
  assert_int_not_equal(k.version, version);
  is_counted(&k, 7);
  assert_int_equal(c.reads.times + c.writes.times + c.given.times, 0); /* never by the host */
  assert_int_equal(c.copies.bytes, mcl_kv_cache_bytes(&k, 3));
  /* beside its new size one part is there twice, at the worst */
  assert_true(c.peak <= mcl_kv_cache_bytes(&k, 7) + mcl_kv_cache_bytes(&k, 3) / PARTS);
  has(&k, 3);
  version = k.version;
  assert_int_equal(mcl_kv_cache_grow(&k, 5, NULL), MOTCL_OK); /* never shrinks */
  is_counted(&k, 7);
  assert_int_equal(k.version, version);
  mcl_sequence_finish(&s);
  mcl_kv_cache_finish(&k);
}

/* Only pages up to the highest that is held are worth a copy. */
static void what_nobody_holds_is_not_copied(void **state) {
  (void)state;
  mcl_kv_cache k;
  mcl_sequence s;
  assert_int_equal(mcl_kv_cache_init(&k, r, LAYERS, FLOATS, NULL), MOTCL_OK);
  assert_int_equal(mcl_kv_cache_grow(&k, 8, NULL), MOTCL_OK);
  mcl_sequence_init(&s, &k.pool, NULL);
  grow(&s, 2 * MCL_PAGE, false);
  fill(&k, 0, 2);
  counting_reset(&c);
  assert_int_equal(mcl_kv_cache_grow(&k, 9, NULL), MOTCL_OK);
  assert_int_equal(c.copies.bytes, mcl_kv_cache_bytes(&k, 2));
  has(&k, 2);
  mcl_sequence_finish(&s);
  mcl_kv_cache_finish(&k);
}

/* Each buffer, copy and wait of growing fails in its turn, alone or with all that follow. */
static void growth_that_fails_changes_nothing(void **state) {
  (void)state;
  static const counting_act acts[] = {COUNTING_CREATE, COUNTING_COPY, COUNTING_FINISH};
  for (int kind = 0; kind < 6; kind++) {
    int failed = 0;
    for (int at = 0;; at++) {
      mcl_kv_cache k;
      mcl_sequence s;
      motcl_err err = {0};
      refusal f = {acts[kind / 2], at, kind % 2};
      assert_int_equal(mcl_kv_cache_init(&k, r, LAYERS, FLOATS, NULL), MOTCL_OK);
      assert_int_equal(mcl_kv_cache_grow(&k, 3, NULL), MOTCL_OK);
      mcl_sequence_init(&s, &k.pool, NULL);
      grow(&s, 2 * MCL_PAGE, false);
      fill(&k, 0, 2);
      refuse_at(&f);
      int rc = mcl_kv_cache_grow(&k, 6, &err);
      refuse_at(NULL);
      has(&k, 2);
      assert_int_equal(k.pool.capacity, rc == MOTCL_OK ? 6 : 3);
      assert_int_equal(k.pool.free_count, k.pool.capacity - 2);
      assert_int_equal(mcl_residency_used(r), c.live);
      assert_int_equal(mcl_residency_pinned(r), c.live);
      if (rc != MOTCL_OK) {
        assert_int_equal(rc, MOTCL_EDEVMEM);
        if (!f.on) /* alone: the parts that had grown could shrink again */
          assert_int_equal(c.live, mcl_kv_cache_bytes(&k, 3));
        failed++;
        assert_int_equal(mcl_kv_cache_grow(&k, 6, NULL), MOTCL_OK); /* and again, in peace */
        has(&k, 2);
        is_counted(&k, 6);
      }
      mcl_sequence_finish(&s);
      mcl_kv_cache_finish(&k);
      assert_int_equal(c.live, 0);
      if (rc == MOTCL_OK)
        break;
    }
    assert_int_equal(failed, PARTS); /* one of each for every part */
  }
}

/* The first pages of all: what fails leaves nothing. */
static void a_first_growth_that_fails_takes_nothing(void **state) {
  (void)state;
  for (int at = 0; at < PARTS; at++) {
    mcl_kv_cache k;
    refusal f = {COUNTING_CREATE, at, true};
    assert_int_equal(mcl_kv_cache_init(&k, r, LAYERS, FLOATS, NULL), MOTCL_OK);
    refuse_at(&f);
    assert_int_equal(mcl_kv_cache_grow(&k, 3, NULL), MOTCL_EDEVMEM);
    refuse_at(NULL);
    is_counted(&k, 0);
    mcl_kv_cache_finish(&k);
  }
}

/* A budget that has the new size and not the copy of a part. */
static void growth_needs_room_for_one_part_more(void **state) {
  (void)state;
  const uint64_t part = FLOATS * sizeof(float);
  for (int more = 0; more < 2; more++) {
    mcl_kv_cache k;
    mcl_sequence s;
    mcl_residency *tight;
    uint64_t budget = PARTS * 6 * part + 3 * part;
    assert_int_equal(mcl_residency_create(&tight, dev, budget - !more, NULL), MOTCL_OK);
    assert_int_equal(mcl_kv_cache_init(&k, tight, LAYERS, FLOATS, NULL), MOTCL_OK);
    assert_int_equal(mcl_kv_cache_grow(&k, 3, NULL), MOTCL_OK);
    mcl_sequence_init(&s, &k.pool, NULL);
    grow(&s, 3 * MCL_PAGE, false);
    fill(&k, 0, 3);
    assert_int_equal(mcl_kv_cache_grow(&k, 6, NULL), more ? MOTCL_OK : MOTCL_EFIT);
    assert_int_equal(k.pool.capacity, more ? 6 : 3);
    has(&k, 3);
    mcl_sequence_finish(&s);
    mcl_kv_cache_finish(&k);
    assert_int_equal(mcl_residency_used(tight) + mcl_residency_pinned(tight), 0);
    assert_ptr_equal(mcl_residency_unref(tight), dev);
  }
}

static void a_cache_that_nobody_needs_is_given_back(void **state) {
  (void)state;
  mcl_kv_cache k;
  mcl_sequence s;
  assert_int_equal(mcl_kv_cache_init(&k, r, LAYERS, FLOATS, NULL), MOTCL_OK);
  assert_int_equal(mcl_kv_cache_grow(&k, 4, NULL), MOTCL_OK);
  mcl_sequence_init(&s, &k.pool, NULL);
  grow(&s, 1, false);
  fill(&k, 0, 4);
  mcl_kv_cache_trim(&k);
  is_counted(&k, 4);
  has(&k, 4);
  mcl_sequence_finish(&s);
  mcl_kv_cache_trim(&k);
  is_counted(&k, 0);
  assert_int_equal(mcl_kv_cache_grow(&k, 2, NULL), MOTCL_OK);
  is_counted(&k, 2);
  mcl_kv_cache_finish(&k);
}

/* What lies behind the last page that is held goes, or stays where that fails; the cache grows again
 * after it. */
static void a_cache_shrinks_to_what_is_held(void **state) {
  (void)state;
  for (int at = -1; at <= PARTS; at++) {
    mcl_kv_cache k;
    mcl_sequence a, b;
    refusal f = {COUNTING_CREATE, at, true};
    assert_int_equal(mcl_kv_cache_init(&k, r, LAYERS, FLOATS, NULL), MOTCL_OK);
    assert_int_equal(mcl_kv_cache_grow(&k, 8, NULL), MOTCL_OK);
    mcl_sequence_init(&a, &k.pool, NULL);
    mcl_sequence_init(&b, &k.pool, NULL);
    grow(&a, MCL_PAGE, false);
    grow(&b, 2 * MCL_PAGE, false);
    uint32_t top = mcl_kv_pool_top(&k.pool);
    fill(&k, 0, top);
    mcl_sequence_finish(&a); /* a hole before it stays free */
    refuse_at(at >= 0 ? &f : NULL);
    mcl_kv_cache_shrink(&k);
    refuse_at(NULL);
    has(&k, top);
    assert_int_equal(k.pool.capacity, 3);
    assert_int_equal(k.pool.free_count, 1);
    assert_int_equal(mcl_residency_used(r), c.live);
    assert_int_equal(mcl_residency_pinned(r), c.live);
    if (at < 0 || at == PARTS)
      is_counted(&k, 3);
    mcl_kv_cache_shrink(&k);
    assert_int_equal(mcl_kv_cache_grow(&k, 6, NULL), MOTCL_OK);
    assert_int_equal(k.pool.free_count, 4);
    has(&k, top);
    grow(&a, 4 * MCL_PAGE, false);
    for (size_t i = 0; i < a.pages; i++)
      assert_true(a.page[i] < 6 && a.page[i] != b.page[0] && a.page[i] != b.page[1]);
    mcl_sequence_finish(&a);
    mcl_sequence_finish(&b);
    mcl_kv_cache_shrink(&k);
    is_counted(&k, 0);
    mcl_kv_cache_finish(&k);
  }
}

/* ---- latents ---- */

/* A picture in the making: its rows are `tag`, tag + 1, ... in every column. */
typedef struct picture {
  uint32_t first, rows;
  float tag;
} picture;

static void put(mcl_latents *l, picture *p, uint32_t rows, float tag) {
  float x[32 * COLS];
  for (uint32_t i = 0; i < rows * COLS; i++)
    x[i] = tag + (float)(i / COLS);
  *p = (picture){0, rows, tag};
  assert_int_equal(mcl_latents_alloc(l, rows, x, &p->first, NULL), MOTCL_OK);
}

static void is_there(const mcl_latents *l, const picture *p) {
  float x[32 * COLS];
  assert_int_equal(mcl_latents_read(l, p->first, p->rows, x, NULL), MOTCL_OK);
  for (uint32_t i = 0; i < p->rows * COLS; i++)
    assert_true(x[i] == p->tag + (float)(i / COLS));
}

static void pictures_come_go_and_change_places(void **state) {
  (void)state;
  mcl_latents l;
  picture a, b, d;
  mcl_latents_init(&l, r, COLS);
  assert_int_equal(c.made.times, 0);
  assert_int_equal(mcl_latents_grow(&l, 12, NULL), MOTCL_OK);
  assert_int_equal(mcl_residency_pinned(r), mcl_latents_bytes(&l, 12));
  assert_int_equal(c.live, mcl_latents_bytes(&l, 12));
  put(&l, &a, 3, 100);
  put(&l, &b, 4, 200);
  put(&l, &d, 5, 300);
  assert_int_equal(a.first, 0);
  assert_int_equal(b.first, 3);
  assert_int_equal(d.first, 7);
  counting_reset(&c);
  const uint32_t *order[] = {&d.first, &a.first};
  assert_int_equal(mcl_latents_order(&l, order, 2, NULL), MOTCL_OK);
  assert_int_equal(d.first, 0);
  assert_int_equal(a.first, 5);
  assert_int_equal(b.first, 8);
  assert_int_equal(c.reads.times + c.writes.times, 0); /* on the device */
  counting_reset(&c);
  assert_int_equal(mcl_latents_order(&l, order, 2, NULL), MOTCL_OK);
  assert_int_equal(c.copies.times, 0); /* they stand so already */
  is_there(&l, &a);
  is_there(&l, &b);
  is_there(&l, &d);
  assert_int_equal(mcl_latents_free(&l, &d.first, NULL), MOTCL_OK);
  assert_int_equal(mcl_latents_free(&l, &d.first, NULL), MOTCL_OK); /* it has none any more */
  assert_int_equal(a.first, 0);
  assert_int_equal(b.first, 3);
  is_there(&l, &a);
  is_there(&l, &b);
  const uint32_t *gone[] = {&d.first};
  assert_int_equal(mcl_latents_order(&l, gone, 1, NULL), MOTCL_EINTERNAL);
  counting_reset(&c);
  mcl_latents_trim(&l); /* there are pictures */
  assert_int_equal(l.rows, 12);
  assert_int_equal(mcl_latents_free(&l, &a.first, NULL), MOTCL_OK);
  is_there(&l, &b);
  assert_int_equal(mcl_latents_free(&l, &b.first, NULL), MOTCL_OK);
  mcl_latents_trim(&l);
  assert_int_equal(c.live, 0);
  mcl_latents_finish(&l);
}

static void a_step_is_taken_back(void **state) {
  (void)state;
  mcl_latents l;
  picture a, b;
  const float zero[3 * COLS] = {0};
  mcl_latents_init(&l, r, COLS);
  assert_int_equal(mcl_latents_grow(&l, 8, NULL), MOTCL_OK);
  put(&l, &a, 3, 10);
  put(&l, &b, 4, 20);
  assert_int_equal(mcl_latents_save(&l, 3, NULL), MOTCL_OK);
  assert_int_equal(mcl_latents_write(&l, 0, 3, zero, NULL), MOTCL_OK);
  assert_int_equal(mcl_latents_restore(&l, 3, NULL), MOTCL_OK);
  is_there(&l, &a);
  is_there(&l, &b);
  assert_int_equal(mcl_latents_save(&l, 0, NULL), MOTCL_OK);
  assert_int_equal(mcl_latents_write(&l, 6, 3, zero, NULL), MOTCL_EINTERNAL);
  assert_int_equal(mcl_latents_write(&l, UINT32_MAX, 3, zero, NULL), MOTCL_EINTERNAL);
  mcl_latents_finish(&l);
}

static void latents_that_fail_to_grow_stay(void **state) {
  (void)state;
  static const struct {
    counting_act act;
    int times;
  } fails[] = {{COUNTING_CREATE, 2}, {COUNTING_COPY, 1}, {COUNTING_FINISH, 1}};
  for (int i = 0; i < 3; i++)
    for (int at = 0; at <= fails[i].times; at++) {
      mcl_latents l;
      picture a, b;
      refusal f = {fails[i].act, at, true};
      bool works = at == fails[i].times;
      mcl_latents_init(&l, r, COLS);
      assert_int_equal(mcl_latents_grow(&l, 8, NULL), MOTCL_OK);
      put(&l, &a, 3, 10);
      put(&l, &b, 5, 20);
      unsigned version = l.version;
      counting_reset(&c);
      refuse_at(&f);
      assert_int_equal(mcl_latents_grow(&l, 20, NULL), works ? MOTCL_OK : MOTCL_EDEVMEM);
      refuse_at(NULL);
      assert_int_equal(l.rows, works ? 20 : 8);
      assert_int_equal(l.version != version, works);
      assert_int_equal(c.reads.times + c.writes.times, 0);
      assert_int_equal(c.live, mcl_latents_bytes(&l, l.rows));
      assert_int_equal(mcl_residency_used(r), c.live);
      assert_int_equal(mcl_residency_pinned(r), c.live);
      is_there(&l, &a);
      is_there(&l, &b);
      mcl_latents_finish(&l);
    }
}

/* A move that fails half way loses no picture: its rows are where its owner is told. */
static void a_move_that_fails_loses_no_picture(void **state) {
  (void)state;
  for (int at = 0; at < 5; at++) {
    mcl_latents l;
    picture p[3];
    refusal f = {COUNTING_COPY, at, false};
    mcl_latents_init(&l, r, COLS);
    assert_int_equal(mcl_latents_grow(&l, 12, NULL), MOTCL_OK);
    for (int i = 0; i < 3; i++)
      put(&l, &p[i], (uint32_t)i + 3, (float)(100 * (i + 1)));
    const uint32_t *order[] = {&p[2].first, &p[0].first};
    refuse_at(&f);
    int rc = mcl_latents_order(&l, order, 2, NULL);
    refuse_at(NULL);
    assert_int_equal(rc, at < 4 ? MOTCL_EDEVMEM : MOTCL_OK);
    for (int i = 0; i < 3; i++)
      is_there(&l, &p[i]);
    assert_int_equal(mcl_latents_order(&l, order, 2, NULL), MOTCL_OK);
    for (int i = 0; i < 3; i++)
      is_there(&l, &p[i]);
    assert_int_equal(p[2].first, 0);
    refuse_at(&f);
    f.at = at;
    rc = mcl_latents_free(&l, &p[2].first, NULL);
    refuse_at(NULL);
    assert_int_equal(rc, at < 3 ? MOTCL_EDEVMEM : MOTCL_OK);
    is_there(&l, &p[0]);
    is_there(&l, &p[1]);
    picture more;
    put(&l, &more, 5, 900); /* what comes next treads on nobody */
    for (int i = 0; i < 2; i++)
      is_there(&l, &p[i]);
    is_there(&l, &more);
    mcl_latents_finish(&l);
  }
}

static void random_pictures_keep_their_rows(void **state) {
  (void)state;
  enum { MANY = 6 };
  mcl_latents l;
  picture p[MANY];
  bool in[MANY] = {false};
  uint64_t seed = 3;
  mcl_latents_init(&l, r, COLS);
  for (int n = 0; n < 2000; n++) {
    size_t i = toy_next(&seed) % MANY, k = 0;
    uint32_t rows = 1 + toy_next(&seed) % 9, used = 0;
    const uint32_t *order[MANY];
    if (in[i]) {
      assert_int_equal(mcl_latents_free(&l, &p[i].first, NULL), MOTCL_OK);
    } else {
      for (size_t j = 0; j < MANY; j++)
        used += in[j] ? p[j].rows : 0;
      assert_int_equal(mcl_latents_grow(&l, used + rows, NULL), MOTCL_OK);
      put(&l, &p[i], rows, (float)(n * 10));
    }
    in[i] = !in[i];
    for (size_t j = 0; j < MANY; j++)
      if (in[j] && toy_next(&seed) % 2)
        order[k++] = &p[j].first;
    for (size_t j = k; j > 1; j--) {
      size_t o = toy_next(&seed) % j;
      const uint32_t *t = order[o];
      order[o] = order[j - 1];
      order[j - 1] = t;
    }
    assert_int_equal(mcl_latents_order(&l, order, k, NULL), MOTCL_OK);
    uint32_t at = 0;
    for (size_t j = 0; j < k; j++) {
      assert_int_equal(*order[j], at);
      for (size_t o = 0; o < MANY; o++)
        at += order[j] == &p[o].first ? p[o].rows : 0;
    }
    for (size_t j = 0; j < MANY; j++)
      if (in[j])
        is_there(&l, &p[j]);
    if (toy_next(&seed) % 50 == 0)
      mcl_latents_trim(&l);
  }
  mcl_latents_finish(&l);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)
  const struct CMUnitTest tests[] = {
      TEST(forks_share_and_part),
      TEST(exhaustion_leaves_all_as_it_was),
      TEST(accounts_count_who_took_a_page),
      TEST(pools_grow_while_they_are_used),
      TEST(the_cache_grows_on_the_device),
      TEST(what_nobody_holds_is_not_copied),
      TEST(growth_that_fails_changes_nothing),
      TEST(a_first_growth_that_fails_takes_nothing),
      TEST(growth_needs_room_for_one_part_more),
      TEST(a_cache_that_nobody_needs_is_given_back),
      TEST(a_cache_shrinks_to_what_is_held),
      TEST(pictures_come_go_and_change_places),
      TEST(a_step_is_taken_back),
      TEST(latents_that_fail_to_grow_stay),
      TEST(a_move_that_fails_loses_no_picture),
      TEST(random_pictures_keep_their_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
