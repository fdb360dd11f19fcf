/* ref_driver.c - drivers/ref: the table is complete, and memory is guarded. */
#include "ref_call.h"

#include <string.h>

static void every_op_has_one_variant(void **state) {
  const mcl_device *dev = *state;
  for (int op = 0; op < MCL_OP_COUNT; op++) {
    const mcl_variant *v = mcl_device_variant(dev, (mcl_op)op, 0);
    assert_non_null(v);
    assert_string_equal(v->name + 4, mcl_op_get((mcl_op)op)->name);
    assert_null(mcl_device_variant(dev, (mcl_op)op, 1));
  }
}

static void says_what_it_is(void **state) {
  const mcl_device *dev = *state;
  assert_true(dev->info.slow);
  assert_true(dev->info.zero_copy);
  assert_int_equal(dev->info.kind, 'r');
  assert_int_equal(dev->info.platform_index, -1);
  assert_string_equal(dev->info.platform, "none");
}

static void is_found_by_its_name_only(void **state) {
  (void)state;
  mcl_device_list list;
  const mcl_device_entry *e;
  assert_int_equal(mcl_devices_init(&list, NULL), MOTCL_OK);
  assert_int_equal(mcl_devices_pick(&list, "ref", &e, NULL), MOTCL_OK);
  assert_string_equal(e->driver->name, "ref");
  if (mcl_devices_pick(&list, NULL, &e, NULL) == MOTCL_OK)
    assert_string_not_equal(e->driver->name, "ref");
  if (mcl_devices_pick(&list, "plain", &e, NULL) == MOTCL_OK)
    assert_string_not_equal(e->driver->name, "ref");
  mcl_devices_finish(&list);
}

static void reads_and_writes_stay_inside(void **state) {
  mcl_device *dev = *state;
  const mcl_driver *drv = dev->driver;
  mcl_buffer *a, *b;
  char got[5] = "";
  assert_int_equal(drv->create(dev, &a, 4, MCL_READ_WRITE, "abcd", NULL), MOTCL_OK);
  assert_int_equal(drv->create(dev, &b, 3, MCL_READ_WRITE, NULL, NULL), MOTCL_OK);
  assert_int_equal(drv->write(dev, a, 1, "XY", 2, NULL), MOTCL_OK);
  assert_int_equal(drv->read(dev, a, 0, got, 4, NULL), MOTCL_OK);
  assert_string_equal(got, "aXYd");
  assert_int_equal(drv->copy(dev, a, 2, b, 1, 2, NULL), MOTCL_OK);
  assert_int_equal(drv->read(dev, b, 1, got, 2, NULL), MOTCL_OK);
  assert_memory_equal(got, "Yd", 2);
  assert_int_equal(drv->write(dev, a, 3, "XY", 2, NULL), MOTCL_EINTERNAL);
  assert_int_equal(drv->read(dev, a, SIZE_MAX, got, 2, NULL), MOTCL_EINTERNAL);
  assert_int_equal(drv->copy(dev, a, 0, b, 0, 4, NULL), MOTCL_EINTERNAL);
  assert_int_equal(drv->copy(dev, b, 2, a, 0, 2, NULL), MOTCL_EINTERNAL);
  assert_int_equal(drv->read(dev, a, 0, got, 4, NULL), MOTCL_OK);
  assert_string_equal(got, "aXYd");
  assert_int_equal(drv->finish(dev, NULL), MOTCL_OK);
  drv->destroy(dev, a);
  drv->destroy(dev, b);
  drv->destroy(dev, NULL);
}

static void host_memory_is_used_in_place(void **state) {
  mcl_device *dev = *state;
  const mcl_driver *drv = dev->driver;
  char home[] = "abcd", got[5] = "";
  mcl_buffer *b;
  assert_int_equal(drv->create(dev, &b, 4, MCL_READ_ONLY, home, NULL), MOTCL_OK);
  home[1] = 'X';
  assert_int_equal(drv->read(dev, b, 0, got, 4, NULL), MOTCL_OK);
  assert_string_equal(got, "aXcd");
  assert_int_equal(drv->write(dev, b, 0, "Z", 1, NULL), MOTCL_EINTERNAL);
  assert_string_equal(home, "aXcd");
  drv->destroy(dev, b);
}

static void only_what_is_its_own_is_written(void **state) {
  ref_call c = ref_begin(state, MCL_OP_ADD);
  static const float home[4] = {0};
  c.call.in[0] = F(&c, 1, 4, 1, 2, 3, 4);
  c.call.in[1] = F(&c, 1, 4, 1, 2, 3, 4);
  c.call.out = c.call.in[1];
  ref_refuses(&c, "overlaps another");
  assert_int_equal(
      c.dev->driver->create(c.dev, &c.buf[c.count], sizeof home, MCL_READ_ONLY, home, NULL),
      MOTCL_OK);
  c.call.out.buf = c.buf[c.count++];
  ref_refuses(&c, "read-only");
  c.call.in[0].buf = c.call.out.buf; /* to be read it may be */
  c.call.out = F(&c, 1, 4, 0, 0, 0, 0);
  ref_run(&c);
  EXPECT(&c, 1, 2, 3, 4);
  ref_end(&c);
}

static void largest_buffer_can_be_pretended(void **state) {
  (void)state;
  mcl_device_list list;
  const mcl_device_entry *e;
  const mcl_device_options small = {.max_buffer = 100};
  mcl_device *dev;
  mcl_buffer *b = NULL;
  assert_int_equal(mcl_devices_init(&list, NULL), MOTCL_OK);
  assert_int_equal(mcl_devices_pick(&list, "ref", &e, NULL), MOTCL_OK);
  assert_int_equal(mcl_device_open(&dev, e, &small, NULL), MOTCL_OK);
  mcl_devices_finish(&list);
  assert_int_equal(dev->info.max_buffer, 100);
  assert_int_equal(dev->driver->create(dev, &b, 101, MCL_READ_WRITE, NULL, NULL), MOTCL_EDEVMEM);
  assert_int_equal(dev->driver->create(dev, &b, 0, MCL_READ_WRITE, NULL, NULL), MOTCL_EDEVMEM);
  assert_null(b);
  assert_int_equal(dev->driver->create(dev, &b, 100, MCL_READ_WRITE, NULL, NULL), MOTCL_OK);
  dev->driver->destroy(dev, b);
  mcl_device_close(dev);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_op_has_one_variant),
      cmocka_unit_test(says_what_it_is),
      cmocka_unit_test(is_found_by_its_name_only),
      cmocka_unit_test(reads_and_writes_stay_inside),
      cmocka_unit_test(host_memory_is_used_in_place),
      cmocka_unit_test(only_what_is_its_own_is_written),
      cmocka_unit_test(largest_buffer_can_be_pretended),
  };
  return cmocka_run_group_tests(tests, ref_open, ref_close);
}
