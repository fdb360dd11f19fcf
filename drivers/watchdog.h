/* watchdog.h - what waits for a device comes to an end, also where the device does not. Plan, exec and
 * session make a driver's create, write, read and finish through these.
 *
 * Without a limit (mcl_device.stall) they are the driver's own. With one, what has not ended after so
 * many seconds hangs: MOTCL_ELOST, and `hangs` of the device is set. */
#ifndef MCL_DRIVERS_WATCHDOG_H
#define MCL_DRIVERS_WATCHDOG_H

#include "drivers/driver.h"

/** Asked now and then by who waits; the answer changes nothing, as what is queued cannot be called
 * back. */
typedef bool (*mcl_look_fn)(void *user);

/** A buffer with its first content there. */
int mcl_device_create(mcl_device *dev, mcl_buffer **out, size_t bytes, mcl_access access,
                      const void *host, motcl_err *err);

/**
 * Host to buffer and back, behind all that is queued for computing, and done on return; not inside an
 * order. Of memory that is the caller's, a device that hangs touches none any more.
 *
 * event  gets the move's event, which has happened; the caller releases it. NULL: not wanted
 */
int mcl_device_write(mcl_device *dev, mcl_buffer *buf, size_t at, const void *src, size_t bytes,
                     mcl_event **event, motcl_err *err);
int mcl_device_read(mcl_device *dev, mcl_buffer *buf, size_t at, void *dst, size_t bytes,
                    mcl_event **event, motcl_err *err);

/** Wait until nothing is queued for computing; look: may be NULL. */
int mcl_device_finish(mcl_device *dev, mcl_look_fn look, void *user, motcl_err *err);

#endif
