/* nul_between_outputs.c - a model may write a NUL, which no message holds: U+FFFD stood for it in the answer, and
 * in what the next picture of the job said it was drawn from, so that it could not be drawn again. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "job/output.h"

static void words_are_as_they_were_written(void **state) {
  static const char said[] = "a\xef\xbf\xbd\xef\xbf\xbd"
                             "b";
  (void)state;
  for (int kind = MOTCL_OUTPUT_TEXT; kind <= MOTCL_OUTPUT_PICTURE; kind++) {
    const bool picture = kind == MOTCL_OUTPUT_PICTURE;
    const motcl_settings settings = {.think = picture};
    motcl_item item = {
        .kind = MOTCL_ITEM_OUTPUT, .output = (motcl_output)kind, .settings = &settings};
    mcl_output m = {0};
    const char *at;
    assert_int_equal(mcl_output_words(&m, item.output, picture, "a\0", 2, &at, NULL), MOTCL_OK);
    assert_string_equal(at, "a\xef\xbf\xbd");
    assert_int_equal(mcl_output_words(&m, item.output, picture, "\0b", 2, &at, NULL), MOTCL_OK);
    assert_string_equal(at, "\xef\xbf\xbd"
                            "b");
    assert_string_equal(picture ? m.thought.text : m.text.text, said);
    mcl_output_settle(&m, &item);
    assert_int_equal(item.mades, picture ? 2 : 1);
    assert_int_equal(item.made[0].kind, MOTCL_PART_ANSWER);
    assert_int_equal(item.made[0].size, 4);
    assert_memory_equal(item.made[0].data, "a\0\0b", 4);
    mcl_output_finish(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(words_are_as_they_were_written)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
