/* text_golden.h - the recorded cases of tests/golden/tok for the tests of host/text. */
#ifndef MCL_TESTS_TEXT_GOLDEN_H
#define MCL_TESTS_TEXT_GOLDEN_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/** Path of a file of tests/golden/tok, or of the folder itself for ""; good until the next call. */
static inline const char *golden_path(const char *file) {
  static char path[512];
  const char *top = getenv("srcdir");
  snprintf(path, sizeof path, "%s/tests/golden/tok%s%s", top ? top : ".", *file ? "/" : "", file);
  return path;
}

/** The cases of that name: a new reference to the whole in *root, to be given back with
 * json_decref, and the array. Stops the test program if there are fewer than `least`. */
static inline json_t *golden_cases(json_t **root, const char *name, size_t least) {
  json_error_t e;
  *root = json_load_file(golden_path("cases.json"), JSON_ALLOW_NUL, &e);
  json_t *cases = json_object_get(*root, name);
  if (json_array_size(cases) < least) {
    fprintf(stderr, "%s: no %zu cases \"%s\" there\n", golden_path("cases.json"), least, name);
    abort();
  }
  return cases;
}

#endif
