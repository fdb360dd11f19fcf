/* residency.c - windows of weight files, and kept copies. */
#include "exec/residency.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define PAGE_BYTES 4096u     /* windows begin at multiples of it in their home */
#define GAP_BYTES (1u << 20) /* bytes nobody wants that a window may span */

/* Rows [first, first + rows) of a weight in a storage order, and where they are. */
typedef struct part {
  const mcl_weight *weight;
  mcl_layout layout;
  uint32_t first, rows;
  size_t window;
  uint64_t offset; /* elements from the window's start */
} part;

typedef struct window {
  mcl_buffer *buf;
  void *copy; /* ours: a copy that a zero-copy buffer may still use; NULL for file memory */
} window;

struct mcl_residency {
  mcl_device *dev;
  part *part;
  window *window;
  size_t parts, part_cap, windows, window_cap;
};

static const unsigned char *begin_of(const part *p) {
  return (const unsigned char *)p->weight->data +
         (size_t)p->first * p->weight->cols * mcl_type_size(p->weight->type);
}

static size_t bytes_of(const part *p) {
  return (size_t)p->rows * p->weight->cols * mcl_type_size(p->weight->type);
}

static int by_place(const void *a, const void *b) {
  const part *x = a, *y = b;
  if (x->layout != y->layout)
    return x->layout < y->layout ? -1 : 1;
  if (x->weight->home != y->weight->home)
    return (uintptr_t)x->weight->home < (uintptr_t)y->weight->home ? -1 : 1;
  uintptr_t p = (uintptr_t)begin_of(x), q = (uintptr_t)begin_of(y);
  return p < q ? -1 : p > q;
}

static int by_weight(const void *a, const void *b) {
  const part *x = a, *y = b;
  if (x->weight != y->weight)
    return (uintptr_t)x->weight < (uintptr_t)y->weight ? -1 : 1;
  if (x->layout != y->layout)
    return x->layout < y->layout ? -1 : 1;
  return x->first < y->first ? -1 : x->first > y->first;
}

static int add_part(mcl_residency *r, const part *p, motcl_err *err) {
  void *q = r->part;
  if (!mcl_grow(&q, &r->part_cap, r->parts, sizeof *r->part))
    return mcl_fail_nomem(err, sizeof *r->part);
  r->part = q;
  r->part[r->parts++] = *p;
  return MOTCL_OK;
}

/* Room for whole rows in one buffer, a page of it for the alignment of the window. */
static uint32_t rows_in(const mcl_device *dev, const mcl_weight *w) {
  uint64_t row = (uint64_t)w->cols * mcl_type_size(w->type);
  uint64_t room = dev->info.max_buffer > PAGE_BYTES ? dev->info.max_buffer - PAGE_BYTES : 0;
  uint64_t most = room / row;
  return most > w->rows ? w->rows : (uint32_t)most;
}

static int collect(mcl_residency *r, const mcl_plan *plan, motcl_err *err) {
  int rc = MOTCL_OK;
  for (size_t i = 0; i < plan->steps; i++)
    for (unsigned k = 0; k < MCL_OP_WEIGHTS && rc == MOTCL_OK; k++) {
      const mcl_weight *w = plan->step[i].node.w[k];
      if (!w)
        continue;
      part p = {.weight = w, .layout = k ? MCL_LAYOUT_FILE : plan->step[i].variant->layout};
      uint32_t most = p.layout == MCL_LAYOUT_FILE ? rows_in(r->dev, w) : w->rows;
      if (!most)
        return mcl_fail(err, MOTCL_EFIT, "a row of '%s' is larger than any buffer of %s", w->name,
                        r->dev->info.name);
      for (; p.first < w->rows && rc == MOTCL_OK; p.first += p.rows) {
        p.rows = w->rows - p.first < most ? w->rows - p.first : most;
        rc = add_part(r, &p, err);
      }
    }
  return rc;
}

static void unique(mcl_residency *r) {
  size_t n = 0;
  if (r->parts == 0)
    return;
  qsort(r->part, r->parts, sizeof *r->part, by_weight);
  for (size_t i = 0; i < r->parts; i++)
    if (!i || by_weight(&r->part[n - 1], &r->part[i]))
      r->part[n++] = r->part[i];
  r->parts = n;
}

static int add_window(mcl_residency *r, size_t bytes, const void *host, void *copy,
                      motcl_err *err) {
  void *q = r->window;
  if (!mcl_grow(&q, &r->window_cap, r->windows, sizeof *r->window)) {
    mcl_free(copy);
    return mcl_fail_nomem(err, sizeof *r->window);
  }
  r->window = q;
  window *w = &r->window[r->windows];
  *w = (window){NULL, copy};
  int rc = r->dev->driver->create(r->dev, &w->buf, bytes, MCL_READ_ONLY, host, err);
  if (rc != MOTCL_OK) {
    mcl_free(copy);
    return rc;
  }
  if (!r->dev->info.zero_copy) {
    mcl_free(copy);
    w->copy = NULL;
  }
  r->windows++;
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
static int copy_part(mcl_residency *r, part *p, motcl_err *err) {
  bool ohwi = p->layout == MCL_LAYOUT_OHWI;
  size_t bytes = ohwi ? mcl_weight_count(p->weight) * sizeof(float) : bytes_of(p);
  void *copy = mcl_alloc_aligned(bytes, PAGE_BYTES);
  if (!copy)
    return mcl_fail_nomem(err, bytes);
  if (ohwi)
    to_ohwi(copy, p->weight);
  else
    memcpy(copy, begin_of(p), bytes);
  p->window = r->windows;
  p->offset = 0;
  return add_window(r, bytes, copy, copy, err);
}

static const unsigned char *window_start(const part *p) {
  const unsigned char *home = p->weight->home->data;
  size_t at = (size_t)(begin_of(p) - home);
  return home + (at - at % PAGE_BYTES);
}

/* Take parts [i, ...) that fit one window with the first, and return how many. */
static size_t span(const mcl_residency *r, size_t i, size_t *bytes) {
  const part *p = r->part;
  const unsigned char *start = window_start(&p[i]), *end = begin_of(&p[i]) + bytes_of(&p[i]);
  size_t n = 1;
  for (; i + n < r->parts; n++) {
    const part *q = &p[i + n];
    if (q->layout != MCL_LAYOUT_FILE || q->weight->home != p[i].weight->home ||
        !mcl_weight_aligned(q->weight))
      break;
    const unsigned char *to = begin_of(q) + bytes_of(q);
    if (begin_of(q) > end + GAP_BYTES ||
        (uint64_t)((to > end ? to : end) - start) > r->dev->info.max_buffer)
      break;
    end = to > end ? to : end;
  }
  *bytes = (size_t)(end - start);
  return n;
}

static int make_windows(mcl_residency *r, motcl_err *err) {
  int rc = MOTCL_OK;
  if (r->parts == 0)
    return MOTCL_OK;
  qsort(r->part, r->parts, sizeof *r->part, by_place);
  for (size_t i = 0; i < r->parts && rc == MOTCL_OK;) {
    part *p = &r->part[i];
    if (p->layout != MCL_LAYOUT_FILE || !mcl_weight_aligned(p->weight)) {
      rc = copy_part(r, p, err);
      i++;
      continue;
    }
    size_t bytes, n = span(r, i, &bytes);
    const unsigned char *start = window_start(p);
    for (size_t k = i; k < i + n; k++) {
      r->part[k].window = r->windows;
      r->part[k].offset =
          (size_t)(begin_of(&r->part[k]) - start) / mcl_type_size(r->part[k].weight->type);
    }
    rc = add_window(r, bytes, start, NULL, err);
    i += n;
  }
  return rc;
}

int mcl_residency_create(mcl_residency **out, mcl_device *dev, const mcl_plan *plan,
                         motcl_err *err) {
  mcl_residency *r = mcl_zalloc(1, sizeof *r);
  if (!r)
    return mcl_fail_nomem(err, sizeof *r);
  r->dev = dev;
  int rc = collect(r, plan, err);
  if (rc == MOTCL_OK) {
    unique(r);
    rc = make_windows(r, err);
  }
  if (rc != MOTCL_OK) {
    mcl_residency_destroy(r);
    return rc;
  }
  if (r->parts)
    qsort(r->part, r->parts, sizeof *r->part, by_weight);
  *out = r;
  return MOTCL_OK;
}

void mcl_residency_destroy(mcl_residency *r) {
  if (!r)
    return;
  for (size_t i = 0; i < r->windows; i++) {
    r->dev->driver->destroy(r->dev, r->window[i].buf);
    mcl_free(r->window[i].copy);
  }
  mcl_free(r->window);
  mcl_free(r->part);
  mcl_free(r);
}

mcl_operand mcl_residency_get(const mcl_residency *r, const mcl_weight *w, mcl_layout layout,
                              uint32_t *row) {
  part key = {.weight = w, .layout = layout, .first = *row};
  const part *p = w ? bsearch(&key, r->part, r->parts, sizeof *r->part, by_weight) : NULL;
  if (!p) {
    *row = 0;
    return (mcl_operand){0};
  }
  *row = p->first + p->rows < w->rows ? p->first + p->rows : 0;
  return (mcl_operand){.buf = r->window[p->window].buf,
                       .offset = p->offset,
                       .rows = p->rows,
                       .cols = w->cols,
                       .stride = w->cols,
                       .type = layout == MCL_LAYOUT_FILE ? w->type : MCL_F32};
}
