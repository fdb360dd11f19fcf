/* api_rest.c - what motcl.h offers beside workers: looking at a folder, its tokenizer, files and
 * arrays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "motcl.h"
#include "tmpdir.h"

static motcl *library;

static json_int_t number(const json_t *tree, const char *obj, const char *key) {
  return json_integer_value(json_object_get(json_object_get(tree, obj), key));
}

static json_t *inspect(const char *dir) {
  char *json = NULL;
  motcl_err err = {0};
  if (motcl_inspect(library, dir, &json, &err) != MOTCL_OK)
    fail_msg("%s", err.text);
  json_t *tree = json_loads(json, 0, NULL);
  assert_non_null(tree);
  motcl_free(json);
  return tree;
}

static void folder_is_told(void **state) {
  (void)state;
  json_t *tree = inspect(tmp_name), *weights = json_object_get(tree, "weights");
  json_int_t tensors = 0;
  assert_string_equal(json_string_value(json_object_get(tree, "folder")), tmp_name);
  assert_true(json_is_true(json_object_get(tree, "usable")));
  assert_true(json_is_true(json_object_get(tree, "can_see")));
  assert_true(json_is_true(json_object_get(tree, "can_draw")));
  assert_int_equal(number(tree, "decoder", "hidden"), 64);
  assert_int_equal(number(tree, "vision", "layers"), 2);
  assert_int_equal(number(tree, "autoencoder", "latent"), 16);
  assert_true(json_integer_value(json_object_get(tree, "tokens")) > 300);
  assert_int_equal(json_object_size(weights), 6);
  for (void *at = json_object_iter(weights); at; at = json_object_iter_next(weights, at)) {
    const json_t *sum = json_object_iter_value(at);
    tensors += json_integer_value(json_object_get(sum, "tensors"));
    assert_true(json_integer_value(json_object_get(sum, "bytes")) > 0);
  }
  assert_int_equal(number(tree, "total", "tensors"), tensors);
  json_decref(tree);
}

static void what_is_wrong_is_told(void **state) {
  char hidden[320];
  (void)state;
  snprintf(hidden, sizeof hidden, "%s", tmpdir_path("hidden"));
  assert_int_equal(rename(tmpdir_path("vocab.json"), hidden), 0);
  json_t *tree = inspect(tmp_name), *findings = json_object_get(tree, "findings");
  assert_int_equal(rename(hidden, tmpdir_path("vocab.json")), 0);
  assert_true(json_is_false(json_object_get(tree, "usable")));
  assert_int_equal(json_integer_value(json_object_get(tree, "tokens")), 0);
  const json_t *last = json_array_get(findings, json_array_size(findings) - 1);
  assert_true(json_is_true(json_object_get(last, "error")));
  assert_true(json_string_length(json_object_get(last, "text")) > 0);
  json_decref(tree);
}

static void no_folder_is_an_error(void **state) {
  char *json = NULL;
  motcl_err err = {0};
  (void)state;
  assert_true(motcl_inspect(library, "there/is/no/such/folder", &json, &err) < 0);
  assert_null(json);
  assert_true(strlen(err.text) > 0);
}

static void tokenizer_goes_there_and_back(void **state) {
  static const char text[] = "a red fox";
  motcl_tokenizer *t = NULL;
  uint32_t *ids, none = UINT32_MAX;
  size_t count, n;
  char *back;
  motcl_err err = {0};
  (void)state;
  assert_int_equal(motcl_tokenizer_open(&t, library, tmp_name, &err), MOTCL_OK);
  assert_int_equal(motcl_tokenizer_encode(t, text, strlen(text), &ids, &count, &err), MOTCL_OK);
  assert_true(count > 0 && count <= strlen(text));
  for (size_t i = 0; i < count; i++)
    assert_true(ids[i] < motcl_tokenizer_count(t));
  assert_int_equal(motcl_tokenizer_decode(t, ids, count, &back, &n, &err), MOTCL_OK);
  assert_int_equal(n, strlen(text));
  assert_string_equal(back, text);
  motcl_free(ids);
  motcl_free(back);
  assert_int_equal(motcl_tokenizer_encode(t, "\xff", 1, &ids, &count, &err), MOTCL_EFORMAT);
  assert_int_equal(motcl_tokenizer_decode(t, &none, 1, &back, &n, &err), MOTCL_EINVAL);
  motcl_tokenizer_close(t);
  motcl_tokenizer_close(NULL);
  t = NULL;
  assert_int_equal(motcl_tokenizer_open(&t, library, "no/such/folder", &err), MOTCL_EIO);
  assert_null(t);
}

static void files_come_whole(void **state) {
  char path[320];
  uint8_t *bytes = NULL;
  size_t n = 0;
  motcl_err err = {0};
  (void)state;
  snprintf(path, sizeof path, "%s", tmpdir_path("file"));
  assert_int_equal(motcl_file_check(path, false, &err), MOTCL_OK);
  assert_int_equal(motcl_file_read(&bytes, &n, path, 10, &err), MOTCL_EIO);
  assert_int_equal(motcl_file_write(path, "one", 3, false, &err), MOTCL_OK);
  assert_int_equal(motcl_file_check(path, false, &err), MOTCL_EEXIST);
  assert_int_equal(motcl_file_check(path, true, &err), MOTCL_OK);
  assert_int_equal(motcl_file_write(path, "two", 3, false, &err), MOTCL_EEXIST);
  assert_int_equal(motcl_file_read(&bytes, &n, path, 2, &err), MOTCL_EFORMAT);
  assert_null(bytes);
  assert_int_equal(motcl_file_read(&bytes, &n, path, 3, &err), MOTCL_OK);
  assert_int_equal(n, 3);
  assert_string_equal((char *)bytes, "one");
  motcl_free(bytes);
}

static void arrays_come_back(void **state) {
  static const float values[6] = {1, 2, 3, 4, 5, 6.5f};
  static const size_t dim[2] = {2, 3};
  motcl_array a = {.name = "a", .type = MOTCL_F32, .rank = 2, .dim = dim, .data = values};
  char path[320];
  float *back = NULL;
  size_t n = 0;
  motcl_err err = {0};
  (void)state;
  snprintf(path, sizeof path, "%s", tmpdir_path("a.npy"));
  assert_int_equal(motcl_npy_write(path, &a, &err), MOTCL_OK);
  assert_int_equal(motcl_npy_read_f32(&back, &n, path, 5, &err), MOTCL_EFORMAT);
  assert_null(back);
  assert_int_equal(motcl_npy_read_f32(&back, &n, path, 6, &err), MOTCL_OK);
  assert_int_equal(n, 6);
  assert_memory_equal(back, values, sizeof values);
  motcl_free(back);
  motcl_free(NULL);
}

static int set_up(void **state) {
  return tmpdir_model(state) != 0 || motcl_open(&library, NULL, NULL) != MOTCL_OK ? -1 : 0;
}

static int tear_down(void **state) {
  motcl_close(library);
  return tmpdir_drop(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(folder_is_told),        cmocka_unit_test(what_is_wrong_is_told),
      cmocka_unit_test(no_folder_is_an_error), cmocka_unit_test(tokenizer_goes_there_and_back),
      cmocka_unit_test(files_come_whole),      cmocka_unit_test(arrays_come_back),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
