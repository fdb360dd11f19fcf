/* latent_to_rgb.c - drawing latents by an affine map, and the pictures that it is fitted on. */
#include "session/latent_to_rgb.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum { GRID = 5, SHAPES = 10, COLOURS = 3 };

static size_t outs(const mcl_latent_to_rgb *g) {
  return (size_t)g->side * g->side * COLOURS;
}

size_t mcl_latent_to_rgb_numbers(const mcl_latent_to_rgb *g) {
  return ((size_t)g->z + 1) * outs(g);
}

void mcl_latent_to_rgb_finish(mcl_latent_to_rgb *g) {
  mcl_free(g->coef);
  memset(g, 0, sizeof *g);
}

void mcl_latent_to_rgb_cell(const mcl_latent_to_rgb *g, const float *latent, float *colours) {
  size_t n = outs(g);
  for (size_t o = 0; o < n; o++)
    colours[o] = g->coef[g->z * n + o];
  for (size_t c = 0; c < g->z; c++)
    for (size_t o = 0; o < n; o++)
      colours[o] += latent[c] * g->coef[c * n + o];
}

static uint8_t byte_of(float colour) {
  if (!(colour > -1))
    return 0;
  return colour < 1 ? (uint8_t)floorf((colour + 1) * 127.5f + 0.5f) : 255;
}

void mcl_latent_to_rgb_image(const mcl_latent_to_rgb *g, const float *latent, uint32_t height,
                             uint32_t width, uint8_t *rgb) {
  float colours[4 * COLOURS];
  size_t side = g->side, row = (size_t)width * side * COLOURS;
  for (size_t y = 0; y < height; y++)
    for (size_t x = 0; x < width; x++) {
      uint8_t *to = rgb + y * side * row + x * side * COLOURS;
      mcl_latent_to_rgb_cell(g, latent + (y * width + x) * g->z, colours);
      for (size_t i = 0; i < outs(g); i++)
        to[i / (side * COLOURS) * row + i % (side * COLOURS)] = byte_of(colours[i]);
    }
}

void mcl_latent_to_rgb_means(float *colours, const float *pixels, uint32_t width,
                             uint32_t cell_side, uint32_t side, uint32_t y, uint32_t x) {
  uint32_t block = cell_side / side;
  for (uint32_t i = 0; i < side * side * COLOURS; i++) {
    size_t top = (size_t)y * cell_side + (size_t)(i / COLOURS / side) * block;
    size_t left = (size_t)x * cell_side + (size_t)(i / COLOURS % side) * block;
    double sum = 0;
    for (size_t r = top; r < top + block; r++)
      for (size_t c = left; c < left + block; c++)
        sum += (double)pixels[(r * width * cell_side + c) * COLOURS + i % COLOURS];
    colours[i] = (float)(sum / ((double)block * block));
  }
}

/* ---- pictures to fit on ---- */

typedef struct shape {
  float x, y, width, height, colour[COLOURS];
  int round;
} shape;

static float between(mcl_rng *rng, double lo, double hi) {
  return (float)(lo + (hi - lo) * mcl_rng_uniform(rng));
}

/* A grid of colours, bilinear between them; u, v in 0..1. */
static float soft(float grid[GRID][GRID][COLOURS], float u, float v, int c) {
  float x = u * (GRID - 1), y = v * (GRID - 1);
  int i = x < GRID - 2 ? (int)x : GRID - 2, k = y < GRID - 2 ? (int)y : GRID - 2;
  float fx = x - (float)i, fy = y - (float)k;
  float top = grid[k][i][c] * (1 - fx) + grid[k][i + 1][c] * fx;
  float bottom = grid[k + 1][i][c] * (1 - fx) + grid[k + 1][i + 1][c] * fx;
  return top * (1 - fy) + bottom * fy;
}

static int covers(const shape *s, float u, float v) {
  float x = (u - s->x) / s->width, y = (v - s->y) / s->height;
  return s->round ? x * x + y * y < 1 : fabsf(x) < 1 && fabsf(y) < 1;
}

static void make_shape(shape *s, mcl_rng *rng) {
  s->x = between(rng, 0, 1);
  s->y = between(rng, 0, 1);
  s->width = between(rng, 0.05, 0.25);
  s->height = between(rng, 0.05, 0.25);
  for (int c = 0; c < COLOURS; c++)
    s->colour[c] = between(rng, -1, 1);
  s->round = mcl_rng_u32(rng) & 1;
}

void mcl_latent_to_rgb_subject(float *pixels, uint32_t size, uint32_t i) {
  float grid[GRID][GRID][COLOURS];
  shape shapes[SHAPES];
  mcl_rng rng;
  mcl_rng_seed(&rng, i);
  for (int k = 0; k < GRID * GRID * COLOURS; k++)
    (&grid[0][0][0])[k] = between(&rng, -1, 1);
  for (int k = 0; k < SHAPES; k++)
    make_shape(&shapes[k], &rng);
  for (size_t p = 0; p < (size_t)size * size; p++) {
    size_t row = p / size, column = p % size;
    float u = ((float)column + 0.5f) / (float)size, v = ((float)row + 0.5f) / (float)size;
    const shape *on_top = NULL;
    for (int k = 0; k < SHAPES; k++)
      on_top = covers(&shapes[k], u, v) ? &shapes[k] : on_top;
    for (int c = 0; c < COLOURS; c++) {
      float colour = on_top ? on_top->colour[c] : soft(grid, u, v, c);
      colour += between(&rng, -0.04, 0.04);
      pixels[p * COLOURS + (size_t)c] = fminf(fmaxf(colour, -1), 1);
    }
  }
}
