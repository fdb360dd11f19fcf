/* watchdog.c - a driver's calls as orders whose events are waited for a while at a time. */
#include "drivers/watchdog.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* Seconds between two looks at the time, and at who else wants to be asked. */
#define LOOK 0.05

static int fail_hanging(mcl_device *dev, motcl_err *err) {
  dev->hangs = true;
  return mcl_fail(
      err, MOTCL_ELOST,
      "%s has not ended this for %.0f s: it hangs; begin again in another process, or on "
      "another device",
      dev->info.name, dev->stall);
}

static int wait_for(mcl_device *dev, mcl_event *event, mcl_look_fn look, void *user,
                    motcl_err *err) {
  const double began = mcl_clock();
  bool done = false;
  int rc = MOTCL_OK;
  while (rc == MOTCL_OK && !done) {
    rc = dev->driver->wait(dev, event, LOOK, &done, err);
    if (look)
      (void)look(user);
    if (rc == MOTCL_OK && !done && dev->stall > 0 && mcl_clock_since(began) > dev->stall)
      rc = fail_hanging(dev, err);
  }
  return rc;
}

static int begin(mcl_device *dev, motcl_err *err) {
  const mcl_order order = {.queue = MCL_QUEUE_COMPUTE, .wants = true};
  return dev->driver->begin(dev, &order, err);
}

/* End of the order whose commands came to rc; wait for it. The event is the caller's if it wants it. */
static int end(mcl_device *dev, int rc, mcl_event **out, mcl_look_fn look, void *user,
               motcl_err *err) {
  mcl_event *event = NULL;
  int ended = dev->driver->end(dev, &event, rc == MOTCL_OK ? err : NULL);
  if (rc == MOTCL_OK)
    rc = ended;
  if (ended == MOTCL_OK) {
    int waited = wait_for(dev, event, look, user, rc == MOTCL_OK ? err : NULL);
    rc = rc == MOTCL_OK ? waited : rc;
  }
  if (out && rc == MOTCL_OK)
    *out = event;
  else
    dev->driver->release(dev, event);
  return rc;
}

int mcl_device_finish(mcl_device *dev, mcl_look_fn look, void *user, motcl_err *err) {
  if (!look && dev->stall <= 0)
    return dev->driver->finish(dev, err);
  int rc = begin(dev, err);
  return rc == MOTCL_OK ? end(dev, MOTCL_OK, NULL, look, user, err) : rc;
}

int mcl_device_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                      const void *host, motcl_err *err) {
  if (!host || dev->stall <= 0)
    return dev->driver->create(dev, out, bytes, access, host, err);
  int rc = begin(dev, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = dev->driver->create(dev, out, bytes, access, host, err);
  const bool made = rc == MOTCL_OK;
  rc = end(dev, rc, NULL, NULL, NULL, err);
  if (rc != MOTCL_OK && made && !dev->hangs)
    dev->driver->destroy(dev, *out);
  return rc;
}

/* A device that hangs may come back to what it was given, when the caller's memory has long been
 * another's. So it is given a copy, which is then left to it. */
static int move(mcl_device *dev, mcl_buffer *buf, size_t at, const void *up, void *down,
                size_t bytes, mcl_event **event, motcl_err *err) {
  const mcl_driver *drv = dev->driver;
  void *copy = dev->stall > 0 ? mcl_alloc(bytes, 1) : NULL;
  if (dev->stall > 0 && !copy)
    return mcl_fail_nomem(err, bytes);
  if (copy && up)
    memcpy(copy, up, bytes);
  int rc = begin(dev, err);
  if (rc == MOTCL_OK) {
    rc = up ? drv->write(dev, buf, at, copy ? copy : up, bytes, err)
            : drv->read(dev, buf, at, copy ? copy : down, bytes, err);
    rc = end(dev, rc, event, NULL, NULL, err);
  }
  if (copy && down && rc == MOTCL_OK)
    memcpy(down, copy, bytes);
  if (!dev->hangs)
    mcl_free(copy);
  else
    rc = mcl_err_prefix(err, rc, up ? "a write of %zu bytes" : "a read of %zu bytes", bytes);
  return rc;
}

int mcl_device_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
                     mcl_event **event, motcl_err *err) {
  return event || dev->stall > 0 ? move(dev, buf, at, src, NULL, bytes, event, err)
                                 : dev->driver->write(dev, buf, at, src, bytes, err);
}

int mcl_device_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes,
                    mcl_event **event, motcl_err *err) {
  return event || dev->stall > 0 ? move(dev, buf, at, NULL, dst, bytes, event, err)
                                 : dev->driver->read(dev, buf, at, dst, bytes, err);
}
