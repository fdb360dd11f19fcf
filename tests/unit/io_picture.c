/* io_picture.c - tests of reading pictures: against Pillow, and with files that are cut short,
 * damaged, too large or no pictures. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/picture.h"
#include "tests/golden/images.h"
#include "tests/unit/image_data.h"

#define FILES (sizeof golden_file / sizeof *golden_file)
#define TURNED (sizeof golden_turned / sizeof *golden_turned)

/* The bytes of golden_file and golden_turned, in their order. */
typedef struct file {
  uint8_t *bytes;
  size_t n;
} file;
static file files[FILES], turned[TURNED];

static int load(file *f, const char *name) {
  char path[512];
  const char *src = getenv("srcdir");
  snprintf(path, sizeof path, "%s/tests/golden/pictures/%s", src ? src : ".", name);
  FILE *in = fopen(path, "rb");
  const size_t room = 1 << 14;
  *f = (file){malloc(room), 0};
  if (in && f->bytes)
    f->n = fread(f->bytes, 1, room, in);
  if (in)
    fclose(in);
  if (f->n == 0 || f->n == room)
    print_error("%s cannot be read whole\n", path);
  return f->n == 0 || f->n == room;
}

static int load_all(void **state) {
  (void)state;
  int rc = 0;
  for (size_t i = 0; i < FILES; i++)
    rc |= load(&files[i], golden_file[i].name);
  for (size_t i = 0; i < TURNED; i++)
    rc |= load(&turned[i], golden_turned[i].name);
  return rc;
}

static int free_all(void **state) {
  (void)state;
  for (size_t i = 0; i < FILES; i++)
    free(files[i].bytes);
  for (size_t i = 0; i < TURNED; i++)
    free(turned[i].bytes);
  return 0;
}

/* From memory that ends where the file does, so that a read beyond is found. */
static int read_remark(mcl_image *im, const uint8_t *bytes, size_t n, bool auto_orient,
                       const char **remark, motcl_err *err) {
  uint8_t *copy = malloc(n ? n : 1);
  assert_non_null(copy);
  memcpy(copy, bytes, n);
  int rc = mcl_picture_read(im, copy, n, NULL, auto_orient, remark, err);
  free(copy);
  return rc;
}

static int read_copy(mcl_image *im, const uint8_t *bytes, size_t n, bool auto_orient,
                     motcl_err *err) {
  return read_remark(im, bytes, n, auto_orient, NULL, err);
}

/* Without its pixels, a file says the same. */
static void expect_sides(const file *f, bool auto_orient, uint32_t width, uint32_t height) {
  uint32_t w = 0, h = 0;
  assert_int_equal(mcl_picture_sides(&w, &h, f->bytes, f->n, NULL, auto_orient, NULL), MOTCL_OK);
  assert_int_equal(w, width);
  assert_int_equal(h, height);
}

static void files_as_pillow(void **state) {
  (void)state;
  for (size_t i = 0; i < FILES; i++) {
    mcl_image im;
    motcl_err err;
    if (read_copy(&im, files[i].bytes, files[i].n, true, &err))
      fail_msg("%s: %s", golden_file[i].name, err.text);
    assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
    assert_int_equal(im.width, golden_file[i].width);
    assert_int_equal(im.height, golden_file[i].height);
    expect_sides(&files[i], true, im.width, im.height);
    if (image_sum(&im) != golden_file[i].sum)
      fail_msg("%s differs from Pillow", golden_file[i].name);
    mcl_image_finish(&im);
  }
}

static void orientations(void **state) {
  (void)state;
  for (size_t i = 0; i < TURNED; i++) {
    mcl_image im;
    assert_int_equal(read_copy(&im, turned[i].bytes, turned[i].n, false, NULL), 0);
    assert_int_equal(im.width, 5);
    assert_true(image_sum(&im) == golden_turned[i].stored);
    mcl_image_finish(&im);
    assert_int_equal(read_copy(&im, turned[i].bytes, turned[i].n, true, NULL), 0);
    assert_int_equal(im.width, i < 4 ? 5 : 3);
    expect_sides(&turned[i], true, im.width, im.height);
    expect_sides(&turned[i], false, 5, 3);
    assert_true(image_sum(&im) == golden_turned[i].upright);
    mcl_image_finish(&im);
  }
}

/* Where a WebP's first frame ends: each chunk is a name, the size of what follows, and that. */
static size_t end_of_frame(const file *f) {
  const uint8_t *p = f->bytes + 12;
  for (;;) {
    size_t size = p[4] | (size_t)p[5] << 8;
    bool is_frame = !memcmp(p, "VP8 ", 4) || !memcmp(p, "VP8L", 4) || !memcmp(p, "ANMF", 4);
    p += 8 + size + size % 2;
    if (is_frame)
      return (size_t)(p - f->bytes);
  }
}

/* Where the pixels of a file end: in a PNG before the sum of what is packed, its checksum and IEND, in
 * a JPEG before its end marker. */
static size_t end_of_pixels(const file *f) {
  if (f->bytes[0] == 'R')
    return end_of_frame(f);
  return f->bytes[0] == 0x89 ? f->n - 20 : f->n - 2;
}

/* Every beginning of every file: an error, and nothing written, while pixels are missing; behind them,
 * the pixels, with a remark. The last three bytes of what is packed may hold no more than its end. */
static void cut_short_is_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < FILES; i++)
    for (size_t n = 0; n < files[i].n; n++) {
      mcl_image im = {77, 0, 0, NULL};
      motcl_err err = {0};
      const char *remark = NULL;
      int rc = read_remark(&im, files[i].bytes, n, true, &remark, &err);
      size_t end = end_of_pixels(&files[i]);
      if (n < end - 3 ? rc != MOTCL_EFORMAT : n >= end && rc != MOTCL_OK)
        fail_msg("%s, %zu of its %zu bytes: %s", golden_file[i].name, n, files[i].n, err.text);
      if (rc != MOTCL_OK) {
        assert_int_equal(im.width, 77);
        assert_true(strlen(err.text) > 10);
        continue;
      }
      assert_non_null(remark);
      assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
      assert_true(image_sum(&im) == golden_file[i].sum);
      mcl_image_finish(&im);
    }
}

static uint32_t next(uint32_t *seed) {
  *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
  return *seed >> 8;
}

/* One to three bytes changed: read or refused, but nothing worse. */
static void damaged_is_survived(void **state) {
  (void)state;
  uint32_t seed = 1;
  unsigned refused = 0;
  for (size_t round = 0; round < 40 * FILES; round++) {
    size_t i = round % FILES, n = files[i].n;
    uint8_t *copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, files[i].bytes, n);
    for (uint32_t k = next(&seed) % 3 + 1; k; k--)
      copy[next(&seed) % n] ^= (uint8_t)(1 + next(&seed) % 255);
    /* sizes may have grown: bounded here for the test's own sake */
    const mcl_picture_limits lim = {1 << 20, 65500};
    mcl_image im;
    int rc = mcl_picture_read(&im, copy, n, &lim, true, NULL, NULL);
    assert_true(rc == MOTCL_OK || rc == MOTCL_EFORMAT || rc == MOTCL_EFIT);
    refused += rc != MOTCL_OK;
    if (!rc)
      mcl_image_finish(&im);
    free(copy);
  }
  assert_true(refused > 10 * FILES);
}

static void others_are_refused(void **state) {
  (void)state;
  static const char *const other[] = {
      "",         "G",     "GIF89a\1\0\1\0", "\x89PNG\r\n\x1a", "BM", "RIFF\x10\0\0\0WEBP",
      "\xff\xd8", "<svg/>"};
  for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
    motcl_err err;
    mcl_image im;
    assert_int_equal(read_copy(&im, (const uint8_t *)other[i], strlen(other[i]), true, &err),
                     MOTCL_EFORMAT);
    assert_non_null(strstr(err.text, "PNG"));
    assert_non_null(strstr(err.text, "JPEG"));
    assert_non_null(strstr(err.text, "WebP"));
  }
}

static uint32_t crc32_of(const uint8_t *p, size_t n) {
  uint32_t c = UINT32_MAX;
  for (; n; n--, p++) {
    c ^= *p;
    for (int k = 0; k < 8; k++)
      c = c & 1 ? c >> 1 ^ UINT32_C(0xedb88320) : c >> 1;
  }
  return ~c;
}

static void put_u32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* The first golden PNG under another size, its header's checksum set right. */
static int read_resized_png(uint32_t w, uint32_t h, const mcl_picture_limits *lim, motcl_err *err) {
  uint8_t copy[512];
  size_t n = files[0].n;
  assert_true(n <= sizeof copy && strstr(golden_file[0].name, ".png"));
  memcpy(copy, files[0].bytes, n);
  put_u32(copy + 16, w);
  put_u32(copy + 20, h);
  put_u32(copy + 29, crc32_of(copy + 12, 17));
  mcl_image im;
  int rc = mcl_picture_read(&im, copy, n, lim, true, NULL, err);
  if (!rc)
    mcl_image_finish(&im);
  return rc;
}

static void large_is_refused(void **state) {
  (void)state;
  motcl_err err;
  assert_int_equal(read_resized_png(60000, 60000, NULL, &err), MOTCL_EFIT);
  assert_non_null(strstr(err.text, "60000x60000"));
  assert_int_equal(read_resized_png(65501, 1, NULL, &err), MOTCL_EFIT);
  assert_int_equal(read_resized_png(1, 65501, NULL, &err), MOTCL_EFIT);
  /* within the limits, but a thousandth of it is there */
  assert_int_equal(read_resized_png(13000, 13000, NULL, &err), MOTCL_EFORMAT);
  assert_int_equal(read_resized_png(0, 5, NULL, &err), MOTCL_EFORMAT);
  assert_int_equal(read_resized_png(UINT32_MAX, 5, NULL, &err), MOTCL_EFORMAT);

  uint32_t w = golden_file[0].width, h = golden_file[0].height;
  const mcl_picture_limits exact = {(uint64_t)w * h, w > h ? w : h};
  const mcl_picture_limits less = {(uint64_t)w * h - 1, w > h ? w : h};
  assert_int_equal(read_resized_png(w, h, &exact, &err), MOTCL_OK);
  assert_int_equal(read_resized_png(w, h, &less, &err), MOTCL_EFIT);
}

static const file *named(const char *name) {
  for (size_t i = 0; i < FILES; i++)
    if (!strcmp(golden_file[i].name, name))
      return &files[i];
  fail_msg("there is no %s", name);
  return NULL;
}

/* The size stands behind the frame's marker, length and precision. */
static void large_jpeg_is_refused(void **state) {
  (void)state;
  uint8_t copy[2048];
  size_t n = named("grey.jpg")->n, at = 2;
  assert_true(n <= sizeof copy);
  memcpy(copy, named("grey.jpg")->bytes, n);
  while (copy[at + 1] != 0xc0)
    at += 2 + ((size_t)copy[at + 2] << 8 | copy[at + 3]);
  put_u32(copy + at + 5, UINT32_C(0xf000f000));
  mcl_image im;
  assert_int_equal(mcl_picture_read(&im, copy, n, NULL, true, NULL, NULL), MOTCL_EFIT);
  put_u32(copy + at + 5, UINT32_C(0x30003000));
  assert_int_equal(mcl_picture_read(&im, copy, n, NULL, true, NULL, NULL), MOTCL_EFORMAT);
}

/* A still picture's size stands in its frame, an animation's in the first chunk. */
static void large_webp_is_refused(void **state) {
  (void)state;
  static const uint8_t largest[] = {0xff, 0x3f, 0xff, 0x3f},
                       wide[] = {0xff, 0xff, 0xff, 0x63, 0, 0};
  const file *still = named("lossy.webp"), *moving = named("animation.webp");
  uint32_t side = 77;
  mcl_image im;
  uint8_t copy[8192];
  assert_true(still->n <= sizeof copy && moving->n <= sizeof copy);
  memcpy(copy, still->bytes, still->n);
  memcpy(copy + 26, largest, sizeof largest);
  assert_int_equal(mcl_picture_read(&im, copy, still->n, NULL, true, NULL, NULL), MOTCL_EFIT);
  assert_int_equal(mcl_picture_sides(&side, &side, copy, still->n, NULL, true, NULL), MOTCL_EFIT);
  memcpy(copy, moving->bytes, moving->n);
  memcpy(copy + 24, wide, sizeof wide);
  assert_int_equal(mcl_picture_read(&im, copy, moving->n, NULL, true, NULL, NULL), MOTCL_EFIT);
  assert_int_equal(side, 77);
}

static void a_remark_tells_of_an_animation(void **state) {
  (void)state;
  const file *f = named("animation.webp");
  const char *remark = NULL;
  mcl_image im;
  assert_int_equal(read_remark(&im, f->bytes, f->n, true, &remark, NULL), MOTCL_OK);
  assert_non_null(remark);
  assert_non_null(strstr(remark, "first frame"));
  mcl_image_finish(&im);
  f = named("lossless.webp");
  assert_int_equal(read_remark(&im, f->bytes, f->n, true, &remark, NULL), MOTCL_OK);
  assert_null(remark);
  mcl_image_finish(&im);
}

/* Chunks that do not make pixels are passed over, whatever stands in them. */
static void odd_chunks_are_passed_over(void **state) {
  (void)state;
  static const char *const chunk[] = {"gAMA", "iCCP", "tEXt", "tIME", "bKGD", "eXIf", "abCd"};
  for (size_t k = 0; k < sizeof chunk / sizeof *chunk; k++)
    for (uint8_t length = 0; length < 20; length += 19) {
      uint8_t copy[600] = {0};
      size_t n = files[0].n;
      memcpy(copy, files[0].bytes, 33);
      copy[36] = length;
      memcpy(copy + 37, chunk[k], 4);
      memset(copy + 41, 0xa5, length + 4u);
      memcpy(copy + 33 + 12 + length, files[0].bytes + 33, n - 33);
      mcl_image im;
      motcl_err err;
      if (read_copy(&im, copy, n + 12 + length, true, &err))
        fail_msg("%s: %s", chunk[k], err.text);
      assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
      assert_true(image_sum(&im) == golden_file[0].sum);
      mcl_image_finish(&im);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_as_pillow),
      cmocka_unit_test(orientations),
      cmocka_unit_test(cut_short_is_refused),
      cmocka_unit_test(damaged_is_survived),
      cmocka_unit_test(others_are_refused),
      cmocka_unit_test(large_is_refused),
      cmocka_unit_test(large_jpeg_is_refused),
      cmocka_unit_test(large_webp_is_refused),
      cmocka_unit_test(a_remark_tells_of_an_animation),
      cmocka_unit_test(odd_chunks_are_passed_over),
  };
  return cmocka_run_group_tests(tests, load_all, free_all);
}
