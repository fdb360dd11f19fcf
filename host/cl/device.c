/* device.c - opening and closing an OpenCL device. */
#include "cl/device.h"

#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cl/order.h"
#include "cl/program.h"
#include "cl/ready.h"
#include "cl/status.h"

#define PATIENCE 60.0 /* seconds with a device that failed */
#define SETTLING 0.1  /* seconds without a change until a runtime has let go of what it did */

static cl_uint owners_of(cl_context context) {
  cl_uint n = 0;
  (void)clGetContextInfo(context, CL_CONTEXT_REFERENCE_COUNT, sizeof n, &n, NULL);
  return n;
}

/* PoCL's threads give back the last command a moment after its end, and then still read the device,
 * which nobody else holds for them: a part of one must not go before. They are through when the context
 * has no more owners than when it was opened; or, as its program may have made something of it since,
 * when they have not become fewer for a while. */
static void settle(const mcl_cl *cl) {
  const struct timespec moment = {0, 1000000};
  cl_uint owners = owners_of(cl->context), now;
  double since = mcl_clock();
  while (owners > cl->owners && mcl_clock_since(since) < SETTLING) {
    nanosleep(&moment, NULL);
    now = owners_of(cl->context);
    since = now < owners ? mcl_clock() : since;
    owners = now;
  }
}

static bool copy_texts(mcl_cl *cl, const mcl_cl_settings *settings) {
  if (!(cl->options = mcl_strdup(settings->options ? settings->options : "")))
    return false;
  if (settings->cache_dir && !(cl->cache_dir = mcl_strdup(settings->cache_dir)))
    return false;
  return !settings->kernel_dir || (cl->kernel_dir = mcl_strdup(settings->kernel_dir));
}

/* Times cost something on every command, so they are asked for only when somebody reads them. */
static int make_queue(mcl_cl *cl, cl_command_queue *queue, motcl_err *err) {
  cl_int status;
  *queue =
      clCreateCommandQueue(cl->context, cl->id, cl->trace ? CL_QUEUE_PROFILING_ENABLE : 0, &status);
  return *queue ? MOTCL_OK : mcl_cl_fail(err, status, "make a queue on %s", cl->caps.name);
}

int mcl_cl_open(mcl_cl **out, cl_device_id id, const mcl_cl_caps *caps,
                const mcl_cl_settings *settings, motcl_err *err) {
  cl_int status;
  mcl_cl *cl = mcl_zalloc(1, sizeof *cl);
  if (!cl)
    return mcl_fail_nomem(err, sizeof *cl);
  cl->id = id;
  cl->caps = *caps;
  cl->side = settings->side ? settings->side : 1;
  int rc = copy_texts(cl, settings) ? MOTCL_OK : mcl_fail_nomem(err, 4096);
  if (rc != MOTCL_OK)
    goto fail;
  if (settings->context) {
    status = clRetainContext(settings->context);
    cl->context = status == CL_SUCCESS ? settings->context : NULL;
  } else {
    cl->context = clCreateContext(NULL, 1, &id, NULL, NULL, &status);
  }
  if (!cl->context) {
    rc = mcl_cl_fail(err, status, "open %s", caps->name);
    goto fail;
  }
  cl->owners = settings->passing ? owners_of(cl->context) : 0;
  cl->trace = settings->trace;
  rc = make_queue(cl, &cl->queue, err);
  if (rc == MOTCL_OK && settings->move_queues)
    rc = make_queue(cl, &cl->upload, err);
  if (rc == MOTCL_OK && settings->move_queues)
    rc = make_queue(cl, &cl->download, err);
  if (rc != MOTCL_OK)
    goto fail;
  *out = cl;
  return MOTCL_OK;
fail:
  mcl_cl_close(cl);
  return rc;
}

/* Binaries that are dear to ask for are not worth it where somebody waits for the end. */
static void store_programs(mcl_cl *cl) {
  motcl_err err = {0};
  if (!cl->caps.keeps && mcl_cl_programs_store(cl, &err) != MOTCL_OK)
    mcl_log_message(MOTCL_LOG_WARNING, "%s", err.text);
}

void mcl_cl_close(mcl_cl *cl) {
  if (!cl)
    return;
  (void)mcl_cl_finish(cl, NULL);
  store_programs(cl);
  mcl_cl_pieces_destroy(cl);
  mcl_cl_programs_destroy(cl->programs);
  cl_command_queue queues[] = {cl->queue, cl->upload, cl->download};
  for (size_t i = 0; i < 3; i++)
    if (queues[i])
      clReleaseCommandQueue(queues[i]);
  if (cl->owners)
    settle(cl);
  if (cl->context)
    clReleaseContext(cl->context);
  mcl_free(cl->options);
  mcl_free(cl->cache_dir);
  mcl_free(cl->kernel_dir);
  mcl_free(cl);
}

int mcl_cl_flush(mcl_cl *cl, motcl_err *err) {
  cl_command_queue queues[] = {cl->queue, cl->upload, cl->download};
  cl_int status = CL_SUCCESS;
  for (size_t i = 0; i < 3 && status == CL_SUCCESS; i++)
    status = queues[i] ? clFlush(queues[i]) : CL_SUCCESS;
  return status == CL_SUCCESS ? MOTCL_OK
                              : mcl_cl_fail(err, status, "start work on %s", cl->caps.name);
}

/*
 * Where clFinish fails, commands may still run, and read memory that whoever waits will give back. A
 * marker behind them tells when they are through; one that cannot be had, or is waited for too long,
 * is of a queue where nothing runs any more.
 */
static void drain(mcl_cl *cl, cl_command_queue queue) {
  mcl_cl_event e = {NULL, NULL};
  bool done;
  if (clEnqueueMarkerWithWaitList(queue, 0, NULL, &e.last) == CL_SUCCESS)
    (void)mcl_cl_event_wait(cl, &e, PATIENCE, &done, NULL);
  mcl_cl_event_finish(&e);
}

int mcl_cl_finish(mcl_cl *cl, motcl_err *err) {
  cl_command_queue queues[] = {cl->upload, cl->queue, cl->download};
  cl_int status = CL_SUCCESS;
  for (size_t i = 0; i < 3; i++) {
    cl_int one = queues[i] ? clFinish(queues[i]) : CL_SUCCESS;
    if (one != CL_SUCCESS)
      drain(cl, queues[i]);
    status = status == CL_SUCCESS ? one : status;
  }
  return status == CL_SUCCESS ? MOTCL_OK
                              : mcl_cl_fail_wait(err, status, "finish work on %s", cl->caps.name);
}
