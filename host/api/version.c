/* version.c - the version of the library, told to its callers. */
#include "base/version.h"
#include "motcl.h"

const char *motcl_version(void) {
  return mcl_version;
}

uint32_t motcl_version_number(void) {
  return MOTCL_VERSION_NUMBER;
}
