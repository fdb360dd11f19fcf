/* ref_call.h - calls of the ref driver's ops on small arrays, for tests with numbers worked out by
 * hand. */
#ifndef MCL_TESTS_REF_CALL_H
#define MCL_TESTS_REF_CALL_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "drivers/registry.h"

/** The ref device, and one call whose operands the test sets with the functions below. */
typedef struct ref_call {
  mcl_device *dev;
  mcl_buffer *buf[32];
  size_t count;
  mcl_call call;
} ref_call;

/** A group setup: *state is the ref device. */
static inline int ref_open(void **state) {
  mcl_device_list list;
  const mcl_device_entry *e;
  mcl_device *dev = NULL;
  if (mcl_devices_init(&list, NULL) == MOTCL_OK &&
      mcl_devices_pick(&list, "ref", &e, NULL) == MOTCL_OK)
    mcl_device_open(&dev, e, NULL, NULL);
  mcl_devices_finish(&list);
  *state = dev;
  return dev ? 0 : -1;
}

static inline int ref_close(void **state) {
  mcl_device_close(*state);
  return 0;
}

static inline ref_call ref_begin(void **state, mcl_op op) {
  ref_call c = {.dev = *state, .call = {.op = op}};
  return c;
}

/** An operand [rows, cols] with these elements; `data` is copied. */
static inline mcl_operand ref_operand(ref_call *c, mcl_type type, uint32_t rows, uint32_t cols,
                                      const void *data) {
  mcl_operand o = {.rows = rows, .cols = cols, .stride = cols, .type = type};
  size_t bytes = (size_t)rows * cols * mcl_type_size(type);
  assert_true(c->count < 32);
  assert_int_equal(
      c->dev->driver->create(c->dev, &c->buf[c->count], bytes, MCL_READ_WRITE, data, NULL),
      MOTCL_OK);
  o.buf = c->buf[c->count++];
  return o;
}

/** A float32 operand from a list of its elements: F(c, 1, 2, 3.0f, 4.0f) is [[3, 4]]. */
#define F(c, rows, cols, ...)                                                                      \
  ref_operand((c), MCL_F32, (rows), (cols), (const float[(rows) * (cols)]){__VA_ARGS__})
#define I(c, rows, cols, ...)                                                                      \
  ref_operand((c), MCL_I32, (rows), (cols), (const int32_t[(rows) * (cols)]){__VA_ARGS__})

static inline int ref_try(ref_call *c, motcl_err *err) {
  return mcl_device_variant(c->dev, c->call.op, 0)->enqueue(c->dev, &c->call, err);
}

/** The call succeeds. */
static inline void ref_run(ref_call *c) {
  motcl_err err = {.text = ""};
  if (ref_try(c, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

/** The call is refused with a sentence that has these words. */
static inline void ref_refuses(ref_call *c, const char *words) {
  motcl_err err = {.text = ""};
  assert_int_equal(ref_try(c, &err), MOTCL_EINTERNAL);
  if (!strstr(err.text, words))
    fail_msg("'%s' does not say '%s'", err.text, words);
}

/** Element i of an operand without gaps. */
static inline float ref_get(const ref_call *c, const mcl_operand *o, size_t i) {
  float f;
  size_t at = ((size_t)o->offset + i) * sizeof f;
  assert_int_equal(c->dev->driver->read(c->dev, o->buf, at, &f, sizeof f, NULL), MOTCL_OK);
  return f;
}

/** The output's elements are these, within one part in a million. */
static inline void ref_expect(ref_call *c, const float *want, size_t n) {
  assert_int_equal(n, (size_t)c->call.out.rows * c->call.out.cols);
  for (size_t i = 0; i < n; i++) {
    float got = ref_get(c, &c->call.out, i);
    if (!(fabs((double)got - (double)want[i]) <= 1e-6 * fmax(1, fabs((double)want[i]))))
      fail_msg("element %zu is %.9g, not %.9g", i, (double)got, (double)want[i]);
  }
}
#define EXPECT(c, ...)                                                                             \
  ref_expect((c), (const float[]){__VA_ARGS__}, sizeof((float[]){__VA_ARGS__}) / sizeof(float))

static inline void ref_end(ref_call *c) {
  for (size_t i = 0; i < c->count; i++)
    c->dev->driver->destroy(c->dev, c->buf[i]);
}

#endif
