/* messages.h - the kinds of message that only the daemon has. */
#ifndef MCL_DAEMON_MESSAGES_H
#define MCL_DAEMON_MESSAGES_H

#include "job/message/wire.h"
#include "motcl/v1/daemon.pb-c.h"
#include "motcl/v1/device_process.pb-c.h"

extern const mcl_wire_kind mcl_wire_request, mcl_wire_response, mcl_wire_order, mcl_wire_report;

/** Write a message as a frame. The bytes are freed with mcl_free; NULL if there is no memory or a limit is
 * broken, which no message of ours does. */
uint8_t *mcl_frame_of(const mcl_wire_kind *kind, const ProtobufCMessage *m, size_t *n,
                      motcl_err *err);

#endif
