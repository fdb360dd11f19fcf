/* context.c - keys and values in pages, and attention over them. */
#include "drivers/generic/generic.h"

#define COPY_SPAN 1024 /* elements of a group of mcl_kv_copy */

int mcl_generic_kv_put(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_operand *x = &c->in[0], *scratch = &c->in[2], *cached = &c->out;
  const mcl_arg args[] = {MCL_STRIDED(x),
                          MCL_STRIDED(&c->in[1]),
                          MCL_STRIDED(cached),
                          mcl_arg_uint(cached->buf ? cached->rows : 0),
                          MCL_STRIDED(scratch),
                          mcl_arg_uint(scratch->buf ? scratch->rows : 0),
                          mcl_arg_uint(c->attr.attention.head),
                          mcl_arg_uint(c->attr.attention.transposed)};
  const mcl_kernel_use use = {.source = "attention.cl",
                              .kernel = "mcl_kv_put",
                              .groups = {x->rows, c->attr.attention.kv_heads}};
  return MCL_LAUNCH(dev, &use, args, err);
}

int mcl_generic_kv_copy(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_operand *pairs = &c->in[0], *pages = &c->out;
  const uint32_t cols = c->attr.attention.kv_heads * c->attr.attention.head * MCL_PAGE;
  const mcl_arg args[] = {MCL_STRIDED(pairs), MCL_STRIDED(pages), mcl_arg_uint(pages->rows),
                          mcl_arg_uint(cols)};
  const mcl_kernel_use use = {.source = "attention.cl",
                              .kernel = "mcl_kv_copy",
                              .groups = {pairs->rows, mcl_blocks(cols, COPY_SPAN)}};
  return MCL_LAUNCH(dev, &use, args, err);
}

/* Columns of a head in units of 64, rounded up to a power of two: few enough programs. */
static const char *columns_option(uint32_t head) {
  return head <= 64 ? "-DCOLS=1" : head <= 128 ? "-DCOLS=2" : head <= 256 ? "-DCOLS=4" : "-DCOLS=8";
}

int mcl_generic_attention(mcl_device *dev, const mcl_call *c, motcl_err *err) {
  const mcl_operand *tiles = &c->in[6];
  const uint32_t heads = c->attr.attention.heads, head = c->attr.attention.head;
  const mcl_arg args[] = {MCL_STRIDED(&c->in[0]),
                          MCL_STRIDED(&c->in[1]),
                          MCL_STRIDED(&c->in[2]),
                          MCL_STRIDED(&c->in[3]),
                          MCL_STRIDED(&c->in[4]),
                          MCL_STRIDED(&c->in[5]),
                          MCL_STRIDED(tiles),
                          MCL_STRIDED(&c->out),
                          mcl_arg_uint(heads / c->attr.attention.kv_heads),
                          mcl_arg_uint(head),
                          mcl_arg_float(c->attr.attention.scale)};
  const mcl_kernel_use use = {.source = "attention.cl",
                              .options = columns_option(head),
                              .kernel = "mcl_attention_tile",
                              .groups = {tiles->rows, heads}};
  return MCL_LAUNCH(dev, &use, args, err);
}
