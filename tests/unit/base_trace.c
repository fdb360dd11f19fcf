/* base_trace.c - tests of host/base/trace.h: that the text is JSON whatever the names are, with the
 * spans that were added, in bounded memory. jansson reads it back. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/trace.h"

static json_t *read_back(mcl_trace *t) {
  size_t n;
  const char *text = mcl_trace_text(t, &n);
  json_error_t why;
  json_t *j = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
  if (!j)
    fail_msg("%s at %d: %.200s", why.text, why.position, text);
  return j;
}

static json_t *event(json_t *j, size_t i) {
  json_t *e = json_array_get(json_object_get(j, "traceEvents"), i);
  assert_non_null(e);
  return e;
}

static double number(const json_t *e, const char *key) {
  const json_t *v = json_object_get(e, key);
  assert_true(json_is_number(v));
  return json_number_value(v);
}

static const char *text(const json_t *e, const char *key) {
  const char *s = json_string_value(json_object_get(e, key));
  assert_non_null(s);
  return s;
}

static void an_empty_trace_is_whole(void **state) {
  (void)state;
  mcl_trace *t = mcl_trace_create(1 << 20);
  json_t *j = read_back(t);
  assert_int_equal(json_array_size(json_object_get(j, "traceEvents")), 1);
  assert_string_equal(text(event(j, 0), "name"), "thread_name");
  assert_string_equal(text(json_object_get(event(j, 0), "args"), "name"), "host");
  json_decref(j);
  mcl_trace_destroy(t);
  mcl_trace_destroy(NULL);
}

static void spans_stand_on_their_tracks(void **state) {
  (void)state;
  mcl_trace *t = mcl_trace_create(1 << 20);
  double at = mcl_clock();
  uint32_t device = mcl_trace_track(t, "device");
  const mcl_trace_arg arg[] = {{"rows", NULL, 4098},
                               {"tensor", "q", 0},
                               {"flops", NULL, 1.5e12},
                               {"none", NULL, HUGE_VAL},
                               {"part", NULL, 0.25}};
  mcl_trace_span(t, device, "kernel", "linear", at + 1, at + 1.5, arg, 5);
  mcl_trace_span(t, MCL_TRACE_HOST, "wait", "queue", at + 2, at + 1, NULL, 0);
  mcl_trace_span(NULL, 0, "x", "x", 0, 1, NULL, 0);
  assert_int_equal(mcl_trace_track(NULL, "x"), MCL_TRACE_NO_TRACK);
  json_t *j = read_back(t), *e = event(j, 2), *args = json_object_get(e, "args");
  assert_string_equal(text(e, "ph"), "X");
  assert_string_equal(text(e, "cat"), "kernel");
  assert_string_equal(text(e, "name"), "linear");
  assert_true(number(e, "tid") == device && device != MCL_TRACE_HOST);
  assert_true(fabs(number(e, "dur") - 5e5) < 1);
  assert_true(number(e, "ts") >= 1e6 && number(e, "ts") < 1e8);
  assert_true(number(args, "rows") == 4098);
  assert_true(number(args, "flops") == 1.5e12);
  assert_true(number(args, "none") == 0);
  assert_true(number(args, "part") == 0.25);
  assert_string_equal(text(args, "tensor"), "q");
  assert_true(number(event(j, 3), "dur") == 0); /* ends before it begins */
  json_decref(j);
  mcl_trace_destroy(t);
}

static void hostile_names_are_still_json(void **state) {
  (void)state;
  static const char *const names[] = {"\"quoted\\\"", "a\nb\tc\x01\x1b[31m\x7f",  "\xff\xfe",
                                      "cut\xe2\x82",  "\xc3\xa4\xf0\x9f\x98\x80", "",
                                      "\xed\xa0\x80"};
  static const char *const want[] = {"\"quoted\\\"", "a\nb\tc\x01\x1b[31m\x7f",  "??",
                                     "cut??",        "\xc3\xa4\xf0\x9f\x98\x80", "",
                                     "???"};
  mcl_trace *t = mcl_trace_create(1 << 20);
  size_t n = sizeof names / sizeof *names;
  for (size_t i = 0; i < n; i++)
    mcl_trace_span(t, 0, names[i], names[i], 0, 1, &(mcl_trace_arg){names[i], names[i], 0}, 1);
  json_t *j = read_back(t);
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(text(event(j, 1 + i), "name"), want[i]);
    assert_string_equal(text(json_object_get(event(j, 1 + i), "args"), want[i]), want[i]);
  }
  json_decref(j);
  mcl_trace_destroy(t);
}

/* What does not fit is counted, and what is there is whole. */
static void memory_is_bounded(void **state) {
  (void)state;
  enum { LIMIT = 10000, MANY = 1000 };
  mcl_trace *t = mcl_trace_create(LIMIT);
  size_t n;
  for (int i = 0; i < MANY; i++)
    mcl_trace_since(t, 0, "kernel", "linear", mcl_clock(), NULL, 0);
  assert_non_null(mcl_trace_text(t, &n));
  assert_in_range(n, LIMIT / 2, LIMIT);
  json_t *j = read_back(t);
  size_t there = json_array_size(json_object_get(j, "traceEvents")) - 1;
  assert_in_range(there, 50, MANY - 1);
  assert_true(number(json_object_get(j, "otherData"), "left_out") == (double)(MANY - there));
  json_decref(j);
  mcl_trace_destroy(t);
}

/* Who holds it longer than its reader adds to nothing. */
static void a_stopped_trace_takes_nothing(void **state) {
  (void)state;
  mcl_trace *t = mcl_trace_create(1 << 20), *held = mcl_trace_ref(t);
  mcl_trace_span(t, 0, "kernel", "linear", 0, 1, NULL, 0);
  mcl_trace_stop(t);
  mcl_trace_destroy(t);
  for (int i = 0; i < 100; i++)
    mcl_trace_span(held, 0, "kernel", "linear", 0, 1, NULL, 0);
  assert_in_range(mcl_trace_track(held, "late"), 1, 100);
  mcl_trace_destroy(held);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_trace_is_whole),
      cmocka_unit_test(spans_stand_on_their_tracks),
      cmocka_unit_test(hostile_names_are_still_json),
      cmocka_unit_test(memory_is_bounded),
      cmocka_unit_test(a_stopped_trace_takes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
