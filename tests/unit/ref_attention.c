/* ref_attention.c - drivers/ref: pages of keys and values, and attention over them, by hand. */
#include "ref_call.h"

#define HEAD 16
#define PAGE_COLS (HEAD * MCL_PAGE)

/* An operand full of one number. */
static mcl_operand full(ref_call *c, uint32_t rows, uint32_t cols, float x) {
  float *data = mcl_alloc((size_t)rows * cols, sizeof *data);
  assert_non_null(data);
  for (size_t i = 0; i < (size_t)rows * cols; i++)
    data[i] = x;
  mcl_operand o = ref_operand(c, MCL_F32, rows, cols, data);
  mcl_free(data);
  return o;
}

static void poke(ref_call *c, const mcl_operand *o, size_t i, float x) {
  assert_int_equal(c->dev->driver->write(c->dev, o->buf, i * sizeof x, &x, sizeof x, NULL),
                   MOTCL_OK);
}

static void set_heads(ref_call *c, uint32_t heads, uint32_t kv_heads) {
  c->call.attr.attention.heads = heads;
  c->call.attr.attention.kv_heads = kv_heads;
  c->call.attr.attention.head = HEAD;
  c->call.attr.attention.scale = 1;
}

/* Keys as rows of kv_heads * 16 numbers, put into cells: cached ones and scratch ones. */
static void put(void **state, mcl_operand *cached, mcl_operand *scratch, const int32_t *place,
                const float *x, uint32_t rows, uint32_t kv_heads, bool transposed) {
  ref_call c = ref_begin(state, MCL_OP_KV_PUT);
  set_heads(&c, kv_heads, kv_heads);
  c.call.attr.attention.transposed = transposed;
  c.call.in[0] = ref_operand(&c, MCL_F32, rows, kv_heads * HEAD, x);
  c.call.in[1] = ref_operand(&c, MCL_I32, rows, 1, place);
  c.call.in[2] = *scratch;
  c.call.out = *cached;
  ref_run(&c);
  ref_end(&c);
}

static void put_fills_cells(void **state) {
  static const int32_t place[] = {MCL_PAGE + 3, -1 - 5};
  float x[2][2 * HEAD];
  ref_call c = ref_begin(state, MCL_OP_KV_PUT);
  for (int i = 0; i < 2 * HEAD; i++) {
    x[0][i] = (float)(1 + i);
    x[1][i] = (float)(101 + i);
  }
  for (int transposed = 0; transposed < 2; transposed++) {
    mcl_operand cached = full(&c, 2, 2 * PAGE_COLS, -1), scratch = full(&c, 1, 2 * PAGE_COLS, -1);
    put(state, &cached, &scratch, place, x[0], 2, 2, transposed);
    /* element 4 of head 1 */
    size_t at = transposed ? (size_t)(HEAD + 4) * MCL_PAGE : ((size_t)MCL_PAGE * HEAD) + 4;
    size_t step = transposed ? 1 : HEAD;
    assert_float_equal(ref_get(&c, &cached, 2 * PAGE_COLS + at + 3 * step), 1 + HEAD + 4, 0);
    assert_float_equal(ref_get(&c, &cached, at + 3 * step), -1, 0);
    assert_float_equal(ref_get(&c, &scratch, at + 5 * step), 101 + HEAD + 4, 0);
    assert_float_equal(ref_get(&c, &scratch, at + 4 * step), -1, 0);
  }
  ref_end(&c);
}

static void put_refuses_other_places(void **state) {
  ref_call c = ref_begin(state, MCL_OP_KV_PUT);
  set_heads(&c, 1, 1);
  c.call.in[0] = full(&c, 1, HEAD, 1);
  c.call.in[1] = I(&c, 1, 1, MCL_PAGE);
  c.call.out = full(&c, 1, PAGE_COLS, 0);
  ref_refuses(&c, "outside the pages");
  c.call.in[1] = I(&c, 1, 1, -1);
  ref_refuses(&c, "outside the pages");
  c.call.in[1] = I(&c, 1, 1, MCL_PAGE - 1);
  ref_run(&c);
  ref_end(&c);
}

static void copy_forks_pages(void **state) {
  ref_call c = ref_begin(state, MCL_OP_KV_COPY);
  set_heads(&c, 1, 1);
  c.call.in[0] = I(&c, 1, 2, 0, 2);
  c.call.out = full(&c, 3, PAGE_COLS, 7);
  poke(&c, &c.call.out, 5, 42);
  ref_run(&c);
  assert_float_equal(ref_get(&c, &c.call.out, 2 * PAGE_COLS + 5), 42, 0);
  assert_float_equal(ref_get(&c, &c.call.out, PAGE_COLS + 5), 7, 0);
  c.call.in[0] = I(&c, 1, 2, 0, 3);
  ref_refuses(&c, "outside the pages");
  ref_end(&c);
}

/* A query of ones against a cached key of zeros and a scratch key of ln(3)/16: weights 1/4, 3/4. */
static ref_call two_keys(void **state) {
  static const int32_t cached_at[] = {MCL_PAGE}, scratch_at[] = {-1};
  float key[HEAD], zero[HEAD] = {0}, one[HEAD], five[HEAD];
  ref_call c = ref_begin(state, MCL_OP_ATTENTION);
  for (int i = 0; i < HEAD; i++) {
    key[i] = logf(3) / HEAD;
    one[i] = 1;
    five[i] = 5;
  }
  set_heads(&c, 2, 1);
  c.call.in[0] = full(&c, 1, 2 * HEAD, 1);
  for (int i = 1; i < 5; i++)
    c.call.in[i] = full(&c, 2, PAGE_COLS, NAN); /* what no row sees may be anything */
  put(state, &c.call.in[1], &c.call.in[3], cached_at, zero, 1, 1, true);
  put(state, &c.call.in[2], &c.call.in[4], cached_at, one, 1, 1, false);
  put(state, &c.call.in[1], &c.call.in[3], scratch_at, key, 1, 1, true);
  put(state, &c.call.in[2], &c.call.in[4], scratch_at, five, 1, 1, false);
  c.call.in[5] = I(&c, 1, 1, 1);
  c.call.in[6] = I(&c, 1, 8, 0, 1, 0, 1, 0, 0, 1, 0);
  c.call.out = full(&c, 1, 2 * HEAD, 0);
  return c;
}

static void attention_of_two_keys(void **state) {
  ref_call c = two_keys(state);
  ref_run(&c);
  for (size_t i = 0; i < 2 * HEAD; i++) /* 1/4 * 1 + 3/4 * 5 */
    assert_float_equal(ref_get(&c, &c.call.out, i), 4, 1e-6);
  c.call.attr.attention.scale = 2; /* weights 1/10, 9/10 */
  ref_run(&c);
  assert_float_equal(ref_get(&c, &c.call.out, 0), 4.6f, 1e-6);
  c.call.in[6] = I(&c, 1, 8, 0, 1, 0, 1, 0, 0, 0, 0);
  ref_run(&c); /* the cached key alone */
  assert_float_equal(ref_get(&c, &c.call.out, 0), 1, 0);
  ref_end(&c);
}

/* Three keys of equal score with values 0, 3, 6: rows see one, two and three of them. */
static void causal_rows_see_one_more(void **state) {
  static const int32_t place[] = {0, 1, 2};
  static const float want[] = {0, 1.5f, 3};
  float k[3 * HEAD] = {0}, v[3 * HEAD];
  ref_call c = ref_begin(state, MCL_OP_ATTENTION);
  mcl_operand none = {0};
  for (int i = 0; i < 3 * HEAD; i++)
    v[i] = (float)(i / HEAD * 3);
  set_heads(&c, 1, 1);
  c.call.in[0] = full(&c, 3, HEAD, 1);
  c.call.in[1] = full(&c, 1, PAGE_COLS, NAN);
  c.call.in[2] = full(&c, 1, PAGE_COLS, NAN);
  put(state, &c.call.in[1], &none, place, k, 3, 1, true);
  put(state, &c.call.in[2], &none, place, v, 3, 1, false);
  c.call.in[5] = I(&c, 1, 1, 0);
  c.call.in[6] = I(&c, 1, 8, 0, 3, 0, 1, 1, 0, 0, 0);
  c.call.out = full(&c, 3, HEAD, 0);
  ref_run(&c);
  for (size_t r = 0; r < 3; r++)
    assert_float_equal(ref_get(&c, &c.call.out, r * HEAD), want[r], 1e-6);
  ref_end(&c);
}

static void bad_tiles_are_refused(void **state) {
  ref_call c = two_keys(state);
  c.call.in[6] = I(&c, 1, 8, 0, 1, 0, MCL_PAGE + 1, 0, 0, 1, 0);
  ref_refuses(&c, "block table");
  c.call.in[6] = I(&c, 1, 8, 0, 1, 0, 1, 0, 2, 1, 0);
  ref_refuses(&c, "scratch pages");
  c.call.in[6] = I(&c, 1, 8, 0, 1, 0, 0, 0, 0, 0, 0);
  ref_refuses(&c, "sees no key");
  c.call.in[6] = I(&c, 1, 8, 1, 1, 0, 1, 0, 0, 1, 0);
  ref_refuses(&c, "last row");
  c.call.in[6] = I(&c, 1, 8, 0, MCL_TILE_ROWS + 1, 0, 1, 0, 0, 1, 0);
  ref_refuses(&c, "too many rows");
  c.call.in[6] = I(&c, 1, 8, 0, 0, 0, 1, 0, 0, 1, 0);
  ref_refuses(&c, "or none");
  c.call.in[6] = I(&c, 1, 8, 0, 1, -1, 1, 0, 0, 1, 0);
  ref_refuses(&c, "negative");
  c.call.in[6] = I(&c, 1, 8, 0, 1, 0, 1, 0, 0, 1, 0);
  c.call.in[5] = I(&c, 1, 1, 2);
  ref_refuses(&c, "outside the pages");
  c.call.attr.attention.head = 15;
  ref_refuses(&c, "16 .. 512");
  ref_end(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(put_fills_cells),          cmocka_unit_test(put_refuses_other_places),
      cmocka_unit_test(copy_forks_pages),         cmocka_unit_test(attention_of_two_keys),
      cmocka_unit_test(causal_rows_see_one_more), cmocka_unit_test(bad_tiles_are_refused),
  };
  return cmocka_run_group_tests(tests, ref_open, ref_close);
}
