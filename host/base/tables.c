/* tables.c - tables of sines and cosines. */
#include "base/tables.h"

#include <math.h>
#include <string.h>

#include "base/math.h"

enum { MAX_SIDE = 4096, MAX_WIDTH = 65536 };

/* The code of p = 0, 1, ... side - 1, into the first half of row 0's cells. */
static void encode_axis(float *out, uint32_t side, uint32_t width) {
  size_t quarter = width / 4;
  for (size_t j = 0; j < quarter; j++) {
    double w = 1 / mcl_pow(10000, (double)j / (width / 4.0)), s, c;
    for (size_t p = 0; p < side; p++) {
      mcl_sincos((double)p * w, &s, &c);
      out[p * width + j] = (float)s;
      out[p * width + quarter + j] = (float)c;
    }
  }
}

int mcl_sincos_2d(float *out, uint32_t side, uint32_t width, motcl_err *err) {
  if (side < 1 || side > MAX_SIDE || width < 4 || width > MAX_WIDTH || width % 4)
    return mcl_fail(err, MOTCL_EINVAL,
                    "no position table of %u x %u places and width %u can be made: the side must "
                    "be from 1 to %d, the width a multiple of 4 up to %d",
                    side, side, width, MAX_SIDE, MAX_WIDTH);
  encode_axis(out, side, width);
  size_t half = width / 2, bytes = half * sizeof *out;
  for (size_t r = side; r-- > 0;)
    for (size_t c = side; c-- > 0;) {
      float *cell = out + (r * side + c) * width;
      if (r > 0)
        memcpy(cell, out + c * width, bytes);
      memcpy(cell + half, out + r * width, bytes);
    }
  return MOTCL_OK;
}

int mcl_time_embed(float *out, uint32_t width, float t, motcl_err *err) {
  if (width < 2 || width > MAX_WIDTH || width % 2 || !isfinite(t))
    return mcl_fail(err, MOTCL_EINVAL, "no time embedding of width %u can be made for t = %g",
                    width, (double)t);
  uint32_t half = width / 2;
  const float minus_ln_10000 = -0x1.26bb1cp+3f;
  for (uint32_t j = 0; j < half; j++) {
    float power = minus_ln_10000 * (float)j / (float)half;
    float angle = t * (float)mcl_exp(power);
    double s, c;
    mcl_sincos(angle, &s, &c);
    out[j] = (float)c;
    out[half + j] = (float)s;
  }
  return MOTCL_OK;
}

int mcl_rope_table(float *cos_sin, const int32_t *positions, size_t rows, uint32_t head,
                   double theta, motcl_err *err) {
  if (head < 2 || head > MAX_WIDTH || head % 2 || !(theta >= 1 && theta <= 1e30))
    return mcl_fail(err, MOTCL_EINVAL,
                    "no rotary table can be made for heads of %u and theta %g: heads must be even, "
                    "theta from 1 to 1e30",
                    head, theta);
  for (size_t i = 0; i < rows; i++)
    if (positions[i] < 0)
      return mcl_fail(err, MOTCL_EINVAL, "rotary position %ld of row %zu is negative",
                      (long)positions[i], i + 1);
  uint32_t half = head / 2;
  for (uint32_t j = 0; j < half; j++) {
    float power = (float)mcl_pow((float)theta, (float)(2 * j) / (float)head);
    float frequency = 1 / power;
    for (size_t i = 0; i < rows; i++) {
      float angle = (float)positions[i] * frequency;
      double s, c;
      mcl_sincos(angle, &s, &c);
      cos_sin[i * head + j] = (float)c;
      cos_sin[i * head + half + j] = (float)s;
    }
  }
  return MOTCL_OK;
}
