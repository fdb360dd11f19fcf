/* toy.h - for tests of plan and exec: the plain C device, weights without a file, and a driver made
 * of ref's parts that counts what it gives, lacks ops, or fails when told to. */
#ifndef MCL_TESTS_TOY_H
#define MCL_TESTS_TOY_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drivers/list.h"
#include "drivers/ref/ref.h"
#include "drivers/registry.h"

/** The device that `spec` names (mcl_devices_pick), with a pretended largest buffer (0: none). */
static inline mcl_device *toy_open(const char *spec, uint64_t max_buffer) {
  mcl_device_list list;
  const mcl_device_entry *entry;
  mcl_device *dev = NULL;
  motcl_err err = {0};
  if (mcl_devices_init(&list, &err) != MOTCL_OK ||
      mcl_devices_pick(&list, spec, &entry, &err) != MOTCL_OK ||
      mcl_device_open(&dev, entry, &(mcl_device_options){.max_buffer = max_buffer}, &err) !=
          MOTCL_OK) {
    fprintf(stderr, "toy: %s\n", err.text);
    abort();
  }
  mcl_devices_finish(&list);
  return dev;
}

/** The device of the plain C driver. */
static inline mcl_device *toy_ref(uint64_t max_buffer) {
  return toy_open("ref", max_buffer);
}

/** Numbers that look random, the same in every run. */
static inline uint32_t toy_next(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33);
}
static inline float toy_float(uint64_t *state) {
  return (float)(toy_next(state) % 2001) / 1000.0f - 1.0f;
}
static inline void toy_fill(float *x, size_t n, uint64_t seed) {
  for (size_t i = 0; i < n; i++)
    x[i] = toy_float(&seed);
}

/** A weight in memory of its own; toy_weight_free gives both back. */
typedef struct toy_weight {
  mcl_weight w;
  mcl_mapping mapping;
  unsigned char *data;
} toy_weight;

/** rows * cols numbers of `type` from a seed, `shift` bytes past a page's start. */
static inline toy_weight *toy_weight_make(const char *name, mcl_type type, uint32_t rows,
                                          uint32_t cols, uint32_t kernel, size_t shift,
                                          uint64_t seed) {
  toy_weight *t = mcl_zalloc(1, sizeof *t);
  size_t n = (size_t)rows * cols, size = mcl_type_size(type);
  unsigned char *data = mcl_alloc_aligned(n * size + shift, 4096);
  if (!t || !data)
    abort();
  for (size_t i = 0; i < n; i++) {
    float f = toy_float(&seed);
    uint16_t b = mcl_f32_to_bf16(f);
    memcpy(data + shift + i * size, type == MCL_F32 ? (void *)&f : (void *)&b, size);
  }
  t->data = data;
  t->mapping = (mcl_mapping){name, data, n * size + shift, false};
  t->w = (mcl_weight){name, type, rows, cols, kernel, data + shift, &t->mapping};
  return t;
}

static inline void toy_weight_free(toy_weight *t) {
  mcl_free(t->data);
  mcl_free(t);
}

/**
 * A device of the toy driver.
 *
 * refuses        an op whose variant takes no call; MCL_OP_COUNT: none
 * scratch        bytes that each LINEAR asks for
 * fail_create    buffers it gives before it fails; negative: it never does
 * fail_enqueue   calls it takes before it fails; likewise
 * fail_finish    waits it takes before it fails; likewise
 * buffers        given and not yet taken back
 * calls, waits   enqueued; finished
 * writes, written  transfers to it, and bytes of the last one
 */
typedef struct toy_device {
  union { /* orders are ref's, which keeps them in its device */
    mcl_device dev;
    mcl_ref ref;
  };
  mcl_driver driver;
  mcl_variant variant[MCL_OP_COUNT];
  mcl_op refuses;
  size_t scratch;
  int fail_create, fail_enqueue, fail_finish, buffers, calls, waits, writes;
  size_t written;
} toy_device;

static inline int toy_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                             const void *host, motcl_err *err) {
  toy_device *t = (toy_device *)dev;
  if (t->fail_create == 0)
    return mcl_fail(err, MOTCL_EDEVMEM, "the toy has no memory");
  t->fail_create -= t->fail_create > 0;
  int rc = mcl_driver_ref.create(dev, out, bytes, dev->info.zero_copy ? access : MCL_READ_WRITE,
                                 host, err);
  t->buffers += rc == MOTCL_OK;
  return rc;
}

static inline void toy_destroy(mcl_device *dev, mcl_buffer *buf) {
  ((toy_device *)dev)->buffers -= buf != NULL;
  mcl_driver_ref.destroy(dev, buf);
}

static inline int toy_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src,
                            size_t bytes, motcl_err *err) {
  toy_device *t = (toy_device *)dev;
  t->writes++;
  t->written = bytes;
  return mcl_driver_ref.write(dev, buf, at, src, bytes, err);
}

static inline int toy_finish(mcl_device *dev, motcl_err *err) {
  toy_device *t = (toy_device *)dev;
  if (t->fail_finish == 0)
    return mcl_fail(err, MOTCL_ELOST, "the toy is gone");
  t->fail_finish -= t->fail_finish > 0;
  t->waits++;
  return MOTCL_OK;
}

static inline int toy_enqueue(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  toy_device *t = (toy_device *)dev;
  if (t->fail_enqueue == 0)
    return mcl_fail(err, MOTCL_ELOST, "the toy broke");
  t->fail_enqueue -= t->fail_enqueue > 0;
  t->calls++;
  for (size_t i = 0; i < mcl_driver_ref.variant_count; i++)
    if (mcl_driver_ref.variants[i].op == call->op)
      return mcl_driver_ref.variants[i].enqueue(dev, call, err);
  return MOTCL_EINTERNAL;
}

static inline bool toy_accepts(const mcl_device *dev, const mcl_call *call) {
  return ((const toy_device *)dev)->refuses != call->op;
}

static inline size_t toy_scratch(const mcl_device *dev, const mcl_call *call) {
  if (call->op == MCL_OP_LINEAR)
    return ((const toy_device *)dev)->scratch;
  for (size_t i = 0; i < mcl_driver_ref.variant_count; i++)
    if (mcl_driver_ref.variants[i].op == call->op)
      return mcl_driver_ref.variants[i].scratch(dev, call);
  return 0;
}

/** Ready a toy with `memory` bytes, the largest buffer likewise, and no variant for the op `lacks`
 * (MCL_OP_COUNT: all); its members may be changed before use. */
static inline void toy_init(toy_device *t, uint64_t memory, bool zero_copy, mcl_op lacks) {
  memset(t, 0, sizeof *t);
  t->driver = mcl_driver_ref;
  t->driver.create = toy_create;
  t->driver.destroy = toy_destroy;
  t->driver.write = toy_write;
  t->driver.finish = toy_finish;
  t->driver.variants = t->variant;
  t->driver.variant_count = 0;
  for (size_t i = 0; i < mcl_driver_ref.variant_count; i++) {
    mcl_variant v = mcl_driver_ref.variants[i];
    v.accepts = toy_accepts;
    v.scratch = toy_scratch;
    v.enqueue = toy_enqueue;
    if (v.op != lacks)
      t->variant[t->driver.variant_count++] = v;
  }
  t->refuses = MCL_OP_COUNT;
  t->fail_create = t->fail_enqueue = t->fail_finish = -1;
  t->dev.driver = &t->driver;
  t->dev.info = (mcl_device_info){
      .name = "toy", .kind = 'c', .memory = memory, .max_buffer = memory, .align = 64};
  t->dev.info.zero_copy = zero_copy;
}

#endif
