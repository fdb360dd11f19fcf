/* ref_conv.c - drivers/ref: ops over pictures, by hand. */
#include "ref_call.h"

static void set(ref_call *c, uint32_t kernel, uint32_t stride, uint32_t lo, uint32_t hi) {
  c->call.attr.conv.kernel = kernel;
  c->call.attr.conv.stride = stride;
  c->call.attr.conv.pad_lo = lo;
  c->call.attr.conv.pad_hi = hi;
}

/* The weight names its places 1 .. 9, so that a turned or transposed window shows. */
static void conv_3_by_3(void **state) {
  ref_call c = ref_begin(state, MCL_OP_CONV);
  c.call.h = 2;
  c.call.w = 3;
  set(&c, 3, 1, 1, 1);
  c.call.in[0] = F(&c, 6, 1, 1, 0, 0, 0, 0, 10); /* 1 top left, 10 bottom right */
  c.call.wt[0] = F(&c, 1, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  c.call.out = F(&c, 6, 1, 0);
  ref_run(&c);
  EXPECT(&c, 5, 94, 80, 2, 61, 50);
  c.call.wt[1] = F(&c, 1, 1, 1000);
  ref_run(&c);
  EXPECT(&c, 1005, 1094, 1080, 1002, 1061, 1050);
  c.call.h = 3;
  ref_refuses(&c, "h and w are not those of x");
  c.call.h = 2;
  c.call.first = 1;
  ref_refuses(&c, "wrong size");
  ref_end(&c);
}

/* Stride 2 with a column right and a row below, as the autoencoder's encoder has it. */
static void conv_stride_2(void **state) {
  ref_call c = ref_begin(state, MCL_OP_CONV);
  c.call.h = 2;
  c.call.w = 4;
  set(&c, 3, 2, 0, 1);
  c.call.in[0] = F(&c, 8, 1, 1, 2, 3, 4, 5, 6, 7, 8);
  c.call.wt[0] = F(&c, 1, 9, 1, 0, 100, 0, 10, 0, 5000, 5000, 5000);
  c.call.out = F(&c, 2, 1, 0);
  ref_run(&c);
  EXPECT(&c, 1 + 300 + 60, 3 + 0 + 80);
  ref_end(&c);
}

/* Channels lie innermost in pictures and outside the window in weights. */
static void conv_channels(void **state) {
  ref_call c = ref_begin(state, MCL_OP_CONV);
  c.call.h = 1;
  c.call.w = 2;
  set(&c, 2, 1, 0, 1);
  c.call.in[0] = F(&c, 2, 2, 1, 2, 3, 4);
  c.call.wt[0] = F(&c, 2, 8, 1, 10, 7, 7, 100, 1000, 7, 7, 1, 0, 7, 7, 0, 1, 7, 7);
  c.call.out = F(&c, 2, 2, 0);
  ref_run(&c);
  EXPECT(&c, 1 + 30 + 200 + 4000, 1 + 4, 3 + 400, 3);
  ref_end(&c);
}

static void upsample_and_conv(void **state) {
  ref_call c = ref_begin(state, MCL_OP_UPSAMPLE);
  c.call.h = 1;
  c.call.w = 2;
  c.call.in[0] = F(&c, 2, 2, 1, 2, 3, 4);
  c.call.out = F(&c, 8, 2, 0);
  ref_run(&c);
  EXPECT(&c, 1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4);
  c.call.op = MCL_OP_UP_CONV;
  set(&c, 1, 1, 0, 0);
  c.call.wt[0] = F(&c, 1, 2, 10, 1);
  c.call.out = F(&c, 8, 1, 0);
  ref_run(&c);
  EXPECT(&c, 12, 12, 34, 34, 12, 12, 34, 34);
  ref_end(&c);
}

/* Two groups of two channels over two pixels: {1, 3, 1, 3} and {0, 0, 8, 8}. */
static void group_norm_over_pixels(void **state) {
  ref_call c = ref_begin(state, MCL_OP_GROUP_NORM);
  c.call.attr.group.groups = 2;
  c.call.attr.group.eps = 0;
  c.call.in[0] = F(&c, 2, 4, 1, 3, 0, 0, 1, 3, 8, 8);
  c.call.wt[0] = F(&c, 1, 4, 1, 10, 1, 2);
  c.call.wt[1] = F(&c, 1, 4, 0, 0.5f, 100, 0);
  c.call.out = F(&c, 2, 4, 0);
  ref_run(&c);
  EXPECT(&c, -1, 10.5f, 99, -2, -1, 10.5f, 101, 2);
  c.call.attr.group.eps = 3; /* variance 1 + 3 halves the first group */
  ref_run(&c);
  assert_float_equal(ref_get(&c, &c.call.out, 0), -0.5f, 0);
  c.call.attr.group.groups = 3;
  ref_refuses(&c, "do not divide");
  ref_end(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conv_3_by_3),
      cmocka_unit_test(conv_stride_2),
      cmocka_unit_test(conv_channels),
      cmocka_unit_test(upsample_and_conv),
      cmocka_unit_test(group_norm_over_pixels),
  };
  return cmocka_run_group_tests(tests, ref_open, ref_close);
}
