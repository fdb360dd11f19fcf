/* drivers_clblast.c - tests of generic's use of CLBlast: its cache is the whole process's, so it is
 * cleared when the last device that used it is closed, and not before. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cl/opencl.h"
#include "drivers/registry.h"

#include <clblast_c.h> /* after cl/opencl.h, which says which OpenCL is meant */

static int cleared;

/* Stands in front of the library's own, and counts. */
CLBlastStatusCode CLBlastClearCache(void);
CLBlastStatusCode CLBlastClearCache(void) {
  cleared++;
  return CLBlastSuccess;
}

static mcl_device *open_generic(void) {
  mcl_device_list list;
  const mcl_device_entry *e;
  mcl_device *dev = NULL;
  assert_int_equal(mcl_devices_init(&list, NULL), MOTCL_OK);
  assert_int_equal(mcl_devices_pick(&list, "generic@cpu", &e, NULL), MOTCL_OK);
  assert_int_equal(mcl_device_open(&dev, e, NULL, NULL), MOTCL_OK);
  mcl_devices_finish(&list);
  return dev;
}

static const mcl_variant *clblast_of(const mcl_device *dev) {
  const mcl_variant *v;
  for (size_t i = 0; (v = mcl_device_variant(dev, MCL_OP_LINEAR, i)); i++)
    if (!strcmp(v->numeric, "clblast"))
      return v;
  return NULL;
}

static mcl_operand operand(mcl_device *dev, uint32_t rows, uint32_t cols, const float *data) {
  mcl_operand o = {.rows = rows, .cols = cols, .stride = cols, .type = MCL_F32};
  size_t bytes = (size_t)rows * cols * sizeof(float);
  assert_int_equal(dev->driver->create(dev, &o.buf, bytes, MCL_READ_WRITE, data, NULL), MOTCL_OK);
  return o;
}

/* [1 2] times rows [3 4] and [5 6]. */
static void multiply(mcl_device *dev) {
  const mcl_variant *v = clblast_of(dev);
  const float x[] = {1, 2}, w[] = {3, 4, 5, 6};
  float got[2];
  mcl_call c = {.op = MCL_OP_LINEAR};
  assert_non_null(v);
  c.in[0] = operand(dev, 1, 2, x);
  c.wt[0] = operand(dev, 2, 2, w);
  c.out = operand(dev, 1, 2, NULL);
  c.scratch.rows = c.scratch.cols = c.scratch.stride = 1;
  c.scratch.type = MCL_U8;
  assert_int_equal(
      dev->driver->create(dev, &c.scratch.buf, v->scratch(dev, &c), MCL_READ_WRITE, NULL, NULL),
      MOTCL_OK);
  assert_true(v->accepts(dev, &c));
  assert_int_equal(v->enqueue(dev, &c, NULL), MOTCL_OK);
  assert_int_equal(dev->driver->read(dev, c.out.buf, 0, got, sizeof got, NULL), MOTCL_OK);
  assert_true(got[0] == 11 && got[1] == 17);
  dev->driver->destroy(dev, c.in[0].buf);
  dev->driver->destroy(dev, c.wt[0].buf);
  dev->driver->destroy(dev, c.out.buf);
  dev->driver->destroy(dev, c.scratch.buf);
}

static void the_last_device_to_close_clears_the_cache(void **state) {
  (void)state;
  mcl_device *a = open_generic(), *b = open_generic(), *idle = open_generic();
  multiply(a);
  multiply(b);
  multiply(b);
  mcl_device_close(idle);
  assert_int_equal(cleared, 0);
  mcl_device_close(a);
  assert_int_equal(cleared, 0);
  multiply(b);
  mcl_device_close(b);
  assert_int_equal(cleared, 1);
  a = open_generic();
  multiply(a);
  mcl_device_close(a);
  assert_int_equal(cleared, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_last_device_to_close_clears_the_cache),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
