/* tables.h - tables of sines and cosines: places in a picture, time steps, rotary positions. Below
 * the model and the flow, which both use them. Deterministic to the bit (base/math.h); any thread.
 * Sources: modeling/bagel/modeling_utils.py and modeling/qwen2/modeling_qwen2.py of the official
 * code. */
#ifndef MCL_BASE_TABLES_H
#define MCL_BASE_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * The 2-D table (get_2d_sincos_pos_embed): for cell (row r, column c) of a square grid the first
 * half encodes c, the second r; the half of p is [sin(p w_j), cos(p w_j)], j < width/4,
 * w_j = 10000^(-j/(width/4)). In double, rounded to float: within 1 ulp of the official one.
 *
 * out    [side * side, width], cell r * side + c
 * side   1 to 4096
 * width  a multiple of 4, 4 to 65536
 *
 * Returns MOTCL_EINVAL for another side or width.
 */
int mcl_sincos_2d(float *out, uint32_t side, uint32_t width, motcl_err *err);

/**
 * The time embedding's input (TimestepEmbedder.timestep_embedding): [cos(t f_j), sin(t f_j)],
 * f_j = exp(-ln 10000 j / (width/2)), j < width/2. Frequency and product are rounded to float as
 * there: within 1e-7 of PyTorch's for t in [0, 1].
 *
 * out    width floats
 * width  even, 2 to 65536; the model's is 256
 * t      finite
 */
int mcl_time_embed(float *out, uint32_t width, float t, motcl_err *err);

/**
 * Rotary angles (Qwen2RotaryEmbedding): row i holds cos(p f_j) for j < head/2, then sin(p f_j),
 * with p = positions[i], f_j = 1 / theta^(2j/head); power, reciprocal and product are rounded to
 * float as there. Within 1e-6 of PyTorch's, whose cosine is no closer than that near its zeros; its
 * power is sometimes (one frequency in 70) not the nearest float, and the angles of that one differ
 * by 2^-23 p f_j.
 *
 * cos_sin    [rows, head]
 * positions  rows of them, none negative
 * head       even, 2 to 65536
 * theta      1 to 1e30 (`rope_theta`)
 */
int mcl_rope_table(float *cos_sin, const int32_t *positions, size_t rows, uint32_t head,
                   double theta, motcl_err *err);

#endif
