/* session_stages.c - tests of host/session/stages.h and the graphs behind it (host/model/vision.h,
 * host/model/vae.h, host/model/latent.h) against goldens of the official code. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "image/patches.h"
#include "model/latent.h"
#include "session/stages.h"
#include "tests/unit/golden.h"
#include "tests/unit/toy_exec.h"

#define DEVICES 3

/* What the contract expects of vision tokens, and of latents and pictures. */
#define NRMS_TOKENS 1e-5
#define NRMS_PICTURE 3e-5

static golden mot;
static const mcl_model *model;
static mcl_weights *ref, *device[DEVICES];
static const char *const spec[DEVICES] = {"ref", "generic@cpu", "cpu@cpu"};

static const mcl_plan_options slow = {.allow_slow = true};

static void close_with_device(mcl_weights *w) {
  mcl_device *dev = mcl_residency_device(mcl_weights_residency(w));
  toy_weights_close(w);
  mcl_device_close(dev);
}

static int open_all(void **state) {
  (void)state;
  mot = golden_model("mot");
  model = mot.model;
  for (size_t i = 0; i < DEVICES; i++)
    device[i] = toy_weights_open(toy_open(spec[i], 0));
  ref = device[0];
  return 0;
}

static int close_all(void **state) {
  (void)state;
  for (size_t i = 0; i < DEVICES; i++)
    close_with_device(device[i]);
  golden_model_close(&mot);
  return 0;
}

static float *floats(size_t n) {
  float *p = mcl_zalloc(n, sizeof *p);
  assert_non_null(p);
  return p;
}

static void near(const float *got, const char *folder, const char *name) {
  npy want = golden_array(folder, name);
  double r = golden_nrms(got, &want), most = want.rank == 4 ? NRMS_PICTURE : NRMS_TOKENS;
  npy_free(&want);
  if (!(r <= most))
    fail_msg("%s/%s is off by nrms %g", folder, name, r);
}

/* [1, channels, h, w] of a golden as [h * w, channels]. */
static float *from_planar(const char *folder, const char *name, uint32_t *h, uint32_t *w) {
  npy a = golden_array(folder, name);
  assert_int_equal(a.rank, 4);
  size_t c = a.dim[1], places = a.dim[2] * a.dim[3];
  float *planar = floats(a.count), *rows = floats(a.count);
  for (size_t i = 0; i < a.count; i++)
    planar[i] = (float)a.at[i];
  mcl_transpose(rows, planar, c, places);
  *h = (uint32_t)a.dim[2];
  *w = (uint32_t)a.dim[3];
  mcl_free(planar);
  npy_free(&a);
  return rows;
}

static void near_planar(const float *rows, size_t places, size_t channels, const char *folder,
                        const char *name) {
  float *planar = floats(places * channels);
  mcl_transpose(planar, rows, places, channels);
  near(planar, folder, name);
  mcl_free(planar);
}

/* The picture of case vae as bytes: at most one place of two hundred may be off, by one. */
static void near_bytes(const float *pixels, uint32_t width, uint32_t height) {
  npy want = golden_array("mot/vae", "image");
  mcl_image im;
  size_t off = 0;
  assert_int_equal(mcl_pixels_from_float(&im, pixels, width, height, NULL), MOTCL_OK);
  assert_int_equal(want.count, (size_t)3 * width * height);
  for (size_t i = 0; i < want.count; i++) {
    assert_true(fabs(im.px[i] - want.at[i]) <= 1);
    off += im.px[i] != want.at[i];
  }
  assert_true(200 * off <= want.count);
  mcl_image_finish(&im);
  npy_free(&want);
}

/* The patches of a golden's resized picture, and how many there are down and across. */
static float *patches(const char *folder, uint32_t *h, uint32_t *w) {
  npy a = golden_array(folder, "vit_resized");
  uint32_t patch = model->config.vision.patch;
  float *out = floats(a.count);
  mcl_image image;
  assert_int_equal(mcl_image_init(&image, (uint32_t)a.dim[1], (uint32_t)a.dim[0], 3, NULL), 0);
  for (size_t i = 0; i < a.count; i++)
    image.px[i] = (uint8_t)a.at[i];
  assert_int_equal(mcl_pixels_to_patches(out, &image, patch, NULL), MOTCL_OK);
  *h = image.height / patch;
  *w = image.width / patch;
  mcl_image_finish(&image);
  npy_free(&a);
  return out;
}

static int see_output(void *user, const char *name, uint32_t rows, uint32_t cols, const float *data,
                      motcl_err *err) {
  (void)err;
  npy want = golden_array("mot/vit", strcmp(name, "tokens") ? name : "vit_tokens_0");
  assert_int_equal(want.count, (size_t)rows * cols);
  npy_free(&want);
  near(data, "mot/vit", strcmp(name, "tokens") ? name : "vit_tokens_0");
  ++*(int *)user;
  return MOTCL_OK;
}

static void vision_on(mcl_weights *dev) {
  uint32_t h, w, rows, cols;
  float *in = patches("mot/vit", &h, &w);
  mcl_stage *s;
  assert_int_equal(mcl_stage_vision(&s, dev, model, h, w, true, &slow, NULL), MOTCL_OK);
  mcl_stage_shape(s, &rows, &cols);
  float *out = floats((size_t)rows * cols);
  assert_int_equal(mcl_stage_run(s, in, out, NULL, NULL, NULL, NULL), MOTCL_OK);
  near(out, "mot/vit", "vit_tokens_0");
  int seen = 0;
  assert_int_equal(mcl_stage_visit(s, see_output, &seen, NULL), MOTCL_OK);
  assert_int_equal(seen, 6); /* embedded, two layers, post_norm, connector, tokens */
  mcl_stage_destroy(s);
  mcl_free(out);
  mcl_free(in);
}

static void vision_equals_the_official_code(void **state) {
  (void)state;
  for (size_t i = 0; i < DEVICES; i++)
    vision_on(device[i]);
}

static void bf16_on(const char *name) {
  golden bf16 = golden_model("bf16");
  mcl_weights *dev = toy_weights_open(toy_open(name, 0));
  uint32_t h, w, rows, cols;
  float *in = patches("mot/vit", &h, &w);
  mcl_stage *s;
  assert_int_equal(mcl_stage_vision(&s, dev, bf16.model, h, w, false, &slow, NULL), MOTCL_OK);
  mcl_stage_shape(s, &rows, &cols);
  float *out = floats((size_t)rows * cols);
  assert_int_equal(mcl_stage_run(s, in, out, NULL, NULL, NULL, NULL), MOTCL_OK);
  near(out, "bf16/vit", "vit_tokens_0");
  mcl_stage_destroy(s);
  mcl_free(out);
  mcl_free(in);
  close_with_device(dev);
  golden_model_close(&bf16);
}

static void convolution_form_of_the_patches_in_bf16(void **state) {
  (void)state;
  for (size_t i = 0; i < DEVICES; i++)
    bf16_on(spec[i]);
}

static void encoder_on(mcl_weights *dev) {
  uint32_t h, w, rows, cols;
  const mcl_vae_config *c = &model->config.vae;
  float *in = from_planar("mot/vae", "x", &h, &w);
  mcl_stage *s;
  assert_int_equal(mcl_stage_encoder(&s, dev, model, h, w, &slow, NULL), MOTCL_OK);
  mcl_stage_shape(s, &rows, &cols);
  assert_int_equal(rows, (h / 8) * (w / 8));
  assert_int_equal(cols, 2 * c->z);
  float *moments = floats((size_t)rows * cols), *latent = floats((size_t)rows * c->z);
  assert_int_equal(mcl_stage_run(s, in, moments, NULL, NULL, NULL, NULL), MOTCL_OK);
  near_planar(moments, rows, cols, "mot/vae", "moments");
  mcl_latent_sample(latent, moments, NULL, rows, c);
  near_planar(latent, rows, c->z, "mot/vae", "encode_mean");
  npy eps = golden_array("mot/vae", "eps");
  float *noise = floats(eps.count);
  for (size_t i = 0; i < eps.count; i++)
    noise[i] = (float)eps.at[i];
  mcl_latent_sample(latent, moments, noise, rows, c);
  near_planar(latent, rows, c->z, "mot/vae", "encode_sampled");
  npy_free(&eps);
  mcl_free(noise);
  mcl_free(latent);
  mcl_free(moments);
  mcl_stage_destroy(s);
  mcl_free(in);
}

static void encoder_equals_the_official_code(void **state) {
  (void)state;
  for (size_t i = 0; i < DEVICES; i++)
    encoder_on(device[i]);
}

static void decoder_on(mcl_weights *dev) {
  uint32_t h, w, rows, cols;
  float *in = from_planar("mot/vae", "z", &h, &w);
  mcl_stage *s;
  mcl_latent_unscale(in, in, (size_t)h * w * model->config.vae.z, &model->config.vae);
  assert_int_equal(mcl_stage_decoder(&s, dev, model, h, w, &slow, NULL), MOTCL_OK);
  mcl_stage_shape(s, &rows, &cols);
  assert_int_equal(rows, 64 * h * w);
  assert_int_equal(cols, 3);
  float *out = floats((size_t)rows * cols);
  assert_int_equal(mcl_stage_run(s, in, out, NULL, NULL, NULL, NULL), MOTCL_OK);
  near_planar(out, rows, cols, "mot/vae", "y");
  near_bytes(out, 8 * w, 8 * h);
  mcl_free(out);
  mcl_stage_destroy(s);
  mcl_free(in);
}

static void decoder_equals_the_official_code(void **state) {
  (void)state;
  for (size_t i = 0; i < DEVICES; i++)
    decoder_on(device[i]);
}

/* The vision encoder's result under other plan options. */
static float *tokens_with(const float *in, uint32_t h, uint32_t w, const mcl_plan_options *o) {
  uint32_t rows, cols;
  mcl_stage *s;
  assert_int_equal(mcl_stage_vision(&s, ref, model, h, w, false, o, NULL), MOTCL_OK);
  mcl_stage_shape(s, &rows, &cols);
  float *out = floats((size_t)rows * cols);
  assert_int_equal(mcl_stage_run(s, in, out, NULL, NULL, NULL, NULL), MOTCL_OK);
  mcl_stage_destroy(s);
  return out;
}

static void chunks_and_fusion_do_not_change_bytes(void **state) {
  (void)state;
  uint32_t h, w;
  float *in = patches("mot/vit", &h, &w);
  size_t bytes = (size_t)h * w * model->config.decoder.hidden * sizeof(float);
  float *plain = tokens_with(in, h, w, &slow);
  for (uint32_t chunk = 1; chunk < 6; chunk += 2) {
    float *other = tokens_with(
        in, h, w, &(mcl_plan_options){.allow_slow = true, .chunk_rows = chunk, .unfused = true});
    assert_memory_equal(plain, other, bytes);
    mcl_free(other);
  }
  mcl_free(plain);
  mcl_free(in);
}

/* A random latent's picture, 64 x 64, on a device with that largest buffer. */
static float *picture_with(const char *name, uint64_t max_buffer, uint32_t band_rows,
                           uint32_t *pieces) {
  const uint32_t side = 8;

  uint32_t rows, cols, z = model->config.vae.z;
  mcl_weights *dev = toy_weights_open(toy_open(name, max_buffer));
  float *in = floats((size_t)side * side * z);
  motcl_err err = {0};
  mcl_stage *s;
  toy_fill(in, (size_t)side * side * z, 1);
  mcl_plan_options o = {.allow_slow = true, .band_rows = band_rows};
  if (mcl_stage_decoder(&s, dev, model, side, side, &o, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  mcl_stage_shape(s, &rows, &cols);
  float *out = floats((size_t)rows * cols);
  assert_int_equal(mcl_stage_run(s, in, out, NULL, NULL, NULL, NULL), MOTCL_OK);
  *pieces = mcl_stage_plan(s)->max_bands;
  mcl_stage_destroy(s);
  mcl_free(in);
  close_with_device(dev);
  return out;
}

/* 64 x 64 pixels of 32 channels take 512 KiB in one piece; the weights come in parts too. */
static void bands_do_not_change_a_picture(void **state) {
  (void)state;
  for (size_t i = 0; i < DEVICES; i++) {
    uint32_t pieces;
    float *whole = picture_with(spec[i], 0, 0, &pieces);
    assert_int_equal(pieces, 1);
    float *bands = picture_with(spec[i], 0, 40, &pieces);
    assert_int_equal(pieces, 2);
    assert_memory_equal(bands, whole, (size_t)64 * 64 * 3 * sizeof *whole);
    mcl_free(bands);
    if (i == 0) {
      bands = picture_with(spec[i], 300000, 0, &pieces);
      assert_int_equal(pieces, 2);
      assert_memory_equal(bands, whole, (size_t)64 * 64 * 3 * sizeof *whole);
      mcl_free(bands);
    }
    mcl_free(whole);
  }
}

/* A second run of a stage gives what the first gave, though its inputs' memory was used again. */
static void a_stage_runs_again(void **state) {
  (void)state;
  uint32_t h, w, rows, cols;
  float *in = from_planar("mot/vae", "x", &h, &w);
  mcl_stage *s;
  assert_int_equal(mcl_stage_encoder(&s, ref, model, h, w, &slow, NULL), MOTCL_OK);
  mcl_stage_shape(s, &rows, &cols);
  float *first = floats((size_t)rows * cols), *second = floats((size_t)rows * cols);
  assert_int_equal(mcl_stage_run(s, in, first, NULL, NULL, NULL, NULL), MOTCL_OK);
  assert_int_equal(mcl_stage_run(s, in, second, NULL, NULL, NULL, NULL), MOTCL_OK);
  assert_memory_equal(first, second, (size_t)rows * cols * sizeof *first);
  mcl_stage_destroy(s);
  mcl_free(second);
  mcl_free(first);
  mcl_free(in);
}

static void sizes_without_places_are_refused(void **state) {
  (void)state;
  static const uint32_t vision[][2] = {{0, 1}, {1, 0}, {71, 1}, {1, 71}, {UINT32_MAX, 1}};
  static const uint32_t encoder[][2] = {{0, 16}, {16, 0}, {7, 16}, {65536, 65536}};
  static const uint32_t decoder[][2] = {{0, 1}, {1, 0}, {UINT32_MAX, 1}, {4096, 4096}};
  mcl_stage *s = NULL;
  motcl_err err;
  for (size_t i = 0; i < sizeof vision / sizeof *vision; i++)
    assert_int_equal(
        mcl_stage_vision(&s, ref, model, vision[i][0], vision[i][1], false, &slow, &err),
        MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "70 by 70"));
  for (size_t i = 0; i < sizeof encoder / sizeof *encoder; i++)
    assert_int_equal(mcl_stage_encoder(&s, ref, model, encoder[i][0], encoder[i][1], &slow, &err),
                     MOTCL_EINVAL);
  for (size_t i = 0; i < sizeof decoder / sizeof *decoder; i++)
    assert_int_equal(mcl_stage_decoder(&s, ref, model, decoder[i][0], decoder[i][1], &slow, &err),
                     MOTCL_EINVAL);
  assert_null(s);
}

static void too_large_is_refused_before_work(void **state) {
  (void)state;
  mcl_stage *s = NULL;
  motcl_err err;
  mcl_plan_options small = {.allow_slow = true, .memory = 1 << 20};
  assert_int_equal(mcl_stage_decoder(&s, ref, model, 64, 64, &small, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "picture decoder needs"));
  assert_int_equal(mcl_stage_decoder(&s, ref, model, 64, 64, NULL, &err), MOTCL_ENODEVICE);
  assert_null(s);
}

static bool always(void *user) {
  ++*(int *)user;
  return true;
}

static void cancel_stops_a_stage(void **state) {
  (void)state;
  uint32_t h, w, rows, cols;
  float *in = from_planar("mot/vae", "x", &h, &w);
  mcl_stage *s;
  int asked = 0;
  assert_int_equal(mcl_stage_encoder(&s, ref, model, h, w, &slow, NULL), MOTCL_OK);
  mcl_stage_shape(s, &rows, &cols);
  float *out = floats((size_t)rows * cols);
  assert_int_equal(mcl_stage_run(s, in, out, NULL, always, &asked, NULL), MOTCL_ECANCELLED);
  assert_int_equal(asked, 1);
  assert_int_equal(mcl_stage_run(s, in, out, NULL, NULL, NULL, NULL), MOTCL_OK);
  near_planar(out, rows, cols, "mot/vae", "moments");
  mcl_stage_destroy(s);
  mcl_free(out);
  mcl_free(in);
}

static void a_model_without_pictures_says_so(void **state) {
  (void)state;
  mcl_model text = {.can_see = false, .can_draw = false};
  mcl_stage *s = NULL;
  motcl_err err;
  assert_int_equal(mcl_stage_vision(&s, ref, &text, 2, 2, false, &slow, &err), MOTCL_EMODEL);
  assert_non_null(strstr(err.text, "vision encoder"));
  assert_int_equal(mcl_stage_encoder(&s, ref, &text, 16, 16, &slow, &err), MOTCL_EMODEL);
  assert_int_equal(mcl_stage_decoder(&s, ref, &text, 2, 2, &slow, &err), MOTCL_EMODEL);
  assert_non_null(strstr(err.text, "autoencoder"));
  assert_null(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vision_equals_the_official_code),
      cmocka_unit_test(convolution_form_of_the_patches_in_bf16),
      cmocka_unit_test(encoder_equals_the_official_code),
      cmocka_unit_test(decoder_equals_the_official_code),
      cmocka_unit_test(chunks_and_fusion_do_not_change_bytes),
      cmocka_unit_test(bands_do_not_change_a_picture),
      cmocka_unit_test(a_stage_runs_again),
      cmocka_unit_test(sizes_without_places_are_refused),
      cmocka_unit_test(too_large_is_refused_before_work),
      cmocka_unit_test(cancel_stops_a_stage),
      cmocka_unit_test(a_model_without_pictures_says_so),
  };
  return cmocka_run_group_tests(tests, open_all, close_all);
}
