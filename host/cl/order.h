/* order.h - which queue commands go to, what they wait for, and the events they give. */
#ifndef MCL_CL_ORDER_H
#define MCL_CL_ORDER_H

#include "cl/device.h"

/**
 * Commands from here to mcl_cl_end go to `queue` (of cl) behind these events of the same device;
 * reads and writes among them do not block.
 *
 * wants  mcl_cl_end shall give an event
 */
int mcl_cl_begin(mcl_cl *cl, cl_command_queue queue, const mcl_cl_event *const *after, size_t count,
                 bool wants, motcl_err *err);

/** End of the order, also after a failure. `out` is cleared where no event was wanted; without
 * commands it marks the end of what was on the queue. Give back with mcl_cl_event_finish. */
int mcl_cl_end(mcl_cl *cl, mcl_cl_event *out, motcl_err *err);

/* For functions that queue a command: the queue it goes to, whether it has to be waited for, where
 * its event goes (NULL: none is made), and that it was queued. */
cl_command_queue mcl_cl_queue(const mcl_cl *cl);
cl_bool mcl_cl_blocking(const mcl_cl *cl);
cl_event *mcl_cl_event_of_next(mcl_cl *cl);
void mcl_cl_queued(mcl_cl *cl);

/** Wait at most so many seconds; *done: whether it has happened. MOTCL_ELOST if a command failed. */
int mcl_cl_event_wait(mcl_cl *cl, const mcl_cl_event *e, double seconds, bool *done,
                      motcl_err *err);

/** When the first command was queued, submitted and started, and the last one ended: nanoseconds
 * of the device. The device must have been opened with a trace. */
int mcl_cl_event_times(mcl_cl *cl, const mcl_cl_event *e, uint64_t out[4], motcl_err *err);

void mcl_cl_event_finish(mcl_cl_event *e);

#endif
