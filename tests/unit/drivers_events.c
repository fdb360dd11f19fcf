/* drivers_events.c - tests of orders and events of every driver: commands wait for events of other
 * queues, events happen when their commands are done, have times in order, and cost nothing where
 * nobody wants them. Devices have queues for moves here, whether or not they would. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/trace.h"
#include "drivers/registry.h"

static const char *const specs[] = {"ref", "generic@cpu", "cpu@cpu"};

static mcl_device *open_device(const char *spec, mcl_trace *trace) {
  mcl_device_list list;
  const mcl_device_entry *e;
  mcl_device *dev = NULL;
  const mcl_device_options o = {.trace = trace, .move_queues = true};
  assert_int_equal(mcl_devices_init(&list, NULL), MOTCL_OK);
  assert_int_equal(mcl_devices_pick(&list, spec, &e, NULL), MOTCL_OK);
  assert_int_equal(mcl_device_open(&dev, e, &o, NULL), MOTCL_OK);
  assert_ptr_equal(dev->trace, trace);
  mcl_devices_finish(&list);
  return dev;
}

static void begin(mcl_device *dev, mcl_queue queue, mcl_event *after) {
  mcl_event *const list[] = {after};
  const mcl_order o = {queue, list, after != NULL, true};
  assert_int_equal(dev->driver->begin(dev, &o, NULL), MOTCL_OK);
}

static mcl_event *end(mcl_device *dev) {
  mcl_event *e = NULL;
  assert_int_equal(dev->driver->end(dev, &e, NULL), MOTCL_OK);
  assert_non_null(e);
  return e;
}

static void wait_long(mcl_device *dev, mcl_event *e) {
  bool done = false;
  assert_int_equal(dev->driver->wait(dev, e, 100, &done, NULL), MOTCL_OK);
  assert_true(done);
}

enum { N = 1 << 20 };

/* Up on one queue, doubled there and back on another, again and again in the same memory: any
 * command that did not wait would move what is not there yet. */
static void round_trips(const char *spec) {
  mcl_trace *trace = mcl_trace_create(4096);
  mcl_device *dev = open_device(spec, trace);
  const mcl_driver *drv = dev->driver;
  mcl_buffer *a, *b;
  void *up, *down;
  assert_int_equal(drv->create(dev, &a, N, MCL_READ_WRITE, NULL, NULL), MOTCL_OK);
  assert_int_equal(drv->create(dev, &b, N, MCL_READ_WRITE, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_device_stage(dev, &up, N, NULL), MOTCL_OK);
  assert_int_equal(mcl_device_stage(dev, &down, N, NULL), MOTCL_OK);
  for (int round = 1; round < 6; round++) {
    mcl_times t[3];
    mcl_event *e[3];
    memset(up, round, N);
    begin(dev, MCL_QUEUE_UPLOAD, NULL);
    assert_int_equal(drv->write(dev, a, 0, up, N, NULL), MOTCL_OK);
    e[0] = end(dev);
    begin(dev, MCL_QUEUE_COMPUTE, e[0]);
    assert_int_equal(drv->copy(dev, a, 0, b, N / 2, N / 2, NULL), MOTCL_OK);
    assert_int_equal(drv->copy(dev, a, N / 2, b, 0, N / 2, NULL), MOTCL_OK);
    e[1] = end(dev);
    begin(dev, MCL_QUEUE_DOWNLOAD, e[1]);
    assert_int_equal(drv->read(dev, b, 0, down, N, NULL), MOTCL_OK);
    e[2] = end(dev);
    wait_long(dev, e[2]);
    for (size_t i = 0; i < N; i += 997)
      assert_int_equal(((unsigned char *)down)[i], round);
    for (int i = 0; i < 3; i++) {
      bool done;
      assert_int_equal(drv->wait(dev, e[i], 0, &done, NULL), MOTCL_OK);
      assert_true(done);
      assert_int_equal(drv->times(dev, e[i], &t[i], NULL), MOTCL_OK);
      assert_true(t[i].queued <= t[i].submit && t[i].submit <= t[i].start);
      assert_true(t[i].start <= t[i].end);
      assert_true(!i || t[i].start >= t[i - 1].end);
      drv->release(dev, e[i]);
    }
  }
  mcl_device_unstage(dev, up);
  mcl_device_unstage(dev, down);
  drv->destroy(dev, a);
  drv->destroy(dev, b);
  mcl_device_close(dev);
  mcl_trace_destroy(trace);
}

static void commands_wait_for_events(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
    round_trips(specs[i]);
}

/* An order without commands marks a place; one that wants no event gives none; outside of orders
 * moves are done when they return. */
static void orders_without_commands(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
    mcl_device *dev = open_device(specs[i], NULL);
    const mcl_driver *drv = dev->driver;
    const mcl_order plain = {.queue = MCL_QUEUE_COMPUTE};
    mcl_event *e;
    mcl_buffer *a;
    char got[8];
    begin(dev, MCL_QUEUE_COMPUTE, NULL);
    e = end(dev);
    wait_long(dev, e);
    drv->release(dev, e);
    drv->release(dev, NULL);
    assert_int_equal(drv->begin(dev, &plain, NULL), MOTCL_OK);
    assert_int_equal(drv->end(dev, &e, NULL), MOTCL_OK);
    assert_null(e);
    assert_int_equal(drv->create(dev, &a, 8, MCL_READ_WRITE, "abcdefg", NULL), MOTCL_OK);
    assert_int_equal(drv->write(dev, a, 1, "XY", 2, NULL), MOTCL_OK);
    assert_int_equal(drv->read(dev, a, 0, got, 8, NULL), MOTCL_OK);
    assert_string_equal(got, "aXYdefg");
    drv->destroy(dev, a);
    mcl_device_close(dev);
  }
}

/* An order inside another is a mistake of ours, and leaves the outer one as it was. */
static void orders_do_not_nest(void **state) {
  (void)state;
  mcl_device *dev = open_device("generic@cpu", NULL);
  const mcl_order o = {.queue = MCL_QUEUE_UPLOAD, .wants = true};
  mcl_event *e;
  begin(dev, MCL_QUEUE_COMPUTE, NULL);
  assert_int_equal(dev->driver->begin(dev, &o, NULL), MOTCL_EINTERNAL);
  e = end(dev);
  wait_long(dev, e);
  dev->driver->release(dev, e);
  assert_int_equal(dev->driver->end(dev, &e, NULL), MOTCL_EINTERNAL);
  assert_null(e);
  mcl_device_close(dev);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commands_wait_for_events),
      cmocka_unit_test(orders_without_commands),
      cmocka_unit_test(orders_do_not_nest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
