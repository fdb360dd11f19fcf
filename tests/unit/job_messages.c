/* job_messages.c - events and results as messages: everything there and back, what a later version
 * adds, bytes that nobody should have sent, and that every length has a limit. */
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
#include "motcl/v1/daemon.pb-c.h"
#include "motcl/v1/device_process.pb-c.h"
#include "job/message/codec.h"
#include "motcl/v1/checkpoint.pb-c.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static const uint8_t some_file[] = {0x89, 'P', 'N', 'G', 0, 0xff};

static const motcl_job_event some_events[] = {
    {.kind = MOTCL_JOB_OTHER, .job = "a"},
    {.kind = MOTCL_JOB_ACCEPTED, .job = "a", .number = 1, .time = 1893456000123u},
    {.kind = MOTCL_JOB_STARTED, .number = 2, .device = "pocl \xc3\xa9", .driver = "cpu"},
    {.kind = MOTCL_JOB_STEP, .phase = MOTCL_PHASE_PREFILL, .step = 1, .of = 1},
    {.kind = MOTCL_JOB_STEP, .phase = MOTCL_PHASE_VAE_DECODE, .step = 3, .of = 49, .left = 12.5},
    {.kind = MOTCL_JOB_STEP, .phase = MOTCL_PHASE_DENOISE, .step = 1, .of = 49, .left = -1},
    {.kind = MOTCL_JOB_THOUGHT, .text = "hm \xe2\x82\xac", .output = 1},
    {.kind = MOTCL_JOB_TEXT, .text = "yes"},
    {.kind = MOTCL_JOB_PICTURE,
     .file = some_file,
     .bytes = sizeof some_file,
     .width = 640,
     .height = 480,
     .output = 2},
    {.kind = MOTCL_JOB_PREVIEW,
     .file = some_file,
     .bytes = sizeof some_file,
     .width = 64,
     .height = 48},
    {.kind = MOTCL_JOB_DONE, .seconds = 4.25},
    {.kind = MOTCL_JOB_FAILED, .code = MOTCL_EFIT, .text = "this needs 3 GB"},
    {.kind = MOTCL_JOB_CANCELLED, .number = UINT64_MAX},
};
enum { EVENTS = sizeof some_events / sizeof *some_events };

static const motcl_answer some_answers[] = {
    {.kind = MOTCL_OUTPUT_TEXT, .text = "a cat", .thought = "what is it?"},
    {.kind = MOTCL_OUTPUT_PICTURE,
     .file = some_file,
     .bytes = sizeof some_file,
     .width = 640,
     .height = 480},
    {.kind = MOTCL_OUTPUT_TEXT, .text = ""}};

static const motcl_result some_result = {.job = "job-1",
                                         .answer = some_answers,
                                         .answers = 3,
                                         .code = MOTCL_ECANCELLED,
                                         .sentence = "cancelled",
                                         .seed = UINT64_MAX - 4,
                                         .fingerprint = "0123456789abcdef0123456789abcdef",
                                         .seconds = 0.5,
                                         .device = "pocl",
                                         .driver = "cpu",
                                         .version = "0.1.0"};

static void same_text(const char *a, const char *b) {
  assert_string_equal(a ? a : "none", b ? b : "none");
}

static void same_event(const motcl_job_event *a, const motcl_job_event *b) {
  assert_int_equal(a->kind, b->kind);
  same_text(a->job, b->job);
  assert_true(a->number == b->number && a->time == b->time);
  assert_int_equal(a->phase, b->phase);
  assert_int_equal(a->step, b->step);
  assert_int_equal(a->of, b->of);
  assert_true(a->left == b->left && a->seconds == b->seconds);
  assert_int_equal(a->output, b->output);
  same_text(a->text, b->text);
  assert_int_equal(a->bytes, b->bytes);
  if (a->bytes)
    assert_memory_equal(a->file, b->file, a->bytes);
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
  assert_int_equal(a->code, b->code);
  same_text(a->device, b->device);
  same_text(a->driver, b->driver);
}

static void same_answer(const motcl_answer *a, const motcl_answer *b) {
  assert_int_equal(a->kind, b->kind);
  same_text(a->text, b->text);
  same_text(a->thought, b->thought);
  assert_int_equal(a->bytes, b->bytes);
  if (a->bytes)
    assert_memory_equal(a->file, b->file, a->bytes);
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
}

static void same_result(const motcl_result *a, const motcl_result *b) {
  same_text(a->job, b->job);
  assert_int_equal(a->code, b->code);
  same_text(a->sentence, b->sentence);
  assert_true(a->seed == b->seed && a->seconds == b->seconds);
  same_text(a->fingerprint, b->fingerprint);
  same_text(a->device, b->device);
  same_text(a->driver, b->driver);
  same_text(a->version, b->version);
  assert_int_equal(a->answers, b->answers);
  for (size_t i = 0; i < a->answers; i++)
    same_answer(&a->answer[i], &b->answer[i]);
}

static void pack_event(const motcl_job_event *e, uint8_t **bytes, size_t *n) {
  motcl_err err = {0};
  if (motcl_job_event_pack(e, bytes, n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void pack_result(const motcl_result *r, uint8_t **bytes, size_t *n) {
  motcl_err err = {0};
  if (motcl_result_pack(r, bytes, n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void events_come_back(void **state) {
  (void)state;
  for (size_t i = 0; i < EVENTS; i++) {
    motcl_job_event back = {0};
    uint8_t *bytes, *again;
    size_t n, m;
    pack_event(&some_events[i], &bytes, &n);
    assert_int_equal(motcl_job_event_unpack(&back, bytes, n, NULL), MOTCL_OK);
    motcl_job_event want = some_events[i];
    same_event(&want, &back);
    pack_event(&back, &again, &m);
    assert_int_equal(n, m);
    assert_memory_equal(bytes, again, n);
    motcl_job_event_finish(&back);
    assert_null(back.store);
    motcl_job_event_finish(&back);
    mcl_free(bytes);
    mcl_free(again);
  }
}

static void results_come_back(void **state) {
  (void)state;
  motcl_result plain = {.seed = 3, .seconds = 1}, back = {0};
  const motcl_result *all[] = {&some_result, &plain};
  for (size_t i = 0; i < 2; i++) {
    uint8_t *bytes, *again;
    size_t n, m;
    pack_result(all[i], &bytes, &n);
    assert_int_equal(motcl_result_unpack(&back, bytes, n, NULL), MOTCL_OK);
    same_result(all[i], &back);
    pack_result(&back, &again, &m);
    assert_int_equal(n, m);
    assert_memory_equal(bytes, again, n);
    motcl_result_finish(&back);
    assert_null(back.store);
    motcl_result_finish(&back);
    mcl_free(bytes);
    mcl_free(again);
  }
}

static void devices_come_back(void **state) {
  (void)state;
  motcl_device d = {.driver = "cpu",
                    .kind = "cpu",
                    .name = "a \xc3\xa9",
                    .platform = "p 3.1",
                    .version = "v",
                    .platform_index = 2,
                    .device_index = 1,
                    .units = 3,
                    .memory = UINT64_C(1) << 40,
                    .max_buffer = UINT64_C(1) << 38,
                    .local_memory = 65536,
                    .max_group = 4096,
                    .align = 128,
                    .zero_copy = true,
                    .slow = true,
                    .chosen = true};
  uint8_t *bytes;
  size_t n;
  motcl_store *s;
  assert_int_equal(motcl_device_pack(&d, &bytes, &n, NULL), MOTCL_OK);
  assert_int_equal(mcl_wire_read(&mcl_wire_device, &s, bytes, n, NULL), MOTCL_OK);
  const Motcl__V1__Device *m = (const Motcl__V1__Device *)s->message;
  same_text(m->driver, d.driver);
  same_text(m->kind, d.kind);
  same_text(m->name, d.name);
  same_text(m->platform, d.platform);
  same_text(m->version, d.version);
  assert_true(m->has_platform_index && m->platform_index == 2 && m->device_index == 1);
  assert_true(m->units == 3 && m->max_group == 4096 && m->align == 128);
  assert_true(m->memory == d.memory && m->max_buffer == d.max_buffer && m->local_memory == 65536);
  assert_true(m->zero_copy && m->slow && m->chosen);
  mcl_store_free(s);
  mcl_free(bytes);
  d.platform_index = -1;
  d.zero_copy = d.slow = d.chosen = false;
  assert_int_equal(motcl_device_pack(&d, &bytes, &n, NULL), MOTCL_OK);
  assert_int_equal(mcl_wire_read(&mcl_wire_device, &s, bytes, n, NULL), MOTCL_OK);
  m = (const Motcl__V1__Device *)s->message;
  assert_true(!m->has_platform_index && !m->has_device_index);
  assert_true(!m->zero_copy && !m->slow && !m->chosen);
  mcl_store_free(s);
  mcl_free(bytes);
}

/* The messages' codes and phases are the header's, by name and by number. */
static void numbers_are_the_headers(void **state) {
  (void)state;
  size_t codes = 0, phases = 0;
  char name[64];
#define CODE(id, value, text)                                                                      \
  if ((value) != MOTCL_OK) {                                                                       \
    const ProtobufCEnumValue *v =                                                                  \
        protobuf_c_enum_descriptor_get_value(&motcl__v1__code__descriptor, -(value));              \
    assert_non_null(v);                                                                            \
    assert_string_equal(v->name, "CODE_" #id);                                                     \
    codes++;                                                                                       \
  }
  MOTCL_STATUS_LIST(CODE)
#undef CODE
  assert_int_equal(codes, motcl__v1__code__descriptor.n_values);
#define PHASE(id, word)                                                                            \
  do {                                                                                             \
    const ProtobufCEnumValue *v =                                                                  \
        protobuf_c_enum_descriptor_get_value(&motcl__v1__phase__descriptor, MOTCL_PHASE_##id + 1); \
    assert_non_null(v);                                                                            \
    snprintf(name, sizeof name, "PHASE_%s", #id);                                                  \
    assert_string_equal(v->name, name);                                                            \
    phases++;                                                                                      \
  } while (0);
  MOTCL_PHASE_LIST(PHASE)
#undef PHASE
  assert_int_equal(phases, motcl__v1__phase__descriptor.n_values);
  Motcl__V1__Failure f;
  static const int none[] = {MOTCL_OK, 1, -16, -1000000, INT32_MIN};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    mcl_failure_put(&f, none[i], "?");
    assert_int_equal(mcl_failure_status(&f), MOTCL_EINTERNAL);
  }
}

static size_t found(const uint8_t *bytes, size_t n, const char *what) {
  size_t length = strlen(what), count = 0;
  for (size_t at = 0; at + length <= n; at++)
    count += !memcmp(bytes + at, what, length);
  return count;
}

/* Field 1000 is nobody's. */
#define LATER_TOP "\xc0\x3e\x05"
#define LATER_INNER "\xc2\x3e\x02hi"
#define LATER_DEEP "\xc5\x3e\x01\x02\x03\x04"

static void fields_of_a_later_version_survive(void **state) {
  (void)state;
  motcl_job_event e = {0};
  motcl_result r = {0};
  uint8_t *bytes;
  size_t n;
  const char *later[] = {LATER_TOP, LATER_INNER, LATER_DEEP};
  assert_int_equal(
      motcl_job_event_unpack(&e, BYTES("\x42\x0f\x0a\x08\x10\x05" LATER_DEEP LATER_INNER LATER_TOP),
                             NULL),
      MOTCL_OK);
  assert_int_equal(e.kind, MOTCL_JOB_PICTURE);
  assert_int_equal(e.width, 5);
  e.number = 4;
  pack_event(&e, &bytes, &n);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(found(bytes, n, later[i]), 1);
  mcl_free(bytes);
  e.kind = MOTCL_JOB_ACCEPTED;
  pack_event(&e, &bytes, &n);
  assert_int_equal(found(bytes, n, LATER_TOP), 1);
  assert_int_equal(found(bytes, n, LATER_INNER), 0);
  mcl_free(bytes);
  motcl_job_event_finish(&e);
  assert_int_equal(motcl_result_unpack(&r,
                                       BYTES("\x12\x0f\x12\x08\x10\x05" LATER_DEEP LATER_INNER
                                             "\x1a\x05" LATER_INNER LATER_TOP),
                                       NULL),
                   MOTCL_OK);
  assert_int_equal(r.answer[0].width, 5);
  assert_int_equal(r.code, MOTCL_EINTERNAL);
  pack_result(&r, &bytes, &n);
  assert_int_equal(found(bytes, n, LATER_TOP), 1);
  assert_int_equal(found(bytes, n, LATER_INNER), 2);
  assert_int_equal(found(bytes, n, LATER_DEEP), 1);
  mcl_free(bytes);
  motcl_result_finish(&r);
}

/* What a later version may send that this one has no name for. */
static void kinds_of_a_later_version_are_passed_over(void **state) {
  (void)state;
  motcl_job_event e = {0};
  uint8_t *bytes;
  size_t n;
  assert_int_equal(motcl_job_event_unpack(&e, BYTES("\xc2\x3e\x02hi"), NULL), MOTCL_OK);
  assert_int_equal(e.kind, MOTCL_JOB_OTHER);
  pack_event(&e, &bytes, &n);
  assert_int_equal(found(bytes, n, LATER_INNER), 1);
  mcl_free(bytes);
  motcl_job_event_finish(&e);
  assert_int_equal(motcl_job_event_unpack(&e, BYTES("\x32\x02\x08\x63"), NULL), MOTCL_OK);
  assert_int_equal(e.kind, MOTCL_JOB_STEP);
  assert_int_equal(e.phase, MOTCL_PHASE_COUNT);
  assert_true(e.left < 0);
  motcl_job_event_finish(&e);
  assert_int_equal(motcl_job_event_unpack(&e, BYTES("\x52\x02\x08\x63"), NULL), MOTCL_OK);
  assert_int_equal(e.code, MOTCL_EINTERNAL);
  assert_string_equal(e.text, motcl_status_text(MOTCL_EINTERNAL));
  motcl_job_event_finish(&e);
}

/* From memory of just that size, so that a sanitizer sees the first byte too many. What is taken
 * can be written and read again. */
static bool try(const uint8_t *bytes, size_t n, bool event) {
  motcl_err err = {0};
  motcl_job_event e = {0};
  motcl_result r = {0};
  uint8_t *copy = malloc(n ? n : 1), *again;
  size_t m;
  assert_non_null(copy);
  memcpy(copy, bytes, n);
  int rc =
      event ? motcl_job_event_unpack(&e, copy, n, &err) : motcl_result_unpack(&r, copy, n, &err);
  free(copy);
  if (rc != MOTCL_OK) {
    assert_int_equal(rc, MOTCL_EFORMAT);
    assert_true(strlen(err.text) > 20);
    assert_null(e.store);
    assert_null(r.store);
    return false;
  }
  if (event)
    pack_event(&e, &again, &m);
  else
    pack_result(&r, &again, &m);
  motcl_job_event_finish(&e);
  motcl_result_finish(&r);
  rc = event ? motcl_job_event_unpack(&e, again, m, &err) : motcl_result_unpack(&r, again, m, &err);
  assert_int_equal(rc, MOTCL_OK);
  motcl_job_event_finish(&e);
  motcl_result_finish(&r);
  mcl_free(again);
  return true;
}

static void cut_and_change(const uint8_t *bytes, size_t n, bool event, uint32_t rounds) {
  uint32_t dice = (uint32_t)n;
  uint8_t *changed = malloc(n);
  assert_non_null(changed);
  assert_true(try(bytes, n, event));
  for (size_t i = 0; i < n; i++)
    try(bytes, i, event);
  for (uint32_t round = 0; round < rounds; round++) {
    memcpy(changed, bytes, n);
    for (unsigned i = 0; i <= round % 3; i++) {
      dice = dice * 1664525u + 1013904223u;
      changed[(dice >> 8) % n] = (uint8_t)(dice >> (round & 1 ? 24 : 16));
    }
    try(changed, n, event);
  }
  free(changed);
}

static void any_cut_or_change_is_seen_or_harmless(void **state) {
  (void)state;
  uint8_t *bytes;
  size_t n;
  for (size_t i = 0; i < EVENTS; i++) {
    pack_event(&some_events[i], &bytes, &n);
    cut_and_change(bytes, n, true, 2000);
    mcl_free(bytes);
  }
  pack_result(&some_result, &bytes, &n);
  cut_and_change(bytes, n, false, 20000);
  mcl_free(bytes);
}

static void refuse(const uint8_t *bytes, size_t n, bool event, const char *says) {
  motcl_err err = {0};
  motcl_job_event e = {0};
  motcl_result r = {0};
  int rc =
      event ? motcl_job_event_unpack(&e, bytes, n, &err) : motcl_result_unpack(&r, bytes, n, &err);
  assert_int_equal(rc, MOTCL_EFORMAT);
  if (!strstr(err.text, says))
    fail_msg("'%s' does not say '%s'", err.text, says);
}

static void broken_bytes_are_refused(void **state) {
  (void)state;
  refuse(BYTES("this is no message"), true, "the event is no motcl.v1.Event message");
  refuse(BYTES("this is no message"), false, "the result is no motcl.v1.Result message");
  refuse(BYTES("\x0a\x02z\x80"), true, "event's field 'job' is no UTF-8");
  refuse(BYTES("\x3a\x04\x0a\x02z\x00"), true, "event's field 'text' holds a NUL");
  refuse(BYTES("\x22\x00\x22\x00"), true, "there twice");
  refuse(BYTES("\x52\x09\x09\x00\x00\x00\x00\x00\x00\xf0\x7f"), true, "another type");
  refuse(BYTES("\x5a\x00\x42\x02\x0a\x7f"), true, "ends within");
  refuse(BYTES("\x32\x09\x21\x00\x00\x00\x00\x00\x00\xf0\x7f"), true,
         "the event's left is no finite number");
  refuse(BYTES("\x31\x00\x00\x00\x00\x00\x00\xf8\x7f"), false,
         "the result's seconds is no finite number");
  refuse(BYTES("\x12\x00"), false, "answer 1 of the result is neither");
  refuse(BYTES("\x12\x02\x0a\x00\x12\x02\x1a\x00"), false, "answer 2 of the result is neither");
}

static void no_event(const motcl_job_event *e, const char *says) {
  motcl_err err = {0};
  uint8_t *bytes = NULL;
  size_t n = 7;
  assert_int_equal(motcl_job_event_pack(e, &bytes, &n, &err), MOTCL_EINVAL);
  assert_null(bytes);
  assert_int_equal(n, 7);
  if (!strstr(err.text, says))
    fail_msg("'%s' does not say '%s'", err.text, says);
}

static void no_result(const motcl_result *r, const char *says) {
  motcl_err err = {0};
  uint8_t *bytes = NULL;
  size_t n = 7;
  assert_int_equal(motcl_result_pack(r, &bytes, &n, &err), MOTCL_EINVAL);
  assert_null(bytes);
  assert_int_equal(n, 7);
  if (!strstr(err.text, says))
    fail_msg("'%s' does not say '%s'", err.text, says);
}

static void what_no_message_holds_is_refused(void **state) {
  (void)state;
  static char text[MCL_MAX_SENTENCE + 2];
  static const motcl_answer answers[MCL_JOB_MAX_OUTPUTS + 1] = {{.text = ""}};
  const motcl_answer big = {
      .kind = MOTCL_OUTPUT_PICTURE, .file = "x", .bytes = MCL_JOB_MAX_PICTURE + 1};
  memset(text, 'x', sizeof text - 1);
  no_event(&(motcl_job_event){.kind = MOTCL_JOB_ACCEPTED, .job = text}, "job's id is 1025 bytes");
  no_event(&(motcl_job_event){.kind = MOTCL_JOB_FAILED, .code = -1, .text = text},
           "the event's sentence is 1025 bytes long; 1024 is");
  no_event(&(motcl_job_event){.kind = MOTCL_JOB_TEXT, .text = "\xff"}, "'text' is no UTF-8");
  no_event(&(motcl_job_event){.kind = MOTCL_JOB_STEP, .left = (double)INFINITY}, "left");
  no_event(&(motcl_job_event){.kind = MOTCL_JOB_PICTURE, .file = "x", .bytes = big.bytes},
           "picture is 268435457 bytes");
  no_result(&(motcl_result){.version = text}, "version is 1025 bytes long; 64");
  no_result(&(motcl_result){.answer = answers, .answers = MCL_JOB_MAX_OUTPUTS + 1}, "65 answers");
  no_result(&(motcl_result){.answer = &big, .answers = 1}, "picture is 268435457 bytes");
  no_result(&(motcl_result){.seconds = (double)NAN}, "seconds");
}

/* Counts the fields below d; every length among them has a limit. */
static unsigned look(const ProtobufCMessageDescriptor *d) {
  unsigned count = 0;
  for (unsigned i = 0; i < d->n_fields; i++) {
    const ProtobufCFieldDescriptor *f = &d->fields[i];
    bool bytes = f->type == PROTOBUF_C_TYPE_STRING || f->type == PROTOBUF_C_TYPE_BYTES;
    bool long_one = bytes || f->label == PROTOBUF_C_LABEL_REPEATED;
    if ((bytes && f->label == PROTOBUF_C_LABEL_REPEATED) != (mcl_field_limit_each(d, f->id) != 0))
      fail_msg("%s.%s: each of several texts has a limit, and nothing else has", d->name, f->name);
    if (long_one != (mcl_field_limit(d, f->id) != 0))
      fail_msg("%s.%s: a length has a limit and nothing else has", d->name, f->name);
    count += f->type == PROTOBUF_C_TYPE_MESSAGE ? look(f->descriptor) + 1 : 1;
  }
  return count;
}

static void every_length_has_a_limit(void **state) {
  (void)state;
  assert_true(look(&motcl__v1__job__descriptor) > 25);
  assert_true(look(&motcl__v1__event__descriptor) > 20);
  assert_true(look(&motcl__v1__result__descriptor) > 15);
  assert_true(look(&motcl__v1__plan__descriptor) > 40);
  assert_true(look(&motcl__v1__checkpoint__descriptor) > 15);
  assert_true(look(&motcl__v1__saved_job__descriptor) > 10);
  assert_true(look(&motcl__v1__request__descriptor) > 10);
  assert_true(look(&motcl__v1__response__descriptor) > 30);
  assert_true(look(&motcl__v1__order__descriptor) > 5);
  assert_true(look(&motcl__v1__report__descriptor) > 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(events_come_back),
      cmocka_unit_test(results_come_back),
      cmocka_unit_test(devices_come_back),
      cmocka_unit_test(numbers_are_the_headers),
      cmocka_unit_test(fields_of_a_later_version_survive),
      cmocka_unit_test(kinds_of_a_later_version_are_passed_over),
      cmocka_unit_test(any_cut_or_change_is_seen_or_harmless),
      cmocka_unit_test(broken_bytes_are_refused),
      cmocka_unit_test(what_no_message_holds_is_refused),
      cmocka_unit_test(every_length_has_a_limit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
