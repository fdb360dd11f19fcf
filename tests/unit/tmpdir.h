/* tmpdir.h - a throw-away folder for tests that read and write files: made below the folder the
 * test runs in, removed with its files at the end. */
#ifndef MCL_TESTS_TMPDIR_H
#define MCL_TESTS_TMPDIR_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Name of the folder, and the last eight paths asked for. */
static char tmp_name[32];
static char tmp_paths[8][320];
static unsigned tmp_next;

/** cmocka group setup. */
static inline int tmpdir_make(void **state) {
  (void)state;
  strcpy(tmp_name, "mcl_test_XXXXXX");
  return mkdtemp(tmp_name) ? 0 : -1;
}

/** cmocka group setup: the folder is a small model, made from hashes (tests/golden). */
static inline int tmpdir_model(void **state) {
  char command[256];
  if (tmpdir_make(state) != 0)
    return -1;
  snprintf(command, sizeof command, "tests/golden/make_hashed %s >/dev/null", tmp_name);
  return system(command) == 0 ? 0 : -1;
}

/** Path of a file in the folder; good for the next seven calls. */
static inline const char *tmpdir_path(const char *file) {
  char *p = tmp_paths[tmp_next++ % 8];
  snprintf(p, sizeof tmp_paths[0], "%s/%s", tmp_name, file);
  return p;
}

/** Store bytes under a name, and give its path. Stops the test program if it cannot. */
static inline const char *tmpdir_put(const char *file, const void *data, size_t n) {
  const char *path = tmpdir_path(file);
  FILE *f = fopen(path, "wb");
  if (!f || fwrite(data, 1, n, f) != n || fclose(f) != 0)
    abort();
  return path;
}

/** Number of entries in the folder; `empty` removes each. */
static inline int tmpdir_files(bool empty) {
  int count = 0;
  DIR *d = opendir(tmp_name);
  if (!d)
    abort();
  for (struct dirent *e; (e = readdir(d));) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    count++;
    if (empty)
      remove(tmpdir_path(e->d_name));
  }
  closedir(d);
  return count;
}

/** cmocka test setup: start with an empty folder. */
static inline int tmpdir_clear(void **state) {
  (void)state;
  tmpdir_files(true);
  return 0;
}

/** cmocka group teardown. */
static inline int tmpdir_drop(void **state) {
  (void)state;
  tmpdir_files(true);
  return rmdir(tmp_name);
}

#endif
