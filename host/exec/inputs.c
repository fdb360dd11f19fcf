/* inputs.c - inputs side by side. */
#include "exec/inputs.h"

#include <string.h>

#include "base/mem.h"
#include "drivers/registry.h"

int mcl_exec_inputs_init(mcl_exec_inputs *in, mcl_device *dev, const mcl_plan *plan,
                         motcl_err *err) {
  size_t tensors = mcl_graph_tensors(plan->graph), bytes = (size_t)plan->inputs.bytes;
  *in = (mcl_exec_inputs){.plan = plan};
  in->at = mcl_zalloc(tensors, sizeof *in->at);
  in->host = mcl_zalloc(bytes, 1);
  if (!in->at || !in->host)
    return mcl_fail_nomem(err, bytes);
  return bytes ? mcl_device_stage(dev, &in->staged, bytes, err) : MOTCL_OK;
}

void mcl_exec_inputs_finish(mcl_exec_inputs *in, mcl_device *dev) {
  if (in->staged)
    mcl_device_unstage(dev, in->staged);
  mcl_free(in->host);
  mcl_free(in->at);
  *in = (mcl_exec_inputs){0};
}

static uint64_t bytes_of(const mcl_exec_inputs *in, mcl_tid t) {
  const mcl_tensor *x = mcl_graph_tensor_at(in->plan->graph, t);
  return (uint64_t)in->dims[x->rows] * x->cols * mcl_type_size(x->type);
}

void mcl_exec_inputs_pack(mcl_exec_inputs *in, const uint32_t *dims) {
  uint64_t align = mcl_plan_align(in->plan), at = 0;
  in->dims = dims;
  in->bytes = 0;
  for (size_t t = 0; t < mcl_graph_tensors(in->plan->graph); t++)
    if (in->plan->together[t] && bytes_of(in, (mcl_tid)t)) {
      in->at[t] = at;
      in->bytes = at + bytes_of(in, (mcl_tid)t);
      at = (in->bytes + align - 1) / align * align;
    }
}

uint64_t mcl_exec_inputs_offset(const mcl_exec_inputs *in, mcl_tid t) {
  return in->plan->inputs.offset + in->at[t];
}

/* Where an input is kept: as in the plan's memory. */
static unsigned char *buffer_of(const mcl_exec_inputs *in, mcl_tid t) {
  return in->host +
         (in->plan->allocation[(size_t)t * in->plan->max_bands].offset - in->plan->inputs.offset);
}

void mcl_exec_inputs_put(mcl_exec_inputs *in, mcl_tid t, uint64_t at, const void *data,
                         size_t bytes) {
  memcpy(buffer_of(in, t) + at, data, bytes);
}

const void *mcl_exec_inputs_gather(mcl_exec_inputs *in) {
  unsigned char *out = in->staged;
  for (size_t t = 0; t < mcl_graph_tensors(in->plan->graph); t++)
    if (in->plan->together[t] && bytes_of(in, (mcl_tid)t))
      memcpy(out + in->at[t], buffer_of(in, (mcl_tid)t), (size_t)bytes_of(in, (mcl_tid)t));
  return out;
}
