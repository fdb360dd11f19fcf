/* target.c - see target.h. */
#include "cli/jobs/target.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/memory.h"

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

/* A link that is written to is replaced by the file, so that names in one folder differ as files do. */
char *mcl_target_key(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  size_t size = strlen(path) + 48;
  char *key = malloc(size);
  struct stat st;
  if (!key)
    return NULL;
  snprintf(key, size, "%.*s/", slash ? (int)(slash - path) : 1, slash ? path : ".");
  if (stat(key, &st) == 0)
    snprintf(key, size, "%ju:%ju/%s", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, name);
  else
    snprintf(key, size, "%s/%s", slash ? "" : ".", path);
  return key;
}

int mcl_target_distinct(const char *path, const char *what, const char *other, const char *option,
                        motcl_err *err) {
  if (!other)
    return MOTCL_OK;
  char *one = mcl_target_key(path), *two = mcl_target_key(other);
  bool known = one && two, same = known && !strcmp(one, two);
  free(one);
  free(two);
  if (!known)
    return mcl_no_memory(err);
  if (!same)
    return MOTCL_OK;
  return motcl_fail(err, MOTCL_EINVAL, "%s and --%s are both to go to '%.200s'; name two files",
                    what, option, path);
}
