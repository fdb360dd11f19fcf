/* api_memory.c - memory that runs out: each allocation of opening a worker on a miniature, of a
 * drawing, an edit and an answer, of writing the picture, of a job's message, of a session and of a
 * plan fails in its turn, first alone and then with all that follow. The call must say so, or do
 * without and give the same; nothing may be lost; and a worker whose request failed must go on
 * working.
 *
 * api_memory [--all] [DEVICE [WHAT]]: every allocation instead of SOME, which are others every day;
 * on that device only, and only of what is named as the output does ("a session"). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "base/mem.h"
#include "io/picture.h"
#include "motcl.h"
#include "purse.h"
#include "tmpdir.h"

#define SOME 15 /* allocations of a sweep that is not of all */

/* ---- memory ---- */

/* What the library takes, and what jansson takes by itself. */
static purse ours, jansson;
static const motcl_allocator scarce = PURSE_ALLOCATOR(ours);

static void *json_get(size_t bytes) {
  return purse_alloc(&jansson, bytes);
}

static void json_give(void *block) {
  if (block)
    purse_release(&jansson, block);
}

/* ---- what is done ---- */

static const char *device;
static char cache[64];
static motcl *library;
static motcl_worker *worker;
static uint8_t *png;
static size_t png_bytes;
static uint8_t *noted; /* a JPEG with lines */
static size_t noted_bytes;
static mcl_image picture;

/* A result: a text, a picture's bytes, a file's. */
typedef struct record {
  uint8_t data[64 * 64 * 3];
  size_t n;
} record;

static void add(record *r, const void *data, size_t n) {
  assert_true(r->n + n <= sizeof r->data);
  if (n)
    memcpy(r->data + r->n, data, n);
  r->n += n;
}

static void hear(void *user, const motcl_event *e) {
  if (e->kind == MOTCL_EVENT_PICTURE)
    add(user, e->rgb, (size_t)e->width * e->height * 3);
  else if (e->kind != MOTCL_EVENT_STEP)
    add(user, e->text, e->size);
}

static int open_worker(record *out, motcl_err *err) {
  const motcl_options lo = {.allocator = &scarce, .cache_dir = cache};
  const motcl_worker_options wo = {.model = tmp_name, .device = device};
  (void)out;
  int rc = motcl_open(&library, &lo, err);
  return rc == MOTCL_OK ? motcl_worker_open(&worker, library, &wo, err) : rc;
}

static void close_worker(void) {
  motcl_worker_close(worker);
  motcl_close(library);
  worker = NULL;
  library = NULL;
}

static motcl_part text_part(const char *s) {
  return (motcl_part){.kind = MOTCL_PART_TEXT, .data = s, .size = strlen(s)};
}

static motcl_request request(const motcl_part *part, size_t parts, const motcl_output *output) {
  bool draw = *output == MOTCL_OUTPUT_PICTURE;
  motcl_request r = motcl_request_default(draw && parts > 1);
  r.part = part;
  r.parts = parts;
  r.output = output;
  r.outputs = 1;
  r.seed = 3;
  r.settings.think = draw && parts == 1;
  r.settings.timesteps = 2;
  r.settings.width = r.settings.height = draw ? 32 : 0;
  r.settings.max_tokens = r.settings.max_think = 3;
  return r;
}

static int work(const motcl_part *part, size_t parts, motcl_output output, record *out,
                motcl_err *err) {
  motcl_request r = request(part, parts, &output);
  motcl_sink sink = {.user = out, .event = hear};
  return motcl_worker_run(worker, &r, &sink, 1, err);
}

static int draw(record *out, motcl_err *err) {
  const motcl_part part = text_part("a red cat");
  return work(&part, 1, MOTCL_OUTPUT_PICTURE, out, err);
}

static motcl_part png_part(void) {
  return (motcl_part){.kind = MOTCL_PART_PICTURE, .data = png, .size = png_bytes};
}

static int edit(record *out, motcl_err *err) {
  const motcl_part part[] = {png_part(), text_part("make it blue")};
  return work(part, 2, MOTCL_OUTPUT_PICTURE, out, err);
}

static int ask(record *out, motcl_err *err) {
  const motcl_part part[] = {png_part(), text_part("what do you see?")};
  return work(part, 2, MOTCL_OUTPUT_TEXT, out, err);
}

static const motcl_line lines[] = {{"prompt", "a red cat"}, {"by", "caf\xc3\xa9"}};

static int write_png(record *out, motcl_err *err) {
  uint8_t *file;
  size_t n;
  int rc = mcl_picture_write_png(&file, &n, &picture, lines, 2, err);
  if (rc != MOTCL_OK)
    return rc;
  add(out, file, n);
  mcl_free(file);
  return rc;
}

static int write_jpeg(record *out, motcl_err *err) {
  uint8_t *file;
  size_t n;
  int rc = mcl_picture_write_jpeg(&file, &n, &picture, 95, lines, 2, err);
  if (rc != MOTCL_OK)
    return rc;
  add(out, file, n);
  mcl_free(file);
  return rc;
}

static int write_webp(record *out, motcl_err *err) {
  uint8_t *file;
  size_t n;
  int rc = mcl_picture_write_webp(&file, &n, &picture, 0, lines, 2, err);
  if (rc != MOTCL_OK)
    return rc;
  add(out, file, n);
  mcl_free(file);
  return rc;
}

/* What a file says of its making, and what is read from that. */
static int repeat(record *out, motcl_err *err) {
  const motcl_part part[] = {png_part(), text_part("make it blue")};
  const motcl_output output = MOTCL_OUTPUT_PICTURE;
  motcl_request r = request(part, 2, &output);
  motcl_line *line = NULL;
  size_t n = 0;
  motcl_recipe *recipe = NULL;
  r.settings.shift = 0.1;
  const motcl_recipe_source of = {.size = sizeof of,
                                  .request = &r,
                                  .width = 32,
                                  .height = 32,
                                  .model = "nano",
                                  .digest = "0123456789abcdef",
                                  .fingerprint = "f00d"};
  int rc = motcl_recipe_write(&line, &n, &of, err);
  if (rc == MOTCL_OK)
    rc = motcl_recipe_read(&recipe, line, n, err);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    add(out, line[i].value, strlen(line[i].value));
  motcl_recipe_close(recipe);
  mcl_free(line);
  return rc;
}

/* The lines of a file of somebody's. */
static int read_lines(record *out, motcl_err *err) {
  motcl_line *line = NULL;
  size_t n = 0;
  int rc = motcl_picture_lines(&line, &n, noted, noted_bytes, err);
  for (size_t i = 0; i < n && rc == MOTCL_OK; i++)
    add(out, line[i].value, strlen(line[i].value));
  mcl_free(line);
  return rc;
}

/* A job's message, and what is read from it as a message. */
static int send_job(record *out, motcl_err *err) {
  const motcl_part part[] = {png_part(), text_part("make it blue")};
  const motcl_output output = MOTCL_OUTPUT_PICTURE;
  const motcl_label label = {"for", "nobody"};
  motcl_job job = {.request = request(part, 2, &output), .label = &label, .labels = 1}, got = {0};
  uint8_t *first = NULL, *second = NULL;
  size_t n, m;
  int rc = motcl_job_pack(&job, &first, &n, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_unpack(&got, first, n, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_pack(&got, &second, &m, err);
  if (rc == MOTCL_OK)
    add(out, second, m);
  mcl_free(first);
  mcl_free(second);
  motcl_job_finish(&got);
  return rc;
}

/* The same run as a message. What came of it is a message too, also if memory was out. */
static int run_job(record *out, motcl_err *err) {
  const motcl_part part = text_part("a red cat");
  const motcl_output output = MOTCL_OUTPUT_TEXT;
  const motcl_job job = {.request = request(&part, 1, &output)};
  motcl_result result = {0};
  uint8_t *bytes = NULL, *answer = NULL;
  size_t n, m;
  int rc = motcl_job_pack(&job, &bytes, &n, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_run(worker, bytes, n, NULL, NULL, &answer, &m, err);
  if (rc == MOTCL_OK)
    rc = motcl_result_unpack(&result, answer, m, err);
  if (rc == MOTCL_OK && result.code != MOTCL_OK)
    rc = motcl_fail(err, result.code, "%s", result.sentence);
  else if (rc == MOTCL_OK)
    add(out, result.answer[0].text, strlen(result.answer[0].text));
  motcl_result_finish(&result);
  motcl_free(bytes);
  motcl_free(answer);
  return rc;
}

/* Step a job, at most so often, as long as it is under way. */
static void step_job(motcl_job_task *t, int steps) {
  bool busy;
  while (steps-- > 0 && motcl_job_status(t, NULL) == 1)
    (void)motcl_worker_step(worker, &busy, NULL);
}

/* A text and a picture, saved on the way and gone on with. */
static int move_job(record *out, motcl_err *err) {
  const motcl_part part = text_part("a red cat");
  const motcl_output output[] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE};
  motcl_job job = {.request = request(&part, 1, output), .id = "moved"};
  motcl_job_task *t = NULL;
  motcl_result result = {0};
  uint8_t *bytes = NULL, *saved = NULL;
  const uint8_t *answer;
  size_t n, m;
  job.request.outputs = 2;
  job.request.settings.width = job.request.settings.height = 32;
  int rc = motcl_job_pack(&job, &bytes, &n, err);
  if (rc == MOTCL_OK)
    rc = motcl_job_submit(worker, bytes, n, NULL, NULL, &t, err);
  if (rc == MOTCL_OK) {
    step_job(t, 6);
    rc = motcl_job_status(t, err);
    rc = rc == 1 ? motcl_job_save(t, &saved, &n, err) : rc;
  }
  motcl_job_close(t);
  t = NULL;
  if (rc == MOTCL_OK)
    rc = motcl_job_resume(worker, saved, n, true, NULL, NULL, &t, err);
  if (rc == MOTCL_OK) {
    step_job(t, 1000);
    rc = motcl_job_status(t, err);
  }
  if (rc == MOTCL_OK)
    rc = motcl_job_result(t, &answer, &m, err);
  if (rc == MOTCL_OK)
    rc = motcl_result_unpack(&result, answer, m, err);
  for (size_t i = 0; i < result.answers; i++)
    if (result.answer[i].text)
      add(out, result.answer[i].text, strlen(result.answer[i].text));
    else
      add(out, result.answer[i].file, result.answer[i].bytes);
  motcl_result_finish(&result);
  motcl_job_close(t);
  motcl_free(bytes);
  motcl_free(saved);
  return rc;
}

/* What an edit would need, and its plan as a message, but for the times, which nothing promises. */
static int foresee(record *out, motcl_err *err) {
  const motcl_part part[] = {png_part(), text_part("make it blue")};
  const motcl_output output = MOTCL_OUTPUT_PICTURE;
  const motcl_request r = request(part, 2, &output);
  motcl_estimate estimate;
  uint8_t *plan = NULL;
  size_t n;
  int rc = motcl_worker_estimate(worker, &r, 1, &estimate, err);
  if (rc == MOTCL_OK)
    rc = motcl_worker_plan(worker, &r, 1, &plan, &n, err);
  if (rc == MOTCL_OK) {
    add(out, &estimate.memory, sizeof estimate.memory);
    add(out, &estimate.all.runs, sizeof estimate.all.runs);
    add(out, &estimate.all.flops, sizeof estimate.all.flops);
  }
  motcl_free(plan);
  return rc;
}

/* A call on a session that fails has said nothing: tried again, it leads to the same. */
#define INSIST(call)                                                                               \
  do {                                                                                             \
    size_t heard = out->n;                                                                         \
    rc = (call);                                                                                   \
    if (rc == MOTCL_ENOMEM) {                                                                      \
      ours.bad = jansson.bad = 0;                                                                  \
      out->n = heard;                                                                              \
      rc = (call);                                                                                 \
    }                                                                                              \
    if (rc != MOTCL_OK)                                                                            \
      goto end;                                                                                    \
  } while (0)

static int converse(record *out, motcl_err *err) {
  const motcl_output output = MOTCL_OUTPUT_PICTURE;
  const motcl_part none = text_part("");
  const motcl_settings settings = request(&none, 2, &output).settings;
  const motcl_sink sink = {.user = out, .event = hear};
  motcl_session *s = NULL, *fork = NULL;
  int rc;
  INSIST(motcl_session_open(&s, worker, &settings, 3, &sink, err));
  INSIST(motcl_session_text(s, "a red cat", 9, err));
  INSIST(motcl_session_draw(s, err));
  INSIST(motcl_session_text(s, "who?", 4, err));
  INSIST(motcl_session_undo(s, err));
  INSIST(motcl_session_fork(&fork, s, &sink, err));
  INSIST(motcl_session_picture(fork, png, png_bytes, NULL, err));
  INSIST(motcl_session_text(fork, "what is it?", 11, err));
  INSIST(motcl_session_write(fork, err));
end:
  motcl_session_close(fork);
  motcl_session_close(s);
  return rc;
}

/* ---- sweeps ---- */

/* Something done: on the worker that is open, or it `opens` one, or on one that is opened for it
 * each time, in spite of all, and has kept nothing yet. OURS is OPENED, but jansson's memory is
 * left alone, as 2.14 reads beyond its buffer where a longer string gets none. */
typedef enum where { OPENED, OURS, OPENS, FRESH } where;

typedef struct act {
  const char *name;
  int (*run)(record *out, motcl_err *err);
  where where;
} act;

static bool all;
static const char *only, *only_act; /* NULL: all */
static size_t wrong;                /* of all failures so far; the first are shown */

static void complain(const act *a, const purse *p, const char *what, const char *more) {
  if (wrong++ < 40)
    print_error("%s on %s, %s allocation %zu%s fails: %s%s\n", a->name, device,
                p == &ours ? "our" : "jansson's", p->bad, p->for_good ? " and all after it" : "",
                what, more);
}

static void open_in_peace(void) {
  const purse was[] = {ours, jansson};
  motcl_err err = {0};
  ours.bad = jansson.bad = 0;
  if (open_worker(NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  ours.bad = was[0].bad;
  jansson.bad = was[1].bad;
  ours.calls = jansson.calls = 0;
}

/* Calls of the public interface use the library's allocator anyway. */
static int attempt(const act *a, record *out, motcl_err *err) {
  if (a->where == FRESH)
    open_in_peace();
  const motcl_allocator *before = mcl_mem_enter(&scarce);
  out->n = 0;
  int rc = a->run(out, err);
  mcl_mem_leave(before);
  if (a->where > OURS)
    close_worker();
  return rc;
}

/* jansson does not always tell missing memory from a text that is wrong, or leaves a letter out. */
static bool is_right(int rc, const purse *p) {
  return rc == MOTCL_ENOMEM ||
         (p == &jansson && (rc == MOTCL_EFORMAT || rc == MOTCL_EMODEL || rc == MOTCL_EINVAL));
}

/* Returns whether the result was there all the same. */
static bool fail_at(const act *a, purse *p, size_t bad, bool for_good, const record *good) {
  static record got;
  motcl_err err = {0};
  char more[sizeof err.text + 64];
  size_t alive = ours.alive + jansson.alive;
  purse_fill(p, bad, for_good);
  int rc = attempt(a, &got, &err);
  snprintf(more, sizeof more, ", in %s: %.1024s", err.where ? err.where : "?", err.text);
  if (rc != MOTCL_OK && !is_right(rc, p))
    complain(a, p, motcl_status_name(rc), more);
  if (ours.alive + jansson.alive != alive)
    complain(a, p, "blocks are lost", "");
  if (rc == MOTCL_OK && (got.n != good->n || memcmp(got.data, good->data, got.n) != 0))
    complain(a, p, "another result", "");
  purse_fill(p, 0, false);
  return rc == MOTCL_OK;
}

/* The first attempt fills what a device keeps. */
static void sweep(const act *a, purse *p, bool for_good) {
  static record good, again;
  motcl_err err = {0};
  size_t without = 0;
  assert_int_equal(attempt(a, &good, &err), MOTCL_OK);
  purse_fill(p, 0, false);
  size_t alive = ours.alive + jansson.alive;
  assert_int_equal(attempt(a, &good, &err), MOTCL_OK);
  assert_int_equal(ours.alive + jansson.alive, alive);
  size_t calls = p->calls, stride = all ? 1 : 1 + calls / SOME;
  size_t first = 1 + (size_t)time(NULL) / 86400 % stride;
  for (size_t bad = first; bad <= calls; bad += stride)
    without += fail_at(a, p, bad, for_good, &good);
  assert_int_equal(attempt(a, &again, &err), MOTCL_OK);
  assert_int_equal(again.n, good.n);
  assert_memory_equal(again.data, good.data, good.n);
  if (calls)
    print_message("%s on %s: %zu allocations%s, every %zu from %zu on, %zu done without\n", a->name,
                  device, calls, p == &ours ? "" : " of jansson's", stride, first, without);
}

static void on(const char *which) {
  static const act list[] = {{"opening", open_worker, OPENS},   {"drawing", draw, OPENED},
                             {"editing", edit, OPENED},         {"asking", ask, OPENED},
                             {"a first drawing", draw, FRESH},  {"a PNG", write_png, OPENED},
                             {"a JPEG", write_jpeg, OPENED},    {"a WebP", write_webp, OPENED},
                             {"a recipe", repeat, OURS},        {"lines", read_lines, OPENED},
                             {"a job", send_job, OPENED},       {"a job's run", run_job, OPENED},
                             {"a moved job", move_job, OPENED}, {"a session", converse, OPENED},
                             {"an estimate", foresee, OPENED}};
  device = which;
  wrong = 0;
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    if (only_act && strcmp(only_act, list[i].name) != 0)
      continue;
    if (list[i].where <= OURS)
      open_in_peace();
    for (int for_good = 0; for_good < 2; for_good++) {
      sweep(&list[i], &ours, for_good);
      if (list[i].where != OURS)
        sweep(&list[i], &jansson, for_good);
    }
    close_worker();
    assert_int_equal(ours.alive + jansson.alive, 0);
  }
  assert_int_equal(wrong, 0);
}

static void runs_out_on_ref(void **state) {
  (void)state;
  if (!only || !strcmp(only, "ref"))
    on("ref");
}

static void runs_out_on_cpu(void **state) {
  (void)state;
  if (!only || strcmp(only, "ref") != 0)
    on(only ? only : "cpu");
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0)
    return -1;
  snprintf(cache, sizeof cache, "%s/kept", tmp_name);
  if (mcl_image_init(&picture, 32, 32, 3, NULL) != MOTCL_OK)
    return -1;
  for (size_t i = 0; i < (size_t)32 * 32 * 3; i++)
    picture.px[i] = (uint8_t)(i * 37 % 251);
  if (mcl_picture_write_jpeg(&noted, &noted_bytes, &picture, 95, lines, 2, NULL) != MOTCL_OK)
    return -1;
  return mcl_picture_write_png(&png, &png_bytes, &picture, NULL, 0, NULL);
}

static int tear_down(void **state) {
  char command[128];
  mcl_free(png);
  mcl_free(noted);
  mcl_image_finish(&picture);
  snprintf(command, sizeof command, "rm -rf %s", cache);
  return system(command) == 0 ? tmpdir_drop(state) : -1;
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_out_on_ref),
      cmocka_unit_test(runs_out_on_cpu),
  };
  json_set_alloc_funcs(json_get, json_give);
  all = argc > 1 && !strcmp(argv[1], "--all");
  only = argc > 1 + all ? argv[1 + all] : NULL;
  only_act = argc > 2 + all ? argv[2 + all] : NULL;
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
