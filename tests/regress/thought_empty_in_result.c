/* thought_empty_in_result.c - the result of a job that wanted a thought, where the model thought nothing, told of
 * none, as if nobody had asked. With this seed the first token that this model takes is the one that ends. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "motcl.h"
#include "tests/unit/tmpdir.h"

static motcl_worker *open_worker(motcl *m) {
  const motcl_worker_options o = {.model = tmp_name, .device = "ref"};
  motcl_worker *w = NULL;
  assert_int_equal(motcl_worker_open(&w, m, &o, NULL), MOTCL_OK);
  return w;
}

/* What comes of a picture, with a thought before it or without. */
static void draw(motcl_worker *w, motcl_result *result, bool think) {
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "cat", .size = 3};
  const motcl_output output = MOTCL_OUTPUT_PICTURE;
  motcl_job job = {.request = motcl_request_default(false)};
  uint8_t *asked, *came;
  size_t n, m;
  job.request.part = &part;
  job.request.parts = 1;
  job.request.output = &output;
  job.request.outputs = 1;
  job.request.seed = 322;
  job.request.settings.width = job.request.settings.height = 16;
  job.request.settings.timesteps = 2;
  job.request.settings.think = think;
  job.request.settings.max_think = 1;
  job.request.settings.temperature = 1000;
  assert_int_equal(motcl_job_pack(&job, &asked, &n, NULL), MOTCL_OK);
  assert_int_equal(motcl_job_run(w, asked, n, NULL, NULL, &came, &m, NULL), MOTCL_OK);
  assert_int_equal(motcl_result_unpack(result, came, m, NULL), MOTCL_OK);
  assert_int_equal(result->code, MOTCL_OK);
  assert_int_equal(result->answers, 1);
  motcl_free(asked);
  motcl_free(came);
}

static void a_thought_of_nothing(void **state) {
  motcl *m = NULL;
  motcl_result result;
  (void)state;
  assert_int_equal(motcl_open(&m, NULL, NULL), MOTCL_OK);
  motcl_worker *w = open_worker(m);
  draw(w, &result, true);
  assert_non_null(result.answer[0].thought);
  assert_string_equal(result.answer[0].thought, "");
  motcl_result_finish(&result);
  draw(w, &result, false);
  assert_null(result.answer[0].thought);
  motcl_result_finish(&result);
  motcl_worker_close(w);
  motcl_close(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_thought_of_nothing)};
  return cmocka_run_group_tests(tests, tmpdir_model, tmpdir_drop);
}
