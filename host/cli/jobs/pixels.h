/* pixels.h - a picture in the pixels of a terminal that can show them. */
#ifndef MCL_CLI_JOBS_PIXELS_H
#define MCL_CLI_JOBS_PIXELS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** What a terminal has free for a picture, in characters, and the pixels of one of them. */
typedef struct mcl_terminal_area {
  uint32_t columns, rows, wide, high;
} mcl_terminal_area;

/**
 * Write a picture in the form that the terminal of the environment understands: kitty's, sixels or
 * iTerm's. It is made smaller to fit, and a small one larger, its shape kept.
 *
 * rgb   width * height pixels, at least 1
 * area  all of it at least 1
 *
 * Returns false, with nothing written, if the terminal has none of them or libchafa is not built
 * in.
 */
bool mcl_pixels(FILE *to, const uint8_t *rgb, uint32_t width, uint32_t height,
                const mcl_terminal_area *area);

#endif
