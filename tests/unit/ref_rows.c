/* ref_rows.c - drivers/ref: ops on rows, linear layers, norms and rotary position, by hand. */
#include "ref_call.h"

static void embed_reads_its_part_of_the_table(void **state) {
  ref_call c = ref_begin(state, MCL_OP_EMBED);
  c.call.base = 10;
  c.call.in[0] = I(&c, 4, 1, 11, 9, 10, 12);
  c.call.wt[0] = F(&c, 2, 2, 1, 2, 3, 4);
  c.call.out = F(&c, 4, 2, -1, -1, -1, -1, -1, -1, -1, -1);
  ref_run(&c);
  EXPECT(&c, 3, 4, -1, -1, 1, 2, -1, -1);
  c.call.in[0] = I(&c, 4, 1, 11, -1, 10, 12);
  ref_refuses(&c, "negative");
  ref_end(&c);
}

static void gather_takes_rows(void **state) {
  ref_call c = ref_begin(state, MCL_OP_GATHER);
  c.call.in[0] = F(&c, 3, 2, 1, 2, 3, 4, 5, 6);
  c.call.in[1] = I(&c, 2, 1, 2, 0);
  c.call.out = F(&c, 2, 2, 0, 0, 0, 0);
  ref_run(&c);
  EXPECT(&c, 5, 6, 1, 2);
  c.call.in[1] = I(&c, 2, 1, 2, 3);
  ref_refuses(&c, "outside x");
  ref_end(&c);
}

static void strides_and_offsets_are_in_elements(void **state) {
  ref_call c = ref_begin(state, MCL_OP_ADD);
  c.call.in[0] = F(&c, 1, 8, 9, 1, 2, 9, 3, 4, 9, 9);
  c.call.in[0].offset = 1;
  c.call.in[0].rows = 2;
  c.call.in[0].cols = 2;
  c.call.in[0].stride = 3;
  c.call.in[1] = F(&c, 2, 2, 10, 20, 30, 40);
  c.call.out = F(&c, 2, 2, 0, 0, 0, 0);
  ref_run(&c);
  EXPECT(&c, 11, 22, 33, 44);
  c.call.in[0].offset = 4; /* the last row ends one past the buffer */
  ref_refuses(&c, "passes the end");
  c.call.in[0].offset = UINT64_MAX;
  ref_refuses(&c, "passes the end");
  ref_end(&c);
}

static void products_and_activations(void **state) {
  ref_call c = ref_begin(state, MCL_OP_MUL);
  c.call.in[0] = F(&c, 1, 3, 0, 1, -2);
  c.call.in[1] = F(&c, 1, 3, 5, 6, 7);
  c.call.out = F(&c, 1, 3, 9, 9, 9);
  ref_run(&c);
  EXPECT(&c, 0, 6, -14);
  c.call.op = MCL_OP_SILU; /* x / (1 + e^-x) */
  ref_run(&c);
  EXPECT(&c, 0, 0.731058579f, -0.238405844f);
  c.call.op = MCL_OP_GELU; /* at 1: 0.5 (1 + tanh(0.833571)) */
  ref_run(&c);
  EXPECT(&c, 0, 0.841191991f, -0.045402306f);
  c.call.op = MCL_OP_SILU_MUL;
  ref_run(&c);
  EXPECT(&c, 0, 6 * 0.731058579f, 7 * -0.238405844f);
  ref_end(&c);
}

static void linear_has_weights_by_output(void **state) {
  static const uint16_t bf16[] = {0x3F80, 0x4000, 0xC040, 0x3F00}; /* 1 2, -3 0.5 */
  ref_call c = ref_begin(state, MCL_OP_LINEAR);
  c.call.in[0] = F(&c, 2, 2, 1, 10, 2, -4);
  c.call.wt[0] = ref_operand(&c, MCL_BF16, 2, 2, bf16);
  c.call.out = F(&c, 2, 2, 0, 0, 0, 0);
  ref_run(&c);
  EXPECT(&c, 21, 2, -6, -8);
  c.call.wt[1] = F(&c, 1, 2, 100, 200);
  ref_run(&c);
  EXPECT(&c, 121, 202, 94, 192);
  c.call.op = MCL_OP_LINEAR_ADD;
  c.call.in[1] = F(&c, 2, 2, 1, 2, 3, 4);
  ref_run(&c);
  EXPECT(&c, 122, 204, 97, 196);
  c.call.wt[1].cols = 1;
  ref_refuses(&c, "the bias is 1 x 1 where 1 x 2 is needed");
  ref_end(&c);
}

/* 1e8 + 1 - 1e8 keeps its 1 only if the sum is kept in more than a float. */
static void linear_sums_in_double(void **state) {
  static const uint16_t f16[] = {0x3C00, 0x3C00, 0x3C00};
  ref_call c = ref_begin(state, MCL_OP_LINEAR);
  c.call.in[0] = F(&c, 1, 3, 1e8f, 1, -1e8f);
  c.call.wt[0] = ref_operand(&c, MCL_F16, 1, 3, f16);
  c.call.out = F(&c, 1, 1, 0);
  ref_run(&c);
  EXPECT(&c, 1);
  ref_end(&c);
}

static void rms_norm_by_groups(void **state) {
  ref_call c = ref_begin(state, MCL_OP_RMS_NORM);
  c.call.attr.norm.width = 2;
  c.call.attr.norm.eps = 0;
  c.call.in[0] = F(&c, 1, 4, 1, 7, 3, 3); /* mean squares 25 and 9 */
  c.call.wt[0] = F(&c, 1, 2, 10, 20);
  c.call.out = F(&c, 1, 4, 0, 0, 0, 0);
  ref_run(&c);
  EXPECT(&c, 2, 28, 10, 20);
  c.call.attr.norm.eps = 11; /* 25 + 11 = 36, 9 + 11 = 20 */
  ref_run(&c);
  EXPECT(&c, 10 / 6.0f, 140 / 6.0f, 30 / sqrtf(20), 60 / sqrtf(20));
  c.call.attr.norm.width = 3;
  ref_refuses(&c, "does not divide");
  ref_end(&c);
}

static void layer_norm_by_rows(void **state) {
  ref_call c = ref_begin(state, MCL_OP_LAYER_NORM);
  c.call.attr.norm.eps = 0;
  c.call.in[0] = F(&c, 2, 2, 5, 9, -3, -3); /* mean 7, variance 4 */
  c.call.wt[0] = F(&c, 1, 2, 10, 20);
  c.call.wt[1] = F(&c, 1, 2, 1, 2);
  c.call.out = F(&c, 2, 2, 0, 0, 0, 0);
  c.call.attr.norm.eps = 1e-12f;
  ref_run(&c);
  EXPECT(&c, -9, 22, 1, 2);
  ref_end(&c);
}

/* A quarter turn takes (a, b) to (-b, a); the halves of a head belong together. */
static void rope_turns_halves(void **state) {
  ref_call c = ref_begin(state, MCL_OP_ROPE);
  c.call.attr.rope.head = 4;
  c.call.in[0] = F(&c, 2, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8);
  c.call.in[1] = F(&c, 2, 4, 0, 1, 1, 0, 1, 1, 0, 0); /* row 0: turn pair 0; row 1: none */
  c.call.out = F(&c, 2, 8, 0);
  ref_run(&c);
  EXPECT(&c, -3, 2, 1, 4, -7, 6, 5, 8, 1, 2, 3, 4, 5, 6, 7, 8);
  c.call.op = MCL_OP_NORM_ROPE;
  c.call.attr.norm.width = 4;
  c.call.attr.norm.eps = 0;
  c.call.in[0] = F(&c, 2, 8, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4);
  c.call.wt[0] = F(&c, 1, 4, 1, 2, 3, 4);
  ref_run(&c);
  EXPECT(&c, -3, 2, 1, 4, -3, 2, 1, 4, 1, 2, 3, 4, 1, 2, 3, 4);
  ref_end(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(embed_reads_its_part_of_the_table),
      cmocka_unit_test(gather_takes_rows),
      cmocka_unit_test(strides_and_offsets_are_in_elements),
      cmocka_unit_test(products_and_activations),
      cmocka_unit_test(linear_has_weights_by_output),
      cmocka_unit_test(linear_sums_in_double),
      cmocka_unit_test(rms_norm_by_groups),
      cmocka_unit_test(layer_norm_by_rows),
      cmocka_unit_test(rope_turns_halves),
  };
  return cmocka_run_group_tests(tests, ref_open, ref_close);
}
