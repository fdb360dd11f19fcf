/* gen.c - what cases are made of: random numbers, operands inside larger buffers, values. */
#include "checkcl.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* splitmix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t next(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

uint32_t check_below(uint64_t *state, uint32_t n) {
  return (uint32_t)((next(state) >> 32) * n >> 32);
}

/* The sum of four uniform numbers, exact: the same on every machine. */
double check_normal(uint64_t *state) {
  uint64_t bits = next(state);
  double sum = 0;
  for (int i = 0; i < 4; i++)
    sum += (double)(bits >> (16 * i) & 0xFFFF) + 0.5;
  return (sum / 65536 - 2) * 1.7320508075688772; /* sqrt(3): the variance becomes 1 */
}

check_kind check_kind_of(const check_gen *g) {
  return (check_kind)((g->index + g->index / 4) % 4);
}

uint32_t check_pick(uint64_t *state, const uint32_t *list, size_t n) {
  return list[check_below(state, (uint32_t)n)];
}

uint32_t check_rows(const check_gen *g) {
  static const uint32_t rows[] = {5, 64, 1, 300, 3, 65, 2, 129, 7, 63};
  return g->quick ? 1 + g->index % 5 : rows[g->index % 10];
}

uint32_t check_cols(check_gen *g) {
  static const uint32_t cols[] = {16, 72, 96, 128, 130, 588, 1152};
  static const uint32_t few[] = {16, 18, 72};
  return g->quick ? CHECK_PICK(&g->values, few) : CHECK_PICK(&g->values, cols);
}

static void canaries(check_tensor *t) {
  static const uint32_t nan32 = 0x7FC5C5C5u;
  static const uint16_t nan16 = 0x7FC5u;
  if (t->op.type == MCL_I32)
    memset(t->data, 0xFF, t->count * sizeof(int32_t));
  for (size_t i = 0; i < t->count && t->op.type != MCL_I32; i++)
    if (t->op.type == MCL_F32)
      memcpy(t->data + 4 * i, &nan32, 4);
    else
      memcpy(t->data + 2 * i, &nan16, 2);
}

static void place(check_case *c, check_tensor *t, mcl_type type, const uint32_t shape[3],
                  uint32_t before, uint32_t after) {
  t->op = (mcl_operand){
      .offset = before, .rows = shape[0], .cols = shape[1], .stride = shape[2], .type = type};
  t->count = before + after + (shape[0] ? (size_t)(shape[0] - 1) * shape[2] + shape[1] : 0);
  t->count += t->count == 0;
  t->data = mcl_alloc(t->count, mcl_type_size(type));
  if (t->data)
    canaries(t);
  else
    c->failed = true;
}

void check_place(check_case *c, check_gen *g, check_tensor *t, mcl_type type, uint32_t rows,
                 uint32_t cols) {
  static const uint32_t gaps[] = {0, 0, 0, 1, 3, 16};
  static const uint32_t margins[] = {0, 1, 3, 8, 64, 67};
  uint32_t shape[3] = {rows, cols, cols + CHECK_PICK(&g->layout, gaps)};
  uint32_t before = CHECK_PICK(&g->layout, margins), after = CHECK_PICK(&g->layout, margins);
  if (t == &c->out && !after)
    after = 1;
  place(c, t, type, shape, before, after);
}

void check_place_weight(check_case *c, check_gen *g, check_tensor *t, uint32_t rows,
                        uint32_t cols) {
  static const mcl_type types[] = {MCL_F32, MCL_BF16, MCL_F16};
  static const uint32_t margins[] = {0, 1, 7, 64, 129};
  uint32_t shape[3] = {rows, cols, cols};
  uint32_t before = CHECK_PICK(&g->layout, margins), after = CHECK_PICK(&g->layout, margins);
  place(c, t, types[(g->index + (t == &c->wt[1] ? g->index / 3 : 0)) % 3], shape, before, after);
}

static double value(uint64_t *state, check_kind kind) {
  double x = check_normal(state);
  if (kind == CHECK_NEAR_ZERO)
    return x * 1e-12;
  if (kind == CHECK_LARGE)
    return x * 1e3;
  if (kind == CHECK_MIXED) {
    uint32_t pick = check_below(state, 64);
    return pick < 8 ? 0 : pick < 16 ? x * 1e-9 : pick < 18 ? x * 40 : x;
  }
  return x;
}

/* binary16 nearest to zero from f, |f| below 65504; one in 64 becomes subnormal. */
static uint16_t to_f16(uint64_t *state, float f) {
  uint32_t u;
  memcpy(&u, &f, sizeof u);
  uint32_t sign = u >> 16 & 0x8000u, exp = u >> 23 & 255u, frac = u >> 13 & 1023u;
  if (exp < 113 || check_below(state, 64) == 0)
    return (uint16_t)(sign | frac);
  return (uint16_t)(sign | (exp - 112) << 10 | frac);
}

static void store(check_gen *g, check_tensor *t, size_t at, float f) {
  uint16_t h = t->op.type == MCL_BF16 ? mcl_f32_to_bf16(f) : 0;
  if (t->op.type == MCL_F16)
    h = to_f16(&g->values, f);
  if (t->op.type == MCL_F32)
    memcpy(t->data + 4 * at, &f, sizeof f);
  else
    memcpy(t->data + 2 * at, &h, sizeof h);
}

void check_fill(check_gen *g, check_tensor *t, check_kind kind, double scale, double add) {
  uint32_t zero =
      kind == CHECK_MIXED && t->op.rows > 2 ? check_below(&g->values, t->op.rows) : UINT32_MAX;
  for (uint32_t r = 0; t->data && r < t->op.rows; r++)
    for (uint32_t c = 0; c < t->op.cols; c++) {
      double x = r == zero ? 0 : value(&g->values, kind) * scale + add;
      store(g, t, (size_t)t->op.offset + (size_t)r * t->op.stride + c, (float)x);
    }
}

void check_input(check_case *c, check_gen *g, check_tensor *t, uint32_t rows, uint32_t cols) {
  check_place(c, g, t, MCL_F32, rows, cols);
  check_fill(g, t, check_kind_of(g), 1, 0);
}

void check_weight(check_case *c, check_gen *g, check_tensor *t, uint32_t rows, uint32_t cols,
                  double scale, double add) {
  check_place_weight(c, g, t, rows, cols);
  check_fill(g, t, CHECK_ORDINARY, scale, add);
}

float *check_row(const check_tensor *t, uint32_t r) {
  return t->data ? (float *)(void *)t->data + t->op.offset + (size_t)r * t->op.stride : NULL;
}

int32_t *check_ids(const check_tensor *t, uint32_t r) {
  return t->data ? (int32_t *)(void *)t->data + t->op.offset + (size_t)r * t->op.stride : NULL;
}

void check_flip(check_tensor *t) {
  size_t size = mcl_type_size(t->op.type), n = t->op.cols * size;
  for (uint32_t r = 0; t->data && r < t->op.rows; r++) {
    unsigned char *row = t->data + ((size_t)t->op.offset + (size_t)r * t->op.stride) * size;
    for (size_t i = 0; i < n; i++)
      row[i] = (unsigned char)~row[i];
  }
}

void check_case_finish(check_case *c) {
  for (int i = 0; i < MCL_OP_INPUTS; i++)
    mcl_free(c->in[i].data);
  for (int i = 0; i < MCL_OP_WEIGHTS; i++)
    mcl_free(c->wt[i].data);
  mcl_free(c->out.data);
  mcl_free(c->row_of);
  memset(c, 0, sizeof *c);
}
