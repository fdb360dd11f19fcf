/* throughput.c - adding up what runs took. */
#include "exec/throughput.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "plan/cost.h"

void mcl_throughput_finish(mcl_throughput *m) {
  mcl_free(m->row);
  memset(m, 0, sizeof *m);
}

void mcl_throughput_name(char name[64], const mcl_plan *plan) {
  snprintf(name, 64, "%.40s %" PRIu64, mcl_graph_name(plan->graph),
           plan->memory.weights + plan->memory.mapped);
}

double mcl_throughput_work(const mcl_plan *plan, const uint32_t *dims, uint64_t rows, double keys,
                           bool *many) {
  mcl_cost c = mcl_plan_cost(plan, dims, keys);
  *many = rows >= MCL_THROUGHPUT_MANY;
  return *many ? c.flops : c.weight_bytes + c.activation_bytes;
}

static mcl_throughput_row *row_of(mcl_throughput *m, const mcl_plan *plan) {
  mcl_throughput_row row = {.graph = ""};
  void *p = m->row;
  mcl_throughput_name(row.graph, plan);
  for (size_t i = 0; i < m->count; i++)
    if (!strcmp(m->row[i].graph, row.graph))
      return &m->row[i];
  if (!mcl_grow(&p, &m->cap, m->count, sizeof *m->row))
    return NULL;
  m->row = p;
  m->row[m->count] = row;
  return &m->row[m->count++];
}

void mcl_throughput_add(mcl_throughput *m, const mcl_plan *plan, const uint32_t *dims,
                        uint64_t rows, double keys, double seconds) {
  mcl_throughput_row *row = m ? row_of(m, plan) : NULL;
  bool many;
  if (!row || seconds <= 0)
    return;
  double work = mcl_throughput_work(plan, dims, rows, keys, &many);
  mcl_throughput_sum *k = &row->kind[many];
  if (!k->runs++) {
    k->first_work = work;
    k->first_seconds = seconds;
  }
  k->work += work;
  k->seconds += seconds;
}

double mcl_throughput_rate(const mcl_throughput_sum *k) {
  if (!k->runs)
    return 0;
  if (k->runs == 1)
    return k->work / k->seconds;
  return (k->work - k->first_work) / (k->seconds - k->first_seconds);
}
