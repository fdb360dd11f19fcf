/* sequence.c - pages with users, contexts that fork for nothing and grow when a pass has succeeded.
 */
#include "session/sequence.h"

#include <string.h>

#include "base/mem.h"

void mcl_kv_pool_finish(mcl_kv_pool *p) {
  mcl_free(p->refcount);
  mcl_free((void *)p->holder);
  mcl_free(p->free);
  memset(p, 0, sizeof *p);
}

int mcl_kv_pool_grow(mcl_kv_pool *p, uint32_t capacity, motcl_err *err) {
  uint32_t *refcount = mcl_realloc(p->refcount, capacity, sizeof *refcount);
  p->refcount = refcount ? refcount : p->refcount;
  void *holder = refcount ? mcl_realloc((void *)p->holder, capacity, sizeof *p->holder) : NULL;
  p->holder = holder ? (mcl_page_account **)holder : p->holder;
  uint32_t *list = holder ? mcl_realloc(p->free, capacity, sizeof *list) : NULL;
  if (!list)
    return mcl_fail_nomem(err, (size_t)capacity * sizeof *p->holder);
  p->free = list;
  uint32_t more = capacity - p->capacity;
  memmove(list + more, list, p->free_count * sizeof *list);
  for (uint32_t i = 0; i < more; i++) {
    list[i] = capacity - 1 - i;
    refcount[p->capacity + i] = 0;
    p->holder[p->capacity + i] = NULL;
  }
  p->capacity = capacity;
  p->free_count += more;
  return MOTCL_OK;
}

uint32_t mcl_kv_pool_top(const mcl_kv_pool *p) {
  uint32_t top = p->capacity;
  while (top && !p->refcount[top - 1])
    top--;
  return top;
}

void mcl_kv_pool_shrink(mcl_kv_pool *p) {
  uint32_t top = mcl_kv_pool_top(p), n = 0;
  for (uint32_t i = 0; i < p->free_count; i++)
    if (p->free[i] < top)
      p->free[n++] = p->free[i];
  p->free_count = n;
  p->capacity = top;
}

void mcl_kv_pool_close(mcl_kv_pool *p, const mcl_page_account *account) {
  for (uint32_t i = 0; i < p->capacity; i++)
    if (p->holder[i] == account)
      p->holder[i] = NULL;
}

static void unref(mcl_kv_pool *p, uint32_t page) {
  if (--p->refcount[page])
    return;
  if (p->holder[page])
    p->holder[page]->held--;
  p->holder[page] = NULL;
  p->free[p->free_count++] = page;
}

static uint32_t take(mcl_sequence *c) {
  mcl_kv_pool *p = c->pool;
  uint32_t page = p->free[--p->free_count];
  p->refcount[page] = 1;
  p->holder[page] = c->account;
  if (c->account)
    c->account->held++;
  return page;
}

void mcl_sequence_init(mcl_sequence *c, mcl_kv_pool *pool, mcl_page_account *account) {
  memset(c, 0, sizeof *c);
  c->pool = pool;
  c->account = account;
}

static void clear(mcl_sequence *c) {
  mcl_sequence_revert(c);
  for (size_t i = 0; i < c->pages; i++)
    unref(c->pool, c->page[i]);
  c->pages = 0;
  c->keys = c->position = 0;
}

void mcl_sequence_finish(mcl_sequence *c) {
  clear(c);
  mcl_free(c->page);
  c->page = NULL;
  c->cap = 0;
}

static int reserve(mcl_sequence *c, size_t pages, motcl_err *err) {
  if (pages <= c->cap)
    return MOTCL_OK;
  uint32_t *p = mcl_realloc(c->page, pages, sizeof *p);
  if (!p)
    return mcl_fail_nomem(err, pages * sizeof *p);
  c->page = p;
  c->cap = pages;
  return MOTCL_OK;
}

int mcl_sequence_fork(mcl_sequence *to, const mcl_sequence *from, motcl_err *err) {
  int rc = reserve(to, from->pages, err);
  if (rc != MOTCL_OK)
    return rc;
  for (size_t i = 0; i < from->pages; i++)
    from->pool->refcount[from->page[i]]++;
  clear(to);
  if (from->pages)
    memcpy(to->page, from->page, from->pages * sizeof *to->page);
  to->pages = from->pages;
  to->keys = from->keys;
  to->position = from->position;
  return MOTCL_OK;
}

int mcl_sequence_grow(mcl_sequence *c, uint32_t keys, uint32_t advance, mcl_page_cow *copy,
                      bool *copies, motcl_err *err) {
  uint32_t total = c->keys + keys;
  size_t pages = total / MCL_PAGE + (total % MCL_PAGE != 0);
  bool shared = keys && c->keys % MCL_PAGE && c->pool->refcount[c->page[c->pages - 1]] > 1;
  if (c->growing)
    return mcl_fail(err, MOTCL_EINTERNAL, "a context grows twice in one pass");
  if (total < keys || pages - c->pages + shared > c->pool->free_count)
    return mcl_fail(err, MOTCL_EFIT,
                    "the text and pictures need more keys than were reserved (%u pages); ask for "
                    "fewer tokens",
                    c->pool->capacity);
  int rc = reserve(c, pages, err);
  if (rc != MOTCL_OK)
    return rc;
  *copies = c->copies = shared;
  if (shared) {
    uint32_t *last = &c->page[c->pages - 1];
    c->copied = *last;
    *last = take(c);
    *copy = (mcl_page_cow){(int32_t)c->copied, (int32_t)*last};
  }
  for (c->grown_pages = c->pages; c->grown_pages < pages; c->grown_pages++)
    c->page[c->grown_pages] = take(c);
  c->grown_keys = total;
  c->advance = advance;
  c->growing = true;
  return MOTCL_OK;
}

void mcl_sequence_commit(mcl_sequence *c) {
  if (!c->growing)
    return;
  if (c->copies)
    unref(c->pool, c->copied);
  c->pages = c->grown_pages;
  c->keys = c->grown_keys;
  c->position += c->advance;
  c->growing = c->copies = false;
}

void mcl_sequence_revert(mcl_sequence *c) {
  if (!c->growing)
    return;
  while (c->grown_pages > c->pages)
    unref(c->pool, c->page[--c->grown_pages]);
  if (c->copies) {
    unref(c->pool, c->page[c->pages - 1]);
    c->page[c->pages - 1] = c->copied;
  }
  c->growing = c->copies = false;
}

size_t mcl_sequence_in_pass(const mcl_sequence *c) {
  return c->growing ? c->grown_pages : c->pages;
}

bool mcl_sequence_equal(const mcl_sequence *a, const mcl_sequence *b) {
  return a->keys == b->keys && a->position == b->position &&
         (!a->pages || !memcmp(a->page, b->page, a->pages * sizeof *a->page));
}

uint32_t mcl_sequence_pages(uint32_t keys) {
  return keys / MCL_PAGE + (keys % MCL_PAGE != 0);
}
