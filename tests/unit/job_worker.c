/* job_worker.c - requests end to end on a miniature made from a hash: what a request is given does
 * not depend on who shares its passes, on chunks or on fusion; what cannot fit is refused first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "job/worker.h"
#include "still.h"
#include "tmpdir.h"

#define MOST_ARRAYS 64

/* Every array of a request by name, and its text. */
typedef struct record {
  char name[MOST_ARRAYS][48];
  void *data[MOST_ARRAYS];
  size_t bytes[MOST_ARRAYS], count, text_bytes;
  char text[4096];
} record;

static uint8_t *png;
static size_t png_bytes;

static int keep(void *user, const motcl_array *a, motcl_err *err) {
  record *r = user;
  size_t n = a->type == MOTCL_U8 ? 1 : 4;
  (void)err;
  for (int i = 0; i < a->rank; i++)
    n *= a->dim[i];
  assert_true(r->count < MOST_ARRAYS);
  snprintf(r->name[r->count], sizeof r->name[0], "%s", a->name);
  r->data[r->count] = mcl_alloc(n, 1);
  assert_non_null(r->data[r->count]);
  memcpy(r->data[r->count], a->data, n);
  r->bytes[r->count++] = n;
  return MOTCL_OK;
}

static void hear(void *user, const motcl_event *e) {
  record *r = user;
  if (e->kind != MOTCL_EVENT_TEXT && e->kind != MOTCL_EVENT_THOUGHT)
    return;
  assert_true(r->text_bytes + e->size < sizeof r->text);
  memcpy(r->text + r->text_bytes, e->text, e->size);
  r->text_bytes += e->size;
}

static void forget(record *r) {
  for (size_t i = 0; i < r->count; i++)
    mcl_free(r->data[i]);
  memset(r, 0, sizeof *r);
}

static void assert_same(const record *a, const record *b) {
  assert_int_equal(a->count, b->count);
  assert_int_equal(a->text_bytes, b->text_bytes);
  assert_memory_equal(a->text, b->text, a->text_bytes);
  for (size_t i = 0; i < a->count; i++) {
    assert_string_equal(a->name[i], b->name[i]);
    assert_int_equal(a->bytes[i], b->bytes[i]);
    if (memcmp(a->data[i], b->data[i], a->bytes[i]) != 0)
      fail_msg("'%s' differs", a->name[i]);
  }
}

static motcl_part text_part(const char *s) {
  return (motcl_part){.kind = MOTCL_PART_TEXT, .data = s, .size = strlen(s)};
}

#define REQUESTS 4
static motcl_part part[REQUESTS][3];
static const motcl_output output[REQUESTS] = {MOTCL_OUTPUT_PICTURE, MOTCL_OUTPUT_TEXT,
                                              MOTCL_OUTPUT_PICTURE, MOTCL_OUTPUT_PICTURE};

/* A drawing, an answer, an edit, a thought and a drawing: ragged in every way. */
static void make_requests(motcl_request r[REQUESTS]) {
  part[0][0] = text_part("a red square on a wall");
  part[1][0] = text_part("what do you see? and then, why?");
  part[2][0] = (motcl_part){.kind = MOTCL_PART_PICTURE, .data = png, .size = png_bytes};
  part[2][1] = text_part("make it blue");
  part[3][0] = text_part("two cats");
  part[3][1] = text_part("and a dog");
  for (size_t i = 0; i < REQUESTS; i++) {
    r[i] = motcl_request_default(i == 2);
    r[i].part = part[i];
    r[i].parts = i < 2 ? 1 : 2;
    r[i].seed = 40 + i;
    r[i].settings.timesteps = 4;
    r[i].settings.max_tokens = 9;
    r[i].settings.max_think = 7;
    r[i].output = &output[i];
    r[i].outputs = 1;
  }
  r[0].settings.guidance.image_scale = 1.5;
  r[3].settings.think = true;
  r[3].settings.width = r[3].settings.height = 32;
  r[3].settings.negative = "dogs";
}

static mcl_device_list devices;

static mcl_worker *open_worker(const char *device, uint32_t chunk_rows, bool unfused) {
  mcl_worker *w = NULL;
  motcl_err err = {0};
  mcl_worker_options o = {.model = tmp_name,
                          .devices = &devices,
                          .device = device,
                          .plan = {.chunk_rows = chunk_rows, .unfused = unfused}};
  if (mcl_worker_open(&w, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static void run(mcl_worker *w, const motcl_request *r, record *out, size_t n) {
  motcl_err err = {0};
  motcl_sink sink[REQUESTS];
  for (size_t i = 0; i < n; i++)
    sink[i] = (motcl_sink){.user = &out[i], .event = hear, .array = keep};
  if (mcl_worker_run(w, r, sink, n, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void mates_change_nothing(const char *device) {
  mcl_worker *w = open_worker(device, 0, false);
  motcl_request r[REQUESTS], turned[REQUESTS];
  record alone[REQUESTS] = {0}, together[REQUESTS] = {0};
  make_requests(r);
  for (size_t i = 0; i < REQUESTS; i++)
    run(w, &r[i], &alone[i], 1);
  assert_true(alone[0].count > 5 && alone[1].text_bytes > 0);
  for (size_t first = 0; first < REQUESTS; first++) {
    for (size_t i = 0; i < REQUESTS; i++)
      turned[i] = r[(first + i) % REQUESTS];
    run(w, turned, together, REQUESTS);
    for (size_t i = 0; i < REQUESTS; i++) {
      assert_same(&alone[(first + i) % REQUESTS], &together[i]);
      forget(&together[i]);
    }
  }
  for (size_t i = 0; i < REQUESTS; i++)
    forget(&alone[i]);
  mcl_worker_close(w);
}

static void chunks_change_nothing(const char *device) {
  motcl_request r[REQUESTS];
  record whole[REQUESTS] = {0}, cut[REQUESTS] = {0};
  make_requests(r);
  mcl_worker *w = open_worker(device, 0, false);
  run(w, r, whole, REQUESTS);
  mcl_worker_close(w);
  for (size_t i = 0; i < REQUESTS; i++)
    r[i].settings.pass_rows = 3 + (uint32_t)i;
  w = open_worker(device, 5, false);
  run(w, r, cut, REQUESTS);
  mcl_worker_close(w);
  for (size_t i = 0; i < REQUESTS; i++) {
    assert_same(&whole[i], &cut[i]);
    forget(&cut[i]);
  }
  w = open_worker(device, 0, true);
  run(w, r, cut, REQUESTS);
  mcl_worker_close(w);
  for (size_t i = 0; i < REQUESTS; i++) {
    assert_same(&whole[i], &cut[i]);
    forget(&cut[i]);
    forget(&whole[i]);
  }
}

static void mates_on_ref(void **state) {
  (void)state;
  mates_change_nothing("ref");
}

static void mates_on_generic(void **state) {
  (void)state;
  mates_change_nothing("generic");
}

static void mates_on_the_default(void **state) {
  (void)state;
  mates_change_nothing(NULL);
}

static void chunks_on_generic(void **state) {
  (void)state;
  chunks_change_nothing("generic");
}

static void chunks_on_the_default(void **state) {
  (void)state;
  chunks_change_nothing(NULL);
}

static void refuses_what_cannot_fit(void **state) {
  (void)state;
  mcl_worker *w = NULL;
  motcl_err err = {0};
  motcl_request r[REQUESTS];
  mcl_worker_options o = {
      .model = tmp_name, .devices = &devices, .device = "ref", .plan = {.memory = 1 << 16}};
  make_requests(r);
  assert_int_equal(mcl_worker_open(&w, &o, &err), MOTCL_OK);
  assert_int_equal(mcl_worker_run(w, r, NULL, 1, NULL, NULL, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "may take 64K"));
  mcl_worker_close(w);
}

static bool stop_at_third(void *user) {
  return ++*(int *)user >= 3;
}

static void cancel_stops(void **state) {
  (void)state;
  int asked = 0;
  motcl_err err = {0};
  motcl_request r[REQUESTS];
  mcl_worker *w = open_worker("ref", 0, false);
  make_requests(r);
  assert_int_equal(mcl_worker_run(w, r, NULL, REQUESTS, stop_at_third, &asked, &err),
                   MOTCL_ECANCELLED);
  assert_in_range(asked, 3, 3 + REQUESTS); /* each hears of it once more, and no layer after */
  mcl_worker_close(w);
}

static void bad_requests_are_refused(void **state) {
  (void)state;
  static const float noise[8], odd[1024] = {[1023] = NAN};
  const motcl_part none = {.kind = MOTCL_PART_PICTURE, .data = "no picture", .size = 10};
  const motcl_part bad = {.kind = MOTCL_PART_TEXT, .data = "\xff", .size = 1};
  motcl_err err = {0};
  motcl_request good[REQUESTS], r;
  mcl_worker *w = open_worker("ref", 0, false);
  make_requests(good);
#define REFUSED(change, code)                                                                      \
  do {                                                                                             \
    r = good[0];                                                                                   \
    change;                                                                                        \
    assert_int_equal(mcl_worker_run(w, &r, NULL, 1, NULL, NULL, &err), code);                      \
    assert_true(strlen(err.text) > 10);                                                            \
  } while (0)
  REFUSED(r.settings.timesteps = 1, MOTCL_EINVAL);
  REFUSED(r.settings.shift = 0.0 / 0.0, MOTCL_EINVAL);
  REFUSED(r.settings.guidance.text_scale = 1e9, MOTCL_EINVAL);
  REFUSED(r.settings.temperature = -1, MOTCL_EINVAL);
  REFUSED(r.parts = 0, MOTCL_EINVAL);
  REFUSED((r.settings.width = 40, r.settings.height = 32), MOTCL_EINVAL);
  REFUSED((r.settings.width = 2048, r.settings.height = 32), MOTCL_EINVAL);
  REFUSED((r.settings.noise = noise, r.settings.noise_count = 8), MOTCL_EINVAL);
  REFUSED((r.settings.noise = odd, r.settings.noise_count = 1024), MOTCL_EINVAL);
  REFUSED(r.part = &none, MOTCL_EFORMAT);
  REFUSED(r.part = &bad, MOTCL_EFORMAT);
#undef REFUSED
  mcl_worker_close(w);
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0 || mcl_devices_init(&devices, NULL) != MOTCL_OK)
    return -1;
  return still_png(&png, &png_bytes);
}

static int tear_down(void **state) {
  mcl_free(png);
  mcl_devices_finish(&devices);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mates_on_ref),          cmocka_unit_test(mates_on_generic),
      cmocka_unit_test(mates_on_the_default),  cmocka_unit_test(chunks_on_generic),
      cmocka_unit_test(chunks_on_the_default), cmocka_unit_test(refuses_what_cannot_fit),
      cmocka_unit_test(cancel_stops),          cmocka_unit_test(bad_requests_are_refused),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
