/* blocks.c - upper half blocks: what is above in the letter's colour, what is below in the
 * background's. */
#include "cli/jobs/blocks.h"

#include <stdio.h>
#include <stdlib.h>

enum { CELL = 48 }; /* bytes of a character and its colours at most */

typedef struct size {
  uint32_t width, height;
} size;

/* As large as fits, the shape kept, and never larger than it is; the height is even. */
static size fit(uint32_t width, uint32_t height, uint32_t columns, uint32_t rows) {
  double scale = 1;
  if (width * scale > columns)
    scale = (double)columns / width;
  if (height * scale > 2.0 * rows)
    scale = 2.0 * rows / height;
  size s = {(uint32_t)(width * scale), (uint32_t)(height * scale)};
  s.width = s.width ? s.width : 1;
  s.height = s.height > 2 ? s.height & ~1u : 2;
  return s;
}

/* Mean of the pixels that become the one at x, y. */
static void mean(uint8_t out[3], const uint8_t *rgb, uint32_t width, uint32_t height, size to,
                 uint32_t x, uint32_t y) {
  uint64_t left = (uint64_t)x * width / to.width, right = ((uint64_t)x + 1) * width / to.width;
  uint64_t top = (uint64_t)y * height / to.height, end = ((uint64_t)y + 1) * height / to.height;
  right = right > left ? right : left + 1;
  end = end > top ? end : top + 1;
  for (int c = 0; c < 3; c++) {
    uint64_t sum = 0, n = (right - left) * (end - top);
    for (uint64_t r = top; r < end; r++)
      for (uint64_t k = left; k < right; k++)
        sum += rgb[(r * width + k) * 3 + (uint64_t)c];
    out[c] = (uint8_t)((sum + n / 2) / n);
  }
}

static int square(int v) {
  return v * v;
}

static int apart(const uint8_t a[3], int r, int g, int b) {
  return square(a[0] - r) + square(a[1] - g) + square(a[2] - b);
}

/* The nearest of xterm's colour cube, 16 to 231, and greys, 232 to 255. */
static int nearest(const uint8_t c[3]) {
  static const int level[6] = {0, 95, 135, 175, 215, 255};
  int at[3];
  for (int i = 0; i < 3; i++) {
    at[i] = 0;
    for (int k = 1; k < 6; k++)
      if (abs(c[i] - level[k]) < abs(c[i] - level[at[i]]))
        at[i] = k;
  }
  int grey = (c[0] + c[1] + c[2]) / 3;
  int step = grey < 8 ? 0 : grey > 238 ? 23 : (grey - 3) / 10, shade = 8 + 10 * step;
  if (apart(c, shade, shade, shade) < apart(c, level[at[0]], level[at[1]], level[at[2]]))
    return 232 + step;
  return 16 + 36 * at[0] + 6 * at[1] + at[2];
}

static int put_cell(char *to, const uint8_t a[3], const uint8_t b[3], bool all) {
  if (all)
    return sprintf(to, "\033[38;2;%d;%d;%d;48;2;%d;%d;%dm\xe2\x96\x80", a[0], a[1], a[2], b[0],
                   b[1], b[2]);
  return sprintf(to, "\033[38;5;%d;48;5;%dm\xe2\x96\x80", nearest(a), nearest(b));
}

char *mcl_blocks(const uint8_t *rgb, uint32_t width, uint32_t height, uint32_t columns,
                 uint32_t rows, bool all, uint32_t *lines) {
  size to = fit(width, height, columns, rows);
  uint8_t upper[3], lower[3];
  char *text = calloc((size_t)(to.width + 1) * (to.height / 2) + 1, CELL), *at = text;
  if (!text)
    return NULL;
  for (uint32_t y = 0; y < to.height; y += 2) {
    for (uint32_t x = 0; x < to.width; x++) {
      mean(upper, rgb, width, height, to, x, y);
      mean(lower, rgb, width, height, to, x, y + 1);
      at += put_cell(at, upper, lower, all);
    }
    at += sprintf(at, "\033[0m\n");
  }
  *lines = to.height / 2;
  return text;
}
