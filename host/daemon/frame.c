/* frame.c - frames out of a stream. */
#include "daemon/frame.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_BYTES 4096u

size_t mcl_frame_head(uint8_t head[MCL_FRAME_HEAD], uint64_t n) {
  size_t i = 0;
  for (; n >= 0x80; n >>= 7)
    head[i++] = (uint8_t)(n | 0x80);
  head[i++] = (uint8_t)n;
  return i;
}

void mcl_frames_finish(mcl_frames *f) {
  const size_t most = f->most;
  mcl_free(f->bytes);
  *f = (mcl_frames){.most = most};
}

size_t mcl_frames_held(const mcl_frames *f) {
  return f->known ? f->cap : f->head_have;
}

/* One byte more of the length. */
static int take_head(mcl_frames *f, uint8_t byte, motcl_err *err) {
  f->length |= (uint64_t)(byte & 0x7f) << (7 * f->head_have++);
  f->known = byte < 0x80;
  if (!f->known && f->head_have < MCL_FRAME_HEAD)
    return MOTCL_OK;
  if (f->known && f->length <= f->most)
    return MOTCL_OK;
  return f->known ? mcl_fail(err, MOTCL_EFORMAT,
                             "a message of %" PRIu64 " bytes is over the limit of %zu", f->length,
                             f->most)
                  : mcl_fail(err, MOTCL_EFORMAT, "this is no frame: it begins with no length");
}

static int widen(mcl_frames *f, size_t wanted, motcl_err *err) {
  size_t cap = f->cap ? f->cap : FIRST_BYTES;
  while (cap < wanted)
    cap *= 2;
  if (cap > f->length)
    cap = (size_t)f->length;
  if (cap <= f->cap)
    return MOTCL_OK;
  void *p = mcl_realloc(f->bytes, cap, 1);
  if (!p)
    return mcl_fail_nomem(err, cap);
  f->bytes = p;
  f->cap = cap;
  return MOTCL_OK;
}

static int take_body(mcl_frames *f, const uint8_t **at, size_t *left, motcl_err *err) {
  const size_t wanted = (size_t)f->length - f->have, n = *left < wanted ? *left : wanted;
  int rc = n ? widen(f, f->have + n, err) : MOTCL_OK;
  if (rc != MOTCL_OK || !n)
    return rc;
  memcpy(f->bytes + f->have, *at, n);
  f->have += n;
  *at += n;
  *left -= n;
  return MOTCL_OK;
}

int mcl_frames_take(mcl_frames *f, const uint8_t **at, size_t *left, const uint8_t **message,
                    size_t *n, motcl_err *err) {
  int rc = MOTCL_OK;
  *message = NULL;
  if (f->known && f->have == f->length) /* the last one was given out */
    mcl_frames_finish(f);
  while (rc == MOTCL_OK && !f->known && *left > 0) {
    rc = take_head(f, **at, err);
    ++*at;
    --*left;
  }
  if (rc == MOTCL_OK && f->known)
    rc = take_body(f, at, left, err);
  if (rc == MOTCL_OK && f->known && f->have == f->length) {
    *message = f->bytes ? f->bytes : (const uint8_t *)""; /* an empty message has an address too */
    *n = f->have;
  }
  return rc;
}
