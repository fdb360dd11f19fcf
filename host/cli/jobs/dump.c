/* dump.c - folders and files of --dump. */
#include "cli/jobs/dump.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static int make_folder(const char *dir, motcl_err *err) {
  struct stat st;
  if (mkdir(dir, 0777) == 0)
    return MOTCL_OK;
  int why = errno;
  if (why != EEXIST)
    return motcl_fail(err, MOTCL_EIO, "the folder '%.300s' cannot be made: %s", dir, strerror(why));
  if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
    return motcl_fail(err, MOTCL_EEXIST, "'%.300s' is there and is no folder; name another one",
                      dir);
  return MOTCL_OK;
}

int mcl_dump_open(const char *dir, motcl_err *err) {
  int rc = make_folder(dir, err);
  if (rc == MOTCL_OK && access(dir, W_OK | X_OK) != 0)
    rc = motcl_fail(err, MOTCL_EIO, "the folder '%.300s' cannot be written to: %s", dir,
                    strerror(errno));
  return rc;
}

int mcl_dump_array(const char *dir, const motcl_array *a, motcl_err *err) {
  char path[PATH_SIZE];
  const char *name = a->name;
  const char *slash = strchr(name, '/');
  int rc = MOTCL_OK, n;
  if (slash) {
    n = snprintf(path, sizeof path, "%s/%.*s", dir, (int)(slash - name), name);
    if (n < 0 || n >= PATH_SIZE)
      return motcl_fail(err, MOTCL_EINVAL, "the name of the dump folder is too long");
    rc = make_folder(path, err);
  }
  n = snprintf(path, sizeof path, "%s/%s.npy", dir, name);
  if (n < 0 || n >= PATH_SIZE)
    return motcl_fail(err, MOTCL_EINVAL, "the name of the dump folder is too long");
  return rc == MOTCL_OK ? motcl_npy_write(path, a, err) : rc;
}
