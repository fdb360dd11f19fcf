/* flow_guidance.c - tests of host/flow/guidance.h: names, defaults, ranges, passes owed. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "flow/guidance.h"

enum { MAIN = MCL_PASS_COND, TEXT = MCL_PASS_TEXT_UNCOND, IMAGE = MCL_PASS_IMAGE_UNCOND };

static void names(void **state) {
  (void)state;
  for (int i = 0; i < MOTCL_RENORM_COUNT; i++) {
    motcl_renorm got = MOTCL_RENORM_COUNT;
    assert_true(motcl_renorm_parse(motcl_renorm_name((motcl_renorm)i), &got));
    assert_int_equal(got, i);
  }
  motcl_renorm got = MOTCL_RENORM_NONE;
  assert_true(motcl_renorm_parse("text_channel", &got));
  assert_int_equal(got, MOTCL_RENORM_TEXT_CHANNEL);
  static const char *const bad[] = {"", "Global", "glob", "globals", "text channel", "text-"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(motcl_renorm_parse(bad[i], &got));
  assert_int_equal(got, MOTCL_RENORM_TEXT_CHANNEL);
  assert_string_equal(motcl_renorm_name(MOTCL_RENORM_COUNT), "?");
}

static void defaults(void **state) {
  (void)state;
  motcl_guidance d = mcl_guidance_draw(), e = mcl_guidance_edit();
  assert_int_equal(mcl_guidance_check(&d, NULL), MOTCL_OK);
  assert_int_equal(mcl_guidance_check(&e, NULL), MOTCL_OK);
  assert_true(d.text_scale == 4 && d.image_scale == 1 && d.lo == 0.4 && d.hi == 1);
  assert_true(d.renorm == MOTCL_RENORM_GLOBAL && d.renorm_min == 0);
  assert_true(e.text_scale == 4 && e.image_scale == 2 && e.lo == 0 && e.hi == 1);
  assert_true(e.renorm == MOTCL_RENORM_TEXT_CHANNEL && e.renorm_min == 0);
}

static void passes_of_the_defaults(void **state) {
  (void)state;
  motcl_guidance d = mcl_guidance_draw(), e = mcl_guidance_edit();
  assert_int_equal(mcl_guidance_passes(&d, 1), MAIN | TEXT);
  assert_int_equal(mcl_guidance_passes(&d, 0.5f), MAIN | TEXT);
  assert_int_equal(mcl_guidance_passes(&d, 0.3f), MAIN);
  assert_int_equal(mcl_guidance_passes(&e, 1), MAIN | TEXT | IMAGE);
  assert_int_equal(mcl_guidance_passes(&e, 0.001f), MAIN | TEXT | IMAGE);
}

/* The official code compares a float32 tensor with the bounds: 0.4 is 0.4f, which is not above it.
 */
static void the_interval_is_open_below(void **state) {
  (void)state;
  motcl_guidance g = mcl_guidance_draw();
  g.hi = 0.7;
  assert_int_equal(mcl_guidance_passes(&g, 0.4f), MAIN);
  assert_int_equal(mcl_guidance_passes(&g, nextafterf(0.4f, 1)), MAIN | TEXT);
  assert_int_equal(mcl_guidance_passes(&g, 0.7f), MAIN | TEXT);
  assert_int_equal(mcl_guidance_passes(&g, nextafterf(0.7f, 1)), MAIN);
  g.lo = g.hi = 0.7;
  assert_int_equal(mcl_guidance_passes(&g, 0.7f), MAIN);
}

static void a_scale_of_one_owes_nothing(void **state) {
  (void)state;
  static const struct {
    double text, image;
    unsigned want;
  } list[] = {{4, 2, MAIN | TEXT | IMAGE},
              {4, 1, MAIN | TEXT},
              {4, 0, MAIN | TEXT},
              {1, 2, MAIN},
              {0.5, 2, MAIN},
              {1, 1, MAIN},
              {1.0001, 1.0001, MAIN | TEXT | IMAGE}};
  motcl_guidance g = mcl_guidance_edit();
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    g.text_scale = list[i].text;
    g.image_scale = list[i].image;
    assert_int_equal(mcl_guidance_passes(&g, 0.9f), list[i].want);
  }
}

static void refused(motcl_guidance g, const char *word) {
  motcl_err err;
  assert_int_equal(mcl_guidance_check(&g, &err), MOTCL_EINVAL);
  if (!strstr(err.text, word))
    fail_msg("'%s' does not say '%s'", err.text, word);
}

static void absurd_settings_are_refused(void **state) {
  (void)state;
  static const double bad[] = {NAN, INFINITY, -INFINITY, -0.001, 1000.5};
  const motcl_guidance d = mcl_guidance_draw();
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    motcl_guidance g = d;
    g.text_scale = bad[i];
    refused(g, "text guidance");
    g = d;
    g.image_scale = bad[i];
    refused(g, "picture guidance");
    g = d;
    g.lo = bad[i];
    refused(g, "start of the guidance interval");
    g = d;
    g.hi = bad[i];
    refused(g, "end of the guidance interval");
    g = d;
    g.renorm_min = bad[i];
    refused(g, "least renormalisation");
  }
  motcl_guidance g = d;
  g.lo = 0.8;
  g.hi = 0.2;
  refused(g, "before it starts");
  g = d;
  g.renorm = MOTCL_RENORM_COUNT;
  refused(g, "renormalisation number");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names),
      cmocka_unit_test(defaults),
      cmocka_unit_test(passes_of_the_defaults),
      cmocka_unit_test(the_interval_is_open_below),
      cmocka_unit_test(a_scale_of_one_owes_nothing),
      cmocka_unit_test(absurd_settings_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
