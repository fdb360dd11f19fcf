/* rng.c - PyTorch's CPU generator: mt19937 (Matsumoto and Nishimura 1998) and Box-Muller. */
#include "base/rng.h"

#include <math.h>

#include "base/math.h"

enum { N = MCL_RNG_WORDS, M = 397, BLOCK = 16 };

static const double two_pi = 0x1.921fb54442d18p+2;

void mcl_rng_seed(mcl_rng *rng, uint64_t seed) {
  rng->word[0] = (uint32_t)(seed & 0xFFFFFFFFu);
  for (uint32_t i = 1; i < N; i++) {
    uint32_t before = rng->word[i - 1];
    rng->word[i] = 1812433253u * (before ^ (before >> 30)) + i;
  }
  rng->next = N;
  rng->has_normal = 0;
  rng->normal = 0;
}

int mcl_rng_check(const mcl_rng *rng, motcl_err *err) {
  uint32_t any = rng->word[0] & 0x80000000u;
  for (size_t i = 1; i < N; i++)
    any |= rng->word[i];
  if (rng->next > N || rng->has_normal > 1 || !isfinite(rng->normal) || !any)
    return mcl_fail(err, MOTCL_EFORMAT,
                    "the stored state of the noise generator is damaged; start again from a seed");
  return MOTCL_OK;
}

static uint32_t twist(uint32_t high, uint32_t low) {
  uint32_t y = (high & 0x80000000u) | (low & 0x7FFFFFFFu);
  return (y >> 1) ^ (low & 1u ? 0x9908B0DFu : 0u);
}

static void refill(mcl_rng *rng) {
  uint32_t *w = rng->word;
  for (size_t i = 0; i < N; i++)
    w[i] = w[(i + M) % N] ^ twist(w[i], w[(i + 1) % N]);
  rng->next = 0;
}

uint32_t mcl_rng_u32(mcl_rng *rng) {
  if (rng->next >= N)
    refill(rng);
  uint32_t y = rng->word[rng->next++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9D2C5680u;
  y ^= (y << 15) & 0xEFC60000u;
  return y ^ (y >> 18);
}

double mcl_rng_uniform(mcl_rng *rng) {
  uint64_t high = mcl_rng_u32(rng), low = mcl_rng_u32(rng);
  return (double)((high << 32 | low) & ((UINT64_C(1) << 53) - 1)) * 0x1p-53;
}

static float uniform_f32(mcl_rng *rng) {
  return (float)(mcl_rng_u32(rng) & 0xFFFFFFu) * 0x1p-24f;
}

/* Sixteen uniform floats become normal ones, value j paired with value j + 8. The angle is rounded
 * to float as PyTorch's vector code does; all else is double. */
static void box_muller(float *x) {
  for (size_t j = 0; j < BLOCK / 2; j++) {
    double radius = sqrt(-2 * mcl_log(1 - (double)x[j])), s, c;
    float angle = (float)two_pi * x[j + BLOCK / 2];
    mcl_sincos(angle, &s, &c);
    x[j] = (float)(radius * c);
    x[j + BLOCK / 2] = (float)(radius * s);
  }
}

static void randn_many(mcl_rng *rng, float *out, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = uniform_f32(rng);
  for (size_t i = 0; i + BLOCK <= n; i += BLOCK)
    box_muller(out + i);
  if (n % BLOCK == 0)
    return;
  float *last = out + (n - BLOCK);
  for (size_t i = 0; i < BLOCK; i++)
    last[i] = uniform_f32(rng);
  box_muller(last);
}

static double randn_one(mcl_rng *rng) {
  if (rng->has_normal) {
    rng->has_normal = 0;
    return rng->normal;
  }
  double u1 = mcl_rng_uniform(rng), u2 = mcl_rng_uniform(rng), s, c;
  /* 1 - u2 is exact, so this is log1p(-u2). */
  double radius = sqrt(-2 * mcl_log(1 - u2));
  mcl_sincos(two_pi * u1, &s, &c);
  rng->normal = radius * s;
  rng->has_normal = 1;
  return radius * c;
}

void mcl_rng_randn(mcl_rng *rng, float *out, size_t n) {
  if (n >= BLOCK) {
    randn_many(rng, out, n);
    return;
  }
  for (size_t i = 0; i < n; i++)
    out[i] = (float)randn_one(rng);
}
