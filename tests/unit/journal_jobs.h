/* journal_jobs.h - what tests of the journal share: state folders that are thrown away, jobs, and bytes that are told
 * by a number. */
#ifndef MCL_TESTS_JOURNAL_JOBS_H
#define MCL_TESTS_JOURNAL_JOBS_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/journal.h"

#define WAITING MOTCL__V1__JOB_STATE__JOB_WAITING
#define HELD MOTCL__V1__JOB_STATE__JOB_HELD
#define RUNNING MOTCL__V1__JOB_STATE__JOB_RUNNING
#define DONE MOTCL__V1__JOB_STATE__JOB_DONE
#define FAILED MOTCL__V1__JOB_STATE__JOB_FAILED
#define CANCELLED MOTCL__V1__JOB_STATE__JOB_CANCELLED

/** Remove a folder below the one that the test runs in, and all in it; a file, or nothing, too. */
static inline void drop_folder(const char *dir) {
  DIR *d = opendir(dir);
  if (!d) {
    remove(dir);
    return;
  }
  for (struct dirent *e; (e = readdir(d));) {
    char path[320];
    snprintf(path, sizeof path, "%.200s/%.100s", dir, e->d_name);
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && remove(path) != 0)
      drop_folder(path);
  }
  closedir(d);
  remove(dir);
}

/** The i-th byte of the bytes numbered `seed`. */
static inline uint8_t byte_of(unsigned seed, size_t i) {
  return (uint8_t)(i * 31 + i / 251 + seed * 17);
}

/** The n bytes numbered `seed`; freed with mcl_free. */
static inline uint8_t *bytes_of(unsigned seed, size_t n) {
  uint8_t *b = mcl_alloc(n, 1);
  if (!b)
    abort();
  for (size_t i = 0; i < n; i++)
    b[i] = byte_of(seed, i);
  return b;
}

static inline bool are_bytes(const uint8_t *b, size_t n, unsigned seed, size_t expected) {
  bool same = n == expected;
  for (size_t i = 0; same && i < n; i++)
    same = b[i] == byte_of(seed, i);
  return same;
}

/** Files in a folder. */
static inline int files_in(const char *dir) {
  int count = 0;
  DIR *d = opendir(dir);
  if (!d)
    abort();
  for (struct dirent *e; (e = readdir(d));)
    count += e->d_name[0] != '.';
  closedir(d);
  return count;
}

#endif
