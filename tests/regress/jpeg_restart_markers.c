/* jpeg_restart_markers.c - a JPEG whose restart markers are missing or out of order was refused, and
 * one that had lost its two last bytes, the end marker. Seen by: whoever has such a photo, which
 * everybody else shows. What was the matter: each warning of libjpeg was taken for lost pixels. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/picture_expect.h"

/* Where restart marker m stands. */
static size_t find(const file *f, uint8_t m) {
  for (size_t i = 0; i + 1 < f->n; i++)
    if (f->bytes[i] == 0xff && f->bytes[i + 1] == 0xd0 + m)
      return i;
  fail_msg("there is no restart marker %u", m);
  return 0;
}

static void cut_out(file *f, size_t at, size_t n) {
  memmove(f->bytes + at, f->bytes + at + n, f->n - at - n);
  f->n -= n;
}

/* It is read with a remark that has the words; as the golden picture, if that is asked for. */
static void expect(file f, const char *words, const char *as) {
  const char *remark = expect_picture(f, as);
  assert_non_null(remark);
  assert_non_null(strstr(remark, words));
}

/* libjpeg takes a marker that is far from the one it wants for that one. */
static void out_of_order(void **state) {
  (void)state;
  file f = read_golden("restarts.jpg");
  f.bytes[find(&f, 0) + 1] = 0xd4;
  expect(f, "restart markers", "restarts.jpg");
  f = read_golden("restarts.jpg");
  f.bytes[find(&f, 0) + 1] = 0xd1;
  expect(f, "restart markers", NULL);
}

static void missing(void **state) {
  (void)state;
  file f = read_golden("restarts.jpg");
  cut_out(&f, find(&f, 0), 2);
  expect(f, "restart markers", NULL);
  f = read_golden("444.jpg");
  add_segment(&f, 0xdd, "\0\2", 2);
  expect(f, "restart markers", NULL);
}

static void without_end(void **state) {
  (void)state;
  static const char *const name[] = {"420.jpg", "grey.jpg", "CMYK.jpg", "progressive.jpg",
                                     "restarts.jpg"};
  for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
    file f = read_golden(name[i]);
    f.n -= 2;
    expect(f, "no end", name[i]);
    f = read_golden(name[i]);
    f.n -= 4;
    expect_refusal(f, "cut short");
  }
}

/* Whole scans may be missing, and libjpeg knows nothing of them. */
static void cut_between_scans(void **state) {
  (void)state;
  file f = read_golden("progressive.jpg");
  size_t scans = 0;
  for (size_t i = 0; i + 1 < f.n; i++) {
    if (f.bytes[i] != 0xff || f.bytes[i + 1] != 0xda || !scans++)
      continue;
    file cut = read_golden("progressive.jpg");
    cut.n = i;
    expect_refusal(cut, "cut short");
  }
  assert_true(scans > 3);
  drop(&f);
}

/* Data that are lost without a marker being wrong. */
static void lost(void **state) {
  (void)state;
  file f = read_golden("restarts.jpg");
  cut_out(&f, find(&f, 1) - 3, 3);
  expect_refusal(f, "damaged");
  f = read_golden("444.jpg");
  cut_out(&f, f.n - 8, 6);
  expect_refusal(f, "damaged");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(out_of_order),      cmocka_unit_test(missing), cmocka_unit_test(without_end),
      cmocka_unit_test(cut_between_scans), cmocka_unit_test(lost),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
