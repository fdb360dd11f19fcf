/* job_estimate.c - the runs that are counted before requests are done are those that then happen,
 * and their work is about what was said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "job/state.h"
#include "still.h"
#include "tmpdir.h"

static mcl_device_list devices;
static uint8_t *png;
static size_t png_bytes;

static mcl_worker *open_worker(void) {
  mcl_worker *w = NULL;
  motcl_err err = {0};
  mcl_worker_options o = {.model = tmp_name, .devices = &devices, .device = "ref"};
  if (mcl_worker_open(&w, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static int keep(void *user, const mcl_worker_plan *plan, size_t n, const motcl_estimate *estimate,
                motcl_err *err) {
  (void)plan;
  (void)n;
  (void)err;
  *(motcl_estimate *)user = *estimate;
  return MOTCL_OK;
}

/* Runs and FLOPs of everything that was metered; those with few rows are metered in bytes. */
typedef struct done {
  uint64_t runs;
  double bytes, flops;
} done;

static done metered(const mcl_worker *w) {
  done d = {0};
  for (size_t i = 0; i < w->throughput.count; i++) {
    const mcl_throughput_sum *k = w->throughput.row[i].kind;
    d.runs += k[0].runs + k[1].runs;
    d.bytes += k[0].work;
    d.flops += k[1].work;
  }
  return d;
}

/* Do what a request wants on a worker of its own, and hold the estimate against it. `ends`: texts
 * may end sooner, so that there are fewer runs. */
static void check(const motcl_request *r, bool ends) {
  motcl_err err = {0};
  motcl_estimate estimate;
  mcl_worker *w = open_worker();
  if (mcl_worker_dry_run(w, r, 1, keep, &estimate, &err) != MOTCL_OK ||
      mcl_worker_run(w, r, NULL, 1, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  done d = metered(w);
  assert_true(d.runs > 0);
  if (d.runs > estimate.all.runs || (!ends && d.runs != estimate.all.runs))
    fail_msg("%llu runs are done, %llu were counted", (unsigned long long)d.runs,
             (unsigned long long)estimate.all.runs);
  if (d.flops > estimate.all.flops || d.bytes > estimate.all.bytes)
    fail_msg("%g FLOPs or %g bytes are done, %g and %g were counted", d.flops, d.bytes,
             estimate.all.flops, estimate.all.bytes);
  if (!ends && d.flops < 0.5 * estimate.all.flops)
    fail_msg("%g FLOPs are done and %g were counted", d.flops, estimate.all.flops);
  mcl_worker_close(w);
}

static motcl_part text_part(const char *s) {
  return (motcl_part){.kind = MOTCL_PART_TEXT, .data = s, .size = strlen(s)};
}

static motcl_request request_for(const motcl_part *part, size_t parts, const motcl_output *output,
                                 size_t outputs) {
  motcl_request r = motcl_request_default(parts > 1);
  r.part = part;
  r.parts = parts;
  r.output = output;
  r.outputs = outputs;
  r.settings.timesteps = 5;
  r.settings.max_tokens = 5;
  r.settings.max_think = 4;
  r.settings.width = 96;
  r.settings.height = 64;
  return r;
}

static const motcl_output picture = MOTCL_OUTPUT_PICTURE, text = MOTCL_OUTPUT_TEXT;

static void drawing(void **state) {
  (void)state;
  const motcl_part part = text_part("a red square on a wall");
  motcl_request r = request_for(&part, 1, &picture, 1);
  check(&r, false);
  r.settings.guidance.image_scale = 2;
  check(&r, false);
  r.settings.guidance.text_scale = 1;
  check(&r, false);
  r.settings.negative = "fog";
  r.settings.guidance.text_scale = 4;
  r.settings.pass_rows = 3;
  check(&r, false);
  r.settings.think = true;
  check(&r, true);
}

static void editing(void **state) {
  (void)state;
  const motcl_part part[] = {{.kind = MOTCL_PART_PICTURE, .data = png, .size = png_bytes},
                             text_part("make it blue"),
                             {.kind = MOTCL_PART_PICTURE, .data = png, .size = png_bytes},
                             text_part("and this one green")};
  motcl_request r = request_for(part, 2, &picture, 1);
  check(&r, false);
  r.parts = 4;
  check(&r, false);
  r.settings.pass_rows = 5;
  check(&r, false);
}

static void answering(void **state) {
  (void)state;
  const motcl_part part[] = {{.kind = MOTCL_PART_PICTURE, .data = png, .size = png_bytes},
                             text_part("what is it?")};
  motcl_request r = request_for(part, 2, &text, 1);
  check(&r, true);
  r.settings.think = true;
  check(&r, true);
}

static void several_outputs(void **state) {
  (void)state;
  static const motcl_output all[] = {MOTCL_OUTPUT_PICTURE, MOTCL_OUTPUT_PICTURE, MOTCL_OUTPUT_TEXT};
  const motcl_part part = text_part("a cat");
  motcl_request r = request_for(&part, 1, all, 2);
  check(&r, false);
  r.outputs = 3;
  check(&r, true);
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0 || mcl_devices_init(&devices, NULL) != MOTCL_OK)
    return -1;
  return still_png(&png, &png_bytes);
}

static int tear_down(void **state) {
  mcl_free(png);
  mcl_devices_finish(&devices);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(drawing),
      cmocka_unit_test(editing),
      cmocka_unit_test(answering),
      cmocka_unit_test(several_outputs),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
