/* list.h - the drivers of this build. The one list, MCL_DRIVERS(X) with X(name) for each, is what
 * configure was asked for (--with-drivers). A new driver is a folder, its line in Makefile.am and
 * its name in configure.ac. */
#ifndef MCL_DRIVERS_LIST_H
#define MCL_DRIVERS_LIST_H

#include "config.h"

#include "drivers/driver.h"

#define MCL_DRIVER_DECLARE(name) extern const mcl_driver mcl_driver_##name;
MCL_DRIVERS(MCL_DRIVER_DECLARE)
#undef MCL_DRIVER_DECLARE

#endif
