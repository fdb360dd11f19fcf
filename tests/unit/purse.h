/* purse.h - an allocator for tests, which counts the blocks that are out and refuses memory when it
 * is told to. */
#ifndef MCL_TESTS_PURSE_H
#define MCL_TESTS_PURSE_H

#include <stdbool.h>
#include <stdlib.h>

#include "motcl.h"

/* Memory that is refused at call number `bad`, counted from 1 (0 is never), or from there on. */
typedef struct purse {
  size_t calls, bad, alive;
  bool for_good;
} purse;

/** A purse's next call is its first; blocks that are out stay counted. */
static inline void purse_fill(purse *p, size_t bad, bool for_good) {
  *p = (purse){.alive = p->alive, .bad = bad, .for_good = for_good};
}

static inline bool purse_is_empty(purse *p) {
  p->calls++;
  return p->bad && (p->for_good ? p->calls >= p->bad : p->calls == p->bad);
}

static inline void *purse_alloc(void *user, size_t bytes) {
  purse *p = user;
  void *block = purse_is_empty(p) ? NULL : malloc(bytes);
  p->alive += block != NULL;
  return block;
}

static inline void *purse_resize(void *user, void *block, size_t bytes) {
  return purse_is_empty(user) ? NULL : realloc(block, bytes);
}

static inline void purse_release(void *user, void *block) {
  purse *p = user;
  p->alive--;
  free(block);
}

/** What takes its memory from this purse, as a motcl_allocator. */
#define PURSE_ALLOCATOR(p)                                                                         \
  { &(p), purse_alloc, purse_resize, purse_release }

#endif
