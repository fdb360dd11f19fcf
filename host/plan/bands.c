/* bands.c - which pictures are cut into bands, and what a step's call for one band is. */
#include "plan/bands.h"

#include "base/mem.h"
#include "plan/passes.h"

#define ROW_LIMIT (1u << 20) /* pixel rows; keeps sums in 32 bits */

static mcl_dim rows_dim(const mcl_plan *p, mcl_tid t) {
  return mcl_graph_tensor_at(p->graph, t)->rows;
}

static const mcl_bands *bands_of(const mcl_plan *p, mcl_tid t) {
  static const mcl_bands whole = {.count = 1};
  const mcl_bands *b = p->bands ? &p->bands[rows_dim(p, t)] : &whole;
  return b->rows ? b : &whole;
}

static bool has_window(mcl_op op) {
  return op == MCL_OP_CONV || op == MCL_OP_UP_CONV;
}

/* --- What can be cut. --- */

/* Rows of its neighbours that a band's convolution reads, in rows of the input. */
static void reach(const mcl_node *n, uint32_t *above, uint32_t *below) {
  uint32_t lo = n->attr.conv.pad_lo, k = n->attr.conv.kernel, stride = n->attr.conv.stride;
  *above = *below = 0;
  if (n->op == MCL_OP_CONV) {
    *above = lo;
    *below = k - stride - lo;
  } else if (n->op == MCL_OP_UP_CONV) {
    *above = *below = (lo + 1) / 2;
  }
}

/* Windows that give a band's rows from a band's rows and margins: centred ones at stride 1, and
 * those at stride 2 that begin with their pixel. */
static bool can_cut_window(const mcl_node *n) {
  uint32_t lo = n->attr.conv.pad_lo, hi = n->attr.conv.pad_hi, k = n->attr.conv.kernel;
  if (n->attr.conv.stride == 1)
    return lo == hi && k == 2 * lo + 1 && lo <= 1;
  return n->op == MCL_OP_CONV && n->attr.conv.stride == 2 && lo == 0 && hi == 1 && k == 3;
}

static bool can_cut(const mcl_plan *p, const mcl_node *n) {
  if (has_window(n->op))
    return can_cut_window(n);
  if (n->op == MCL_OP_GROUP_NORM || n->op == MCL_OP_UPSAMPLE)
    return true;
  if (!(mcl_op_get(n->op)->flags & MCL_OP_ROWS))
    return false;
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    if (n->in[i] != MCL_NO_TENSOR && rows_dim(p, n->in[i]) != rows_dim(p, n->out))
      return false;
  return true;
}

/* Whether a node has a tensor of this row count. */
static bool touches(const mcl_plan *p, const mcl_node *n, mcl_dim d) {
  bool hit = rows_dim(p, n->out) == d;
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    hit = hit || (n->in[i] != MCL_NO_TENSOR && rows_dim(p, n->in[i]) == d);
  return hit;
}

/* Height and width of the pictures behind row counts, told by the nodes that know them. */
static void learn_sizes(mcl_plan *p) {
  for (size_t i = 0; i < p->steps; i++) {
    const mcl_node *n = &p->step[i].node;
    if (!has_window(n->op) && n->op != MCL_OP_UPSAMPLE)
      continue;
    mcl_bands *in = &p->bands[rows_dim(p, n->in[0])], *out = &p->bands[rows_dim(p, n->out)];
    uint32_t h = p->dims[n->attr.conv.h], w = p->dims[n->attr.conv.w];
    uint32_t up = n->op != MCL_OP_CONV, down = n->op == MCL_OP_CONV && n->attr.conv.stride == 2;
    *in = (mcl_bands){.high = h, .wide = w, .count = 1, .may_cut = true};
    *out = (mcl_bands){h << up >> down, w << up >> down, 0, 1, true};
  }
}

/* A row count stays uncut that is no picture's, or has a view, a state, or an op that needs all. */
static void drop_what_cannot_be_cut(mcl_plan *p) {
  for (size_t t = 0; t < mcl_graph_tensors(p->graph); t++) {
    const mcl_tensor *x = mcl_graph_tensor_at(p->graph, (mcl_tid)t);
    mcl_bands *b = &p->bands[x->rows];
    if (x->role == MCL_VIEW || x->role == MCL_STATE || b->high > ROW_LIMIT ||
        (uint64_t)b->high * b->wide != p->dims[x->rows])
      b->may_cut = false;
  }
  for (size_t i = 0; i < p->steps; i++)
    for (size_t d = 0; d < mcl_graph_dims(p->graph); d++)
      if (p->bands[d].may_cut && touches(p, &p->step[i].node, (mcl_dim)d))
        p->bands[d].may_cut = can_cut(p, &p->step[i].node);
}

/* --- How high a band is. --- */

/* The largest picture is `top` rows high; the others are that halved `scale` times. */
typedef struct sizes {
  uint32_t top, deepest;
  uint64_t limit;
} sizes;

static uint32_t scale_of(const sizes *s, const mcl_bands *b) {
  uint32_t k = 0;
  while (k < 20 && s->top >> k > b->high)
    k++;
  return k;
}

/* Pictures that are not the largest one halved some times stay whole. */
static sizes measure(mcl_plan *p) {
  sizes s = {.limit = p->device->info.max_buffer};
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++)
    if (p->bands[d].may_cut && p->bands[d].high > s.top)
      s.top = p->bands[d].high;
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++) {
    mcl_bands *b = &p->bands[d];
    uint32_t k = scale_of(&s, b);
    b->may_cut = b->may_cut && b->high << k == s.top;
    if (b->may_cut && k > s.deepest)
      s.deepest = k;
  }
  return s;
}

/* Bytes of a pixel row of the widest tensor with this row count. */
static uint64_t pixel_row_bytes(const mcl_plan *p, mcl_dim d) {
  uint64_t most = 0;
  for (size_t t = 0; t < mcl_graph_tensors(p->graph); t++) {
    const mcl_tensor *x = mcl_graph_tensor_at(p->graph, (mcl_tid)t);
    uint64_t bytes = mcl_type_bytes(mcl_plan_type(p, (mcl_tid)t), x->cols);
    if (x->rows == d && bytes > most)
      most = bytes;
  }
  return most * p->bands[d].wide;
}

/* With bands of `rows` at the top, those of a picture `scale` times halved: 0 if it stays whole. */
static uint32_t band_rows(const mcl_bands *b, uint32_t rows, uint32_t scale) {
  uint32_t r = rows >> scale;
  bool aligned = (uint64_t)r * b->wide % MCL_NORM_BLOCK == 0;
  return b->may_cut && r && r < b->high && aligned ? r : 0;
}

/* Whether every band fits a buffer, no larger picture is whole where a smaller one is cut, and
 * bands that are lower than the picture do cut it. */
static bool works(const mcl_plan *p, const sizes *s, uint32_t rows) {
  uint32_t cut = 0, whole = UINT32_MAX; /* scales: the deepest cut, the first whole */
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++) {
    const mcl_bands *b = &p->bands[d];
    if (!b->high)
      continue;
    uint32_t k = scale_of(s, b), r = band_rows(b, rows, k);
    uint64_t high = r ? r + 2 * MCL_BAND_MARGIN : b->high;
    if (b->may_cut && pixel_row_bytes(p, (mcl_dim)d) * high > s->limit)
      return false;
    if (r && k + 1 > cut)
      cut = k + 1;
    if (!r && k < whole)
      whole = k;
  }
  return cut <= whole && (cut || rows == s->top);
}

static void settle(mcl_plan *p, const sizes *s, uint32_t rows) {
  for (size_t d = 0; d < mcl_graph_dims(p->graph); d++) {
    mcl_bands *b = &p->bands[d];
    b->rows = band_rows(b, rows, scale_of(s, b));
    b->count = b->rows ? (b->high + b->rows - 1) / b->rows : 1;
    p->max_bands = b->count > p->max_bands ? b->count : p->max_bands;
  }
}

int mcl_plan_bands(mcl_plan *p, uint32_t most, motcl_err *err) {
  size_t n = mcl_graph_dims(p->graph);
  p->bands = mcl_zalloc(n, sizeof *p->bands);
  if (!p->bands)
    return mcl_fail_nomem(err, n * sizeof *p->bands);
  learn_sizes(p);
  drop_what_cannot_be_cut(p);
  sizes s = measure(p);
  uint32_t rows = most && most < s.top ? most : s.top, unit = 1u << s.deepest;
  for (rows -= rows % unit; rows && !works(p, &s, rows); rows -= unit)
    ;
  settle(p, &s, rows ? rows : s.top); /* what fits in no bands is refused when it is allocated */
  return MOTCL_OK;
}

/* --- Calls. --- */

uint32_t mcl_bands_count(const mcl_plan *p, mcl_tid t) {
  return bands_of(p, t)->count;
}

uint32_t mcl_bands_of_step(const mcl_plan *p, const mcl_step *s) {
  uint32_t in = bands_of(p, s->node.in[0])->count, out = bands_of(p, s->node.out)->count;
  return in > out ? in : out;
}

uint32_t mcl_bands_index(const mcl_plan *p, const mcl_step *s, uint32_t chunk) {
  return chunk % mcl_bands_of_step(p, s);
}

/* Pixel rows of a band, margins not counted. */
static uint32_t rows_of_band(const mcl_bands *b, uint32_t band) {
  uint32_t left = b->high - band * b->rows;
  return left < b->rows ? left : b->rows;
}

uint64_t mcl_bands_rows(const mcl_plan *p, mcl_tid t, uint32_t band) {
  const mcl_bands *b = bands_of(p, t);
  if (!b->rows)
    return p->dims[rows_dim(p, t)];
  return (uint64_t)(rows_of_band(b, band) + 2 * MCL_BAND_MARGIN) * b->wide;
}

uint32_t mcl_bands_range(const mcl_plan *p, mcl_tid t, uint32_t band, uint32_t *first,
                         uint32_t *at) {
  const mcl_bands *b = bands_of(p, t);
  *first = band * b->rows * b->wide;
  *at = b->rows ? MCL_BAND_MARGIN * b->wide : 0;
  return b->rows ? rows_of_band(b, band) * b->wide : p->dims[rows_dim(p, t)];
}

/* Make an operand begin `above` pixel rows before the band and have `high` of them. `band`: of the
 * step, which begins at row first of the tensor's picture (a whole tensor has that row too). */
static void cut(const mcl_plan *p, mcl_tid t, uint32_t first, uint32_t above, uint32_t high,
                mcl_operand *o) {
  const mcl_bands *b = &p->bands[rows_dim(p, t)];
  uint32_t row = (b->rows ? MCL_BAND_MARGIN : first) - above;
  o->offset = (uint64_t)row * b->wide * o->cols;
  o->rows = high * b->wide;
}

/* A convolution or upsampling of one band, with what it reads above and below. */
static void cut_pixels(const mcl_plan *p, const mcl_step *s, uint32_t band, mcl_call *c) {
  const mcl_node *n = &s->node;
  const mcl_bands *in = &p->bands[rows_dim(p, n->in[0])], *out = &p->bands[rows_dim(p, n->out)];
  uint32_t count = mcl_bands_of_step(p, s), above, below;
  uint32_t up = n->op != MCL_OP_CONV, down = n->op == MCL_OP_CONV && n->attr.conv.stride == 2;
  /* the band in rows of the input: a whole input of a cut output has its bands halved */
  mcl_bands cut_band = {.high = in->high, .rows = in->rows ? in->rows : out->rows >> up};
  uint32_t rows = rows_of_band(&cut_band, band), first = band * cut_band.rows;
  reach(n, &above, &below);
  above = band ? above : 0;
  below = band + 1 < count ? below : 0;
  c->h = above + rows + below;
  cut(p, n->in[0], first, above, c->h, &c->in[0]);
  uint32_t high = down ? rows >> 1 : c->h << up;
  cut(p, n->out, first << up >> down, above << up, high, &c->out);
}

void mcl_bands_call(const mcl_plan *p, const mcl_step *s, uint32_t chunk, mcl_call *c) {
  const mcl_node *n = &s->node;
  uint32_t count = mcl_bands_of_step(p, s), band = chunk % count;
  if (count == 1)
    return;
  if (has_window(n->op) || n->op == MCL_OP_UPSAMPLE) {
    cut_pixels(p, s, band, c);
    return;
  }
  const mcl_bands *b = bands_of(p, n->out);
  uint32_t first = band * b->rows, rows = rows_of_band(b, band);
  for (unsigned i = 0; i < MCL_OP_INPUTS; i++)
    if (n->in[i] != MCL_NO_TENSOR)
      cut(p, n->in[i], first, 0, rows, &c->in[i]);
  cut(p, n->out, first, 0, rows, &c->out);
  if (n->op == MCL_OP_GROUP_NORM) {
    c->part = chunk < count ? MCL_NORM_GATHER : MCL_NORM_APPLY;
    c->first = first * b->wide;
    c->pixels = b->high * b->wide;
  }
}

bool mcl_bands_halo(const mcl_plan *p, const mcl_step *s, uint32_t i, mcl_halo *out) {
  const mcl_bands *b = bands_of(p, s->node.in[0]);
  uint32_t above, below, upper = i / 2;
  if (!has_window(s->node.op) || upper + 1 >= b->count)
    return false;
  reach(&s->node, &above, &below);
  uint32_t end = MCL_BAND_MARGIN + b->rows; /* below the upper band's own rows */
  if (i % 2)
    *out = (mcl_halo){upper + 1, MCL_BAND_MARGIN, upper, end, below};
  else
    *out = (mcl_halo){upper, end - above, upper + 1, MCL_BAND_MARGIN - above, above};
  out->from *= b->wide;
  out->to *= b->wide;
  out->rows *= b->wide;
  return true;
}
