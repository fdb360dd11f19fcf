/* run.c - the checks of one op: each case by each variant, against ref, against the other variants
 * of its class, and against itself with rows cut and memory arranged otherwise. */
#include <stdarg.h>

#include "bands.h"
#include "base/mem.h"
#include "compare.h"
#include "device.h"
#include "drivers/registry.h"
#include "list.h"

/* What has been seen of a variant. */
typedef struct record {
  const mcl_variant *variant;
  unsigned cases, calls;
  unsigned at; /* the case that failed, counted from 1 */
  double nrms, worst;
  bool failed;
  char text[700];
} record;

/* One case with all that is known of it. */
typedef struct trial {
  check_run *run;
  const check_op *check;
  unsigned index;
  check_case base;
  check_image ref, *of; /* of[i]: what variant i made of the base; data[out] NULL: not done */
  record *rec;
  size_t variants;
} trial;

#define OUT (CHECK_OPERANDS - 1)
#define QUICK_CASES 4 /* each kind of values once */

static void fail(trial *t, record *r, const char *fmt, ...) MOTCL_PRINTF(3, 4);
static void fail(trial *t, record *r, const char *fmt, ...) {
  char what[400];
  va_list args;
  va_start(args, fmt);
  vsnprintf(what, sizeof what, fmt, args);
  va_end(args);
  r->failed = true;
  r->at = t->index + 1;
  snprintf(r->text, sizeof r->text, "case %u (%.159s): %s", r->at, t->base.text, what);
}

/* Every operand that the call may have written, against ref. */
static bool right(trial *t, record *r, const check_image *got) {
  char why[300];
  for (int i = 0; i < CHECK_OPERANDS; i++) {
    check_diff d;
    if (!got->data[i])
      continue;
    bool ok = check_within(check_operand(&t->base, i), t->ref.data[i], got->data[i], t->base.nrms,
                           t->base.worst, &d, why, sizeof why);
    r->nrms = d.nrms > r->nrms ? d.nrms : r->nrms;
    r->worst = d.worst > r->worst ? d.worst : r->worst;
    if (!ok) {
      fail(t, r, "%s", why);
      return false;
    }
  }
  return true;
}

/* Equal bytes, all of them. */
static bool equal(const check_case *c, const check_image *a, const check_image *b) {
  for (int i = 0; i < CHECK_OPERANDS; i++) {
    const check_tensor *x = check_operand(c, i);
    if (a->data[i] && memcmp(a->data[i], b->data[i], x->count * mcl_type_size(x->op.type)) != 0)
      return false;
  }
  return true;
}

/* The base by variant i, once; false if it does not take it or failed at it. */
static bool compute_base(trial *t, size_t i) {
  record *r = &t->rec[i];
  char why[300];
  if (t->of[i].data[OUT])
    return true;
  if (r->failed || !check_accepts(t->run->dev, r->variant, &t->base))
    return false;
  if (check_compute(&t->of[i], t->run->dev, r->variant, &t->base, why, sizeof why)) {
    r->calls++;
    return true;
  }
  fail(t, r, "%s", why);
  return false;
}

/* The base by the first variant of the same class that takes it; NULL if none does. */
static const check_image *of_class(trial *t, size_t i) {
  for (size_t k = 0; k < t->variants; k++)
    if (!strcmp(t->rec[k].variant->numeric, t->rec[i].variant->numeric) &&
        (k == i || !t->rec[k].failed) && compute_base(t, k))
      return &t->of[k];
  return NULL;
}

/* Turn over what the call is to write all of: no bit of that may count. */
static void flip_written(check_case *c) {
  for (int i = 0; i < CHECK_OPERANDS && !c->part; i++)
    if (check_writes(c, i) && !check_reads(c, i))
      check_flip((check_tensor *)check_operand(c, i));
}

/* The same bytes once more, over other rubbish. */
static void check_again(trial *t, size_t i) {
  record *r = &t->rec[i];
  check_image again;
  char why[300];
  flip_written(&t->base);
  bool done = check_compute(&again, t->run->dev, r->variant, &t->base, why, sizeof why);
  flip_written(&t->base);
  if (!done) {
    fail(t, r, "the second time: %s", why);
    return;
  }
  r->calls++;
  if (!equal(&t->base, &t->of[i], &again))
    fail(t, r, "other bytes the second time, over other rubbish");
  check_image_finish(&again);
}

static void check_base(trial *t, size_t i) {
  record *r = &t->rec[i];
  if (!compute_base(t, i) || !right(t, r, &t->of[i]))
    return;
  r->cases++;
  const check_image *class = of_class(t, i);
  if (class != &t->of[i] && !equal(&t->base, class, &t->of[i])) {
    fail(t, r, "other bytes than another variant of class %s", r->variant->numeric);
    return;
  }
  check_again(t, i);
}

/* Rows of c's output that stand in the base's too: row `row` is row `base` there, and so on. */
typedef struct common {
  uint32_t row, base, rows;
} common;

/* A case whose rows stand in the base too: computed, rows compared with the base's. */
static void check_rows_of(trial *t, size_t i, const check_case *c, common same, const char *what) {
  record *r = &t->rec[i];
  char why[300];
  check_image got;
  const check_image *class = NULL;
  if (r->failed || !check_accepts(t->run->dev, r->variant, c) || !(class = of_class(t, i)))
    return;
  if (!check_compute(&got, t->run->dev, r->variant, c, why, sizeof why)) {
    fail(t, r, "%s: %s", what, why);
    return;
  }
  r->calls++;
  bool ok = check_canaries(&c->out, c->out.data, got.data[OUT], why, sizeof why);
  for (uint32_t k = 0; k < same.rows && ok; k++)
    ok = check_same_row(&t->base.out, class->data[OUT], c->row_of ? c->row_of[k] : same.base + k,
                        &c->out, got.data[OUT], same.row + k, why, sizeof why);
  if (!ok)
    fail(t, r, "%s: %s", what, why);
  check_image_finish(&got);
}

static void cut(check_tensor *t, uint32_t first, uint32_t rows) {
  t->op.offset += (uint64_t)first * t->op.stride;
  t->op.rows = rows;
}

static void check_window(trial *t, size_t i, uint32_t first, uint32_t rows) {
  char what[64];
  check_case c = t->base;
  c.row_of = NULL;
  for (int k = 0; k < MCL_OP_INPUTS; k++)
    if (t->check->sliced >> k & 1)
      cut(&c.in[k], first, rows);
  if (mcl_op_get(c.call.op)->flags & MCL_OP_PIXELS)
    c.call.first = first;
  cut(&c.out, first, rows);
  snprintf(what, sizeof what, "rows [%u, %u) alone", first, first + rows);
  const mcl_variant *v = t->rec[i].variant;
  if (check_scratch(t->run->dev, v, &c) > check_scratch(t->run->dev, v, &t->base))
    fail(t, &t->rec[i], "%s want more scratch than the whole", what);
  check_rows_of(t, i, &c, (common){0, first, rows}, what);
}

/* A row alone, first, last and among others. */
static void check_windows(trial *t, size_t i) {
  uint32_t n = t->base.out.op.rows;
  uint64_t state = t->run->seed + t->index;
  if ((!t->check->sliced && !(mcl_op_get(t->base.call.op)->flags & MCL_OP_PIXELS)) || n < 2)
    return;
  uint32_t at = check_below(&state, n), some = 1 + check_below(&state, n - 1);
  check_window(t, i, 0, 1);
  check_window(t, i, at, n - at);
  if (t->run->quick)
    return;
  check_window(t, i, n - 1, 1);
  check_window(t, i, at, 1);
  check_window(t, i, 0, at + 1);
  check_window(t, i, check_below(&state, n - some + 1), some);
}

static void check_band_of(trial *t, size_t i, uint32_t begin, uint32_t end) {
  char what[64];
  check_case c;
  uint32_t first, rows;
  snprintf(what, sizeof what, "pixel rows [%u, %u) alone", begin, end);
  if (!check_band(&c, &t->base, begin, end, &first, &rows))
    return;
  uint32_t at = (uint32_t)((c.out.op.offset - t->base.out.op.offset) / c.out.op.stride);
  check_rows_of(t, i, &c, (common){first, at + first, rows}, what);
}

static void check_parts(trial *t, size_t i) {
  record *r = &t->rec[i];
  char why[300];
  check_image got;
  if (r->failed || !compute_base(t, i))
    return;
  if (!check_compute_parts(&got, t->run->dev, r->variant, &t->base, why, sizeof why)) {
    fail(t, r, "in bands: %s", why);
    return;
  }
  r->calls++;
  if (!equal(&t->base, &t->of[i], &got))
    fail(t, r, "other bytes in bands");
  check_image_finish(&got);
}

/* A picture in bands of pixel rows. */
static void check_bands_of(trial *t, size_t i) {
  uint32_t h = t->base.call.h, stride = t->base.call.op == MCL_OP_CONV ? 2 : 1;
  uint64_t state = t->run->seed + t->index;
  if (t->check->bands == CHECK_BANDS_GATHERED)
    check_parts(t, i);
  if (t->check->bands != CHECK_BANDS_CUT || h < 2)
    return;
  uint32_t cut = 1 + check_below(&state, h - 1), at = check_below(&state, cut);
  check_band_of(t, i, 0, cut);
  check_band_of(t, i, cut - cut % stride, h);
  check_band_of(t, i, at - at % stride, cut);
}

static void check_forms(trial *t) {
  for (unsigned f = 1; f < t->check->forms; f++) {
    char what[64];
    check_case c;
    snprintf(what, sizeof what, "arrangement %u", f);
    bool made = check_make(&c, t->run, t->base.call.op, t->index, f);
    for (size_t i = 0; i < t->variants && made; i++)
      check_rows_of(t, i, &c, (common){0, 0, c.out.op.rows}, what);
    for (size_t i = 0; i < t->variants && !made; i++)
      fail(t, &t->rec[i], "out of memory");
    check_case_finish(&c);
  }
}

static bool wanted(const check_run *run, const mcl_variant *v) {
  return !run->variant || !strcmp(run->variant, v->name);
}

static void check_case_run(trial *t) {
  char why[300];
  const mcl_variant *def = mcl_device_variant(t->run->ref, t->base.call.op, 0);
  if (!check_compute(&t->ref, t->run->ref, def, &t->base, why, sizeof why)) {
    for (size_t i = 0; i < t->variants; i++)
      fail(t, &t->rec[i], "ref refuses it: %s", why);
    return;
  }
  for (size_t i = 0; i < t->variants; i++) {
    check_base(t, i);
    check_windows(t, i);
    check_bands_of(t, i);
  }
  check_forms(t);
}

static void one_case(trial *t, mcl_op op, unsigned index) {
  t->index = index;
  if (check_make(&t->base, t->run, op, index, 0))
    check_case_run(t);
  else
    for (size_t i = 0; i < t->variants; i++)
      fail(t, &t->rec[i], "out of memory");
  for (size_t i = 0; i < t->variants; i++)
    check_image_finish(&t->of[i]);
  check_image_finish(&t->ref);
  check_case_finish(&t->base);
}

static void report(check_run *run, mcl_op op, const record *r) {
  const char *name = mcl_op_get(op)->name;
  if (!wanted(run, r->variant))
    return;
  run->line++;
  if (r->failed) {
    run->failed++;
    fprintf(run->out, "not ok %u - %s %s: %s\n", run->line, name, r->variant->name, r->text);
    fprintf(run->out, "# again: --op %s --variant %s --seed %llu --case %u%s\n", name,
            r->variant->name, (unsigned long long)run->seed, r->at, run->quick ? " --quick" : "");
  } else if (!r->calls) {
    run->skipped++;
    fprintf(run->out, "ok %u - %s %s # SKIP it takes none of the cases on this device\n", run->line,
            name, r->variant->name);
  } else {
    run->passed++;
    fprintf(run->out, "ok %u - %s %s (class %s, %u cases, %u calls, nrms %.1e, worst %.1e)\n",
            run->line, name, r->variant->name, r->variant->numeric, r->cases, r->calls, r->nrms,
            r->worst);
  }
  fflush(run->out);
}

static size_t count(const mcl_device *dev, mcl_op op) {
  size_t n = 0;
  while (mcl_device_variant(dev, op, n))
    n++;
  return n;
}

void check_op_run(check_run *run, mcl_op op) {
  trial t = {.run = run, .check = check_get(op), .variants = count(run->dev, op)};
  t.rec = mcl_zalloc(t.variants, sizeof *t.rec);
  t.of = mcl_zalloc(t.variants, sizeof *t.of);
  for (size_t i = 0; i < t.variants && t.rec; i++)
    t.rec[i].variant = mcl_device_variant(run->dev, op, i);
  unsigned cases = run->quick && t.check->cases > QUICK_CASES ? QUICK_CASES : t.check->cases;
  for (unsigned i = 0; i < cases && t.rec && t.of; i++)
    if (!run->only || run->only == (long)i + 1) {
      if (run->verbose)
        fprintf(run->out, "# %s case %u of %u\n", mcl_op_get(op)->name, i + 1, cases);
      one_case(&t, op, i);
    }
  for (size_t i = 0; i < t.variants && t.rec; i++)
    report(run, op, &t.rec[i]);
  if (!t.rec || !t.of || (!t.variants && !(mcl_op_get(op)->flags & MCL_OP_FUSED))) {
    run->failed++;
    fprintf(run->out, "not ok %u - %s: %s\n", ++run->line, mcl_op_get(op)->name,
            t.variants ? "out of memory" : "the device has no variant");
  }
  mcl_free(t.rec);
  mcl_free(t.of);
}
