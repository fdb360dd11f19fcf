/* model_decoder.c - tests of host/model/decoder.h: sizes of passes are added up, covered and
 * compared in every member. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/decoder.h"

#define MEMBERS (sizeof(mcl_decoder_size) / sizeof(uint32_t))

/* A size by its members' order. */
static mcl_decoder_size size_of(const uint32_t number[MEMBERS]) {
  mcl_decoder_size s;
  memcpy(&s, number, sizeof s);
  return s;
}

static uint32_t member(const mcl_decoder_size *s, size_t i) {
  uint32_t number[MEMBERS];
  memcpy(number, s, sizeof number);
  return number[i];
}

/* Two sizes, either larger in every other member. */
static void two(mcl_decoder_size *a, mcl_decoder_size *b) {
  uint32_t x[MEMBERS], y[MEMBERS];
  for (size_t i = 0; i < MEMBERS; i++) {
    x[i] = (uint32_t)(i % 2 ? 100 + i : i);
    y[i] = (uint32_t)(i % 2 ? 2 * i : 200 + i);
  }
  *a = size_of(x);
  *b = size_of(y);
}

static void test_add(void **state) {
  (void)state;
  mcl_decoder_size a, b, sum;
  two(&a, &b);
  sum = a;
  mcl_decoder_size_add(&sum, &b);
  for (size_t i = 0; i < MEMBERS; i++)
    assert_int_equal(member(&sum, i), member(&a, i) + member(&b, i));
}

static void test_cover(void **state) {
  (void)state;
  mcl_decoder_size a, b, both;
  two(&a, &b);
  both = a;
  mcl_decoder_size_cover(&both, &b);
  for (size_t i = 0; i < MEMBERS; i++)
    assert_int_equal(member(&both, i), i % 2 ? member(&a, i) : member(&b, i));
}

static void test_same(void **state) {
  (void)state;
  mcl_decoder_size a, b;
  two(&a, &b);
  b = a;
  assert_true(mcl_decoder_size_same(&a, &b));
  for (size_t i = 0; i < MEMBERS; i++) {
    uint32_t number[MEMBERS];
    memcpy(number, &a, sizeof number);
    number[i]++;
    b = size_of(number);
    assert_false(mcl_decoder_size_same(&a, &b));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_add),
      cmocka_unit_test(test_cover),
      cmocka_unit_test(test_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
