/* base_mem.c - heap memory: sizes that overflow, alignment, and blocks that go back to the
 * allocator they came from, whoever gives them back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* An allocator that counts its blocks, and is out of memory when told so. */
typedef struct counter {
  size_t alive, calls;
  bool out;
} counter;

static void *count_alloc(void *user, size_t bytes) {
  counter *c = user;
  void *p = c->out ? NULL : malloc(bytes);
  c->calls++;
  c->alive += p != NULL;
  if (p)
    memset(p, 0xa5, bytes);
  return p;
}

static void *count_resize(void *user, void *p, size_t bytes) {
  counter *c = user;
  c->calls++;
  assert_non_null(p);
  return c->out ? NULL : realloc(p, bytes);
}

static void count_release(void *user, void *p) {
  counter *c = user;
  assert_non_null(p);
  assert_true(c->alive > 0);
  c->alive--;
  free(p);
}

static motcl_allocator counting(counter *c) {
  return (motcl_allocator){c, count_alloc, count_resize, count_release};
}

static bool is_zero(const unsigned char *p, size_t n) {
  while (n && !p[n - 1])
    n--;
  return n == 0;
}

static void sizes_that_overflow_give_nothing(void **state) {
  (void)state;
  size_t out = 7;
  assert_false(mcl_add_ok(SIZE_MAX, 1, &out));
  assert_false(mcl_mul_ok(SIZE_MAX / 2 + 1, 2, &out));
  assert_int_equal(out, 7);
  assert_true(mcl_mul_ok(SIZE_MAX, 0, &out));
  assert_int_equal(out, 0);

  assert_null(mcl_alloc(SIZE_MAX / 2 + 1, 2));
  assert_null(mcl_alloc(SIZE_MAX, 1));
  assert_null(mcl_zalloc(SIZE_MAX / 8, 8));
  assert_null(mcl_realloc(NULL, SIZE_MAX, 1));
  assert_null(mcl_alloc_aligned(SIZE_MAX - 64, 64));
  void *none = mcl_alloc(0, 8);
  assert_non_null(none);
  assert_null(mcl_realloc(none, SIZE_MAX, 2));
  assert_null(mcl_realloc(none, SIZE_MAX, 1));
  mcl_free(none);
  mcl_free(NULL);
}

static void all_kinds(void) {
  unsigned char *p = mcl_alloc(3, 5);
  assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
  memset(p, 1, 15);
  p = mcl_realloc(p, 1000, 9);
  assert_true(p && p[0] == 1 && p[14] == 1);
  memset(p, 2, 9000);
  mcl_free(p);

  p = mcl_zalloc(33, 7);
  assert_true(p && is_zero(p, 231));
  mcl_free(p);
  for (size_t align = 8; align <= 8192; align *= 2) {
    p = mcl_alloc_aligned(100, align);
    assert_true(p && is_zero(p, 100));
    assert_int_equal((uintptr_t)p % align, 0);
    memset(p, 3, 100);
    mcl_free(p);
  }

  char *s = mcl_strndup("motcl", 3);
  assert_string_equal(s, "mot");
  mcl_free(s);
}

static void malloc_is_the_default(void **state) {
  (void)state;
  all_kinds();
}

static void blocks_come_from_what_was_entered(void **state) {
  (void)state;
  counter c = {0};
  motcl_allocator a = counting(&c);
  const motcl_allocator *before = mcl_mem_enter(&a);
  assert_null(before);
  all_kinds();
  assert_true(c.calls > 14);
  assert_int_equal(c.alive, 0);

  /* one call inside another */
  counter inner = {0};
  motcl_allocator b = counting(&inner);
  before = mcl_mem_enter(&b);
  assert_ptr_equal(before, &a);
  mcl_free(mcl_alloc(1, 1));
  assert_int_equal(inner.calls, 1);
  mcl_mem_leave(before);
  void *p = mcl_alloc(1, 1);
  assert_int_equal(c.alive, 1);
  mcl_free(p);
  mcl_mem_leave(NULL);

  size_t calls = c.calls;
  mcl_free(mcl_alloc(1, 1));
  assert_int_equal(c.calls, calls);
}

static void blocks_go_back_where_they_came_from(void **state) {
  (void)state;
  counter c = {0};
  motcl_allocator a = counting(&c);
  char *plain = mcl_strdup("plain");
  const motcl_allocator *before = mcl_mem_enter(&a);
  char *counted = mcl_strdup("counted");
  void *aligned = mcl_alloc_aligned(10, 4096);
  plain = mcl_realloc(plain, 600, 1); /* malloc's still */
  assert_int_equal(c.alive, 2);
  mcl_free(plain);
  mcl_mem_leave(before);

  counted = mcl_realloc(counted, 600, 1);
  assert_string_equal(counted, "counted");
  assert_int_equal(c.calls, 3);
  mcl_free(counted);
  mcl_free(aligned);
  assert_int_equal(c.alive, 0);
}

static void without_memory_nothing_changes(void **state) {
  (void)state;
  counter c = {0};
  motcl_allocator a = counting(&c);
  const motcl_allocator *before = mcl_mem_enter(&a);
  size_t cap = 0;
  void *list = NULL;
  assert_true(mcl_grow(&list, &cap, 0, 4));
  memset(list, 5, cap * 4);
  c.out = true;
  size_t had = cap, misses = mcl_mem_misses();
  assert_false(mcl_grow(&list, &cap, cap, 4));
  assert_int_equal(cap, had);
  assert_int_equal(((char *)list)[cap * 4 - 1], 5);
  assert_null(mcl_alloc(1, 1));
  assert_null(mcl_zalloc(1, 1));
  assert_null(mcl_alloc_aligned(1, 64));
  assert_null(mcl_strdup("x"));
  assert_int_equal(mcl_mem_misses() - misses, 5);
  mcl_mem_leave(before);
  mcl_free(list);
  assert_int_equal(c.alive, 0);
}

static void *other_thread(void *p) {
  mcl_free(p); /* of the first thread's allocator */
  return mcl_alloc(1, 1);
}

static void threads_are_apart(void **state) {
  (void)state;
  counter c = {0};
  motcl_allocator a = counting(&c);
  const motcl_allocator *before = mcl_mem_enter(&a);
  pthread_t thread;
  void *theirs;
  assert_int_equal(pthread_create(&thread, NULL, other_thread, mcl_alloc(1, 1)), 0);
  assert_int_equal(pthread_join(thread, &theirs), 0);
  assert_non_null(theirs);
  assert_int_equal(c.calls, 1);
  assert_int_equal(c.alive, 0);
  mcl_mem_leave(before);
  mcl_free(theirs);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_that_overflow_give_nothing),
      cmocka_unit_test(malloc_is_the_default),
      cmocka_unit_test(blocks_come_from_what_was_entered),
      cmocka_unit_test(blocks_go_back_where_they_came_from),
      cmocka_unit_test(without_memory_nothing_changes),
      cmocka_unit_test(threads_are_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
