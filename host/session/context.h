/* context.h - key/value pages and the contexts that share them.
 *
 * A context is a sequence as the decoder's cache sees it: pages, keys, the next position. A fork
 * shares every page; the last, half-full one is copied when either side grows into it. A context
 * grows in two steps: pages are taken before the pass that fills them, keys count once it has. */
#ifndef MCL_SESSION_CONTEXT_H
#define MCL_SESSION_CONTEXT_H

#include <stdbool.h>

#include "base/err.h"
#include "graph/segment.h"

/** A page to be copied on the device before a pass writes to the copy. */
typedef struct mcl_page_copy {
  int32_t from, to;
} mcl_page_copy;

/** Pages that somebody took and that are still in use, his or with others; zeroed is none. */
typedef struct mcl_page_account {
  uint32_t held;
} mcl_page_account;

/** Pages of one device. Not for several threads at once. */
typedef struct mcl_pool {
  uint32_t *users;           /* [capacity] contexts that hold a page */
  mcl_page_account **holder; /* [capacity] who took it, or NULL */
  uint32_t *spare;           /* [spares] pages nobody holds */
  uint32_t capacity, spares;
} mcl_pool;

void mcl_pool_finish(mcl_pool *p);

/** Let the pool have `capacity` pages, at least as many as it has; those keep their numbers. A
 * zeroed pool has none. MOTCL_ENOMEM, the pool is then as before. */
int mcl_pool_grow(mcl_pool *p, uint32_t capacity, motcl_err *err);

/** One more than the highest page that somebody holds. */
uint32_t mcl_pool_top(const mcl_pool *p);

/** An account ends: pages that it took and that others still hold are nobody's. */
void mcl_pool_close(mcl_pool *p, const mcl_page_account *account);

/**
 * A context. Zeroed with its pool set it is empty.
 *
 * account    of the pages it takes; NULL: nobody counts them
 * page       [pages] ids in the order of the keys; the last may be partly filled. While it grows
 *            [grown_pages], and the last page before may be a copy that stands for `copied`
 * keys       how many keys are cached
 * position   of the next token
 * growing    a pass is to fill it up to grown_keys, and to move its position by `advance`
 */
typedef struct mcl_context {
  mcl_pool *pool;
  mcl_page_account *account;
  uint32_t *page;
  size_t pages, cap, grown_pages;
  uint32_t keys, position, grown_keys, advance, copied;
  bool growing, copies;
} mcl_context;

void mcl_context_init(mcl_context *c, mcl_pool *pool, mcl_page_account *account);
void mcl_context_finish(mcl_context *c);

/** Make `to`, whatever it held, a second holder of all that `from` has. */
int mcl_context_fork(mcl_context *to, const mcl_context *from, motcl_err *err);

/** Whether two contexts hold the very same keys. */
bool mcl_context_equal(const mcl_context *a, const mcl_context *b);

/**
 * Take pages for `keys` more keys. What is cached stays as it is until mcl_context_commit counts
 * them, after the pass, or mcl_context_revert gives the pages back.
 *
 * advance  what the position moves by
 * copy     out: a page to copy first, if the last page was shared
 * copies   out: whether `copy` was set
 *
 * Returns MOTCL_EFIT when the pool is empty; the context is then as before.
 */
int mcl_context_grow(mcl_context *c, uint32_t keys, uint32_t advance, mcl_page_copy *copy,
                     bool *copies, motcl_err *err);
void mcl_context_commit(mcl_context *c);
void mcl_context_revert(mcl_context *c);

/** Its pages as a pass sees them: those it grows by included. */
size_t mcl_context_in_pass(const mcl_context *c);

/** Pages that so many keys fill. */
uint32_t mcl_context_pages(uint32_t keys);

#endif
