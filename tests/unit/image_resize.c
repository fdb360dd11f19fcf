/* image_resize.c - tests of host/image/resize.h against the official rule and Pillow. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "image/resize.h"
#include "tests/golden/images.h"
#include "tests/unit/image_data.h"

static mcl_resize_rule rule_of(const uint32_t *g) {
  return (mcl_resize_rule){g[0], g[1], g[2], g[3]};
}

static void sizes_as_official(void **state) {
  (void)state;
  for (size_t i = 0; i < GOLDEN_SIZES; i++) {
    const uint32_t *g = golden_size[i];
    for (size_t k = 0; k < GOLDEN_RULES; k++) {
      mcl_resize_rule rule = rule_of(golden_rule[k]);
      uint32_t w, h;
      assert_int_equal(mcl_resize_size(&rule, g[0], g[1], &w, &h, NULL), MOTCL_OK);
      if (w != g[2 + 2 * k] || h != g[3 + 2 * k])
        fail_msg("rule %zu makes %ux%u of %ux%u, not %ux%u", k, w, h, g[0], g[1], g[2 + 2 * k],
                 g[3 + 2 * k]);
    }
  }
}

static void bad_rules_are_refused(void **state) {
  (void)state;
  static const mcl_resize_rule bad[] = {
      {0, 8, 8, 100},     {64, 0, 8, 100},     {64, 8, 0, 100},          {64, 8, 8, 0},
      {65537, 8, 8, 100}, {64, 65537, 8, 100}, {64, 8, UINT32_MAX, 100},
  };
  uint32_t w = 1, h = 2;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(mcl_resize_size(&bad[i], 5, 5, &w, &h, NULL), MOTCL_EINVAL);
  mcl_resize_rule good = rule_of(golden_rule[0]);
  assert_int_equal(mcl_resize_size(&good, 0, 5, &w, &h, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_resize_size(&good, 5, 0, &w, &h, NULL), MOTCL_EINVAL);
  assert_int_equal(w, 1);
  assert_int_equal(h, 2);
}

static void extremes_stay_within_the_rule(void **state) {
  (void)state;
  mcl_resize_rule rule = rule_of(golden_rule[0]);
  static const uint32_t side[] = {1, 2, 65536, 100000000, UINT32_MAX};
  for (size_t i = 0; i < 25; i++) {
    uint32_t w = 0, h = 0;
    assert_int_equal(mcl_resize_size(&rule, side[i / 5], side[i % 5], &w, &h, NULL), MOTCL_OK);
    assert_true(w >= 16 && h >= 16 && w <= 1024 && h <= 1024 && w % 16 == 0 && h % 16 == 0);
  }
}

static void bytes_as_pillow(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof golden_resize / sizeof *golden_resize; i++) {
    const uint32_t *from = golden_resize[i].from, *to = golden_resize[i].to;
    mcl_image in, out;
    assert_int_equal(mcl_image_init(&in, from[0], from[1], golden_resize[i].channels, NULL), 0);
    fill_noise(in.px, (size_t)in.width * in.height * in.channels, (uint32_t)i + 1);
    uint64_t before = image_sum(&in);
    assert_int_equal(mcl_image_resize(&out, &in, to[0], to[1], NULL), MOTCL_OK);
    assert_int_equal(out.width, to[0]);
    assert_int_equal(out.height, to[1]);
    assert_int_equal(out.channels, in.channels);
    assert_true(image_sum(&in) == before);
    if (image_sum(&out) != golden_resize[i].sum)
      fail_msg("%ux%u to %ux%u differs from Pillow", from[0], from[1], to[0], to[1]);
    mcl_image_finish(&in);
    mcl_image_finish(&out);
  }
}

static void flat_pictures_stay_flat(void **state) {
  (void)state;
  static const uint32_t size[][2] = {{1, 1}, {3, 17}, {200, 1}, {31, 40}};
  mcl_image in, out;
  assert_int_equal(mcl_image_init(&in, 31, 17, 4, NULL), MOTCL_OK);
  memset(in.px, 201, 31 * 17 * 4);
  for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
    assert_int_equal(mcl_image_resize(&out, &in, size[i][0], size[i][1], NULL), MOTCL_OK);
    for (size_t k = 0; k < (size_t)4 * size[i][0] * size[i][1]; k++)
      assert_int_equal(out.px[k], 201);
    mcl_image_finish(&out);
  }
  assert_int_equal(mcl_image_resize(&out, &in, 0, 4, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_image_resize(&out, &in, 4, 0, NULL), MOTCL_EINVAL);
  mcl_image_finish(&in);
}

static void fit_is_both(void **state) {
  (void)state;
  mcl_resize_rule rule = rule_of(golden_rule[3]);
  mcl_image im, same;
  assert_int_equal(mcl_image_init(&im, 61, 70, 3, NULL), MOTCL_OK);
  fill_noise(im.px, 61 * 70 * 3, 5);
  assert_int_equal(mcl_image_resize(&same, &im, 48, 48, NULL), MOTCL_OK);
  assert_int_equal(mcl_image_fit(&im, &rule, NULL), MOTCL_OK);
  assert_int_equal(im.width, 48);
  assert_int_equal(im.height, 48);
  assert_memory_equal(im.px, same.px, 48 * 48 * 3);
  uint8_t *px = im.px;
  assert_int_equal(mcl_image_fit(&im, &rule, NULL), MOTCL_OK);
  assert_ptr_equal(im.px, px);
  rule.stride = 0;
  assert_int_equal(mcl_image_fit(&im, &rule, NULL), MOTCL_EINVAL);
  assert_ptr_equal(im.px, px);
  mcl_image_finish(&im);
  mcl_image_finish(&same);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sizes_as_official),
      cmocka_unit_test(bad_rules_are_refused),
      cmocka_unit_test(extremes_stay_within_the_rule),
      cmocka_unit_test(bytes_as_pillow),
      cmocka_unit_test(flat_pictures_stay_flat),
      cmocka_unit_test(fit_is_both),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
