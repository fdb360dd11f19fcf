/* checkcl_harness.c - tests/checkcl finds what it is for: variants that are wrong in one way each.
 *
 * They compute with ref and then spoil something. An ulp is within every bound, so those that
 * move one by row count, tile, place or time are found by equal bytes only. */
#include "ref_call.h"

#include <string.h>

#include "tests/checkcl/checkcl.h"
#include "tests/checkcl/compare.h"

static const mcl_driver *ref; /* set by the group's setup */

static int right(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  for (size_t i = 0; i < ref->variant_count; i++)
    if (ref->variants[i].op == call->op)
      return ref->variants[i].enqueue(dev, call, err);
  return MOTCL_EINTERNAL;
}

/* Replace element `at` of an operand's buffer, counted from the operand's first. */
static int spoil(mcl_device *dev, const mcl_operand *o, size_t at, float by, bool ulp) {
  float x;
  size_t byte = ((size_t)o->offset + at) * sizeof x;
  int rc = ref->read(dev, o->buf, byte, &x, sizeof x, NULL);
  x = ulp ? nextafterf(x, 1e30f) : x + by;
  return rc == MOTCL_OK ? ref->write(dev, o->buf, byte, &x, sizeof x, NULL) : rc;
}

static int wrong_last(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  int rc = right(dev, call, err);
  size_t last = (size_t)(call->out.rows - 1) * call->out.stride + call->out.cols - 1;
  return rc == MOTCL_OK ? spoil(dev, &call->out, last, 0.01f, false) : rc;
}

static int past_the_end(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  static const float zero;
  int rc = right(dev, call, err);
  size_t end = (size_t)(call->out.rows - 1) * call->out.stride + call->out.cols;
  size_t byte = ((size_t)call->out.offset + end) * sizeof zero;
  return rc == MOTCL_OK ? ref->write(dev, call->out.buf, byte, &zero, sizeof zero, NULL) : rc;
}

static int changes_input(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  int rc = right(dev, call, err);
  return rc == MOTCL_OK ? spoil(dev, &call->in[0], 0, 0, true) : rc;
}

static int does_nothing(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  (void)call;
  (void)err;
  return MOTCL_OK;
}

static int fails(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  (void)call;
  return mcl_fail(err, MOTCL_ELOST, "the device is on fire");
}

static int row_ulp(mcl_device *dev, const mcl_call *call, bool when, motcl_err *err) {
  int rc = right(dev, call, err);
  return rc == MOTCL_OK && when ? spoil(dev, &call->out, 0, 0, true) : rc;
}

static int by_row_count(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  return row_ulp(dev, call, call->out.rows > 2, err);
}

static int by_place(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  return row_ulp(dev, call, call->out.offset % 2 == 1, err);
}

static int by_band(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  return row_ulp(dev, call, (call->h == 1 && !call->first) || call->part == MCL_NORM_APPLY, err);
}

static int by_first(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  return row_ulp(dev, call, call->first > 0, err);
}

static int from_the_begin(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  mcl_call c = *call;
  c.first = 0;
  return right(dev, &c, err);
}

static int by_tile(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  int32_t rows;
  ref->read(dev, call->in[6].buf, (call->in[6].offset + 1) * sizeof rows, &rows, sizeof rows, NULL);
  return row_ulp(dev, call, rows > 1, err);
}

static int by_time(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  static bool odd;
  odd = !odd;
  return row_ulp(dev, call, odd, err);
}

static int by_rubbish(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  float held;
  ref->read(dev, call->out.buf, call->out.offset * sizeof held, &held, sizeof held, NULL);
  return row_ulp(dev, call, isnan(held), err);
}

/* The same for every row, wherever it stands: another class, and right as such. */
static int all_ulp(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  int rc = right(dev, call, err);
  for (uint32_t r = 0; r < call->out.rows; r++)
    for (uint32_t c = 0; c < call->out.cols && rc == MOTCL_OK; c++)
      rc = spoil(dev, &call->out, (size_t)r * call->out.stride + c, 0, true);
  return rc;
}

static size_t ten_bytes(const mcl_device *dev, const mcl_call *call) {
  (void)dev;
  (void)call;
  return 10;
}

static int scratch_overrun(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  int rc = right(dev, call, err);
  return rc == MOTCL_OK ? ref->write(dev, call->scratch.buf, 4, "1234567", 7, NULL) : rc;
}

static size_t more_for_less(const mcl_device *dev, const mcl_call *call) {
  (void)dev;
  return 1000 / call->out.rows;
}

static bool with_buffers_only(const mcl_device *dev, const mcl_call *call) {
  (void)dev;
  return call->out.buf == NULL || call->out.rows < 2;
}

static bool never(const mcl_device *dev, const mcl_call *call) {
  (void)dev;
  (void)call;
  return false;
}

/* Check `op` on a device that has these variants; the report goes to text[4000]. */
static check_run check(void **state, mcl_op op, const mcl_variant *v, size_t n, char *text) {
  mcl_driver drv = *ref;
  mcl_device dev = *(mcl_device *)*state;
  mcl_variant own[2];
  check_run run = {.dev = &dev, .ref = *state, .seed = 3, .quick = true, .out = tmpfile()};
  for (size_t i = 0; i < n; i++) {
    own[i] = v[i];
    if (!v[i].scratch)
      own[i].scratch = mcl_device_variant(*state, v[i].op, 0)->scratch;
  }
  drv.variants = own;
  drv.variant_count = n;
  dev.driver = &drv;
  assert_non_null(run.out);
  check_op_run(&run, op);
  rewind(run.out);
  text[fread(text, 1, 3999, run.out)] = 0;
  fclose(run.out);
  return run;
}

static void expect_found(void **state, mcl_variant v, const char *words) {
  char text[4000];
  check_run run = check(state, v.op, &v, 1, text);
  if (run.failed != 1 || run.passed || !strstr(text, "not ok 1") || !strstr(text, words))
    fail_msg("'%s' is not found in: %s", words, text);
}

static void right_ones_pass(void **state) {
  for (int op = 0; op < MCL_OP_COUNT; op++) {
    char text[4000];
    mcl_variant v[] = {{.name = "a", .op = (mcl_op)op, .numeric = "x", .enqueue = right},
                       {.name = "b", .op = (mcl_op)op, .numeric = "x", .enqueue = right}};
    check_run run = check(state, (mcl_op)op, v, 2, text);
    if (run.passed != 2 || run.failed || run.skipped)
      fail_msg("%s", text);
  }
}

static void wrong_numbers_are_found(void **state) {
  mcl_variant v = {.name = "a", .numeric = "x", .enqueue = wrong_last};
  for (int op = 0; op < MCL_OP_COUNT; op++) {
    v.op = (mcl_op)op;
    expect_found(state, v, "case");
  }
  v.op = MCL_OP_SILU;
  v.enqueue = does_nothing;
  expect_found(state, v, "nrms inf");
  v.enqueue = fails;
  expect_found(state, v, "ELOST: the device is on fire");
}

static void wrong_memory_is_found(void **state) {
  mcl_variant v = {.name = "a", .op = MCL_OP_SILU, .numeric = "x", .enqueue = past_the_end};
  expect_found(state, v, "it is outside");
  v.enqueue = changes_input;
  expect_found(state, v, "changes input 0");
  v.enqueue = scratch_overrun;
  v.scratch = ten_bytes;
  expect_found(state, v, "past the 10 bytes of scratch");
  v.enqueue = right;
  v.scratch = more_for_less;
  expect_found(state, v, "want more scratch than the whole");
  v.scratch = NULL;
  v.accepts = with_buffers_only;
  expect_found(state, v, "depends on buffers");
}

static void an_ulp_that_depends_is_found(void **state) {
  mcl_variant v = {.name = "a", .op = MCL_OP_SILU, .numeric = "x", .enqueue = by_row_count};
  expect_found(state, v, "alone: row 0, column 0");
  v.op = MCL_OP_LINEAR;
  expect_found(state, v, "alone: row 0, column 0");
  v.enqueue = by_time;
  expect_found(state, v, "other bytes the second time");
  v.enqueue = by_rubbish;
  expect_found(state, v, "over other rubbish");
  v.op = MCL_OP_GROUP_NORM;
  v.enqueue = by_place;
  expect_found(state, v, "arrangement 1: row 0, column 0");
  v.enqueue = by_band;
  expect_found(state, v, "other bytes in bands");
  v.op = MCL_OP_UP_CONV;
  expect_found(state, v, "pixel rows [0, 1) alone: row 0");
  v.enqueue = by_first;
  expect_found(state, v, "alone: row 0, column 0");
  v.op = MCL_OP_CONV;
  expect_found(state, v, "alone: row 0, column 0");
  v.enqueue = from_the_begin;
  expect_found(state, v, "alone: row 0, column 0");
  v.op = MCL_OP_ATTENTION;
  v.enqueue = by_tile;
  expect_found(state, v, "arrangement");
}

static void classes_are_held_to_their_word(void **state) {
  char text[4000];
  mcl_variant v[] = {{.name = "a", .op = MCL_OP_SILU, .numeric = "x", .enqueue = right},
                     {.name = "b", .op = MCL_OP_SILU, .numeric = "x", .enqueue = all_ulp}};
  check_run run = check(state, MCL_OP_SILU, v, 2, text);
  assert_int_equal(run.passed, 1);
  assert_int_equal(run.failed, 1);
  assert_non_null(strstr(text, "other bytes than another variant of class x"));
  v[1].numeric = "y";
  run = check(state, MCL_OP_SILU, v, 2, text);
  assert_int_equal(run.passed, 2);
}

static void what_is_not_there_is_told(void **state) {
  char text[4000];
  mcl_variant v = {.name = "a", .op = MCL_OP_SILU, .numeric = "x", .accepts = never};
  check_run run = check(state, MCL_OP_SILU, &v, 1, text);
  assert_int_equal(run.skipped, 1);
  assert_int_equal(run.passed + run.failed, 0);
  run = check(state, MCL_OP_GELU, &v, 1, text);
  assert_int_equal(run.failed, 1);
  run = check(state, MCL_OP_SILU_MUL, &v, 1, text); /* fused: not owed */
  assert_int_equal(run.failed + run.passed + run.skipped, 0);
}

/* [2, 2] at offset 1 with stride 3. */
static const check_tensor small = {
    .op = {.offset = 1, .rows = 2, .cols = 2, .stride = 3, .type = MCL_F32}, .count = 7};

static bool within(const float *want, const float *got, double nrms, double worst) {
  char why[300];
  check_diff d;
  return check_within(&small, (const void *)want, (const void *)got, nrms, worst, &d, why,
                      sizeof why);
}

static void bounds_are_measured(void **state) {
  (void)state;
  const float want[7] = {9, 3, 4, 9, 0, 5, 9};
  float got[7];
  memcpy(got, want, sizeof got);
  assert_true(within(want, got, 0, 0));
  got[5] = 5.5f; /* rms of the difference 0.25, of want 3.5355 */
  assert_true(within(want, got, 0.0708, 0.1001));
  assert_false(within(want, got, 0.0706, 0.1001));
  assert_false(within(want, got, 0.0708, 0.0999));
  got[5] = NAN;
  assert_false(within(want, got, 1e9, 1e9));
  got[5] = 5;
  got[3] = 8; /* the gap between the rows */
  assert_false(within(want, got, 1e9, 1e9));
  got[3] = 9;
  got[6] = 8;
  assert_false(within(want, got, 1e9, 1e9));
  got[6] = 9;
  got[0] = 8;
  assert_false(within(want, got, 1e9, 1e9));
  got[0] = 9;
  got[4] = -0.0f;
  assert_false(within(want, got, 0, 0));
  assert_true(within(want, got, 1e-9, 1e-9));
}

static int setup(void **state) {
  int rc = ref_open(state);
  ref = rc ? NULL : ((mcl_device *)*state)->driver;
  return rc;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(right_ones_pass),
      cmocka_unit_test(wrong_numbers_are_found),
      cmocka_unit_test(wrong_memory_is_found),
      cmocka_unit_test(an_ulp_that_depends_is_found),
      cmocka_unit_test(classes_are_held_to_their_word),
      cmocka_unit_test(what_is_not_there_is_told),
      cmocka_unit_test(bounds_are_measured),
  };
  return cmocka_run_group_tests(tests, setup, ref_close);
}
