/* order.c - orders: queue, events before, event after. */
#include "cl/order.h"

#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cl/status.h"

/* Seconds between two looks at an event. A look costs about a microsecond. */
#define FIRST_NAP 20e-6
#define LONGEST_NAP 1e-3

/* A barrier holds the queue's later commands back until all these events have happened. */
static cl_int wait_for(cl_command_queue queue, const mcl_cl_event *const *after, size_t count) {
  cl_int status = CL_SUCCESS;
  for (size_t i = 0; i < count && status == CL_SUCCESS; i++)
    if (after[i]->last)
      status = clEnqueueBarrierWithWaitList(queue, 1, &after[i]->last, NULL);
  return status;
}

int mcl_cl_begin(mcl_cl *cl, cl_command_queue queue, const mcl_cl_event *const *after, size_t count,
                 bool wants, motcl_err *err) {
  if (cl->open.queue)
    return mcl_fail(err, MOTCL_EINTERNAL, "an order on %s begins inside another", cl->caps.name);
  cl_int status = wait_for(queue, after, count);
  if (status != CL_SUCCESS)
    return mcl_cl_fail(err, status, "let commands wait on %s", cl->caps.name);
  cl->open.queue = queue;
  cl->open.wants = wants;
  return MOTCL_OK;
}

/* Other queues may wait for what was queued: it has to be on its way. */
static cl_int close_order(mcl_cl *cl) {
  cl_int status = CL_SUCCESS;
  if (cl->open.wants && !cl->open.made.last) {
    status = clEnqueueMarkerWithWaitList(cl->open.queue, 0, NULL, &cl->open.next);
    if (status == CL_SUCCESS)
      mcl_cl_queued(cl);
  }
  if (status == CL_SUCCESS && cl->open.queue != cl->queue)
    status = clFlush(cl->open.queue);
  return status;
}

int mcl_cl_end(mcl_cl *cl, mcl_cl_event *out, motcl_err *err) {
  cl_int status = cl->open.queue ? close_order(cl) : CL_INVALID_OPERATION;
  *out = cl->open.made;
  cl->open.queue = NULL;
  cl->open.made = (mcl_cl_event){NULL, NULL};
  if (status == CL_SUCCESS)
    return MOTCL_OK;
  mcl_cl_event_finish(out);
  return mcl_cl_fail(err, status, "mark the end of commands on %s", cl->caps.name);
}

cl_command_queue mcl_cl_queue(const mcl_cl *cl) {
  return cl->open.queue ? cl->open.queue : cl->queue;
}

cl_bool mcl_cl_blocking(const mcl_cl *cl) {
  return cl->open.queue ? CL_FALSE : CL_TRUE;
}

cl_event *mcl_cl_event_of_next(mcl_cl *cl) {
  return cl->open.queue && cl->open.wants ? &cl->open.next : NULL;
}

void mcl_cl_queued(mcl_cl *cl) {
  mcl_cl_event *made = &cl->open.made;
  if (!cl->open.next)
    return;
  if (!made->first) {
    made->first = cl->open.next;
    clRetainEvent(made->first);
  }
  if (made->last)
    clReleaseEvent(made->last);
  made->last = cl->open.next;
  cl->open.next = NULL;
}

static void nap(double seconds) {
  struct timespec t = {0, (long)(seconds * 1e9)};
  nanosleep(&t, NULL);
}

int mcl_cl_event_wait(mcl_cl *cl, const mcl_cl_event *e, double seconds, bool *done,
                      motcl_err *err) {
  double began = mcl_clock(), pause = FIRST_NAP;
  int rc = mcl_cl_flush(cl, err);
  *done = false;
  if (rc != MOTCL_OK)
    return rc;
  for (;;) {
    cl_int state = CL_QUEUED;
    cl_int status =
        clGetEventInfo(e->last, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL);
    if (status != CL_SUCCESS || state < 0)
      return mcl_cl_fail_wait(err, state < 0 ? state : status, "finish work on %s", cl->caps.name);
    *done = state == CL_COMPLETE;
    double left = seconds - mcl_clock_since(began);
    if (*done || left <= 0)
      return MOTCL_OK;
    nap(pause < left ? pause : left);
    pause = pause * 1.5 < LONGEST_NAP ? pause * 1.5 : LONGEST_NAP;
  }
}

int mcl_cl_event_times(mcl_cl *cl, const mcl_cl_event *e, uint64_t out[4], motcl_err *err) {
  static const cl_profiling_info what[] = {CL_PROFILING_COMMAND_QUEUED, CL_PROFILING_COMMAND_SUBMIT,
                                           CL_PROFILING_COMMAND_START, CL_PROFILING_COMMAND_END};
  for (size_t i = 0; i < 4; i++) {
    cl_ulong t = 0;
    cl_int status =
        clGetEventProfilingInfo(i < 3 ? e->first : e->last, what[i], sizeof t, &t, NULL);
    if (status != CL_SUCCESS)
      return mcl_cl_fail(err, status, "ask %s for times", cl->caps.name);
    out[i] = t;
  }
  return MOTCL_OK;
}

void mcl_cl_event_finish(mcl_cl_event *e) {
  if (e->first)
    clReleaseEvent(e->first);
  if (e->last)
    clReleaseEvent(e->last);
  *e = (mcl_cl_event){NULL, NULL};
}
