/* model_name_cut.c - a picture was drawn and then not written, as 'the metadata value of model is not UTF-8'. Seen by:
 * whoever keeps a model in a folder with a long name between quotes, or names it so. What was the matter: quotes
 * make a name longer, and it was cut inside a character. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "model/digest.h"
#include "tests/unit/tmpdir.h"

#define MOST 80 /* characters, of two bytes each */

/* `before` bytes, then characters. */
static void make(char *to, size_t before, size_t characters, const char *end) {
  memset(to, 'x', before);
  to += before;
  for (size_t i = 0; i < characters; i++, to += 2)
    memcpy(to, "\303\251", 2);
  strcpy(to, end);
}

static void check(const mcl_model *m, const char *dir) {
  char name[MCL_MODEL_NAME];
  mcl_model_name(name, m, dir);
  if (!*name || !mcl_utf8_valid(name, strlen(name), NULL) || strchr(name, '?'))
    fail_msg("%s is called %s", dir, name);
}

static void folders(void **state) {
  static const char *const begins[] = {"/m/", "/m/'\001", "/m/it is '\n"};
  (void)state;
  for (size_t i = 0; i < 3; i++)
    for (size_t before = 0; before < 6; before++)
      for (size_t n = 0; n < MOST; n++) {
        char dir[400];
        mcl_model m = {0};
        strcpy(dir, begins[i]);
        make(dir + strlen(dir), before, n, i ? "'" : "m");
        check(&m, dir);
      }
}

static void names(void **state) {
  (void)state;
  for (size_t before = 0; before < 2; before++)
    for (size_t n = 50; n < MOST; n++) {
      char text[400] = "{\"name\": \"'\\u0001";
      const mcl_finding *f;
      size_t findings;
      mcl_model *m;
      make(text + strlen(text), before, n, "'\"}");
      tmpdir_put("motcl.json", text, strlen(text));
      assert_int_equal(mcl_model_inspect(&m, tmp_name, &f, &findings, NULL), MOTCL_OK);
      check(m, "/m");
      mcl_model_close(m);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(folders), cmocka_unit_test(names)};
  return cmocka_run_group_tests(tests, tmpdir_model, tmpdir_drop);
}
