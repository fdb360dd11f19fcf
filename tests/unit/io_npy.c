/* io_npy.c - tests of host/io/npy.h: bytes as NumPy writes them, and headers that lie. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/file.h"
#include "io/npy.h"
#include "tmpdir.h"

static const float values[6] = {0, 1, -2.5f, 3e-40f, 3e38f, -0.0f};

/* Bytes of a file with that header text and n values, of exactly that size. */
static unsigned char *make(int version, const char *text, size_t n, size_t *size) {
  size_t prefix = version == 1 ? 10 : 12, len = strlen(text);
  *size = prefix + len + 4 * n;
  unsigned char *b = mcl_zalloc(*size, 1);
  assert_non_null(b);
  memcpy(b, "\x93NUMPY", 6);
  b[6] = (unsigned char)version;
  b[8] = (unsigned char)len;
  b[9] = (unsigned char)(len >> 8);
  memcpy(b + prefix, text, len);
  memcpy(b + prefix + len, values, 4 * n);
  return b;
}

static int parse_text(int version, const char *text, size_t n, float **data, int *rank, size_t *dim,
                      motcl_err *err) {
  size_t size;
  unsigned char *b = make(version, text, n, &size);
  int rc = mcl_npy_parse_f32(data, rank, dim, b, size, "here.npy", 6, err);
  mcl_free(b);
  return rc;
}

static void refused(const char *text, size_t n, const char *words) {
  float *data = NULL;
  int rank = 99;
  size_t dim[MCL_NPY_MAX_RANK];
  motcl_err err = {0};
  if (parse_text(1, text, n, &data, &rank, dim, &err) != MOTCL_EFORMAT ||
      !strstr(err.text, words) || !strstr(err.text, "here.npy"))
    fail_msg("%s: %d '%s'", text, err.code, err.text);
  assert_null(data);
  assert_int_equal(rank, 99);
}

static void accepted(int version, const char *text, size_t n, int want_rank) {
  float *data;
  int rank;
  size_t dim[MCL_NPY_MAX_RANK], count = 1;
  motcl_err err = {0};
  if (parse_text(version, text, n, &data, &rank, dim, &err) != MOTCL_OK)
    fail_msg("%s: %s", text, err.text);
  assert_int_equal(rank, want_rank);
  for (int i = 0; i < MCL_NPY_MAX_RANK; i++)
    count *= dim[i];
  assert_int_equal(count, n);
  assert_memory_equal(data, values, 4 * n);
  mcl_free(data);
}

/* A dictionary with that shape. */
#define SHAPE(s) "{'descr': '<f4', 'fortran_order': False, 'shape': " s ", }"

static void good_headers(void **state) {
  (void)state;
  for (int version = 1; version <= 3; version++) {
    accepted(version, SHAPE("(2, 3)") "   \n", 6, 2);
    accepted(version, SHAPE("()"), 1, 0);
    accepted(version, SHAPE("(6,)"), 6, 1);
    accepted(version, SHAPE("(1, 1, 1, 1, 1, 1, 2, 3)"), 6, 8);
    accepted(version, SHAPE("(0,)"), 0, 1);
    accepted(version, SHAPE("(5, 0, 7)"), 0, 3);
  }
  accepted(1, "{\"shape\":(2,3,),\"descr\":\"<f4\",\"fortran_order\":False}", 6, 2);
  accepted(1, " { 'shape' : ( 6 , ) , 'fortran_order' : False , 'descr' : '<f4' } ", 6, 1);
}

static void bad_dictionaries(void **state) {
  (void)state;
  static const char *const texts[] = {
      "",
      "{",
      "}",
      "{}",
      "[]",
      "{,}",
      "{'descr': '<f4', 'fortran_order': False}",
      "{'descr': '<f4', 'shape': (6,)}",
      "{'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'shape': (6,)}",
      "{'descr': '<f4', 'fortran_order': False, 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'more': 1}",
      "{'descr': '<f4' 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,),,}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)} x",
      "{'descr': '<f4', 'fortran_order': false, 'shape': (6,)}",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (6,)}",
      "{'descr': <f4, 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4, 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4\", 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (6,)}",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,)}",
      "{descr: '<f4', 'fortran_order': False, 'shape': (6,)}",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}\x01",
      SHAPE("6"),
      SHAPE("(6)"),
      SHAPE("[6]"),
      SHAPE("(6"),
      SHAPE("6,)"),
      SHAPE("(,)"),
      SHAPE("(6,,)"),
      SHAPE("(-6,)"),
      SHAPE("(+6,)"),
      SHAPE("(6.0,)"),
      SHAPE("(0x6,)"),
      SHAPE("(6L,)"),
      SHAPE("(2 3)"),
      SHAPE("('6',)"),
      SHAPE("(1,1,1,1,1,1,1,1,6)"),
      SHAPE("(18446744073709551616,)"),
      SHAPE("(99999999999999999999999999,)"),
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    refused(texts[i], 6, "not understood");
}

static void other_arrays(void **state) {
  (void)state;
  refused("{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}", 6, "float32");
  refused("{'descr': '>f4', 'fortran_order': False, 'shape': (6,)}", 6, "float32");
  refused("{'descr': '|u1', 'fortran_order': False, 'shape': (24,)}", 6, "float32");
  refused("{'descr': '', 'fortran_order': False, 'shape': (6,)}", 6, "float32");
  refused("{'descr': '<f4', 'fortran_order': True, 'shape': (2,3)}", 6, "float32");
}

static void wrong_amounts(void **state) {
  (void)state;
  refused(SHAPE("(6,)"), 5, "20 bytes of values instead of 24");
  refused(SHAPE("(5,)"), 6, "24 bytes of values instead of 20");
  refused(SHAPE("(0,)"), 1, "instead of 0");
  refused(SHAPE("()"), 0, "instead of 4");
  refused(SHAPE("(7,)"), 6, "more than the 6 allowed");
  refused(SHAPE("(4294967296,4294967296)"), 0, "impossible");
  refused(SHAPE("(4611686018427387904,)"), 0, "allowed");
  refused(SHAPE("(18446744073709551615,)"), 6, "allowed");
  refused(SHAPE("(18446744073709551615,3,0)"), 0, "impossible");
}

static void cuts_and_prefixes(void **state) {
  (void)state;
  float *data;
  int rank;
  size_t dim[MCL_NPY_MAX_RANK], size;
  for (int version = 1; version <= 3; version++) {
    unsigned char *b = make(version, SHAPE("(2, 3)"), 6, &size);
    for (size_t n = 0; n < size; n++) {
      unsigned char *cut = mcl_alloc(n, 1);
      assert_non_null(cut);
      memcpy(cut, b, n);
      assert_int_equal(mcl_npy_parse_f32(&data, &rank, dim, cut, n, "x", 6, NULL), MOTCL_EFORMAT);
      mcl_free(cut);
    }
    size_t prefix = version == 1 ? 10 : 12;
    for (size_t i = 0; i < prefix; i++) {
      unsigned char before = b[i];
      for (unsigned to = 0; to < 256; to++) {
        b[i] = (unsigned char)to;
        /* the minor version is free, and 2 and 3 are read alike */
        if (i == 7 || to == before || (i == 6 && version > 1 && (to == 2 || to == 3)))
          continue;
        assert_int_equal(mcl_npy_parse_f32(&data, &rank, dim, b, size, "x", 6, NULL),
                         MOTCL_EFORMAT);
      }
      b[i] = before;
    }
    mcl_free(b);
  }
}

static void changed_bytes_stay_inside(void **state) {
  (void)state;
  size_t size, accepts = 0;
  unsigned char *b = make(1, SHAPE("(2, 3)"), 6, &size);
  for (size_t i = 0; i < size - 24; i++) {
    unsigned char before = b[i];
    for (unsigned to = 0; to < 256; to++) {
      float *data;
      int rank;
      size_t dim[MCL_NPY_MAX_RANK];
      b[i] = (unsigned char)to;
      if (mcl_npy_parse_f32(&data, &rank, dim, b, size, "x", 6, NULL) != MOTCL_OK)
        continue;
      accepts++;
      assert_memory_equal(data, values, 24);
      mcl_free(data);
    }
    b[i] = before;
  }
  assert_true(accepts >= size - 24);
  mcl_free(b);
}

static int write_npy(const char *path, motcl_array_type type, int rank, const size_t *dim,
                     const void *data, motcl_err *err) {
  return mcl_npy_write(path, &(motcl_array){"a", type, rank, dim, data}, err);
}

static void written_bytes_are_numpys(void **state) {
  (void)state;
  char *got, want[128];
  size_t n;
  const char *path = tmpdir_path("a.npy");
  const int32_t v[2] = {1, -1};
  assert_int_equal(write_npy(path, MOTCL_I32, 2, (const size_t[]){2, 1}, v, NULL), MOTCL_OK);
  assert_int_equal(mcl_file_read(&got, &n, path, 1000, NULL), MOTCL_OK);
  memcpy(want, "\x93NUMPY\x01\0\x76\0", 10);
  memset(want + 10, ' ', sizeof want - 10);
  memcpy(want + 10, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 1), }", 59);
  want[127] = '\n';
  assert_int_equal(n, 136);
  assert_memory_equal(got, want, 128);
  assert_memory_equal(got + 128, "\1\0\0\0\xff\xff\xff\xff", 8);
  mcl_free(got);
}

static void written_headers(void **state) {
  (void)state;
  static const struct {
    motcl_array_type type;
    int rank;
    size_t dim[8];
    const char *text;
    size_t bytes;
  } cases[] = {
      {MOTCL_F32, 0, {0}, "{'descr': '<f4', 'fortran_order': False, 'shape': (), } ", 4},
      {MOTCL_U8, 1, {3}, "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), } ", 3},
      {MOTCL_F32,
       3,
       {5, 0, 7},
       "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 0, 7), } ",
       0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *got;
    size_t n;
    const char *path = tmpdir_path("a.npy");
    assert_int_equal(write_npy(path, cases[i].type, cases[i].rank, cases[i].dim, values, NULL),
                     MOTCL_OK);
    assert_int_equal(mcl_file_read(&got, &n, path, 1000, NULL), MOTCL_OK);
    assert_int_equal(n, 128 + cases[i].bytes);
    assert_memory_equal(got + 10, cases[i].text, strlen(cases[i].text));
    mcl_free(got);
  }
}

static void writing_then_reading(void **state) {
  (void)state;
  const char *path = tmpdir_path("a.npy");
  float *data;
  int rank;
  size_t dim[MCL_NPY_MAX_RANK];
  const size_t far[] = {1, 0, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0};
  assert_int_equal(write_npy(path, MOTCL_F32, 2, (const size_t[]){3, 2}, values, NULL), MOTCL_OK);
  assert_int_equal(mcl_npy_read_f32(&data, &rank, dim, path, 5, NULL), MOTCL_EFORMAT);
  assert_int_equal(mcl_npy_read_f32(&data, &rank, dim, path, 6, NULL), MOTCL_OK);
  assert_int_equal(rank, 2);
  assert_int_equal(dim[0], 3);
  assert_int_equal(dim[1], 2);
  assert_int_equal(dim[2], 1);
  assert_memory_equal(data, values, sizeof values);
  mcl_free(data);
  assert_int_equal(write_npy(path, MOTCL_F32, 8, far, values, NULL), MOTCL_OK);
  assert_int_equal(mcl_npy_read_f32(&data, &rank, dim, path, 6, NULL), MOTCL_OK);
  assert_int_equal(rank, 8);
  assert_true(dim[6] == SIZE_MAX);
  mcl_free(data);
  assert_int_equal(tmpdir_files(false), 1);
}

static void calls_that_cannot_work(void **state) {
  (void)state;
  const char *path = tmpdir_path("a.npy");
  const size_t one[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  const size_t big[2] = {SIZE_MAX / 2, 3};
  float *data = NULL;
  int rank;
  size_t dim[MCL_NPY_MAX_RANK];
  motcl_err err;
  assert_int_equal(write_npy(path, (motcl_array_type)7, 1, one, values, &err), MOTCL_EINVAL);
  assert_int_equal(write_npy(path, MOTCL_F32, 9, one, values, &err), MOTCL_EINVAL);
  assert_int_equal(write_npy(path, MOTCL_F32, -1, one, values, &err), MOTCL_EINVAL);
  assert_int_equal(write_npy(path, MOTCL_F32, 2, big, values, &err), MOTCL_EINVAL);
  assert_int_equal(write_npy(tmpdir_path("no/a.npy"), MOTCL_F32, 1, one, values, &err), MOTCL_EIO);
  assert_int_equal(write_npy("/dev/full", MOTCL_F32, 1, one, values, &err), MOTCL_EIO);
  assert_int_equal(mcl_npy_read_f32(&data, &rank, dim, path, 6, &err), MOTCL_EIO);
  assert_int_equal(mcl_npy_read_f32(&data, &rank, dim, tmpdir_put("e", "", 0), 6, &err),
                   MOTCL_EFORMAT);
  assert_null(data);
  assert_int_equal(tmpdir_files(false), 1);
}

#define TEST(f) cmocka_unit_test_setup(f, tmpdir_clear)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(good_headers),
      TEST(bad_dictionaries),
      TEST(other_arrays),
      TEST(wrong_amounts),
      TEST(cuts_and_prefixes),
      TEST(changed_bytes_stay_inside),
      TEST(written_bytes_are_numpys),
      TEST(written_headers),
      TEST(writing_then_reading),
      TEST(calls_that_cannot_work),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
