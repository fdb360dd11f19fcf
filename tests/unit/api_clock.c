/* api_clock.c - clocks that jump: a job runs as ever, its events stay in order, its times are times
 * and its result is the same, whatever the machine believes the time is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <time.h>

#include "motcl.h"
#include "tmpdir.h"

/* How the clocks behave. */
typedef enum trouble { STEADY, WALL_JUMPS, LEAPS, STANDS, GOES_BACK, TROUBLES } trouble;

static trouble now;
static uint64_t asked;

/* In place of the system's. The first call of anybody is at 1000 s. */
int clock_gettime(clockid_t id, struct timespec *t) {
  static const time_t walls[] = {1700000000, 0, -5, 4102444800, 1, (time_t)1 << 33};
  uint64_t ms = ++asked;
  if (id == CLOCK_REALTIME) {
    *t = (struct timespec){walls[now == WALL_JUMPS ? ms % 6 : 0], 0};
    return 0;
  }
  if (now == LEAPS && ms % 7 == 0)
    asked += 1000000000;
  if (now == STANDS)
    ms = 0;
  if (now == GOES_BACK)
    ms = 500000 - ms % 400000;
  *t = (struct timespec){(time_t)(1000 + ms / 1000), (long)(ms % 1000) * 1000000};
  return 0;
}

typedef struct heard {
  uint64_t events, last;
} heard;

static void hear(void *user, const uint8_t *bytes, size_t n) {
  heard *h = user;
  motcl_job_event e;
  assert_int_equal(motcl_job_event_unpack(&e, bytes, n, NULL), MOTCL_OK);
  if (h->events++)
    assert_true(e.number > h->last);
  h->last = e.number;
  assert_true(isfinite(e.left));
  assert_true(isfinite(e.seconds) && e.seconds >= 0);
  motcl_job_event_finish(&e);
}

/* A text of a few words and a picture, one behind the other. */
static void run(motcl_worker *w, char *text, size_t room, motcl_answer *picture,
                motcl_result *result) {
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  const motcl_output output[] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE};
  motcl_job job = {.request = motcl_request_default(false), .deadline = 1};
  heard h = {0};
  uint8_t *bytes, *answer;
  size_t n, m;
  motcl_err err = {0};
  job.request.part = &part;
  job.request.parts = 1;
  job.request.output = output;
  job.request.outputs = 2;
  job.request.settings.timesteps = 4;
  job.request.settings.max_tokens = 5;
  job.request.settings.width = job.request.settings.height = 32;
  assert_int_equal(motcl_job_pack(&job, &bytes, &n, NULL), MOTCL_OK);
  if (motcl_job_run(w, bytes, n, hear, &h, &answer, &m, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(motcl_result_unpack(result, answer, m, NULL), MOTCL_OK);
  assert_int_equal(result->code, MOTCL_OK);
  assert_int_equal(result->answers, 2);
  assert_true(isfinite(result->seconds) && result->seconds >= 0);
  assert_true(h.events > 10);
  snprintf(text, room, "%s", result->answer[0].text);
  *picture = result->answer[1];
  motcl_free(bytes);
  motcl_free(answer);
}

static void clocks_that_jump_change_nothing(void **state) {
  const motcl_worker_options o = {.model = tmp_name, .device = "ref"};
  motcl *m;
  motcl_worker *w;
  motcl_answer first, picture;
  motcl_result good, got;
  char want[256], text[256];
  (void)state;
  assert_int_equal(motcl_open(&m, NULL, NULL), MOTCL_OK);
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_OK);
  now = STEADY;
  run(w, want, sizeof want, &first, &good);
  for (now = WALL_JUMPS; now < TROUBLES; now++) {
    run(w, text, sizeof text, &picture, &got);
    assert_string_equal(text, want);
    assert_int_equal(picture.bytes, first.bytes);
    assert_memory_equal(picture.file, first.file, first.bytes);
    motcl_result_finish(&got);
  }
  motcl_result_finish(&good);
  motcl_worker_close(w);
  motcl_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(clocks_that_jump_change_nothing)};
  return cmocka_run_group_tests(tests, tmpdir_model, tmpdir_drop);
}
