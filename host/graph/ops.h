/* ops.h - the one list of operations. A graph is made of these and nothing else; every op has its
 * plain C definition in drivers/ref, and enum, names, the ref table and the checks come from here.
 *
 * Activations are row-major [rows, cols] float32 (index tables are int32). A picture of h x w
 * pixels with c channels is [h*w, c] (row after row, channels innermost). Weights are [out, in] as
 * in the file. R is the number of rows of the output; `in` and `w` are numbered from 0. */
/* clang-format off */
/* Primitive ops, which graph builders use:
 *
 * EMBED        out[r] = w0[ids[r]]; ids of another part of the table leave their row alone
 *                in: ids i32[R, 1]; w: table [n, cols]
 * GATHER       out[r] = x[index[r]]
 *                in: x [n, cols], index i32[R, 1]
 * LINEAR       out = x w0^T + w1
 *                in: x [R, K]; w: [N, K], bias [N] or none
 * RMS_NORM     groups of `width` columns: x / sqrt(mean x^2 + eps) * w0
 *                in: x; w: [width]
 * LAYER_NORM   (x - mean) / sqrt(var + eps) * w0 + w1
 *                in: x; w: [cols], [cols]
 * ROPE         each head's halves (a, b) -> (a c - b s, b c + a s)
 *                in: x [R, heads*head], table [R, head] = cos | sin
 * SILU         x / (1 + exp(-x))
 * GELU         0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
 * ADD          a + b
 * MUL          a * b
 * KV_PUT       writes row r of x into its slot of a page (below)
 *                in: x [R, kv_heads*head], slots i32[R, 1], scratch pages;
 *                out: cached pages; either set of pages may be absent
 * KV_COPY      page dst becomes page src; no page stands in two pairs
 *                in: pairs i32[R, 2] (src, dst); out: pages
 * ATTENTION    softmax(scale q k^T) v per head; a row that is in no tile is left alone
 *                in: q [R, heads*head], cached k pages, cached v pages, scratch k pages,
 *                scratch v pages, block table i32[n, 1], tiles i32[T, 8];
 *                pages that no tile names, and the block table, may be absent
 * CONV         k x k convolution, zero padding
 *                in: x [h*w, C]; w: [N, C, k, k], bias [N] or none
 * GROUP_NORM   over groups of channels and all pixels
 *                in: x [h*w, C]; w: [C], [C]
 * UPSAMPLE     each pixel four times (nearest, factor 2)
 *                in: x [h*w, C]; out [2h*2w, C]
 * GUIDE        the guided velocity before the global renorm
 *                in: v [n, c], rows i32[R, 4], settings f32[P, 8]
 * GUIDE_SCALE  the global renorm's factor, one a picture
 *                in: guided [r, c], v [n, c], rows i32[r, 4], settings f32[R, 8]; out [R, 1]
 * GUIDE_APPLY  out[r] = guided[r] * scale[picture of r]
 *                in: guided, scale [P, 1], rows i32[R, 4]
 * EULER        x[r] -= v[r] * dt of the picture of r
 *                in: v, rows i32[R, 4], settings f32[P, 8]; out: x
 * NOT_FINITE   how many numbers of x[r] are NaN or infinite
 *                in: x; out [R, 1]
 *
 * Pages hold MCL_PAGE keys each. A page of K is [kv_heads][head][MCL_PAGE], of V
 * [kv_heads][MCL_PAGE][head]. KV_PUT's slot p >= 0 is key p % MCL_PAGE of cached page
 * p / MCL_PAGE; p < 0 is key -1 - p of the scratch pages, counted likewise.
 *
 * A row of `tiles` is up to MCL_TILE_ROWS neighbouring rows that see the same context:
 * {first row, rows, first entry in the block table, cached keys that the first row sees, further
 * keys for each later row (1 causal, 0 not), first scratch page, scratch keys, 0}. The keys of a
 * row are the cached ones (key j in slot j % MCL_PAGE of page block_table[first + j / MCL_PAGE]),
 * then the scratch ones (key j in slot j % MCL_PAGE of scratch page first + j / MCL_PAGE); there is
 * at least one. Slots of these pages that no row sees may hold anything, NaN included.
 *
 * GUIDE's `rows` are {row of v that is cond, text_uncond or -1, image_uncond or -1, picture};
 * `settings` {s_text, s_image, renorm (motcl_renorm), renorm min, dt, first row of the picture in
 * the guided rows, its rows, guided 0|1}. Not guided, or without a text_uncond row, out = cond.
 * Else, with t and i the text_uncond and the image_uncond row:
 *
 *   u = t + s_text (cond - t)
 *   u *= clamp(|cond| / (|u| + 1e-8), min, 1)          renorm text_channel, norms over the row
 *   w = i + s_image (u - i)                            if s_image > 1 and there is an i; else u
 *   w *= clamp(|cond| / (|w| + 1e-8), min, 1)          renorm channel, norms over the row
 *
 * GUIDE_SCALE is clamp(|cond| / (|w| + 1e-8), min, 1) with norms over the whole picture for renorm
 * global and a guided picture, else 1. Where min is above 1, clamp gives 1.
 * Source: Bagel 056b5fd modeling/bagel/bagel.py, _forward_flow.
 *
 * Fused ops, which only plan/fuse makes; the definition is the composition:
 *
 * LINEAR_ADD   ADD(in1, LINEAR(in0))
 *                in: x [R, K], residual [R, N]; w as LINEAR
 * SILU_MUL     MUL(SILU(in0), in1)
 *                in: gate, up
 * NORM_ROPE    ROPE(RMS_NORM(in0), in1), width = head
 *                in: x, table; w: [head]
 * UP_CONV      CONV(UPSAMPLE(in0))
 *                in: x; w as CONV */
/* clang-format on */
#ifndef MCL_GRAPH_OPS_H
#define MCL_GRAPH_OPS_H

#include <stdbool.h>

#define MCL_PAGE 64     /* keys in a page */
#define MCL_TILE_ROWS 8 /* most rows in a tile */
#define MCL_OP_INPUTS 7
#define MCL_OP_WEIGHTS 2

/* What may be cut: ROWS ops give row r from row r of each input alone, PIXELS ops any rows of their
 * output from all of their input (drivers/driver.h, `first`). */
#define MCL_OP_ROWS 1u   /* row-local: may run in row chunks */
#define MCL_OP_FUSED 2u  /* made by plan/fuse only */
#define MCL_OP_PIXELS 4u /* rows of the output may be asked for by themselves */

/* id, name, inputs, weights, output, flags. A letter for each input and one for the output says
 * what the op does with it; weights are read.
 *
 *   r  reads it, and leaves it as it is
 *   w  writes all of it (the calls of a node together do); what it held is nobody's
 *   u  updates it: what is not written stays, and counts for whoever reads it later
 *
 * Who judges what depends on what asks mcl_op_reads and mcl_op_writes and nothing else;
 * tests/unit/graph_ops.c runs every op and sees what becomes of its operands. */
#define MCL_OPS(X)                                                                                 \
  X(EMBED, "embed", "r", 1, 'w', MCL_OP_ROWS)                                                      \
  X(GATHER, "gather", "rr", 0, 'w', 0)                                                             \
  X(LINEAR, "linear", "r", 2, 'w', MCL_OP_ROWS)                                                    \
  X(RMS_NORM, "rms_norm", "r", 1, 'w', MCL_OP_ROWS)                                                \
  X(LAYER_NORM, "layer_norm", "r", 2, 'w', MCL_OP_ROWS)                                            \
  X(ROPE, "rope", "rr", 0, 'w', MCL_OP_ROWS)                                                       \
  X(SILU, "silu", "r", 0, 'w', MCL_OP_ROWS)                                                        \
  X(GELU, "gelu", "r", 0, 'w', MCL_OP_ROWS)                                                        \
  X(ADD, "add", "rr", 0, 'w', MCL_OP_ROWS)                                                         \
  X(MUL, "mul", "rr", 0, 'w', MCL_OP_ROWS)                                                         \
  X(KV_PUT, "kv_put", "rru", 0, 'u', 0)                                                            \
  X(KV_COPY, "kv_copy", "r", 0, 'u', 0)                                                            \
  X(ATTENTION, "attention", "rrrrrrr", 0, 'w', 0)                                                  \
  X(CONV, "conv", "r", 2, 'w', MCL_OP_PIXELS)                                                      \
  X(GROUP_NORM, "group_norm", "r", 2, 'w', 0)                                                      \
  X(UPSAMPLE, "upsample", "r", 0, 'w', 0)                                                          \
  X(GUIDE, "guide", "rrr", 0, 'w', 0)                                                              \
  X(GUIDE_SCALE, "guide_scale", "rrrr", 0, 'w', 0)                                                 \
  X(GUIDE_APPLY, "guide_apply", "rrr", 0, 'w', 0)                                                  \
  X(EULER, "euler", "rrr", 0, 'u', 0)                                                              \
  X(NOT_FINITE, "not_finite", "r", 0, 'w', MCL_OP_ROWS)                                            \
  X(LINEAR_ADD, "linear_add", "rr", 2, 'w', MCL_OP_ROWS | MCL_OP_FUSED)                            \
  X(SILU_MUL, "silu_mul", "rr", 0, 'w', MCL_OP_ROWS | MCL_OP_FUSED)                                \
  X(NORM_ROPE, "norm_rope", "rr", 1, 'w', MCL_OP_ROWS | MCL_OP_FUSED)                              \
  X(UP_CONV, "up_conv", "r", 2, 'w', MCL_OP_PIXELS | MCL_OP_FUSED)

#define MCL_OP_ENUM(id, name, in, weights, out, flags) MCL_OP_##id,
typedef enum mcl_op { MCL_OPS(MCL_OP_ENUM) MCL_OP_COUNT } mcl_op;
#undef MCL_OP_ENUM

/** The output among an op's operands, which are counted from 0: its inputs come before. */
#define MCL_OP_OUT MCL_OP_INPUTS
#define MCL_OP_OPERANDS (MCL_OP_INPUTS + 1)

/** What the list says of an op. `in` has a letter for each input, `out` is the output's. */
typedef struct mcl_op_info {
  const char *name, *in;
  unsigned inputs, weights, flags;
  char out;
} mcl_op_info;

/** What the list says of an op; `op` must be below MCL_OP_COUNT. The result is static. */
const mcl_op_info *mcl_op_get(mcl_op op);

/** Whether what operand i held before an op counts after it. False for inputs that it has not. */
bool mcl_op_reads(mcl_op op, unsigned i);

/** Whether operand i may hold something else after an op. False for inputs that it has not. */
bool mcl_op_writes(mcl_op op, unsigned i);

#endif
