/* png_end_damaged.c - a PNG without IEND, with data in it, or with a wrong checksum of it or of pixels
 * was refused, as was one with more of a palette than it can number; and with one transparency too
 * many it lost all of them without a word. Seen by: whoever has such a file, which browsers and
 * Pillow show. What was the matter: libspng was shown the file as it is. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/picture_expect.h"

static const char colour[] = "type-2-8-bits-interlaced.png", indexed[] = "type-3-4-bits.png",
                  cleared[] = "type-3-4-bits-clear-interlaced.png";

/* It is read, with or without a remark, and is the golden picture. */
static void expect(file f, const char *name, bool remarked) {
  assert_int_equal(expect_picture(f, name) != NULL, remarked);
}

static void ends(void **state) {
  (void)state;
  file f = read_golden(colour);
  expect(f, colour, false);
  f = read_golden(colour);
  f.n -= 12;
  expect(f, colour, true);
  f = read_golden(colour);
  f.bytes[f.n - 1] ^= 1;
  expect(f, colour, true);
  f = read_golden(colour);
  f.bytes[f.n - 9] = 3;
  insert(&f, f.n - 4, "abc", 3);
  fix_checksums(&f);
  expect(f, colour, true);
  f = read_golden(colour);
  insert(&f, f.n, "what stands behind", 18);
  expect(f, colour, false);
}

/* A checksum may be wrong; where the pixels are as well, their own sum tells. */
static void pixels(void **state) {
  (void)state;
  file f = read_golden(colour);
  f.bytes[f.n - 12 - 1] ^= 1;
  expect(f, colour, true);
  f = read_golden(colour);
  f.bytes[f.n - 12 - 4 - 1] ^= 1;
  expect_refusal(f, "damaged");
  f = read_golden(colour);
  f.bytes[f.n - 12 - 4 - 1] ^= 1;
  fix_checksums(&f);
  expect_refusal(f, "damaged");
}

/* More entries than four bits number, in the palette and in its transparency. */
static void palettes(void **state) {
  (void)state;
  static const uint8_t more[48 + 3] = {0};
  file f = read_golden(indexed);
  uint8_t *at = chunk_of(&f, "PLTE");
  size_t had = at[3];
  insert(&f, (size_t)(at - f.bytes) + 8 + had, more, sizeof more - had);
  put_u32(at, sizeof more);
  fix_checksums(&f);
  expect(f, indexed, false);
  f = read_golden(cleared);
  at = chunk_of(&f, "tRNS");
  had = at[3];
  insert(&f, (size_t)(at - f.bytes) + 8 + had,
         "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 17 - had);
  put_u32(at, 17);
  fix_checksums(&f);
  expect(f, cleared, false);
}

/* What makes pixels is not passed over where it is wrong. */
static void transparency(void **state) {
  (void)state;
  file f = read_golden(cleared);
  chunk_of(&f, "tRNS")[8] ^= 1;
  expect_refusal(f, "tRNS");
  f = read_golden("type-2-8-bits-clear.png");
  chunk_of(&f, "tRNS")[3] = 5;
  fix_checksums(&f);
  expect_refusal(f, "damaged");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ends),
      cmocka_unit_test(pixels),
      cmocka_unit_test(palettes),
      cmocka_unit_test(transparency),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
