/* event.c - the ref driver's orders: a call is done when it returns, so events have happened when
 * they are made, and their times are the host's. */
#include "drivers/ref/ref.h"

#include "base/clock.h"

struct mcl_event {
  mcl_times times;
};

static uint64_t now(void) {
  return (uint64_t)(1e9 * mcl_clock());
}

int mcl_ref_begin(mcl_device *dev, const mcl_order *order, motcl_err *err) {
  mcl_ref *r = (mcl_ref *)dev;
  (void)err;
  r->wants = order->wants;
  r->began = now();
  return MOTCL_OK;
}

int mcl_ref_end(mcl_device *dev, mcl_event **event, motcl_err *err) {
  mcl_ref *r = (mcl_ref *)dev;
  *event = NULL;
  if (!r->wants)
    return MOTCL_OK;
  mcl_event *e = mcl_zalloc(1, sizeof *e);
  if (!e)
    return mcl_fail_nomem(err, sizeof *e);
  e->times = (mcl_times){r->began, r->began, r->began, now()};
  *event = e;
  return MOTCL_OK;
}

int mcl_ref_wait(mcl_device *dev, mcl_event *event, double seconds, bool *done, motcl_err *err) {
  (void)dev;
  (void)event;
  (void)seconds;
  (void)err;
  *done = true;
  return MOTCL_OK;
}

int mcl_ref_times(mcl_device *dev, mcl_event *event, mcl_times *out, motcl_err *err) {
  (void)dev;
  (void)err;
  *out = event->times;
  return MOTCL_OK;
}

void mcl_ref_release(mcl_device *dev, mcl_event *event) {
  (void)dev;
  mcl_free(event);
}
