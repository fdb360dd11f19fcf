/* daemon_frame.c - frames out of a stream that comes in any pieces, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/frame.h"

enum { BYTES = 70000 };

static size_t put(uint8_t *at, size_t n, uint8_t value) {
  const size_t head = mcl_frame_head(at, n);
  memset(at + head, value, n);
  return head + n;
}

/* Three frames, one of them empty, fed `piece` bytes at a time. */
static void pieces_of(size_t piece) {
  static uint8_t stream[2 * BYTES];
  static const size_t sizes[] = {BYTES, 0, 300};
  size_t n = 0, seen = 0;
  mcl_frames f = {.most = BYTES};
  for (size_t i = 0; i < 3; i++)
    n += put(stream + n, sizes[i], (uint8_t)(i + 1));
  for (size_t at = 0; at < n; at += piece) {
    const uint8_t *p = stream + at, *message;
    size_t left = n - at < piece ? n - at : piece, size;
    while (left > 0) {
      assert_int_equal(mcl_frames_take(&f, &p, &left, &message, &size, NULL), MOTCL_OK);
      if (!message)
        continue;
      assert_int_equal(size, sizes[seen]);
      for (size_t i = 0; i < size; i++)
        assert_int_equal(message[i], seen + 1);
      seen++;
    }
  }
  assert_int_equal(seen, 3);
  mcl_frames_finish(&f);
}

static void pieces_make_frames(void **state) {
  (void)state;
  const size_t piece[] = {1, 2, 7, 4096, 65536, 2 * BYTES};
  for (size_t i = 0; i < sizeof piece / sizeof *piece; i++)
    pieces_of(piece[i]);
}

static void a_length_costs_nothing(void **state) {
  (void)state;
  mcl_frames f = {.most = MOTCL_MAX_MESSAGE};
  uint8_t head[MCL_FRAME_HEAD + 1];
  const uint8_t *at = head, *message;
  size_t n, left = mcl_frame_head(head, MOTCL_MAX_MESSAGE);
  head[left++] = 'x';
  assert_int_equal(mcl_frames_take(&f, &at, &left, &message, &n, NULL), MOTCL_OK);
  assert_null(message);
  assert_true(mcl_frames_held(&f) <= 4096);
  mcl_frames_finish(&f);
  assert_int_equal(mcl_frames_held(&f), 0);
}

static void refused(const char *bytes, size_t n, const char *why) {
  mcl_frames f = {.most = 1000};
  motcl_err err = {0};
  const uint8_t *at = (const uint8_t *)bytes, *message;
  assert_int_equal(mcl_frames_take(&f, &at, &n, &message, &n, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, why));
  assert_null(message);
  mcl_frames_finish(&f);
}

static void what_is_no_frame_is_refused(void **state) {
  (void)state;
  refused("\xe9\x07", 2, "1001 bytes");
  refused("\xff\xff\xff\xff\x7f", 5, "over the limit");
  refused("\xff\xff\xff\xff\xff", 5, "no length");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_make_frames),
                                     cmocka_unit_test(a_length_costs_nothing),
                                     cmocka_unit_test(what_is_no_frame_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
