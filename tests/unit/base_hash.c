/* base_hash.c - the hash of bytes, against the vectors of its definition. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"

/* draft-eastlake-fnv, appendix C. */
static void published_vectors(void **state) {
  (void)state;
  assert_true(mcl_hash64("", 0) == UINT64_C(0xcbf29ce484222325));
  assert_true(mcl_hash64("a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
  assert_true(mcl_hash64("foobar", 6) == UINT64_C(0x85944171f73967e8));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(published_vectors)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
