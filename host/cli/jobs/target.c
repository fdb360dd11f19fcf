/* target.c - see target.h. */
#include "cli/jobs/target.h"

#include <string.h>

/* What could not be replaced either, a folder, gets no advice to try. */
static int advise(int rc, const char *path, bool force, motcl_err *err) {
  if (rc != MOTCL_EEXIST || force || !err || motcl_file_check(path, true, NULL) != MOTCL_OK)
    return rc;
  motcl_err old = *err;
  return motcl_fail(err, rc, "%s; with --force it is", old.text);
}

int mcl_target_check(const char *path, bool force, motcl_err *err) {
  return advise(motcl_file_check(path, force, err), path, force, err);
}

int mcl_target_write(const char *path, const void *bytes, size_t n, bool force, motcl_err *err) {
  return advise(motcl_file_write(path, bytes, n, force, err), path, force, err);
}

int mcl_target_distinct(const char *path, const char *what, const char *other, const char *option,
                        motcl_err *err) {
  if (!other || strcmp(path, other) != 0)
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EINVAL, "%s and --%s are both to go to '%.200s'; name two files",
                    what, option, path);
}
