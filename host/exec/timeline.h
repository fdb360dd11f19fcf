/* timeline.h - what a device did, placed on the host's clock and written to the trace. Private to
 * exec/.
 *
 * OpenCL 1.2 has no clock that host and device share. So a marker is waited for at both ends of a
 * stretch of work: the device's time of it lies between the host's times before and after. Times
 * between are placed by the line through both, and may be off by the wider of the two gaps. */
#ifndef MCL_EXEC_TIMELINE_H
#define MCL_EXEC_TIMELINE_H

#include "exec/run.h"

/** Both clocks at one moment: host seconds, at most `error` off, and device nanoseconds. */
typedef struct mcl_moment {
  double host, error;
  uint64_t device;
} mcl_moment;

/** Wait for what is queued, and look at both clocks. The device must have a trace. */
int mcl_moment_take(mcl_device *dev, mcl_moment *out, motcl_err *err);

/** Host seconds of a device's time, between two moments or near them. */
double mcl_moment_place(const mcl_moment *a, const mcl_moment *b, uint64_t device);

/** A command that is under way and will be in the trace. */
typedef struct mcl_traced {
  const mcl_command *command;
  mcl_call call;
  mcl_event *event;
} mcl_traced;

/**
 * The commands of a run; zeroed is empty. Not used, and without memory, where there is no trace.
 *
 * left  commands that there was no memory for: they ran, and are not in the trace
 */
typedef struct mcl_timeline {
  mcl_traced *list;
  size_t count, cap;
  uint64_t left;
  mcl_moment first;
  double began;
} mcl_timeline;

/** A run begins. */
int mcl_timeline_begin(mcl_timeline *t, mcl_device *dev, motcl_err *err);

/** Remember a command; the event is now the timeline's (NULL: none was made). */
void mcl_timeline_add(mcl_timeline *t, mcl_device *dev, const mcl_command *c, const mcl_call *call,
                      mcl_event *event);

/** The run is over, whatever came of it: write it to the trace. rc: what came of it. */
void mcl_timeline_end(mcl_timeline *t, mcl_device *dev, const mcl_plan *plan, int rc);

void mcl_timeline_finish(mcl_timeline *t);

/** A move between host and device that just ended, as a span of device time. `at`: a moment after
 * it. The event goes. */
void mcl_timeline_move(mcl_device *dev, mcl_event *event, const mcl_moment *at, bool up,
                       const char *what, size_t bytes);

#endif
