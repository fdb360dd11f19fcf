/* guide.c - cases of guidance, its renormalisations and the Euler step: several pictures at once,
 * with passes that are missing or stand anywhere in v. */
#include "checkcl.h"

#include "base/mem.h"

#define PICTURES 3

/* Rows of each picture, where they begin in this arrangement, and where in form 0. */
typedef struct pictures {
  uint32_t n, rows[PICTURES], first[PICTURES], first0[PICTURES], total, cols;
} pictures;

static pictures draw(check_gen *g) {
  static const uint32_t sizes[] = {1, 6, 24, 65, 150}, cols[] = {64, 16, 100};
  pictures p = {.n = 1 + check_below(&g->values, PICTURES)};
  p.cols = CHECK_PICK(&g->values, cols);
  for (uint32_t i = 0; i < p.n; i++) {
    p.rows[i] = g->quick ? 1 + check_below(&g->values, 4) : CHECK_PICK(&g->values, sizes);
    p.first0[i] = p.total;
    p.total += p.rows[i];
  }
  for (uint32_t i = 0, at = 0; i < p.n; i++) { /* odd forms: the last picture comes first */
    uint32_t k = g->form % 2 ? p.n - 1 - i : i;
    p.first[k] = at;
    at += p.rows[k];
  }
  return p;
}

static void settings(check_case *c, check_gen *g, check_tensor *t, const pictures *p) {
  static const float least[] = {0, 0, 0.5f, 2};
  check_place(c, g, t, MCL_F32, p->n, 8);
  for (uint32_t i = 0; i < p->n && t->data; i++) {
    float *s = check_row(t, i);
    s[0] = 1.0f + (float)check_below(&g->values, 8) / 2;
    s[1] = (float)check_below(&g->values, 5) / 2;
    s[2] = (float)((g->index + i) % 4);
    s[3] = least[check_below(&g->values, 4)];
    s[4] = 0.02f + (float)check_below(&g->values, 100) / 1000;
    s[5] = (float)p->first[i];
    s[6] = (float)p->rows[i];
    s[7] = check_below(&g->values, 5) ? 1.0f : 0.0f;
  }
}

/* Rows of picture i: cond, then text_uncond, then image_uncond somewhere in v. v has 3 * total
 * rows; the arrangement does not move them. */
static void row_map(check_case *c, check_gen *g, check_tensor *t, const pictures *p) {
  check_place(c, g, t, MCL_I32, p->total, 4);
  c->row_of = mcl_alloc(p->total, sizeof *c->row_of);
  c->failed |= !c->row_of;
  for (uint32_t i = 0; i < p->n; i++) {
    bool text = check_below(&g->values, 6) != 0, image = check_below(&g->values, 4) != 0;
    for (uint32_t r = 0; r < p->rows[i] && !c->failed; r++) {
      int32_t *m = check_ids(t, p->first[i] + r);
      uint32_t at = p->first0[i] + r;
      m[0] = (int32_t)(3 * p->total - 1 - at);
      m[1] = text ? (int32_t)at : -1;
      m[2] = image ? (int32_t)(p->total + at) : -1;
      m[3] = (int32_t)i;
      c->row_of[p->first[i] + r] = at;
    }
  }
}

static void describe(check_case *c, const pictures *p) {
  snprintf(c->text, sizeof c->text, "%u pictures, %u rows of %u", p->n, p->total, p->cols);
}

/* [total, cols] whose rows move with the pictures. */
static void moved(check_case *c, check_gen *g, check_tensor *t, const pictures *p) {
  check_place(c, g, t, MCL_F32, p->total, p->cols);
  for (uint32_t i = 0; i < p->n && t->data; i++) {
    check_tensor part = *t;
    part.op.offset += (uint64_t)p->first[i] * t->op.stride;
    part.op.rows = p->rows[i];
    check_fill(g, &part, check_kind_of(g), 1, 0);
  }
}

static void make_guide(check_case *c, check_gen *g) {
  pictures p = draw(g);
  check_input(c, g, &c->in[0], 3 * p.total, p.cols);
  row_map(c, g, &c->in[1], &p);
  settings(c, g, &c->in[2], &p);
  check_place(c, g, &c->out, MCL_F32, p.total, p.cols);
  describe(c, &p);
}

static void make_scale(check_case *c, check_gen *g) {
  pictures p = draw(g);
  moved(c, g, &c->in[0], &p);
  check_input(c, g, &c->in[1], 3 * p.total, p.cols);
  row_map(c, g, &c->in[2], &p);
  mcl_free(c->row_of); /* a picture's factor stays in the picture's row */
  c->row_of = NULL;
  settings(c, g, &c->in[3], &p);
  for (uint32_t i = 0; i < p.n && c->in[3].data; i++)
    check_row(&c->in[3], i)[2] = i ? (float)((g->index + i) % 4) : (float)MOTCL_RENORM_GLOBAL;
  check_place(c, g, &c->out, MCL_F32, p.n, 1);
  describe(c, &p);
}

static void make_apply(check_case *c, check_gen *g) {
  pictures p = draw(g);
  moved(c, g, &c->in[0], &p);
  check_input(c, g, &c->in[1], p.n, 1);
  row_map(c, g, &c->in[2], &p);
  check_place(c, g, &c->out, MCL_F32, p.total, p.cols);
  describe(c, &p);
}

static void make_euler(check_case *c, check_gen *g) {
  pictures p = draw(g);
  moved(c, g, &c->in[0], &p);
  row_map(c, g, &c->in[1], &p);
  settings(c, g, &c->in[2], &p);
  moved(c, g, &c->out, &p);
  describe(c, &p);
}

/* GUIDE_APPLY rounds once: equal bytes. A picture's factor has no row of its own to cut. */
const check_op check_op_GUIDE = {CHECK_NRMS, CHECK_WORST, 24, 3, 2u, make_guide, CHECK_NO_BANDS};
const check_op check_op_GUIDE_SCALE = {CHECK_NRMS, CHECK_WORST,   16, 3, 0,
                                       make_scale, CHECK_NO_BANDS};
const check_op check_op_GUIDE_APPLY = {0, 0, 12, 3, 5u, make_apply, CHECK_NO_BANDS};
const check_op check_op_EULER = {CHECK_NRMS, CHECK_WORST, 12, 3, 3u, make_euler, CHECK_NO_BANDS};
