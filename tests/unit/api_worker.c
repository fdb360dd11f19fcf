/* api_worker.c - the library from outside, through motcl.h alone: devices, a worker on a miniature,
 * its events, cancelling it from everywhere, whose memory it uses and what it logs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "purse.h"
#include "tmpdir.h"

static purse ours;
static const motcl_allocator scarce = PURSE_ALLOCATOR(ours);

static const char *const word = "a cat";
static const motcl_output picture = MOTCL_OUTPUT_PICTURE, text = MOTCL_OUTPUT_TEXT;

/* What a sink hears. `cancel`: at the first step. */
typedef struct heard {
  motcl_worker *cancel;
  unsigned steps, pictures, texts;
  uint32_t width, height;
} heard;

static void hear(void *user, const motcl_event *e) {
  heard *h = user;
  h->steps += e->kind == MOTCL_EVENT_STEP;
  h->texts += e->kind == MOTCL_EVENT_TEXT;
  if (e->kind == MOTCL_EVENT_PICTURE) {
    h->pictures++;
    h->width = e->width;
    h->height = e->height;
  }
  if (h->cancel)
    motcl_worker_cancel(h->cancel);
}

static motcl_request request_for(const motcl_part *part, const motcl_output *output) {
  motcl_request r = motcl_request_default(false);
  r.part = part;
  r.parts = 1;
  r.output = output;
  r.outputs = 1;
  r.settings.timesteps = 3;
  r.settings.max_tokens = 4;
  r.settings.width = r.settings.height = 32;
  return r;
}

static const motcl_part *say(void) {
  static motcl_part part;
  part = (motcl_part){.kind = MOTCL_PART_TEXT, .data = word, .size = strlen(word)};
  return &part;
}

static motcl *open_library(const motcl_options *o) {
  motcl *m = NULL;
  motcl_err err = {0};
  if (motcl_open(&m, o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return m;
}

static motcl_worker *open_worker(motcl *m, const char *device) {
  motcl_worker *w = NULL;
  motcl_err err = {0};
  motcl_worker_options o = {.model = tmp_name, .device = device};
  if (motcl_worker_open(&w, m, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static void run(motcl_worker *w, const motcl_request *r, heard *h) {
  motcl_err err = {0};
  motcl_sink sink = {.user = h, .event = hear};
  if (motcl_worker_run(w, r, &sink, 1, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static void devices_are_told(void **state) {
  (void)state;
  motcl *m = open_library(NULL);
  const motcl_device *list, *again;
  motcl_driver driver = {0};
  size_t n, chosen = 0, slow = 0, count;
  assert_int_equal(motcl_devices(m, &list, &n, NULL), MOTCL_OK);
  for (size_t i = 0; i < n; i++) {
    chosen += list[i].chosen;
    slow += list[i].slow;
    assert_false(list[i].chosen && list[i].slow);
    assert_true(strlen(list[i].name) > 0);
    assert_string_equal(list[i].slow ? "none" : "cpu", list[i].kind);
  }
  assert_int_equal(chosen, 1);
  assert_int_equal(slow, 1);
  assert_int_equal(motcl_devices(m, &again, &count, NULL), MOTCL_OK);
  assert_ptr_equal(again, list);
  for (count = 0; motcl_driver_at(count, &driver); count++)
    assert_true(driver.contract > 0 && strlen(driver.about) > 0);
  assert_int_equal(count, 3);
  motcl_close(m);
  motcl_close(NULL);
}

static void worker_works(void **state) {
  (void)state;
  motcl *m = open_library(NULL);
  motcl_worker *w = open_worker(m, "ref");
  motcl_request draw = request_for(say(), &picture), ask = request_for(say(), &text);
  heard h = {0};
  assert_string_equal(motcl_worker_device(w)->driver, "ref");
  assert_string_equal(motcl_worker_fingerprint(w), "");
  run(w, &draw, &h);
  assert_int_equal(h.pictures, 1);
  assert_int_equal(h.width, 32);
  assert_true(h.steps >= 2);
  assert_true(strlen(motcl_worker_fingerprint(w)) > 0);
  const char *name = NULL, *digest = NULL, *again;
  assert_int_equal(motcl_worker_model(w, &name, &digest, NULL), MOTCL_OK);
  assert_string_equal(name, tmp_name);
  assert_int_equal(strspn(digest, "0123456789abcdef"), 16);
  assert_int_equal(strlen(digest), 16);
  assert_int_equal(motcl_worker_model(w, &name, &again, NULL), MOTCL_OK);
  assert_ptr_equal(again, digest);
  run(w, &ask, &h);
  assert_true(h.texts > 0);
  assert_int_equal(h.pictures, 1);
  motcl_worker_close(w);
  motcl_close(m);
}

/* The miniature's sides are from 32 to 64, in multiples of 16. */
static void pictures_fit(void **state) {
  (void)state;
  motcl *m = open_library(NULL);
  motcl_worker *w = open_worker(m, "ref");
  motcl_fit fit = {0};
  motcl_err err;
  assert_int_equal(motcl_worker_fit(w, 1000, 700, &fit, &err), MOTCL_OK);
  assert_int_equal(fit.width, 64);
  assert_int_equal(fit.height, 48);
  assert_int_equal(fit.longest, 64);
  assert_int_equal(fit.shortest, 32);
  assert_int_equal(fit.step, 16);
  assert_true(fit.most_pixels >= 64 * 48 && fit.most_pixels < 64 * 64);
  assert_int_equal(motcl_worker_fit(w, 48, 64, &fit, NULL), MOTCL_OK);
  assert_int_equal(fit.width, 48);
  assert_int_equal(fit.height, 64);
  assert_int_equal(motcl_worker_fit(w, 0, 64, &fit, &err), MOTCL_EINVAL);
  assert_int_equal(fit.width, 48);
  motcl_worker_close(w);
  motcl_close(m);
}

static void cancelled(motcl_worker *w, const motcl_request *r, const motcl_sink *sink) {
  motcl_err err = {0};
  assert_int_equal(motcl_worker_run(w, r, sink, 1, &err), MOTCL_ECANCELLED);
  assert_int_equal(err.code, MOTCL_ECANCELLED);
}

static void cancel_is_for_one_call(void **state) {
  (void)state;
  motcl *m = open_library(NULL);
  motcl_worker *w = open_worker(m, "ref");
  motcl_request r = request_for(say(), &picture);
  heard h = {.cancel = w}, quiet = {0};
  motcl_sink sink = {.user = &h, .event = hear};
  cancelled(w, &r, &sink);
  assert_int_equal(h.pictures, 0);
  run(w, &r, &quiet);
  motcl_worker_cancel(w);
  cancelled(w, &r, NULL);
  run(w, &r, &quiet);
  assert_int_equal(quiet.pictures, 2);
  motcl_worker_close(w);
  motcl_close(m);
}

static void memory_is_the_callers(void **state) {
  (void)state;
  purse_fill(&ours, 0, false);
  motcl_options o = {.allocator = &scarce};
  motcl *m = open_library(&o);
  motcl_worker *w = open_worker(m, "ref");
  motcl_request r = request_for(say(), &picture);
  heard h = {0};
  assert_true(ours.alive > 100);
  run(w, &r, &h);
  motcl_worker_close(w);
  assert_true(ours.alive > 0);
  motcl_close(m);
  assert_int_equal(ours.alive, 0);
}

/* A size of 0 is a program that knows of none; a larger one than ours comes from the future. */
static void options_say_their_size(void **state) {
  (void)state;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  motcl_err err;
  motcl_options o = {.size = sizeof o + 1};
  motcl_worker_options wo = {.model = tmp_name, .device = "ref", .size = sizeof wo + 8};
  assert_int_equal(motcl_open(&m, &o, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, motcl_version()));
  o.size = sizeof o;
  assert_int_equal(motcl_open(&m, &o, &err), MOTCL_OK);
  assert_int_equal(motcl_worker_open(&w, m, &wo, &err), MOTCL_EINVAL);
  assert_null(w);
  wo.size = sizeof wo;
  assert_int_equal(motcl_worker_open(&w, m, &wo, &err), MOTCL_OK);
  motcl_worker_close(w);
  motcl_close(m);
}

/* What a later version sets there, this one cannot pass over: it would compute something else. */
static void reserved_is_left_empty(void **state) {
  (void)state;
  const motcl_output output = MOTCL_OUTPUT_TEXT;
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  motcl_request r = motcl_request_default(true);
  motcl_settings settings = r.settings;
  const motcl_item item[] = {{.kind = MOTCL_ITEM_INPUT, .part = part},
                             {.kind = MOTCL_ITEM_OUTPUT, .output = output, .settings = &settings}};
  uint64_t *const places[] = {r.reserved, r.reserved + 3, r.settings.reserved,
                              r.settings.reserved + 1, settings.reserved + 1};
  motcl_err err;
  r.part = &part;
  r.parts = 1;
  r.output = &output;
  r.outputs = 1;
  assert_int_equal(motcl_request_check(&r, &err), MOTCL_OK);
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    r.item = item;
    r.items = i == 4 ? 2 : 0;
    *places[i] = 1;
    assert_int_equal(motcl_request_check(&r, &err), MOTCL_EINVAL);
    assert_non_null(strstr(err.text, motcl_version()));
    *places[i] = 0;
  }
  assert_int_equal(motcl_request_check(&r, &err), MOTCL_OK);
}

/* However soon memory ends, the error says so and nothing is kept. */
static void opening_without_memory(void **state) {
  (void)state;
  motcl_options o = {.allocator = &scarce};
  motcl_worker_options wo = {.model = tmp_name, .device = "ref"};
  int rc = MOTCL_ENOMEM;
  for (size_t bad = 1; rc != MOTCL_OK; bad += 1 + bad / 8) {
    motcl *m = NULL;
    motcl_worker *w = NULL;
    motcl_err err = {0};
    purse_fill(&ours, bad, true);
    rc = motcl_open(&m, &o, &err);
    if (rc == MOTCL_OK)
      rc = motcl_worker_open(&w, m, &wo, &err);
    if (rc != MOTCL_OK) {
      assert_int_equal(rc, MOTCL_ENOMEM);
      assert_int_equal(err.code, MOTCL_ENOMEM);
      assert_null(w);
    }
    motcl_worker_close(w);
    motcl_close(m);
    assert_int_equal(ours.alive, 0);
  }
}

static void log_line(void *user, motcl_log_level level, const char *line) {
  char *all = user;
  size_t n = strlen(all);
  snprintf(all + n, 4096 - n, "%d %s\n", (int)level, line);
}

static void log_tells(void **state) {
  (void)state;
  char lines[4096] = "", nowhere[64];
  snprintf(nowhere, sizeof nowhere, "%s/vocab.json", tmp_name); /* a file, no folder */
  motcl_options o = {.log = log_line, .log_user = lines, .cache_dir = nowhere};
  motcl *m = open_library(&o);
  motcl_worker *w = open_worker(m, NULL);
  motcl_request r = request_for(say(), &text);
  heard h = {0};
  run(w, &r, &h);
  assert_non_null(strstr(lines, "1 on "));
  assert_non_null(strstr(lines, "1 built "));
  const bool keeps =
      strstr(motcl_worker_device(w)->platform, "Portable Computing Language") != NULL;
  assert_null(strstr(lines, "0 built")); /* nothing is kept before the work is done */
  motcl_worker_close(w);
  const char *warning = strstr(lines, "0 built kernels cannot be kept in ");
  if (keeps) {
    assert_null(warning);
  } else {
    assert_non_null(warning);
    assert_null(strstr(warning + 1, "0 built"));
  }
  motcl_close(m);
}

static void note_end(void *user, int status, const motcl_err *why) {
  int *ended = user;
  *ended = status;
  assert_true((status == MOTCL_OK) == (why == NULL));
}

/* What is wrong with one request is its own end only. */
static void a_bad_request_ends_alone(void **state) {
  (void)state;
  motcl *m = open_library(NULL);
  motcl_worker *w = open_worker(m, "ref");
  motcl_request r = request_for(say(), &text), three[3] = {r, r, r};
  int ended[3] = {1, 1, 1};
  motcl_sink sink[3];
  motcl_err err = {0};
  for (size_t i = 0; i < 3; i++)
    sink[i] = (motcl_sink){.user = &ended[i], .end = note_end};
  three[1].parts = 0;
  assert_int_equal(motcl_worker_run(w, three, sink, 3, &err), MOTCL_EINVAL);
  assert_memory_equal(err.text, "request 2 of 3: ", 16);
  assert_int_equal(ended[0], MOTCL_OK);
  assert_int_equal(ended[1], MOTCL_EINVAL);
  assert_int_equal(ended[2], MOTCL_OK);
  motcl_worker_close(w);
  motcl_close(m);
}

static void mistakes_are_told(void **state) {
  (void)state;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  motcl_err err = {0};
  motcl_allocator half = {NULL, purse_alloc, NULL, purse_release};
  motcl_options bad = {.allocator = &half};
  motcl_request r = request_for(say(), &text);
  assert_int_equal(motcl_open(&m, &bad, &err), MOTCL_EINVAL);
  assert_null(m);
  m = open_library(NULL);
  assert_int_equal(motcl_worker_open(&w, m, NULL, &err), MOTCL_EINVAL);
  motcl_worker_options o = {.model = ""};
  assert_int_equal(motcl_worker_open(&w, m, &o, &err), MOTCL_EINVAL);
  o.model = "there/is/no/such/folder";
  assert_true(motcl_worker_open(&w, m, &o, &err) < 0);
  o = (motcl_worker_options){.model = tmp_name, .device = "no such device"};
  assert_int_equal(motcl_worker_open(&w, m, &o, &err), MOTCL_ENODEVICE);
  assert_null(w);
  w = open_worker(m, "ref");
  assert_int_equal(motcl_worker_run(w, &r, NULL, 0, &err), MOTCL_EINVAL);
  motcl_request three[3] = {r, r, r};
  motcl_estimate estimate;
  three[1].parts = 0;
  assert_int_equal(motcl_worker_run(w, three, NULL, 3, &err), MOTCL_EINVAL);
  assert_memory_equal(err.text, "request 2 of 3: ", 16);
  assert_int_equal(motcl_worker_estimate(w, three, 3, &estimate, &err), MOTCL_EINVAL);
  assert_memory_equal(err.text, "request 2 of 3: ", 16);
  assert_int_equal(motcl_worker_run(w, &three[1], NULL, 1, &err), MOTCL_EINVAL);
  assert_null(strstr(err.text, "request 1"));
  motcl_worker_close(w);
  motcl_worker_close(NULL);
  motcl_close(m);
}

static void programs_fail_like_the_library(void **state) {
  (void)state;
  motcl_err err;
  assert_int_equal(motcl_fail(&err, MOTCL_EIO, "a %s\033[1m", "word"), MOTCL_EIO);
  assert_int_equal(err.code, MOTCL_EIO);
  assert_int_equal(err.cl, 0);
  assert_string_equal(err.where, "");
  assert_string_equal(err.text, "a word?[1m");
  assert_int_equal(motcl_fail(NULL, MOTCL_EFIT, "unheard"), MOTCL_EFIT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(devices_are_told),
      cmocka_unit_test(worker_works),
      cmocka_unit_test(pictures_fit),
      cmocka_unit_test(cancel_is_for_one_call),
      cmocka_unit_test(memory_is_the_callers),
      cmocka_unit_test(opening_without_memory),
      cmocka_unit_test(options_say_their_size),
      cmocka_unit_test(reserved_is_left_empty),
      cmocka_unit_test(log_tells),
      cmocka_unit_test(a_bad_request_ends_alone),
      cmocka_unit_test(mistakes_are_told),
      cmocka_unit_test(programs_fail_like_the_library),
  };
  return cmocka_run_group_tests(tests, tmpdir_model, tmpdir_drop);
}
