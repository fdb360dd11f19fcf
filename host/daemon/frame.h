/* frame.h - messages on a stream: the length as a varint, then the message. */
#ifndef MCL_DAEMON_FRAME_H
#define MCL_DAEMON_FRAME_H

#include <stdint.h>

#include "base/err.h"

/** Most bytes of a length. */
#define MCL_FRAME_HEAD 5

/**
 * Frames coming in, in pieces of any size. Zeroed but for `most` is the beginning.
 *
 * most   largest message that is taken, bytes, up to 1 GiB; may change between frames
 * bytes  [cap] of the frame under way, `have` of which are there. No more is allocated than twice what has
 *        come: a length alone costs nothing
 */
typedef struct mcl_frames {
  size_t most;
  uint8_t *bytes;
  size_t have, cap;
  size_t head_have; /* bytes of the length */
  uint64_t length;
  bool known; /* the length is */
} mcl_frames;

/**
 * Take from what has come, up to the end of a frame.
 *
 * at, left  what has come; moved behind what was taken
 * message, n  gets the message once it is whole, else NULL; borrowed until the next call
 *
 * Returns MOTCL_EFORMAT for a length that is none or over `most`, MOTCL_ENOMEM; after either the stream
 * makes no sense any more.
 */
int mcl_frames_take(mcl_frames *f, const uint8_t **at, size_t *left, const uint8_t **message,
                    size_t *n, motcl_err *err);

/** Bytes that it holds for a frame that is not whole; 0 between frames. */
size_t mcl_frames_held(const mcl_frames *f);

void mcl_frames_finish(mcl_frames *f);

/** The bytes in front of a message of n bytes; returns how many. */
size_t mcl_frame_head(uint8_t head[MCL_FRAME_HEAD], uint64_t n);

#endif
