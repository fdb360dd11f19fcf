/* guide.c - guidance of the velocity, its renormalisations, and the Euler step.
 * Source: Bagel 056b5fd modeling/bagel/bagel.py, _forward_flow; ops.h has the formulas. */
#include "drivers/ref/ref.h"

#include <math.h>

/* A row of the settings operand, by name. */
typedef struct settings {
  double text, image, least, dt;
  motcl_renorm renorm;
  uint32_t first, rows;
  bool guided;
} settings;

static settings settings_at(const mcl_operand *o, size_t r) {
  const float *s = mcl_ref_row(o, r);
  settings out = {.text = (double)s[0],
                  .image = (double)s[1],
                  .renorm = (motcl_renorm)(int)s[2],
                  .least = (double)s[3],
                  .dt = (double)s[4],
                  .first = (uint32_t)s[5],
                  .rows = (uint32_t)s[6],
                  .guided = s[7] != 0};
  return out;
}

/* The settings rows are numbers that settings_at may convert; row ranges lie in `rows` rows. */
static void check_settings(mcl_ref_check *k, const mcl_operand *o, uint32_t rows) {
  mcl_ref_operand(k, "the settings", o, MCL_F32, o->rows, 8);
  for (uint32_t r = 0; k->rc == MOTCL_OK && r < o->rows; r++) {
    const float *s = mcl_ref_row(o, r);
    mcl_ref_require(k, s[2] >= 0 && s[2] <= (float)MOTCL_RENORM_TEXT_CHANNEL, "no such renorm");
    mcl_ref_require(k, s[5] >= 0 && s[6] >= 0 && (double)s[5] + (double)s[6] <= rows,
                    "a picture's rows are outside the guided rows");
  }
}

/* Row map {cond, text_uncond, image_uncond, picture} inside v and the settings. */
static void check_rows(mcl_ref_check *k, const mcl_operand *rows, uint32_t n, uint32_t v_rows,
                       uint32_t pictures) {
  mcl_ref_operand(k, "the row map", rows, MCL_I32, n, 4);
  for (uint32_t r = 0; k->rc == MOTCL_OK && r < n; r++) {
    const int32_t *m = mcl_ref_ids(rows, r);
    mcl_ref_require(k, m[0] >= 0 && m[1] >= -1 && m[2] >= -1, "a row of v is negative");
    for (int i = 0; i < 3; i++)
      mcl_ref_require(k, m[i] < 0 || (uint32_t)m[i] < v_rows, "a row is outside v");
    mcl_ref_require(k, m[3] >= 0 && (uint32_t)m[3] < pictures, "no such picture");
  }
}

static double square_sum(const float *x, uint32_t n) {
  double s = 0;
  for (uint32_t c = 0; c < n; c++)
    s += (double)x[c] * (double)x[c];
  return s;
}

/* clamp(|main| / (|w| + 1e-8), least, 1) from the squares of the norms; 1 wins over `least`. */
static double factor(double main2, double w2, double least) {
  double f = sqrt(main2) / (sqrt(w2) + 1e-8);
  return fmin(fmax(f, least), 1);
}

static void renorm_row(double *w, const float *main, uint32_t n, double least) {
  double s = 0;
  for (uint32_t c = 0; c < n; c++)
    s += w[c] * w[c];
  double f = factor(square_sum(main, n), s, least);
  for (uint32_t c = 0; c < n; c++)
    w[c] *= f;
}

static void guide_row(float *out, double *w, const mcl_operand *v, const int32_t *map,
                      const settings *s) {
  uint32_t n = v->cols;
  const float *main = mcl_ref_row(v, (size_t)map[0]);
  if (!s->guided || map[1] < 0) {
    memcpy(out, main, n * sizeof *out);
    return;
  }
  const float *text = mcl_ref_row(v, (size_t)map[1]);
  for (uint32_t c = 0; c < n; c++)
    w[c] = (double)text[c] + s->text * ((double)main[c] - (double)text[c]);
  if (s->renorm == MOTCL_RENORM_TEXT_CHANNEL)
    renorm_row(w, main, n, s->least);
  if (s->image > 1 && map[2] >= 0) {
    const float *image = mcl_ref_row(v, (size_t)map[2]);
    for (uint32_t c = 0; c < n; c++)
      w[c] = (double)image[c] + s->image * (w[c] - (double)image[c]);
  }
  if (s->renorm == MOTCL_RENORM_CHANNEL)
    renorm_row(w, main, n, s->least);
  for (uint32_t c = 0; c < n; c++)
    out[c] = (float)w[c];
}

int mcl_ref_GUIDE(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *v = &call->in[0], *rows = &call->in[1], *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "v", v, MCL_F32, v->rows, out->cols);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  check_settings(&k, &call->in[2], UINT32_MAX);
  check_rows(&k, rows, out->rows, v->rows, call->in[2].rows);
  if (k.rc != MOTCL_OK)
    return k.rc;
  double *w = mcl_alloc(out->cols, sizeof *w);
  if (!w)
    return mcl_fail_nomem(err, out->cols * sizeof *w);
  for (uint32_t r = 0; r < out->rows; r++) {
    const int32_t *map = mcl_ref_ids(rows, r);
    settings s = settings_at(&call->in[2], (size_t)map[3]);
    guide_row(mcl_ref_row(out, r), w, v, map, &s);
  }
  mcl_free(w);
  return MOTCL_OK;
}

int mcl_ref_GUIDE_SCALE(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *guided = &call->in[0], *v = &call->in[1], *rows = &call->in[2];
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "the guided rows", guided, MCL_F32, guided->rows, v->cols);
  mcl_ref_operand(&k, "v", v, MCL_F32, v->rows, v->cols);
  mcl_ref_operand(&k, "the output", &call->out, MCL_F32, call->in[3].rows, 1);
  check_settings(&k, &call->in[3], guided->rows);
  check_rows(&k, rows, guided->rows, v->rows, call->in[3].rows);
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t p = 0; p < call->out.rows; p++) {
    settings s = settings_at(&call->in[3], p);
    double main2 = 0, w2 = 0;
    for (uint32_t r = s.first; r < s.first + s.rows; r++) {
      main2 += square_sum(mcl_ref_row(v, (size_t)mcl_ref_ids(rows, r)[0]), v->cols);
      w2 += square_sum(mcl_ref_row(guided, r), v->cols);
    }
    bool global = s.guided && s.renorm == MOTCL_RENORM_GLOBAL;
    *mcl_ref_row(&call->out, p) = global ? (float)factor(main2, w2, s.least) : 1.0f;
  }
  return MOTCL_OK;
}

int mcl_ref_GUIDE_APPLY(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *guided = &call->in[0], *scale = &call->in[1], *rows = &call->in[2];
  const mcl_operand *out = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "the guided rows", guided, MCL_F32, out->rows, out->cols);
  mcl_ref_operand(&k, "the scales", scale, MCL_F32, scale->rows, 1);
  mcl_ref_operand(&k, "the output", out, MCL_F32, out->rows, out->cols);
  check_rows(&k, rows, out->rows, INT32_MAX, scale->rows);
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < out->rows; r++) {
    double f = (double)*mcl_ref_row(scale, (size_t)mcl_ref_ids(rows, r)[3]);
    for (uint32_t c = 0; c < out->cols; c++)
      mcl_ref_row(out, r)[c] = (float)((double)mcl_ref_row(guided, r)[c] * f);
  }
  return MOTCL_OK;
}

int mcl_ref_EULER(mcl_device *dev, const mcl_call *call, motcl_err *err) {
  (void)dev;
  const mcl_operand *v = &call->in[0], *rows = &call->in[1], *x = &call->out;
  mcl_ref_check k = mcl_ref_check_begin(call, err);
  mcl_ref_operand(&k, "v", v, MCL_F32, x->rows, x->cols);
  mcl_ref_operand(&k, "x", x, MCL_F32, x->rows, x->cols);
  check_settings(&k, &call->in[2], UINT32_MAX);
  check_rows(&k, rows, x->rows, INT32_MAX, call->in[2].rows);
  if (k.rc != MOTCL_OK)
    return k.rc;
  for (uint32_t r = 0; r < x->rows; r++) {
    settings s = settings_at(&call->in[2], (size_t)mcl_ref_ids(rows, r)[3]);
    for (uint32_t c = 0; c < x->cols; c++) {
      float *to = mcl_ref_row(x, r) + c;
      *to = (float)((double)*to - (double)mcl_ref_row(v, r)[c] * s.dt);
    }
  }
  return MOTCL_OK;
}
