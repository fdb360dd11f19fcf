/* sequence.h - the paged cache of keys and values, and the sequences that share its pages.
 *
 * A sequence is a block table, the number of its keys and its next position. A fork shares every
 * page; the last, half-full one is copied on write, when either side grows into it. A sequence grows in
 * two steps: pages are taken before the pass that fills them, keys count once it has. */
#ifndef MCL_SESSION_SEQUENCE_H
#define MCL_SESSION_SEQUENCE_H

#include <stdbool.h>

#include "base/err.h"
#include "graph/segment.h"

/** Copy on write: a page to be copied on the device before a pass writes to the copy. */
typedef struct mcl_page_cow {
  int32_t from, to;
} mcl_page_cow;

/** Pages that somebody took and that are still in use, his or with others; zeroed is none. */
typedef struct mcl_page_account {
  uint32_t held;
} mcl_page_account;

/** The pool of pages of one device: reference counts and a free list. Not for several threads at
 * once. */
typedef struct mcl_kv_pool {
  uint32_t *refcount;        /* [capacity] sequences that hold a page */
  mcl_page_account **holder; /* [capacity] who took it, or NULL */
  uint32_t *free;            /* [free_count] free list: pages nobody holds */
  uint32_t capacity, free_count;
} mcl_kv_pool;

void mcl_kv_pool_finish(mcl_kv_pool *p);

/** Let the pool have `capacity` pages, at least as many as it has; those keep their numbers. A
 * zeroed pool has none. MOTCL_ENOMEM, the pool is then as before. */
int mcl_kv_pool_grow(mcl_kv_pool *p, uint32_t capacity, motcl_err *err);

/** One more than the highest page that somebody holds. */
uint32_t mcl_kv_pool_top(const mcl_kv_pool *p);

/** Let the pool have no more pages than that. */
void mcl_kv_pool_shrink(mcl_kv_pool *p);

/** An account ends: pages that it took and that others still hold are nobody's. */
void mcl_kv_pool_close(mcl_kv_pool *p, const mcl_page_account *account);

/**
 * A sequence. Zeroed with its pool set it is empty.
 *
 * account    of the pages it takes; NULL: nobody counts them
 * page       [pages] the block table: ids in the order of the keys; the last may be partly filled.
 *            While it grows [grown_pages], and the last page before may be a copy that stands for
 *            `copied`
 * keys       how many keys are cached
 * position   of the next token
 * growing    a pass is to fill it up to grown_keys, and to move its position by `advance`
 */
typedef struct mcl_sequence {
  mcl_kv_pool *pool;
  mcl_page_account *account;
  uint32_t *page;
  size_t pages, cap, grown_pages;
  uint32_t keys, position, grown_keys, advance, copied;
  bool growing, copies;
} mcl_sequence;

void mcl_sequence_init(mcl_sequence *c, mcl_kv_pool *pool, mcl_page_account *account);
void mcl_sequence_finish(mcl_sequence *c);

/** Make `to`, whatever it held, a second holder of all that `from` has. */
int mcl_sequence_fork(mcl_sequence *to, const mcl_sequence *from, motcl_err *err);

/** Whether two sequences hold the very same keys. */
bool mcl_sequence_equal(const mcl_sequence *a, const mcl_sequence *b);

/**
 * Take pages for `keys` more keys. What is cached stays as it is until mcl_sequence_commit counts
 * them, after the pass, or mcl_sequence_revert gives the pages back.
 *
 * advance  what the position moves by
 * copy     out: a page to copy first, if the last page was shared
 * copies   out: whether `copy` was set
 *
 * Returns MOTCL_EFIT when the pool is empty; the sequence is then as before.
 */
int mcl_sequence_grow(mcl_sequence *c, uint32_t keys, uint32_t advance, mcl_page_cow *copy,
                      bool *copies, motcl_err *err);
void mcl_sequence_commit(mcl_sequence *c);
void mcl_sequence_revert(mcl_sequence *c);

/** Its pages as a pass sees them: those it grows by included. */
size_t mcl_sequence_in_pass(const mcl_sequence *c);

/** Pages that so many keys fill. */
uint32_t mcl_sequence_pages(uint32_t keys);

#endif
