/* resize.c - the resize rule and the two-pass bicubic in Pillow's fixed point. */
#include "image/resize.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

/* ---- the rule ---- */

#define RULE_MAX 65536

static double divisible(double side, double stride) {
  return fmax(stride, rint(side / stride) * stride);
}

static void apply_scale(double *w, double *h, double scale, double stride) {
  *w = divisible(rint(*w * scale), stride);
  *h = divisible(rint(*h * scale), stride);
}

int mcl_resize_size(const mcl_resize_rule *rule, uint32_t w, uint32_t h, uint32_t *ow, uint32_t *oh,
                    motcl_err *err) {
  if (!w || !h)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u pixels is empty", w, h);
  if (rule->longest - 1 >= RULE_MAX || rule->shortest - 1 >= RULE_MAX ||
      rule->stride - 1 >= RULE_MAX || !rule->max_pixels)
    return mcl_fail(err, MOTCL_EINVAL,
                    "the limits of a resize rule are 1 to %d and the cap at least 1 pixel",
                    RULE_MAX);

  double longest = rule->longest, stride = rule->stride, cap = (double)rule->max_pixels;
  double x = w, y = h;
  double scale = fmin(longest / fmax(x, y), 1.0);
  scale = fmax(scale, rule->shortest / fmin(x, y));
  apply_scale(&x, &y, scale, stride);
  if (x * y > cap)
    apply_scale(&x, &y, cap / (x * y), stride);
  if (fmax(x, y) > longest)
    apply_scale(&x, &y, longest / fmax(x, y), stride);
  if (x > UINT32_MAX || y > UINT32_MAX)
    return mcl_fail(err, MOTCL_EINVAL, "a picture of %ux%u pixels cannot be resized by this rule",
                    w, h);
  *ow = (uint32_t)x;
  *oh = (uint32_t)y;
  return MOTCL_OK;
}

/* ---- resampling ---- */

#define WEIGHT_BITS 22 /* 32 less 8 of the sample and 2 for sums below 0 or above 1 */

/* Which places of one axis each place of the result is the weighted sum of. */
typedef struct taps {
  uint32_t *first, *count; /* [places of the result] */
  int32_t *weight;         /* [places of the result, most] */
  size_t most;             /* largest count */
} taps;

static double bicubic(double x) {
  const double a = -0.5;
  x = fabs(x);
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0)
    return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

static void taps_finish(taps *t) {
  mcl_free(t->first);
  mcl_free(t->count);
  mcl_free(t->weight);
}

/* Weights of one place, normalised to sum 1, then to fixed point, half away from zero. */
static void place_weights(int32_t *weight, double *exact, uint32_t first, uint32_t count,
                          double center, double inverse) {
  double sum = 0.0;
  for (uint32_t i = 0; i < count; i++) {
    exact[i] = bicubic((i + (double)first - center + 0.5) * inverse);
    sum += exact[i];
  }
  for (uint32_t i = 0; i < count; i++) {
    double w = exact[i] / sum * (1 << WEIGHT_BITS);
    weight[i] = (int32_t)(w < 0 ? w - 0.5 : w + 0.5);
  }
}

static int taps_init(taps *out, uint32_t from, uint32_t to, motcl_err *err) {
  double scale = (double)from / to, widen = fmax(scale, 1.0), support = 2.0 * widen;
  taps t = {0};
  t.most = (size_t)ceil(support) * 2 + 1;
  size_t all;
  double *exact = mcl_alloc(t.most, sizeof *exact);
  t.first = mcl_alloc(to, sizeof *t.first);
  t.count = mcl_alloc(to, sizeof *t.count);
  if (mcl_mul_ok(t.most, to, &all))
    t.weight = mcl_alloc(all, sizeof *t.weight);
  if (!exact || !t.first || !t.count || !t.weight) {
    mcl_free(exact);
    taps_finish(&t);
    return mcl_fail(err, MOTCL_ENOMEM, "out of memory for resizing %u pixels to %u", from, to);
  }

  for (uint32_t i = 0; i < to; i++) {
    double center = (i + 0.5) * scale;
    double lo = center - support + 0.5, hi = center + support + 0.5;
    t.first[i] = lo > 0 ? (uint32_t)lo : 0;
    t.count[i] = (hi < from ? (uint32_t)hi : from) - t.first[i];
    place_weights(t.weight + i * t.most, exact, t.first[i], t.count[i], center, 1.0 / widen);
  }
  mcl_free(exact);
  *out = t;
  return MOTCL_OK;
}

static uint8_t clip(int32_t sum) {
  if (sum < 0)
    return 0;
  sum >>= WEIGHT_BITS;
  return (uint8_t)(sum > 255 ? 255 : sum);
}

static void resize_row(uint8_t *out, const uint8_t *in, uint32_t width, uint32_t channels,
                       const taps *t) {
  for (uint32_t x = 0; x < width; x++) {
    const int32_t *weight = t->weight + x * t->most;
    for (uint32_t c = 0; c < channels; c++) {
      const uint8_t *from = in + (size_t)t->first[x] * channels + c;
      int32_t sum = 1 << (WEIGHT_BITS - 1);
      for (uint32_t i = 0; i < t->count[x]; i++)
        sum += from[(size_t)i * channels] * weight[i];
      *out++ = clip(sum);
    }
  }
}

static int resize_width(mcl_image *out, const mcl_image *in, uint32_t width, motcl_err *err) {
  taps t;
  int rc = taps_init(&t, in->width, width, err);
  if (rc)
    return rc;
  mcl_image im;
  rc = mcl_image_init(&im, width, in->height, in->channels, err);
  if (!rc) {
    size_t from = (size_t)in->width * in->channels, to = (size_t)width * in->channels;
    for (uint32_t y = 0; y < in->height; y++)
      resize_row(im.px + y * to, in->px + y * from, width, in->channels, &t);
    *out = im;
  }
  taps_finish(&t);
  return rc;
}

static void resize_column(uint8_t *out, int32_t *sums, const uint8_t *in, size_t row,
                          const int32_t *weight, uint32_t count) {
  for (size_t x = 0; x < row; x++)
    sums[x] = 1 << (WEIGHT_BITS - 1);
  for (uint32_t i = 0; i < count; i++)
    for (size_t x = 0; x < row; x++)
      sums[x] += in[i * row + x] * weight[i];
  for (size_t x = 0; x < row; x++)
    out[x] = clip(sums[x]);
}

static int resize_height(mcl_image *out, const mcl_image *in, uint32_t height, motcl_err *err) {
  taps t;
  int rc = taps_init(&t, in->height, height, err);
  if (rc)
    return rc;
  size_t row = (size_t)in->width * in->channels;
  int32_t *sums = mcl_alloc(row, sizeof *sums);
  mcl_image im;
  rc = sums ? mcl_image_init(&im, in->width, height, in->channels, err)
            : mcl_fail_nomem(err, row * sizeof *sums);
  if (!rc) {
    for (uint32_t y = 0; y < height; y++)
      resize_column(im.px + y * row, sums, in->px + t.first[y] * row, row, t.weight + y * t.most,
                    t.count[y]);
    *out = im;
  }
  mcl_free(sums);
  taps_finish(&t);
  return rc;
}

static int copy_image(mcl_image *out, const mcl_image *in, motcl_err *err) {
  mcl_image im;
  int rc = mcl_image_init(&im, in->width, in->height, in->channels, err);
  if (rc)
    return rc;
  memcpy(im.px, in->px, (size_t)in->width * in->height * in->channels);
  *out = im;
  return MOTCL_OK;
}

int mcl_image_resize(mcl_image *out, const mcl_image *in, uint32_t w, uint32_t h, motcl_err *err) {
  if (!w || !h)
    return mcl_fail(err, MOTCL_EINVAL, "a picture cannot be resized to %ux%u pixels", w, h);
  if (w == in->width && h == in->height)
    return copy_image(out, in, err);
  if (w == in->width)
    return resize_height(out, in, h, err);
  if (h == in->height)
    return resize_width(out, in, w, err);

  mcl_image between;
  int64_t narrower = (int64_t)in->width - w, lower = (int64_t)in->height - h;
  bool columns_first = lower > 0 && lower > 2 * narrower;
  int rc = columns_first ? resize_height(&between, in, h, err) : resize_width(&between, in, w, err);
  if (rc)
    return rc;
  rc = columns_first ? resize_width(out, &between, w, err) : resize_height(out, &between, h, err);
  mcl_image_finish(&between);
  return rc;
}

int mcl_image_fit(mcl_image *im, const mcl_resize_rule *rule, motcl_err *err) {
  uint32_t w, h;
  mcl_image out;
  int rc = mcl_resize_size(rule, im->width, im->height, &w, &h, err);
  if (!rc && w == im->width && h == im->height)
    return MOTCL_OK;
  if (!rc)
    rc = mcl_image_resize(&out, im, w, h, err);
  if (rc)
    return rc;
  mcl_image_finish(im);
  *im = out;
  return MOTCL_OK;
}
