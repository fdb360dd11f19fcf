/* api_picture.c - picture files and their metadata from outside, through motcl.h alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "tmpdir.h"

enum { W = 6, H = 4 };

static uint8_t pixels[3 * W * H];
static const motcl_output wanted = MOTCL_OUTPUT_PICTURE;

static motcl_picture picture_of(const motcl_line *line, size_t lines) {
  for (size_t i = 0; i < sizeof pixels; i++)
    pixels[i] = (uint8_t)(i * 3);
  return (motcl_picture){.rgb = pixels, .width = W, .height = H, .line = line, .lines = lines};
}

static motcl_request request_of(const motcl_part *part, size_t n) {
  motcl_request r = motcl_request_default(n > 1);
  r.part = part;
  r.parts = n;
  r.output = &wanted;
  r.outputs = 1;
  r.seed = 11;
  return r;
}

static void there_and_back(void **state) {
  (void)state;
  const motcl_line line = {"key", "value"};
  motcl_picture p = picture_of(&line, 1);
  for (int format = 0; format < MOTCL_FORMAT_COUNT; format++) {
    uint8_t *bytes, *rgb;
    size_t n, lines;
    uint32_t width, height;
    motcl_format got;
    motcl_line *read;
    assert_int_equal(motcl_picture_encode(&bytes, &n, &p, (motcl_format)format, NULL), MOTCL_OK);
    assert_int_equal(motcl_picture_decode(&rgb, &width, &height, &got, bytes, n, false, NULL),
                     MOTCL_OK);
    assert_int_equal(got, format);
    assert_int_equal(width, W);
    assert_int_equal(height, H);
    if (format != MOTCL_JPEG)
      assert_memory_equal(rgb, pixels, sizeof pixels);
    motcl_free(rgb);
    assert_int_equal(motcl_picture_decode(&rgb, &width, &height, NULL, bytes, n, true, NULL),
                     MOTCL_OK);
    motcl_free(rgb);
    assert_int_equal(motcl_picture_lines(&read, &lines, bytes, n, NULL), MOTCL_OK);
    assert_int_equal(lines, 1);
    assert_string_equal(read->key, "key");
    assert_string_equal(read->value, "value");
    motcl_free(read);
    motcl_free(bytes);
  }
}

static void bad_pictures(void **state) {
  (void)state;
  uint8_t *bytes = NULL;
  size_t n = 0;
  uint32_t side;
  motcl_err err = {0};
  motcl_picture p = picture_of(NULL, 0);
  assert_int_equal(motcl_picture_encode(&bytes, &n, &p, MOTCL_FORMAT_COUNT, &err), MOTCL_EINVAL);
  p.quality = 101;
  assert_int_equal(motcl_picture_encode(&bytes, &n, &p, MOTCL_JPEG, NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_picture_encode(&bytes, &n, &p, MOTCL_WEBP, NULL), MOTCL_EINVAL);
  p.height = 0;
  assert_int_equal(motcl_picture_encode(&bytes, &n, &p, MOTCL_PNG, NULL), MOTCL_EINVAL);
  p = (motcl_picture){.width = W, .height = H};
  assert_int_equal(motcl_picture_encode(&bytes, &n, &p, MOTCL_PNG, NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_picture_decode(&bytes, &side, &side, NULL, "GIF89a", 6, false, &err),
                   MOTCL_EFORMAT);
  assert_null(bytes);
}

static void names(void **state) {
  (void)state;
  motcl_format f = MOTCL_FORMAT_COUNT;
  static const char *const none[] = {"", "png", ".png", "a.gif", "a.png.txt", "a.pn"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    assert_false(motcl_format_of_name(none[i], &f));
  assert_int_equal(f, MOTCL_FORMAT_COUNT);
  assert_true(motcl_format_of_name("a.PNG", &f) && f == MOTCL_PNG);
  assert_true(motcl_format_of_name("a.jpg", &f) && f == MOTCL_JPEG);
  assert_true(motcl_format_of_name("d/a.b.Jpeg", &f) && f == MOTCL_JPEG);
  assert_true(motcl_format_of_name("a.WebP", &f) && f == MOTCL_WEBP);
}

static void files(void **state) {
  (void)state;
  motcl_picture p = picture_of(NULL, 0);
  const char *path = tmpdir_path("a.png");
  assert_int_equal(motcl_picture_write(tmpdir_path("a.gif"), &p, false, NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_picture_write(path, &p, false, NULL), MOTCL_OK);
  assert_int_equal(motcl_picture_write(path, &p, false, NULL), MOTCL_EEXIST);
  assert_int_equal(motcl_picture_write(path, &p, true, NULL), MOTCL_OK);
  assert_int_equal(motcl_picture_write(tmpdir_path("nowhere/a.png"), &p, false, NULL), MOTCL_EIO);
}

static void recipes(void **state) {
  (void)state;
  const motcl_part part[] = {
      {.kind = MOTCL_PART_PICTURE, .data = "FILE", .size = 4, .name = "file"},
      {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5}};
  const float noise[2] = {1, 2};
  motcl_request r = request_of(part, 2);
  r.settings.noise = noise;
  r.settings.noise_count = 2;
  motcl_line *line;
  size_t lines;
  motcl_recipe *back = NULL;
  assert_int_equal(motcl_recipe_lines(&line, &lines, &r, W, H, "abc", NULL), MOTCL_OK);
  assert_int_equal(motcl_recipe_read(&back, line, lines - 2, NULL), MOTCL_EFORMAT);
  assert_null(back);
  assert_int_equal(motcl_recipe_read(&back, line, lines, NULL), MOTCL_OK);
  motcl_free(line);
  const motcl_request *got = motcl_recipe_request(back);
  assert_int_equal(got->seed, 11);
  assert_int_equal(got->parts, 2);
  assert_int_equal(got->settings.width, W);
  assert_string_equal(motcl_recipe_fingerprint(back), "abc");
  assert_int_equal(motcl_recipe_missing(back), 1);
  assert_int_equal(motcl_recipe_picture(back, &part[1], NULL), MOTCL_EINVAL);
  assert_int_equal(motcl_recipe_picture(back, &part[0], NULL), MOTCL_OK);
  assert_int_equal(motcl_recipe_missing(back), 0);
  assert_true(motcl_recipe_lacks_noise(back));
  assert_int_equal(motcl_recipe_noise(back, noise, 2, NULL), MOTCL_OK);
  assert_false(motcl_recipe_lacks_noise(back));
  assert_ptr_equal(got->settings.noise, noise);
  assert_int_equal(motcl_request_check(got, NULL), MOTCL_OK);
  motcl_recipe_close(back);
  motcl_recipe_close(NULL);
}

/* Programs of this version, of a later one, and of one that forgot to say. */
static void a_source_says_its_size(void **state) {
  (void)state;
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  const motcl_request r = request_of(&part, 1);
  motcl_recipe_source of = {.size = sizeof of,
                            .request = &r,
                            .width = W,
                            .height = H,
                            .model = "nano",
                            .digest = "0123456789abcdef",
                            .fingerprint = "abc"};
  motcl_line *line = NULL;
  size_t lines = 0;
  motcl_recipe *back;
  assert_int_equal(motcl_recipe_write(&line, &lines, &of, NULL), MOTCL_OK);
  assert_int_equal(motcl_recipe_read(&back, line, lines, NULL), MOTCL_OK);
  assert_string_equal(motcl_recipe_model(back), "nano");
  assert_string_equal(motcl_recipe_digest(back), "0123456789abcdef");
  assert_string_equal(motcl_recipe_fingerprint(back), "abc");
  motcl_recipe_close(back);
  motcl_free(line);
  of.model = of.digest = of.fingerprint = NULL;
  assert_int_equal(motcl_recipe_write(&line, &lines, &of, NULL), MOTCL_OK);
  assert_int_equal(motcl_recipe_read(&back, line, lines, NULL), MOTCL_OK);
  assert_string_equal(motcl_recipe_model(back), "");
  assert_string_equal(motcl_recipe_digest(back), "");
  motcl_recipe_close(back);
  motcl_free(line);
  line = NULL;
  for (size_t i = 0; i < 3; i++) {
    const size_t sizes[] = {0, sizeof of - sizeof(char *), sizeof of + 1};
    of.size = sizes[i];
    assert_int_equal(motcl_recipe_write(&line, &lines, &of, NULL), MOTCL_EINVAL);
    assert_null(line);
  }
}

/* A request comes back through a file; whether it is one that may be asked. */
static bool comes_back(const motcl_request *r, motcl_format format) {
  const motcl_recipe_source of = {.size = sizeof of, .request = r, .width = W, .height = H};
  motcl_line *line, *read;
  motcl_recipe *back;
  uint8_t *bytes;
  size_t lines, n;
  motcl_err err;
  if (motcl_request_check(r, NULL) != MOTCL_OK)
    return false;
  assert_int_equal(motcl_recipe_write(&line, &lines, &of, NULL), MOTCL_OK);
  const motcl_picture p = picture_of(line, lines);
  assert_int_equal(motcl_picture_encode(&bytes, &n, &p, format, NULL), MOTCL_OK);
  if (motcl_picture_lines(&read, &lines, bytes, n, &err) != MOTCL_OK ||
      motcl_recipe_read(&back, read, lines, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  const motcl_request *got = motcl_recipe_request(back);
  assert_int_equal(got->parts, r->parts);
  for (size_t i = 0; i < r->parts; i++) {
    assert_int_equal(got->part[i].size, r->part[i].size);
    assert_memory_equal(got->part[i].data, r->part[i].data, r->part[i].size);
  }
  assert_string_equal(got->settings.negative, r->settings.negative);
  motcl_recipe_close(back);
  motcl_free(read);
  motcl_free(bytes);
  motcl_free(line);
  return true;
}

/* What may be asked, a file can hold: each character alone, and inside a text. */
static void every_text_comes_back(void **state) {
  (void)state;
  unsigned asked = 0;
  for (unsigned c = 1; c < 0x800; c++) {
    char alone[3] = {(char)c}, inside[8];
    if (c >= 0x80) {
      alone[0] = (char)(0xC0 | c >> 6);
      alone[1] = (char)(0x80 | (c & 0x3F));
    }
    snprintf(inside, sizeof inside, "x%s%sy", alone, alone);
    const motcl_part part[] = {{.kind = MOTCL_PART_TEXT, .data = alone, .size = strlen(alone)},
                               {.kind = MOTCL_PART_ANSWER, .data = inside, .size = strlen(inside)},
                               {.kind = MOTCL_PART_SYSTEM, .data = inside, .size = strlen(inside)}};
    for (size_t n = 1; n <= 3; n += 2) {
      motcl_request r = request_of(part, n);
      r.settings.negative = n == 1 ? inside : alone;
      asked += comes_back(&r, MOTCL_PNG);
      asked += comes_back(&r, MOTCL_JPEG);
      asked += comes_back(&r, MOTCL_WEBP);
    }
  }
  assert_in_range(asked, 6 * 0x780, 6 * 0x7FF);
}

/* A comment of a JPEG is several where it is long. */
static void long_texts_come_back(void **state) {
  (void)state;
  static const size_t longest = 500000;
  char *text = calloc(longest + 1, 1);
  assert_non_null(text);
  for (size_t n = 1; n <= longest; n = n < 65000 || n > 66000 ? n * 3 / 2 + 1 : n + 37) {
    for (size_t i = 0; i < n; i++)
      text[i] = "a \"\n"[i % 4];
    const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = text, .size = n};
    motcl_request r = request_of(&part, 1);
    r.settings.negative = "";
    assert_true(comes_back(&r, MOTCL_PNG));
    assert_true(comes_back(&r, MOTCL_JPEG));
    assert_true(comes_back(&r, MOTCL_WEBP));
  }
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(there_and_back),
      cmocka_unit_test(bad_pictures),
      cmocka_unit_test(names),
      cmocka_unit_test(files),
      cmocka_unit_test(recipes),
      cmocka_unit_test(a_source_says_its_size),
      cmocka_unit_test(every_text_comes_back),
      cmocka_unit_test(long_texts_come_back),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
