/* device.c - opening and closing an OpenCL device. */
#include "cl/device.h"

#include <stdio.h>

#include "base/mem.h"
#include "cl/program.h"
#include "cl/ready.h"
#include "cl/status.h"

/* The square of the largest side may not be more than the device allows in a group. */
static unsigned group_side(const mcl_cl_facts *facts) {
  unsigned side = 8;
  while (side > 1 && side * side > facts->max_group)
    side /= 2;
  return side;
}

static bool copy_texts(mcl_cl *cl, const mcl_cl_settings *settings) {
  if (settings->cache_dir && !(cl->cache_dir = mcl_strdup(settings->cache_dir)))
    return false;
  return !settings->kernel_dir || (cl->kernel_dir = mcl_strdup(settings->kernel_dir));
}

int mcl_cl_open(mcl_cl **out, cl_device_id id, const mcl_cl_facts *facts,
                const mcl_cl_settings *settings, motcl_err *err) {
  cl_int status;
  mcl_cl *cl = mcl_zalloc(1, sizeof *cl);
  if (!cl)
    return mcl_fail_nomem(err, sizeof *cl);
  cl->id = id;
  cl->facts = *facts;
  cl->side = group_side(facts);
  snprintf(cl->options, sizeof cl->options, "-cl-std=CL1.2%s",
           facts->exact_division ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");
  int rc = copy_texts(cl, settings) ? MOTCL_OK : mcl_fail_nomem(err, 4096);
  if (rc != MOTCL_OK)
    goto fail;
  cl->context = clCreateContext(NULL, 1, &id, NULL, NULL, &status);
  if (!cl->context) {
    rc = mcl_cl_fail(err, status, "open %s", facts->name);
    goto fail;
  }
  cl->queue = clCreateCommandQueue(cl->context, id, 0, &status);
  if (!cl->queue) {
    rc = mcl_cl_fail(err, status, "make a queue on %s", facts->name);
    goto fail;
  }
  *out = cl;
  return MOTCL_OK;
fail:
  mcl_cl_close(cl);
  return rc;
}

void mcl_cl_close(mcl_cl *cl) {
  if (!cl)
    return;
  if (cl->queue)
    clFinish(cl->queue);
  mcl_cl_programs_store(cl);
  mcl_cl_pieces_destroy(cl);
  mcl_cl_programs_destroy(cl->programs);
  if (cl->queue)
    clReleaseCommandQueue(cl->queue);
  if (cl->context)
    clReleaseContext(cl->context);
  mcl_free(cl->cache_dir);
  mcl_free(cl->kernel_dir);
  mcl_free(cl);
}

int mcl_cl_flush(mcl_cl *cl, motcl_err *err) {
  cl_int status = clFlush(cl->queue);
  return status == CL_SUCCESS ? MOTCL_OK
                              : mcl_cl_fail(err, status, "start work on %s", cl->facts.name);
}

int mcl_cl_finish(mcl_cl *cl, motcl_err *err) {
  cl_int status = clFinish(cl->queue);
  return status == CL_SUCCESS ? MOTCL_OK
                              : mcl_cl_fail_wait(err, status, "finish work on %s", cl->facts.name);
}
