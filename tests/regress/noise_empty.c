/* noise_empty.c - a first latent of no numbers was none in a Job message and in a recipe, and something else to a
 * worker. Absent and empty are two things: the second is refused. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "motcl.h"

static void no_numbers_are_no_noise(void **state) {
  static const motcl_output wanted[] = {MOTCL_OUTPUT_PICTURE};
  const motcl_part part = {.kind = MOTCL_PART_TEXT, .data = "a cat", .size = 5};
  const float noise[1] = {0};
  motcl_request r = motcl_request_default(false);
  motcl_err err = {0};
  (void)state;
  r.part = &part;
  r.parts = 1;
  r.output = wanted;
  r.outputs = 1;
  assert_int_equal(motcl_request_check(&r, &err), MOTCL_OK);
  r.settings.noise = noise;
  assert_int_equal(motcl_request_check(&r, &err), MOTCL_EINVAL);
  assert_non_null(strstr(err.text, "the noise is empty"));
  r.settings.noise_count = 1;
  assert_int_equal(motcl_request_check(&r, &err), MOTCL_OK);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(no_numbers_are_no_noise)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
