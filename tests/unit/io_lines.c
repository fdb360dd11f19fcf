/* io_lines.c - tests of reading a picture file's metadata back. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/mem.h"
#include "io/picture.h"

static const motcl_line lines[] = {{"Software", "motcl 0"},
                                   {"prompt", "a caf\xc3\xa9\n\"red\""},
                                   {"negative", ""},
                                   {"seed", "42"}};
enum { LINES = 4 };

/* A picture file, and what may be put into it. */
typedef struct file {
  uint8_t *bytes;
  size_t n;
} file;

static file picture(motcl_format format, const motcl_line *line, size_t n) {
  mcl_image im;
  file f = {0};
  assert_int_equal(mcl_image_init(&im, 4, 3, 3, NULL), MOTCL_OK);
  memset(im.px, 90, 36);
  int rc = MOTCL_EINVAL;
  if (format == MOTCL_PNG)
    rc = mcl_picture_write_png(&f.bytes, &f.n, &im, line, n, NULL);
  else if (format == MOTCL_JPEG)
    rc = mcl_picture_write_jpeg(&f.bytes, &f.n, &im, 90, line, n, NULL);
  else if (format == MOTCL_WEBP)
    rc = mcl_picture_write_webp(&f.bytes, &f.n, &im, 0, line, n, NULL);
  assert_int_equal(rc, MOTCL_OK);
  mcl_image_finish(&im);
  return f;
}

static void insert(file *f, size_t at, const void *what, size_t n) {
  f->bytes = mcl_realloc(f->bytes, f->n + n, 1);
  assert_non_null(f->bytes);
  memmove(f->bytes + at + n, f->bytes + at, f->n - at);
  memcpy(f->bytes + at, what, n);
  f->n += n;
}

static void put_u32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* The specification's sample code, with its table made each time. */
static uint32_t crc_of(const uint8_t *p, size_t n) {
  uint32_t table[256], c = 0xffffffffu;
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t t = i;
    for (int k = 0; k < 8; k++)
      t = t & 1 ? 0xedb88320u ^ (t >> 1) : t >> 1;
    table[i] = t;
  }
  for (size_t i = 0; i < n; i++)
    c = table[(c ^ p[i]) & 0xff] ^ (c >> 8);
  return c ^ 0xffffffffu;
}

/* Put a chunk at the end or the start of a PNG. */
static void add_chunk(file *f, bool last, const char *type, const void *data, size_t n) {
  uint8_t *chunk = malloc(n + 12);
  assert_non_null(chunk);
  put_u32(chunk, (uint32_t)n);
  memcpy(chunk + 4, type, 4);
  memcpy(chunk + 8, data, n);
  put_u32(chunk + 8 + n, crc_of(chunk + 4, n + 4));
  insert(f, last ? f->n - 12 : 33, chunk, n + 12);
  free(chunk);
}

static void expect(const file *f, const motcl_line *want, size_t wanted) {
  motcl_line *got = NULL;
  size_t n = 99;
  assert_int_equal(mcl_picture_lines(&got, &n, f->bytes, f->n, NULL), MOTCL_OK);
  assert_non_null(got);
  assert_int_equal(n, wanted);
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(got[i].key, want[i].key);
    assert_string_equal(got[i].value, want[i].value);
  }
  mcl_free(got);
}

static void what_is_written_comes_back(void **state) {
  (void)state;
  const motcl_line want[] = {lines[0], lines[1], lines[3]};
  for (motcl_format format = 0; format < MOTCL_FORMAT_COUNT; format++) {
    file f = picture(format, lines, LINES);
    expect(&f, want, 3);
    mcl_free(f.bytes);
    f = picture(format, NULL, 0);
    expect(&f, lines, 0);
    mcl_free(f.bytes);
  }
}

/* More than a JPEG segment holds. */
static void long_lines_come_back(void **state) {
  (void)state;
  enum { LONG = 200000 };
  char *value = malloc(LONG + 1);
  assert_non_null(value);
  for (size_t i = 0; i < LONG; i++)
    value[i] = (char)('a' + i % 23);
  value[LONG] = 0;
  const motcl_line line = {"prompt", value};
  for (motcl_format format = 0; format < MOTCL_FORMAT_COUNT; format++) {
    file f = picture(format, &line, 1);
    expect(&f, &line, 1);
    mcl_free(f.bytes);
  }
  free(value);
}

#define CHUNK(text) text, sizeof(text) - 1

static void chunks_of_others(void **state) {
  (void)state;
  file f = picture(MOTCL_PNG, &lines[3], 1);
  add_chunk(&f, true, "tEXt", CHUNK("Comment\0caf\xe9"));
  add_chunk(&f, true, "iTXt", CHUNK("Title\0\0\0fr\0titre\0un caf\xc3\xa9"));
  const motcl_line want[] = {
      {"seed", "42"}, {"Comment", "caf\xc3\xa9"}, {"Title", "un caf\xc3\xa9"}};
  expect(&f, want, 3);
  mcl_free(f.bytes);
}

/* As tools write them that save a picture again. */
static void packed_chunks(void **state) {
  (void)state;
  file f = picture(MOTCL_PNG, &lines[3], 1);
  add_chunk(&f, true, "zTXt", CHUNK("Comment\0\0\x78\x9c\x4b\x4e\x4c\x7b\x09\x00\x04\x68\x02\x14"));
  add_chunk(&f, true, "iTXt",
            CHUNK("Title\0\1\0fr\0titre\0\x78\x9c\x2b\xcd\x53\x48\x4e\x4c\x3b\xbc\x12\x00\x0e\x46"
                  "\x03\x9a"));
  const motcl_line want[] = {
      {"seed", "42"}, {"Comment", "caf\xc3\xa9"}, {"Title", "un caf\xc3\xa9"}};
  expect(&f, want, 3);
  mcl_free(f.bytes);
}

/* What unpacks to more than all lines may have, does not unpack whole, or has a wrong sum. */
static void bad_packed_chunks_are_passed_over(void **state) {
  (void)state;
  uLongf n = 0;
  size_t whole = MCL_PICTURE_LINES_BYTES + 1;
  char *text = malloc(whole);
  uint8_t *packed = malloc(compressBound(whole) + 6);
  assert_true(text && packed);
  memset(text, 'x', whole);
  memcpy(packed, "long\0\0", 6);
  n = compressBound(whole);
  assert_int_equal(compress(packed + 6, &n, (const Bytef *)text, whole), Z_OK);
  file f = picture(MOTCL_PNG, &lines[3], 1);
  add_chunk(&f, true, "zTXt", packed, n + 6);
  n = compressBound(20);
  assert_int_equal(compress(packed + 6, &n, (const Bytef *)text, 20), Z_OK);
  add_chunk(&f, true, "zTXt", packed, n + 5);
  packed[6 + n - 1] ^= 1;
  add_chunk(&f, true, "zTXt", packed, n + 6);
  packed[5] = 1; /* a method there is not */
  packed[6 + n - 1] ^= 1;
  add_chunk(&f, true, "zTXt", packed, n + 6);
  expect(&f, &lines[3], 1);
  packed[5] = 0;
  add_chunk(&f, true, "zTXt", packed, n + 6);
  const motcl_line want[] = {{"seed", "42"}, {"long", "xxxxxxxxxxxxxxxxxxxx"}};
  expect(&f, want, 2);
  mcl_free(f.bytes);
  free(text);
  free(packed);
}

static void bad_chunks_are_passed_over(void **state) {
  (void)state;
  char endless[300];
  memset(endless, 'k', sizeof endless);
  file f = picture(MOTCL_PNG, &lines[3], 1);
  add_chunk(&f, false, "tEXt", CHUNK("no end of the keyword"));
  add_chunk(&f, false, "tEXt", CHUNK("\0no keyword"));
  add_chunk(&f, false, "tEXt", CHUNK("empty\0"));
  add_chunk(&f, false, "tEXt", CHUNK("a NUL\0in\0it"));
  add_chunk(&f, false, "tEXt", endless, sizeof endless);
  add_chunk(&f, false, "tEXt", CHUNK(""));
  add_chunk(&f, false, "iTXt", CHUNK("bad\0\0\0\0\0\xff\xfe"));
  add_chunk(&f, false, "iTXt", CHUNK("packed\0\1\0\0\0xyz"));
  add_chunk(&f, false, "iTXt", CHUNK("cut\0\0"));
  add_chunk(&f, false, "iTXt", CHUNK("cut\0\0\0"));
  add_chunk(&f, false, "iTXt", CHUNK("cut\0\0\0en\0"));
  add_chunk(&f, false, "iTXt", CHUNK("cut\0"));
  add_chunk(&f, false, "zTXt", CHUNK("packed\0\0xyz"));
  expect(&f, &lines[3], 1);
  add_chunk(&f, false, "tEXt", CHUNK("damaged\0text"));
  f.bytes[33 + 8 + 9] ^= 1;
  expect(&f, &lines[3], 1);
  mcl_free(f.bytes);
}

static void refused(const file *f) {
  motcl_line *got = NULL;
  size_t n = 99;
  motcl_err err = {0};
  assert_int_equal(mcl_picture_lines(&got, &n, f->bytes, f->n, &err), MOTCL_EFORMAT);
  assert_null(got);
  assert_int_equal(n, 99);
  assert_true(strlen(err.text) > 10);
}

static void too_much_is_refused(void **state) {
  (void)state;
  size_t n = MCL_PICTURE_LINES_BYTES;
  char *big = malloc(n);
  assert_non_null(big);
  memset(big, 'x', n);
  memcpy(big, "prompt", 7);
  file f = picture(MOTCL_PNG, NULL, 0);
  add_chunk(&f, true, "tEXt", big, n / 2);
  add_chunk(&f, true, "tEXt", big, n / 2);
  refused(&f);
  mcl_free(f.bytes);
  f = picture(MOTCL_PNG, NULL, 0);
  for (int i = 0; i <= MCL_PICTURE_LINES_MOST; i++)
    add_chunk(&f, true, "tEXt", CHUNK("k\0v"));
  refused(&f);
  mcl_free(f.bytes);
  free(big);
}

/* No cut of a file is read beyond its end; a PNG needs its pixels, a JPEG all before them. A WebP has its
 * lines at the end: none are left. */
static void cut_files(void **state) {
  (void)state;
  for (motcl_format format = 0; format < MOTCL_FORMAT_COUNT; format++) {
    file f = picture(format, lines, LINES);
    for (size_t n = 0; n < f.n; n++) {
      motcl_line *got = NULL;
      size_t count;
      uint8_t *cut = malloc(n + !n);
      assert_non_null(cut);
      memcpy(cut, f.bytes, n);
      int rc = mcl_picture_lines(&got, &count, cut, n, NULL);
      if (format == MOTCL_PNG)
        assert_int_equal(rc, n < f.n - 12 ? MOTCL_EFORMAT : MOTCL_OK);
      size_t left = format == MOTCL_WEBP ? 0 : 3;
      assert_true(rc == MOTCL_EFORMAT || (rc == MOTCL_OK && count == left));
      if (rc == MOTCL_OK)
        mcl_free(got);
      free(cut);
    }
    mcl_free(f.bytes);
  }
}

/* A comment segment right behind the first marker. */
static void add_comment(file *f, const char *text) {
  size_t n = strlen(text);
  uint8_t head[4] = {0xff, 0xfe, (uint8_t)((n + 2) >> 8), (uint8_t)(n + 2)};
  insert(f, 2, text, n);
  insert(f, 2, head, 4);
}

static void comments_of_others(void **state) {
  (void)state;
  static const char *const foreign[] = {"made by somebody", "[\"seed\"]",     "{\"seed\":42}", "{}",
                                        "{\"\":\"42\"}",    "{\"seed\":\"\"}"};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    file f = picture(MOTCL_JPEG, NULL, 0);
    add_comment(&f, foreign[i]);
    expect(&f, lines, 0);
    mcl_free(f.bytes);
  }
  file f = picture(MOTCL_JPEG, NULL, 0);
  add_comment(&f, "\"42\"}");
  add_comment(&f, "{\"n\":1,\"seed\":");
  expect(&f, &lines[3], 1);
  mcl_free(f.bytes);
}

static void bad_segments_are_refused(void **state) {
  (void)state;
  static const uint8_t bad[][4] = {
      {0xff, 0xfe, 0, 0}, {0xff, 0xfe, 0, 1}, {0xff, 0xfe, 0xff, 0xff}, {1, 2, 3, 4}};
  for (size_t i = 0; i < 4; i++) {
    file f = picture(MOTCL_JPEG, NULL, 0);
    insert(&f, 2, bad[i], 4);
    refused(&f);
    mcl_free(f.bytes);
  }
  static const char *const foreign[] = {"{\"seed\":\"\\u0000\"}", "{\"seed\":\"42\"",
                                        "{made by somebody}", "{\"seed\":\"1\",\"seed\":\"2\"}"};
  for (size_t i = 0; i < 4; i++) {
    file f = picture(MOTCL_JPEG, NULL, 0);
    add_comment(&f, foreign[i]);
    refused(&f);
    mcl_free(f.bytes);
  }
  uint8_t text[] = "GIF89a neither nor";
  refused(&(file){text, sizeof text});
}

/* A WebP file of EXIF data, of `size` bytes. */
static file webp_of(const void *exif, size_t size) {
  static const char head[] = "VP8X\12\0\0\0\10\0\0\0\3\0\0\2\0"; /* EXIF, 4 by 3 */
  uint8_t name[8] = {'E', 'X', 'I', 'F', (uint8_t)size, (uint8_t)(size >> 8)};
  file f = picture(MOTCL_WEBP, NULL, 0);
  assert_true(size < 1 << 16 && f.n % 2 == 0);
  insert(&f, 12, head, sizeof head);
  insert(&f, f.n, name, sizeof name);
  insert(&f, f.n, exif, size);
  if (size % 2)
    insert(&f, f.n, "", 1);
  for (int i = 0; i < 4; i++)
    f.bytes[4 + i] = (uint8_t)((f.n - 8) >> 8 * i);
  return f;
}

/* A big-endian directory that others would write: the comment's in front of the pointer to it. */
static const uint8_t big[] = {
    'M', 'M', 0,    42,   0,   0,    0,  26,                              /* first at 26 */
    0,   1,   0x92, 0x86, 0,   7,    0,  0,  0,   21,  0,   0,   0,   44, /* one entry, at 8 */
    0,   0,   0,    0,                                                    /* no more */
    0,   1,   0x87, 0x69, 0,   4,    0,  0,  0,   1,   0,   0,   0,   8,  /* one entry */
    0,   0,   0,    0,                                                    /* no more */
    'A', 'S', 'C',  'I',  'I', 0,    0,  0,  '{', '"', 's', 'e', 'e', 'd',
    '"', ':', '"',  '4',  '2', '\"', '}'};

static void exif_of_others(void **state) {
  (void)state;
  file f = webp_of(big, sizeof big);
  expect(&f, &lines[3], 1);
  mcl_free(f.bytes);
  uint8_t marked[6 + sizeof big] = "Exif\0";
  memcpy(marked + 6, big, sizeof big);
  f = webp_of(marked, sizeof marked);
  expect(&f, &lines[3], 1);
  mcl_free(f.bytes);
  /* another type, version, tag, place, length or encoding */
  static const struct {
    uint8_t at, value;
  } other[] = {{2, 1},   {7, 60},   {7, 255}, {10, 0}, {12, 255}, {15, 255}, {17, 7},
               {17, 22}, {18, 255}, {21, 45}, {28, 0}, {36, 1},   {39, 9},   {44, 'U'}};
  for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
    uint8_t odd[sizeof big];
    memcpy(odd, big, sizeof big);
    odd[other[i].at] = other[i].value;
    f = webp_of(odd, sizeof odd);
    expect(&f, lines, 0);
    mcl_free(f.bytes);
  }
  for (size_t n = 0; n < sizeof big; n++) {
    f = webp_of(big, n);
    expect(&f, lines, 0);
    mcl_free(f.bytes);
  }
  uint8_t broken[sizeof big];
  memcpy(broken, big, sizeof big);
  broken[sizeof big - 1] = ']';
  f = webp_of(broken, sizeof broken);
  refused(&f);
  mcl_free(f.bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_comes_back),
      cmocka_unit_test(long_lines_come_back),
      cmocka_unit_test(chunks_of_others),
      cmocka_unit_test(packed_chunks),
      cmocka_unit_test(bad_packed_chunks_are_passed_over),
      cmocka_unit_test(bad_chunks_are_passed_over),
      cmocka_unit_test(too_much_is_refused),
      cmocka_unit_test(cut_files),
      cmocka_unit_test(comments_of_others),
      cmocka_unit_test(bad_segments_are_refused),
      cmocka_unit_test(exif_of_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
