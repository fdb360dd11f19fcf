/* registry.h - the drivers of this build, the devices they find, and choosing one by name. */
#ifndef MCL_DRIVERS_REGISTRY_H
#define MCL_DRIVERS_REGISTRY_H

#include "drivers/driver.h"

/** The drivers of this build, best known first; ends with NULL. */
const mcl_driver *const *mcl_drivers(void);

/** Device entries that grow. */
typedef struct mcl_device_entries {
  mcl_device_entry *entry;
  size_t count, cap;
} mcl_device_entries;

/**
 * Devices found: an entry for each (driver, device) pair, for each device its best driver first.
 *
 * own     a cl_device_id: the list is of that alone, which need not be of any enumeration; NULL: all
 * opencl  devices of OpenCL, of no driver yet, once `looked`: all its drivers list from what was seen
 *         in one look, so that none misses a device that another has
 * why     where drivers know: why there are none of OpenCL, as words for a sentence, which says what
 *         to do; else NULL
 */
typedef struct mcl_device_list {
  mcl_device_entry *entry;
  size_t count, cap;
  void *own;
  mcl_device_entries opencl;
  bool looked;
  const char *why;
} mcl_device_list;

/**
 * Ask every driver what it can use. A platform that fails is passed over; no device at all is not
 * an error here (ref is always there).
 *
 * list  out, filled in; give back with mcl_devices_finish
 */
int mcl_devices_init(mcl_device_list *list, motcl_err *err);

/** The same of one OpenCL device that somebody else has opened (a cl_device_id). MOTCL_ENODEVICE if
 * motcl cannot use it. */
int mcl_devices_init_own(mcl_device_list *list, void *device, motcl_err *err);

void mcl_devices_finish(mcl_device_list *list);

/** For drivers: append an entry (copied). */
int mcl_device_list_add(mcl_device_list *list, const mcl_device_entry *entry, motcl_err *err);

/**
 * The entry that a user's words name.
 *
 * spec  NULL or "": the first CPU-or-better device under its best driver, never ref. Else
 *       [DRIVER@]NAME or DRIVER. NAME is "cpu", "gpu", "accel", a platform:device index as
 *       `motcl devices` prints it, or a part of the device's name, letters' case ignored. DRIVER
 *       is "ref", "generic", "cpu" ... and alone takes the first device it lists ("cpu" is both:
 *       the first CPU, under its best driver).
 *
 * Returns MOTCL_ENODEVICE with what is there, if nothing fits.
 */
int mcl_devices_pick(const mcl_device_list *list, const char *spec, const mcl_device_entry **out,
                     motcl_err *err);

/** Open an entry's device; close it with mcl_device_close. */
int mcl_device_open(mcl_device **out, const mcl_device_entry *entry, const mcl_device_options *opt,
                    motcl_err *err);
void mcl_device_close(mcl_device *dev);

/** Staging memory of a device, or any where it makes no difference; back with mcl_device_unstage,
 * before the device is closed. */
int mcl_device_stage(mcl_device *dev, void **host, size_t bytes, motcl_err *err);
void mcl_device_unstage(mcl_device *dev, void *host);

/** The i-th variant that `dev` has for `op`, its own before its base's; NULL after the last. */
const mcl_variant *mcl_device_variant(const mcl_device *dev, mcl_op op, size_t i);

#endif
