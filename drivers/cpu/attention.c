/* attention.c - attention by kernels/cpu/attention.cl. */
#include "drivers/cpu/cpu.h"

#define ROWS 32 /* queries of a group, as in attention.cl */

int mcl_cpu_attention(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_operand *tiles = &c->in[6];
  const uint32_t kv_heads = c->attr.attention.kv_heads;
  const uint32_t heads_per_kv = c->attr.attention.heads / kv_heads;
  const uint32_t most = MCL_TILE_ROWS * heads_per_kv; /* queries of a tile and key/value head */
  const uint32_t span = most < ROWS ? ROWS / most : 1;
  const uint32_t blocks = (uint32_t)mcl_blocks(most, ROWS);
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          MCL_STRIDED(&c->in[1]),
                          MCL_STRIDED(&c->in[2]),
                          MCL_STRIDED(&c->in[3]),
                          MCL_STRIDED(&c->in[4]),
                          MCL_STRIDED(&c->in[5]),
                          MCL_STRIDED(tiles),
                          mcl_arg_uint(tiles->rows),
                          MCL_STRIDED(&c->out),
                          mcl_arg_uint(heads_per_kv),
                          mcl_arg_uint(c->attr.attention.head),
                          mcl_arg_float(c->attr.attention.scale),
                          mcl_arg_uint(span),
                          mcl_arg_uint(blocks)};
  const mcl_kernel_use use = {.source = "cpu/attention.cl",
                              .kernel = "mcl_attention_rows",
                              .group = MCL_GROUP_ONE,
                              .groups = {mcl_blocks(tiles->rows, span) * blocks, kv_heads}};
  return MCL_LAUNCH(dev, &use, args, err);
}
