/* event.c - orders, events and staging memory as drivers of OpenCL devices share them. */
#include "base/mem.h"
#include "cl/order.h"
#include "drivers/opencl/opencl.h"

static cl_command_queue queue_of(const mcl_cl *cl, mcl_queue q) {
  cl_command_queue own = q == MCL_QUEUE_UPLOAD     ? cl->upload
                         : q == MCL_QUEUE_DOWNLOAD ? cl->download
                                                   : NULL;
  return own ? own : cl->queue;
}

int mcl_opencl_begin(mcl_device *dev, const mcl_order *order, motcl_err *err) {
  mcl_cl *cl = mcl_opencl_cl(dev);
  const mcl_cl_event **after = NULL;
  if (order->count) {
    after = (const mcl_cl_event **)mcl_zalloc(order->count, sizeof *after);
    if (!after)
      return mcl_fail_nomem(err, order->count * sizeof *after);
  }
  for (size_t i = 0; i < order->count; i++)
    after[i] = &order->after[i]->cl;
  int rc = mcl_cl_begin(cl, queue_of(cl, order->queue), after, order->count, order->wants, err);
  mcl_free((void *)after);
  return rc;
}

int mcl_opencl_end(mcl_device *dev, mcl_event **event, motcl_err *err) {
  mcl_cl_event made;
  *event = NULL;
  int rc = mcl_cl_end(mcl_opencl_cl(dev), &made, err);
  if (rc != MOTCL_OK || !made.last)
    return rc;
  *event = mcl_zalloc(1, sizeof **event);
  if (!*event) {
    mcl_cl_event_finish(&made);
    return mcl_fail_nomem(err, sizeof **event);
  }
  (*event)->cl = made;
  return MOTCL_OK;
}

int mcl_opencl_wait(mcl_device *dev, mcl_event *event, double seconds, bool *done, motcl_err *err) {
  return mcl_cl_event_wait(mcl_opencl_cl(dev), &event->cl, seconds, done, err);
}

int mcl_opencl_times(mcl_device *dev, mcl_event *event, mcl_times *out, motcl_err *err) {
  uint64_t t[4];
  int rc = mcl_cl_event_times(mcl_opencl_cl(dev), &event->cl, t, err);
  if (rc == MOTCL_OK)
    *out = (mcl_times){t[0], t[1], t[2], t[3]};
  return rc;
}

void mcl_opencl_release(mcl_device *dev, mcl_event *event) {
  (void)dev;
  if (event)
    mcl_cl_event_finish(&event->cl);
  mcl_free(event);
}

typedef struct mcl_staged {
  struct mcl_staged *next;
  mcl_cl_staging cl;
} mcl_staged;

int mcl_opencl_stage(mcl_device *dev, void **host, size_t bytes, motcl_err *err) {
  mcl_opencl *o = (mcl_opencl *)dev;
  mcl_staged *s = mcl_zalloc(1, sizeof *s);
  if (!s)
    return mcl_fail_nomem(err, sizeof *s);
  int rc = mcl_cl_staging_init(o->cl, &s->cl, bytes, err);
  if (rc != MOTCL_OK) {
    mcl_free(s);
    return rc;
  }
  s->next = o->staged;
  o->staged = s;
  *host = s->cl.host;
  return MOTCL_OK;
}

void mcl_opencl_unstage(mcl_device *dev, void *host) {
  mcl_opencl *o = (mcl_opencl *)dev;
  mcl_staged **p = &o->staged;
  while (*p && (*p)->cl.host != host)
    p = &(*p)->next;
  mcl_staged *s = *p;
  if (!host || !s)
    return;
  *p = s->next;
  mcl_cl_staging_finish(o->cl, &s->cl);
  mcl_free(s);
}
