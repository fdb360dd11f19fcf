/* job_codec.c - jobs as messages: every field there and back, fields of a later version, and bytes
 * that nobody should have sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "job/message/codec.h"
#include "session/request.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* The start of most messages: a picture wanted, and the text "a". */
#define DRAW_A                                                                                     \
  "\x20\x02\x1a\x03\x0a\x01"                                                                       \
  "a"

/* Unpack from memory of just that size, so that a sanitizer sees the first byte too many. */
static int unpack(motcl_job *job, const uint8_t *bytes, size_t n, motcl_err *err) {
  uint8_t *copy = malloc(n ? n : 1);
  assert_non_null(copy);
  memcpy(copy, bytes, n);
  int rc = motcl_job_unpack(job, copy, n, err);
  free(copy);
  return rc;
}

static void read_well(motcl_job *job, const uint8_t *bytes, size_t n) {
  motcl_err err = {0};
  if (unpack(job, bytes, n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void refuse(const uint8_t *bytes, size_t n, const char *says) {
  motcl_err err = {0};
  motcl_job job, before;
  memset(&job, 0x5a, sizeof job);
  memcpy(&before, &job, sizeof job);
  assert_int_equal(unpack(&job, bytes, n, &err), MOTCL_EFORMAT);
  assert_memory_equal(&job, &before, sizeof job);
  if (!strstr(err.text, says))
    fail_msg("'%s' does not say '%s'", err.text, says);
}

/* As refuse, of a message in protobuf-c's form. */
static void refuse_message(const Motcl__V1__Job *m, const char *says) {
  size_t n = motcl__v1__job__get_packed_size(m);
  uint8_t *bytes = malloc(n + 1);
  assert_non_null(bytes);
  motcl__v1__job__pack(m, bytes);
  refuse(bytes, n, says);
  free(bytes);
}

static void refuse_to_pack(const motcl_job *job, const char *says) {
  motcl_err err = {0};
  uint8_t *bytes = NULL;
  size_t n = 7;
  assert_int_equal(motcl_job_pack(job, &bytes, &n, &err), MOTCL_EINVAL);
  assert_null(bytes);
  assert_int_equal(n, 7);
  if (!strstr(err.text, says))
    fail_msg("'%s' does not say '%s'", err.text, says);
}

static void write_well(const motcl_job *job, uint8_t **bytes, size_t *n) {
  motcl_err err = {0};
  if (motcl_job_pack(job, bytes, n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static motcl_part text_part(const char *s) {
  return (motcl_part){.kind = MOTCL_PART_TEXT, .data = s, .size = strlen(s)};
}

static void same_guidance(const motcl_guidance *a, const motcl_guidance *b) {
  assert_true(a->text_scale == b->text_scale && a->image_scale == b->image_scale);
  assert_true(a->lo == b->lo && a->hi == b->hi);
  assert_int_equal(a->renorm, b->renorm);
  assert_true(a->renorm_min == b->renorm_min);
}

static void same_settings(const motcl_settings *a, const motcl_settings *b) {
  assert_int_equal(a->think, b->think);
  assert_int_equal(a->vae_sample, b->vae_sample);
  assert_int_equal(a->no_orient, b->no_orient);
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
  assert_int_equal(a->timesteps, b->timesteps);
  assert_true(a->shift == b->shift && a->temperature == b->temperature);
  same_guidance(&a->guidance, &b->guidance);
  assert_int_equal(!a->negative, !b->negative);
  if (a->negative)
    assert_string_equal(a->negative, b->negative);
  assert_int_equal(a->noise_count, b->noise_count);
  if (a->noise_count)
    assert_memory_equal(a->noise, b->noise, a->noise_count * sizeof *a->noise);
  assert_int_equal(a->max_tokens, b->max_tokens);
  assert_int_equal(a->max_think, b->max_think);
  assert_int_equal(a->preview, b->preview);
  assert_int_equal(a->top_k, b->top_k);
  assert_true(a->top_p == b->top_p && a->min_p == b->min_p);
  assert_true(a->repeat_penalty == b->repeat_penalty);
  assert_int_equal(!a->protocol, !b->protocol);
  if (a->protocol)
    assert_string_equal(a->protocol, b->protocol);
  assert_int_equal(a->stops, b->stops);
  for (uint32_t i = 0; i < a->stops; i++)
    assert_string_equal(a->stop[i], b->stop[i]);
}

static void same_part(const motcl_part *a, const motcl_part *b) {
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->size, b->size);
  assert_memory_equal(a->data, b->data, a->size);
}

static void same_item(const motcl_item *a, const motcl_item *b) {
  assert_int_equal(a->kind, b->kind);
  if (a->kind == MOTCL_ITEM_INPUT) {
    same_part(&a->part, &b->part);
    return;
  }
  assert_int_equal(a->output, b->output);
  assert_int_equal(a->seeded, b->seeded);
  assert_true(!a->seeded || a->seed == b->seed);
  assert_int_equal(!a->settings, !b->settings);
  if (a->settings)
    same_settings(a->settings, b->settings);
  assert_int_equal(a->mades, b->mades);
  for (size_t i = 0; i < a->mades; i++)
    same_part(&a->made[i], &b->made[i]);
}

static void same_items(const motcl_request *a, const motcl_request *b) {
  assert_int_equal(a->items, b->items);
  for (size_t i = 0; i < a->items; i++)
    same_item(&a->item[i], &b->item[i]);
}

static void same_job(const motcl_job *a, const motcl_job *b) {
  same_items(&a->request, &b->request);
  same_settings(&a->request.settings, &b->request.settings);
  assert_true(a->request.seed == b->request.seed);
  if (!a->request.items) {
    assert_int_equal(a->request.outputs, b->request.outputs);
    for (size_t i = 0; i < a->request.outputs; i++)
      assert_int_equal(a->request.output[i], b->request.output[i]);
    assert_int_equal(a->request.parts, b->request.parts);
    for (size_t i = 0; i < a->request.parts; i++)
      same_part(&a->request.part[i], &b->request.part[i]);
  }
  assert_string_equal(a->id ? a->id : "none", b->id ? b->id : "none");
  assert_string_equal(a->model ? a->model : "none", b->model ? b->model : "none");
  assert_int_equal(a->unseeded, b->unseeded);
  assert_int_equal(a->priority, b->priority);
  assert_true(a->deadline == b->deadline);
  assert_int_equal(a->labels, b->labels);
  for (size_t i = 0; i < a->labels; i++) {
    assert_string_equal(a->label[i].key, b->label[i].key);
    assert_string_equal(a->label[i].value, b->label[i].value);
  }
}

static const float some_noise[] = {0.5f, -1.25f, 3e-30f};
static const char *const some_stops[] = {"\n\n", "User:"};
static const uint8_t some_picture[] = {0x89, 'P', 'N', 'G', 0, 0xff, 0};
static const motcl_label some_labels[] = {{"who", "me"}, {"", "\xc3\xa9"}, {"who", ""}};
static const motcl_output some_output = MOTCL_OUTPUT_PICTURE, text_output = MOTCL_OUTPUT_TEXT;
static const motcl_part some_parts[] = {
    {.kind = MOTCL_PART_TEXT, .data = "a \xe2\x82\xac", .size = 5},
    {.kind = MOTCL_PART_PICTURE,
     .data = some_picture,
     .size = sizeof some_picture,
     .name = "x.png"},
    {.kind = MOTCL_PART_TEXT, .data = "bc", .size = 1},
    {.kind = MOTCL_PART_ANSWER, .data = "a\0b", .size = 3},
    {.kind = MOTCL_PART_ANSWER, .data = "", .size = 0}};

/* No field is its default. */
static motcl_job full_job(void) {
  return (motcl_job){
      .request = {.part = some_parts,
                  .parts = 5,
                  .output = &some_output,
                  .outputs = 1,
                  .seed = UINT64_MAX - 4,
                  .settings = {.think = true,
                               .vae_sample = true,
                               .no_orient = true,
                               .width = 640,
                               .height = 480,
                               .timesteps = 7,
                               .shift = 1.5,
                               .guidance = {3.5, 1.75, 0.125, 0.875, MOTCL_RENORM_CHANNEL, 0.25},
                               .negative = "fog",
                               .noise = some_noise,
                               .noise_count = 3,
                               .max_tokens = 17,
                               .max_think = 19,
                               .temperature = 0.7,
                               .preview = 5,
                               .top_k = 40,
                               .stops = 2,
                               .top_p = 0.95,
                               .min_p = 0.05,
                               .repeat_penalty = 1.1,
                               .stop = some_stops,
                               .protocol = "{\"name\": \"own\"}"}},
      .id = "job-1",
      .model = "bagel",
      .priority = -5,
      .deadline = 1893456000123u,
      .label = some_labels,
      .labels = 3};
}

static const motcl_settings some_settings = {.think = true,
                                             .timesteps = 9,
                                             .shift = 2,
                                             .negative = "rain",
                                             .noise = some_noise,
                                             .noise_count = 2,
                                             .max_tokens = 3,
                                             .max_think = 4};
static const motcl_part made_parts[] = {
    {.kind = MOTCL_PART_ANSWER, .data = "hm", .size = 2},
    {.kind = MOTCL_PART_PICTURE, .data = some_picture, .size = sizeof some_picture}};
static const motcl_item some_items[] = {
    {.kind = MOTCL_ITEM_INPUT, .part = {.kind = MOTCL_PART_SYSTEM, .data = "brief", .size = 5}},
    {.kind = MOTCL_ITEM_INPUT, .part = {.kind = MOTCL_PART_TEXT, .data = "a", .size = 1}},
    {.kind = MOTCL_ITEM_OUTPUT,
     .output = MOTCL_OUTPUT_PICTURE,
     .settings = &some_settings,
     .seeded = true,
     .seed = UINT64_MAX,
     .made = made_parts,
     .mades = 2},
    {.kind = MOTCL_ITEM_INPUT,
     .part = {.kind = MOTCL_PART_PICTURE, .data = some_picture, .size = sizeof some_picture}},
    {.kind = MOTCL_ITEM_INPUT, .part = {.kind = MOTCL_PART_ANSWER, .data = "", .size = 0}},
    {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_TEXT},
    {.kind = MOTCL_ITEM_INPUT, .part = {.kind = MOTCL_PART_TEXT, .data = "b", .size = 1}}};
enum { SOME_ITEMS = sizeof some_items / sizeof *some_items };

static motcl_job ordered_job(void) {
  motcl_job job = full_job();
  job.request.item = some_items;
  job.request.items = SOME_ITEMS;
  return job;
}

static motcl_request wanted(const motcl_output *output) {
  motcl_request r = motcl_request_default(false);
  r.output = output;
  r.outputs = 1;
  return r;
}

static void round_trip(const motcl_job *job) {
  uint8_t *bytes, *again;
  size_t n, m;
  motcl_job back = {0};
  write_well(job, &bytes, &n);
  read_well(&back, bytes, n);
  same_job(job, &back);
  write_well(&back, &again, &m);
  assert_int_equal(n, m);
  assert_memory_equal(bytes, again, n);
  motcl_job_finish(&back);
  assert_null(back.store);
  motcl_job_finish(&back);
  mcl_free(bytes);
  mcl_free(again);
}

static void every_field_comes_back(void **state) {
  (void)state;
  motcl_job job = full_job();
  round_trip(&job);
  for (int r = 0; r < MOTCL_RENORM_COUNT; r++) {
    job.request.settings.guidance.renorm = (motcl_renorm)r;
    round_trip(&job);
  }
  static const motcl_output several[] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE,
                                         MOTCL_OUTPUT_TEXT};
  job.request.output = several;
  job.request.outputs = 3;
  round_trip(&job);
  const motcl_part one = text_part("x");
  motcl_job plain = {.request = wanted(&text_output)};
  plain.request.part = &one;
  plain.request.parts = 1;
  round_trip(&plain);
  plain.unseeded = true;
  round_trip(&plain);
}

static void items_come_back_in_order(void **state) {
  (void)state;
  motcl_job job = ordered_job(), back = {0};
  uint8_t *bytes;
  size_t n;
  round_trip(&job);
  write_well(&job, &bytes, &n);
  read_well(&back, bytes, n);
  /* for those who go on from it: what was said up to the text, of which nothing came */
  assert_int_equal(back.request.parts, 6);
  same_part(&back.request.part[2], &made_parts[0]);
  same_part(&back.request.part[3], &made_parts[1]);
  assert_int_equal(back.request.outputs, 1);
  assert_int_equal(back.request.output[0], MOTCL_OUTPUT_TEXT);
  motcl_job_finish(&back);
  mcl_free(bytes);
}

/* What parts and outputs can say is said by them, byte for byte. */
static void plain_items_are_parts_and_outputs(void **state) {
  (void)state;
  const motcl_output both[] = {MOTCL_OUTPUT_PICTURE, MOTCL_OUTPUT_TEXT};
  motcl_item item[7] = {{.kind = MOTCL_ITEM_INPUT}};
  uint8_t *bytes[3];
  size_t n[3];
  motcl_job job = full_job();
  job.request.output = both;
  job.request.outputs = 2;
  write_well(&job, &bytes[0], &n[0]);
  for (size_t i = 0; i < 5; i++)
    item[i].part = some_parts[i];
  for (size_t i = 0; i < 2; i++)
    item[5 + i] = (motcl_item){.kind = MOTCL_ITEM_OUTPUT, .output = both[i]};
  job.request.item = item;
  job.request.items = 7;
  write_well(&job, &bytes[1], &n[1]);
  assert_int_equal(n[0], n[1]);
  assert_memory_equal(bytes[0], bytes[1], n[0]);
  item[6].seeded = true;
  write_well(&job, &bytes[2], &n[2]);
  assert_int_not_equal(n[0], n[2]);
  for (size_t i = 0; i < 3; i++)
    mcl_free(bytes[i]);
}

/* What a message leaves out is what a command line leaves out, and what the .proto says it is. */
static void what_is_left_out_is_the_default(void **state) {
  (void)state;
  motcl_job job = {0};
  motcl_settings draw = motcl_request_default(false).settings;
  motcl_settings edit = motcl_request_default(true).settings;
  read_well(&job, BYTES(DRAW_A));
  same_settings(&job.request.settings, &draw);
  assert_true(job.unseeded);
  assert_null(job.id);
  assert_null(job.model);
  assert_int_equal(job.priority, 0);
  assert_true(job.deadline == 0);
  motcl_job_finish(&job);
  read_well(&job, BYTES(DRAW_A "\x1a\x03\x12\x01z\x2a\x00"));
  same_settings(&job.request.settings, &edit);
  assert_string_equal(job.request.part[1].name, "part 2 of the job");
  motcl_job_finish(&job);
  read_well(&job, BYTES("\x20\x01\x1a\x03\x12\x01z"));
  same_settings(&job.request.settings, &draw);
  motcl_job_finish(&job);

  Motcl__V1__Settings s;
  motcl__v1__settings__init(&s);
  assert_int_equal(s.think, draw.think);
  assert_int_equal(s.width, draw.width);
  assert_int_equal(s.height, draw.height);
  assert_int_equal(s.timesteps, draw.timesteps);
  assert_true(s.shift == draw.shift && s.temperature == draw.temperature);
  assert_true(s.cfg_text == draw.guidance.text_scale && s.cfg_text == edit.guidance.text_scale);
  assert_true(s.cfg_to == draw.guidance.hi && s.cfg_to == edit.guidance.hi);
  assert_true(s.cfg_renorm_min == draw.guidance.renorm_min &&
              s.cfg_renorm_min == edit.guidance.renorm_min);
  assert_int_equal(s.vae_sample, draw.vae_sample);
  assert_int_equal(s.no_auto_orient, draw.no_orient);
  assert_int_equal(s.max_tokens, draw.max_tokens);
  assert_int_equal(s.max_think_tokens, draw.max_think);
  assert_int_equal(s.preview, draw.preview);
  assert_int_equal(s.top_k, draw.top_k);
  assert_true(s.top_p == draw.top_p && s.min_p == draw.min_p);
  assert_true(s.repeat_penalty == draw.repeat_penalty);
}

/* Field 1000 is nobody's: a varint 5 in the job, bytes in the settings, 4 and 8 bytes below. */
#define LATER_JOB "\xc0\x3e\x05"
#define LATER_SETTINGS "\xc2\x3e\x02hi"
#define LATER_PART "\xc5\x3e\x01\x02\x03\x04"
#define LATER_LABEL "\xc1\x3e\x01\x02\x03\x04\x05\x06\x07\x08"

/* How often a field of a later version is in a message. */
static size_t times_in(const uint8_t *bytes, size_t n, const char *field) {
  size_t length = strlen(field), found = 0;
  for (size_t at = 0; at + length <= n; at++)
    found += !memcmp(bytes + at, field, length);
  return found;
}

static void fields_of_a_later_version_survive(void **state) {
  (void)state;
  static const char *const later[] = {LATER_JOB, LATER_SETTINGS, LATER_PART, LATER_LABEL};
  motcl_job job = {0}, back = {0};
  uint8_t *bytes;
  size_t n;
  read_well(&job, BYTES("\x20\x02\x1a\x09\x0a\x01"
                        "a" LATER_PART "\x2a\x07\x20\x09" LATER_SETTINGS
                        "\x4a\x0d\x0a\x01k" LATER_LABEL LATER_JOB));
  assert_int_equal(job.request.settings.timesteps, 9);
  job.request.settings.timesteps = 11;
  write_well(&job, &bytes, &n);
  motcl_job_finish(&job);
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(times_in(bytes, n, later[i]), 1);
  read_well(&back, bytes, n);
  assert_int_equal(back.request.settings.timesteps, 11);
  assert_string_equal(back.label[0].key, "k");
  motcl_job_finish(&back);
  mcl_free(bytes);
}

static void later_fields_of_items_survive(void **state) {
  (void)state;
  motcl_job job = {0};
  uint8_t *bytes;
  size_t n;
  /* an input with LATER_PART inside and a field beside it; an output with settings */
  static const char message[] =
      "\x52\x0e\x0a\x09\x0a\x01"
      "a" LATER_PART LATER_JOB "\x52\x0e\x12\x09\x08\x02\x12\x05" LATER_SETTINGS LATER_JOB;
  read_well(&job, BYTES(message));
  assert_int_equal(job.request.items, 2);
  assert_int_equal(job.request.item[1].settings->timesteps, 50);
  write_well(&job, &bytes, &n);
  motcl_job_finish(&job);
  assert_int_equal(times_in(bytes, n, LATER_PART), 1);
  assert_int_equal(times_in(bytes, n, LATER_SETTINGS), 1);
  assert_int_equal(times_in(bytes, n, LATER_JOB), 2);
  mcl_free(bytes);
}

static void items_that_mean_nothing_are_refused(void **state) {
  (void)state;
  refuse(BYTES("\x52\x00"), "item 1 of the job is neither an input nor an output");
  refuse(BYTES("\x52\x05\x0a\x03\x0a\x01"
               "a"),
         "does not say what is wanted");
  refuse(BYTES("\x52\x02\x12\x00"), "item 1 of the job does not say which output");
  refuse(BYTES("\x52\x04\x12\x02\x08\x07"), "output 7, which this version lacks");
  refuse(BYTES("\x52\x04\x0a\x02\x22\x00\x52\x04\x12\x02\x08\x01"),
         "item 1 of the job is an empty text");
  refuse(BYTES("\x52\x06\x12\x04\x08\x01\x22\x00"), "part 1 of what came of item 1");
  refuse(BYTES(DRAW_A "\x52\x04\x12\x02\x08\x01"), "items and parts or outputs beside them");
  refuse(BYTES("\x52\x08\x12\x06\x08\x01\x12\x02\x50\x09"), "cfg_renorm is 9");
  motcl_job job = ordered_job();
  motcl_item item = {.kind = (motcl_item_kind)7};
  job.request.item = &item;
  job.request.items = 1;
  assert_int_equal(motcl_request_check(&job.request, NULL), MOTCL_EINVAL);
  item = (motcl_item){.kind = MOTCL_ITEM_OUTPUT};
  assert_int_equal(motcl_request_check(&job.request, NULL), MOTCL_EINVAL);
  item = some_items[2];
  item.mades = MCL_JOB_MAX_MADE + 1;
  static motcl_part many[MCL_JOB_MAX_MADE + 1];
  for (size_t i = 0; i <= MCL_JOB_MAX_MADE; i++)
    many[i] = text_part("x");
  item.made = many;
  refuse_to_pack(&job, "9 parts of an output; 8 is");
}

/* A message that is taken can be written again. */
static bool try(const uint8_t *bytes, size_t n) {
  motcl_job job = {0};
  motcl_err err = {0};
  uint8_t *again;
  size_t m;
  int rc = unpack(&job, bytes, n, &err);
  if (rc != MOTCL_OK) {
    assert_int_equal(rc, MOTCL_EFORMAT);
    assert_true(strlen(err.text) > 20);
    return false;
  }
  motcl_request_check(&job.request, &err);
  write_well(&job, &again, &m);
  motcl_job_finish(&job);
  read_well(&job, again, m);
  motcl_job_finish(&job);
  mcl_free(again);
  return true;
}

static void any_cut_is_seen_or_harmless(void **state) {
  (void)state;
  motcl_job job = full_job();
  uint8_t *bytes;
  size_t n, refused = 0;
  write_well(&job, &bytes, &n);
  for (size_t i = 0; i < n; i++)
    refused += !try(bytes, i);
  assert_true(refused > n / 2 && refused < n);
  mcl_free(bytes);
  job = ordered_job();
  write_well(&job, &bytes, &n);
  refused = 0;
  for (size_t i = 0; i < n; i++)
    refused += !try(bytes, i);
  assert_true(refused > n / 2);
  mcl_free(bytes);
}

static void change_much(motcl_job job) {
  uint8_t *bytes, *changed;
  size_t n, refused = 0, taken = 0;
  uint32_t dice = 1;
  write_well(&job, &bytes, &n);
  changed = malloc(n);
  assert_non_null(changed);
  for (unsigned round = 0; round < 40000; round++) {
    memcpy(changed, bytes, n);
    for (unsigned i = 0; i <= round % 3; i++) {
      dice = dice * 1664525u + 1013904223u;
      changed[(dice >> 8) % n] = (uint8_t)(dice >> (round & 1 ? 24 : 16));
    }
    if (try(changed, n))
      taken++;
    else
      refused++;
  }
  assert_true(refused > 1000 && taken > 1000);
  free(changed);
  mcl_free(bytes);
}

static void any_change_is_seen_or_harmless(void **state) {
  (void)state;
  change_much(full_job());
  change_much(ordered_job());
}

static void broken_bytes_are_refused(void **state) {
  (void)state;
  refuse(BYTES(""), "does not say what is wanted");
  refuse(BYTES("this is no message"), "no motcl.v1.Job message");
  refuse(BYTES("\x20"), "ends within a number");
  refuse(BYTES("\x80"), "no number");
  refuse(BYTES("\x00"), "no number");
  refuse(BYTES(DRAW_A "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "no number");
  refuse(BYTES("\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), "ends within a number");
  refuse(BYTES("\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "ends within a field");
  refuse(BYTES("\x1a\x05\x0a\x01"), "ends within a field");
  refuse(BYTES("\x1a\x03\x0a\x7f"), "ends within a field");
  refuse(BYTES(DRAW_A "\xc3\x3e\xc4\x3e"), "group");
  refuse(BYTES(DRAW_A "\x0f"), "another type");
  refuse(BYTES(DRAW_A "\xc7\x3e"), "group");
  refuse(BYTES(DRAW_A "\x08\x01"), "another type");
  refuse(BYTES("\x20\x02\x18\x01"), "another type");
  refuse(BYTES(DRAW_A "\x2a\x00\x2a\x00"), "there twice");
  refuse(BYTES(DRAW_A "\x2a\x05\x6a\x03"
                      "abc"),
         "broken");
  refuse(BYTES("\x1a\x03\x0a\x01"
               "a"),
         "does not say what is wanted");
}

static void contents_that_mean_nothing_are_refused(void **state) {
  (void)state;
  refuse(BYTES("\x20\x4d\x1a\x03\x0a\x01"
               "a"),
         "output 77");
  refuse(BYTES("\x20\x00\x1a\x03\x0a\x01"
               "a"),
         "output 0");
  refuse(BYTES(DRAW_A "\x1a\x00"), "part 2 of the job is neither");
  refuse(BYTES(DRAW_A "\x1a\x03\xc0\x3e\x05"), "part 2 of the job is neither");
  refuse(BYTES(DRAW_A "\x1a\x02\x0a\x00"), "empty text");
  refuse(BYTES("\x20\x02\x1a\x05\x0a\x03"
               "a\0b"),
         "'text' holds a NUL");
  refuse(BYTES("\x20\x02\x1a\x05\x0a\x03"
               "a\xff"
               "b"),
         "'text' is no UTF-8 (byte 2)");
  refuse(BYTES(DRAW_A "\x0a\x02z\x80"), "'id' is no UTF-8");
  refuse(BYTES(DRAW_A "\x12\x01\0"), "'model' holds a NUL");
  refuse(BYTES(DRAW_A "\x2a\x03\x62\x01\xc0"), "'negative' is no UTF-8");
  refuse(BYTES(DRAW_A "\x4a\x03\x12\x01\xfe"), "'value' is no UTF-8");
  refuse(BYTES(DRAW_A "\x2a\x02\x50\x09"), "cfg_renorm is 9");
  refuse(BYTES(DRAW_A "\x2a\x02\x50\x00"), "cfg_renorm is 0");
}

static void numbers_must_be_some(void **state) {
  (void)state;
  float noise[] = {1, 2, 3};
  const struct {
    size_t at, has;
    const char *says;
  } list[] = {
#define DOUBLE(f)                                                                                  \
  {offsetof(Motcl__V1__Settings, f), offsetof(Motcl__V1__Settings, has_##f), "job's " #f}
      DOUBLE(shift),  DOUBLE(cfg_text),       DOUBLE(cfg_image),   DOUBLE(cfg_from),
      DOUBLE(cfg_to), DOUBLE(cfg_renorm_min), DOUBLE(temperature), DOUBLE(top_p),
      DOUBLE(min_p),  DOUBLE(repeat_penalty)
#undef DOUBLE
  };
  Motcl__V1__Job m;
  Motcl__V1__Settings s;
  Motcl__V1__Output output = MOTCL__V1__OUTPUT__OUTPUT_PICTURE;
  motcl__v1__job__init(&m);
  m.n_output = 1;
  m.output = &output;
  m.settings = &s;
  for (size_t i = 0; i < 2 * sizeof list / sizeof *list; i++) {
    const double bad = i & 1 ? (double)NAN : -(double)INFINITY;
    const protobuf_c_boolean yes = 1;
    motcl__v1__settings__init(&s);
    memcpy((char *)&s + list[i / 2].at, &bad, sizeof bad);
    memcpy((char *)&s + list[i / 2].has, &yes, sizeof yes);
    refuse_message(&m, list[i / 2].says);
  }
  motcl__v1__settings__init(&s);
  s.noise = noise;
  s.n_noise = 3;
  noise[1] = NAN;
  refuse_message(&m, "value 2 of the job's noise");
}

/* A job of one text with one thing too long by `over`; 0 is just right. */
static void limit_job(size_t over) {
  static char text[MCL_JOB_MAX_VALUE + 2];
  static motcl_label label[MCL_JOB_MAX_LABELS + 1];
  static motcl_part part[MCL_JOB_MAX_PARTS + 1];
  static const motcl_output output[MCL_JOB_MAX_OUTPUTS + 1];
  const motcl_part one = text_part("x");
  motcl_job start = {.request = wanted(&text_output)}, job;
  start.request.part = &one;
  start.request.parts = 1;
  memset(text, 'x', sizeof text - 1);
#define STRING(n) (text + sizeof text - 1 - (n)-over)
#define TRY(says)                                                                                  \
  do {                                                                                             \
    if (over)                                                                                      \
      refuse_to_pack(&job, says);                                                                  \
    else                                                                                           \
      round_trip(&job);                                                                            \
  } while (0)
  job = start;
  job.id = STRING(MCL_JOB_MAX_ID);
  TRY("id is 129 bytes long; 128 is the most");
  job = start;
  job.model = STRING(MCL_JOB_MAX_MODEL);
  TRY("name of the model is 257 bytes long; 256 is");
  job = start;
  job.label = label;
  job.labels = 1;
  label[0] = (motcl_label){STRING(MCL_JOB_MAX_KEY), ""};
  TRY("key is 129 bytes long; 128 is");
  label[0] = (motcl_label){"", STRING(MCL_JOB_MAX_VALUE)};
  TRY("value is 1025 bytes long; 1024 is");
  for (size_t i = 0; i <= MCL_JOB_MAX_LABELS; i++)
    label[i] = (motcl_label){"k", "v"};
  job.labels = MCL_JOB_MAX_LABELS + over;
  TRY("65 labels; 64 is");
  job = start;
  for (size_t i = 0; i <= MCL_JOB_MAX_PARTS; i++)
    part[i] = one;
  job.request.part = part;
  job.request.parts = MCL_JOB_MAX_PARTS + over;
  TRY("1025 parts; 1024 is");
  job = start;
  job.request.output = output;
  job.request.outputs = MCL_JOB_MAX_OUTPUTS + over;
  TRY("65 outputs; 64 is");
#undef STRING
#undef TRY
}

static void limits_hold_when_writing(void **state) {
  (void)state;
  limit_job(0);
  limit_job(1);
  motcl_part one = {.kind = MOTCL_PART_PICTURE, .data = "x", .size = MCL_JOB_MAX_PICTURE + 1};
  motcl_job job = {.request = wanted(&text_output)};
  job.request.part = &one;
  job.request.parts = 1;
  refuse_to_pack(&job, "picture is 268435457 bytes long");
  one = (motcl_part){.kind = MOTCL_PART_TEXT, .data = "x", .size = MCL_JOB_MAX_TEXT + 1};
  refuse_to_pack(&job, "text is 16777217 bytes long");
  one = text_part("x");
  job.request.settings.noise = some_noise;
  job.request.settings.noise_count = MCL_JOB_MAX_NOISE + 1;
  refuse_to_pack(&job, "16777217 values of noise");
  static const char *const stops[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
  job.request.settings = (motcl_settings){.stop = stops, .stops = MOTCL_MAX_STOPS + 1};
  refuse_to_pack(&job, "9 stop texts; 8 is");
  job.request.settings.stops = 1;
  job.request.settings.stop = (const char *const[]){"\xff"};
  refuse_to_pack(&job, "'stop' is no UTF-8");
  static char long_one[MOTCL_MAX_STOP_TEXT + 2];
  memset(long_one, 'x', sizeof long_one - 1);
  job.request.settings.stop = (const char *const[]){long_one};
  refuse_to_pack(&job, "stop text is 257 bytes long; 256 is");
}

static void contents_that_no_message_holds_are_refused(void **state) {
  (void)state;
  motcl_part one = text_part("x");
  motcl_job job = {.request = wanted(&text_output)};
  job.request.part = &one;
  job.request.parts = 1;
  one = (motcl_part){.kind = MOTCL_PART_TEXT, .data = "a\0b", .size = 3};
  refuse_to_pack(&job, "the text holds a NUL");
  one = text_part("\xc3(");
  refuse_to_pack(&job, "'text' is no UTF-8");
  one = text_part("");
  refuse_to_pack(&job, "empty text");
  one = text_part("x");
  job.request.settings.negative = "\xff";
  refuse_to_pack(&job, "'negative' is no UTF-8");
  job.request.settings.negative = NULL;
  job.request.settings.shift = NAN;
  refuse_to_pack(&job, "shift");
  job.request.settings.shift = 3;
  job.request.settings.guidance.renorm = MOTCL_RENORM_COUNT;
  refuse_to_pack(&job, "renormalisation");
}

/* A message that starts as `head`, then has `count` times `more`. */
static void refuse_many(const char *more, size_t length, size_t count, const char *says) {
  const size_t head = sizeof DRAW_A - 1;
  uint8_t *bytes = malloc(head + count * length);
  assert_non_null(bytes);
  memcpy(bytes, DRAW_A, head);
  for (size_t i = 0; i < count; i++)
    memcpy(bytes + head + i * length, more, length);
  refuse(bytes, head + count * length, says);
  free(bytes);
}

static void refuse_long(const char *head, size_t length, size_t over, const char *says) {
  uint8_t *bytes = malloc(length + over);
  assert_non_null(bytes);
  memcpy(bytes, head, length);
  memset(bytes + length, 'x', over);
  refuse(bytes, length + over, says);
  free(bytes);
}

static void limits_hold_when_reading(void **state) {
  (void)state;
  motcl_job job = {0};
  motcl_err err = {0};
  refuse_many("\xc0\x3e\x05", 3, MCL_JOB_MAX_FIELDS, "more than 65536 fields");
  refuse_many("\x1a\x03\x0a\x01x", 5, MCL_JOB_MAX_PARTS, "1025 parts");
  refuse_many("\x4a\x00", 2, MCL_JOB_MAX_LABELS + 1, "65 labels");
  refuse_long(DRAW_A "\x0a\x81\x01", sizeof DRAW_A + 2, 129, "id is 129 bytes");
  refuse_long(DRAW_A "\x12\x81\x02", sizeof DRAW_A + 2, 257, "name of the model is 257 bytes");
  refuse_long(DRAW_A "\x1a\x86\x80\x80\x08\x0a\x81\x80\x80\x08", sizeof DRAW_A + 9,
              MCL_JOB_MAX_TEXT + 1, "text is 16777217 bytes");
  assert_int_equal(motcl_job_unpack(&job, (const uint8_t *)"", MOTCL_MAX_MESSAGE + 1, &err),
                   MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "1073741825 bytes long"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_field_comes_back),
      cmocka_unit_test(items_come_back_in_order),
      cmocka_unit_test(plain_items_are_parts_and_outputs),
      cmocka_unit_test(later_fields_of_items_survive),
      cmocka_unit_test(items_that_mean_nothing_are_refused),
      cmocka_unit_test(what_is_left_out_is_the_default),
      cmocka_unit_test(fields_of_a_later_version_survive),
      cmocka_unit_test(any_cut_is_seen_or_harmless),
      cmocka_unit_test(any_change_is_seen_or_harmless),
      cmocka_unit_test(broken_bytes_are_refused),
      cmocka_unit_test(contents_that_mean_nothing_are_refused),
      cmocka_unit_test(numbers_must_be_some),
      cmocka_unit_test(limits_hold_when_writing),
      cmocka_unit_test(limits_hold_when_reading),
      cmocka_unit_test(contents_that_no_message_holds_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
