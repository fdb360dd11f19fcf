/* context.h - key/value pages and the contexts that share them.
 *
 * A context is a sequence as the decoder's cache sees it: pages, keys, the next position. A fork
 * shares every page; the last, half-full one is copied when either side grows into it. */
#ifndef MCL_SESSION_CONTEXT_H
#define MCL_SESSION_CONTEXT_H

#include <stdbool.h>

#include "base/err.h"
#include "graph/segment.h"

/** A page to be copied on the device before a pass writes to the copy. */
typedef struct mcl_page_copy {
  int32_t from, to;
} mcl_page_copy;

/** Pages of one device. Not for several threads at once. */
typedef struct mcl_pool {
  uint32_t *users; /* [capacity] contexts that hold a page */
  uint32_t *spare; /* [spares] pages nobody holds */
  uint32_t capacity, spares;
} mcl_pool;

/** A pool of `capacity` free pages; give back with mcl_pool_finish. */
int mcl_pool_init(mcl_pool *p, uint32_t capacity, motcl_err *err);
void mcl_pool_finish(mcl_pool *p);

/** Let the pool have `capacity` pages, at least as many as it has; those keep their numbers. */
int mcl_pool_grow(mcl_pool *p, uint32_t capacity, motcl_err *err);

/** One more than the highest page that somebody holds. */
uint32_t mcl_pool_top(const mcl_pool *p);

/**
 * A context. Zeroed with its pool set it is empty.
 *
 * page      [pages] ids in the order of the keys; the last may be partly filled
 * keys      how many keys are cached
 * position  of the next token
 */
typedef struct mcl_context {
  mcl_pool *pool;
  uint32_t *page;
  size_t pages, cap;
  uint32_t keys, position;
} mcl_context;

void mcl_context_init(mcl_context *c, mcl_pool *pool);
void mcl_context_finish(mcl_context *c);

/** Make `to`, whatever it held, a second holder of all that `from` has. */
int mcl_context_fork(mcl_context *to, const mcl_context *from, motcl_err *err);

/** Whether two contexts hold the very same keys. */
bool mcl_context_equal(const mcl_context *a, const mcl_context *b);

/**
 * Make room for `keys` more keys and count them as cached.
 *
 * copy     out: a page to copy first, if the last page was shared
 * copies   out: whether `copy` was set
 *
 * Returns MOTCL_EFIT when the pool is empty; the context is then as before.
 */
int mcl_context_grow(mcl_context *c, uint32_t keys, mcl_page_copy *copy, bool *copies,
                     motcl_err *err);

/** Pages that so many keys fill. */
uint32_t mcl_context_pages(uint32_t keys);

#endif
