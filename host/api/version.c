/* version.c - the version of the library, as configure states it. */
#include "config.h"

#include "motcl.h"

const char *motcl_version(void) {
  return PACKAGE_VERSION;
}
