/* plan.c - making a plan: the passes, one after another. */
#include "plan/plan.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/trace.h"
#include "plan/passes.h"
#include "plan/tuning.h"

static int init(mcl_plan *p, const uint32_t *dims, motcl_err *err) {
  size_t n = mcl_graph_dims(p->graph);
  p->max_bands = 1;
  p->dims = mcl_alloc(n, sizeof *p->dims);
  p->step = mcl_zalloc(mcl_graph_nodes(p->graph), sizeof *p->step);
  if (!p->dims || !p->step)
    return mcl_fail_nomem(err, n * sizeof *p->dims);
  memcpy(p->dims, dims, n * sizeof *dims);
  return MOTCL_OK;
}

int mcl_plan_make(mcl_plan **out, const mcl_device *device, const mcl_graph *graph,
                  const uint32_t *dims, const mcl_plan_options *options, motcl_err *err) {
  static const mcl_plan_options defaults;
  if (!options)
    options = &defaults;
  if (device->info.slow && !options->allow_slow)
    return mcl_fail(
        err, MOTCL_ENODEVICE,
        "%s computes without OpenCL, hundreds of times slower; name it as the device, %s, "
        "or allow slow ones if that is wanted",
        device->info.name, device->driver->name);
  int rc = mcl_graph_check(graph, err);
  if (rc != MOTCL_OK || (rc = mcl_tuning_check(device, options->use, err)) != MOTCL_OK ||
      (rc = mcl_plan_check_dims(graph, dims, err)) != MOTCL_OK)
    return rc;
  mcl_plan *p = mcl_zalloc(1, sizeof *p);
  if (!p)
    return mcl_fail_nomem(err, sizeof *p);
  double began = mcl_clock();
  p->graph = graph;
  p->device = device;
  p->activation = MCL_F32;
  p->use = options->use;
  if ((rc = init(p, dims, err)) == MOTCL_OK)
    mcl_plan_fuse(p, options->unfused);
  if (rc != MOTCL_OK || (rc = mcl_plan_classes(p, err)) != MOTCL_OK ||
      (rc = mcl_plan_bands(p, options->band_rows, err)) != MOTCL_OK ||
      (rc = mcl_plan_chunk(p, options->chunk_rows, err)) != MOTCL_OK ||
      (rc = mcl_plan_allocate(p, options->memory, err)) != MOTCL_OK) {
    mcl_plan_destroy(p);
    return rc;
  }
  mcl_trace_since(device->trace, MCL_TRACE_HOST, "plan", mcl_graph_name(graph), began, NULL, 0);
  *out = p;
  return MOTCL_OK;
}

void mcl_plan_destroy(mcl_plan *p) {
  if (!p)
    return;
  mcl_free(p->step);
  mcl_free(p->allocation);
  mcl_free(p->together);
  mcl_free(p->arena);
  mcl_free(p->dims);
  mcl_free(p->bands);
  mcl_free(p->chunk_rows);
  mcl_free(p->inside);
  mcl_free(p);
}
