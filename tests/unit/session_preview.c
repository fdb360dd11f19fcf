/* session_preview.c - tests of previews: the map, fitting it to an autoencoder, keeping the fit,
 * and that nothing of a picture depends on whether it was previewed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "job/worker.h"
#include "session/preview.h"
#include "toy_exec.h"
#include "tmpdir.h"

static char kept[64]; /* a cache folder */
static mcl_device_list devices;

/* ---- the map ---- */

static void a_map_by_hand(void **state) {
  (void)state;
  float coef[3 * 12] = {0};
  mcl_latent_to_rgb g = {.z = 2, .side = 2, .coef = coef};
  assert_int_equal(mcl_latent_to_rgb_numbers(&g), 36);
  coef[0] = 1;         /* channel 0 is the red of the first pixel */
  coef[12 + 11] = -1;  /* channel 1 takes from the blue of the last */
  coef[24 + 4] = 0.5f; /* and the second one's green is always half way up */
  const float latent[2 * 2] = {1, 0, -0.5f, 9};
  uint8_t rgb[2 * 4 * 3];
  mcl_latent_to_rgb_image(&g, latent, 1, 2, rgb);
  static const uint8_t want[2 * 4 * 3] = {255, 128, 128, 128, 191, 128, 64,  128,
                                          128, 128, 191, 128, 128, 128, 128, 128,
                                          128, 128, 128, 128, 128, 128, 128, 0};
  assert_memory_equal(rgb, want, sizeof want);
}

static void what_is_no_number_is_black(void **state) {
  (void)state;
  float coef[2 * 3] = {1, 1, 1, 0, 0, 0};
  mcl_latent_to_rgb g = {.z = 1, .side = 1, .coef = coef};
  const float latent[3] = {0.0f / 0.0f, 1e30f, -1e30f};
  uint8_t rgb[9];
  mcl_latent_to_rgb_image(&g, latent, 1, 3, rgb);
  static const uint8_t want[9] = {0, 0, 0, 255, 255, 255, 0, 0, 0};
  assert_memory_equal(rgb, want, sizeof want);
}

static void means_of_blocks(void **state) {
  (void)state;
  enum { CELL = 4, WIDTH = 2 };
  float pixels[CELL * WIDTH * CELL * 3], colours[12];
  for (int p = 0; p < CELL * WIDTH * CELL; p++)
    for (int c = 0; c < 3; c++) {
      int column = p % (WIDTH * CELL), row = p / (WIDTH * CELL);
      pixels[p * 3 + c] = (float)(column + 100 * row + 1000 * c);
    }
  mcl_latent_to_rgb_means(colours, pixels, WIDTH, CELL, 2, 0, 1);
  static const float corner[4] = {54.5f, 56.5f, 254.5f, 256.5f};
  for (int i = 0; i < 12; i++)
    assert_true(colours[i] == corner[i / 3] + 1000 * (float)(i % 3));
}

static void subjects_are_the_same_everywhere(void **state) {
  (void)state;
  enum { SIZE = 32 };
  static float a[SIZE * SIZE * 3], b[SIZE * SIZE * 3];
  double sum = 0, square = 0;
  mcl_latent_to_rgb_subject(a, SIZE, 3);
  mcl_latent_to_rgb_subject(b, SIZE, 3);
  assert_memory_equal(a, b, sizeof a);
  mcl_latent_to_rgb_subject(b, SIZE, 4);
  assert_memory_not_equal(a, b, sizeof a);
  for (size_t i = 0; i < sizeof a / sizeof *a; i++) {
    assert_true(a[i] >= -1 && a[i] <= 1);
    sum += (double)a[i];
    square += (double)(a[i] * a[i]);
  }
  assert_true(square / (SIZE * SIZE * 3) > 0.05);
  assert_true(sum < SIZE * SIZE && sum > -SIZE * SIZE);
}

/* ---- the fit ---- */

static mcl_model *open_model(void) {
  mcl_model *m = NULL;
  assert_int_equal(mcl_model_open(&m, tmp_name, NULL), MOTCL_OK);
  return m;
}

static mcl_device *open_ref(void) {
  const mcl_device_entry *entry;
  mcl_device *dev = NULL;
  assert_int_equal(mcl_devices_pick(&devices, "ref", &entry, NULL), MOTCL_OK);
  assert_int_equal(mcl_device_open(&dev, entry, &(mcl_device_options){0}, NULL), MOTCL_OK);
  return dev;
}

/* Stages of a model on plain C. */
static mcl_stages *stages_of(const mcl_model *m) {
  static mcl_stages k;
  k = (mcl_stages){.model = m, .weights = toy_weights_open(open_ref()), .options.allow_slow = true};
  return &k;
}

static void stages_close(mcl_stages *k) {
  mcl_device *dev = mcl_residency_device(mcl_weights_residency(k->weights));
  mcl_stages_finish(k);
  toy_weights_close(k->weights);
  mcl_device_close(dev);
}

static mcl_preview *preview_of(mcl_stages *k, const char *cache) {
  mcl_preview *p = NULL;
  motcl_err err = {0};
  if (mcl_preview_create(&p, k, cache, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return p;
}

static void same_map(const mcl_latent_to_rgb *a, const mcl_latent_to_rgb *b) {
  assert_int_equal(mcl_latent_to_rgb_numbers(a), mcl_latent_to_rgb_numbers(b));
  assert_memory_equal(a->coef, b->coef, mcl_latent_to_rgb_numbers(a) * sizeof(float));
  assert_true(a->truth == b->truth);
}

/* Files in the cache folder, removed if wanted; the last one's path. */
static int entries(char path[400], bool drop) {
  DIR *d = opendir(kept);
  struct dirent *e;
  int n = 0;
  assert_non_null(d);
  while ((e = readdir(d))) {
    if (e->d_name[0] == '.')
      continue;
    snprintf(path, 400, "%s/%s", kept, e->d_name);
    n++;
    if (drop)
      assert_int_equal(remove(path), 0);
  }
  closedir(d);
  return n;
}

static int forget(void **state) {
  char path[400];
  (void)state;
  entries(path, true);
  return 0;
}

static void fitted_and_kept(void **state) {
  (void)state;
  mcl_model *m = open_model();
  mcl_stages *stages = stages_of(m);
  char path[400];
  mcl_preview *first = preview_of(stages, kept);
  assert_false(mcl_preview_ready(first));
  assert_true(mcl_preview_bytes(first) > 0);
  assert_int_equal(mcl_preview_fit(first, NULL, NULL, NULL, NULL), MOTCL_OK);
  assert_true(mcl_preview_ready(first));
  assert_int_equal(mcl_preview_bytes(first), 0);
  /* the miniature was never trained: there is little that is linear in it */
  assert_true(mcl_preview_map(first)->truth > 0.25f);

  mcl_preview *again = preview_of(stages, kept);
  assert_true(mcl_preview_ready(again));
  same_map(mcl_preview_map(first), mcl_preview_map(again));
  mcl_preview_destroy(again);

  assert_int_equal(entries(path, false), 1);
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  fseek(f, -5, SEEK_END);
  fputc(0x55, f);
  fclose(f);
  again = preview_of(stages, kept);
  assert_false(mcl_preview_ready(again));
  mcl_preview_destroy(again);
  again = preview_of(stages, NULL);
  assert_false(mcl_preview_ready(again));
  mcl_preview_destroy(again);
  mcl_preview_destroy(first);
  mcl_preview_destroy(NULL);
  stages_close(stages);
  mcl_model_close(m);
}

static bool stop(void *user) {
  return --*(int *)user < 0;
}

static void cancelled_and_tried_again(void **state) {
  (void)state;
  int steps = 40;
  mcl_model *m = open_model();
  mcl_stages *stages = stages_of(m);
  mcl_preview *p = preview_of(stages, kept);
  assert_int_equal(mcl_preview_fit(p, NULL, stop, &steps, NULL), MOTCL_ECANCELLED);
  assert_false(mcl_preview_ready(p));
  mcl_preview_destroy(p);
  p = preview_of(stages, kept);
  assert_false(mcl_preview_ready(p));
  mcl_preview_destroy(p);
  stages_close(stages);
  mcl_model_close(m);
}

/* ---- drawing ---- */

/* What a drawing gave. */
typedef struct drawn {
  uint8_t *rgb;
  uint32_t width, height, previews, steps_at[16], steps, wide, high;
  bool flat;
} drawn;

static void hear(void *user, const motcl_event *e) {
  drawn *d = user;
  size_t bytes = (size_t)e->width * e->height * 3;
  d->steps += e->kind == MOTCL_EVENT_STEP && e->phase == MOTCL_PHASE_DENOISE;
  if (e->kind == MOTCL_EVENT_PREVIEW) {
    assert_true(d->previews < 16);
    assert_int_equal(e->of, 7);
    assert_int_equal(e->step, d->steps + 1);
    d->steps_at[d->previews++] = e->step;
    d->wide = e->width;
    d->high = e->height;
    d->flat = true;
    for (size_t i = 3; i < bytes; i++)
      d->flat = d->flat && e->rgb[i] == e->rgb[i % 3];
  }
  if (e->kind == MOTCL_EVENT_PICTURE) {
    d->rgb = malloc(bytes);
    assert_non_null(d->rgb);
    memcpy(d->rgb, e->rgb, bytes);
    d->width = e->width;
    d->height = e->height;
  }
}

static mcl_worker *open_worker(const char *device, const char *cache, uint64_t memory) {
  mcl_worker *w = NULL;
  motcl_err err = {0};
  mcl_worker_options o = {.model = tmp_name,
                          .devices = &devices,
                          .device = device,
                          .open = {.cache_dir = cache},
                          .plan = {.memory = memory}};
  if (mcl_worker_open(&w, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  return w;
}

static const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
static const motcl_output output = MOTCL_OUTPUT_PICTURE;

static motcl_request request(uint32_t preview) {
  motcl_request r = motcl_request_default(false);
  r.part = &part;
  r.parts = 1;
  r.output = &output;
  r.outputs = 1;
  r.seed = 5;
  r.settings.timesteps = 8;
  r.settings.width = r.settings.height = 32;
  r.settings.preview = preview;
  return r;
}

static void draw(mcl_worker *w, uint32_t preview, drawn *d) {
  motcl_err err = {0};
  motcl_request r = request(preview);
  motcl_sink sink = {.user = d, .event = hear};
  memset(d, 0, sizeof *d);
  if (mcl_worker_run(w, &r, &sink, 1, NULL, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_non_null(d->rgb);
}

static int count_plans(void *user, const mcl_worker_plan *plan, size_t n,
                       const motcl_estimate *estimate, motcl_err *err) {
  (void)err;
  uint64_t *out = user;
  out[3] = estimate->all.runs;
  out[0] = n;
  out[1] = plan[0].plan->memory.total;
  out[2] = 0;
  for (size_t i = 1; i < n; i++)
    out[2] = plan[i].plan->memory.total > out[2] ? plan[i].plan->memory.total : out[2];
  return MOTCL_OK;
}

static void nothing_depends_on_it(const char *device) {
  char plain_name[64];
  drawn plain, seen;
  mcl_worker *w = open_worker(device, NULL, 0);
  draw(w, 0, &plain);
  snprintf(plain_name, sizeof plain_name, "%s", mcl_worker_fingerprint(w));
  assert_int_equal(plain.previews, 0);
  static const struct {
    uint32_t every, previews, at[6];
  } list[] = {{1, 6, {1, 2, 3, 4, 5, 6}}, {3, 2, {3, 6}}, {7, 0, {0}}, {1000, 0, {0}}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    draw(w, list[i].every, &seen);
    assert_int_equal(seen.previews, list[i].previews);
    for (uint32_t k = 0; k < seen.previews; k++)
      assert_int_equal(seen.steps_at[k], list[i].at[k]);
    if (seen.previews) {
      assert_false(seen.flat);
      assert_true(seen.wide && seen.wide < plain.width);
      assert_int_equal(seen.wide * plain.height, seen.high * plain.width);
    }
    assert_int_equal(seen.width, plain.width);
    assert_int_equal(seen.height, plain.height);
    assert_memory_equal(seen.rgb, plain.rgb, (size_t)3 * plain.width * plain.height);
    assert_string_equal(mcl_worker_fingerprint(w), plain_name);
    free(seen.rgb);
  }
  free(plain.rgb);
  motcl_request r = request(1); /* a worker keeps the fit, also without a folder */
  uint64_t planned[4];
  assert_int_equal(mcl_worker_dry_run(w, &r, 1, count_plans, planned, NULL), MOTCL_OK);
  assert_int_equal(planned[0], 2);
  mcl_worker_close(w);
}

static void nothing_depends_on_it_on_ref(void **state) {
  (void)state;
  nothing_depends_on_it("ref");
}

static void nothing_depends_on_it_on_the_default(void **state) {
  (void)state;
  nothing_depends_on_it(NULL);
}

/* The fit is planned, counts against the budget, and is refused before any work. */
static void it_has_to_fit(void **state) {
  (void)state;
  uint64_t with[4], without[4];
  drawn d = {0};
  motcl_err err = {0};
  motcl_request plain = request(0), preview = request(2);
  motcl_sink sink = {.user = &d, .event = hear};
  mcl_worker *w = open_worker("ref", kept, 0);
  assert_int_equal(mcl_worker_dry_run(w, &plain, 1, count_plans, without, NULL), MOTCL_OK);
  assert_int_equal(mcl_worker_dry_run(w, &preview, 1, count_plans, with, NULL), MOTCL_OK);
  assert_int_equal(with[0], without[0] + 2);
  assert_int_equal(with[3], without[3] + 18);
  mcl_worker_close(w);
  assert_true(with[2] > without[2]);

  w = open_worker("ref", kept, 0);
  assert_int_equal(mcl_worker_dry_run(w, &preview, 1, count_plans, with, NULL), MOTCL_OK);
  mcl_worker_close(w);
  w = open_worker("ref", kept, without[1] + (without[2] + with[2]) / 2);
  assert_int_equal(mcl_worker_run(w, &preview, &sink, 1, NULL, NULL, &err), MOTCL_EFIT);
  assert_int_equal(d.steps, 0);
  assert_int_equal(mcl_worker_run(w, &plain, &sink, 1, NULL, NULL, &err), MOTCL_OK);
  free(d.rgb);
  mcl_worker_close(w);

  w = open_worker("ref", kept, with[1] + with[2]);
  draw(w, 2, &d);
  assert_int_equal(d.previews, 3);
  free(d.rgb);
  mcl_worker_close(w);

  w = open_worker("ref", kept, without[1] + (without[2] + with[2]) / 2);
  draw(w, 2, &d); /* it was kept */
  assert_int_equal(d.previews, 3);
  free(d.rgb);
  assert_int_equal(mcl_worker_dry_run(w, &preview, 1, count_plans, with, NULL), MOTCL_OK);
  assert_int_equal(with[0], without[0]);
  mcl_worker_close(w);
}

static int set_up(void **state) {
  if (tmpdir_model(state) != 0 || mcl_devices_init(&devices, NULL) != MOTCL_OK)
    return -1;
  snprintf(kept, sizeof kept, "%s/cache", tmp_name);
  return 0;
}

static int tear_down(void **state) {
  mcl_devices_finish(&devices);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_map_by_hand),
      cmocka_unit_test(what_is_no_number_is_black),
      cmocka_unit_test(means_of_blocks),
      cmocka_unit_test(subjects_are_the_same_everywhere),
      cmocka_unit_test_teardown(fitted_and_kept, forget),
      cmocka_unit_test(cancelled_and_tried_again),
      cmocka_unit_test(nothing_depends_on_it_on_ref),
      cmocka_unit_test(nothing_depends_on_it_on_the_default),
      cmocka_unit_test_teardown(it_has_to_fit, forget),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
