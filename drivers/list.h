/* list.h - the one list of drivers. A new driver is a folder and a line here. */
#ifndef MCL_DRIVERS_LIST_H
#define MCL_DRIVERS_LIST_H

#include "drivers/driver.h"

#define MCL_DRIVERS(X)                                                                             \
  X(cpu)                                                                                           \
  X(generic)                                                                                       \
  X(ref)

#define MCL_DRIVER_DECLARE(name) extern const mcl_driver mcl_driver_##name;
MCL_DRIVERS(MCL_DRIVER_DECLARE)
#undef MCL_DRIVER_DECLARE

#endif
