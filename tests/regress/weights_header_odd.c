/* weights_header_odd.c - weights were refused for a blank before their header, a NUL written as an escape
 * in their metadata, or a ninth dimension of a tensor that nobody asks for. Seen by: whoever has such a
 * file, which the safetensors library loads. What was the matter: our reader was stricter in each. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/st_header.h"

/* The header is followed by two bytes, which the tensor "a" has. */
#define A "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}"

static int parse(json_t **root, mcl_st_tensor **t, size_t *n, const char *header, motcl_err *err) {
  size_t length = strlen(header);
  uint8_t *file = calloc(1, 8 + length + 2);
  assert_non_null(file);
  for (int i = 0; i < 8; i++)
    file[i] = (uint8_t)(length >> (8 * i));
  memcpy(file + 8, header, length);
  int rc = mcl_st_parse(root, t, n, file, 8 + length + 2, "weights", err);
  free(file);
  return rc;
}

/* It is read, and its first tensor is called that. */
static void expect(const char *header, const char *name) {
  json_t *root;
  mcl_st_tensor *t;
  size_t n;
  motcl_err err = {0};
  if (parse(&root, &t, &n, header, &err) != MOTCL_OK)
    fail_msg("%s: %s", header, err.text);
  assert_true(n >= 1);
  assert_string_equal(t[0].name, name);
  assert_int_equal(t[0].bytes, 2);
  mcl_free(t);
  json_decref(root);
}

static void refused(const char *header) {
  json_t *root;
  mcl_st_tensor *t;
  size_t n;
  if (parse(&root, &t, &n, header, NULL) == MOTCL_OK)
    fail_msg("%s is taken", header);
}

static void blanks(void **state) {
  (void)state;
  expect("{" A "}", "a");
  expect(" \t\r\n{" A "} ", "a");
  refused("\f{" A "}");
  refused("\xef\xbb\xbf{" A "}");
}

static void escaped_nul(void **state) {
  (void)state;
  expect("{\"__metadata__\":{\"k\":\"x\\u0000y\"}," A "}", "a");
  expect("{\"__metadata__\":{\"k\\u0000\":\"\"}," A "}", "a");
  expect("{\"__metadata__\":{\"k\":\"\\\\\\u0000\"}," A "}", "a");
  /* the first backslash escapes the second, and what follows is letters */
  expect("{\"__metadata__\":{\"k\":\"\\\\u0000\"}," A "}", "a");
  expect("{\"a\\u0000b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", "a\xef\xbf\xbd"
                                                                                    "b");
  refused("{\"__metadata__\":{\"k\":\"\\u000\"}," A "}");
}

static void nine_dimensions(void **state) {
  (void)state;
  json_t *root;
  mcl_st_tensor *t;
  size_t n;
  const char *header =
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,2]}}";
  assert_int_equal(parse(&root, &t, &n, header, NULL), MOTCL_OK);
  assert_int_equal(t[0].rank, 9);
  mcl_free(t);
  json_decref(root);
  refused("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,3],\"data_offsets\":[0,2]}}");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blanks),
      cmocka_unit_test(escaped_nul),
      cmocka_unit_test(nine_dimensions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
