/* estimate.c - costs of runs, and how long they take by what earlier ones took. */
#include "job/estimate.h"

#include <string.h>

#include "base/mem.h"
#include "plan/cost.h"

/* Graphs beside the decoder take whole pictures: their rows are many. */
static void add(motcl_work *w, bool *unknown, const mcl_plan *plan, const uint32_t *dims,
                uint64_t rows, const mcl_workload_item *r, const mcl_throughput_store *store) {
  mcl_cost c = mcl_plan_cost(plan, dims, r->keys);
  double seconds = mcl_throughput_store_seconds(store, plan, dims, rows, r->keys),
         n = (double)r->count;
  w->runs += r->count;
  w->flops += n * c.flops;
  w->bytes += n * (c.weight_bytes + c.activation_bytes);
  w->seconds += n * seconds;
  *unknown = *unknown || seconds <= 0;
}

_Static_assert((int)MOTCL_PHASE_COUNT <= MOTCL_MAX_PHASES,
               "an estimate has no room for all phases");

/* What is not known of a part is not known of the whole. */
static void sum_phases(motcl_estimate *estimate, const bool *unknown) {
  bool any = false;
  for (int p = 0; p < MOTCL_PHASE_COUNT; p++) {
    motcl_work *w = &estimate->phase[p];
    w->seconds = unknown[p] ? 0 : w->seconds;
    any = any || unknown[p];
    estimate->all.runs += w->runs;
    estimate->all.flops += w->flops;
    estimate->all.bytes += w->bytes;
    estimate->all.seconds += w->seconds;
  }
  if (any)
    estimate->all.seconds = 0;
}

int mcl_estimate_sum(motcl_estimate *estimate, const mcl_decoder_graph *d, const mcl_plan *decoder,
                     const mcl_workload *y, const mcl_throughput_store *store, motcl_err *err) {
  bool unknown[MOTCL_PHASE_COUNT] = {false};
  size_t n = mcl_graph_dims(d->graph);
  uint32_t *dims = mcl_alloc(n, sizeof *dims);
  if (!dims)
    return mcl_fail_nomem(err, n * sizeof *dims);
  memset(&estimate->all, 0, sizeof estimate->all);
  memset(estimate->phase, 0, sizeof estimate->phase);
  for (size_t i = 0; i < y->count; i++) {
    const mcl_workload_item *r = &y->runs[i];
    motcl_work *w = &estimate->phase[r->phase];
    if (r->plan) {
      add(w, &unknown[r->phase], r->plan, r->plan->dims, MCL_THROUGHPUT_MANY, r, store);
      continue;
    }
    memset(dims, 0, n * sizeof *dims);
    mcl_decoder_bind(d, &r->size, dims);
    add(w, &unknown[r->phase], decoder, dims, (uint64_t)r->size.text + r->size.vision + r->size.gen,
        r, store);
  }
  sum_phases(estimate, unknown);
  mcl_free(dims);
  return MOTCL_OK;
}
