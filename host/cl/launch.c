/* launch.c - arguments from a list, then the queue. */
#include "cl/launch.h"

#include "base/mem.h"
#include "cl/order.h"
#include "cl/program.h"
#include "cl/ready.h"
#include "cl/status.h"

/* Sets the argument at *index and moves *index behind it. */
static cl_int set_arg(cl_kernel kernel, cl_uint *index, const mcl_arg *a) {
  cl_int status;
  switch (a->kind) {
  case MCL_ARG_BUFFER:
    status = clSetKernelArg(kernel, (*index)++, sizeof a->v.buffer.mem, &a->v.buffer.mem);
    if (status != CL_SUCCESS)
      return status;
    return clSetKernelArg(kernel, (*index)++, sizeof a->v.buffer.at, &a->v.buffer.at);
  case MCL_ARG_UINT:
    return clSetKernelArg(kernel, (*index)++, sizeof a->v.u, &a->v.u);
  case MCL_ARG_INT:
    return clSetKernelArg(kernel, (*index)++, sizeof a->v.i, &a->v.i);
  case MCL_ARG_FLOAT:
    return clSetKernelArg(kernel, (*index)++, sizeof a->v.f, &a->v.f);
  case MCL_ARG_LOCAL:
    return clSetKernelArg(kernel, (*index)++, a->v.bytes, NULL);
  }
  return CL_INVALID_ARG_VALUE;
}

static int set_args(const mcl_cl_kernel *k, const mcl_launch *launch, motcl_err *err) {
  cl_uint index = 0;
  for (size_t i = 0; i < launch->arg_count; i++) {
    cl_int status = set_arg(k->kernel, &index, &launch->args[i]);
    if (status != CL_SUCCESS)
      return mcl_cl_fail(err, status, "set argument %zu of %s", i, launch->kernel);
  }
  if (index != k->args)
    return mcl_fail(err, MOTCL_EINTERNAL, "%s takes %u arguments, not %u", launch->kernel, k->args,
                    (unsigned)index);
  return MOTCL_OK;
}

int mcl_cl_launch(mcl_cl *cl, const mcl_launch *launch, motcl_err *err) {
  const mcl_cl_kernel *k;
  size_t local[2], global[2];
  if (cl->noting)
    return mcl_cl_note_launch(cl, launch, err);
  if (launch->groups[0] == 0 || launch->groups[1] == 0)
    return MOTCL_OK;
  int rc = mcl_cl_kernel_get(cl, &k, launch->source, launch->options, launch->kernel, err);
  if (rc == MOTCL_OK)
    rc = set_args(k, launch, err);
  if (rc != MOTCL_OK)
    return rc;
  mcl_group_items(local, &launch->group, k->side);
  if (local[0] * local[1] > k->max_group)
    return mcl_fail(err, MOTCL_EUNSUPPORTED,
                    "%s wants groups of %zu by %zu and takes %zu on %s; choose another variant or "
                    "device",
                    launch->kernel, local[0], local[1], k->max_group, cl->caps.name);
  for (int d = 0; d < 2; d++)
    if (!mcl_mul_ok(launch->groups[d], local[d], &global[d]))
      return mcl_fail(err, MOTCL_EINTERNAL, "%s was given too many groups", launch->kernel);
  cl_int status = clEnqueueNDRangeKernel(mcl_cl_queue(cl), k->kernel, 2, NULL, global, local, 0,
                                         NULL, mcl_cl_event_of_next(cl));
  mcl_cl_queued(cl);
  return status == CL_SUCCESS
             ? MOTCL_OK
             : mcl_cl_fail(err, status, "run %s on %s", launch->kernel, cl->caps.name);
}
