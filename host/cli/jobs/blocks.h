/* blocks.h - a picture as coloured characters of a terminal. */
#ifndef MCL_CLI_JOBS_BLOCKS_H
#define MCL_CLI_JOBS_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * A picture in half blocks, two pixels a character, made smaller to fit: lines that end with the
 * colours put back.
 *
 * rgb            width * height pixels, at least 1
 * columns, rows  that are there, at least 1
 * all            24-bit colours; else the 256 of xterm
 * lines          gets their number
 *
 * Returns UTF-8 that the caller frees with free, or NULL without memory.
 */
char *mcl_blocks(const uint8_t *rgb, uint32_t width, uint32_t height, uint32_t columns,
                 uint32_t rows, bool all, uint32_t *lines);

#endif
