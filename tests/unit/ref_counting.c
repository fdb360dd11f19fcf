/* ref_counting.c - the counting driver of the tests counts right: everything that it is asked for
 * once, bytes that are there and the most there were, and it fails where it is told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counting.h"

enum { MEMORY = 1 << 20 };

static void is_sum(const counting_sum *s, uint64_t times, uint64_t bytes, uint64_t largest) {
  assert_int_equal(s->times, times);
  assert_int_equal(s->bytes, bytes);
  assert_int_equal(s->largest, largest);
}

static void counts_what_is_done(void **state) {
  (void)state;
  counting c;
  counting_init(&c, MEMORY);
  mcl_device *dev = counting_device(&c);
  unsigned char host[100], got[100];
  mcl_buffer *a, *b;
  memset(host, 7, sizeof host);
  assert_int_equal(c.opened, 1);
  assert_int_equal(c.driver.create(dev, &a, 100, MCL_READ_ONLY, host, NULL), MOTCL_OK);
  assert_int_equal(c.driver.create(dev, &b, 300, MCL_READ_WRITE, NULL, NULL), MOTCL_OK);
  is_sum(&c.made, 2, 400, 300);
  is_sum(&c.given, 1, 100, 100);
  assert_ptr_equal(c.put[0].host, host);
  assert_int_equal(c.put[0].bytes, 100);
  memset(host, 8, sizeof host); /* the device has a copy */
  assert_int_equal(c.driver.read(dev, a, 10, got, 20, NULL), MOTCL_OK);
  assert_int_equal(got[0], 7);
  assert_int_equal(c.driver.write(dev, b, 0, host, 50, NULL), MOTCL_OK);
  assert_int_equal(c.driver.write(dev, b, 50, host, 30, NULL), MOTCL_OK);
  assert_int_equal(c.driver.copy(dev, b, 0, a, 0, 60, NULL), MOTCL_OK);
  assert_int_equal(c.driver.read(dev, a, 0, got, 100, NULL), MOTCL_OK);
  assert_int_equal(got[59], 8);
  assert_int_equal(got[60], 7);
  is_sum(&c.reads, 2, 120, 100);
  is_sum(&c.writes, 2, 80, 50);
  is_sum(&c.copies, 1, 60, 60);
  c.driver.destroy(dev, a);
  assert_int_equal(c.live, 300);
  assert_int_equal(c.peak, 400);
  counting_reset(&c);
  assert_int_equal(c.peak, 300);
  assert_int_equal(c.buffers, 1);
  is_sum(&c.made, 0, 0, 0);
  c.driver.destroy(dev, b);
  c.driver.destroy(dev, NULL);
  assert_int_equal(c.live, 0);
  assert_int_equal(c.buffers, 0);
  mcl_device_close(dev);
  assert_int_equal(c.opened, 0);
  counting_drop(&c);
}

/* x + x on two floats, by the driver's only variant for it. */
static int add(mcl_device *dev, mcl_buffer *x, mcl_buffer *y, motcl_err *err) {
  const mcl_operand in = {x, 0, 1, 2, 2, MCL_F32}, out = {y, 0, 1, 2, 2, MCL_F32};
  const mcl_call call = {.op = MCL_OP_ADD, .in = {in, in}, .out = out};
  const mcl_variant *v = mcl_device_variant(dev, MCL_OP_ADD, 0);
  assert_non_null(v);
  assert_null(mcl_device_variant(dev, MCL_OP_ADD, 1));
  return v->enqueue(dev, &call, err);
}

/* *user is what fails. */
static int fail_act(void *user, counting_act act, size_t bytes, const mcl_call *call,
                    motcl_err *err) {
  assert_int_equal(act == COUNTING_CALL, call != NULL);
  assert_int_equal(act == COUNTING_CALL || act == COUNTING_FINISH, bytes == 0);
  return act == *(const counting_act *)user ? mcl_fail(err, MOTCL_EDEVMEM, "told to") : MOTCL_OK;
}

static void calls_are_computed_and_all_can_fail(void **state) {
  (void)state;
  counting c;
  counting_init(&c, MEMORY);
  mcl_device *dev = counting_device(&c);
  const float two[] = {1.5f, -2};
  float got[2];
  mcl_buffer *x, *y, *z;
  assert_int_equal(c.driver.create(dev, &x, sizeof two, MCL_READ_ONLY, two, NULL), MOTCL_OK);
  assert_int_equal(c.driver.create(dev, &y, sizeof two, MCL_READ_WRITE, NULL, NULL), MOTCL_OK);
  assert_int_equal(add(dev, x, y, NULL), MOTCL_OK);
  assert_int_equal(c.calls, 1);
  for (counting_act act = COUNTING_CREATE; act <= COUNTING_CALL; act++) {
    const int bad = MOTCL_EDEVMEM, good = MOTCL_OK;
    motcl_err err = {0};
    c.refuse = fail_act;
    c.user = &act;
    const counting was = c;
#define IS(act_is, call) assert_int_equal(call, act == (act_is) ? bad : good)
    IS(COUNTING_CREATE, c.driver.create(dev, &z, 8, MCL_READ_WRITE, NULL, &err));
    if (act != COUNTING_CREATE)
      c.driver.destroy(dev, z);
    IS(COUNTING_WRITE, c.driver.write(dev, x, 0, two, 8, &err));
    IS(COUNTING_READ, c.driver.read(dev, y, 0, got, 8, &err));
    IS(COUNTING_COPY, c.driver.copy(dev, x, 0, y, 0, 8, &err));
    IS(COUNTING_FINISH, c.driver.finish(dev, &err));
    IS(COUNTING_CALL, add(dev, x, y, &err));
#undef IS
    assert_string_equal(err.text, "told to");
    assert_int_equal(c.live, was.live);
    assert_int_equal(c.made.times - was.made.times, act != COUNTING_CREATE);
    assert_int_equal(c.writes.times - was.writes.times, act != COUNTING_WRITE);
    assert_int_equal(c.reads.times - was.reads.times, act != COUNTING_READ);
    assert_int_equal(c.copies.times - was.copies.times, act != COUNTING_COPY);
    assert_int_equal(c.calls - was.calls, act != COUNTING_CALL);
    c.refuse = NULL;
  }
  assert_int_equal(add(dev, x, y, NULL), MOTCL_OK);
  assert_int_equal(c.driver.read(dev, y, 0, got, sizeof got, NULL), MOTCL_OK);
  assert_true(got[0] == 3 && got[1] == -4);
  c.driver.destroy(dev, x);
  c.driver.destroy(dev, y);
  mcl_device_close(dev);
  counting_drop(&c);
}

static void is_found_by_itself(void **state) {
  (void)state;
  counting c;
  const mcl_device_entry *entry;
  counting_init(&c, MEMORY);
  assert_int_equal(mcl_devices_pick(&c.devices, NULL, &entry, NULL), MOTCL_OK);
  assert_ptr_equal(entry, &c.entry);
  counting_drop(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts_what_is_done),
      cmocka_unit_test(calls_are_computed_and_all_can_fail),
      cmocka_unit_test(is_found_by_itself),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
