/* io_exif.c - tests of host/io/exif.h. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "io/exif.h"

/* A directory of two entries: image width, then orientation 6. */
static const uint8_t little[] = "II*\0\x08\0\0\0\x02\0"
                                "\0\x01\x03\0\x01\0\0\0\x05\0\0\0"
                                "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
static const uint8_t big[] = "MM\0*\0\0\0\x08\0\x02"
                             "\x01\0\0\x03\0\0\0\x01\0\x05\0\0"
                             "\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
enum { SIZE = 34, VALUE = 30 };

/* From memory that ends where the data do, so that a read beyond is found. */
static unsigned orientation(const uint8_t *data, size_t n) {
  uint8_t *copy = malloc(n ? n : 1);
  assert_non_null(copy);
  memcpy(copy, data, n);
  unsigned o = mcl_exif_orientation(copy, n);
  free(copy);
  return o;
}

static unsigned changed(size_t place, uint8_t byte) {
  uint8_t data[SIZE];
  memcpy(data, little, SIZE);
  data[place] = byte;
  return orientation(data, SIZE);
}

static void both_byte_orders(void **state) {
  (void)state;
  assert_int_equal(orientation(little, SIZE), 6);
  assert_int_equal(orientation(big, SIZE), 6);
}

static void with_its_prefix(void **state) {
  (void)state;
  uint8_t data[6 + SIZE] = "Exif";
  memcpy(data + 6, big, SIZE);
  assert_int_equal(orientation(data, sizeof data), 6);
}

static void cut_short_says_nothing(void **state) {
  (void)state;
  for (size_t n = 0; n < SIZE; n++)
    assert_int_equal(orientation(little, n), 0);
}

static void nonsense_is_upright(void **state) {
  (void)state;
  assert_int_equal(changed(VALUE, 0), 1);
  assert_int_equal(changed(VALUE, 8), 8);
  assert_int_equal(changed(VALUE, 9), 1);
  assert_int_equal(changed(VALUE + 1, 1), 1);
  assert_int_equal(changed(9, 0xff), 6); /* more entries than there are bytes */
  assert_int_equal(changed(24, 1), 1);   /* bytes */
  assert_int_equal(changed(24, 2), 1);   /* text */
  assert_int_equal(changed(26, 2), 6);   /* two values: the first */
  assert_int_equal(changed(26, 0), 0);   /* none */
  assert_int_equal(changed(27, 1), 0);   /* so many that they lie beyond */
  assert_int_equal(changed(24, 14), 0);  /* types there are not */
  assert_int_equal(changed(24, 99), 0);
  assert_int_equal(changed(0, 'X'), 0);
  assert_int_equal(changed(2, '+'), 0);
  assert_int_equal(changed(4, 200), 0);  /* directory beyond the data */
  assert_int_equal(changed(4, SIZE), 0); /* at their end */
  assert_int_equal(changed(7, 0xff), 0); /* far beyond */
  assert_int_equal(changed(8, 1), 0);    /* one entry, the wrong one */
}

/* An XMP packet that ends where its memory does. */
static unsigned xmp(const char *text) {
  size_t n = strlen(text);
  char *copy = malloc(n ? n : 1);
  assert_non_null(copy);
  memcpy(copy, text, n);
  unsigned o = mcl_xmp_orientation(copy, n);
  free(copy);
  return o;
}

static void packets(void **state) {
  (void)state;
  assert_int_equal(xmp("<a tiff:Orientation=\"6\"/>"), 6);
  assert_int_equal(xmp("<tiff:Orientation>8</tiff:Orientation>"), 8);
  assert_int_equal(xmp("tiff:Orientation=\"\" tiff:Orientation>3"), 3);
  assert_int_equal(xmp("tiff:Orientation=\"0\""), 1);
  assert_int_equal(xmp("tiff:Orientation=\"9\""), 1);
  assert_int_equal(xmp("tiff:Orientation='6'"), 0);
  assert_int_equal(xmp("tiff:orientation=\"6\""), 0);
  assert_int_equal(xmp(""), 0);
  const char whole[] = "ttiff:Orientation=\"6";
  for (size_t n = 0; n < sizeof whole - 1; n++) {
    char cut[sizeof whole] = "";
    memcpy(cut, whole, n);
    assert_int_equal(xmp(cut), 0);
  }
  assert_int_equal(xmp(whole), 6);
}

static unsigned profile(const char *text) {
  unsigned o = 77;
  size_t n = strlen(text);
  char *copy = malloc(n ? n : 1);
  assert_non_null(copy);
  memcpy(copy, text, n);
  assert_int_equal(mcl_profile_orientation(&o, copy, n, NULL), MOTCL_OK);
  free(copy);
  return o;
}

#define DIGITS "49492a00080000000100120103000100000006000000"

static void profiles(void **state) {
  (void)state;
  assert_int_equal(profile("\nexif\n      26\n" DIGITS "00000000\n"), 6);
  assert_int_equal(profile("\nexif\n      26\n" DIGITS), 6);
  assert_int_equal(profile("\r\nexif\r\n 26\r\n4949 2A00\r\n"
                           "08000000 0100 1201 0300 01000000 06000000"),
                   6);
  assert_int_equal(profile("\nexif\n26\n4" DIGITS), 0);
  assert_int_equal(profile("\nexif\n26\nz9" DIGITS), 0);
  assert_int_equal(profile("\nexif\n26"), 0);
  assert_int_equal(profile(""), 0);
}

/* EXIF data other than in a text come first, then those in a text, then a packet. */
static void whose_word_counts(void **state) {
  (void)state;
  assert_int_equal(mcl_turned_by(&(mcl_turned){0}), 1);
  assert_int_equal(mcl_turned_by(&(mcl_turned){true, 3, 6, 8}), 3);
  assert_int_equal(mcl_turned_by(&(mcl_turned){true, 0, 6, 8}), 8);
  assert_int_equal(mcl_turned_by(&(mcl_turned){false, 0, 6, 8}), 6);
  assert_int_equal(mcl_turned_by(&(mcl_turned){false, 0, 0, 8}), 8);
  assert_int_equal(mcl_turned_by(&(mcl_turned){true, 1, 0, 8}), 1);
}

static void any_bytes_are_survived(void **state) {
  (void)state;
  for (size_t place = 0; place < SIZE; place++)
    for (unsigned byte = 0; byte < 256; byte++) {
      unsigned o = changed(place, (uint8_t)byte);
      assert_true(o <= 8);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_byte_orders),
      cmocka_unit_test(with_its_prefix),
      cmocka_unit_test(cut_short_says_nothing),
      cmocka_unit_test(nonsense_is_upright),
      cmocka_unit_test(any_bytes_are_survived),
      cmocka_unit_test(packets),
      cmocka_unit_test(profiles),
      cmocka_unit_test(whose_word_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
