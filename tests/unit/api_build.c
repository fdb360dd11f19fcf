/* api_build.c - kernels built before the work, on a platform that compiles them at their first
 * launch (PoCL) and begins with an empty cache: what sinks hear of it, cancelling it, and that
 * nothing is left to be built when the work begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "motcl.h"
#include "tmpdir.h"

static char model[64], kept[64];

/* What a sink hears; `cancel` at that step of building. `compiled`: kernels in the platform's
 * folder when the work began. */
typedef struct heard {
  motcl_worker *cancel;
  uint32_t at, steps, of, last, work;
  bool late;
  unsigned compiled;
} heard;

/* Kernels that PoCL has compiled, below a folder. */
static unsigned kernels_in(const char *dir) {
  unsigned count = 0;
  DIR *d = opendir(dir);
  if (!d)
    return 0;
  for (struct dirent *e; (e = readdir(d));) {
    char path[1024];
    struct stat st;
    size_t n = strlen(e->d_name);
    snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    if (e->d_name[0] == '.' || lstat(path, &st) != 0)
      continue;
    if (S_ISDIR(st.st_mode))
      count += kernels_in(path);
    else
      count += n > 3 && !strcmp(e->d_name + n - 3, ".so");
  }
  closedir(d);
  return count;
}

static void hear(void *user, const motcl_event *e) {
  heard *h = user;
  if (e->kind != MOTCL_EVENT_STEP)
    return;
  if (e->phase != MOTCL_PHASE_BUILD) {
    if (!h->work++)
      h->compiled = kernels_in(kept);
    return;
  }
  h->late = h->late || h->work;
  assert_true(e->step > h->last && e->step <= e->of && e->output == 0);
  assert_true(!h->of || h->of == e->of);
  h->last = e->step;
  h->of = e->of;
  h->steps++;
  if (h->cancel && e->step >= h->at)
    motcl_worker_cancel(h->cancel);
}

static int run(motcl_worker *w, heard *h, motcl_output output) {
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  const motcl_sink sink = {.user = h, .event = hear};
  motcl_request r = motcl_request_default(false);
  r.part = &part;
  r.parts = 1;
  r.output = &output;
  r.outputs = 1;
  r.settings.timesteps = 3;
  r.settings.max_tokens = 3;
  r.settings.width = r.settings.height = 32;
  return motcl_worker_run(w, &r, &sink, 1, NULL);
}

static void built_before_the_work(void **state) {
  (void)state;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  const motcl_worker_options o = {.model = model};
  assert_int_equal(motcl_open(&m, NULL, NULL), MOTCL_OK);
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_OK);
  if (strstr(motcl_worker_device(w)->platform, "Portable Computing Language")) {
    heard first = {.cancel = w, .at = 3}, second = {0}, third = {0}, text = {0};
    assert_int_equal(run(w, &first, MOTCL_OUTPUT_PICTURE), MOTCL_ECANCELLED);
    assert_int_equal(first.last, 3); /* not one more was built */
    assert_int_equal(first.work, 0);
    assert_int_equal(run(w, &second, MOTCL_OUTPUT_PICTURE), MOTCL_OK);
    assert_int_equal(second.of, first.of - 3);
    assert_int_equal(second.last, second.of);
    assert_true(second.work > 0 && second.compiled > 0 && !second.late);
    assert_int_equal(kernels_in(kept), second.compiled); /* nothing was left for the work */
    assert_int_equal(run(w, &third, MOTCL_OUTPUT_PICTURE), MOTCL_OK);
    assert_int_equal(third.steps, 0);
    assert_int_equal(kernels_in(kept), second.compiled);
    assert_int_equal(run(w, &text, MOTCL_OUTPUT_TEXT), MOTCL_OK);
    assert_int_equal(kernels_in(kept), text.compiled);
  }
  motcl_worker_close(w);
  motcl_close(m);
}

/* `built`: programs that were built, by what the library says of it. */
static void count_built(void *user, motcl_log_level level, const char *text) {
  (void)level;
  *(unsigned *)user += !strncmp(text, "built ", 6);
}

/* Answer once and store what was built for it; returns how many programs that were. */
static unsigned answer_and_store(const char *cache, int expected) {
  unsigned built = 0;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  motcl_err err = {0};
  heard h = {0};
  const motcl_options lo = {.log = count_built, .log_user = &built, .cache_dir = cache};
  const motcl_worker_options o = {.model = model};
  assert_int_equal(motcl_open(&m, &lo, NULL), MOTCL_OK);
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_OK);
  assert_int_equal(run(w, &h, MOTCL_OUTPUT_TEXT), MOTCL_OK);
  assert_int_equal(motcl_worker_store_kernels(w, &err), expected);
  assert_true(expected == MOTCL_OK || strstr(err.text, cache));
  motcl_worker_close(w);
  motcl_close(m);
  return built;
}

static void stored_when_asked(void **state) {
  (void)state;
  char cache[80], file[80];
  snprintf(cache, sizeof cache, "%s/cache", tmp_name);
  snprintf(file, sizeof file, "%s/file", tmp_name);
  FILE *f = fopen(file, "w");
  assert_true(f && fclose(f) == 0);
  assert_true(answer_and_store(NULL, MOTCL_OK) > 0);
  assert_true(answer_and_store(file, MOTCL_EIO) > 0);
  assert_true(answer_and_store(cache, MOTCL_OK) > 0);
  assert_int_equal(answer_and_store(cache, MOTCL_OK), 0);
}

static void the_definition_builds_nothing(void **state) {
  (void)state;
  motcl *m = NULL;
  motcl_worker *w = NULL;
  heard h = {0};
  const motcl_worker_options o = {.model = model, .device = "ref"};
  assert_int_equal(motcl_open(&m, NULL, NULL), MOTCL_OK);
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_OK);
  assert_int_equal(run(w, &h, MOTCL_OUTPUT_TEXT), MOTCL_OK);
  assert_int_equal(h.steps, 0);
  assert_true(h.work > 0);
  assert_int_equal(motcl_worker_store_kernels(w, NULL), MOTCL_OK);
  motcl_worker_close(w);
  motcl_close(m);
}

/* The platform's folder is looked up when the first device is asked for. */
static int set_up(void **state) {
  char command[160];
  if (tmpdir_make(state) != 0)
    return -1;
  snprintf(model, sizeof model, "%s/model", tmp_name);
  snprintf(kept, sizeof kept, "%s/kept", tmp_name);
  snprintf(command, sizeof command, "tests/golden/make_hashed %s >/dev/null", model);
  return mkdir(kept, 0700) == 0 && setenv("POCL_CACHE_DIR", kept, 1) == 0 && system(command) == 0
             ? 0
             : -1;
}

static int tear_down(void **state) {
  char command[64];
  snprintf(command, sizeof command, "rm -rf %s", tmp_name);
  (void)state;
  return system(command);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(built_before_the_work),
                                     cmocka_unit_test(stored_when_asked),
                                     cmocka_unit_test(the_definition_builds_nothing)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
