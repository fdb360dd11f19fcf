/* base_tables.c - tests of host/base/tables.h against tables recorded from the official code. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/tables.h"
#include "tests/golden/tables.h"

static void near(const char *what, size_t i, float got, float want, float bound) {
  if (!(fabsf(got - want) <= bound))
    fail_msg("%s: value %zu is %.9g, not %.9g", what, i, (double)got, (double)want);
}

/* Both are doubles rounded to float: at most the last place may differ. */
static void one_place(const char *what, size_t i, float got, float want) {
  near(what, i, got, want, fabsf(nextafterf(want, 2) - want));
}

static void places_of_a_small_grid(void **state) {
  (void)state;
  float out[201];
  out[200] = 77;
  assert_int_equal(mcl_sincos_2d(out, 5, 8, NULL), MOTCL_OK);
  for (size_t i = 0; i < 200; i++)
    one_place("side 5", i, out[i], places_5[i]);
  assert_true(out[200] == 77);
}

static void places_of_the_vision_grid(void **state) {
  (void)state;
  enum { SIDE = 70, WIDTH = 64 };
  float *out = mcl_alloc(SIDE * SIDE * WIDTH, sizeof *out);
  assert_non_null(out);
  assert_int_equal(mcl_sincos_2d(out, SIDE, WIDTH, NULL), MOTCL_OK);
  for (size_t k = 0; k < sizeof places_cell / sizeof *places_cell; k++)
    for (size_t i = 0; i < WIDTH; i++)
      one_place("side 70", i, out[places_cell[k] * WIDTH + i], places_70[k * WIDTH + i]);
  mcl_free(out);
}

static void bad_places_are_refused(void **state) {
  (void)state;
  static const uint32_t bad[][2] = {{0, 8}, {5, 0}, {5, 2}, {5, 6}, {4097, 8}, {5, 65540}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    motcl_err err;
    float out = 77;
    assert_int_equal(mcl_sincos_2d(&out, bad[i][0], bad[i][1], &err), MOTCL_EINVAL);
    assert_non_null(strstr(err.text, "position table"));
    assert_true(out == 77);
  }
}

static void time_embedding(void **state) {
  (void)state;
  static const float t[] = {0, 0.30769232f, 0.75f, 1};
  enum { PLACES = sizeof time_place / sizeof *time_place };
  float out[257];
  out[256] = 77;
  for (size_t k = 0; k < 4; k++) {
    assert_int_equal(mcl_time_embed(out, 256, t[k], NULL), MOTCL_OK);
    for (size_t i = 0; i < PLACES; i++)
      near("time", i, out[time_place[i]], time_value[k * PLACES + i], 1e-7f);
  }
  assert_true(out[256] == 77);
}

static void bad_times_are_refused(void **state) {
  (void)state;
  motcl_err err;
  float out[2] = {77, 77};
  assert_int_equal(mcl_time_embed(out, 2, NAN, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "time embedding"));
  assert_int_equal(mcl_time_embed(out, 2, INFINITY, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_time_embed(out, 1, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_time_embed(out, 0, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_time_embed(out, 65538, 0, NULL), MOTCL_EINVAL);
  assert_true(out[0] == 77 && out[1] == 77);
}

enum { ROWS = sizeof rope_position / sizeof *rope_position };

/* PyTorch's float power is not always the nearest float (one frequency in 70, which one depends on
 * its CPU): a column may be off by that last place times the position, but not two columns. */
static void rotary(uint32_t head, double theta, const float *want) {
  float out[ROWS * 128 + 1];
  uint32_t half = head / 2, columns_off = 0;
  out[ROWS * head] = 77;
  assert_int_equal(mcl_rope_table(out, rope_position, ROWS, head, theta, NULL), MOTCL_OK);
  for (uint32_t j = 0; j < half; j++) {
    bool off = false;
    for (size_t i = 0; i < ROWS * 2; i++) {
      size_t k = i / 2 * head + i % 2 * half + j;
      double angle = rope_position[i / 2] * pow(theta, -2.0 * j / head);
      off |= !(fabsf(out[k] - want[k]) <= 1e-6f);
      near("rotary", k, out[k], want[k], 1e-6f + (float)(angle * 0x1p-23));
    }
    columns_off += off;
  }
  assert_in_range(columns_off, 0, 1);
  assert_true(out[ROWS * head] == 77);
}

static void rotary_tables(void **state) {
  (void)state;
  rotary(16, 1e4, rope_16);
  rotary(72, 1e4, rope_72);
  rotary(128, 1e6, rope_128);
}

static void bad_rotary_is_refused(void **state) {
  (void)state;
  const int32_t fine[] = {3}, negative[] = {3, -1};
  float out[4] = {77, 77, 77, 77};
  motcl_err err;
  assert_int_equal(mcl_rope_table(out, negative, 2, 2, 1e4, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "row 2 "));
  assert_int_equal(mcl_rope_table(out, fine, 1, 3, 1e4, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "heads of 3"));
  assert_int_equal(mcl_rope_table(out, fine, 1, 0, 1e4, NULL), MOTCL_EINVAL);
  static const double bad[] = {0, -1e4, 0.5, 1e31, INFINITY, NAN};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(mcl_rope_table(out, fine, 1, 2, bad[i], NULL), MOTCL_EINVAL);
  assert_true(out[0] == 77 && out[3] == 77);
  assert_int_equal(mcl_rope_table(NULL, NULL, 0, 2, 1e4, NULL), MOTCL_OK);
}

/* The farthest position a request can name still has angles. */
static void last_position(void **state) {
  (void)state;
  const int32_t far[] = {INT32_MAX};
  float out[4];
  assert_int_equal(mcl_rope_table(out, far, 1, 4, 1e4, NULL), MOTCL_OK);
  for (int j = 0; j < 2; j++)
    near("cos^2 + sin^2", (size_t)j, out[j] * out[j] + out[2 + j] * out[2 + j], 1, 1e-6f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(places_of_a_small_grid), cmocka_unit_test(places_of_the_vision_grid),
      cmocka_unit_test(bad_places_are_refused), cmocka_unit_test(time_embedding),
      cmocka_unit_test(bad_times_are_refused),  cmocka_unit_test(rotary_tables),
      cmocka_unit_test(bad_rotary_is_refused),  cmocka_unit_test(last_position),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
