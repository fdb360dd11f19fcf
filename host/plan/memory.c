/* memory.c - where every tensor lives and when its memory is used again.
 *
 * Tensors are allocated largest first at the lowest offset where no tensor alive at the same time
 * lies, in as few arenas as the device's largest buffer allows. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "drivers/registry.h"
#include "plan/bands.h"
#include "plan/budget.h"
#include "plan/call.h"
#include "plan/passes.h"

/* Inputs of up to so many bytes lie together; larger ones only if they are read to the end anyway:
 * others give their memory back after their last reader. */
#define SMALL_INPUT (1u << 20)

/* One band of a tensor, nearly always all of it; MCL_NO_TENSOR: the inputs that lie together. */
typedef struct life {
  mcl_tid root;
  uint32_t band;
  size_t first, last; /* steps, both included */
  uint64_t bytes;
} life;

static uint64_t align_up(uint64_t n, uint64_t a) {
  return (n + a - 1) / a * a;
}

/* What the host writes and reads, and what stays from run to run, has the graph's type. */
mcl_type mcl_plan_type(const mcl_plan *p, mcl_tid t) {
  const mcl_tensor *x = mcl_graph_tensor_at(p->graph, mcl_graph_root(p->graph, t));
  return x->role == MCL_TEMP && x->type == MCL_F32 ? p->activation : x->type;
}

/* rows * cols elements; UINT64_MAX, which fits nowhere, if that is more than can be counted. */
static uint64_t area_bytes(uint64_t rows, uint64_t cols, mcl_type type) {
  uint64_t n = rows * cols; /* both below 2^32 */
  return n > UINT64_MAX / mcl_type_size(type) ? UINT64_MAX : n * mcl_type_size(type);
}

uint64_t mcl_plan_align(const mcl_plan *p) {
  return p->device->info.align > 64 ? p->device->info.align : 64;
}

static mcl_allocation *allocation_of(mcl_plan *p, const life *l) {
  if (l->root == MCL_NO_TENSOR)
    return &p->inputs;
  return &p->allocation[(size_t)l->root * p->max_bands + l->band];
}

static uint64_t band_bytes(const mcl_plan *p, mcl_tid t, uint32_t band) {
  const mcl_tensor *x = mcl_graph_tensor_at(p->graph, t);
  uint64_t rows = mcl_bands_rows(p, t, band), chunk = p->chunk_rows[p->inside[t]];
  if (p->inside[t] && rows > chunk)
    rows = chunk;
  return area_bytes(rows, x->cols, mcl_plan_type(p, t));
}

/* First and last step that touch each root; a chunked group is one step for this purpose. */
static size_t lives(const mcl_plan *p, life *out) {
  size_t n = 0;
  for (size_t t = 0; t < mcl_graph_tensors(p->graph); t++) {
    const mcl_tensor *x = mcl_graph_tensor_at(p->graph, (mcl_tid)t);
    if (x->role == MCL_VIEW || x->role == MCL_STATE)
      continue;
    life l = {(mcl_tid)t, 0, p->steps, 0, 0};
    for (size_t i = 0; i < p->steps; i++) {
      const mcl_step *s = &p->step[i];
      if (!mcl_node_reads(p->graph, &s->node, (mcl_tid)t) &&
          !mcl_node_writes(p->graph, &s->node, (mcl_tid)t))
        continue;
      size_t begin = i, end = i;
      while (s->group && begin > 0 && p->step[begin - 1].group == s->group)
        begin--;
      while (s->group && end + 1 < p->steps && p->step[end + 1].group == s->group)
        end++;
      l.first = begin < l.first ? begin : l.first;
      l.last = end > l.last ? end : l.last;
    }
    if (x->role == MCL_INPUT)
      l.first = 0;
    if (x->role == MCL_OUTPUT)
      l.last = p->steps;
    for (; l.band < mcl_bands_count(p, l.root); l.band++) {
      l.bytes = band_bytes(p, l.root, l.band);
      if (l.bytes && l.first <= l.last)
        out[n++] = l;
    }
  }
  return n;
}

/* Take small inputs, and those that live long, out of the list of lives; what is put in for them is
 * one that lives as long as any. */
static size_t join_inputs(mcl_plan *p, life *l, size_t n) {
  uint64_t align = mcl_plan_align(p), sum = 0;
  life all = {MCL_NO_TENSOR, 0, 0, 0, 0};
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t room = align_up(l[i].bytes, align);
    bool one = mcl_graph_tensor_at(p->graph, l[i].root)->role == MCL_INPUT &&
               mcl_bands_count(p, l[i].root) == 1 && room >= l[i].bytes &&
               (l[i].bytes <= SMALL_INPUT || l[i].last >= p->steps / 2) &&
               sum + room <= p->device->info.max_buffer;
    if (!one) {
      l[kept++] = l[i];
      continue;
    }
    *allocation_of(p, &l[i]) = (mcl_allocation){true, 0, sum, l[i].bytes};
    p->together[l[i].root] = true;
    all.last = l[i].last > all.last ? l[i].last : all.last;
    sum += room;
  }
  all.bytes = sum;
  if (sum)
    l[kept++] = all;
  return kept;
}

static void settle_inputs(mcl_plan *p) {
  for (size_t t = 0; t < mcl_graph_tensors(p->graph); t++)
    if (p->together[t]) {
      p->allocation[t * p->max_bands].arena = p->inputs.arena;
      p->allocation[t * p->max_bands].offset += p->inputs.offset;
    }
}

static int larger_first(const void *a, const void *b) {
  const life *x = a, *y = b;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? 1 : -1;
  if (x->root != y->root)
    return x->root < y->root ? -1 : 1;
  return x->band < y->band ? -1 : x->band > y->band;
}

/* Lowest offset in `arena` where l[at] overlaps nothing allocated before it; UINT64_MAX if it ends
 * past `limit`. */
static uint64_t lowest(mcl_plan *p, const life *l, size_t at, uint32_t arena, uint64_t limit,
                       uint64_t align) {
  uint64_t offset = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (size_t i = 0; i < at; i++) {
      const mcl_allocation *q = allocation_of(p, &l[i]);
      if (q->arena != arena || l[i].last < l[at].first || l[at].last < l[i].first ||
          q->offset + q->bytes <= offset || offset + l[at].bytes <= q->offset)
        continue;
      offset = align_up(q->offset + q->bytes, align);
      moved = true;
    }
  }
  return offset + l[at].bytes <= limit ? offset : UINT64_MAX;
}

static int allocate_one(mcl_plan *p, const life *l, size_t at, uint64_t align, motcl_err *err) {
  uint64_t limit = p->device->info.max_buffer;
  char need[24], have[24];
  if (l[at].bytes > limit)
    return mcl_fail(err, MOTCL_EFIT,
                    "'%s' needs %s in one piece and %s gives at most %s; use a smaller size or "
                    "another device",
                    mcl_graph_tensor_at(p->graph, l[at].root)->name,
                    mcl_amount(need, l[at].bytes, true), p->device->info.name,
                    mcl_amount(have, limit, false));
  for (uint32_t a = 0;; a++) {
    if (a == p->arenas) {
      uint64_t *more = mcl_realloc(p->arena, p->arenas + 1, sizeof *more);
      if (!more)
        return mcl_fail_nomem(err, sizeof *more);
      p->arena = more;
      p->arena[p->arenas++] = 0;
    }
    uint64_t offset = lowest(p, l, at, a, limit, align);
    if (offset == UINT64_MAX)
      continue;
    *allocation_of(p, &l[at]) = (mcl_allocation){true, a, offset, l[at].bytes};
    if (offset + l[at].bytes > p->arena[a])
      p->arena[a] = offset + l[at].bytes;
    return MOTCL_OK;
  }
}

static int allocate_states(mcl_plan *p, motcl_err *err) {
  char need[24], have[24];
  for (size_t t = 0; t < mcl_graph_tensors(p->graph); t++) {
    const mcl_tensor *x = mcl_graph_tensor_at(p->graph, (mcl_tid)t);
    uint64_t bytes = area_bytes(p->dims[x->rows], x->cols, x->type);
    if (x->role != MCL_STATE || !bytes)
      continue;
    if (bytes > p->device->info.max_buffer)
      return mcl_fail(err, MOTCL_EFIT,
                      "'%s' needs %s in one piece and %s gives at most %s; ask for a shorter text "
                      "or smaller pictures",
                      x->name, mcl_amount(need, bytes, true), p->device->info.name,
                      mcl_amount(have, p->device->info.max_buffer, false));
    p->allocation[t * p->max_bands] = (mcl_allocation){true, 0, 0, bytes};
    p->memory.state += bytes;
  }
  return MOTCL_OK;
}

/* The largest scratch that a variant which may run the step wants: smaller batches may run with
 * another one of its class. */
static uint64_t step_scratch(const mcl_plan *p, const mcl_step *s) {
  const mcl_variant *v;
  mcl_call call;
  uint64_t most = 0;
  mcl_plan_call(p, s, p->dims, 0, &call);
  for (size_t i = 0; call.out.rows && (v = mcl_device_variant(p->device, s->node.op, i)); i++) {
    if (!v->scratch || v->layout != s->variant->layout || strcmp(v->numeric, s->numeric) != 0)
      continue;
    uint64_t bytes = v->scratch(p->device, &call);
    most = bytes > most ? bytes : most;
  }
  return most;
}

static int count_scratch(mcl_plan *p, motcl_err *err) {
  uint64_t limit = p->device->info.max_buffer;
  char need[24], have[24];
  for (size_t i = 0; i < p->steps; i++) {
    uint64_t bytes = step_scratch(p, &p->step[i]);
    p->memory.scratch = bytes > p->memory.scratch ? bytes : p->memory.scratch;
  }
  if (p->memory.scratch <= limit)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFIT,
                  "%s needs %s of scratch in one piece and %s gives at most %s; use a smaller size "
                  "or another device",
                  mcl_graph_name(p->graph), mcl_amount(need, p->memory.scratch, true),
                  p->device->info.name, mcl_amount(have, limit, false));
}

static bool seen_before(const mcl_plan *p, size_t step, const mcl_weight *w) {
  for (size_t i = 0; i < step; i++)
    for (unsigned k = 0; k < MCL_OP_WEIGHTS; k++)
      if (p->step[i].node.w[k] == w)
        return true;
  return false;
}

static void count_weights(mcl_plan *p) {
  for (size_t i = 0; i < p->steps; i++)
    for (unsigned k = 0; k < MCL_OP_WEIGHTS; k++) {
      const mcl_weight *w = p->step[i].node.w[k];
      if (!w || seen_before(p, i, w))
        continue;
      uint64_t bytes = mcl_weight_bytes(w);
      if (k == 0 && p->step[i].variant->layout != MCL_LAYOUT_FILE)
        p->memory.copies += mcl_weight_count(w) * sizeof(float);
      else if (!mcl_weight_aligned(w))
        p->memory.copies += bytes;
      else if (p->device->info.zero_copy)
        p->memory.mapped += bytes;
      else
        p->memory.weights += bytes;
    }
}

static int fit(mcl_plan *p, uint64_t budget, motcl_err *err) {
  mcl_plan_memory *m = &p->memory;
  m->total = m->weights + m->copies + m->arenas + m->state + m->scratch;
  return mcl_budget_check(p->device, mcl_graph_name(p->graph), m->total,
                          mcl_budget_most(p->device, budget), NULL, err);
}

int mcl_plan_allocate(mcl_plan *p, uint64_t budget, motcl_err *err) {
  size_t most = mcl_graph_tensors(p->graph) * p->max_bands;
  life *l = mcl_alloc(most, sizeof *l);
  p->allocation = mcl_zalloc(most, sizeof *p->allocation);
  p->together = mcl_zalloc(mcl_graph_tensors(p->graph), sizeof *p->together);
  if (!l || !p->allocation || !p->together) {
    mcl_free(l);
    return mcl_fail_nomem(err, most * sizeof *l);
  }
  size_t n = join_inputs(p, l, lives(p, l));
  uint64_t align = mcl_plan_align(p);
  qsort(l, n, sizeof *l, larger_first);
  int rc = allocate_states(p, err);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    rc = allocate_one(p, l, i, align, err);
  mcl_free(l);
  if (rc != MOTCL_OK)
    return rc;
  settle_inputs(p);
  for (size_t i = 0; i < p->arenas; i++)
    p->memory.arenas += p->arena[i];
  rc = count_scratch(p, err);
  if (rc != MOTCL_OK)
    return rc;
  count_weights(p);
  return fit(p, budget, err);
}
