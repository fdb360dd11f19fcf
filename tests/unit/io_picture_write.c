/* io_picture_write.c - tests of writing pictures and what stands beside their pixels. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/picture.h"
#include "tests/unit/image_data.h"

enum { W = 37, H = 21 };

static const motcl_line texts[] = {
    {"prompt", "a caf\xc3\xa9\n\"red\""}, {"seed", "42"}, {"negative", ""}};
enum { TEXTS = 3 };

/* Smooth in both directions, so that JPEG has little to lose. */
static mcl_image slopes(void) {
  mcl_image im;
  assert_int_equal(mcl_image_init(&im, W, H, 3, NULL), MOTCL_OK);
  for (size_t i = 0; i < (size_t)W * H; i++) {
    im.px[3 * i] = (uint8_t)(i % W * 6);
    im.px[3 * i + 1] = (uint8_t)(i / W * 11);
    im.px[3 * i + 2] = 90;
  }
  return im;
}

static bool holds(const uint8_t *file, size_t n, const char *what, size_t length) {
  for (size_t i = 0; i + length <= n; i++)
    if (memcmp(file + i, what, length) == 0)
      return true;
  return false;
}

static void png_gives_the_pixels_back(void **state) {
  (void)state;
  mcl_image im, back;
  assert_int_equal(mcl_image_init(&im, W, H, 3, NULL), MOTCL_OK);
  fill_noise(im.px, (size_t)W * H * 3, 4);
  uint8_t *file, *again;
  size_t n, m;
  assert_int_equal(mcl_picture_write_png(&file, &n, &im, texts, TEXTS, NULL), MOTCL_OK);
  assert_int_equal(mcl_picture_read(&back, file, n, NULL, true, NULL, NULL), MOTCL_OK);
  assert_int_equal(back.width, W);
  assert_int_equal(back.height, H);
  assert_int_equal(back.channels, 3);
  assert_memory_equal(back.px, im.px, (size_t)W * H * 3);

  assert_int_equal(mcl_picture_write_png(&again, &m, &im, texts, TEXTS, NULL), MOTCL_OK);
  assert_int_equal(m, n);
  assert_memory_equal(again, file, n);
  mcl_free(file);
  mcl_free(again);
  mcl_image_finish(&im);
  mcl_image_finish(&back);
}

static void webp_gives_the_pixels_back(void **state) {
  (void)state;
  mcl_image im, back;
  assert_int_equal(mcl_image_init(&im, W, H, 3, NULL), MOTCL_OK);
  fill_noise(im.px, (size_t)W * H * 3, 4);
  for (size_t lines = 0; lines <= TEXTS; lines += TEXTS) {
    uint8_t *file, *again;
    size_t n, m;
    assert_int_equal(mcl_picture_write_webp(&file, &n, &im, 0, texts, lines, NULL), MOTCL_OK);
    assert_int_equal(mcl_picture_write_webp(&again, &m, &im, 0, texts, lines, NULL), MOTCL_OK);
    assert_int_equal(m, n);
    assert_memory_equal(again, file, n);
    assert_int_equal(mcl_picture_read(&back, file, n, NULL, true, NULL, NULL), MOTCL_OK);
    assert_int_equal(back.width, W);
    assert_int_equal(back.height, H);
    assert_int_equal(back.channels, 3);
    assert_memory_equal(back.px, im.px, (size_t)W * H * 3);
    mcl_image_finish(&back);
    mcl_free(file);
    mcl_free(again);
  }
  mcl_image_finish(&im);
}

static void png_metadata(void **state) {
  (void)state;
  static const char seed[] = "tEXtseed\0"
                             "42";
  static const char prompt[] = "iTXtprompt\0\0\0\0\0a caf\xc3\xa9\n\"red\"";
  mcl_image im = slopes();
  uint8_t *file;
  size_t n;
  assert_int_equal(mcl_picture_write_png(&file, &n, &im, texts, TEXTS, NULL), MOTCL_OK);
  assert_true(holds(file, n, seed, sizeof seed - 1));
  assert_true(holds(file, n, prompt, sizeof prompt - 1));
  assert_false(holds(file, n, "negative", 8));
  mcl_free(file);

  assert_int_equal(mcl_picture_write_png(&file, &n, &im, NULL, 0, NULL), MOTCL_OK);
  assert_false(holds(file, n, "tEXt", 4));
  assert_false(holds(file, n, "iTXt", 4));
  mcl_free(file);
  mcl_image_finish(&im);
}

static unsigned worst(const mcl_image *a, const mcl_image *b) {
  assert_int_equal(a->width, b->width);
  assert_int_equal(a->height, b->height);
  assert_int_equal(b->channels, 3);
  unsigned most = 0;
  for (size_t i = 0; i < (size_t)W * H * 3; i++) {
    unsigned d = (unsigned)abs(a->px[i] - b->px[i]);
    most = d > most ? d : most;
  }
  return most;
}

typedef int write_by_quality(uint8_t **out, size_t *n, const mcl_image *rgb, int quality,
                             const motcl_line *texts, size_t n_texts, motcl_err *err);

/* The worst that may be of a quality. */
typedef struct quality_step {
  int quality;
  unsigned worst;
} quality_step;

static void close_by_quality(write_by_quality *write, const quality_step *step, size_t steps) {
  mcl_image im = slopes(), back;
  size_t before = SIZE_MAX;
  for (size_t i = 0; i < steps; i++) {
    uint8_t *file, *again;
    size_t n, m;
    int q = step[i].quality;
    assert_int_equal(write(&file, &n, &im, q, NULL, 0, NULL), MOTCL_OK);
    assert_int_equal(write(&again, &m, &im, q, NULL, 0, NULL), MOTCL_OK);
    assert_int_equal(m, n);
    assert_memory_equal(again, file, n);
    assert_int_equal(mcl_picture_read(&back, file, n, NULL, true, NULL, NULL), MOTCL_OK);
    assert_true(worst(&im, &back) <= step[i].worst);
    assert_true(n < before);
    before = n;
    mcl_image_finish(&back);
    mcl_free(file);
    mcl_free(again);
  }
  mcl_image_finish(&im);
}

static void jpeg_is_close_and_quality_counts(void **state) {
  (void)state;
  static const quality_step steps[] = {{100, 4}, {90, 10}, {75, 24}, {1, 255}};
  close_by_quality(mcl_picture_write_jpeg, steps, 4);
}

/* Its chroma is halved at every quality. */
static void webp_is_close_and_quality_counts(void **state) {
  (void)state;
  static const quality_step steps[] = {{100, 16}, {90, 20}, {75, 30}, {1, 255}};
  close_by_quality(mcl_picture_write_webp, steps, 4);
}

static void commented(write_by_quality *write, bool texts_too) {
  static const char json[] = "{\"prompt\":\"a caf\\u00E9\\n\\\"red\\\"\",\"seed\":\"42\"}";
  mcl_image im = slopes();
  uint8_t *file;
  size_t n;
  assert_int_equal(write(&file, &n, &im, 90, texts, texts_too ? TEXTS : 0, NULL), MOTCL_OK);
  assert_int_equal(holds(file, n, json, sizeof json - 1), texts_too);
  mcl_free(file);
  mcl_image_finish(&im);
}

static void comments_hold_metadata(void **state) {
  (void)state;
  for (int texts_too = 0; texts_too < 2; texts_too++) {
    commented(mcl_picture_write_jpeg, texts_too);
    commented(mcl_picture_write_webp, texts_too);
  }
}

/* More than a segment holds, and more than the first buffer. */
static void long_metadata(void **state) {
  (void)state;
  enum { LONG = 200000 };
  char *value = malloc(LONG + 1);
  assert_non_null(value);
  memset(value, 'x', LONG);
  value[LONG] = '\0';
  const motcl_line text = {"prompt", value};
  mcl_image im = slopes(), back;
  uint8_t *file;
  size_t n;
  for (motcl_format format = 0; format < MOTCL_FORMAT_COUNT; format++) {
    int rc = format == MOTCL_PNG    ? mcl_picture_write_png(&file, &n, &im, &text, 1, NULL)
             : format == MOTCL_JPEG ? mcl_picture_write_jpeg(&file, &n, &im, 100, &text, 1, NULL)
                                    : mcl_picture_write_webp(&file, &n, &im, 0, &text, 1, NULL);
    assert_int_equal(rc, MOTCL_OK);
    assert_true(n > LONG);
    assert_int_equal(mcl_picture_read(&back, file, n, NULL, true, NULL, NULL), MOTCL_OK);
    assert_true(worst(&im, &back) <= 4);
    mcl_image_finish(&back);
    mcl_free(file);
  }
  free(value);
  mcl_image_finish(&im);
}

static void bad_arguments_are_refused(void **state) {
  (void)state;
  static char longest[81];
  memset(longest, 'k', 80);
  const motcl_line bad[] = {{"", "v"},      {" key", "v"},   {"key ", "v"},
                            {"a  b", "v"},  {"k\n", "v"},    {"caf\xc3\xa9", "v"},
                            {longest, "v"}, {"key", "\xff"}, {"key", "\xc3"}};
  mcl_image im = slopes();
  uint8_t *file = NULL;
  size_t n = 5;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(mcl_picture_write_png(&file, &n, &im, &bad[i], 1, NULL), MOTCL_EINVAL);
    assert_int_equal(mcl_picture_write_jpeg(&file, &n, &im, 90, &bad[i], 1, NULL), MOTCL_EINVAL);
    assert_int_equal(mcl_picture_write_webp(&file, &n, &im, 0, &bad[i], 1, NULL), MOTCL_EINVAL);
  }
  assert_int_equal(mcl_picture_write_jpeg(&file, &n, &im, 0, NULL, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_picture_write_jpeg(&file, &n, &im, 101, NULL, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_picture_write_webp(&file, &n, &im, -1, NULL, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_picture_write_webp(&file, &n, &im, 101, NULL, 0, NULL), MOTCL_EINVAL);
  im.width = 65536; /* more than a JPEG can be; its pixels are not looked at */
  assert_int_equal(mcl_picture_write_jpeg(&file, &n, &im, 90, NULL, 0, NULL), MOTCL_EINVAL);
  im.width = 16384;
  assert_int_equal(mcl_picture_write_webp(&file, &n, &im, 0, NULL, 0, NULL), MOTCL_EINVAL);
  im.width = W;
  im.channels = 1;
  assert_int_equal(mcl_picture_write_png(&file, &n, &im, NULL, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_picture_write_jpeg(&file, &n, &im, 90, NULL, 0, NULL), MOTCL_EINVAL);
  assert_int_equal(mcl_picture_write_webp(&file, &n, &im, 0, NULL, 0, NULL), MOTCL_EINVAL);
  assert_null(file);
  assert_int_equal(n, 5);
  mcl_image_finish(&im);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(png_gives_the_pixels_back),
      cmocka_unit_test(webp_gives_the_pixels_back),
      cmocka_unit_test(png_metadata),
      cmocka_unit_test(jpeg_is_close_and_quality_counts),
      cmocka_unit_test(webp_is_close_and_quality_counts),
      cmocka_unit_test(comments_hold_metadata),
      cmocka_unit_test(long_metadata),
      cmocka_unit_test(bad_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
