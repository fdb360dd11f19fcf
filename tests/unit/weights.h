/* weights.h - for tests: a tensor of float32 in a file of the throw-away model, changed in place. */
#ifndef MCL_TESTS_WEIGHTS_H
#define MCL_TESTS_WEIGHTS_H

#include <ctype.h>

#include "base/mem.h"
#include "tmpdir.h"

/** A tensor: n bytes from `at` on, and what they were. */
typedef struct weights_patch {
  FILE *f;
  long at;
  size_t n;
  unsigned char *was;
} weights_patch;

static inline unsigned char *weights_read(FILE *f, long at, size_t n) {
  unsigned char *p = mcl_alloc(n + 1, 1);
  assert_non_null(p);
  assert_int_equal(fseek(f, at, SEEK_SET), 0);
  assert_int_equal(fread(p, 1, n, f), n);
  p[n] = 0;
  return p;
}

static inline void weights_write(FILE *f, long at, const void *p, size_t n) {
  assert_int_equal(fseek(f, at, SEEK_SET), 0);
  assert_int_equal(fwrite(p, 1, n, f), n);
  assert_int_equal(fflush(f), 0);
}

static inline size_t weights_number(const char **s) {
  while (!isdigit((unsigned char)**s))
    ++*s;
  return strtoul(*s, (char **)(uintptr_t)s, 10);
}

static inline void weights_find(weights_patch *p, const char *name) {
  char quoted[200];
  unsigned char *size = weights_read(p->f, 0, 8);
  size_t n = 0;
  for (unsigned i = 8; i-- > 0;)
    n = n << 8 | size[i];
  unsigned char *head = weights_read(p->f, 8, n);
  snprintf(quoted, sizeof quoted, "\"%s\"", name);
  const char *at = strstr((const char *)head, quoted);
  at = at ? strstr(at, "\"data_offsets\"") : NULL;
  if (!at)
    fail_msg("there is no %s", name);
  size_t first = weights_number(&at), end = weights_number(&at);
  p->at = (long)(8 + n + first);
  p->n = end - first;
  mcl_free(size);
  mcl_free(head);
}

/** A tensor of a file of the folder; weights_put_back ends it. */
static inline weights_patch weights_begin(const char *file, const char *name) {
  weights_patch p = {.f = fopen(tmpdir_path(file), "r+b")};
  assert_non_null(p.f);
  weights_find(&p, name);
  p.was = weights_read(p.f, p.at, p.n);
  return p;
}

/** Number `index` of it becomes that. */
static inline void weights_set(const weights_patch *p, size_t index, uint32_t bits) {
  weights_write(p->f, p->at + 4 * (long)index, &bits, sizeof bits);
}

/** All its numbers become that. */
static inline void weights_fill(const weights_patch *p, uint32_t bits) {
  for (size_t i = 0; i < p->n / 4; i++)
    weights_set(p, i, bits);
}

static inline void weights_put_back(weights_patch *p) {
  weights_write(p->f, p->at, p->was, p->n);
  fclose(p->f);
  mcl_free(p->was);
}

#endif
