/* api_estimate.c - what requests need, asked before they are done: runs as they then happen, times
 * once something was measured, and the same bytes whatever is known of times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "motcl/v1/plan.pb-c.h"
#include "tmpdir.h"

static motcl *library;
static char cache[64];

static motcl_worker *open_worker(uint64_t memory) {
  motcl_worker_options o = {.model = tmp_name, .device = "ref", .memory = memory};
  motcl_worker *w = NULL;
  motcl_err err = {0};
  if (motcl_worker_open(&w, library, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static motcl_request request_for(const motcl_output *output) {
  static const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  motcl_request r = motcl_request_default(false);
  r.part = &part;
  r.parts = 1;
  r.output = output;
  r.outputs = 1;
  r.settings.timesteps = 5;
  r.settings.max_tokens = 9;
  r.settings.max_think = 6;
  r.settings.width = r.settings.height = 64;
  return r;
}

static motcl_estimate estimate_of(motcl_worker *w, const motcl_request *r) {
  motcl_estimate estimate = {0};
  motcl_err err = {0};
  if (motcl_worker_estimate(w, r, 1, &estimate, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return estimate;
}

static void run(motcl_worker *w, const motcl_request *r) {
  motcl_err err = {0};
  if (motcl_worker_run(w, r, NULL, 1, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
}

static const motcl_output picture = MOTCL_OUTPUT_PICTURE, text = MOTCL_OUTPUT_TEXT;

static void sums_up(const motcl_estimate *n) {
  uint64_t runs = 0;
  double flops = 0;
  for (int i = 0; i < MOTCL_PHASE_COUNT; i++) {
    runs += n->phase[i].runs;
    flops += n->phase[i].flops;
    assert_true(!n->phase[i].runs == !(n->phase[i].flops > 0));
  }
  assert_true(runs == n->all.runs && runs > 0);
  assert_true(flops > n->all.flops * 0.999 && flops < n->all.flops * 1.001);
  assert_true(n->memory > 0 && n->all.bytes > 0);
}

static void runs_are_counted(void **state) {
  (void)state;
  motcl_worker *w = open_worker(0);
  motcl_request draw = request_for(&picture), ask = request_for(&text);
  motcl_estimate n = estimate_of(w, &draw);
  sums_up(&n);
  assert_true(n.phase[MOTCL_PHASE_PREFILL].runs == 1);
  assert_true(n.phase[MOTCL_PHASE_DENOISE].runs == 4);
  assert_true(n.phase[MOTCL_PHASE_VAE_DECODE].runs == 1);
  assert_true(n.phase[MOTCL_PHASE_IMAGE_PREFILL].runs == 0 && n.phase[MOTCL_PHASE_THINK].runs == 0);
  double plain = n.phase[MOTCL_PHASE_DENOISE].flops;
  draw.settings.guidance.text_scale = 1;
  n = estimate_of(w, &draw);
  assert_true(n.phase[MOTCL_PHASE_DENOISE].runs == 4);
  assert_true(n.phase[MOTCL_PHASE_DENOISE].flops < 0.8 * plain);
  draw.settings.think = true;
  n = estimate_of(w, &draw);
  sums_up(&n);
  assert_true(n.phase[MOTCL_PHASE_THINK].runs == 6);
  assert_true(n.phase[MOTCL_PHASE_PREFILL].runs == 3);
  n = estimate_of(w, &ask);
  sums_up(&n);
  assert_true(n.phase[MOTCL_PHASE_DECODE].runs == 9);
  assert_true(n.phase[MOTCL_PHASE_DENOISE].runs == 0);
  ask.settings.pass_rows = 2;
  n = estimate_of(w, &ask);
  assert_true(n.phase[MOTCL_PHASE_PREFILL].runs > 1);
  motcl_worker_close(w);
}

/* What is measured is kept for the next worker; a request that nothing like it was done of has no
 * time. */
static void times_are_known_once_measured(void **state) {
  (void)state;
  char file[96];
  snprintf(file, sizeof file, "%s/rates.json", cache);
  (void)unlink(file);
  motcl_worker *w = open_worker(0);
  motcl_request draw = request_for(&picture);
  motcl_estimate n = estimate_of(w, &draw);
  assert_true(n.all.seconds == 0 && n.phase[MOTCL_PHASE_DENOISE].seconds == 0);
  run(w, &draw);
  n = estimate_of(w, &draw);
  assert_true(n.all.seconds > 0 && n.phase[MOTCL_PHASE_DENOISE].seconds > 0);
  double sum = 0;
  for (int i = 0; i < MOTCL_PHASE_COUNT; i++)
    sum += n.phase[i].seconds;
  assert_true(sum > 0.999 * n.all.seconds && sum < 1.001 * n.all.seconds);
  char before[64];
  snprintf(before, sizeof before, "%s", motcl_worker_fingerprint(w));
  motcl_worker_close(w);

  w = open_worker(0);
  n = estimate_of(w, &draw);
  assert_true(n.all.seconds > 0);
  assert_string_equal(motcl_worker_fingerprint(w), ""); /* nothing ran */
  motcl_worker_close(w);
  assert_int_equal(unlink(file), 0);
  w = open_worker(0);
  n = estimate_of(w, &draw);
  assert_true(n.all.seconds == 0);
  run(w, &draw);
  assert_string_equal(motcl_worker_fingerprint(w), before);
  const motcl_request other = request_for(&text);
  (void)estimate_of(w, &other);
  assert_string_equal(motcl_worker_fingerprint(w), before); /* still of the last results */
  motcl_worker_close(w);
}

static void same_work(const motcl_work *a, const Motcl__V1__Work *b) {
  assert_true(a->runs == b->runs && a->flops == b->flops && a->bytes == b->bytes);
  assert_int_equal(b->has_seconds, a->seconds > 0);
}

static void plans_say_the_same(void **state) {
  (void)state;
  motcl_worker *w = open_worker(0);
  motcl_request draw = request_for(&picture);
  motcl_estimate n = estimate_of(w, &draw);
  motcl_err err = {0};
  uint8_t *bytes;
  size_t size, phases = 0;
  if (motcl_worker_plan(w, &draw, 1, &bytes, &size, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  Motcl__V1__Plan *p = motcl__v1__plan__unpack(NULL, size, bytes);
  motcl_free(bytes);
  assert_non_null(p);
  assert_string_equal(p->device->driver, "ref");
  run(w, &draw);
  assert_string_equal(p->fingerprint, motcl_worker_fingerprint(w));
  assert_int_equal(p->n_graph, 2);
  assert_string_equal(p->graph[0]->name, "decoder");
  assert_string_equal(p->graph[1]->name, "autoencoder, decoding");
  for (size_t i = 0; i < p->n_graph; i++) {
    uint64_t steps = 0;
    for (size_t k = 0; k < p->graph[i]->n_row; k++)
      steps += p->graph[i]->row[k]->steps;
    assert_true(steps == p->graph[i]->steps && steps > 10);
  }
  assert_true(p->estimate->memory == n.memory);
  assert_true(p->graph[0]->memory->total + p->graph[1]->memory->total == n.memory);
  same_work(&n.all, p->estimate->all);
  for (int i = 0; i < MOTCL_PHASE_COUNT; i++) {
    if (!n.phase[i].runs)
      continue;
    assert_string_equal(p->estimate->phase[phases]->phase, motcl_phase_name((motcl_phase)i));
    same_work(&n.phase[i], p->estimate->phase[phases++]->work);
  }
  assert_int_equal(phases, p->estimate->n_phase);
  motcl__v1__plan__free_unpacked(p, NULL);
  motcl_worker_close(w);
}

static void what_cannot_be_has_no_need(void **state) {
  (void)state;
  motcl_worker *w = open_worker(1024);
  motcl_request draw = request_for(&picture);
  motcl_estimate estimate, before;
  motcl_err err = {0};
  uint8_t *bytes = NULL;
  size_t n = 7;
  memset(&estimate, 0x5a, sizeof estimate);
  memcpy(&before, &estimate, sizeof estimate);
  assert_int_equal(motcl_worker_estimate(w, &draw, 1, &estimate, &err), MOTCL_EFIT);
  assert_int_equal(motcl_worker_estimate(w, &draw, 0, &estimate, &err), MOTCL_EINVAL);
  assert_int_equal(motcl_worker_plan(w, &draw, 1, &bytes, &n, &err), MOTCL_EFIT);
  assert_int_equal(motcl_worker_plan(w, &draw, 0, &bytes, &n, &err), MOTCL_EINVAL);
  draw.settings.width = 17;
  assert_int_equal(motcl_worker_estimate(w, &draw, 1, &estimate, &err), MOTCL_EINVAL);
  assert_memory_equal(&estimate, &before, sizeof estimate);
  assert_null(bytes);
  assert_int_equal(n, 7);
  motcl_worker_close(w);
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0)
    return -1;
  snprintf(cache, sizeof cache, "%s/cache", tmp_name);
  return motcl_open(&library, &(motcl_options){.cache_dir = cache}, NULL);
}

static int tear_down(void **state) {
  char file[96];
  motcl_close(library);
  snprintf(file, sizeof file, "%s/rates.json", cache);
  unlink(file);
  rmdir(cache);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs_are_counted),
      cmocka_unit_test(plans_say_the_same),
      cmocka_unit_test(times_are_known_once_measured),
      cmocka_unit_test(what_cannot_be_has_no_need),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
