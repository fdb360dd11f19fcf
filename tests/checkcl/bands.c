/* bands.c - pictures cut into bands of pixel rows, as a plan cuts them. */
#include "bands.h"

static void cut(check_tensor *t, uint32_t first, uint32_t rows) {
  t->op.offset += (uint64_t)first * t->op.stride;
  t->op.rows = rows;
}

/* What an op does along the height: factor, then windows. UPSAMPLE's window is a pixel. */
typedef struct reach {
  uint32_t up, kernel, stride, lo, hi;
} reach;

static reach reach_of(const mcl_call *c) {
  reach r = {c->op != MCL_OP_CONV ? 2 : 1, 1, 1, 0, 0};
  if (c->op != MCL_OP_UPSAMPLE) {
    r.kernel = c->attr.conv.kernel;
    r.stride = c->attr.conv.stride;
    r.lo = c->attr.conv.pad_lo;
    r.hi = c->attr.conv.pad_hi;
  }
  return r;
}

bool check_band(check_case *band, const check_case *base, uint32_t begin, uint32_t end,
                uint32_t *first, uint32_t *rows) {
  reach r = reach_of(&base->call);
  uint32_t in_w = base->call.w, high = r.up * (end - begin);
  if (begin >= end || high + r.lo + r.hi < r.kernel)
    return false;
  uint32_t out_w = (r.up * in_w + r.lo + r.hi - r.kernel) / r.stride + 1;
  uint32_t out_h = (high + r.lo + r.hi - r.kernel) / r.stride + 1, from = 0, to = 0;
  *band = *base;
  band->row_of = NULL;
  band->call.h = end - begin;
  cut(&band->in[0], begin * in_w, (end - begin) * in_w);
  cut(&band->out, r.up * begin / r.stride * out_w, out_h * out_w);
  for (uint32_t y = 0; y < out_h; y++) { /* windows that do not cross a cut */
    bool above = y * r.stride<r.lo, below = y * r.stride + r.kernel> high + r.lo;
    if ((above && begin) || (below && end < base->call.h))
      continue;
    from = to ? from : y;
    to = y + 1;
  }
  *first = from * out_w;
  *rows = (to - from) * out_w;
  return true;
}

/* One pass over the bands. */
static int each_band(check_bound *b, mcl_norm_part part, motcl_err *err) {
  mcl_call whole = b->call;
  int rc = MOTCL_OK;
  for (uint32_t at = 0; at < whole.out.rows && rc == MOTCL_OK; at += MCL_NORM_BLOCK) {
    uint32_t left = whole.out.rows - at, n = left < MCL_NORM_BLOCK ? left : MCL_NORM_BLOCK;
    b->call.part = part;
    b->call.first = at;
    b->call.in[0].offset = whole.in[0].offset + (uint64_t)at * whole.in[0].stride;
    b->call.out.offset = whole.out.offset + (uint64_t)at * whole.out.stride;
    b->call.in[0].rows = b->call.out.rows = n;
    rc = b->variant->enqueue(b->dev, &b->call, err);
  }
  b->call = whole;
  return rc;
}

bool check_compute_parts(check_image *image, mcl_device *dev, const mcl_variant *v,
                         const check_case *base, char *why, size_t n) {
  check_case c = *base;
  check_bound b;
  motcl_err err;
  c.call.part = MCL_NORM_GATHER;
  c.call.pixels = c.out.op.rows;
  memset(image, 0, sizeof *image);
  int rc = check_bind(&b, dev, v, &c, &err);
  if (rc == MOTCL_OK)
    rc = each_band(&b, MCL_NORM_GATHER, &err);
  if (rc == MOTCL_OK)
    rc = each_band(&b, MCL_NORM_APPLY, &err);
  if (rc == MOTCL_OK)
    rc = dev->driver->finish(dev, &err);
  return check_finish(&b, rc, image, &err, why, n);
}
