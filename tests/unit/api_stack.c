/* api_stack.c - what embedders are told to give a thread that calls the library is enough: on a stack of
 * 256 KiB everything is done that goes deep, by the definitions and by an OpenCL runtime. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "motcl.h"
#include "still.h"
#include "tmpdir.h"

/* Instrumented frames are several times as large. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif
#ifdef SANITIZED
enum { STACK = 16 << 18 };

/* LLVM, in an OpenCL runtime, gives the thread another stack for signals, which the sanitizer would
 * then take for its own. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "use_sigaltstack=0";
}
#else
enum { STACK = 1 << 18 };
#endif

/* Asserts belong to the main thread, so that the other leaves its result here. */
typedef struct hand {
  motcl *library;
  const char *device;
  motcl_part part[2];
  int rc;
  motcl_err err;
} hand;

static uint8_t *png;
static size_t png_bytes;

static void hear(void *user, const motcl_event *e) {
  (void)user;
  (void)e;
}

static const motcl_sink sink = {.event = hear};

/* Its first steps, and the rest from what was saved then. */
static int save_and_resume(hand *h, motcl_worker *w, const motcl_request *r) {
  motcl_task *t = NULL;
  uint8_t *saved = NULL;
  size_t n = 0;
  bool busy = true;
  int rc = motcl_worker_submit(w, r, &sink, &t, &h->err);
  for (int i = 0; i < 3 && rc == MOTCL_OK; i++)
    rc = motcl_worker_step(w, &busy, &h->err);
  if (rc == MOTCL_OK)
    rc = motcl_task_save(t, &saved, &n, &h->err);
  motcl_task_close(t);
  t = NULL;
  if (rc == MOTCL_OK)
    rc = motcl_task_resume(w, saved, n, &sink, &t, &h->err);
  while (rc == MOTCL_OK && busy)
    rc = motcl_worker_step(w, &busy, &h->err);
  if (rc == MOTCL_OK)
    rc = motcl_task_status(t, &h->err);
  motcl_task_close(t);
  motcl_free(saved);
  return rc;
}

static int as_job(hand *h, motcl_worker *w, const motcl_request *r) {
  const motcl_job job = {.request = *r};
  uint8_t *bytes = NULL, *result = NULL;
  size_t n = 0, result_n;
  int rc = motcl_job_pack(&job, &bytes, &n, &h->err);
  if (rc == MOTCL_OK)
    rc = motcl_job_run(w, bytes, n, NULL, NULL, &result, &result_n, &h->err);
  motcl_free(bytes);
  motcl_free(result);
  return rc;
}

static int by_hand(hand *h, motcl_worker *w, const motcl_settings *settings) {
  motcl_session *s = NULL;
  motcl_job job;
  int rc = motcl_session_open(&s, w, settings, 1, &sink, &h->err);
  for (int i = 0; i < 2 && rc == MOTCL_OK; i++)
    rc = motcl_session_add(s, &h->part[i], &h->err);
  if (rc == MOTCL_OK)
    rc = motcl_session_draw(s, &h->err);
  if (rc == MOTCL_OK)
    rc = motcl_session_job(s, &job, &h->err);
  motcl_session_close(s);
  return rc;
}

static int ask_and_draw(hand *h, motcl_worker *w) {
  static const motcl_output output[] = {MOTCL_OUTPUT_TEXT, MOTCL_OUTPUT_PICTURE};
  motcl_request r = motcl_request_default(true);
  r.part = h->part;
  r.parts = 2;
  r.output = output;
  r.outputs = 2;
  r.settings.width = r.settings.height = 32;
  r.settings.timesteps = 4;
  r.settings.think = true;
  r.settings.max_think = r.settings.max_tokens = 4;
  r.settings.temperature = 1;
  r.settings.preview = 1;
  int rc = motcl_worker_run(w, &r, &sink, 1, &h->err);
  if (rc == MOTCL_OK)
    rc = save_and_resume(h, w, &r);
  if (rc == MOTCL_OK)
    rc = as_job(h, w, &r);
  return rc == MOTCL_OK ? by_hand(h, w, &r.settings) : rc;
}

static void *work(void *user) {
  hand *h = user;
  motcl_worker *w = NULL;
  char *json = NULL;
  const motcl_worker_options o = {.model = tmp_name, .device = h->device};
  h->rc = motcl_open(&h->library, NULL, &h->err);
  if (h->rc == MOTCL_OK)
    h->rc = motcl_inspect_check(h->library, tmp_name, NULL, NULL, &json, &h->err);
  if (h->rc == MOTCL_OK)
    h->rc = motcl_worker_open(&w, h->library, &o, &h->err);
  if (h->rc == MOTCL_OK)
    h->rc = ask_and_draw(h, w);
  motcl_worker_close(w);
  motcl_close(h->library);
  motcl_free(json);
  return NULL;
}

static void on_a_small_stack(const char *device) {
  pthread_attr_t attributes;
  pthread_t thread;
  hand h = {.device = device,
            .part = {{.kind = MOTCL_PART_PICTURE, .data = png, .size = png_bytes},
                     {.kind = MOTCL_PART_TEXT, .data = "what is it?", .size = 11}}};
  assert_int_equal(pthread_attr_init(&attributes), 0);
  assert_int_equal(pthread_attr_setstacksize(&attributes, STACK), 0);
  assert_int_equal(pthread_create(&thread, &attributes, work, &h), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  pthread_attr_destroy(&attributes);
  if (h.rc != MOTCL_OK)
    fail_msg("%s", h.err.text);
}

static void by_definitions(void **state) {
  (void)state;
  on_a_small_stack("ref");
}

static void by_the_device_that_is_chosen(void **state) {
  (void)state;
  on_a_small_stack(NULL);
}

static int set_up(void **state) {
  return tmpdir_model(state) != 0 ? -1 : still_png(&png, &png_bytes);
}

static int tear_down(void **state) {
  mcl_free(png);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_definitions),
      cmocka_unit_test(by_the_device_that_is_chosen),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
