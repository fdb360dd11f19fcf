/* weights.c - the table of weights, their windows of the file, and kept copies. */
#include "exec/weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/trace.h"

#define PAGE_BYTES 4096u     /* windows of memory used in place begin at multiples of it */
#define GAP_BYTES (1u << 20) /* bytes nobody wants that a window in place may span */

/*
 * Memory on the device that parts lie in; idle when no plan needs any of them.
 *
 * copy     ours: a copy that a zero-copy buffer still uses; NULL for file memory
 * counted  bytes of the budget
 * needed   parts in it that a plan needs
 */
typedef struct window {
  mcl_evictable idle;
  struct mcl_weights *table;
  mcl_buffer *buf;
  void *copy;
  size_t counted, needed;
} window;

/*
 * Rows [first, first + rows) of a weight in a storage order.
 *
 * plans   that need it
 * window  NULL: it is not resident
 * offset  elements from the window's start
 */
typedef struct part {
  const mcl_weight *weight;
  mcl_layout layout;
  uint32_t first, rows, plans;
  window *window;
  uint64_t offset;
} part;

struct mcl_weights {
  mcl_residency *residency;
  mcl_device *dev;
  part *part; /* sorted by weight, layout and first row */
  size_t parts, cap;
  mcl_weights_count put;
};

static const unsigned char *begin_of(const part *p) {
  return (const unsigned char *)p->weight->data + p->first * mcl_weight_row_bytes(p->weight);
}

static size_t bytes_of(const part *p) {
  return p->rows * mcl_weight_row_bytes(p->weight);
}

static int by_weight(const void *a, const void *b) {
  const part *x = a, *y = b;
  if (x->weight != y->weight)
    return (uintptr_t)x->weight < (uintptr_t)y->weight ? -1 : 1;
  if (x->layout != y->layout)
    return x->layout < y->layout ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first;
}

/* Of pointers to parts: windows are cut in this order. */
static int by_address(const void *a, const void *b) {
  const part *x = *(const part *const *)a, *y = *(const part *const *)b;
  if (x->layout != y->layout)
    return x->layout < y->layout ? -1 : 1;
  if (x->weight->mapping != y->weight->mapping)
    return (uintptr_t)x->weight->mapping < (uintptr_t)y->weight->mapping ? -1 : 1;
  uintptr_t p = (uintptr_t)begin_of(x), q = (uintptr_t)begin_of(y);
  return p < q ? -1 : p > q;
}

int mcl_weights_create(mcl_weights **out, mcl_residency *r, motcl_err *err) {
  mcl_weights *t = mcl_zalloc(1, sizeof *t);
  if (!t)
    return mcl_fail_nomem(err, sizeof *t);
  t->residency = r;
  t->dev = mcl_residency_device(r);
  *out = t;
  return MOTCL_OK;
}

mcl_residency *mcl_weights_residency(const mcl_weights *t) {
  return t->residency;
}

mcl_weights_count mcl_weights_put(const mcl_weights *t) {
  return t->put;
}

static void window_destroy(window *w) {
  mcl_residency *r = w->table->residency;
  mcl_residency_busy(r, &w->idle);
  mcl_residency_give_back(r, w->buf, w->counted);
  mcl_free(w->copy);
  mcl_free(w);
}

/* Its parts are absent from now on. */
static void evict(mcl_evictable *self) {
  window *w = (window *)self;
  for (size_t i = 0; i < w->table->parts; i++)
    if (w->table->part[i].window == w)
      w->table->part[i].window = NULL;
  window_destroy(w);
}

void mcl_weights_destroy(mcl_weights *t) {
  if (!t)
    return;
  for (size_t i = 0; i < t->parts; i++)
    if (t->part[i].window)
      evict(&t->part[i].window->idle);
  mcl_free(t->part);
  mcl_free(t);
}

/* ---- what a plan needs ---- */

/* Room for whole rows in one buffer, a page of it for the alignment of the window. */
static uint32_t rows_in(const mcl_device *dev, const mcl_weight *w) {
  uint64_t row = mcl_weight_row_bytes(w);
  uint64_t limit = dev->info.max_buffer > PAGE_BYTES ? dev->info.max_buffer - PAGE_BYTES : 0;
  uint64_t most = limit / row;
  return most > w->rows ? w->rows : (uint32_t)most;
}

static int add_part(mcl_weights *t, const part *p, motcl_err *err) {
  void *q = t->part;
  if (!mcl_grow(&q, &t->cap, t->parts, sizeof *t->part))
    return mcl_fail_nomem(err, sizeof *t->part);
  t->part = q;
  t->part[t->parts++] = *p;
  return MOTCL_OK;
}

static part *find(const mcl_weights *t, const mcl_weight *w, mcl_layout layout, uint32_t first) {
  part key = {.weight = w, .layout = layout, .first = first};
  return t->parts ? bsearch(&key, t->part, t->parts, sizeof *t->part, by_weight) : NULL;
}

/* A weight that the table has never seen gets its parts, at the table's end. */
static int add_weight(mcl_weights *t, const mcl_weight *w, mcl_layout layout, motcl_err *err) {
  part p = {.weight = w, .layout = layout};
  uint32_t most = layout == MCL_LAYOUT_FILE ? rows_in(t->dev, w) : w->rows;
  int rc = MOTCL_OK;
  if (!most)
    return mcl_fail(err, MOTCL_EFIT, "a row of '%s' is larger than any buffer of %s", w->name,
                    t->dev->info.name);
  for (; p.first < w->rows && rc == MOTCL_OK; p.first += p.rows) {
    p.rows = w->rows - p.first < most ? w->rows - p.first : most;
    rc = add_part(t, &p, err);
  }
  return rc;
}

/* A weight of a plan's step, in the order its variant wants. */
typedef struct wanted {
  const mcl_weight *weight;
  mcl_layout layout;
} wanted;

struct mcl_weights_lease {
  mcl_weights *table;
  size_t count;
  wanted list[];
};

static int by_wanted(const void *a, const void *b) {
  const wanted *x = a, *y = b;
  if (x->weight != y->weight)
    return (uintptr_t)x->weight < (uintptr_t)y->weight ? -1 : 1;
  return x->layout < y->layout ? -1 : x->layout > y->layout;
}

/* Every (weight, layout) of a plan once; NULL if memory is out. */
static mcl_weights_lease *list_wanted(mcl_weights *t, const mcl_plan *plan) {
  mcl_weights_lease *l = mcl_alloc(1, sizeof *l + plan->steps * MCL_OP_WEIGHTS * sizeof *l->list);
  size_t n = 0, unique = 0;
  if (!l)
    return NULL;
  for (size_t i = 0; i < plan->steps; i++)
    for (unsigned k = 0; k < MCL_OP_WEIGHTS; k++)
      if (plan->step[i].node.w[k])
        l->list[n++] =
            (wanted){plan->step[i].node.w[k], k ? MCL_LAYOUT_FILE : plan->step[i].variant->layout};
  if (n)
    qsort(l->list, n, sizeof *l->list, by_wanted);
  for (size_t i = 0; i < n; i++)
    if (!i || by_wanted(&l->list[unique - 1], &l->list[i]) != 0)
      l->list[unique++] = l->list[i];
  l->table = t;
  l->count = unique;
  return l;
}

static int add_wanted(mcl_weights *t, const wanted *list, size_t n, motcl_err *err) {
  size_t known = t->parts;
  int rc = MOTCL_OK;
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++) {
    part key = {.weight = list[i].weight, .layout = list[i].layout};
    if (!known || !bsearch(&key, t->part, known, sizeof *t->part, by_weight))
      rc = add_weight(t, list[i].weight, list[i].layout, err);
  }
  if (rc != MOTCL_OK)
    t->parts = known; /* what was seen first now is forgotten, so that no weight lies half in it */
  else if (t->parts > known)
    qsort(t->part, t->parts, sizeof *t->part, by_weight);
  return rc;
}

static void need_part(mcl_weights *t, part *p, bool more) {
  window *w = p->window;
  p->plans += more ? 1u : -1u;
  if (!w || p->plans != (more ? 1u : 0u))
    return;
  w->needed += more ? 1u : (size_t)-1;
  if (w->needed)
    mcl_residency_busy(t->residency, &w->idle);
  else
    mcl_residency_idle(t->residency, &w->idle);
}

static void need(mcl_weights *t, const wanted *list, size_t n, bool more) {
  for (size_t i = 0; i < n; i++)
    for (part *p = find(t, list[i].weight, list[i].layout, 0);
         p && p < t->part + t->parts && p->weight == list[i].weight && p->layout == list[i].layout;
         p++)
      need_part(t, p, more);
}

/* ---- putting weights on the device ---- */

/* A window's parts, which lie on the device since now, as spans of the trace. They came in one go: each
 * has the share that its bytes are of it. */
static void trace_window(const mcl_weights *t, part *const *list, size_t n, double began) {
  static const char *const layouts[] = {
#define NAME(id, name) name,
      MCL_LAYOUTS(NAME)
#undef NAME
  };
  bool copied = !t->dev->info.zero_copy || list[0]->window->copy;
  double all = 0, rate = mcl_clock() - began;
  for (size_t i = 0; i < n; i++)
    all += (double)bytes_of(list[i]);
  rate /= all;
  for (size_t i = 0; i < n; i++) {
    const part *p = list[i];
    double bytes = (double)bytes_of(p), ended = began + rate * bytes;
    const mcl_trace_arg arg[] = {
        {"name", p->weight->name, 0},      {"part", NULL, p->first},
        {"rows", NULL, p->rows},           {"bytes", NULL, bytes},
        {"layout", layouts[p->layout], 0}, {"memory", copied ? "copied" : "in place", 0}};
    mcl_trace_span(t->dev->trace, MCL_TRACE_HOST, "weight", p->weight->name, began, ended, arg,
                   sizeof arg / sizeof *arg);
    began = ended;
  }
}

/* A window with these parts in it, all of them needed. */
static int add_window(mcl_weights *t, part **list, size_t n, size_t bytes, const void *host,
                      void *copy, motcl_err *err) {
  bool in_place = t->dev->info.zero_copy;
  window *w = mcl_zalloc(1, sizeof *w);
  int rc = MOTCL_OK;
  if (!w) {
    mcl_free(copy);
    return mcl_fail_nomem(err, sizeof *w);
  }
  *w = (window){.idle = {.evict = evict}, .table = t, .copy = copy, .needed = n};
  w->counted = in_place && !copy ? 0 : bytes;
  rc = mcl_residency_take(t->residency, &w->buf, bytes, MCL_READ_ONLY, host, w->counted, err);
  if (rc != MOTCL_OK || !in_place) {
    if (!t->dev->hangs) /* else it may still read it */
      mcl_free(copy);
    w->copy = NULL;
  }
  if (rc != MOTCL_OK) {
    mcl_free(w);
    return rc;
  }
  for (size_t i = 0; i < n; i++)
    list[i]->window = w;
  t->put.parts += n;
  t->put.bytes += bytes;
  return MOTCL_OK;
}

/* Elements of [out][in][k][k] as [out][k][k][in], widened to float. */
static void to_ohwi(float *dst, const mcl_weight *w) {
  uint32_t taps = w->kernel * w->kernel, in = w->cols / taps;
  size_t size = mcl_type_size(w->type);
  for (size_t o = 0; o < w->rows; o++)
    for (size_t c = 0; c < in; c++)
      for (size_t t = 0; t < taps; t++)
        mcl_widen(&dst[(o * taps + t) * in + c],
                  (const unsigned char *)w->data + ((o * in + c) * taps + t) * size, w->type, 1);
}

/* A copy of our own: another order, or elements that do not stand at multiples of their size. */
static int copy_part(mcl_weights *t, part *p, motcl_err *err) {
  bool ohwi = p->layout == MCL_LAYOUT_OHWI;
  size_t bytes = ohwi ? mcl_weight_count(p->weight) * sizeof(float) : bytes_of(p);
  void *copy = mcl_alloc_aligned(bytes, PAGE_BYTES);
  if (!copy)
    return mcl_fail_nomem(err, bytes);
  if (ohwi)
    to_ohwi(copy, p->weight);
  else
    memcpy(copy, begin_of(p), bytes);
  p->offset = 0;
  return add_window(t, &p, 1, bytes, copy, copy, err);
}

static const unsigned char *window_start(const mcl_weights *t, const part *p) {
  const unsigned char *mapping = p->weight->mapping->data;
  size_t at = (size_t)(begin_of(p) - mapping);
  return mapping + (at - (t->dev->info.zero_copy ? at % PAGE_BYTES : 0));
}

/* How many parts from list[0] on fit one window: neighbours in the file. What is copied has a window
 * of its own: it takes the bytes that plans count for it, and goes when nobody needs it, whoever
 * needs its neighbours. */
static size_t span(const mcl_weights *t, part *const *list, size_t most, size_t *bytes) {
  const unsigned char *start = window_start(t, list[0]),
                      *end = begin_of(list[0]) + bytes_of(list[0]);
  size_t n = 1;
  for (; n < most && t->dev->info.zero_copy; n++) {
    const part *q = list[n];
    if (q->layout != MCL_LAYOUT_FILE || q->weight->mapping != list[0]->weight->mapping ||
        !mcl_weight_aligned(q->weight))
      break;
    const unsigned char *to = begin_of(q) + bytes_of(q);
    if (begin_of(q) > end + GAP_BYTES ||
        (uint64_t)((to > end ? to : end) - start) > t->dev->info.max_buffer)
      break;
    end = to > end ? to : end;
  }
  *bytes = (size_t)(end - start);
  return n;
}

/* The part, and those behind it that lie in one window with it. */
static int put_window(mcl_weights *t, part **list, size_t most, size_t *n, motcl_err *err) {
  part *p = list[0];
  *n = 1;
  if (p->layout != MCL_LAYOUT_FILE || !mcl_weight_aligned(p->weight))
    return copy_part(t, p, err);
  size_t bytes;
  const unsigned char *start = window_start(t, p);
  *n = span(t, list, most, &bytes);
  for (size_t i = 0; i < *n; i++)
    list[i]->offset = mcl_type_count(list[i]->weight->type, (size_t)(begin_of(list[i]) - start));
  return add_window(t, list, *n, bytes, start, NULL, err);
}

static int put_on_device(mcl_weights *t, part **list, size_t n, motcl_err *err) {
  int rc = MOTCL_OK;
  qsort((void *)list, n, sizeof *list, by_address);
  for (size_t i = 0, k; i < n && rc == MOTCL_OK; i += k) {
    double began = mcl_clock();
    rc = put_window(t, list + i, n - i, &k, err);
    if (rc == MOTCL_OK && t->dev->trace)
      trace_window(t, list + i, k, began);
  }
  return rc;
}

/* Needed parts that are not resident. */
static int fill(mcl_weights *t, motcl_err *err) {
  part **list = (part **)mcl_alloc(t->parts, sizeof(part *));
  size_t n = 0;
  int rc = MOTCL_OK;
  if (!list)
    return mcl_fail_nomem(err, t->parts * sizeof(part *));
  for (size_t i = 0; i < t->parts; i++)
    if (t->part[i].plans && !t->part[i].window)
      list[n++] = &t->part[i];
  if (n)
    rc = put_on_device(t, list, n, err);
  mcl_free((void *)list);
  return rc;
}

int mcl_weights_acquire(mcl_weights_lease **out, mcl_weights *t, const mcl_plan *plan,
                        motcl_err *err) {
  mcl_weights_lease *l = list_wanted(t, plan);
  if (!l)
    return mcl_fail_nomem(err, plan->steps * MCL_OP_WEIGHTS * sizeof *l->list);
  int rc = add_wanted(t, l->list, l->count, err);
  if (rc != MOTCL_OK) {
    mcl_free(l);
    return rc;
  }
  need(t, l->list, l->count, true);
  rc = fill(t, err);
  if (rc == MOTCL_OK)
    *out = l;
  else
    mcl_weights_release(l);
  return rc;
}

void mcl_weights_release(mcl_weights_lease *lease) {
  if (lease)
    need(lease->table, lease->list, lease->count, false);
  mcl_free(lease);
}

mcl_operand mcl_weights_get(const mcl_weights *t, const mcl_weight *w, mcl_layout layout,
                            uint32_t *row) {
  const part *p = w ? find(t, w, layout, *row) : NULL;
  if (!p || !p->window) {
    *row = 0;
    return (mcl_operand){0};
  }
  *row = p->first + p->rows < w->rows ? p->first + p->rows : 0;
  return (mcl_operand){.buf = p->window->buf,
                       .offset = p->offset,
                       .rows = p->rows,
                       .cols = w->cols,
                       .stride = w->cols,
                       .type = layout == MCL_LAYOUT_FILE ? w->type : MCL_F32};
}
