/* conv.c - cases of convolution and upsampling. */
#include "checkcl.h"

#include <math.h>

/* A picture of case `index`. */
static void picture(check_case *c, check_gen *g) {
  static const uint32_t sides[][2] = {{5, 3}, {16, 16}, {1, 7}, {9, 17}, {1, 1}, {33, 20}, {8, 8}};
  c->call.h = sides[g->index % 7][0];
  c->call.w = sides[g->index % 7][1];
  if (g->quick) {
    c->call.h = 1 + g->index % 2;
    c->call.w = 1 + g->index % 3;
  }
}

static uint32_t channels(check_gen *g) {
  static const uint32_t all[] = {3, 4, 16, 32, 72, 130};
  return g->quick ? 3 + check_below(&g->values, 3) : CHECK_PICK(&g->values, all);
}

/* Kernel, stride and padding: the autoencoder's three, and others the op allows. */
static void windows(check_case *c, check_gen *g) {
  static const uint32_t all[][4] = {{3, 1, 1, 1}, {3, 2, 0, 1}, {1, 1, 0, 0},
                                    {3, 1, 1, 1}, {5, 1, 2, 2}, {2, 2, 0, 1}};
  const uint32_t *p = all[g->index % 6];
  c->call.attr.conv.kernel = p[0];
  c->call.attr.conv.stride = p[1];
  c->call.attr.conv.pad_lo = p[2];
  c->call.attr.conv.pad_hi = p[3];
  while (c->call.h + p[2] + p[3] < p[0])
    c->call.h++;
  while (c->call.w + p[2] + p[3] < p[0])
    c->call.w++;
}

static uint32_t out_side(const check_case *c, uint32_t side) {
  uint32_t padded = side + c->call.attr.conv.pad_lo + c->call.attr.conv.pad_hi;
  return (padded - c->call.attr.conv.kernel) / c->call.attr.conv.stride + 1;
}

static void make(check_case *c, check_gen *g, uint32_t up) {
  uint32_t in = channels(g), out = channels(g), k = c->call.attr.conv.kernel;
  uint32_t rows = out_side(c, up * c->call.h) * out_side(c, up * c->call.w);
  check_input(c, g, &c->in[0], c->call.h * c->call.w, in);
  check_weight(c, g, &c->wt[0], out, in * k * k, 1 / sqrt(in * k * k), 0);
  if (g->index % 5)
    check_weight(c, g, &c->wt[1], 1, out, 0.5, 0);
  check_place(c, g, &c->out, MCL_F32, rows, out);
  c->flops = 2.0 * rows * out * in * k * k;
  snprintf(c->text, sizeof c->text, "%u x %u pixels, %u to %u channels, k %u, stride %u, %s%s",
           c->call.h, c->call.w, in, out, k, c->call.attr.conv.stride,
           mcl_type_name(c->wt[0].op.type), g->index % 5 ? ", bias" : "");
}

static void make_conv(check_case *c, check_gen *g) {
  picture(c, g);
  windows(c, g);
  make(c, g, 1);
}

static void make_up_conv(check_case *c, check_gen *g) {
  picture(c, g);
  c->call.attr.conv.kernel = 3;
  c->call.attr.conv.stride = 1;
  c->call.attr.conv.pad_lo = c->call.attr.conv.pad_hi = 1;
  make(c, g, 2);
}

static void make_upsample(check_case *c, check_gen *g) {
  uint32_t n = channels(g);
  picture(c, g);
  check_input(c, g, &c->in[0], c->call.h * c->call.w, n);
  check_place(c, g, &c->out, MCL_F32, 4 * c->call.h * c->call.w, n);
  snprintf(c->text, sizeof c->text, "%u x %u pixels, %u channels", c->call.h, c->call.w, n);
}

/* Pictures are cut by pixel rows. UPSAMPLE moves bytes. */
const check_op check_op_CONV = {CHECK_NRMS, CHECK_WORST, 42, 2, 0, make_conv, CHECK_BANDS_CUT};
const check_op check_op_UP_CONV = {CHECK_NRMS,   CHECK_WORST,    14, 2, 0,
                                   make_up_conv, CHECK_BANDS_CUT};
const check_op check_op_UPSAMPLE = {0, 0, 14, 2, 0, make_upsample, CHECK_BANDS_CUT};
