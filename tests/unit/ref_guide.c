/* ref_guide.c - drivers/ref: guidance in every branch, its factor, and the Euler step, by hand. */
#include "ref_call.h"

/* v: cond (3, 4) of length 5, text_uncond (1, 1), image_uncond (0, 2). */
static ref_call guide(void **state, float text, float image, motcl_renorm renorm, float least) {
  ref_call c = ref_begin(state, MCL_OP_GUIDE);
  c.call.in[0] = F(&c, 3, 2, 3, 4, 1, 1, 0, 2);
  c.call.in[1] = I(&c, 1, 4, 0, 1, 2, 0);
  c.call.in[2] = F(&c, 1, 8, text, image, (float)renorm, least, 0, 0, 1, 1);
  c.call.out = F(&c, 1, 2, 0, 0);
  return c;
}

/* u = t + 4 (main - t) = (9, 13) */
static void text_guidance(void **state) {
  ref_call c = guide(state, 4, 1, MOTCL_RENORM_NONE, 0);
  ref_run(&c);
  EXPECT(&c, 9, 13);
  c.call.in[2] = F(&c, 1, 8, 4, 1, MOTCL_RENORM_GLOBAL, 0, 0, 0, 1, 1);
  ref_run(&c); /* global: another op's */
  EXPECT(&c, 9, 13);
  ref_end(&c);
}

/* w = i + 2 (u - i) = (18, 24) */
static void image_guidance(void **state) {
  ref_call c = guide(state, 4, 2, MOTCL_RENORM_NONE, 0);
  ref_run(&c);
  EXPECT(&c, 18, 24);
  c.call.in[1] = I(&c, 1, 4, 0, 1, -1, 0);
  ref_run(&c);
  EXPECT(&c, 9, 13);
  ref_end(&c);
}

static void unguided_is_main(void **state) {
  ref_call c = guide(state, 4, 2, MOTCL_RENORM_CHANNEL, 0);
  c.call.in[1] = I(&c, 1, 4, 0, -1, 2, 0);
  ref_run(&c);
  EXPECT(&c, 3, 4);
  c.call.in[1] = I(&c, 1, 4, 0, 1, 2, 0);
  c.call.in[2] = F(&c, 1, 8, 4, 2, MOTCL_RENORM_CHANNEL, 0, 0, 0, 1, 0);
  ref_run(&c);
  EXPECT(&c, 3, 4);
  ref_end(&c);
}

/* w = (18, 24) has length 30: the factor is 5 / 30. */
static void renorm_channel(void **state) {
  ref_call c = guide(state, 4, 2, MOTCL_RENORM_CHANNEL, 0);
  ref_run(&c);
  EXPECT(&c, 3, 4);
  c.call.in[2] = F(&c, 1, 8, 4, 2, MOTCL_RENORM_CHANNEL, 0.5f, 0, 0, 1, 1);
  ref_run(&c);
  EXPECT(&c, 9, 12);
  c.call.in[2] = F(&c, 1, 8, 4, 2, MOTCL_RENORM_CHANNEL, 2, 0, 0, 1, 1);
  ref_run(&c); /* 1 wins over a least factor above it */
  EXPECT(&c, 18, 24);
  ref_end(&c);
}

/* u is brought to main's length before the image term: i + 2 (u 5/|u| - i). */
static void renorm_text_channel(void **state) {
  ref_call c = guide(state, 4, 2, MOTCL_RENORM_TEXT_CHANNEL, 0);
  float f = 5 / sqrtf(9 * 9 + 13 * 13);
  ref_run(&c);
  EXPECT(&c, 2 * 9 * f, 2 + 2 * (13 * f - 2));
  c.call.in[2] = F(&c, 1, 8, 4, 1, MOTCL_RENORM_TEXT_CHANNEL, 0, 0, 0, 1, 1);
  ref_run(&c);
  EXPECT(&c, 9 * f, 13 * f);
  ref_end(&c);
}

/* A factor never enlarges: u = t + 0.5 (main - t) = (2, 2.5) is shorter than main. */
static void renorm_never_enlarges(void **state) {
  ref_call c = guide(state, 0.5f, 1, MOTCL_RENORM_CHANNEL, 0);
  ref_run(&c);
  EXPECT(&c, 2, 2.5f);
  ref_end(&c);
}

/* Picture 0: guided rows (6, 0), (0, 8) of length 10, mains (3, 0), (0, 4) of length 5. */
static void global_factor(void **state) {
  ref_call c = ref_begin(state, MCL_OP_GUIDE_SCALE);
  c.call.in[0] = F(&c, 3, 2, 6, 0, 0, 8, 7, 7);
  c.call.in[1] = F(&c, 3, 2, 1, 1, 0, 4, 3, 0);
  c.call.in[2] = I(&c, 3, 4, 2, -1, -1, 0, 1, -1, -1, 0, 0, -1, -1, 1);
  c.call.in[3] = F(&c, 2, 8, 4, 1, MOTCL_RENORM_GLOBAL, 0, 0, 0, 2, 1, /* picture 0 */
                   4, 1, MOTCL_RENORM_CHANNEL, 0, 0, 2, 1, 1);
  c.call.out = F(&c, 2, 1, 0, 0);
  ref_run(&c);
  EXPECT(&c, 0.5f, 1);
  c.call.in[3] = F(&c, 2, 8, 4, 1, MOTCL_RENORM_GLOBAL, 0.75f, 0, 0, 2, 1, /* picture 0 */
                   4, 1, MOTCL_RENORM_GLOBAL, 0, 0, 2, 1, 0);
  ref_run(&c);
  EXPECT(&c, 0.75f, 1);
  c.call.in[3] = F(&c, 2, 8, 4, 1, MOTCL_RENORM_GLOBAL, 0, 0, 0, 2, 1, /* picture 1: rows 2, 3 */
                   4, 1, MOTCL_RENORM_GLOBAL, 0, 0, 2, 2, 1);
  ref_refuses(&c, "outside the guided rows");
  ref_end(&c);
}

static void apply_and_step(void **state) {
  ref_call c = ref_begin(state, MCL_OP_GUIDE_APPLY);
  c.call.in[0] = F(&c, 2, 2, 1, 2, 3, 4);
  c.call.in[1] = F(&c, 2, 1, 10, 0.5f);
  c.call.in[2] = I(&c, 2, 4, 0, -1, -1, 1, 0, -1, -1, 0);
  c.call.out = F(&c, 2, 2, 0);
  ref_run(&c);
  EXPECT(&c, 0.5f, 1, 30, 40);
  c.call.op = MCL_OP_EULER; /* dt 0.25 and 2; row 0 is of picture 1 */
  c.call.in[1] = c.call.in[2];
  c.call.in[2] = F(&c, 2, 8, 1, 1, 0, 0, 0.25f, 1, 1, 0, 1, 1, 0, 0, 2, 0, 1, 0);
  c.call.out = F(&c, 2, 2, 10, 10, 10, 10);
  ref_run(&c);
  EXPECT(&c, 8, 6, 9.25f, 9);
  c.call.in[1] = I(&c, 2, 4, 0, -1, -1, 2, 0, -1, -1, 0);
  ref_refuses(&c, "no such picture");
  ref_end(&c);
}

static void bad_tables_are_refused(void **state) {
  ref_call c = guide(state, 4, 1, MOTCL_RENORM_NONE, 0);
  c.call.in[1] = I(&c, 1, 4, 3, 1, 2, 0);
  ref_refuses(&c, "outside v");
  c.call.in[1] = I(&c, 1, 4, -1, 1, 2, 0);
  ref_refuses(&c, "negative");
  c.call.in[1] = I(&c, 1, 4, 0, 1, 2, 0);
  c.call.in[2] = F(&c, 1, 8, 4, 1, 4, 0, 0, 0, 1, 1);
  ref_refuses(&c, "no such renorm");
  c.call.in[2] = F(&c, 1, 8, 4, 1, NAN, 0, 0, 0, 1, 1);
  ref_refuses(&c, "no such renorm");
  ref_end(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(text_guidance),          cmocka_unit_test(image_guidance),
      cmocka_unit_test(unguided_is_main),       cmocka_unit_test(renorm_channel),
      cmocka_unit_test(renorm_text_channel),    cmocka_unit_test(renorm_never_enlarges),
      cmocka_unit_test(global_factor),          cmocka_unit_test(apply_and_step),
      cmocka_unit_test(bad_tables_are_refused),
  };
  return cmocka_run_group_tests(tests, ref_open, ref_close);
}
