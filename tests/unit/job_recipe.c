/* job_recipe.c - tests of requests to lines of metadata and back, and of lines that nobody should
 * believe. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "job/recipe.h"

static const motcl_output wanted = MOTCL_OUTPUT_PICTURE;

static motcl_part text_part(const char *text) {
  return (motcl_part){.kind = MOTCL_PART_TEXT, .data = text, .size = strlen(text)};
}

static motcl_part picture_part(const char *bytes) {
  return (motcl_part){.kind = MOTCL_PART_PICTURE, .data = bytes, .size = strlen(bytes)};
}

static motcl_request request_of(const motcl_part *part, size_t n, bool edit) {
  motcl_request r = motcl_request_default(edit);
  r.part = part;
  r.parts = n;
  r.output = &wanted;
  r.outputs = 1;
  r.seed = UINT64_C(12345678901234567890);
  return r;
}

static const char *value_of(const motcl_line *line, size_t n, const char *key) {
  for (size_t i = 0; i < n; i++)
    if (!strcmp(line[i].key, key))
      return line[i].value;
  return NULL;
}

/* As mcl_recipe_lines, of a picture of 64x48. */
static int lines_of(motcl_line **line, size_t *n, const motcl_request *r, const char *fingerprint,
                    motcl_err *err) {
  const motcl_recipe_source of = {.request = r,
                                  .width = 64,
                                  .height = 48,
                                  .model = "a model",
                                  .digest = "0123456789abcdef",
                                  .fingerprint = fingerprint};
  return mcl_recipe_lines(line, n, &of, err);
}

/* Write r and read it. */
static void through(mcl_recipe *back, const motcl_request *r) {
  motcl_line *line = NULL;
  size_t n = 0;
  motcl_err err = {0};
  assert_int_equal(lines_of(&line, &n, r, "f00d", &err), MOTCL_OK);
  if (mcl_recipe_read(back, line, n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  mcl_free(line);
  assert_string_equal(back->fingerprint, "f00d");
  assert_string_equal(back->model, "a model");
  assert_string_equal(back->digest, "0123456789abcdef");
}

static void same_settings(const motcl_settings *a, const motcl_settings *b) {
  assert_int_equal(a->width, 64);
  assert_int_equal(a->height, 48);
  assert_int_equal(a->timesteps, b->timesteps);
  assert_true(a->shift == b->shift);
  assert_memory_equal(&a->guidance.text_scale, &b->guidance.text_scale, sizeof(double));
  assert_true(a->guidance.image_scale == b->guidance.image_scale);
  assert_true(a->guidance.lo == b->guidance.lo && a->guidance.hi == b->guidance.hi);
  assert_int_equal(a->guidance.renorm, b->guidance.renorm);
  assert_true(a->guidance.renorm_min == b->guidance.renorm_min);
  assert_int_equal(a->think, b->think);
  assert_int_equal(a->vae_sample, b->vae_sample);
  assert_int_equal(a->no_orient, b->no_orient);
  assert_int_equal(a->top_k, b->top_k);
  assert_true(a->top_p == b->top_p && a->min_p == b->min_p);
  assert_true(a->repeat_penalty == b->repeat_penalty);
  assert_int_equal(!a->protocol, !b->protocol);
  if (a->protocol)
    assert_string_equal(a->protocol, b->protocol);
}

static void one_text(void **state) {
  (void)state;
  const motcl_part part = text_part("a caf\xc3\xa9\nof \"two\" lines");
  motcl_request r = request_of(&part, 1, false);
  mcl_recipe back;
  through(&back, &r);
  assert_int_equal(back.request.parts, 1);
  assert_int_equal(back.request.part[0].kind, MOTCL_PART_TEXT);
  assert_int_equal(back.request.part[0].size, part.size);
  assert_memory_equal(back.request.part[0].data, part.data, part.size);
  assert_true(back.request.seed == r.seed);
  assert_null(back.request.settings.negative);
  assert_int_equal(back.request.outputs, 1);
  assert_int_equal(back.request.output[0], MOTCL_OUTPUT_PICTURE);
  assert_false(back.noise);
  same_settings(&back.request.settings, &r.settings);
  mcl_recipe_finish(&back);
}

static void every_setting(void **state) {
  (void)state;
  const motcl_part part = text_part("x");
  motcl_request r = request_of(&part, 1, false);
  const float noise[3] = {1, 2, 3}, other[3] = {1, 2, 4};
  r.settings = (motcl_settings){.think = true,
                                .vae_sample = true,
                                .no_orient = true,
                                .timesteps = 7,
                                .shift = 1.0 / 3,
                                .guidance = {.text_scale = 0.1,
                                             .image_scale = 999.9999999999,
                                             .lo = 0.12345678901234567,
                                             .hi = 0.9,
                                             .renorm = MOTCL_RENORM_NONE,
                                             .renorm_min = 1e-9},
                                .negative = "not this",
                                .noise = noise,
                                .noise_count = 3,
                                .max_tokens = 5,
                                .max_think = 77,
                                .temperature = 0.7,
                                .top_k = 4294967295u,
                                .top_p = 0.95,
                                .min_p = 1e-17,
                                .repeat_penalty = 1.1,
                                .protocol = "{\"name\":\"own\",\"think\":\"a\\nb\"}"};
  mcl_recipe back;
  through(&back, &r);
  same_settings(&back.request.settings, &r.settings);
  assert_int_equal(back.request.settings.max_think, 77);
  assert_true(back.request.settings.temperature == 0.7);
  assert_string_equal(back.request.settings.negative, "not this");
  assert_true(back.noise);
  assert_null(back.request.settings.noise);
  assert_int_equal(mcl_recipe_noise(&back, other, 3, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_recipe_noise(&back, noise, 2, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_recipe_noise(&back, noise, 3, NULL), MOTCL_OK);
  assert_ptr_equal(back.request.settings.noise, noise);
  mcl_recipe_finish(&back);
}

/* Numbers are as short as they can be, for people. */
static void settings_are_short(void **state) {
  (void)state;
  const motcl_part part = text_part("x");
  motcl_request r = request_of(&part, 1, false);
  motcl_line *line = NULL;
  size_t n = 0;
  r.settings.shift = 0.1;
  assert_int_equal(lines_of(&line, &n, &r, "", NULL), MOTCL_OK);
  assert_non_null(strstr(value_of(line, n, "settings"), "\"shift\": 0.1,"));
  assert_null(value_of(line, n, "fingerprint"));
  assert_null(value_of(line, n, "parts"));
  mcl_free(line);
}

static void parts_in_order(void **state) {
  (void)state;
  const motcl_part part[] = {text_part("one"), picture_part("FILE A"), text_part("two\nthree"),
                             text_part("four"), picture_part("FILE B")};
  motcl_request r = request_of(part, 5, true);
  mcl_recipe back;
  through(&back, &r);
  same_settings(&back.request.settings, &r.settings);
  assert_int_equal(back.request.parts, 5);
  assert_int_equal(mcl_recipe_missing(&back), 2);
  assert_int_equal(mcl_recipe_picture(&back, &part[4], NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_recipe_picture(&back, &part[1], NULL), MOTCL_OK);
  assert_int_equal(mcl_recipe_picture(&back, &part[4], NULL), MOTCL_OK);
  assert_int_equal(mcl_recipe_picture(&back, &part[4], NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_recipe_missing(&back), 0);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(back.request.part[i].kind, part[i].kind);
    assert_int_equal(back.request.part[i].size, part[i].size);
    assert_memory_equal(back.request.part[i].data, part[i].data, part[i].size);
  }
  mcl_recipe_finish(&back);
}

static void answers_stand_between_texts(void **state) {
  (void)state;
  const motcl_part part[] = {{.kind = MOTCL_PART_SYSTEM, .data = "zero", .size = 4},
                             {.kind = MOTCL_PART_ANSWER, .data = "", .size = 0},
                             text_part("one"),
                             {.kind = MOTCL_PART_ANSWER, .data = "two\n", .size = 4},
                             {.kind = MOTCL_PART_ANSWER, .data = "", .size = 0}};
  motcl_request r = request_of(part, 5, false);
  mcl_recipe back;
  through(&back, &r);
  assert_int_equal(back.request.parts, 5);
  for (size_t i = 0; i < 5; i++) {
    assert_int_equal(back.request.part[i].kind, part[i].kind);
    assert_int_equal(back.request.part[i].size, part[i].size);
    assert_memory_equal(back.request.part[i].data, part[i].data, part[i].size);
  }
  mcl_recipe_finish(&back);
}

/* A single system text is no prompt. */
static void a_system_text_alone(void **state) {
  (void)state;
  const motcl_part part = {.kind = MOTCL_PART_SYSTEM, .data = "one", .size = 3};
  motcl_request r = request_of(&part, 1, false);
  mcl_recipe back;
  through(&back, &r);
  assert_int_equal(back.request.parts, 1);
  assert_int_equal(back.request.part[0].kind, MOTCL_PART_SYSTEM);
  mcl_recipe_finish(&back);
}

static void items_are_for_several(void **state) {
  (void)state;
  const motcl_item item[] = {{.kind = MOTCL_ITEM_INPUT, .part = text_part("x")},
                             {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_PICTURE}};
  motcl_request r = motcl_request_default(false), *alone;
  motcl_line *line = NULL;
  size_t n = 0;
  r.item = item;
  r.items = 2;
  assert_int_equal(lines_of(&line, &n, &r, "", NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_request_alone(&alone, &r, 0, NULL), MOTCL_OK);
  assert_int_equal(lines_of(&line, &n, alone, "", NULL), MOTCL_OK);
  assert_string_equal(value_of(line, n, "prompt"), "x");
  mcl_free(line);
  mcl_free(alone);
}

/* What a line cannot hold is not written. */
static void a_nul_in_a_text(void **state) {
  (void)state;
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a\0b", .size = 3};
  motcl_request r = request_of(&part, 1, false);
  motcl_line *line = NULL;
  size_t n = 0;
  assert_int_equal(lines_of(&line, &n, &r, "", NULL), MOTCL_EINVAL);
  assert_null(line);
}

/* What the model wrote is not its user's fault: it is held. */
static void nuls_in_answers(void **state) {
  (void)state;
  const motcl_part part[] = {text_part("one"),
                             {.kind = MOTCL_PART_ANSWER, .data = "a\0b", .size = 3},
                             {.kind = MOTCL_PART_ANSWER, .data = "\0", .size = 1},
                             {.kind = MOTCL_PART_ANSWER, .data = "two\n\0\0\n", .size = 7},
                             text_part("three"),
                             {.kind = MOTCL_PART_ANSWER, .data = "\0\0", .size = 2}};
  for (size_t n = 2; n <= 6; n++) {
    motcl_request r = request_of(part, n, false);
    mcl_recipe back;
    through(&back, &r);
    assert_int_equal(back.request.parts, n);
    for (size_t i = 0; i < n; i++) {
      assert_int_equal(back.request.part[i].kind, part[i].kind);
      assert_int_equal(back.request.part[i].size, part[i].size);
      assert_memory_equal(back.request.part[i].data, part[i].data, part[i].size);
    }
    mcl_recipe_finish(&back);
  }
}

/* No negative text, an empty one, and one of a word are three things. */
static void negative_texts(void **state) {
  (void)state;
  static const char *const texts[] = {NULL, "", "x", "\n", " "};
  const motcl_part part = text_part("x");
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    motcl_request r = request_of(&part, 1, false);
    mcl_recipe back;
    r.settings.negative = texts[i];
    through(&back, &r);
    if (texts[i])
      assert_string_equal(back.request.settings.negative, texts[i]);
    else
      assert_null(back.request.settings.negative);
    mcl_recipe_finish(&back);
  }
}

/* Settings that matter to nobody here are told too: who reads them need not know what is usual. */
static void all_settings_are_told(void **state) {
  (void)state;
  static const char *const keys[] = {
      "size",         "timesteps",  "shift",          "cfg-text", "cfg-image",
      "cfg-interval", "cfg-renorm", "cfg-renorm-min", "think",    "max-think-tokens",
      "temperature",  "vae-sample", "no-auto-orient"};
  const motcl_part part = text_part("x");
  motcl_request r = request_of(&part, 1, false);
  motcl_line *line = NULL;
  size_t n = 0;
  assert_int_equal(lines_of(&line, &n, &r, "", NULL), MOTCL_OK);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    char quoted[40];
    snprintf(quoted, sizeof quoted, "\"%s\":", keys[i]);
    if (!strstr(value_of(line, n, "settings"), quoted))
      fail_msg("no %s", quoted);
  }
  assert_null(strstr(value_of(line, n, "settings"), "negative"));
  assert_null(strstr(value_of(line, n, "settings"), "-p\"")); /* nothing of tokens that are cut */
  assert_null(strstr(value_of(line, n, "settings"), "repeat"));
  assert_string_equal(value_of(line, n, "model"), "a model");
  assert_string_equal(value_of(line, n, "model-digest"), "0123456789abcdef");
  mcl_free(line);
}

#define SETTINGS(size, steps, shift, rest)                                                         \
  "{\"size\":\"" size "\",\"timesteps\":" steps ",\"shift\":" shift                                \
  ",\"cfg-text\":4,\"cfg-image\":1,\"cfg-interval\":[0.4,1],\"cfg-renorm\":\"global\","            \
  "\"cfg-renorm-min\":0" rest "}"
#define GOOD SETTINGS("64x48", "3", "3", "")

/* Lines are read if all of them are good, and refused with a sentence if one is not. */
static void check(bool good, const char *prompt, const char *parts, const char *seed,
                  const char *settings) {
  motcl_line line[4];
  size_t n = 0;
  motcl_err err = {0};
  mcl_recipe back = {0};
  const motcl_line all[] = {
      {"prompt", prompt}, {"parts", parts}, {"seed", seed}, {"settings", settings}};
  for (size_t i = 0; i < 4; i++)
    if (all[i].value)
      line[n++] = all[i];
  int rc = mcl_recipe_read(&back, line, n, &err);
  if (rc != (good ? MOTCL_OK : MOTCL_EFORMAT))
    fail_msg("%s | %s | %s | %s: %d, %s", prompt, parts, seed, settings, rc, err.text);
  if (!good)
    assert_true(strlen(err.text) > 20);
  mcl_recipe_finish(&back);
}

static void bad_lines(void **state) {
  (void)state;
  check(true, "a cat", NULL, "7", GOOD);
  check(false, NULL, NULL, "7", GOOD);
  check(false, "a cat", NULL, NULL, GOOD);
  check(false, "a cat", NULL, "7", NULL);
  check(false, "", NULL, "7", GOOD);
  static const char *const seeds[] = {"", "-1", "7 ", " 7", "x", "18446744073709551616", "1e3"};
  for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++)
    check(false, "a cat", NULL, seeds[i], GOOD);
  check(true, "a cat", NULL, "18446744073709551615", GOOD);
}

static void bad_parts(void **state) {
  (void)state;
#define FILE_A "{\"picture\":\"0123456789abcdef\"}"
  static const char only_file[] = "[{\"picture\":\"0123456789abcdef\"}]";
  check(true, "a cat\ndog", "[{\"text\":5},{\"text\":3}]", "7", GOOD);
  check(true, "a cat", "[" FILE_A ",{\"text\":5}]", "7", GOOD);
  check(true, NULL, only_file, "7", GOOD);
  static const char *const bad[] = {"",
                                    "[]",
                                    "{}",
                                    "5",
                                    "[5]",
                                    "[{}]",
                                    "[{\"text\":4}]",
                                    "[{\"text\":6}]",
                                    "[{\"text\":0},{\"text\":5}]",
                                    "[{\"text\":-5}]",
                                    "[{\"system\":0},{\"text\":5}]",
                                    "[{\"system\":\"a cat\"}]",
                                    "[{\"text\":[1,3]}]",
                                    "[{\"text\":[5]}]",
                                    "[{\"answer\":[]}]",
                                    "[{\"answer\":[5,0]}]",
                                    "[{\"answer\":[2,2]}]",
                                    "[{\"text\":5},{\"answer\":[0,0]}]",
                                    "[{\"system\":5,\"text\":5}]",
                                    "[{\"text\":\"a cat\"}]",
                                    "[{\"text\":5,\"picture\":\"0123456789abcdef\"}]",
                                    "[{\"text\":9223372036854775807}]",
                                    "[{\"text\":5},{\"text\":1}]",
                                    only_file,
                                    "[{\"text\":5},{\"picture\":\"0123456789ABCDEF\"}]",
                                    "[{\"text\":5},{\"picture\":\"abc\"}]",
                                    "[{\"text\":5},{\"picture\":5}]",
                                    "[{\"text\":5},{\"file\":\"/etc/passwd\"}]"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    check(false, "a cat", bad[i], "7", GOOD);
}

static void bad_settings(void **state) {
  (void)state;
  static const char *const bad[] = {
      "",
      "{}",
      "[]",
      "null",
      "{",
      SETTINGS("64", "3", "3", ""),
      SETTINGS("0x0", "3", "3", ""),
      SETTINGS("64x", "3", "3", ""),
      SETTINGS("-64x48", "3", "3", ""),
      SETTINGS("4294967296x48", "3", "3", ""),
      SETTINGS("100000x100000", "3", "3", ""),
      SETTINGS("64x48", "1", "3", ""),
      SETTINGS("64x48", "3.5", "3", ""),
      SETTINGS("64x48", "1000000", "3", ""),
      SETTINGS("64x48", "3", "0", ""),
      SETTINGS("64x48", "3", "\"3\"", ""),
      SETTINGS("64x48", "3", "1e999", ""),
      SETTINGS("64x48", "3", "3", ",\"cfg-text\":4"),
      SETTINGS("64x48", "3", "3", ",\"new\":1"),
      SETTINGS("64x48", "3", "3", ",\"think\":1"),
      SETTINGS("64x48", "3", "3", ",\"temperature\":-1"),
      SETTINGS("64x48", "3", "3", ",\"max-think-tokens\":0"),
      SETTINGS("64x48", "3", "3", ",\"top-k\":-1"),
      SETTINGS("64x48", "3", "3", ",\"top-p\":2"),
      SETTINGS("64x48", "3", "3", ",\"min-p\":\"0\""),
      SETTINGS("64x48", "3", "3", ",\"repeat-penalty\":0.001"),
      SETTINGS("64x48", "3", "3", ",\"noise\":true"),
      SETTINGS("64x48", "3", "3", ",\"noise\":\"12\""),
      SETTINGS("64x48", "3", "3", ",\"negative\":\"x\""),
      "{\"size\":\"64x48\",\"timesteps\":3,\"shift\":3,\"cfg-text\":4,\"cfg-image\":1,"
      "\"cfg-interval\":[1,0.4],\"cfg-renorm\":\"global\",\"cfg-renorm-min\":0}",
      "{\"size\":\"64x48\",\"timesteps\":3,\"shift\":3,\"cfg-text\":4,\"cfg-image\":1,"
      "\"cfg-interval\":[0.4],\"cfg-renorm\":\"global\",\"cfg-renorm-min\":0}",
      "{\"size\":\"64x48\",\"timesteps\":3,\"shift\":3,\"cfg-text\":4,\"cfg-image\":1,"
      "\"cfg-interval\":[0,1],\"cfg-renorm\":\"most\",\"cfg-renorm-min\":0}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    check(false, "a cat", NULL, "7", bad[i]);
}

static void negative_contradicts_itself(void **state) {
  (void)state;
  const motcl_line line[] = {{"prompt", "a"},
                             {"seed", "7"},
                             {"settings", SETTINGS("64x48", "3", "3", ",\"negative\":\"\"")},
                             {"negative", "x"}};
  mcl_recipe back;
  assert_int_equal(mcl_recipe_read(&back, line, 3, NULL), MOTCL_OK);
  assert_string_equal(back.request.settings.negative, "");
  assert_string_equal(back.model, "");
  mcl_recipe_finish(&back);
  assert_int_equal(mcl_recipe_read(&back, line, 4, NULL), MOTCL_EFORMAT);
}

static void a_line_twice(void **state) {
  (void)state;
  const motcl_line line[] = {{"prompt", "a"}, {"seed", "7"}, {"settings", GOOD}, {"seed", "8"}};
  mcl_recipe back;
  assert_int_equal(mcl_recipe_read(&back, line, 3, NULL), MOTCL_OK);
  mcl_recipe_finish(&back);
  assert_int_equal(mcl_recipe_read(&back, line, 4, NULL), MOTCL_EFORMAT);
}

static void no_numbers_are_not_written(void **state) {
  (void)state;
  const motcl_part part = text_part("x");
  motcl_request r = request_of(&part, 1, false);
  motcl_line *line = NULL;
  size_t n = 5;
  const uint64_t bits = UINT64_C(0x7ff8000000000000);
  memcpy(&r.settings.shift, &bits, sizeof bits);
  assert_int_equal(lines_of(&line, &n, &r, "", NULL), MOTCL_EINVAL);
  assert_null(line);
  assert_int_equal(n, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_text),
      cmocka_unit_test(every_setting),
      cmocka_unit_test(settings_are_short),
      cmocka_unit_test(parts_in_order),
      cmocka_unit_test(answers_stand_between_texts),
      cmocka_unit_test(a_system_text_alone),
      cmocka_unit_test(items_are_for_several),
      cmocka_unit_test(a_nul_in_a_text),
      cmocka_unit_test(nuls_in_answers),
      cmocka_unit_test(negative_texts),
      cmocka_unit_test(all_settings_are_told),
      cmocka_unit_test(negative_contradicts_itself),
      cmocka_unit_test(bad_lines),
      cmocka_unit_test(bad_parts),
      cmocka_unit_test(bad_settings),
      cmocka_unit_test(a_line_twice),
      cmocka_unit_test(no_numbers_are_not_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
