/* image_pixels.c - tests of host/image/pixels.h. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/golden/images.h"
#include "tests/unit/image_data.h"

static mcl_image make(uint32_t w, uint32_t h, uint32_t channels, const char *px) {
  mcl_image im;
  assert_int_equal(mcl_image_init(&im, w, h, channels, NULL), MOTCL_OK);
  memcpy(im.px, px, (size_t)w * h * channels);
  return im;
}

static void check(mcl_image *im, uint32_t w, uint32_t h, uint32_t channels, const char *px) {
  assert_int_equal(im->width, w);
  assert_int_equal(im->height, h);
  assert_int_equal(im->channels, channels);
  assert_memory_equal(im->px, px, (size_t)w * h * channels);
  mcl_image_finish(im);
  assert_null(im->px);
  assert_int_equal(im->width, 0);
}

static void impossible_sizes_are_refused(void **state) {
  (void)state;
  mcl_image im = {1, 2, 3, NULL};
  motcl_err err;
  assert_int_equal(mcl_image_init(&im, 0, 4, 3, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_image_init(&im, 4, 0, 3, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_image_init(&im, 4, 4, 0, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_image_init(&im, 4, 4, 5, &err), MOTCL_EINVAL);
  assert_int_equal(mcl_image_init(&im, UINT32_MAX, UINT32_MAX, 4, &err), MOTCL_ENOMEM);
  assert_int_equal(err.code, MOTCL_ENOMEM);
  assert_int_equal(im.height, 2);
  mcl_image_finish(NULL);
}

static void grey_is_repeated(void **state) {
  (void)state;
  mcl_image im = make(2, 1, 1, "ab");
  assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
  check(&im, 2, 1, 3, "aaabbb");
}

static void grey_with_alpha_loses_it(void **state) {
  (void)state;
  mcl_image im = make(1, 2, 2, "a\0b\x7f");
  assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
  check(&im, 1, 2, 3, "aaabbb");
}

static void rgb_stays(void **state) {
  (void)state;
  mcl_image im = make(2, 1, 3, "abcdef");
  uint8_t *px = im.px;
  assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
  assert_ptr_equal(im.px, px);
  check(&im, 2, 1, 3, "abcdef");
}

static void alpha_is_laid_on_white(void **state) {
  (void)state;
  mcl_image im;
  assert_int_equal(mcl_image_init(&im, 256, 256, 4, NULL), MOTCL_OK);
  for (unsigned i = 0; i < 65536; i++) {
    unsigned v = i % 256;
    const uint8_t px[4] = {(uint8_t)v, (uint8_t)(255 - v), (uint8_t)(v ^ 0x55), (uint8_t)(i / 256)};
    memcpy(im.px + (size_t)4 * i, px, 4);
  }
  assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
  assert_int_equal(im.channels, 3);
  assert_true(image_sum(&im) == golden_white);
  assert_memory_equal(im.px, "\xff\xff\xff", 3);
  mcl_image_finish(&im);
}

static void orientations(void **state) {
  (void)state;
  static const struct {
    uint32_t w, h;
    const char *px;
  } upright[] = {
      {3, 2, "aAbBcCdDeEfF"}, {3, 2, "aAbBcCdDeEfF"}, {3, 2, "cCbBaAfFeEdD"},
      {3, 2, "fFeEdDcCbBaA"}, {3, 2, "dDeEfFaAbBcC"}, {2, 3, "aAdDbBeEcCfF"},
      {2, 3, "dDaAeEbBfFcC"}, {2, 3, "fFcCeEbBdDaA"}, {2, 3, "cCfFbBeEaAdD"},
      {3, 2, "aAbBcCdDeEfF"},
  };
  for (unsigned o = 0; o < sizeof upright / sizeof *upright; o++) {
    mcl_image im = make(3, 2, 2, "aAbBcCdDeEfF");
    assert_int_equal(mcl_image_orient(&im, o, NULL), MOTCL_OK);
    check(&im, upright[o].w, upright[o].h, 2, upright[o].px);
  }
}

static void products_of_bytes_are_rounded(void **state) {
  (void)state;
  for (unsigned a = 0; a < 256; a++)
    for (unsigned b = 0; b < 256; b++)
      assert_int_equal(mcl_mul255((uint8_t)a, (uint8_t)b), (2 * a * b + 255) / 510);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(impossible_sizes_are_refused),  cmocka_unit_test(grey_is_repeated),
      cmocka_unit_test(grey_with_alpha_loses_it),      cmocka_unit_test(rgb_stays),
      cmocka_unit_test(alpha_is_laid_on_white),        cmocka_unit_test(orientations),
      cmocka_unit_test(products_of_bytes_are_rounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
