/* version.c - the version of the library, told to its callers. */
#include "base/version.h"
#include "motcl.h"

const char *motcl_version(void) {
  return mcl_version;
}
