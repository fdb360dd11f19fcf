/* orientation_not_short.c - a photo whose EXIF orientation was written as LONG, or stood in an XMP
 * packet or a raw profile alone, was drawn from as it lay. Seen by: whoever edits such a photo. What
 * was the matter: nothing but a SHORT in EXIF data was read, where Pillow reads all of these. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "io/picture.h"
#include "io/png_chunk.h"
#include "tests/golden/images.h"
#include "tests/unit/picture_files.h"
#include "tests/unit/image_data.h"

static void expect(const file *f, uint64_t sum) {
  mcl_image im;
  motcl_err err = {0};
  if (mcl_picture_read(&im, f->bytes, f->n, NULL, true, NULL, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  assert_int_equal(mcl_image_to_rgb(&im, NULL), MOTCL_OK);
  assert_true(image_sum(&im) == sum);
  mcl_image_finish(&im);
}

/* Of a golden file that is little-endian: its orientation's type, or NULL. */
static uint8_t *type_of(const file *f) {
  static const uint8_t little[] = {0x12, 1, 3, 0, 1, 0, 0, 0};
  for (size_t i = 0; i + 12 <= f->n; i++)
    if (!memcmp(f->bytes + i, little, sizeof little))
      return f->bytes + i + 2;
  return NULL;
}

/* Types of a value that fits into four bytes and lies at their beginning: LONG, signed numbers, IFD. */
static void as_another_number(void **state) {
  (void)state;
  static const uint8_t type[] = {4, 6, 8, 9, 13};
  unsigned seen = 0;
  for (size_t i = 0; i < 8; i++) {
    file f = read_golden(golden_turned[i].name);
    uint8_t *at = type_of(&f);
    for (size_t k = 0; at && k < sizeof type; k++, seen++) {
      *at = type[k];
      fix_checksums(&f);
      expect(&f, golden_turned[i].upright);
    }
    drop(&f);
  }
  assert_true(seen >= 10);
}

/* The picture that is turned in eight ways, with what says so taken out. */
static file unturned(bool jpeg) {
  file f = read_golden(jpeg ? "turned-1.jpg" : "turned-2.png");
  if (!jpeg)
    rename_chunk(&f, "eXIf", "prVt");
  return f;
}

#define PACKET(o) "<x:xmpmeta><rdf:Description tiff:Orientation=\"" o "\"/></x:xmpmeta>"
#define PROFILE "\nexif\n      26\n49492a0008000000010012010300010000000600000000000000\n"

static void in_a_packet(void **state) {
  (void)state;
  file f = unturned(false);
  add_chunk(&f, "iTXt", "XML:com.adobe.xmp\0\0\0\0\0" PACKET("6"), 22 + sizeof PACKET("6") - 1);
  expect(&f, golden_turned[5].upright);
  drop(&f);
  f = read_golden("turned-1.jpg");
  uint8_t *mark = memchr(f.bytes, 'E', f.n); /* of "Exif", which then is none */
  assert_true(mark && !memcmp(mark, "Exif", 4));
  *mark = 'e';
  add_segment(&f, 0xe1, "http://ns.adobe.com/xap/1.0/\0" PACKET("5"), 29 + sizeof PACKET("5") - 1);
  expect(&f, golden_turned[4].upright);
  drop(&f);
}

static void in_a_raw_profile(void **state) {
  (void)state;
  file f = unturned(false);
  add_chunk(&f, "tEXt", "Raw profile type exif\0" PROFILE, 22 + sizeof PROFILE - 1);
  expect(&f, golden_turned[5].upright);
  drop(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(as_another_number),
      cmocka_unit_test(in_a_packet),
      cmocka_unit_test(in_a_raw_profile),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
