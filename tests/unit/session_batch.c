/* session_batch.c - a batch put together and taken apart again: rows sorted, sequences that take
 * pages, keep them when the pass has succeeded and are as before when it has not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "session/batch.h"
#include "toy.h"

static mcl_kv_pool pool;
static mcl_page_account account;

static int set_up(void **state) {
  (void)state;
  pool = (mcl_kv_pool){0};
  account = (mcl_page_account){0};
  return mcl_kv_pool_grow(&pool, 12, NULL);
}

static int tear_down(void **state) {
  (void)state;
  int lost = pool.free_count != pool.capacity || account.held != 0;
  mcl_kv_pool_finish(&pool);
  return lost;
}

static const uint32_t ids[4 * MCL_PAGE];

static mcl_batch_segment text(mcl_sequence *s, uint32_t rows, mcl_want logits) {
  return (mcl_batch_segment){
      .sequence = s, .kind = MCL_CAUSAL, .ids = ids, .id_rows = rows, .logits = logits};
}

static void add(mcl_batch *b, mcl_batch_segment s, uint32_t index) {
  uint32_t got = 99;
  motcl_err err = {0};
  if (mcl_batch_add(b, &s, &got, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(got, index);
}

/* What of a sequence must come back. */
typedef struct look {
  uint32_t page[12], keys, position, free_count, held;
  size_t pages;
} look;

static look look_at(const mcl_sequence *s) {
  look l = {.keys = s->keys,
            .position = s->position,
            .free_count = pool.free_count,
            .held = account.held,
            .pages = s->pages};
  if (s->pages)
    memcpy(l.page, s->page, s->pages * sizeof *l.page);
  return l;
}

static void is_as(const mcl_sequence *s, const look *was) {
  look now = look_at(s);
  assert_memory_equal(&now, was, sizeof now);
}

static void rows_are_sorted(void **state) {
  (void)state;
  static const float tokens[8];
  const uint32_t at = 2;
  mcl_sequence a, c;
  mcl_batch b = {0};
  mcl_sequence_init(&a, &pool, &account);
  mcl_sequence_init(&c, &pool, &account);
  add(&b, text(&a, 5, MCL_WANT_LAST), 0);
  add(&b,
      (mcl_batch_segment){.sequence = &c,
                          .kind = MCL_FULL,
                          .ids = ids,
                          .id_rows = 2,
                          .tokens = tokens,
                          .token_rows = 4,
                          .latent_first = 7,
                          .latent_rows = 3},
      1);
  mcl_batch_commit(&b);
  assert_int_equal(a.keys, 5);
  assert_int_equal(a.position, 5);
  assert_int_equal(c.keys, 9);
  assert_int_equal(c.position, 1); /* a picture is at one position */
  mcl_batch_clear(&b);
  add(&b, text(&a, 3, MCL_WANT_ALL), 0);
  add(&b,
      (mcl_batch_segment){.sequence = &c,
                          .kind = MCL_NOISE,
                          .ids = ids,
                          .id_rows = 2,
                          .latent_at = &at,
                          .latent_rows = 6},
      1);
  add(&b, text(&c, 1, MCL_WANT_NOTHING), 2);
  const mcl_batch_segment *s = b.segment;
  assert_int_equal(s[0].text_row, 0);
  assert_int_equal(s[1].text_row, 3);
  assert_int_equal(s[2].text_row, 5);
  assert_int_equal(s[1].gen_row, 0);
  assert_int_equal(s[0].key, 5);
  assert_int_equal(s[1].key, 9);
  assert_int_equal(s[1].position, 1);
  assert_int_equal(s[1].logit_row, 3);
  assert_int_equal(b.size.text, 6);
  assert_int_equal(b.size.gen, 6);
  assert_int_equal(b.size.logits, 3);
  assert_int_equal(mcl_batch_rows(&b), 12);
  mcl_batch_commit(&b);
  assert_int_equal(a.keys, 8);
  assert_int_equal(c.keys, 10); /* noise left nothing */
  assert_int_equal(c.position, 2);
  mcl_batch_finish(&b);
  mcl_sequence_finish(&a);
  mcl_sequence_finish(&c);
}

static void clean_latents_come_from_the_end(void **state) {
  (void)state;
  mcl_sequence a, c;
  mcl_batch b = {0};
  mcl_sequence_init(&a, &pool, &account);
  mcl_sequence_init(&c, &pool, &account);
  assert_int_equal(mcl_batch_latents(&b, 20, 5), 15);
  add(&b,
      (mcl_batch_segment){.sequence = &a,
                          .kind = MCL_FULL,
                          .ids = ids,
                          .id_rows = 2,
                          .latent_first = 15,
                          .latent_rows = 5},
      0);
  assert_int_equal(mcl_batch_latents(&b, 20, 4), 11);
  add(&b,
      (mcl_batch_segment){.sequence = &c,
                          .kind = MCL_FULL,
                          .ids = ids,
                          .id_rows = 2,
                          .latent_first = 11,
                          .latent_rows = 4},
      1);
  assert_int_equal(mcl_batch_latents(&b, 20, 4), 7);
  mcl_batch_revert(&b);
  mcl_batch_finish(&b);
  mcl_sequence_finish(&a);
  mcl_sequence_finish(&c);
}

/* A fork grows into the page it shares, beside one that grows by whole pages. */
static void what_was_added_is_taken_back(void **state) {
  (void)state;
  const uint32_t at = 0;
  mcl_sequence a, f, c;
  mcl_batch b = {0};
  mcl_sequence_init(&a, &pool, &account);
  mcl_sequence_init(&f, &pool, &account);
  mcl_sequence_init(&c, &pool, &account);
  add(&b, text(&a, MCL_PAGE + 3, MCL_WANT_LAST), 0);
  mcl_batch_commit(&b);
  mcl_batch_clear(&b);
  assert_int_equal(mcl_sequence_fork(&f, &a, NULL), MOTCL_OK);
  add(&b, text(&c, 2, MCL_WANT_LAST), 0);
  mcl_batch_snapshot here = mcl_batch_take_snapshot(&b);
  look a_was = look_at(&a), f_was = look_at(&f);
  add(&b, text(&f, 1, MCL_WANT_ALL), 1);
  assert_int_equal(b.cow_pages, 1);
  assert_int_equal(b.cow[0].from, a.page[1]);
  assert_int_equal(b.cow[0].to, f.page[1]);
  add(&b, text(&a, 2 * MCL_PAGE, MCL_WANT_LAST), 2); /* the same page: f may yet give it back */
  assert_int_equal(mcl_batch_denoise(&b, &(mcl_denoise_step){.latent_at = &at, .rows = 4}, NULL),
                   MOTCL_OK);
  assert_int_equal(b.size.drawn, 4);
  mcl_batch_restore(&b, &here);
  assert_int_equal(b.segments, 1);
  assert_int_equal(b.steps, 0);
  assert_int_equal(b.cow_pages, 0);
  assert_memory_equal(&b.size, &here.size, sizeof b.size);
  is_as(&f, &f_was);
  is_as(&a, &a_was);
  assert_true(c.growing); /* what stood before the snapshot stays in */
  add(&b, text(&f, 1, MCL_WANT_ALL), 1);
  mcl_batch_commit(&b);
  assert_int_equal(c.keys, 2);
  assert_int_equal(f.keys, MCL_PAGE + 4);
  assert_true(f.page[1] != a.page[1] && f.page[0] == a.page[0]);
  mcl_batch_revert(&b); /* after the commit there is nothing to take back */
  assert_int_equal(f.keys, MCL_PAGE + 4);
  mcl_batch_finish(&b);
  mcl_sequence_finish(&a);
  mcl_sequence_finish(&f);
  mcl_sequence_finish(&c);
}

/* Many sequences that fork and grow by random batches which succeed, fail or are taken back in part;
 * the pool's counts are those of a recount. */
static void random_passes_lose_nothing(void **state) {
  (void)state;
  enum { MANY = 5 };
  mcl_sequence s[MANY];
  mcl_batch b = {0};
  uint64_t seed = 5;
  size_t full = 0, committed = 0;
  for (int i = 0; i < MANY; i++)
    mcl_sequence_init(&s[i], &pool, i % 2 ? &account : NULL);
  for (int n = 0; n < 4000; n++) {
    look was[MANY];
    mcl_batch_snapshot half = mcl_batch_take_snapshot(&b);
    size_t from = toy_next(&seed) % MANY, to = toy_next(&seed) % MANY;
    if (from != to && toy_next(&seed) % 3 == 0)
      assert_int_equal(mcl_sequence_fork(&s[to], &s[from], NULL), MOTCL_OK);
    for (int i = 0; i < MANY; i++)
      was[i] = look_at(&s[i]);
    for (int i = 0; i < MANY; i++) {
      uint32_t index;
      motcl_err err = {0};
      const mcl_batch_segment t = text(&s[i], 1 + toy_next(&seed) % (MCL_PAGE + 2), MCL_WANT_LAST);
      if (i == MANY / 2)
        half = mcl_batch_take_snapshot(&b);
      size_t segments = b.segments;
      int rc = toy_next(&seed) % 2 ? mcl_batch_add(&b, &t, &index, &err) : MOTCL_OK;
      if (rc != MOTCL_OK) {
        assert_int_equal(rc, MOTCL_EFIT);
        assert_int_equal(b.segments, segments);
        assert_false(s[i].growing);
        full++;
      }
    }
    uint32_t what = toy_next(&seed) % 3;
    if (what == 0)
      mcl_batch_restore(&b, &half);
    if (what == 2) {
      mcl_batch_commit(&b);
      committed++;
    } else {
      mcl_batch_revert(&b);
      for (int i = 0; i < MANY; i++)
        is_as(&s[i], &was[i]);
    }
    mcl_batch_clear(&b);
    uint32_t used[12] = {0}, held = 0;
    for (int i = 0; i < MANY; i++) {
      assert_int_equal(s[i].pages, mcl_sequence_pages(s[i].keys));
      for (size_t k = 0; k < s[i].pages; k++)
        used[s[i].page[k]]++;
    }
    for (uint32_t k = 0; k < pool.capacity; k++) {
      assert_int_equal(used[k], pool.refcount[k]);
      held += pool.refcount[k] && pool.holder[k] == &account;
    }
    assert_int_equal(held, account.held);
    if (pool.free_count < 2)
      mcl_sequence_finish(&s[toy_next(&seed) % MANY]);
  }
  assert_true(full > 50 && committed > 500);
  mcl_batch_finish(&b);
  for (int i = 0; i < MANY; i++)
    mcl_sequence_finish(&s[i]);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(rows_are_sorted),
      TEST(clean_latents_come_from_the_end),
      TEST(what_was_added_is_taken_back),
      TEST(random_passes_lose_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
