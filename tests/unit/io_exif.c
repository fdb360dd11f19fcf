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

static void cut_short_is_upright(void **state) {
  (void)state;
  for (size_t n = 0; n < SIZE; n++)
    assert_int_equal(orientation(little, n), 1);
}

static void nonsense_is_upright(void **state) {
  (void)state;
  assert_int_equal(changed(VALUE, 0), 1);
  assert_int_equal(changed(VALUE, 8), 8);
  assert_int_equal(changed(VALUE, 9), 1);
  assert_int_equal(changed(VALUE + 1, 1), 1);
  assert_int_equal(changed(0, 'X'), 1);
  assert_int_equal(changed(2, '+'), 1);
  assert_int_equal(changed(4, 200), 1);  /* directory beyond the data */
  assert_int_equal(changed(4, SIZE), 1); /* at their end */
  assert_int_equal(changed(7, 0xff), 1); /* far beyond */
  assert_int_equal(changed(8, 1), 1);    /* one entry, the wrong one */
  assert_int_equal(changed(9, 0xff), 6); /* more entries than there are bytes */
  assert_int_equal(changed(24, 4), 1);   /* a long */
  assert_int_equal(changed(26, 2), 1);   /* two values */
}

static void any_bytes_are_survived(void **state) {
  (void)state;
  for (size_t place = 0; place < SIZE; place++)
    for (unsigned byte = 0; byte < 256; byte++) {
      unsigned o = changed(place, (uint8_t)byte);
      assert_true(o >= 1 && o <= 8);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_byte_orders),       cmocka_unit_test(with_its_prefix),
      cmocka_unit_test(cut_short_is_upright),   cmocka_unit_test(nonsense_is_upright),
      cmocka_unit_test(any_bytes_are_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
