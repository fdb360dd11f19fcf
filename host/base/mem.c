/* mem.c - heap memory. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool mcl_add_ok(size_t a, size_t b, size_t *out) {
  if (a > SIZE_MAX - b)
    return false;
  *out = a + b;
  return true;
}

bool mcl_mul_ok(size_t a, size_t b, size_t *out) {
  if (b && a > SIZE_MAX / b)
    return false;
  *out = a * b;
  return true;
}

/* What stands in front of every block. */
typedef struct head {
  _Alignas(max_align_t) const motcl_allocator *from; /* NULL: malloc */
  void *start;                                       /* what the allocator gave */
} head;

/* These and their like in log.c are the only variables of the library: whose call this thread is
 * in, and how often it got nothing. */
static _Thread_local const motcl_allocator *current;
static _Thread_local size_t misses;

const motcl_allocator *mcl_mem_enter(const motcl_allocator *a) {
  const motcl_allocator *previous = current;
  current = a;
  return previous;
}

void mcl_mem_leave(const motcl_allocator *previous) {
  current = previous;
}

size_t mcl_mem_misses(void) {
  return misses;
}

static head *head_of(void *p) {
  return (head *)p - 1;
}

static void *take(const motcl_allocator *a, size_t bytes, bool clear) {
  void *start = a ? a->alloc(a->user, bytes) : clear ? calloc(bytes, 1) : malloc(bytes);
  if (a && start && clear)
    memset(start, 0, bytes);
  misses += !start;
  return start;
}

/* The block of a place that was taken, `skip` bytes behind its start. */
static void *block(const motcl_allocator *a, void *start, size_t skip) {
  head *h = (head *)(void *)((char *)start + skip) - 1;
  h->from = a;
  h->start = start;
  return h + 1;
}

static void *get(size_t n, size_t size, bool clear) {
  size_t bytes;
  if (!mcl_mul_ok(n, size, &bytes) || !mcl_add_ok(bytes ? bytes : 1, sizeof(head), &bytes))
    return NULL;
  void *start = take(current, bytes, clear);
  return start ? block(current, start, sizeof(head)) : NULL;
}

void *mcl_alloc(size_t n, size_t size) {
  return get(n, size, false);
}

void *mcl_zalloc(size_t n, size_t size) {
  return get(n, size, true);
}

void *mcl_realloc(void *p, size_t n, size_t size) {
  size_t bytes;
  if (!p)
    return get(n, size, false);
  if (!mcl_mul_ok(n, size, &bytes) || !mcl_add_ok(bytes ? bytes : 1, sizeof(head), &bytes))
    return NULL;
  head *h = head_of(p);
  const motcl_allocator *from = h->from;
  void *start = from ? from->resize(from->user, h, bytes) : realloc(h, bytes);
  misses += !start;
  return start ? block(from, start, sizeof(head)) : NULL;
}

void *mcl_alloc_aligned(size_t bytes, size_t align) {
  size_t total = bytes ? bytes : 1;
  if (align < _Alignof(max_align_t))
    align = _Alignof(max_align_t);
  if (!mcl_add_ok(total, align - 1, &total) || !mcl_add_ok(total, sizeof(head), &total))
    return NULL;
  void *start = take(current, total, true);
  if (!start)
    return NULL;
  size_t over = ((uintptr_t)start + sizeof(head)) % align;
  return block(current, start, sizeof(head) + (over ? align - over : 0));
}

void mcl_free(void *p) {
  if (!p)
    return;
  const motcl_allocator *from = head_of(p)->from;
  void *start = head_of(p)->start;
  if (from)
    from->release(from->user, start);
  else
    free(start);
}

char *mcl_strndup(const char *s, size_t n) {
  size_t bytes;
  char *copy = mcl_add_ok(n, 1, &bytes) ? mcl_alloc(bytes, 1) : NULL;
  if (copy) {
    memcpy(copy, s, n);
    copy[n] = '\0';
  }
  return copy;
}

char *mcl_strdup(const char *s) {
  return mcl_strndup(s, strlen(s));
}

bool mcl_grow(void **p, size_t *cap, size_t len, size_t size) {
  if (len < *cap)
    return true;
  size_t want = *cap ? *cap : 8;
  while (want <= len) {
    if (!mcl_mul_ok(want, 2, &want))
      return false;
  }
  void *q = mcl_realloc(*p, want, size);
  if (!q)
    return false;
  *p = q;
  *cap = want;
  return true;
}
