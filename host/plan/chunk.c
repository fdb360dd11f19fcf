/* chunk.c - runs of row-local steps that are computed some rows at a time, so that the temporaries
 * between them need memory for those rows only. */
#include "base/mem.h"
#include "plan/bands.h"
#include "plan/passes.h"

#define CHUNK_BYTES ((uint64_t)64 << 20) /* temporaries of a chunk, when nobody asks for less */
#define CHUNK_ALIGN 64u

static bool row_local(const mcl_plan *p, const mcl_step *s) {
  return (mcl_op_get(s->node.op)->flags & MCL_OP_ROWS) && mcl_bands_of_step(p, s) == 1;
}

/* As many rows; ops of a run are then cut at the same places. */
static bool same_rows(const mcl_graph *g, mcl_tid a, mcl_tid b) {
  const mcl_tensor *x = mcl_graph_tensor_at(g, a), *y = mcl_graph_tensor_at(g, b);
  return x->rows == y->rows;
}

static bool has_views(const mcl_graph *g, mcl_tid t) {
  for (size_t i = 0; i < mcl_graph_tensors(g); i++)
    if (mcl_graph_tensor_at(g, (mcl_tid)i)->parent == t)
      return true;
  return false;
}

/* The temporary that step i makes, if only steps in [begin, end) touch it, and all of its rows: a
 * chunk keeps no others. Else MCL_NO_TENSOR. */
static mcl_tid private_temp(const mcl_plan *p, size_t i, size_t begin, size_t end) {
  mcl_tid out = p->step[i].node.out;
  if (mcl_graph_tensor_at(p->graph, out)->role != MCL_TEMP || has_views(p->graph, out))
    return MCL_NO_TENSOR;
  for (size_t k = 0; k < p->steps; k++) {
    const mcl_node *n = &p->step[k].node;
    bool in = k >= begin && k < end;
    if (!in && (mcl_node_reads(p->graph, n, out) || mcl_node_writes(p->graph, n, out)))
      return MCL_NO_TENSOR;
  }
  return out;
}

/* Bytes a row of the run's private temporaries takes. */
static uint64_t row_bytes(const mcl_plan *p, size_t begin, size_t end) {
  uint64_t sum = 0;
  for (size_t i = begin; i < end; i++)
    if (private_temp(p, i, begin, end) != MCL_NO_TENSOR)
      sum += mcl_type_bytes(mcl_plan_type(p, p->step[i].node.out),
                            mcl_graph_tensor_at(p->graph, p->step[i].node.out)->cols);
  return sum;
}

static size_t run_end(const mcl_plan *p, size_t begin) {
  size_t end = begin;
  while (end < p->steps && row_local(p, &p->step[end]) &&
         p->step[end].node.layer == p->step[begin].node.layer &&
         same_rows(p->graph, p->step[end].node.out, p->step[begin].node.out))
    end++;
  return end;
}

static void make_group(mcl_plan *p, size_t begin, size_t end, uint32_t rows) {
  p->groups++;
  p->chunk_rows[p->groups] = rows;
  for (size_t i = begin; i < end; i++) {
    mcl_tid t = private_temp(p, i, begin, end);
    p->step[i].group = p->groups;
    if (t != MCL_NO_TENSOR)
      p->inside[t] = p->groups;
  }
}

int mcl_plan_chunk(mcl_plan *p, uint32_t chunk_rows, motcl_err *err) {
  p->chunk_rows = mcl_zalloc(p->steps + 1, sizeof *p->chunk_rows);
  p->inside = mcl_zalloc(mcl_graph_tensors(p->graph), sizeof *p->inside);
  if (!p->chunk_rows || !p->inside)
    return mcl_fail_nomem(err, p->steps * sizeof *p->chunk_rows);
  uint64_t limit =
      p->device->info.max_buffer < CHUNK_BYTES ? p->device->info.max_buffer : CHUNK_BYTES;
  for (size_t i = 0; i < p->steps;) {
    size_t end = run_end(p, i);
    uint64_t bytes = end > i + 1 ? row_bytes(p, i, end) : 0;
    uint32_t rows = p->dims[mcl_graph_tensor_at(p->graph, p->step[i].node.out)->rows];
    uint64_t most = chunk_rows ? chunk_rows : bytes ? limit / bytes : 0;
    if (!chunk_rows && most > CHUNK_ALIGN)
      most -= most % CHUNK_ALIGN;
    if (bytes && most < rows)
      make_group(p, i, end, most ? (uint32_t)most : 1);
    i = end > i ? end : i + 1;
  }
  return MOTCL_OK;
}
