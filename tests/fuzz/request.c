/* request.c - frames in pieces, whose length the first byte says, and each message of them as a request and as a
 * response: what the daemon reads of its clients, and these of it. */
#include "daemon/frame.h"
#include "daemon/messages.h"
#include "fuzz.h"

#define LARGEST_MESSAGE 2048u
#define LARGEST_PIECE 64u

static void read_as(const mcl_wire_kind *kind, const uint8_t *message, size_t n) {
  motcl_store *store = NULL;
  motcl_err err = {0};
  int rc = mcl_wire_read(kind, &store, message, n, &err);
  fuzz_outcome(rc, &err);
  if ((rc == MOTCL_OK) != (store != NULL))
    fuzz_wrong("a message without a store, or none with one");
  mcl_store_free(store);
}

/* Whether the stream goes on behind the piece. */
static bool take_piece(mcl_frames *frames, const uint8_t *at, size_t left) {
  while (left > 0) {
    const uint8_t *message;
    size_t n = 0;
    motcl_err err = {0};
    int rc = mcl_frames_take(frames, &at, &left, &message, &n, &err);
    fuzz_outcome(rc, &err);
    if (rc != MOTCL_OK)
      return false;
    if (!message && left > 0)
      fuzz_wrong("bytes are left, and there is no message");
    if (message && n > LARGEST_MESSAGE)
      fuzz_wrong("a message over the limit");
    if (message) {
      read_as(&mcl_wire_request, message, n);
      read_as(&mcl_wire_response, message, n);
    }
  }
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mcl_frames frames = {.most = LARGEST_MESSAGE};
  const size_t piece = size ? data[0] % LARGEST_PIECE + 1u : 1;
  bool goes_on = true;
  for (size_t at = 1; goes_on && at < size; at += piece)
    goes_on = take_piece(&frames, data + at, size - at < piece ? size - at : piece);
  mcl_frames_finish(&frames);
  return 0;
}
