/* counting.h - for tests: a driver made of ref's parts that counts what it is asked for: buffers and
 * their first contents, transfers, calls, bytes. Host memory is copied, as on a card. Told to, it
 * fails. */
#ifndef MCL_TESTS_COUNTING_H
#define MCL_TESTS_COUNTING_H

#include <stdlib.h>
#include <string.h>

#include "drivers/list.h"
#include "drivers/ref/ref.h"
#include "drivers/registry.h"

typedef enum counting_act {
  COUNTING_CREATE,
  COUNTING_WRITE,
  COUNTING_READ,
  COUNTING_COPY,
  COUNTING_FINISH,
  COUNTING_CALL
} counting_act;

/** The first content of a buffer, where it lay on the host. */
typedef struct counting_put {
  const unsigned char *host;
  size_t bytes;
} counting_put;

/** So often, so many bytes in all, and the largest of them. */
typedef struct counting_sum {
  uint64_t times, bytes, largest;
} counting_sum;

/**
 * A driver and its one device, which is found in `devices` first.
 *
 * refuse   asked before anything is done, with the bytes that it is about and, for a call, the
 *          call; what it returns unless that is MOTCL_OK is returned instead. NULL: nothing is refused
 * made     buffers; given: those of them that had a first content, in order in put[given.times]
 * writes, reads, copies, calls   what was done since counting_reset
 * buffers, live, peak   there now, their bytes, and the most that these have been since then
 * opened   devices that are open
 */
typedef struct counting {
  mcl_driver driver; /* first: from a device to here */
  mcl_variant variant[MCL_OP_COUNT];
  mcl_device_entry entry;
  mcl_device_list devices;
  int (*refuse)(void *user, counting_act act, size_t bytes, const mcl_call *call, motcl_err *err);
  void *user;
  counting_sum made, given, writes, reads, copies;
  counting_put *put;
  size_t put_cap;
  uint64_t calls, buffers, live, peak;
  int opened;
} counting;

static inline counting *counting_of(const mcl_device *dev) {
  return (counting *)(uintptr_t)dev->driver;
}

static inline void counting_add(counting_sum *s, size_t bytes) {
  s->times++;
  s->bytes += bytes;
  s->largest = bytes > s->largest ? bytes : s->largest;
}

static inline int counting_asks(const counting *c, counting_act act, size_t bytes,
                                const mcl_call *call, motcl_err *err) {
  return c->refuse ? c->refuse(c->user, act, bytes, call, err) : MOTCL_OK;
}

static inline int counting_open(mcl_device **out, const mcl_device_entry *entry,
                                const mcl_device_options *o, motcl_err *err) {
  int rc = mcl_driver_ref.open(out, entry, o, err);
  if (rc == MOTCL_OK)
    counting_of(*out)->opened++;
  return rc;
}

static inline void counting_close(mcl_device *dev) {
  counting_of(dev)->opened--;
  mcl_driver_ref.close(dev);
}

static inline void counting_gave(counting *c, const void *host, size_t bytes) {
  if (c->given.times == c->put_cap) {
    c->put_cap = 2 * c->put_cap + 64;
    c->put = (counting_put *)realloc(c->put, c->put_cap * sizeof *c->put);
    if (!c->put)
      abort();
  }
  c->put[c->given.times] = (counting_put){host, bytes};
  counting_add(&c->given, bytes);
}

static inline int counting_create(mcl_device *dev, mcl_buffer **out, size_t bytes,
                                  mcl_access access, const void *host, motcl_err *err) {
  counting *c = counting_of(dev);
  int rc = counting_asks(c, COUNTING_CREATE, bytes, NULL, err);
  (void)access;
  if (rc == MOTCL_OK)
    rc = mcl_driver_ref.create(dev, out, bytes, MCL_READ_WRITE, host, err);
  if (rc != MOTCL_OK)
    return rc;
  counting_add(&c->made, bytes);
  if (host)
    counting_gave(c, host, bytes);
  c->buffers++;
  c->live += bytes;
  c->peak = c->live > c->peak ? c->live : c->peak;
  return rc;
}

static inline void counting_destroy(mcl_device *dev, mcl_buffer *buf) {
  counting *c = counting_of(dev);
  if (buf) {
    c->buffers--;
    c->live -= buf->bytes;
  }
  mcl_driver_ref.destroy(dev, buf);
}

static inline int counting_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src,
                                 size_t bytes, motcl_err *err) {
  counting *c = counting_of(dev);
  int rc = counting_asks(c, COUNTING_WRITE, bytes, NULL, err);
  if (rc == MOTCL_OK)
    counting_add(&c->writes, bytes);
  return rc == MOTCL_OK ? mcl_driver_ref.write(dev, buf, at, src, bytes, err) : rc;
}

static inline int counting_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst,
                                size_t bytes, motcl_err *err) {
  counting *c = counting_of(dev);
  int rc = counting_asks(c, COUNTING_READ, bytes, NULL, err);
  if (rc == MOTCL_OK)
    counting_add(&c->reads, bytes);
  return rc == MOTCL_OK ? mcl_driver_ref.read(dev, buf, at, dst, bytes, err) : rc;
}

static inline int counting_copy(mcl_device *dev, mcl_buffer *from, size_t from_at, mcl_buffer *to,
                                size_t to_at, size_t bytes, motcl_err *err) {
  counting *c = counting_of(dev);
  int rc = counting_asks(c, COUNTING_COPY, bytes, NULL, err);
  if (rc == MOTCL_OK)
    counting_add(&c->copies, bytes);
  return rc == MOTCL_OK ? mcl_driver_ref.copy(dev, from, from_at, to, to_at, bytes, err) : rc;
}

static inline int counting_finish(mcl_device *dev, motcl_err *err) {
  return counting_asks(counting_of(dev), COUNTING_FINISH, 0, NULL, err);
}

static inline int counting_enqueue(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  counting *c = counting_of(dev);
  int rc = counting_asks(c, COUNTING_CALL, 0, call, err);
  if (rc != MOTCL_OK)
    return rc;
  c->calls++;
  for (size_t i = 0; i < mcl_driver_ref.variant_count; i++)
    if (mcl_driver_ref.variants[i].op == call->op)
      return mcl_driver_ref.variants[i].enqueue(dev, call, err);
  return MOTCL_EINTERNAL;
}

/** Begin to count: a driver whose device has `memory` bytes. Ended by counting_drop. */
static inline void counting_init(counting *c, uint64_t memory) {
  memset(c, 0, sizeof *c);
  c->driver = mcl_driver_ref;
  c->driver.name = "counting";
  c->driver.open = counting_open;
  c->driver.close = counting_close;
  c->driver.create = counting_create;
  c->driver.destroy = counting_destroy;
  c->driver.write = counting_write;
  c->driver.read = counting_read;
  c->driver.copy = counting_copy;
  c->driver.finish = counting_finish;
  c->driver.variants = c->variant;
  for (size_t i = 0; i < mcl_driver_ref.variant_count; i++) {
    c->variant[i] = mcl_driver_ref.variants[i];
    c->variant[i].enqueue = counting_enqueue;
  }
  c->entry.driver = &c->driver;
  c->entry.info = (mcl_device_info){.name = "counting",
                                    .platform = "none",
                                    .version = "1",
                                    .kind = 'r',
                                    .platform_index = -1,
                                    .units = 1,
                                    .memory = memory,
                                    .max_buffer = memory,
                                    .max_group = 1,
                                    .align = 64};
  c->devices = (mcl_device_list){.entry = &c->entry, .count = 1, .cap = 1};
}

static inline void counting_drop(counting *c) {
  free(c->put);
  memset(c, 0, sizeof *c);
}

/** Open the device by itself; closed with mcl_device_close. */
static inline mcl_device *counting_device(counting *c) {
  mcl_device *dev = NULL;
  if (mcl_device_open(&dev, &c->entry, NULL, NULL) != MOTCL_OK)
    abort();
  return dev;
}

/** Count from 0 again, but for what is there: that is the peak. */
static inline void counting_reset(counting *c) {
  c->made = c->given = c->writes = c->reads = c->copies = (counting_sum){0};
  c->calls = 0;
  c->peak = c->live;
}

#endif
