/* version.c - the version, in one place. */
#include "config.h"

#include "base/version.h"

const char mcl_version[] = PACKAGE_VERSION;
