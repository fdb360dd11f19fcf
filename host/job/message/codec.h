/* codec.h - the kinds of messages that are read and written here; what their fields mean stands in
 * proto/motcl/v1, and the calls for programs in motcl.h. */
#ifndef MCL_JOB_MESSAGE_CODEC_H
#define MCL_JOB_MESSAGE_CODEC_H

#include "job/message/wire.h"
#include "motcl/v1/event.pb-c.h"
#include "motcl/v1/job.pb-c.h"
#include "motcl/v1/plan.pb-c.h"

extern const mcl_wire_kind mcl_wire_job, mcl_wire_event, mcl_wire_result, mcl_wire_device,
    mcl_wire_plan;

/** A device as a message, its texts borrowed. */
void mcl_device_put(Motcl__V1__Device *m, const motcl_device *d);

/** Failures between motcl_status and the messages' codes: a code that has no number of ours is
 * MOTCL_EINTERNAL. `m` borrows the sentence. */
void mcl_failure_put(Motcl__V1__Failure *m, int status, const char *sentence);
int mcl_failure_status(const Motcl__V1__Failure *m);

#endif
