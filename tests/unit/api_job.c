/* api_job.c - jobs as messages on a worker, through motcl.h alone: the order of their events, their
 * results, several outputs, and what goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "tmpdir.h"

static motcl *library;
static motcl_worker *worker;

/* What a listener hears. `cancel_at`: the kind at which it cancels, of output `cancel_output`. */
typedef struct heard {
  unsigned kinds[MOTCL_JOB_CANCELLED + 1];
  motcl_job_event_kind last;
  uint64_t count;
  char text[4096], thought[4096];
  uint8_t file[1 << 16];
  size_t bytes;
  int code;
  motcl_job_event_kind cancel_at;
  uint32_t output, cancel_output;
} heard;

static void append(char text[4096], const char *more) {
  size_t n = strlen(text);
  snprintf(text + n, 4096 - n, "%s", more);
}

/* The only answer there is. */
static const motcl_answer *only(const motcl_result *r) {
  if (r->answers != 1 || !r->answer)
    fail_msg("%zu answers", r->answers);
  return r->answer;
}

static void hear(void *user, const uint8_t *bytes, size_t n) {
  heard *h = user;
  motcl_job_event e = {0};
  assert_int_equal(motcl_job_event_unpack(&e, bytes, n, NULL), MOTCL_OK);
  assert_string_equal(e.job, "job-1");
  assert_true(e.number == ++h->count);
  assert_true(e.time > UINT64_C(1700000000000));
  assert_true(h->last < MOTCL_JOB_DONE);
  if (e.kind == MOTCL_JOB_STEP)
    assert_true(e.step <= e.of && e.phase < MOTCL_PHASE_COUNT);
  if (e.kind == MOTCL_JOB_STARTED)
    assert_string_equal(e.driver, "ref");
  if (e.kind == MOTCL_JOB_TEXT)
    append(h->text, e.text);
  if (e.kind == MOTCL_JOB_THOUGHT)
    append(h->thought, e.text);
  if (e.kind == MOTCL_JOB_PICTURE) {
    assert_true(e.bytes < sizeof h->file);
    memcpy(h->file, e.file, h->bytes = e.bytes);
  }
  if (e.kind == MOTCL_JOB_TEXT || e.kind == MOTCL_JOB_THOUGHT || e.kind == MOTCL_JOB_PICTURE) {
    assert_true(e.output == h->output || e.output == h->output + 1);
    h->output = e.output;
  }
  h->code = e.code;
  h->kinds[e.kind]++;
  h->last = e.kind;
  if (h->cancel_at && e.kind == h->cancel_at && h->output == h->cancel_output)
    motcl_worker_cancel(worker);
  motcl_job_event_finish(&e);
}

/* A small job of one text. */
static motcl_job small(motcl_output output) {
  static motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  static motcl_output outputs[2] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE};
  motcl_job job = {.request = motcl_request_default(false), .id = "job-1"};
  job.request.part = &part;
  job.request.parts = 1;
  job.request.output = &outputs[output == MOTCL_OUTPUT_PICTURE];
  job.request.outputs = 1;
  job.request.seed = 7;
  job.request.settings.timesteps = 3;
  job.request.settings.max_tokens = 4;
  job.request.settings.max_think = 3;
  job.request.settings.width = 48;
  job.request.settings.height = 32;
  return job;
}

static int run(const motcl_job *job, heard *h, motcl_result *result) {
  motcl_err err = {0};
  uint8_t *bytes, *came = NULL;
  size_t n, came_n;
  if (motcl_job_pack(job, &bytes, &n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  int rc = motcl_job_run(worker, bytes, n, h ? hear : NULL, h, &came, &came_n, &err);
  motcl_free(bytes);
  if (rc != MOTCL_OK)
    return rc;
  if (motcl_result_unpack(result, came, came_n, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  motcl_free(came);
  assert_string_equal(result->job, "job-1");
  assert_string_equal(result->driver, "ref");
  assert_string_equal(result->version, motcl_version());
  assert_true(result->seconds >= 0);
  assert_int_equal(h ? h->kinds[MOTCL_JOB_DONE] : 1, result->code == MOTCL_OK);
  return rc;
}

static void a_picture_is_drawn(void **state) {
  (void)state;
  static heard h;
  motcl_job job = small(MOTCL_OUTPUT_PICTURE);
  motcl_result r = {0}, quiet = {0};
  job.request.settings.think = true;
  assert_int_equal(run(&job, &h, &r), MOTCL_OK);
  assert_int_equal(r.code, MOTCL_OK);
  assert_null(r.sentence);
  assert_int_equal(h.kinds[MOTCL_JOB_ACCEPTED], 1);
  assert_int_equal(h.kinds[MOTCL_JOB_STARTED], 1);
  assert_int_equal(h.kinds[MOTCL_JOB_PICTURE], 1);
  assert_true(h.kinds[MOTCL_JOB_STEP] >= 5);
  assert_int_equal(only(&r)->kind, MOTCL_OUTPUT_PICTURE);
  assert_int_equal(only(&r)->width, 48);
  assert_int_equal(only(&r)->height, 32);
  assert_int_equal(only(&r)->bytes, h.bytes);
  assert_memory_equal(only(&r)->file, h.file, h.bytes);
  assert_memory_equal(only(&r)->file, "\x89PNG", 4);
  assert_string_equal(only(&r)->thought ? only(&r)->thought : "", h.thought);
  assert_true(r.seed == 7);
  assert_string_equal(r.fingerprint, motcl_worker_fingerprint(worker));
  assert_int_equal(strlen(r.fingerprint), 32);

  assert_int_equal(run(&job, NULL, &quiet), MOTCL_OK);
  assert_int_equal(only(&quiet)->bytes, only(&r)->bytes);
  assert_memory_equal(only(&quiet)->file, only(&r)->file, only(&r)->bytes);
  motcl_result_finish(&quiet);
  motcl_result_finish(&r);
}

/* A preview after steps 1 and 2 of 3, and the same picture. */
static void previews_are_events(void **state) {
  (void)state;
  static heard h;
  motcl_job job = small(MOTCL_OUTPUT_PICTURE);
  motcl_result r = {0}, plain = {0};
  job.request.settings.timesteps = 4;
  assert_int_equal(run(&job, NULL, &plain), MOTCL_OK);
  job.request.settings.preview = 1;
  assert_int_equal(run(&job, &h, &r), MOTCL_OK);
  assert_int_equal(r.code, MOTCL_OK);
  assert_int_equal(h.kinds[MOTCL_JOB_PREVIEW], 2);
  assert_int_equal(h.kinds[MOTCL_JOB_PICTURE], 1);
  assert_int_equal(only(&r)->bytes, only(&plain)->bytes);
  assert_memory_equal(only(&r)->file, only(&plain)->file, only(&r)->bytes);
  motcl_result_finish(&r);
  motcl_result_finish(&plain);
}

static void a_text_is_written(void **state) {
  (void)state;
  static heard h;
  motcl_job job = small(MOTCL_OUTPUT_TEXT);
  motcl_result r = {0};
  job.unseeded = true;
  assert_int_equal(run(&job, &h, &r), MOTCL_OK);
  assert_int_equal(r.code, MOTCL_OK);
  assert_int_equal(only(&r)->kind, MOTCL_OUTPUT_TEXT);
  assert_string_equal(only(&r)->text, h.text);
  assert_true(r.seed <= UINT32_MAX);
  motcl_result_finish(&r);
}

static const motcl_output mixed[] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE, MOTCL_OUTPUT_TEXT,
                                     MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE};
enum { MIXED = sizeof mixed / sizeof *mixed };

static void several_outputs_come_in_order(void **state) {
  (void)state;
  static heard h;
  motcl_job job = small(MOTCL_OUTPUT_TEXT), first = job;
  motcl_result r = {0}, alone = {0};
  char texts[sizeof h.text] = "";
  job.request.output = mixed;
  job.request.outputs = MIXED;
  assert_int_equal(run(&job, &h, &r), MOTCL_OK);
  if (r.code != MOTCL_OK || r.answers != MIXED || !r.answer) {
    fail_msg("%zu answers: %s", r.answers, r.sentence ? r.sentence : "");
    return;
  }
  for (size_t i = 0; i < MIXED; i++) {
    assert_int_equal(r.answer[i].kind, mixed[i]);
    if (mixed[i] == MOTCL_OUTPUT_TEXT)
      append(texts, r.answer[i].text);
    else
      assert_true(r.answer[i].width == 48 && r.answer[i].bytes > 100);
  }
  assert_string_equal(texts, h.text);
  assert_int_equal(h.kinds[MOTCL_JOB_PICTURE], 2);
  assert_int_equal(r.answer[4].bytes, h.bytes);
  assert_memory_equal(r.answer[4].file, h.file, h.bytes);
  assert_int_equal(run(&first, NULL, &alone), MOTCL_OK);
  assert_string_equal(only(&alone)->text, r.answer[0].text);
  motcl_result_finish(&alone);
  motcl_result_finish(&r);
}

static void same_pixels(const motcl_answer *a, const motcl_answer *b) {
  uint8_t *rgb[2];
  uint32_t w, h;
  assert_int_equal(motcl_picture_decode(&rgb[0], &w, &h, NULL, a->file, a->bytes, false, NULL), 0);
  assert_int_equal(motcl_picture_decode(&rgb[1], &w, &h, NULL, b->file, b->bytes, false, NULL), 0);
  assert_memory_equal(rgb[0], rgb[1], 3 * (size_t)w * h);
  motcl_free(rgb[0]);
  motcl_free(rgb[1]);
}

/* A picture's own lines, with the pictures before it, draw it again. */
static void draw_again(const motcl_answer *answer, size_t k) {
  motcl_line *line;
  size_t lines;
  motcl_recipe *recipe;
  motcl_job job = {.id = "job-1"};
  motcl_result r = {0};
  assert_int_equal(motcl_picture_lines(&line, &lines, answer[k].file, answer[k].bytes, NULL), 0);
  assert_int_equal(motcl_recipe_read(&recipe, line, lines, NULL), MOTCL_OK);
  motcl_free(line);
  for (size_t i = 0; i < k; i++) {
    motcl_part p = {
        .kind = MOTCL_PART_PICTURE, .data = answer[i].file, .size = answer[i].bytes, .name = ""};
    if (answer[i].kind == MOTCL_OUTPUT_PICTURE)
      assert_int_equal(motcl_recipe_picture(recipe, &p, NULL), MOTCL_OK);
  }
  assert_int_equal(motcl_recipe_missing(recipe), 0);
  job.request = *motcl_recipe_request(recipe);
  assert_int_equal(run(&job, NULL, &r), MOTCL_OK);
  if (r.code != MOTCL_OK)
    fail_msg("output %zu: %s", k, r.sentence);
  same_pixels(only(&r), &answer[k]);
  motcl_result_finish(&r);
  motcl_recipe_close(recipe);
}

static void each_picture_says_how_it_was_made(void **state) {
  (void)state;
  motcl_job job = small(MOTCL_OUTPUT_TEXT);
  job.request.output = mixed;
  job.request.outputs = MIXED;
  for (int think = 0; think < 2; think++) {
    motcl_result r = {0};
    job.request.settings.think = think;
    assert_int_equal(run(&job, NULL, &r), MOTCL_OK);
    if (r.answers != MIXED || !r.answer) {
      fail_msg("%zu answers: %s", r.answers, r.sentence ? r.sentence : "");
      return;
    }
    for (size_t i = 0; i < MIXED; i++)
      if (mixed[i] == MOTCL_OUTPUT_PICTURE)
        draw_again(r.answer, i);
    motcl_result_finish(&r);
  }
}

/* An output with a seed and settings of its own is as it is alone with these, and what is said
 * after it comes after it; each picture's lines draw it again. */
static void items_are_done_in_order(void **state) {
  (void)state;
  motcl_job job = small(MOTCL_OUTPUT_PICTURE), first;
  motcl_settings own = job.request.settings;
  const motcl_part later = {.kind = MOTCL_PART_TEXT, .data = "now a dog", .size = 9};
  const motcl_part system = {.kind = MOTCL_PART_SYSTEM, .data = "be brief", .size = 8};
  const motcl_item item[] = {
      {.kind = MOTCL_ITEM_INPUT, .part = *job.request.part},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_PICTURE},
      {.kind = MOTCL_ITEM_INPUT, .part = system},
      {.kind = MOTCL_ITEM_INPUT, .part = later},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_TEXT, .seeded = true, .seed = 99},
      {.kind = MOTCL_ITEM_OUTPUT,
       .output = MOTCL_OUTPUT_PICTURE,
       .settings = &own,
       .seeded = true,
       .seed = 3},
      {.kind = MOTCL_ITEM_OUTPUT, .output = MOTCL_OUTPUT_PICTURE}};
  motcl_result r = {0}, alone = {0};
  own.timesteps = 4;
  own.think = true;
  own.negative = "a cat";
  first = job;
  job.request.item = item;
  job.request.items = sizeof item / sizeof *item;
  assert_int_equal(run(&first, NULL, &alone), MOTCL_OK);
  assert_int_equal(run(&job, NULL, &r), MOTCL_OK);
  if (r.code != MOTCL_OK || r.answers != 4 || !r.answer) {
    fail_msg("%zu answers: %s", r.answers, r.sentence ? r.sentence : "");
    return;
  }
  same_pixels(only(&alone), &r.answer[0]);
  assert_int_equal(r.answer[1].kind, MOTCL_OUTPUT_TEXT);
  assert_non_null(r.answer[2].thought);
  assert_null(r.answer[3].thought);
  for (size_t i = 0; i < 4; i++)
    if (i != 1)
      draw_again(r.answer, i);
  motcl_result_finish(&alone);
  motcl_result_finish(&r);
}

/* What was whole is in the result. */
static void what_was_made_is_not_lost(void **state) {
  (void)state;
  static heard h;
  motcl_job job = small(MOTCL_OUTPUT_TEXT);
  motcl_result r = {0};
  h.cancel_at = MOTCL_JOB_PICTURE;
  h.cancel_output = 1;
  job.request.output = mixed;
  job.request.outputs = MIXED;
  assert_int_equal(run(&job, &h, &r), MOTCL_OK);
  assert_int_equal(r.code, MOTCL_ECANCELLED);
  if (r.answers != 2 || !r.answer) {
    fail_msg("%zu answers", r.answers);
    return;
  }
  assert_int_equal(r.answer[0].kind, MOTCL_OUTPUT_TEXT);
  assert_int_equal(r.answer[1].kind, MOTCL_OUTPUT_PICTURE);
  assert_int_equal(r.answer[1].bytes, h.bytes);
  assert_int_equal(h.last, MOTCL_JOB_CANCELLED);
  motcl_result_finish(&r);
}

static void a_failure_is_a_result(void **state) {
  (void)state;
  static heard h;
  motcl_job job = small(MOTCL_OUTPUT_PICTURE);
  motcl_result r = {0};
  job.request.settings.width = 17;
  assert_int_equal(run(&job, &h, &r), MOTCL_OK);
  assert_int_equal(r.code, MOTCL_EINVAL);
  assert_true(r.sentence && strstr(r.sentence, "multiples of"));
  assert_int_equal(r.answers, 0);
  assert_null(r.fingerprint);
  assert_int_equal(h.kinds[MOTCL_JOB_STARTED], 1);
  assert_int_equal(h.last, MOTCL_JOB_FAILED);
  assert_int_equal(h.code, MOTCL_EINVAL);
  motcl_result_finish(&r);

  memset(&h, 0, sizeof h);
  job.request.settings.timesteps = 1;
  assert_int_equal(run(&job, &h, &r), MOTCL_OK);
  assert_int_equal(r.code, MOTCL_EINVAL);
  assert_int_equal(h.count, 1);
  assert_int_equal(h.last, MOTCL_JOB_FAILED);
  motcl_result_finish(&r);
}

static void a_job_can_be_cancelled(void **state) {
  (void)state;
  static heard h;
  static const motcl_job_event_kind when[] = {MOTCL_JOB_ACCEPTED, MOTCL_JOB_STEP};
  motcl_job job = small(MOTCL_OUTPUT_PICTURE);
  for (size_t i = 0; i < 2; i++) {
    motcl_result r = {0};
    memset(&h, 0, sizeof h);
    h.cancel_at = when[i];
    assert_int_equal(run(&job, &h, &r), MOTCL_OK);
    assert_int_equal(r.code, MOTCL_ECANCELLED);
    assert_int_equal(r.answers, 0);
    assert_int_equal(h.last, MOTCL_JOB_CANCELLED);
    motcl_result_finish(&r);
  }
  motcl_result r = {0};
  assert_int_equal(run(&job, NULL, &r), MOTCL_OK);
  assert_int_equal(r.code, MOTCL_OK);
  motcl_result_finish(&r);
}

static void bytes_that_are_no_job_are_refused(void **state) {
  (void)state;
  static heard h;
  motcl_err err = {0};
  uint8_t *came = NULL;
  size_t n = 7;
  assert_int_equal(motcl_job_run(worker, (const uint8_t *)"nonsense", 8, hear, &h, &came, &n, &err),
                   MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "motcl.v1.Job"));
  assert_null(came);
  assert_int_equal(n, 7);
  assert_true(h.count == 0);
}

/* A text that asks for no picture is the last of the job, whatever else it wants. */
static void what_is_not_asked_for_is_not_made(void **state) {
  (void)state;
  static const motcl_output output[] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE_IF_ASKED,
                                        MOTCL_OUTPUT_TEXT};
  static heard h;
  for (size_t n = 1; n <= 3; n += 2) {
    motcl_job job = small(MOTCL_OUTPUT_TEXT);
    motcl_result r = {0};
    job.request.output = output;
    job.request.outputs = 3;
    job.request.settings.protocol =
        n == 1 ? "{\"name\": \"a\", \"until_done\": {\"picture\": [\"no such words\"]}}"
               : "{\"name\": \"b\", \"until_done\": {\"end\": [\"no such words\"]}}";
    memset(&h, 0, sizeof h);
    assert_int_equal(run(&job, &h, &r), MOTCL_OK);
    assert_int_equal(r.code, MOTCL_OK);
    assert_int_equal(r.answers, n);
    assert_int_equal(h.kinds[MOTCL_JOB_PICTURE], n == 3);
    assert_int_equal(r.answer[0].kind, MOTCL_OUTPUT_TEXT);
    assert_true(n == 1 || (r.answer[1].kind == MOTCL_OUTPUT_PICTURE && r.answer[1].file));
    motcl_result_finish(&r);
  }
}

static void seeds_differ(void **state) {
  (void)state;
  uint64_t a, b, c;
  assert_int_equal(motcl_seed(&a, NULL), MOTCL_OK);
  assert_int_equal(motcl_seed(&b, NULL), MOTCL_OK);
  assert_int_equal(motcl_seed(&c, NULL), MOTCL_OK);
  assert_true(a <= UINT32_MAX && (a != b || b != c));
}

static int set_up(void **state) {
  motcl_worker_options o = {.model = tmp_name, .device = "ref"};
  if (tmpdir_model(state) != 0 || motcl_open(&library, NULL, NULL) != MOTCL_OK)
    return -1;
  return motcl_worker_open(&worker, library, &o, NULL);
}

static int tear_down(void **state) {
  motcl_worker_close(worker);
  motcl_close(library);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_picture_is_drawn),
      cmocka_unit_test(previews_are_events),
      cmocka_unit_test(a_text_is_written),
      cmocka_unit_test(several_outputs_come_in_order),
      cmocka_unit_test(each_picture_says_how_it_was_made),
      cmocka_unit_test(items_are_done_in_order),
      cmocka_unit_test(what_was_made_is_not_lost),
      cmocka_unit_test(a_failure_is_a_result),
      cmocka_unit_test(a_job_can_be_cancelled),
      cmocka_unit_test(bytes_that_are_no_job_are_refused),
      cmocka_unit_test(seeds_differ),
      cmocka_unit_test(what_is_not_asked_for_is_not_made),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
