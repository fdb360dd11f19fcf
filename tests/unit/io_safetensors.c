/* io_safetensors.c - tests of host/io/safetensors.h: what a good file gives, and that every
 * contradiction inside a header or an index is refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "io/st_header.h"
#include "tmpdir.h"

/* A file in memory of exactly its size, so that a sanitizer sees any read past it. */
typedef struct image {
  unsigned char *bytes;
  size_t size;
} image;

/* Header length, header and `area` bytes of data that count up from 0. */
static image make(const char *header, size_t area) {
  size_t n = strlen(header);
  image f = {.size = 8 + n + area};
  f.bytes = mcl_alloc(f.size, 1);
  assert_non_null(f.bytes);
  for (size_t i = 0; i < 8; i++)
    f.bytes[i] = (unsigned char)(n >> (8 * i));
  memcpy(f.bytes + 8, header, n);
  for (size_t i = 0; i < area; i++)
    f.bytes[8 + n + i] = (unsigned char)i;
  return f;
}

static const char *put(const char *name, const char *header, size_t area) {
  image f = make(header, area);
  const char *path = tmpdir_put(name, f.bytes, f.size);
  mcl_free(f.bytes);
  return path;
}

static int parse(image f, json_t **root, mcl_st_tensor **t, size_t *n, motcl_err *err) {
  return mcl_st_parse(root, t, n, f.bytes, f.size, "here.safetensors", err);
}

/* The file must be refused with this code, in a sentence with these words. */
static void refused_as(int code, const char *header, size_t area, const char *words) {
  json_t *root = NULL;
  mcl_st_tensor *t = NULL;
  size_t n = 77;
  motcl_err err = {0};
  image f = make(header, area);
  if (parse(f, &root, &t, &n, &err) != code)
    fail_msg("%s gives %d '%s'", header, err.code, err.text);
  assert_int_equal(parse(f, &root, &t, &n, NULL), code);
  mcl_free(f.bytes);
  assert_null(root);
  assert_null(t);
  assert_int_equal(n, 77);
  if (!strstr(err.text, words) || !strstr(err.text, "here.safetensors"))
    fail_msg("%s: '%s' does not say '%s'", header, err.text, words);
}

static void refused(const char *header, size_t area, const char *words) {
  refused_as(MOTCL_EFORMAT, header, area, words);
}

static void accepted(const char *header, size_t area) {
  json_t *root;
  mcl_st_tensor *t;
  size_t n;
  motcl_err err = {0};
  image f = make(header, area);
  if (parse(f, &root, &t, &n, &err) != MOTCL_OK)
    fail_msg("%s: %s", header, err.text);
  mcl_free(t);
  json_decref(root);
  mcl_free(f.bytes);
}

#define ENTRY(name, dtype, shape, offsets)                                                         \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void a_good_file(void **state) {
  (void)state;
  mcl_st *st;
  const char *header =
      "{\"__metadata__\":{\"format\":\"pt\"}," ENTRY("w.b", "F32", "[2,1]", "[6,14]") "," ENTRY(
          "a", "BF16", "[3]", "[0,6]") "," ENTRY("z", "I64", "[]",
                                                 "[14,22]") "," ENTRY("none", "F16", "[4,0]",
                                                                      "[6,6]") "}   ";
  const char *path = put("good", header, 22);
  assert_int_equal(mcl_st_open(&st, path, NULL), MOTCL_OK);
  assert_int_equal(mcl_st_count(st), 4);
  const mcl_st_tensor *t = mcl_st_find(st, "w.b");
  assert_non_null(t);
  assert_ptr_equal(t, mcl_st_at(st, 2));
  assert_string_equal(t->name, "w.b");
  assert_string_equal(t->type_name, "F32");
  assert_true(t->type_known);
  assert_int_equal(t->type, MCL_F32);
  assert_int_equal(t->rank, 2);
  assert_int_equal(t->dim[0], 2);
  assert_int_equal(t->dim[1], 1);
  assert_int_equal(t->bytes, 8);
  assert_int_equal(*(const unsigned char *)t->data, 6);
  assert_string_equal(t->file, path);
  t = mcl_st_find(st, "z");
  assert_false(t->type_known);
  assert_int_equal(t->type, MCL_TYPE_COUNT);
  assert_string_equal(t->type_name, "I64");
  assert_int_equal(t->rank, 0);
  t = mcl_st_find(st, "none");
  assert_int_equal(t->bytes, 0);
  assert_int_equal(t->rank, 2);
  assert_null(mcl_st_find(st, "__metadata__"));
  assert_null(mcl_st_find(st, ""));
  assert_null(mcl_st_find(st, "w"));
  assert_null(mcl_st_at(st, 4));
  for (size_t i = 1; i < 4; i++)
    assert_true(strcmp(mcl_st_at(st, i - 1)->name, mcl_st_at(st, i)->name) < 0);
  mcl_st_close(st);
  mcl_st_close(NULL);
}

static void files_of_no_tensor(void **state) {
  (void)state;
  accepted("{}", 0);
  accepted("{\"__metadata__\":{}}", 0);
  refused("{}", 1, "belong to none");
}

static void allowed_oddities(void **state) {
  (void)state;
  accepted("{" ENTRY("", "U8", "[1]", "[0,1]") "}", 1);
  accepted("{" ENTRY("a\\u0000b", "U8", "[1]", "[0,1]") "}", 1);
  accepted(" \t\r\n{" ENTRY("a", "U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1);
  accepted("{" ENTRY("a", "NEW9", "[100]", "[0,3]") "}", 3);
  accepted("{" ENTRY("a", "F4", "[3,2]", "[0,3]") "}", 3);
  accepted("{" ENTRY("a", "F6_E2M3", "[4]", "[0,3]") "}", 3);
  accepted("{" ENTRY("a", "BOOL", "[1,1,1,1,1,1,1,3]", "[0,3]") "}", 3);
  accepted("{" ENTRY("a", "C64", "[1]", "[0,8]") "," ENTRY("b", "F8_E4M3", "[2]", "[8,10]") "}",
           10);
  accepted("{\"a\":{\"shape\":[2],\"more\":{},\"data_offsets\":[0,2],\"dtype\":\"I8\"}}", 2);
  accepted("{" ENTRY("a", "U8", "[0]", "[2,2]") "," ENTRY("b", "U8", "[2]", "[0,2]") "," ENTRY(
               "c", "U8", "[0]", "[0,0]") "}",
           2);
}

static void bad_entries(void **state) {
  (void)state;
  refused("{\"a\":1}", 0, "'a'");
  refused("{\"a\":null}", 0, "'a'");
  refused("{\"a\":[]}", 0, "'a'");
  refused("{\"a\":{}}", 0, "dtype");
  refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[0]}}", 0, "data_offsets");
  refused("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}", 0, "shape");
  refused("{\"a\":{\"dtype\":8,\"shape\":[0],\"data_offsets\":[0,0]}}", 0, "dtype");
  refused("{" ENTRY("a", "U8", "3", "[0,3]") "}", 3, "shape");
  refused("{" ENTRY("a", "U8", "{}", "[0,3]") "}", 3, "shape");
  refused("{" ENTRY("a", "U8", "[3.0]", "[0,3]") "}", 3, "shape");
  refused("{" ENTRY("a", "U8", "[\"3\"]", "[0,3]") "}", 3, "shape");
  refused("{" ENTRY("a", "U8", "[true]", "[0,1]") "}", 1, "shape");
  refused("{" ENTRY("a", "U8", "[-3]", "[0,3]") "}", 3, "shape");
  refused("{" ENTRY("a", "U8", "[-1,-3]", "[0,3]") "}", 3, "shape");
  refused("{" ENTRY("a", "U8", "[3]", "[0]") "}", 3, "two integers");
  refused("{" ENTRY("a", "U8", "[3]", "[0,3,3]") "}", 3, "two integers");
  refused("{" ENTRY("a", "U8", "[3]", "[0.0,3.0]") "}", 3, "two integers");
  refused("{" ENTRY("a", "U8", "[3]", "[null,3]") "}", 3, "two integers");
  refused("{" ENTRY("a", "U8", "[3]", "{\"0\":3}") "}", 3, "data_offsets");
}

static void bad_sizes(void **state) {
  (void)state;
  refused("{" ENTRY("a", "F32", "[3]", "[0,11]") "}", 11, "11 bytes");
  refused("{" ENTRY("a", "F32", "[3]", "[0,13]") "}", 13, "another number");
  refused("{" ENTRY("a", "F32", "[3]", "[0,0]") "}", 0, "another number");
  refused("{" ENTRY("a", "F32", "[0]", "[0,4]") "}", 4, "another number");
  refused("{" ENTRY("a", "F32", "[]", "[0,0]") "}", 0, "another number");
  refused("{" ENTRY("a", "F4", "[3]", "[0,1]") "}", 1, "another number");
  refused("{" ENTRY("a", "F4", "[3]", "[0,2]") "}", 2, "another number");
  refused("{" ENTRY("a", "I64", "[3]", "[0,12]") "}", 12, "another number");
  /* 2^32 * 2^32, 2^62 * 4 bytes, 2^63 - 1 bytes: products that wrap to something small */
  refused("{" ENTRY("a", "U8", "[4294967296,4294967296]", "[0,0]") "}", 0, "counted");
  refused("{" ENTRY("a", "F32", "[4611686018427387904]", "[0,0]") "}", 0, "another number");
  refused("{" ENTRY("a", "U8", "[9223372036854775807]", "[0,0]") "}", 0, "another number");
  refused("{" ENTRY("a", "F64", "[2305843009213693952]", "[0,0]") "}", 0, "another number");
  refused("{" ENTRY("a", "U8", "[9223372036854775807,9223372036854775807,0]", "[0,0]") "}", 0,
          "counted");
}

static void bad_places(void **state) {
  (void)state;
  refused("{" ENTRY("a", "U8", "[3]", "[0,3]") "}", 2, "cut short");
  refused("{" ENTRY("a", "U8", "[3]", "[1,4]") "}", 3, "cut short");
  refused("{" ENTRY("a", "U8", "[3]", "[3,0]") "}", 3, "3 to 0");
  refused("{" ENTRY("a", "U8", "[3]", "[-3,0]") "}", 3, "-3");
  refused("{" ENTRY("a", "U8", "[3]", "[9223372036854775804,9223372036854775807]") "}", 3, "leave");
  refused("{" ENTRY("a", "U8", "[3]", "[18446744073709551612,18446744073709551615]") "}", 3, "big");
  refused("{" ENTRY("a", "U8", "[3]", "[0,3]") "}", 4, "belong to none");
  refused("{" ENTRY("a", "U8", "[3]", "[1,4]") "}", 4, "unused bytes");
  refused("{" ENTRY("a", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[2]", "[3,5]") "}", 5,
          "unused bytes");
  refused("{" ENTRY("a", "U8", "[3]", "[0,3]") "," ENTRY("b", "U8", "[3]", "[2,5]") "}", 5,
          "overlaps");
  refused("{" ENTRY("a", "U8", "[3]", "[0,3]") "," ENTRY("b", "U8", "[3]", "[0,3]") "}", 3,
          "overlaps");
  refused("{" ENTRY("a", "U8", "[4]", "[0,4]") "," ENTRY("b", "U8", "[1]", "[1,2]") "}", 4,
          "overlaps");
  refused("{" ENTRY("a", "U8", "[4]", "[0,4]") "," ENTRY("b", "U8", "[0]", "[2,2]") "}", 4,
          "overlaps");
}

/* Files of other kinds are named as what they are. */
static void foreign_files(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t n;
    const char *words;
  } files[] = {
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", 61, "git lfs pull"},
      {"GGUF\3\0\0\0\0\0\0\0", 12, "GGUF"},
      {"PK\3\4\0\0\10\10\0\0\0\0", 12, "pickled"},
      {"\x80\2}q\0X\5\0\0\0model", 15, "pickled"},
      {"<!DOCTYPE html>\n<html>", 22, "web page"},
      {"\n <HTML lang=en>", 16, "web page"},
      {"Entry not found", 15, "a text"},
      {"{\"error\":\"Access denied\"}", 25, "a text"},
      {"\x89HDF\r\n\x1a\n\0\0", 10, "HDF5"},
      {"\0\0\0\0\0\0\0\0\0\0\0\0", 12, "zeros"},
      {"", 0, "empty"},
      {"\x40\2\0\0\0\0\0\0{\"a\"", 12, "cut short in its header"},
      {"\x80\2\0\0\0\0\0\0{\"a\"", 12, "cut short in its header"}, /* no pickle */
      {"\1\2\3\4\5\6\7\10\11", 9, "no safetensors file"},
  };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    mcl_st *st = NULL;
    motcl_err err = {0};
    const char *path = tmpdir_put("weights", files[i].bytes, files[i].n);
    assert_int_equal(mcl_st_open(&st, path, &err), MOTCL_EFORMAT);
    if (!strstr(err.text, files[i].words))
      fail_msg("%zu: '%s' does not say '%s'", i, err.text, files[i].words);
  }
}

static void bad_headers(void **state) {
  (void)state;
  refused("", 0, "no safetensors");
  refused("", 9, "no safetensors");
  refused(" []", 0, "no safetensors");
  refused("\f{}", 0, "no safetensors");
  refused("[]", 0, "no safetensors");
  refused("{", 0, "JSON");
  refused("{}}", 0, "JSON");
  refused("{} x", 0, "JSON");
  refused("{" ENTRY("a", "U8", "[0]", "[0,0]") "," ENTRY("a", "U8", "[0]", "[0,0]") "}", 0,
          "duplicate");
  refused("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0,
          "duplicate");
  refused("{" ENTRY("a\xff", "U8", "[0]", "[0,0]") "}", 0, "JSON");
}

/* Every cut of a good file, and every header length that is not its own, is refused. */
static void cuts_and_lengths(void **state) {
  (void)state;
  json_t *root;
  mcl_st_tensor *t;
  size_t n;
  image f = make("{" ENTRY("a", "U8", "[3]", "[0,3]") "}", 3);
  for (size_t size = 0; size < f.size; size++) {
    image cut = {.bytes = mcl_alloc(size, 1), .size = size};
    assert_non_null(cut.bytes);
    memcpy(cut.bytes, f.bytes, size);
    assert_int_equal(parse(cut, &root, &t, &n, NULL), MOTCL_EFORMAT);
    mcl_free(cut.bytes);
  }
  unsigned char good = f.bytes[0];
  for (unsigned i = 0; i < 256; i++) {
    f.bytes[0] = (unsigned char)i;
    if (i != good)
      assert_int_equal(parse(f, &root, &t, &n, NULL), MOTCL_EFORMAT);
  }
  f.bytes[0] = good;
  for (size_t i = 1; i < 8; i++) {
    f.bytes[i] = 0xff;
    assert_int_equal(parse(f, &root, &t, &n, NULL), MOTCL_EFORMAT);
  }
  mcl_free(f.bytes);
}

/* Whatever a byte is changed to, what is accepted lies inside the file. */
static void changed_bytes_stay_inside(void **state) {
  (void)state;
  image f =
      make("{" ENTRY("a", "U8", "[3]", "[0,3]") "," ENTRY("b", "F16", "[1,4]", "[3,11]") "}", 11);
  const unsigned char *end = f.bytes + f.size;
  size_t accepts = 0;
  for (size_t at = 0; at < f.size - 11; at++) {
    unsigned char before = f.bytes[at];
    for (unsigned to = 0; to < 256; to++) {
      json_t *root;
      mcl_st_tensor *t;
      size_t n;
      f.bytes[at] = (unsigned char)to;
      if (parse(f, &root, &t, &n, NULL) != MOTCL_OK)
        continue;
      accepts++;
      for (size_t i = 0; i < n; i++) {
        const unsigned char *p = t[i].data;
        assert_true(p >= f.bytes && p <= end && t[i].bytes <= (size_t)(end - p));
        assert_true(t[i].rank >= 0);
        assert_true(t[i].name && t[i].type_name);
      }
      mcl_free(t);
      json_decref(root);
    }
    f.bytes[at] = before;
  }
  assert_true(accepts > f.size - 11);
  mcl_free(f.bytes);
}

static void huge_header_length(void **state) {
  (void)state;
  mcl_st *st = NULL;
  motcl_err err;
  /* 100 000 001 bytes of header in a sparse file that is long enough for them */
  const char *path = tmpdir_put("huge", "\x01\xe1\xf5\x05\0\0\0\0{", 9);
  assert_int_equal(truncate(path, 200000000), 0);
  assert_int_equal(mcl_st_open(&st, path, &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "no safetensors"));
  assert_null(st);
}

static void many_tensors(void **state) {
  (void)state;
  enum { N = 3000 };
  size_t room = N * 96 + 16, len = 1;
  char *header = mcl_alloc(room, 1);
  assert_non_null(header);
  header[0] = '{';
  for (size_t i = 0; i < N; i++)
    len +=
        (size_t)snprintf(header + len, room - len,
                         "%s\"t%zu\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%zu,%zu]}",
                         i ? "," : "", i, i, i + 1);
  snprintf(header + len, room - len, "}");
  mcl_st *st;
  assert_int_equal(mcl_st_open(&st, put("many", header, N), NULL), MOTCL_OK);
  assert_int_equal(mcl_st_count(st), N);
  for (size_t i = 0; i < N; i++) {
    char name[16];
    snprintf(name, sizeof name, "t%zu", i);
    const mcl_st_tensor *t = mcl_st_find(st, name);
    assert_non_null(t);
    assert_int_equal(*(const unsigned char *)t->data, i & 255);
  }
  mcl_st_close(st);
  mcl_free(header);
}

static void files_that_cannot_be_opened(void **state) {
  (void)state;
  mcl_st *st = NULL;
  motcl_err err;
  assert_int_equal(mcl_st_open(&st, tmpdir_path("none"), &err), MOTCL_EIO);
  assert_int_equal(mcl_st_open(&st, tmp_name, &err), MOTCL_EIO);
  assert_int_equal(mcl_st_open(&st, tmpdir_put("empty", "", 0), &err), MOTCL_EFORMAT);
  assert_int_equal(mcl_st_open_index(&st, tmpdir_path("none"), &err), MOTCL_EIO);
  assert_null(st);
}

/* Two shards: one with a and b, two with b and c. */
static void put_shards(void) {
  put("one.st", "{" ENTRY("a", "U8", "[1]", "[0,1]") "," ENTRY("b", "U8", "[1]", "[1,2]") "}", 2);
  put("two.st", "{" ENTRY("c", "U8", "[2]", "[0,2]") "," ENTRY("b", "U8", "[1]", "[2,3]") "}", 3);
}

static int open_index(mcl_st **st, const char *json, motcl_err *err) {
  return mcl_st_open_index(st, tmpdir_put("index.json", json, strlen(json)), err);
}

static void an_index(void **state) {
  (void)state;
  mcl_st *st;
  put_shards();
  assert_int_equal(open_index(&st,
                              "{\"metadata\":{},\"weight_map\":{\"c\":\"two.st\","
                              "\"a\":\"one.st\",\"b\":\"two.st\"}}",
                              NULL),
                   MOTCL_OK);
  assert_int_equal(mcl_st_count(st), 3);
  assert_string_equal(mcl_st_at(st, 0)->name, "a");
  assert_string_equal(mcl_st_at(st, 1)->name, "b");
  assert_string_equal(mcl_st_at(st, 2)->name, "c");
  assert_string_equal(mcl_st_at(st, 0)->file, tmpdir_path("one.st"));
  const mcl_st_tensor *b = mcl_st_find(st, "b");
  assert_string_equal(b->file, tmpdir_path("two.st"));
  assert_int_equal(*(const unsigned char *)b->data, 2);
  mcl_st_close(st);
  assert_int_equal(open_index(&st, "{\"weight_map\":{\"a\":\"one.st\"}}", NULL), MOTCL_OK);
  assert_int_equal(mcl_st_count(st), 1);
  assert_null(mcl_st_find(st, "b"));
  mcl_st_close(st);
  assert_int_equal(open_index(&st, "{\"weight_map\":{}}", NULL), MOTCL_OK);
  assert_int_equal(mcl_st_count(st), 0);
  assert_null(mcl_st_find(st, "a"));
  mcl_st_close(st);
}

static void bad_indexes(void **state) {
  (void)state;
  static const struct {
    const char *json, *words;
    int code;
  } bad[] = {
      {"", "index.json", MOTCL_EFORMAT},
      {"[]", "weight_map", MOTCL_EFORMAT},
      {"{}", "weight_map", MOTCL_EFORMAT},
      {"{\"weight_map\":[]}", "weight_map", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":1}}", "'a'", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"\"}}", "plain", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\".\"}}", "plain", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"..\"}}", "plain", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"../one.st\"}}", "plain", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "plain", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"./one.st\"}}", "plain", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"one.st\\u0000\"}}", "JSON", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"one.st\",\"a\":\"one.st\"}}", "duplicate", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"c\":\"one.st\"}}", "does not hold 'c'", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"one.st\",\"d\":\"two.st\"}}", "does not hold 'd'", MOTCL_EFORMAT},
      {"{\"weight_map\":{\"a\":\"one.st\",\"c\":\"three.st\"}}", "1 of them is missing: three.st;",
       MOTCL_EIO},
      {"{\"weight_map\":{\"a\":\"one.st\",\"c\":\"x\",\"d\":\"y\"}}",
       "2 of them are missing: x, y;", MOTCL_EIO},
      {"{\"weight_map\":{\"a\":\"one.st\",\"c\":\"index.json\"}}", "index.json", MOTCL_EFORMAT},
  };
  put_shards();
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    mcl_st *st = NULL;
    motcl_err err = {0};
    if (open_index(&st, bad[i].json, &err) != bad[i].code || !strstr(err.text, bad[i].words))
      fail_msg("%s: %d '%s'", bad[i].json, err.code, err.text);
    assert_int_equal(open_index(&st, bad[i].json, NULL), bad[i].code);
    assert_null(st);
  }
}

static void metadata_and_prefixes(void **state) {
  (void)state;
  mcl_st *st;
  motcl_err err = {0};
  const char *twice =
      "{" ENTRY("a", "U8", "[1]", "[0,1]") "," ENTRY("m.a", "U8", "[1]", "[1,2]") "}";
  const char *header =
      "{\"__metadata__\":{\"format\":\"pt\",\"n\":1}," ENTRY("m.z", "U8", "[1]", "[0,1]") "," ENTRY(
          "m.", "U8", "[1]", "[1,2]") "," ENTRY("n", "U8", "[1]", "[2,3]") "}";
  assert_int_equal(mcl_st_open(&st, put("good", header, 3), NULL), MOTCL_OK);
  assert_string_equal(mcl_st_metadata(st, "format"), "pt");
  assert_null(mcl_st_metadata(st, "n"));
  assert_null(mcl_st_metadata(st, "other"));
  assert_int_equal(mcl_st_drop_prefix(st, "m.", &err), MOTCL_OK);
  assert_non_null(mcl_st_find(st, "z"));
  assert_non_null(mcl_st_find(st, "m."));
  assert_non_null(mcl_st_find(st, "n"));
  mcl_st_close(st);
  assert_int_equal(mcl_st_open(&st, put("twice", twice, 2), NULL), MOTCL_OK);
  assert_null(mcl_st_metadata(st, "format"));
  assert_int_equal(mcl_st_drop_prefix(st, "m.", &err), MOTCL_EFORMAT);
  assert_non_null(strstr(err.text, "twice"));
  mcl_st_close(st);
}

#define TEST(f) cmocka_unit_test_setup(f, tmpdir_clear)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_good_file),
      TEST(files_of_no_tensor),
      TEST(allowed_oddities),
      TEST(bad_entries),
      TEST(bad_sizes),
      TEST(bad_places),
      TEST(bad_headers),
      TEST(cuts_and_lengths),
      TEST(changed_bytes_stay_inside),
      TEST(huge_header_length),
      TEST(many_tensors),
      TEST(files_that_cannot_be_opened),
      TEST(an_index),
      TEST(bad_indexes),
      TEST(foreign_files),
      TEST(metadata_and_prefixes),
  };
  return cmocka_run_group_tests(tests, tmpdir_make, tmpdir_drop);
}
