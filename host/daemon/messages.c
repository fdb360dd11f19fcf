/* messages.c - kinds of message, and frames of them. */
#include "daemon/messages.h"

#include <string.h>

#include "base/mem.h"
#include "daemon/frame.h"

const mcl_wire_kind mcl_wire_request = {&motcl__v1__request__descriptor, "request"};
const mcl_wire_kind mcl_wire_response = {&motcl__v1__response__descriptor, "response"};
const mcl_wire_kind mcl_wire_order = {&motcl__v1__order__descriptor, "order"};
const mcl_wire_kind mcl_wire_report = {&motcl__v1__report__descriptor, "report"};

uint8_t *mcl_frame_of(const mcl_wire_kind *kind, const ProtobufCMessage *m, size_t *n,
                      motcl_err *err) {
  uint8_t head[MCL_FRAME_HEAD], *bytes = NULL, *frame;
  size_t size;
  if (mcl_wire_write(kind, m, &bytes, &size, err) != MOTCL_OK)
    return NULL;
  const size_t before = mcl_frame_head(head, size);
  frame = mcl_realloc(bytes, before + size, 1);
  if (!frame) {
    mcl_free(bytes);
    mcl_fail_nomem(err, size);
    return NULL;
  }
  memmove(frame + before, frame, size);
  memcpy(frame, head, before);
  *n = before + size;
  return frame;
}
