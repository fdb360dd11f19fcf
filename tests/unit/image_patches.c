/* image_patches.c - tests of host/image/patches.h. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "image/patches.h"
#include "tests/unit/image_data.h"

/* Values of torch: (torch.tensor(x) / 255 - 0.5) / 0.5 in float32. */
static const struct {
  uint8_t byte;
  float value;
} known[] = {
    {0, -1.0f},           {255, 1.0f},         {1, -0x1.fbfbfcp-1f},  {64, -0x1.fdfdfcp-2f},
    {127, -0x1.0101p-8f}, {128, 0x1.0102p-8f}, {254, 0x1.fbfbfcp-1f},
};

static mcl_image noise_image(uint32_t w, uint32_t h) {
  mcl_image im;
  assert_int_equal(mcl_image_init(&im, w, h, 3, NULL), MOTCL_OK);
  fill_noise(im.px, (size_t)w * h * 3, 3);
  return im;
}

static void values_as_torch(void **state) {
  (void)state;
  mcl_image im;
  float f[3];
  assert_int_equal(mcl_image_init(&im, 1, 1, 3, NULL), MOTCL_OK);
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    memset(im.px, known[i].byte, 3);
    assert_int_equal(mcl_pixels_to_float(f, &im, NULL), MOTCL_OK);
    for (int c = 0; c < 3; c++)
      if (f[c] != known[i].value)
        fail_msg("%u gives %a, not %a", known[i].byte, (double)f[c], (double)known[i].value);
  }
  mcl_image_finish(&im);
}

static void floats_keep_the_order(void **state) {
  (void)state;
  mcl_image im = noise_image(5, 4);
  float f[5 * 4 * 3];
  assert_int_equal(mcl_pixels_to_float(f, &im, NULL), MOTCL_OK);
  for (size_t i = 0; i < 60; i++)
    assert_true(fabs((double)f[i] - (im.px[i] / 127.5 - 1)) < 2e-7);
  mcl_image_finish(&im);
}

static void patches_by_row_column_channel(void **state) {
  (void)state;
  enum { W = 12, H = 6, P = 3 };
  mcl_image im = noise_image(W, H);
  float f[W * H * 3], patch[W * H * 3];
  assert_int_equal(mcl_pixels_to_float(f, &im, NULL), MOTCL_OK);
  assert_int_equal(mcl_pixels_to_patches(patch, &im, P, NULL), MOTCL_OK);
  for (size_t y = 0; y < H; y++)
    for (size_t x = 0; x < W; x++)
      for (size_t c = 0; c < 3; c++) {
        size_t which = y / P * (W / P) + x / P, place = (y % P * P + x % P) * 3 + c;
        assert_true(patch[which * P * P * 3 + place] == f[(y * W + x) * 3 + c]);
      }
  mcl_image_finish(&im);
}

static void ragged_pictures_are_refused(void **state) {
  (void)state;
  mcl_image im = noise_image(12, 6);
  float f[12 * 6 * 3];
  f[0] = 7;
  assert_int_equal(mcl_pixels_to_patches(f, &im, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_pixels_to_patches(f, &im, 4, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_pixels_to_patches(f, &im, 5, NULL), MOTCL_EINVAL);
  im.channels = 1;
  assert_int_equal(mcl_pixels_to_patches(f, &im, 3, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_pixels_to_float(f, &im, NULL), MOTCL_EINVAL);
  assert_true(f[0] == 7);
  mcl_image_finish(&im);
}

static void floats_to_bytes(void **state) {
  (void)state;
  static const struct {
    float y;
    uint8_t byte;
  } pair[] = {
      {-1.0f, 0},      {1.0f, 255},          {-7.0f, 0},          {7.0f, 255},    {0.0f, 127},
      {NAN, 0},        {INFINITY, 255},      {-INFINITY, 0},      {0.9999f, 254}, {-0.9999f, 0},
      {0.00393f, 128}, {-0x1.0102p-8f, 126}, {0x1.0102p-8f, 128}, {-0.0f, 127},   {0.992f, 253},
  };
  float y[15];
  for (size_t i = 0; i < 15; i++)
    y[i] = pair[i].y;
  mcl_image im;
  assert_int_equal(mcl_pixels_from_float(&im, y, 5, 1, NULL), MOTCL_OK);
  assert_int_equal(im.channels, 3);
  for (size_t i = 0; i < 15; i++)
    if (im.px[i] != pair[i].byte)
      fail_msg("%g gives %u, not %u", (double)pair[i].y, im.px[i], pair[i].byte);
  mcl_image_finish(&im);
  assert_int_equal(mcl_pixels_from_float(&im, y, 0, 1, NULL), MOTCL_EINVAL);
}

static void latent_tokens(void **state) {
  (void)state;
  enum { H = 4, W = 6, Z = 5, P = 2 };
  float latent[H * W * Z], token[H * W * Z], back[H * W * Z];
  for (size_t i = 0; i < H * W * Z; i++)
    latent[i] = (float)i;
  assert_int_equal(mcl_latent_to_tokens(token, latent, H, W, Z, P, NULL), MOTCL_OK);
  for (size_t y = 0; y < H; y++)
    for (size_t x = 0; x < W; x++)
      for (size_t c = 0; c < Z; c++) {
        size_t which = y / P * (W / P) + x / P, place = (y % P * P + x % P) * Z + c;
        assert_true(token[which * P * P * Z + place] == latent[(y * W + x) * Z + c]);
      }
  assert_int_equal(mcl_latent_from_tokens(back, token, H, W, Z, P, NULL), MOTCL_OK);
  assert_memory_equal(back, latent, sizeof latent);
  assert_int_equal(mcl_latent_to_tokens(token, latent, 3, W, Z, P, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_latent_from_tokens(back, token, H, 5, Z, P, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_latent_from_tokens(back, token, H, W, Z, 0, NULL), MOTCL_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_as_torch),
      cmocka_unit_test(floats_keep_the_order),
      cmocka_unit_test(patches_by_row_column_channel),
      cmocka_unit_test(ragged_pictures_are_refused),
      cmocka_unit_test(floats_to_bytes),
      cmocka_unit_test(latent_tokens),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
